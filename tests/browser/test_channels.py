"""Channels and groups in a real browser: numbers and counts, the drawing, the slider, links, bad groups."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import (
    fits,
    no_traceback,
    number,
    open_page,
    point,
    printed,
    screens,
    settled,
    stage,
    values,
)

STAGE = ".st-key-stage_channels"
SETTINGS = [
    {"channels": 4, "filters": 4, "groups": 1, "part": "c12"},
    {"channels": 6, "filters": 12, "groups": 3, "stride": 2, "padding": 0, "seed": 5, "part": "c16"},
    {"channels": 8, "filters": 8, "groups": 8, "weights": "named", "part": "c12"},
]


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "channels", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    return page


def tab(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    settled(page)


@pytest.mark.parametrize("query", SETTINGS)
def test_every_number_on_screen_is_that_of_numpy(page: Page, base_url: str, query: dict) -> None:
    stride, padding = query.get("stride", 1), query.get("padding", 1)
    filters, groups, count = query["filters"], query["groups"], query["channels"]
    own, reads = filters // groups, count // groups
    cell = (filters - 1, 2, 3)
    show(page, base_url, **query, cell=f"0_{groups - 1}_{own - 1}_2_3")
    x, weight = values(page, "input"), values(page, "kernel")
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))

    def products(number: int, row: int, column: int) -> np.ndarray:
        first = number // own * reads
        rows, columns = (slice(at * stride, at * stride + 3) for at in (row, column))
        return padded[first : first + reads, rows, columns] * weight[number]

    # The sentence, the table of partial sums, and the counts.
    total = products(*cell).sum()
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"Output[{', '.join(map(str, cell))}]")
    assert printed(page) == total
    table = page.locator("table", has=page.get_by_role("columnheader", name="Sum"))
    shown = [number(text) for text in table.locator("td").all_inner_texts()]
    assert shown == [*products(*cell).sum((1, 2)), total]
    multiplies = weight.size * values(page, "output")[0].size
    counts = [
        number(text) for text in page.locator("[data-testid=stHtml] b:not(.formula b)").all_inner_texts()
    ]
    assert counts == [weight.size * groups, weight.size, multiplies * groups, multiplies]

    # Each output, and what is lit on the input: every slice of the group, none of another.
    expected = [
        [[products(o, row, column).sum() for column in range(values(page, "output").shape[2])]
         for row in range(values(page, "output").shape[1])]
        for o in range(filters)
    ]  # fmt: skip
    assert values(page, "output").tolist() == expected
    lit = {slice_ for slice_, *_ in stage(page, "stage.litOn('input')")}
    assert lit == set(range((groups - 1) * reads, groups * reads))

    # The drawing: as many lines as kernels, those of this filter strong.
    lines = page.locator("svg[role=img] line")
    assert lines.count() == filters * reads
    assert page.locator("svg[role=img] line[stroke-width='2.6']").count() == reads
    no_traceback(page)


def test_the_slider_goes_from_dense_to_depthwise(page: Page, base_url: str) -> None:
    show(page, base_url, channels=4, filters=8, part="c8")
    weight = values(page, "kernel")
    thumb = page.locator(".st-key-channels-groups input")
    for groups in (2, 4):
        thumb.focus()
        page.keyboard.press("ArrowRight")
        settled(page)
        assert values(page, "kernel").shape == (8, 4 // groups, 3, 3)
        assert f"groups={groups}" in page.url
        assert page.locator("svg[role=img] line").count() == 32 // groups
    expect(page.get_by_text("Here they are not")).to_be_visible()
    # A filter kept the weights of what it still reads.
    assert values(page, "kernel")[5, 0].tolist() == weight[5, 2].tolist()


def test_a_link_restores_the_step_and_a_typed_weight(page: Page, base_url: str, new_page) -> None:
    show(page, base_url, channels=3, filters=3, part="c8", cell="0_0_1_4_4")
    point(page, "kernel", 1, 2, 0, 0, click=True)
    page.locator(f"{STAGE} .cell-editor").fill("7")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('edits=1_2_0_0_7')")
    settled(page)
    assert values(page, "kernel")[1, 2, 0, 0] == 7
    other = new_page()
    other.goto(page.url)
    other.locator(f"{STAGE} .stage[data-step]").wait_for()
    settled(other)
    assert values(other, "output").tolist() == values(page, "output").tolist()
    assert stage(other, "stage.step") == stage(page, "stage.step") == 64 + 4 * 8 + 4


def test_pointwise_and_separable_show_their_numbers(page: Page, base_url: str) -> None:
    show(page, base_url, channels=4, filters=8, part="c8")
    expect(page.get_by_text("the largest difference is 0, with values up to")).to_be_visible()
    page.get_by_role("button", name="Put 1 × 1 kernels on the stage").click()
    settled(page)
    assert values(page, "kernel").shape == (8, 4, 1, 1)
    tab(page, "Depthwise separable")
    page.locator(".st-key-stage_channels_pointwise .stage[data-step]").wait_for()
    middle, mixing = (values(page, name, "channels_pointwise") for name in ("input", "kernel"))
    assert np.array_equal(middle, values(page, "output", "channels_depthwise"))
    expected = np.einsum("oc,chw->ohw", mixing[:, :, 0, 0], middle)
    assert np.array_equal(values(page, "output", "channels_pointwise"), expected)
    table = page.locator("table", has=page.get_by_role("columnheader", name="Layer"))
    rows = [
        [number(cell.inner_text()) for cell in row.locator("td").all()[-2:]]
        for row in table.locator("tbody tr").all()
    ]
    places = middle[0].size
    dense, lone, mixed = 8 * 4 * 9, 4 * 9, 8 * 4
    assert rows == [[each, each * places] for each in (dense, lone, mixed, lone + mixed)]
    expect(page.get_by_text("agree exactly")).to_be_visible()
    no_traceback(page)


def test_groups_that_do_not_divide_are_told_and_the_stage_stays(page: Page, base_url: str) -> None:
    show(page, base_url, channels=6, filters=6, groups=4, part="c8")
    notice = page.locator(".st-key-notice_channels")
    expect(notice).to_contain_text("6 input channels cannot be shared out among 4 groups.")
    assert values(page, "kernel").shape == (6, 6, 3, 3)
    page.locator(".st-key-channels-groups input").focus()
    page.keyboard.press("ArrowLeft")
    settled(page)
    assert values(page, "kernel").shape == (6, 2, 3, 3)
    expect(notice).not_to_contain_text("groups")
    no_traceback(page)


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("en-US", "light", (1280, 720)), ("zh-CN", "dark", (360, 740))],
)
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, locale: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, channels=8, filters=16, groups=2)
    fits(page, STAGE, viewport)
    screens(page, f"channels-{locale}-{viewport[0]}")
