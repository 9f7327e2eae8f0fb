"""The four engines in a real browser: equal numbers, partners lit in all four, frames, links, a refusal."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy.signal import correlate2d

from conv_view.text import words
from tests.browser.house import count_frames, fits, no_traceback, open_page, screens, settled

STAGE = ".st-key-stage_lockstep"
OUTPUTS = {"direct": "output", "im2col": "im2col_output", "winograd": "winograd_output", "fft": "fft_output"}
SETTINGS = [
    ({"kernel": "emboss", "side": 6}, (1, 2), 2, 0),
    ({"kernel": "box", "side": 7, "padding": 1, "m": 4}, (5, 3), 4, 1),
    ({"kernel": "gaussian", "side": 10}, (4, 1), 2, 0),
]


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "lockstep", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    return page


def stage(page: Page, code: str, given: object = None) -> object:
    return page.evaluate(
        f"(given) => {{ const stage = convscope.stages.get('lockstep'); return {code}; }}", given
    )


def values(page: Page, panel: str) -> np.ndarray:
    shape = stage(page, f"stage.scene.byName.get('{panel}').shape")
    return np.array(stage(page, f"[...stage.scene.byName.get('{panel}').values]"), float).reshape(shape)


def point(page: Page, panel: str, *cell: int, click: bool = False) -> None:
    at = stage(page, "stage.where(...given)", [panel, list(cell)])
    page.mouse.move(at["x"], at["y"])
    if click:
        page.mouse.click(at["x"], at["y"])
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def lit(page: Page, panel: str) -> set[tuple[int, ...]]:
    return {tuple(cell) for cell in stage(page, "stage.litOn(given)", panel)}


def box(top: int, left: int, rows: int, cols: int) -> set[tuple[int, int]]:
    return {(top + i, left + j) for i, j in np.ndindex(rows, cols)}


def is_lit_for(page: Page, cell: tuple[int, int], m: int, pad: int) -> None:
    """Assert that the stage lights what belongs to one output cell in every engine, worked out here."""
    (row, col), width = cell, values(page, "output").shape[1]
    size, taps = values(page, "input").shape[1] + 2 * pad, values(page, "kernel").shape[-1]
    position, n = row * width + col, m + taps - 1
    for panel in OUTPUTS.values():
        assert lit(page, panel) == {cell}
    assert lit(page, "input") == {(0, *at) for at in box(row - pad, col - pad, taps, taps)}
    assert lit(page, "columns") == box(0, position, taps**2, 1)
    assert lit(page, "weights") == box(0, 0, taps**2, 1)
    assert lit(page, "row") == {(0, position)}
    assert lit(page, "winograd_products") == {(row // m, col // m, *at) for at in box(0, 0, n, n)}
    for panel in ("fft_data", "fft_kernel", "fft_products"):
        assert lit(page, panel) == box(0, 0, size, size // 2 + 1)


@pytest.mark.parametrize(("query", "cell", "m", "pad"), SETTINGS, ids=["usual", "ragged", "five"])
def test_a_cell_has_the_same_number_and_its_partners_in_all_four(
    page: Page, base_url: str, query: dict[str, object], cell: tuple[int, int], m: int, pad: int
) -> None:
    show(page, base_url, cell=f"0_{cell[0]}_{cell[1]}", **query)
    x, kernel = values(page, "input")[0], values(page, "kernel")[0, 0]
    expected = correlate2d(np.pad(x, pad), kernel, "valid")
    for panel in OUTPUTS.values():
        assert np.abs(values(page, panel) - expected).max() <= 2e-6 * np.abs(expected).max()
    is_lit_for(page, cell, m, pad)  # the link's place is restored
    read = page.locator(f"{STAGE} .readings b")
    numbers = [float(text.replace("−", "-")) for text in read.all_inner_texts()]
    assert numbers == pytest.approx([expected[cell]] * 4, rel=2e-6, abs=1e-3)
    other = (expected.shape[0] - 1, 1)
    for panel in OUTPUTS.values():
        point(page, panel, *other)
        is_lit_for(page, other, m, pad)
        assert float(read.first.inner_text().replace("−", "-")) == pytest.approx(expected[other], rel=1e-6)
        page.mouse.move(1, 1)
    point(page, "row", 0, expected.shape[1] + 1)
    is_lit_for(page, (1, 1), m, pad)
    page.mouse.move(1, 1)
    # A cell of a transformed tile belongs to every output of that tile.
    point(page, "winograd_data", cell[0] // m, cell[1] // m, 1, 1)
    tile = box(cell[0] // m * m, cell[1] // m * m, m, m)
    shared = {at for at in tile if at[0] < expected.shape[0] and at[1] < expected.shape[1]}
    assert lit(page, "fft_output") == lit(page, "output") == shared
    # A cell of the column matrix belongs to one output, and to the pixel that it copies.
    point(page, "columns", 0, expected.shape[1] + 1)
    assert lit(page, "winograd_output") == {(1, 1)}
    assert lit(page, "input") == {(0, 1 - pad, 1 - pad)}
    # A frequency belongs to all.
    point(page, "fft_products", 0, 1)
    assert lit(page, "output") == box(0, 0, *expected.shape)
    no_traceback(page)


def test_it_plays_without_the_server_and_leads_to_an_engines_page(page: Page, base_url: str) -> None:
    frames = count_frames(page)
    show(page, base_url, kernel="sharpen", picture="coffee", side=6)
    kernel = values(page, "kernel")[0, 0]
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("Home")
    # Two engines make cell by cell, one tile by tile, one all at once: row, column and rows up to which.
    done = "(({row, col, rows}) => [row, col, rows ?? 1])(stage.painter.doneIn(stage.view, grid, 0))"
    code = done.replace("grid", "stage.grids.get(given)")
    at_first = {name: stage(page, code, panel) for name, panel in OUTPUTS.items()}
    assert at_first == {"direct": [0, 1, 1], "im2col": [0, 1, 1], "winograd": [0, 2, 2], "fft": [0, 4, 4]}
    settled(page)
    frames.reset()
    stage(page, "stage.act('speed', 64)")
    page.locator(f"{STAGE} [data-act=play]").click()
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-step", "15")
    assert frames.sent <= 1  # that it has come to rest
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text("step 16 of 16")
    assert stage(page, code, "winograd_output") == [2, 4, 2]
    settled(page)
    page.get_by_test_id("stPageLink").nth(1).locator("a").click()
    page.wait_for_function("() => convscope.stages.has('im2col')")
    settled(page)
    rows = page.evaluate("() => [...convscope.stages.get('im2col').scene.byName.get('rows').values]")
    assert rows == kernel.ravel().tolist()
    expect(page.get_by_role("combobox", name="Picture")).to_have_value("Coffee")
    no_traceback(page)


def test_a_stride_leaves_winograds_place_to_the_reason(page: Page, base_url: str) -> None:
    show(page, base_url, stride=2, side=9, lang="zh")
    refused = page.locator(f"{STAGE} .readings .refused")
    expect(refused).to_have_count(1)
    expect(refused.locator("dt")).to_have_text("Winograd")
    assert words("zh")["lockstep.said.refused"] in stage(page, "stage.grids.headings[2].note")
    expect(page.locator(f"{STAGE} .readings b")).to_have_count(3)
    point(page, "fft_output", 2, 1)
    assert lit(page, "input") == {(0, *at) for at in box(4, 2, 3, 3)}
    assert lit(page, "columns") == box(0, 9, 9, 1)
    no_traceback(page)


# Every number drawn in a cell: its panel, text and size of print, and how far it keeps from the sides.
NUMBERS = """
() => {
  const stage = convscope.stages.get("lockstep");
  const drawn = [];
  const { number } = stage.painter;
  const pen = stage.context;
  stage.painter.number = function (context, frame, box, text, ink, how) {
    pen.fillText = (shown, x, y) => {
      const half = pen.measureText(shown).width / 2;
      const { panel } = [...stage.grids.values()].find(({ area }) =>
        x > area.x && x < area.x + area.width && y > area.y && y < area.y + area.height + 4);
      const apart = Math.min(x - half - box.x, box.x + box.width - x - half);
      drawn.push([panel.name, shown, parseFloat(/([\\d.]+)px/.exec(pen.font)[1]), apart]);
    };
    number.call(this, context, frame, box, text, ink, how);
    delete pen.fillText;
  };
  stage.frame();
  delete stage.painter.number;
  stage.refresh();
  return drawn;
}
"""
READABLE = 8.7  # pixels of print


@pytest.mark.parametrize("viewport", [(1440, 900), (1280, 720)])
def test_numbers_keep_clear_of_outlines_and_are_written_alike(page: Page, base_url: str) -> None:
    show(page, base_url)
    drawn = page.evaluate(NUMBERS)
    panels = stage(page, "[...stage.scene.byName.keys()]")
    assert {panel for panel, *_ in drawn} == set(panels)  # each number of the usual scene can be read
    assert min(size for *_, size, _ in drawn) >= READABLE
    assert min(apart for *_, apart in drawn) >= 3.4
    counted = 0
    for panel in {panel for panel, *_ in drawn}:
        texts = [text for name, text, *_ in drawn if name == panel]
        # What is exactly nothing is written as 0, also among decimals; all else has the same number of them.
        others = {len(text.partition(".")[2]) for text in texts if text != "0"}
        assert len(others) == 1
        kept = bool(stage(page, f"Boolean(stage.scene.byName.get('{panel}').values)"))  # a lens has none
        shown = values(page, panel).ravel() if kept else np.zeros(0)
        if len(shown) == len(texts):
            counted += 1
            assert texts.count("0") == (np.round(shown) == 0 if others == {0} else shown == 0).sum()
    assert counted >= 4
    sentence = page.locator(f"{STAGE} .sentence")
    point(page, "fft_products", 1, 1)
    expect(sentence).to_contain_text("|Product| at frequency (0, 1) = ")
    point(page, "winograd_data", 0, 0, 1, 1)
    expect(sentence).to_contain_text("V of tile (0, 0), cell (1, 1) = ")
    point(page, "input", 0, 3, 3)
    expect(sentence).to_contain_text("Input[3, 3] = ")


def test_stage_and_readings_fit_windows_of_all_sizes(page: Page, base_url: str) -> None:
    show(page, base_url, kernel="box")
    for viewport in ((1440, 900), (1280, 720), (360, 740)):
        page.set_viewport_size({"width": viewport[0], "height": viewport[1]})
        page.wait_for_function(
            "(width) => convscope.stages.get('lockstep').width < width && "
            "convscope.stages.get('lockstep').width > width - 90",
            arg=viewport[0],
        )
        settled(page)
        fits(page, STAGE, viewport)
        readings = page.locator(f"{STAGE} .readings").bounding_box()
        assert readings is not None
        if viewport[0] > 1000:
            assert readings["y"] + readings["height"] <= viewport[1]
            caption = page.locator(f"{STAGE} .caption")
            assert caption.evaluate("(element) => element.scrollHeight <= element.clientHeight + 1")
        screens(page, f"lockstep-{viewport[0]}")
