"""Pooling in a real browser: the numbers on screen against plain loops, links, what is refused, the tabs."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from conv_view.samples import picture
from conv_view.text import words
from tests.browser.house import no_traceback, open_page, screens, settled

STAGE = ".st-key-stage_pooling"
NOTICE = ".st-key-notice_pooling"
REMARKS = ".st-key-pooling_remarks"


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "pooling", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    return page


def stage(page: Page, code: str, key: str = "pooling") -> object:
    return page.evaluate(f"() => {{ const stage = convscope.stages.get('{key}'); return {code}; }}")


def values(page: Page, panel: str, key: str = "pooling") -> np.ndarray:
    numbers, shape = stage(
        page, f"(({{ values, shape }}) => [[...values], shape])(stage.scene.byName.get('{panel}'))", key
    )
    return np.array(numbers, float).reshape(shape)


def point(page: Page, panel: str, *cell: int, key: str = "pooling", click: bool = False) -> None:
    page.locator(f".st-key-stage_{key} canvas").scroll_into_view_if_needed()
    at = stage(page, f"stage.where('{panel}', {list(cell)})", key)
    page.mouse.move(at["x"], at["y"])
    if click:
        page.mouse.click(at["x"], at["y"])


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("∞", "inf"))


def printed(page: Page, key: str = "pooling") -> tuple[float, list[float]]:
    """The result that the caption prints, and its terms."""
    caption = page.locator(f".st-key-stage_{key} .caption")
    terms = caption.locator("[data-term]").all_inner_texts()
    plain = [re.fullmatch(r"\|?([−\d.∞]+)\|?\s*\d*", term.strip())[1] for term in terms]
    return number(caption.locator(".result").inner_text()), [number(term) for term in plain]


def open_tab(page: Page, name: str, language: str = "en") -> None:
    page.get_by_role("radio", name=words(language)[f"pooling.{name}.tab"]).click()
    settled(page)


def crop(size: int = 16) -> np.ndarray:
    cat = np.floor(picture("cat").astype(float) @ np.array([0.299, 0.587, 0.114]) + 0.5 + 1e-9)
    top, left = ((extent - size) // 2 for extent in cat.shape)
    return cat[top : top + size, left : left + size]


SETTINGS = [
    ({}, 2, 2, 0, np.nan, np.nanmax),
    ({"window": 3, "stride": 2, "padding": 1, "kind": "avg", "count_pad": 0}, 3, 2, 1, np.nan, np.nanmean),
    ({"window": 4, "stride": 3, "kind": "lp"}, 4, 3, 0, 0, lambda window: np.sqrt((window**2).sum())),
]


@pytest.mark.parametrize(("query", "window", "stride", "before", "fill", "of"), SETTINGS)
def test_the_numbers_on_screen_are_those_of_plain_loops(
    page: Page,
    base_url: str,
    query: dict,
    window: int,
    stride: int,
    before: int,
    fill: float,
    of: Callable[[np.ndarray], float],
) -> None:
    show(page, base_url, **query)
    x = np.pad(crop(), before, constant_values=fill)
    size = (len(x) - window) // stride + 1
    output = values(page, "output")[0]
    assert output.shape == (size, size)
    for row, column in ((0, 0), (1, 2), (size - 1, size - 1)):
        point(page, "output", 0, row, column)
        expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"Output[{row}, {column}]")
        read = x[row * stride : row * stride + window, column * stride : column * stride + window]
        result, terms = printed(page)
        assert terms == np.nan_to_num(read).ravel().tolist()
        assert result == pytest.approx(of(read), abs=0.051)
        assert output[row, column] == pytest.approx(of(read), rel=1e-6)
    # A point on an input cell says how many windows read it.
    point(page, "input", 0, 5, 6)
    readers = 1
    for at in (5, 6):
        readers *= sum(p * stride - before <= at < p * stride - before + window for p in range(size))
    told = "one output." if readers == 1 else f"{readers} outputs."
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"is read by {told}")


def test_a_tie_is_told_and_its_first_cell_is_outlined(page: Page, base_url: str) -> None:
    show(page, base_url, cell="0~2_1_7")
    cells = crop()[2:4, 14:16]
    assert (cells == cells.max()).sum() == 2, "the picture has a tie there"
    expect(page.locator(REMARKS)).to_contain_text(
        "Output[1, 7] = 163 stands at [2, 14], [3, 15], and [2, 14]"
    )
    first = int(np.argmax(cells))
    expect(page.locator(f"{STAGE} .caption .winner")).to_have_attribute("data-term", str(first))


def test_a_link_shows_the_same_to_somebody_else(
    page: Page, base_url: str, new_page: Callable[..., Page]
) -> None:
    show(page, base_url, kind="avg", window=3, ceil=1, lang="zh")
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("End")
    page.wait_for_url(re.compile("cell="))
    settled(page)
    other = new_page()
    other.goto(page.url)
    other.locator(f"{STAGE} .stage[data-step]").wait_for()
    settled(other)
    assert np.array_equal(values(other, "output"), values(page, "output"))
    assert values(other, "output").shape == (1, 6, 6)
    step = page.locator(f"{STAGE} .stage").get_attribute("data-step")
    expect(other.locator(f"{STAGE} .stage")).to_have_attribute("data-step", step)
    # The last window holds one cell of the input: what hangs over counts neither way.
    assert printed(other)[0] == pytest.approx(crop()[15, 15])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"padding": "2", "window": 2}, "is more than half of a pooling window of 2 cells"),
        ({"part": "c8", "window": 8, "dilation": 2}, "a kernel of 8 with dilation 2 spans 15"),
    ],
)
def test_what_cannot_be_pooled_is_told_and_the_stage_stays(
    page: Page, base_url: str, query: dict, said: str
) -> None:
    show(page, base_url, **query)
    expect(page.locator(NOTICE)).to_contain_text(said)
    no_traceback(page)
    before = values(page, "output")
    assert before.size
    page.get_by_role("slider", name=words("en")["pooling.window"]).press("ArrowLeft")
    settled(page)
    expect(page.locator(NOTICE)).to_contain_text("cells" if "padding" in query else "spans 13")
    assert np.array_equal(values(page, "output"), before)


def test_the_gradient_goes_to_the_maximum_and_adds_up(page: Page, base_url: str) -> None:
    show(page, base_url, window=3, stride=2)
    open_tab(page, "back")
    page.locator(".st-key-stage_pooling_back .stage[data-step]").wait_for()
    x, expected = crop(), np.zeros((16, 16))
    for row in range(7):
        for column in range(7):
            window = x[2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
            down, right = np.unravel_index(window.argmax(), (3, 3))
            expected[2 * row + down, 2 * column + right] += 1
    assert np.array_equal(values(page, "back", "pooling_back")[0], expected)
    assert np.array_equal(values(page, "unpooled", "pooling_back")[0], np.where(expected > 0, x, 0))
    most = tuple(int(at) for at in np.unravel_index(expected.argmax(), expected.shape))
    point(page, "back", 0, *most, key="pooling_back")
    caption = page.locator(".st-key-stage_pooling_back .caption")
    expect(caption.locator(".sentence")).to_contain_text(f"ends as {expected[most]:.0f}: products in its sum")
    assert number(caption.locator(".result").inner_text()) == expected[most]


def test_a_cell_of_the_wall_brings_its_window(page: Page, base_url: str) -> None:
    show(page, base_url)
    open_tab(page, "compare")
    page.locator(".st-key-stage_pooling_kinds .stage[data-step]").wait_for()
    point(page, "avg", 0, 40, 100, key="pooling_kinds", click=True)
    picked = stage(page, "stage.pinned.cell", "pooling_kinds")
    settled(page)
    cat = np.floor(picture("cat").astype(float) @ np.array([0.299, 0.587, 0.114]) + 0.5 + 1e-9)
    row, column = (2 * at for at in picked[1:])
    assert printed(page)[1] == cat[row : row + 2, column : column + 2].ravel().tolist()


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("en-US", "light", (1280, 720)), ("zh-CN", "dark", (1440, 900)), ("zh-CN", "light", (360, 740))],
)
def test_everything_fits_the_window(
    page: Page, base_url: str, locale: str, color_scheme: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, kind="avg", window=3, stride=2, padding=1, count_pad=0)
    box = page.locator(f"{STAGE} canvas").bounding_box()
    bar = page.locator(f"{STAGE} .transport").bounding_box()
    if viewport[0] > 1000:
        assert bar["y"] + bar["height"] <= viewport[1]
    assert box["x"] >= 0
    for name in ("compare", "shift", "back", "place"):
        open_tab(page, name, locale[:2])
        no_traceback(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport[0]
        assert not re.search(r"\{\w+\}", page.locator("[data-testid=stMain]").inner_text())
        screens(page, f"pooling-{name}-{locale}-{color_scheme}-{viewport[0]}")
