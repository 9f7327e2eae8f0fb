"""Looking into a whole result: its picture goes along, by buttons, wheel, keys and dragging."""

import numpy as np
import pytest

from conv_core import conv_trace
from conv_view.stories.convolution import overview
from conv_view.text import words
from tests.browser import stage_scenes as scenes
from tests.browser.stages import stage_fixture

stage = stage_fixture(viewport=(420, 700))
MARK = {"output": ((40, 10), (70, 10)), "picture": ((40, 12), (70, 12))}


def whole(marks=MARK):
    x = scenes.whole_numbers(1, 1, 98, 130)
    trace = conv_trace(x, scenes.SOBEL[None, None])
    return overview(trace, words("en"), picture=x[0].astype(np.uint8), marks=marks)


def middles(shown):
    """The cell in the middle of each panel, as a share of the panel's height and width."""
    return {
        panel: np.array(
            shown.js(
                """const grid = player.grids.get(given), {area} = grid;
                const at = [area.x + area.width / 2, area.y + area.height / 2];
                const hit = player.painter.hit(player.view, ...at);
                const {rows, cols} = grid.panel.view;
                return [(hit.cell[rows] + 0.5) / grid.rows, (hit.cell[cols] + 0.5) / grid.cols];""",
                panel,
            )
        )
        for panel in ("output", "picture")
    }


def together(shown):
    both = middles(shown)
    assert np.abs(both["output"] - both["picture"]).max() < 0.03
    return both["output"]


@pytest.mark.parametrize("way", ["button", "key"])
def test_it_is_looked_into_where_the_part_on_the_stage_is(stage, way):
    shown = stage(whole())
    at_first = shown.pixels()
    assert shown.page.locator("[data-act=minus]").is_disabled()
    for _ in range(4):
        shown.focus()
        shown.button("plus") if way == "button" else shown.press("+")
    shown.frames()
    assert np.abs(together(shown) - np.array([45 / 96, 75 / 128])).max() < 0.03
    for _ in range(4):
        shown.button("minus") if way == "button" else shown.press("-")
    shown.frames()
    assert shown.pixels() == at_first
    assert shown.sent("pick") == []


def test_a_wheel_looks_into_what_is_under_the_pointer(stage):
    shown = stage(whole({}))
    shown.hover("picture", (0, 20, 100))
    shown.page.keyboard.down("Control")
    for _ in range(4):
        shown.page.mouse.wheel(0, -120)
    shown.page.keyboard.up("Control")
    shown.wait("player.zoom > 4")
    shown.frames()
    assert np.abs(together(shown) - np.array([20 / 98, 100 / 130])).max() < 0.1


def test_dragging_moves_both_and_picks_nothing(stage):
    shown = stage(whole())
    for _ in range(4):
        shown.button("plus")
    shown.frames()
    before = together(shown)
    x, y = shown.where("output", (0, 45, 75))
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x - 60, y - 30, steps=5)
    shown.page.mouse.up()
    shown.frames()
    after = together(shown)
    assert (after > before).all()
    assert shown.sent("pick") == []
    shown.click("output", (0, 50, 80))
    assert [pick["cell"] for pick in shown.sent("pick")] == [[0, 50, 80]]
