"""Sharing in a real browser: what a number reads, against sums done here, and a training that grows."""

import pytest
from playwright.sync_api import Page, expect

from conv_view.mnist import digits
from conv_view.sharing_picture import SHOWN
from conv_view.weights import weights
from tests.browser.house import no_traceback, number, open_page, screens, settled

NET = ".st-key-sharing_reads .net[data-kind={}]"


def value(kind: str, row: int, column: int) -> float:
    x, kept = digits()[1].images[SHOWN] / 255, weights("sharing")
    at = 0 if kind == "convolutional" else 12 * row + column
    seen = x if kind == "fully" else x[2 * row : 2 * row + 5, 2 * column : 2 * column + 5]
    return float((seen * kept[kind][at]).sum() + kept[f"{kind} bias"][at])


def shown(page: Page, kind: str) -> float:
    return number(page.locator(f"{NET.format(kind)} .told b").inner_text())


def weights_seen(page: Page, kind: str) -> str:
    """The weights as they are painted: as a text, which is through to Python at once."""
    return str(page.locator(f"{NET.format(kind)} .by canvas").evaluate("canvas => canvas.toDataURL()"))


def over(page: Page, kind: str, row: int, column: int, *, click: bool = False) -> None:
    canvas = page.locator(f"{NET.format(kind)} .makes canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    at = (box["x"] + (column + 0.5) / 12 * box["width"], box["y"] + (row + 0.5) / 12 * box["height"])
    page.mouse.move(*at)
    if click:
        page.mouse.click(*at)


def test_one_number_is_read_in_all_three_and_a_training_grows(page: Page, base_url: str) -> None:
    open_page(page, base_url, "sharing", cell="5_6", few=50, steps=100)
    page.locator(NET.format("fully")).wait_for()
    kinds = ("fully", "locally", "convolutional")
    before = {kind: weights_seen(page, kind) for kind in kinds}
    for kind in kinds:
        assert shown(page, kind) == pytest.approx(value(kind, 5, 6), abs=0.0011)
    # Pointed at in one, shown in all: the weights change where they are not shared.
    over(page, "locally", 2, 9)
    for kind in kinds:
        expect(page.locator(NET.format(kind))).to_have_attribute("data-column", "9")
        assert shown(page, kind) == pytest.approx(value(kind, 2, 9), abs=0.0011)
    changed = {kind: before[kind] != weights_seen(page, kind) for kind in kinds}
    assert changed == {"fully": True, "locally": True, "convolutional": False}
    over(page, "convolutional", 3, 7, click=True)
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => location.search.includes('cell=4_7')")
    expect(page.locator(".st-key-sharing_charts .js-plotly-plot")).to_have_count(3)
    expect(page.locator(".st-key-sharing_charts")).to_contain_text("held out 88.20%")
    page.locator(".st-key-sharing_begin button").click()
    expect(page.get_by_text("after 100 steps")).to_be_visible(timeout=30_000)
    settled(page)
    expect(page.get_by_role("cell", name="Convolutional, here (seed 7)")).to_be_visible()
    no_traceback(page)


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("zh-CN", "dark", (360, 740))],
)
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, locale: str, viewport: tuple[int, int]
) -> None:
    open_page(page, base_url, "sharing", digits="5000")
    expect(page.locator(".st-key-sharing_charts")).to_contain_text("95.45%")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport[0]
    screens(page, f"sharing-{locale}-{viewport[0]}")
