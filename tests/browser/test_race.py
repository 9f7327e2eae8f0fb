"""The race in a real browser: its numbers against formulas of its own, a measurement, a stop, what fits."""

import re
from math import ceil

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import no_traceback, open_page, screens, settled

ROW = ".race-cell[data-engine={engine}][data-quantity={quantity}] .race-value"
SECONDS = 60_000
SMALL = {"layer": "own", "channels": 4, "outputs": 6, "size": 14}


def value(page: Page, engine: str, quantity: str) -> str:
    return page.locator(ROW.format(engine=engine, quantity=quantity)).inner_text()


def number(page: Page, engine: str, quantity: str) -> int:
    return int(value(page, engine, quantity).replace(",", ""))


def press(page: Page, key: str) -> None:
    # A tooltip has a second button for narrow windows, of which one is seen.
    page.locator(f".st-key-{key} button:visible").click()


# The link, then C, O, kernel, output side, groups, and the size of Winograd's tile (0 where it cannot).
SETTINGS = [
    ({"layer": "vgg3_2"}, 256, 256, 3, 56, 1, 4),
    ({"layer": "alexnet", "lang": "zh"}, 3, 64, 11, 55, 1, 0),
    (
        SMALL | {"channels": 12, "outputs": 24, "kernel": 5, "size": 20, "padding": 2, "groups": 4, "m": 2},
        12, 24, 5, 20, 4, 2,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("query", "channels", "outputs", "kernel", "side", "groups", "m"), SETTINGS)
def test_the_numbers_on_screen_are_those_of_the_formulas(
    page: Page,
    base_url: str,
    query: dict,
    channels: int,
    outputs: int,
    kernel: int,
    side: int,
    groups: int,
    m: int,
) -> None:
    open_page(page, base_url, "race", **query)
    products = outputs * side**2 * (channels // groups) * kernel**2
    for engine in ("direct", "im2col"):
        assert number(page, engine, "multiplies") == products
        assert number(page, engine, "adds") == products - outputs * side**2
    assert f"{products:,}" in page.locator(".st-key-notice_race").inner_text()
    columns = 4 * channels * kernel**2 * side**2
    assert number(page, "im2col", "traffic") - number(page, "direct", "traffic") == 2 * columns
    if m:
        tiles, n = ceil(side / m) ** 2, m + kernel - 1
        element_wise = tiles * outputs * (channels // groups) * n * n
        title = page.locator(
            "[data-engine=winograd][data-quantity=multiplies] .race-fill i[title]"
        ).evaluate_all("pieces => pieces.map(piece => piece.title)")
        assert any(f"{element_wise:,}" in each for each in title)
        assert number(page, "winograd", "multiplies") == sum(
            int(re.search(r"[\d,]+$", each)[0].replace(",", "")) for each in title
        )
        expect(page.locator(".race-name").nth(2)).to_contain_text(f"F({m}×{m}, {kernel}×{kernel})")
    else:
        expect(page.locator(".race-cannot")).to_contain_text("im2col")
        assert page.locator("[data-engine=winograd]").count() == 0
    no_traceback(page)


def test_a_small_layer_is_measured_and_the_curves_are_and_can_be_stopped(page: Page, base_url: str) -> None:
    open_page(page, base_url, "race", **SMALL, axis="size")
    expect(page.locator(".race-empty")).to_be_visible()
    press(page, "race_measure")
    # It is over when all four have a time.
    expect(page.locator("[data-quantity=time] .race-value", has_text=re.compile(r"\d (ms|s)"))).to_have_count(
        4, timeout=SECONDS
    )
    page.locator(".st-key-race_measure button:visible").wait_for(timeout=SECONDS)
    settled(page)
    widths = page.locator("[data-quantity=time] .race-fill").evaluate_all(
        "bars => bars.map(bar => bar.offsetWidth)"
    )
    assert min(widths) > 0
    assert page.locator("[data-quantity=time].race-least").count() >= 1
    expect(page.get_by_text(re.compile("Quickest on this machine"))).to_be_visible()

    # A layer whose first engine alone takes longer than the click: what is stopped is not finished.
    open_page(page, base_url, "race", layer="vgg1_2", axis="channels")
    press(page, "race_measure_curve")
    page.locator(".st-key-race_stop_curve button:visible").click(timeout=SECONDS)
    page.locator(".st-key-race_measure_curve button:visible").wait_for(timeout=SECONDS)
    settled(page)
    said = page.get_by_text(re.compile(r"Stopped: \d+ of \d+ measured")).inner_text()
    done, count = map(int, re.search(r"(\d+) of (\d+)", said).groups())
    assert done < count
    no_traceback(page)


@pytest.mark.parametrize(
    ("viewport", "locale", "color_scheme"),
    [((1440, 900), "en-US", "light"), ((1280, 720), "zh-CN", "dark"), ((360, 740), "en-US", "dark")],
)
def test_the_rows_are_seen_without_scrolling(page: Page, base_url: str, viewport: tuple[int, int]) -> None:
    open_page(page, base_url, "race", layer="own", channels=16)
    screens(page, f"race-{viewport[0]}")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport[0]
    box = page.locator(".race").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= viewport[0]
    if viewport[0] > 1000:
        assert box["y"] + box["height"] < viewport[1]
        cells = page.locator(".race-value").evaluate_all(
            "cells => cells.map(cell => [cell.scrollWidth, cell.clientWidth])"
        )
        assert all(needed <= there + 1 for needed, there in cells)
    # The curves' labels stay inside their chart.
    labels = page.locator(".race-label").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().right)"
    )
    assert max(labels) <= viewport[0]
