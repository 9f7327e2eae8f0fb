"""The way back by matrices in a real browser: the numbers on screen against loops, what is lit, links."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from conv_core import conv_trace
from conv_view.gemm_backward import matrices as computed
from conv_view.stories.backward_matrices import matrices as story
from conv_view.text import words
from tests import oracle_im2col as oracle
from tests.browser.house import (
    factors,
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
from tests.browser.stages import Stage, stage_fixture

bare = stage_fixture()
NAME = "backward_matrices"
STAGE = f".st-key-stage_{NAME}"


def show(page: Page, base_url: str, **query: object) -> None:
    open_page(page, base_url, NAME, **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()


# (the link, padding before and after, stride, filters)
SETTINGS = [
    ({}, ((0, 0), (0, 0)), 1, 2),
    (
        {"padding": "1", "stride": 2, "kernel": "laplacian", "side": 6, "dy_kind": "ones"},
        ((1, 1), (1, 1)),
        2,
        2,
    ),
    (
        {"padding": "same", "filters": 1, "dy_kind": "middle", "kernel": "box", "side": 4},
        ((1, 1), (1, 1)),
        1,
        1,
    ),
]


def folded(x: np.ndarray, column_grads: np.ndarray, pads: tuple, stride: int) -> np.ndarray:
    """Every cell of the columns added to the pixel that it was copied from."""
    found, _ = oracle.cells(x.shape, pads, (3, 3), (stride, stride))
    back = np.zeros(x.shape)
    for (row, column), (channel, y, x_) in found.items():
        if 0 <= y < x.shape[1] and 0 <= x_ < x.shape[2]:
            back[channel, y, x_] += column_grads[row, column]
    return back


def products(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    made = np.zeros((len(left), right.shape[1]))
    for row, column in np.ndindex(*made.shape):
        made[row, column] = sum(left[row, at] * right[at, column] for at in range(left.shape[1]))
    return made


@pytest.mark.parametrize(("query", "pads", "stride", "filters"), SETTINGS)
def test_the_numbers_on_the_page_are_those_of_loops(
    page: Page, base_url: str, query: dict, pads: tuple, stride: int, filters: int
) -> None:
    show(page, base_url, **query)
    x, rows, grads = values(page, "input"), values(page, "rows"), values(page, "grads")
    columns = oracle.columns(x, pads, (3, 3), (stride, stride))
    row_grads, column_grads = products(grads, columns.T), products(rows.T, grads)
    back = folded(x, column_grads, pads, stride)
    assert len(rows) == filters
    assert np.array_equal(values(page, "columns"), columns)
    for name, expected in (
        ("product", products(rows, columns)), ("row_grads", row_grads),
        ("column_grads", column_grads), ("x_grad", back),
    ):  # fmt: skip
        assert values(page, name) == pytest.approx(expected, rel=1e-4, abs=1e-3), name
    sentence = page.locator(f"{STAGE} .sentence")
    # A weight's gradient: its row of dY and of X col are lit, and the sum is written out.
    point(page, "row_grads", filters - 1, 5)
    expect(sentence).to_contain_text(f"dW[{filters - 1}; 1,2]")
    assert printed(page) == pytest.approx(row_grads[-1, 5], rel=1e-2, abs=0.051)
    written = factors(page)
    assert [pair[0] for pair in written] == pytest.approx(columns[5, :36].tolist(), abs=0.051)
    assert stage(page, "stage.litOn('grads')") == [[filters - 1, at] for at in range(grads.shape[1])]
    assert stage(page, "stage.litOn('columns')") == [[5, at] for at in range(grads.shape[1])]
    # A cell of dX col: the column of W and the column of dY.
    point(page, "column_grads", 3, 1)
    assert printed(page) == pytest.approx(column_grads[3, 1], rel=1e-2, abs=0.051)
    assert stage(page, "stage.litOn('rows')") == [[o, 3] for o in range(filters)]
    assert stage(page, "stage.litOn('grads')") == [[o, 1] for o in range(filters)]
    # A pixel of dX: every cell of dX col that was added to it.
    numbered = np.arange(1, x.size + 1).reshape(x.shape)
    copied = oracle.columns(numbered, pads, (3, 3), (stride, stride))
    point(page, "x_grad", 0, 2, 1)
    found = [list(map(int, place)) for place in np.argwhere(copied == numbered[0, 2, 1])]
    assert sorted(stage(page, "stage.litOn('column_grads')")) == found
    assert printed(page) == pytest.approx(back[0, 2, 1], rel=1e-2, abs=0.051)
    expect(sentence).to_contain_text(f"the sum of {len(found)} cells of dX col")
    no_traceback(page)


def test_one_weight_by_hand_on_the_stage_in_the_chapter_and_by_trying(page: Page, base_url: str) -> None:
    show(page, base_url, cell="1_1_0_2_1", chapter="one")
    grads, columns = values(page, "grads"), values(page, "columns")
    by_hand = sum(grads[1, at] * columns[7, at] for at in range(9))
    assert printed(page) == by_hand
    tried = page.get_by_text("Tried instead of derived").first
    assert number(tried.locator("strong").inner_text()) == pytest.approx(by_hand, abs=1e-3)
    formula = page.locator(".katex annotation", has_text="dW_{1,7}").first
    assert f"\\mathbf{{{by_hand:g}}}" in (formula.text_content() or "")


def test_the_acts_play_through_and_what_comes_later_is_faint(bare: Callable[..., Stage]) -> None:
    generator = np.random.default_rng(1)
    trace = conv_trace(
        generator.integers(0, 10, (1, 1, 4, 4)).astype(np.float32),
        generator.integers(-2, 3, (2, 1, 2, 2)).astype(np.float32),
        padding=((1, 0), (0, 0)),
    )
    shown = bare(story(computed(trace, np.ones(trace.shape, np.float32)), words("en")))
    # 2 x 4 x 3 outputs, 2 x 4 weights, 4 x 12 cells, 12 columns.
    starts = shown.js("return player.scene.acts.map((act) => [act.first, act.steps])")
    assert starts == [[0, 24], [24, 8], [32, 48], [80, 12]]
    shown.js("player.seek(80 + 2)")
    shown.frames()
    read = (
        "const panel = player.scene.byName.get('x_grad');"
        "return given.map((cell) => player.painter.shown(player.view, panel, cell))"
    )
    cells = [list(cell) for cell in np.ndindex(1, 4, 4)]
    full = computed(trace, np.ones(trace.shape, np.float32)).column_grads
    found, _ = oracle.cells((1, 4, 4), ((1, 0), (0, 0)), (2, 2))
    sums = np.zeros((1, 4, 4))
    for (row, column), (channel, y, x) in found.items():
        if column <= 2 and y >= 0:
            sums[channel, y, x] += full[row, column]
    assert shown.js(read, cells) == sums.ravel().tolist()
    # From any act a cell of dX is the sum of all that was added to it.
    shown.js("player.seek(3)")
    shown.js("player.point({ panel: 'x_grad', cell: [0, 1, 1] })")
    shown.frames()
    assert len(shown.lit("column_grads")) == 4
    assert "the sum of 4 cells" in shown.sentence


def test_a_typed_gradient_a_link_and_a_shape_that_does_not_fit(
    page: Page, base_url: str, new_page: Callable[..., Page]
) -> None:
    show(page, base_url, filters=1)
    point(page, "grads", 0, 4, click=True)
    page.locator(f"{STAGE} .cell-editor").fill("10")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('dy_kind=typed')")
    settled(page)
    grads = values(page, "grads")
    assert grads[0, 4] == 10
    assert values(page, "row_grads") == pytest.approx(grads @ values(page, "columns").T)
    page.get_by_role("radio", name="dX = col2im").click()
    page.wait_for_function("() => location.search.includes('cell=3_0_0')")
    settled(page)
    other = new_page()
    other.goto(page.url)
    other.locator(f"{STAGE} .stage[data-step]").wait_for()
    settled(other)
    assert np.array_equal(values(other, "grads"), grads)
    expect(other.locator(f"{STAGE} .sentence")).to_contain_text("Column 1 of 9")
    before = values(page, "row_grads")
    page.get_by_role("slider", name=words("en")["controls.stride"]).press("ArrowRight")
    told = page.get_by_text("The gradient has the shape 3×3, but the output has 2×2.")
    expect(told).to_be_visible()
    settled(page)
    assert np.array_equal(values(page, "row_grads"), before)
    page.get_by_role("slider", name=words("en")["controls.stride"]).press("ArrowLeft")
    expect(told).to_have_count(0)
    no_traceback(page)


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("en-US", "light", (1280, 720)), ("zh-CN", "dark", (360, 740))],
)
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, locale: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, cell="1_0~4", dy_kind="mean", padding="1")
    fits(page, STAGE, viewport)
    screens(page, f"backward_matrices-{locale}-{viewport[0]}")
