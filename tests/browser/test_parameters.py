"""Padding, stride and dilation in a real browser: numbers against SciPy, arrows, crosses, links, refusals."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy.signal import convolve2d, correlate2d

from tests.browser.house import no_traceback, open_page, point, printed, screens, settled, stage, values

STAGE = ".st-key-stage_parameters"
NUMBERS = np.arange(1.0, 82).reshape(9, 9)
PAD = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "parameters", **query)
    page.locator(".stage[data-step]").first.wait_for()
    return page


# (the link, kernel, stride, dilation, sides, mode): three settings as different as the page allows.
SIDES = {"padding": "sides", "before_y": 1, "after_y": 0, "before_x": 0, "after_x": 4}
BY_AXIS = {"by_axis": 1, "kernel_y": 2, "kernel_x": 4, "stride_y": 3, "stride_x": 1, "dilation_y": 2, **SIDES}
LOWER = {"kernel": 4, "stride": 1, "padding": "same_lower"}
SETTINGS = [
    ({"kernel": 3, "stride": 2}, (3, 3), (2, 2), (1, 1), ((1, 1), (1, 1)), "circular"),
    (BY_AXIS, (2, 4), (3, 1), (2, 1), ((1, 0), (0, 4)), "replicate"),
    (LOWER, (4, 4), (1, 1), (1, 1), ((2, 1), (2, 1)), "zeros"),
]


@pytest.mark.parametrize(("query", "kernel", "stride", "dilation", "sides", "mode"), SETTINGS)
def test_the_numbers_on_screen_are_those_of_scipy(
    page: Page,
    base_url: str,
    query: dict,
    kernel: tuple,
    stride: tuple,
    dilation: tuple,
    sides: tuple,
    mode: str,
) -> None:
    show(page, base_url, mode=mode, **query)
    padded = np.pad(NUMBERS, sides, mode=PAD[mode])
    spread = np.zeros([d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)])
    spread[:: dilation[0], :: dilation[1]] = 1
    expected = correlate2d(padded, spread, "valid")[:: stride[0], :: stride[1]]
    rows, columns = expected.shape
    assert values(page, "output")[0].tolist() == expected.tolist()
    for place in ((0, 0), (rows - 1, columns - 1)):
        point(page, "output", 0, *place)
        expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"Output[{place[0]}, {place[1]}]")
        assert printed(page) == expected[place]
    # What is crossed out is where no footprint of any window falls.
    starts = np.zeros(padded.shape)
    starts[: rows * stride[0] : stride[0], : columns * stride[1] : stride[1]] = 1
    reached = convolve2d(starts, spread)[: len(padded), : len(padded[0])] > 0.5
    missed = [np.flatnonzero(~reached.any(axis)).tolist() for axis in (1, 0)]
    assert stage(page, "stage.scene.byName.get('input').unread ?? [[], [], []]")[1:] == missed
    assert page.locator("path.crossed").count() == sum(map(len, missed))
    formula = [
        each.get_attribute("data-latex") for each in page.locator(".st-key-notice_parameters .formula").all()
    ]
    told = [re.search(r"=\\mathbf\{(\d+)\}", text) for text in formula]
    assert [int(found[1]) for found in told if found] == [rows, columns]
    no_traceback(page)


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_every_padded_cell_points_at_the_cell_that_it_copies(page: Page, base_url: str, mode: str) -> None:
    show(page, base_url, padding=2, mode=mode, stride=1)
    places = np.pad(np.arange(9), 2, mode=PAD[mode])
    for row, column in ((-2, -1), (4, 10), (9, 0)):
        point(page, "input", 0, row, column)
        source = f"Input[{places[row + 2]}, {places[column + 2]}]"
        expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"is padding: a copy of {source}")
        assert stage(page, "stage.attention.uses.source") == [0, places[row + 2], places[column + 2]]
    # All arrows at once, axis by axis: each padded cell bears the number of its source.
    drawings = page.locator("svg[role=img]", has=page.locator("path.arc"))
    assert [drawings.nth(axis).locator("path.arc").count() for axis in range(2)] == [4, 4]
    assert drawings.first.locator("text").all_text_contents()[:13] == [str(place) for place in places]


def test_the_offered_padding_keeps_the_size(page: Page, base_url: str) -> None:
    show(page, base_url, kernel=4, stride=1, dilation=1, padding=0, size_x=12)
    expect(page.get_by_text("3 is odd, so no symmetric padding keeps the size").first).to_be_visible()
    page.get_by_role("button", name="Use the padding ((1, 2), (1, 2))").click()
    settled(page)
    assert stage(page, "stage.scene.byName.get('output').shape") == [1, 9, 12]
    assert "after_x=2" in page.url


def test_both_conventions_stand_side_by_side(page: Page, base_url: str) -> None:
    show(page, base_url, **LOWER, mode="zeros")
    page.get_by_role("radio", name="both ways").click()
    settled(page)
    for key, sides in (("same", (1, 2)), ("same_lower", (2, 1))):
        page.locator(f".st-key-stage_parameters_{key} canvas").scroll_into_view_if_needed()
        expected = correlate2d(np.pad(NUMBERS, sides), np.ones((4, 4)), "valid")
        assert values(page, "output", f"parameters_{key}")[0].tolist() == expected.tolist()


def test_a_link_restores_the_kernel_the_window_and_the_step(
    new_page: Callable[..., Page], base_url: str
) -> None:
    page = show(new_page(), base_url, kernel=2, padding="same_lower", stride=2, lang="zh")
    point(page, "kernel", 0, 0, 0, 1, click=True)
    page.locator(f"{STAGE} .cell-editor").fill("-3")
    page.keyboard.press("Enter")
    settled(page)
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("End")
    page.wait_for_function("() => location.search.includes('cell=') && location.search.includes('cells=')")
    settled(page)
    other = new_page()
    other.goto(page.url)
    other.locator(f"{STAGE} .stage[data-step]").wait_for()
    settled(other)
    expect(other.locator(f"{STAGE} .stage")).to_have_attribute("data-step", "24")
    assert values(other, "kernel")[0, 0].tolist() == [[1, -3], [1, 1]]
    expected = correlate2d(np.pad(NUMBERS, (1, 0), mode="reflect"), [[1, -3], [1, 1]], "valid")[::2, ::2]
    assert values(other, "output")[0].tolist() == expected.tolist()
    assert other.locator(f"{STAGE} .sum").inner_text() == page.locator(f"{STAGE} .sum").inner_text()
    assert other.url == page.url


def slide_to_end(page: Page, name: str) -> None:
    page.locator(f".st-key-parameters-{name} input").focus()
    page.keyboard.press("End")
    settled(page)


def test_what_is_impossible_is_told_and_the_stage_stays(page: Page, base_url: str) -> None:
    show(page, base_url)
    before = values(page, "output")
    slide_to_end(page, "dilation")
    expect(page.locator(".st-key-notice_parameters")).to_contain_text(
        "a kernel of 3 with dilation 6 spans 13, but the padded input is 11"
    )
    assert np.array_equal(values(page, "output"), before)
    show(page, base_url, padding="sides", before_y=9, mode="reflect")
    expect(page.locator(".st-key-notice_parameters")).to_contain_text("at most 8 of 9 cells, not (9, 0)")
    assert values(page, "input")[0].tolist() == NUMBERS.tolist()
    no_traceback(page)


def counted(rates: tuple, size: int = 17) -> np.ndarray:
    """Paths along one axis to the middle: spread kernels of ones, convolved one with another."""
    paths = np.ones(1)
    for rate in rates:
        paths = np.convolve(paths, [1, *[0] * (rate - 1), 1, *[0] * (rate - 1), 1])
    margin = (size - len(paths)) // 2
    return np.pad(paths, margin)


def test_stacked_rates_are_counted_and_a_cell_can_be_picked(page: Page, base_url: str) -> None:
    show(page, base_url, view="stack")
    for key, rates in (("a", (2, 2, 2)), ("b", (1, 2, 5))):
        along = counted(rates)
        assert values(page, "paths", f"parameters_{key}").tolist() == np.outer(along, along).tolist()
    crossed = stage(page, "[...stage.scene.byName.get('paths').crossed]", "parameters_a")
    assert sum(crossed) == 13**2 - 7**2
    assert stage(page, "stage.scene.byName.get('paths').crossed", "parameters_b") is None
    expect(page.get_by_text("49 are read, 120 never (71%)")).to_be_visible()
    expect(page.get_by_text("289 are read, 0 never (0%)")).to_be_visible()
    point(page, "last", 2, 16, key="parameters_b", click=True)
    page.wait_for_function("() => location.search.includes('of=2_16')")
    settled(page)
    # Both stacks answer about that cell: the last column has no path from beyond the border.
    shifted = [np.roll(counted((2, 2, 2), 49), at - 8)[16:33] for at in (2, 16)]
    read = [np.count_nonzero(each) for each in shifted]
    expect(page.get_by_text(f"{read[0] * read[1]} are read,")).to_be_visible()
    slide_to_end(page, "rate_a1")
    expect(page.get_by_text("6, 2, 2:")).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("en-US", "light", (1280, 720)), ("zh-CN", "dark", (1440, 900)), ("zh-CN", "dark", (360, 740))],
)
@pytest.mark.parametrize("view", ["one", "stack"])
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, view: str, locale: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, view=view)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport[0]
    box = page.locator("[class*=st-key-stage_parameters] canvas").first.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= viewport[0]
    if viewport[0] > 1000:
        assert box["y"] + box["height"] < viewport[1]
    screens(page, f"parameters-{view}-{locale}-{viewport[0]}")
    assert "{" not in page.locator("[data-testid=stMain]").inner_text()


@pytest.mark.parametrize("viewport", [(360, 740)])
def test_on_a_phone_play_is_seen_with_the_picture_and_covers_nothing_in_the_end(
    page: Page, base_url: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url)
    bar, canvas = page.locator(f"{STAGE} .transport"), page.locator(f"{STAGE} canvas")
    seen, picture = bar.bounding_box(), canvas.bounding_box()
    assert picture["y"] + 200 < seen["y"]
    assert seen["y"] + seen["height"] <= viewport[1] < picture["y"] + picture["height"]
    page.locator(f"{STAGE} .caption").scroll_into_view_if_needed()
    seen, picture = bar.bounding_box(), canvas.bounding_box()
    assert picture["y"] + picture["height"] <= seen["y"]
    assert seen["y"] + seen["height"] <= page.locator(f"{STAGE} .caption").bounding_box()["y"]
