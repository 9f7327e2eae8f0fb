"""The classic networks in a real browser: totals, blocks that open, one selection, the file, what fits."""

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import no_traceback, open_page, screens, settled

# Typed from what is published: parameters and multiplications.
ALEXNET = "60,965,224", "724,406,816"
GOOGLENET = "6,998,552", "1,582,671,872"
RESNET50 = "25,557,032", "4,089,184,256"


def block(page: Page, at: str):
    return page.locator(f'.net [data-at="{at}"]')


def pressed(page: Page) -> list[str]:
    return page.locator(".net [aria-pressed=true]").evaluate_all("all => all.map(one => one.dataset.at)")


def told(page: Page) -> str:
    return page.locator(".st-key-networks_told").inner_text()


def marked(page: Page, name: str) -> None:
    """The table marks this layer and has it in sight; it is a canvas, and this is how it is read out."""
    rows = page.locator(".st-key-networks_rows [role=row][aria-selected=true]")
    expect(rows.filter(has_text=name)).to_have_count(1)


def click_row(page: Page, place: int) -> None:
    """Click the mark of one of the first rows, counted from 0 below the header."""
    grid = page.locator(".st-key-networks_rows .dvn-scroller")
    grid.evaluate("grid => { grid.scrollTop = 0; }")
    page.locator(f".st-key-networks_rows [role=row][aria-rowindex='{place + 2}']").wait_for(state="attached")
    grid.click(position={"x": 16, "y": 35 * (place + 1) + 17})
    settled(page)


def totals(page: Page, numbers: tuple[str, str]) -> None:
    """The line above the picture tells these totals."""
    line = page.locator(".st-key-notice_networks").inner_text()
    assert all(number in line for number in numbers)


def test_blocks_open_and_picture_table_and_link_are_one(page: Page, base_url: str, tmp_path) -> None:
    # A link has it all; a row of the table opens its block in the picture, and Back undoes that.
    open_page(page, base_url, "networks", network="resnet50", variant="torchvision", at="layer3.4.conv2")
    expect(block(page, "layer3.4.conv2")).to_have_attribute("aria-pressed", "true")
    totals(page, RESNET50)
    marked(page, "layer3.4.conv2")
    assert f"3·3·256·256 = {3 * 3 * 256 * 256:,}" in told(page)
    assert f"3·3·256·256·14·14 = {9 * 256 * 256 * 196:,}" in told(page)
    click_row(page, 1)
    expect(block(page, "bn1")).to_have_attribute("aria-pressed", "true")
    assert block(page, "~conv1").get_attribute("class") == "hit block open"
    expect(page.locator(".st-key-networks_told")).to_contain_text("2·64 = 128")
    settled(page)
    page.go_back()
    expect(block(page, "layer3.4.conv2")).to_have_attribute("aria-pressed", "true")
    marked(page, "layer3.4.conv2")
    settled(page)

    # A stage opens into its units, a unit into its layers, and the shortcut is drawn.
    block(page, "~layer2").click()
    settled(page)
    assert pressed(page) == ["~layer2"]
    assert page.locator(".net .unit").count() == 4
    assert block(page, "layer2.0.conv1").count() == 1
    block(page, "~layer2.3").click()
    settled(page)
    assert pressed(page) == ["~layer2.3"]
    assert page.locator(".net .short").count() == 1
    assert page.locator(".net .layer").count() == 10
    block(page, "layer2.3.bn2").click()
    settled(page)
    assert "at=layer2.3.bn2" in page.url
    marked(page, "layer2.3.bn2")

    # The keyboard goes from block to block.
    block(page, "~layer3").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    settled(page)
    assert pressed(page) == ["~layer4"]
    assert page.locator(".net .short").count() == 2

    with page.expect_download() as given:
        page.locator(".st-key-networks_csv button:visible").click()
    path = tmp_path / given.value.suggested_filename
    given.value.save_as(path)
    assert path.name == "resnet50-torchvision-224.csv"
    with path.open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert sum(int(line["parameters"]) for line in lines) == 25_557_032
    assert sum(int(line["macs"]) for line in lines) == 4_089_184_256
    no_traceback(page)


def test_bars_refusal_and_link(page: Page, base_url: str) -> None:
    open_page(page, base_url, "networks", chapter="bars", at="conv4")
    page.locator(".st-key-networks_bars_parameters .bars").first.wait_for()
    bars = page.locator(".st-key-networks_bars_parameters").inner_text()
    assert "37,752,832 · 61.9%" in bars
    assert re.search(r"96\.2% of all parameters", page.locator("[data-testid=stMain]").inner_text())
    assert pressed(page) == ["conv4"]
    totals(page, ALEXNET)

    # Too small an input: one sentence with the numbers, and the picture stays.
    side = page.locator(".st-key-networks_side input")
    side.fill("30")
    side.press("Enter")
    settled(page)
    notice = page.locator(".st-key-notice_networks")
    expect(notice).to_contain_text("pool2")
    expect(notice).to_contain_text("30×30")
    expect(notice).to_contain_text("67×67")
    assert pressed(page) == ["conv4"]
    expect(block(page, "~conv1")).to_contain_text("55×55")
    assert "side=30" in page.url
    no_traceback(page)


@pytest.mark.parametrize(
    ("viewport", "locale", "color_scheme"),
    [((1280, 720), "zh-CN", "dark"), ((360, 740), "en-US", "light")],
)
def test_the_picture_fits(page: Page, base_url: str, viewport: tuple[int, int]) -> None:
    open_page(page, base_url, "networks", network="googlenet", at="~5b")
    block(page, "~5b").wait_for()
    settled(page)
    totals(page, GOOGLENET)
    screens(page, f"networks-{viewport[0]}")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport[0]
    box = page.locator(".net").bounding_box()
    if viewport[0] > 1000:
        assert box["y"] + box["height"] <= viewport[1]
    # What is open is in sight, also where the picture is wider than the window.
    here = block(page, "~5b").bounding_box()
    assert 0 <= here["x"] <= viewport[0] - here["width"]
    # No text is wider than its box.
    over = page.locator(".net .layer").evaluate_all(
        """all => all.filter((one) => {
          const box = one.querySelector("rect");
          return box && [...one.querySelectorAll("text")].some(
            (text) => text.getBBox().width > box.width.baseVal.value - 2);
        }).map((one) => one.dataset.at)"""
    )
    assert over == []
