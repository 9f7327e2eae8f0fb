"""Feature maps in a real browser: an upload is named, and any cell can be computed again from the screen."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from conv_view.feature_nets import net
from conv_view.samples import picture
from conv_view.text import words
from conv_view.weights import weights
from tests.browser.house import fits, no_traceback, number, open_page, point, screens, settled, values

COFFEE = Path("assets/pictures/coffee.jpg").read_bytes()
SUMS = ".calculation"
LARGE, WALL = "maps_large", "maps_wall"


def show(page: Page, base_url: str, **query: object) -> None:
    open_page(page, base_url, "maps", **query)
    page.locator(".st-key-stage_maps .stage[data-step]").wait_for()


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=re.compile(rf"^{re.escape(option)}")).first.click()
    settled(page)


def upload(page: Page, name: str, data: bytes) -> None:
    field = page.locator("input[type=file]")
    if not field.count():
        page.get_by_role("button", name=words("en")["picture.own"]).click()
    field.set_input_files({"name": name, "mimeType": "image/png", "buffer": data})
    settled(page)


def line(page: Page, name: str) -> str:
    return page.locator(f"{SUMS} [data-line={name}] > span").last.inner_text()


def numbers(text: str) -> list[float]:
    """All numbers in a text, as a reader types them into a calculator."""
    plain = re.sub(r"(?<=[(\s√·])−|^−", "-", text.replace(",", " "))
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", plain)]


def by_hand(page: Page) -> float:
    """The value of a depthwise layer's cell behind batch norm and ReLU6, from what stands on the screen."""
    terms = page.locator(f"{SUMS} [data-line=channel] .term").all_inner_texts()
    total = sum(number(x.strip("()")) * number(w.strip("()")) for x, w in (term.split("·") for term in terms))
    given, mean, variance, epsilon, weight, bias, _ = numbers(line(page, "norm"))
    assert given == pytest.approx(total, rel=1e-5, abs=1e-6)
    return min(6.0, max(0.0, (total - mean) / (variance + epsilon) ** 0.5 * weight + bias))


def test_an_upload_is_named_and_a_cell_of_a_depthwise_layer_is_computed_again_by_hand(
    page: Page, base_url: str
) -> None:
    show(page, base_url)
    upload(page, "mine.jpg", COFFEE)
    expect(page.locator(".st-key-notice_maps strong, .st-key-notice_maps b")).to_have_text("espresso")
    choose(page, "Block", "block2")
    choose(page, "Layer", "depthwise.relu")
    shown = values(page, "map", LARGE)
    network = net("efficientnet_lite0")
    whole = network.graph.forward(network.prepared(picture("coffee")), weights("efficientnet_lite0"))
    expected = whole["block2.depthwise.relu"][0]
    assert shown == pytest.approx(expected[0], abs=1e-4)
    # The fourth map of the wall, and in it the cell that is largest among those that are not cut off.
    point(page, "wall", 3, 20, 20, key=WALL, click=True)
    settled(page)
    shown = values(page, "map", LARGE)
    assert shown == pytest.approx(expected[3], abs=1e-4)
    open_cells = np.where(shown < 6, shown, 0)
    row, column = np.unravel_index(open_cells.argmax(), shown.shape)
    for cell in ((int(row), int(column)), (55, 30)):
        point(page, "map", *cell, key=LARGE, click=True)
        settled(page)
        assert f"at={cell[0]}_{cell[1]}" in page.url
        assert by_hand(page) == pytest.approx(float(shown[cell]), abs=2e-4)
        x, w = values(page, "x")[0], values(page, "w")[0]
        assert x.size <= w.size == 9
    # A bad file is told in one sentence, and everything stays.
    upload(page, "bad.png", b"not a picture")
    expect(page.locator(".st-key-notice_maps")).to_contain_text(words("en")["errors.picture_format"][:20])
    assert np.array_equal(values(page, "map", LARGE), shown)
    no_traceback(page)


def test_a_link_restores_a_full_layers_cell_and_its_pages_hold_all_products(
    page: Page, base_url: str
) -> None:
    show(page, base_url, layer="scores", map=281, part=2)
    terms = page.locator(f"{SUMS} [data-line=sum] .term").all_inner_texts()
    assert len(terms) == 16
    total = sum(number(x.strip("()")) * number(w.strip("()")) for x, w in (term.split("·") for term in terms))
    rest, bias, value = numbers(line(page, "sum"))[-3:]
    assert total + rest + bias == pytest.approx(value, abs=1e-4)
    network = net("efficientnet_lite0")
    whole = network.graph.forward(network.prepared(picture("cat")), weights("efficientnet_lite0"))
    assert value == pytest.approx(float(whole["scores"][0, 281]), abs=1e-3)
    products = np.sort(np.abs(whole["flatten"][0] * weights("efficientnet_lite0")["scores.weight"][281]))[
        ::-1
    ]
    shown = np.abs(values(page, "sums")[0, :16])
    assert shown == pytest.approx(products[32:48], abs=1e-4)
    page.locator(".st-key-maps_part_on button").click()
    settled(page)
    assert "part=3" in page.url
    # A click on another number of the layer asks for that one.
    point(page, "wall", 0, 5, key=WALL, click=True)
    settled(page)
    assert "map=5" in page.url
    page.go_back()
    settled(page)
    expect(page.locator(".st-key-maps_about")).to_contain_text("281")


def test_an_untrained_network_says_so_and_its_convolution_adds_up(page: Page, base_url: str) -> None:
    show(page, base_url, network="resnet18", layer="layer1.0.relu1", map=4, at="20_20")
    expect(page.locator(".st-key-notice_maps")).to_contain_text("Untrained")
    sums = values(page, "sums")[0]
    assert len(sums) == 17
    assert values(page, "value").item() == pytest.approx(sums.sum(), abs=1e-4)
    x, w = values(page, "x"), values(page, "w")
    assert sums[:16] == pytest.approx((x * w).sum(axis=(1, 2)), abs=1e-4)
    assert max(0, values(page, "batch0").item()) == pytest.approx(values(page, "after1").item(), abs=1e-6)


@pytest.mark.parametrize(
    ("viewport", "locale", "color_scheme"),
    [((1280, 720), "zh-CN", "dark"), ((360, 740), "en-US", "light")],
)
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, viewport: tuple[int, int], locale: str, color_scheme: str
) -> None:
    show(page, base_url, layer="block3.depthwise.relu")
    fits(page, f".st-key-stage_{LARGE}", viewport)
    fits(page, f".st-key-stage_{WALL}", viewport)
    screens(page, f"maps-{viewport[0]}-{locale}")
    no_traceback(page)
