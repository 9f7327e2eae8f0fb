"""The way back through pooling in a real browser: dX against loops, which gradients reach a cell, links."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from conv_view.text import words
from tests.browser.house import (
    factors,
    fits,
    no_traceback,
    open_page,
    point,
    printed,
    screens,
    settled,
    stage,
    values,
)
from tests.test_page_backward_pooling import sent_back

NAME = "backward_pooling"
STAGE = f".st-key-stage_{NAME}"


def show(page: Page, base_url: str, **query: object) -> None:
    open_page(page, base_url, NAME, **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()


# (the link, window, stride, padding before)
SETTINGS = [
    ({}, 3, 2, 0),
    ({"kind": "avg", "stride": 1, "padding": "1", "side": 6}, 3, 1, 1),
    ({"kind": "lp", "window": 4, "stride": 3, "levels": 255, "dy_kind": "ones"}, 4, 3, 0),
]


def windows_with(cell: tuple[int, int], window: int, stride: int, before: int, size: int) -> list[list[int]]:
    """The outputs whose window holds a cell, by rows."""
    lines = [[at for at in range(size) if 0 <= place - (at * stride - before) < window] for place in cell]
    return [[0, row, column] for row in lines[0] for column in lines[1]]


@pytest.mark.parametrize(("query", "window", "stride", "before"), SETTINGS)
def test_the_numbers_on_the_page_are_those_of_loops(
    page: Page, base_url: str, query: dict, window: int, stride: int, before: int
) -> None:
    show(page, base_url, **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    kind = query.get("kind", "max")
    x, grad = values(page, "input")[0], values(page, "gradient")[0]
    expected = sent_back(x, grad, window, stride, before, kind)
    back = values(page, "back")[0]
    assert back == pytest.approx(expected, abs=1e-4)
    # The cell that most gradients reach: all of them are lit, and they are its sum.
    alone = [sent_back(x, one.reshape(grad.shape), window, stride, before, kind) for one in np.eye(grad.size)]
    meets = [np.abs(each) > 0 for each in alone]
    row, column = np.unravel_index(int(np.sum(meets, axis=0).argmax()), x.shape)
    point(page, "back", 0, int(row), int(column))
    reached = [[0, *map(int, divmod(at, grad.shape[1]))] for at, met in enumerate(meets) if met[row, column]]
    assert len(reached) > 1
    assert sorted(stage(page, "stage.litOn('gradient')")) == reached
    if kind != "max":
        assert reached == windows_with((row, column), window, stride, before, len(grad))
    sentence = page.locator(f"{STAGE} .sentence")
    expect(sentence).to_contain_text(f"gradients that reached it: {len(reached)}.")
    assert printed(page) == pytest.approx(expected[row, column], abs=0.0051)
    assert len(factors(page)) == len(reached)
    # A gradient: where its maximum was found, or all of its window.
    point(page, "gradient", 0, 1, 1)
    expect(sentence).to_contain_text("dY[1, 1]")
    lit = {tuple(cell[1:]) for cell in stage(page, "stage.litOn('back')")}
    place = [range(1 * stride - before, 1 * stride - before + window)] * 2
    whole = {(down, across) for down in place[0] for across in place[1]}
    if kind == "max":
        best = max(whole, key=lambda cell: (x[cell], -cell[0], -cell[1]))
        assert lit == {best}
    else:
        assert lit == whole
    no_traceback(page)


def test_dx_grows_output_by_output(page: Page, base_url: str) -> None:
    show(page, base_url, cell="0_0_1_1")
    x, grad = values(page, "input")[0], values(page, "gradient")[0]
    cells = [[0, row, column] for row, column in np.ndindex(*x.shape)]
    read = (
        "((panel) => given.map((cell) => stage.painter.shown(stage.view, panel, cell)))"
        "(stage.scene.byName.get('back'))"
    ).replace("given", str(cells))
    # Five of nine outputs are in.
    begun = np.where(np.arange(9).reshape(3, 3) < 5, grad, 0)
    assert stage(page, read) == pytest.approx(sent_back(x, begun, 3, 2, 0, "max").ravel().tolist())
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text("Step 4 of 9")
    begun[1, 1] = 0
    assert stage(page, read) == pytest.approx(sent_back(x, begun, 3, 2, 0, "max").ravel().tolist())
    # What no gradient reached says so.
    row, column = np.argwhere(sent_back(x, np.ones((3, 3)), 3, 2, 0, "max") == 0)[0]
    point(page, "back", 0, int(row), int(column))
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text("no gradient reached it")
    expect(page.locator(f"{STAGE} .sum")).to_be_empty()


def test_a_typed_gradient_a_link_a_wrong_shape_and_the_way_from_the_page_of_pooling(
    page: Page, base_url: str, new_page: Callable[..., Page]
) -> None:
    show(page, base_url)
    point(page, "gradient", 0, 0, 2, click=True)
    page.locator(f"{STAGE} .cell-editor").fill("5")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('dy_kind=typed')")
    settled(page)
    grad = values(page, "gradient")
    assert grad[0, 0, 2] == 5
    other = new_page()
    other.goto(page.url)
    other.locator(f"{STAGE} .stage[data-step]").wait_for()
    settled(other)
    assert np.array_equal(values(other, "back"), values(page, "back"))
    before = values(page, "back")
    page.get_by_role("slider", name=words("en")["pooling.window"]).press("ArrowRight")
    told = page.get_by_text("The gradient has the shape 3×3, but the output has 2×2.")
    expect(told).to_be_visible()
    settled(page)
    assert np.array_equal(values(page, "back"), before)
    open_page(page, base_url, "pooling", kind="avg", window=3, padding="1", chapter="back")
    page.get_by_role("link", name=words("en")["pooling.back.open"]).click()
    page.wait_for_function("() => location.pathname.endsWith('/backward_pooling')")
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    settled(page)
    assert stage(page, "stage.scene.byName.get('share').shape") == [1, 3, 3, 3, 3]
    assert values(page, "share") == pytest.approx(1 / 9)
    no_traceback(page)


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("zh-CN", "dark", (1280, 720)), ("en-US", "light", (360, 740))],
)
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, locale: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, chapter="check", padding="1", ceil=1)
    fits(page, STAGE, viewport)
    screens(page, f"backward_pooling-{locale}-{viewport[0]}")
