"""The way back in a browser: one gradient by hand, on the stage, below it and by differences."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy.signal import correlate2d

from conv_view.few_numbers import numbers
from conv_view.stories.backward import spread
from conv_view.text import words
from conv_view.way_back import Case, case_of
from tests.browser.house import (
    factors,
    fits,
    no_traceback,
    number,
    open_page,
    point,
    printed,
    settled,
    stage,
    values,
)
from tests.browser.stages import stage_fixture

STAGE = ".st-key-stage_backward"
bare = stage_fixture()
SETTINGS = [
    ({"stride": 2}, (0, 2), (2, 2)),
    ({"dilation": 2, "padding": 1}, (1, 1), (3, 4)),
    ({"padding": 1, "dy_kind": "random"}, (2, 0), (0, 1)),
]


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "backward", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    return page


# ---- the player alone: three results that grow in the same steps


def cases() -> dict[str, Case]:
    generator = np.random.default_rng(4)
    ways: dict[str, dict] = {
        "plain": {},
        "strided": {"stride": 2, "padding": 1},
        "dilated": {"dilation": 2, "padding": ((2, 1), (0, 3)), "stride": (1, 2)},
        "mirrored": {"padding": 2, "padding_mode": "reflect", "stride": 2},
    }
    return {
        name: case_of(
            generator.integers(-4, 5, (5, 6)),
            generator.integers(-3, 4, (3, 2)),
            0.0,
            how,
            lambda shape: generator.integers(1, 7, shape),
        )
        for name, how in ways.items()
    }


@pytest.mark.parametrize("name", cases())
def test_after_every_step_all_three_gradients_are_the_partial_ones(bare: Callable, name: str) -> None:
    case = cases()[name]
    shown = bare(spread(case, words("en")))
    steps = case.grad.size
    assert shown.js("return player.scene.steps") == steps
    # Forwards, back, and forwards again: what was added has to go where time goes back.
    for step in [*range(steps), steps // 2, 0, steps - 1]:
        shown.js("player.seek(given)", step)
        shown.frames()
        partial = case.back.partial(step)
        expected = {"input_grad": partial.x, "weight_grad": partial.weight, "bias_grad": partial.bias[None]}
        for panel, array in expected.items():
            cells = [list(cell) for cell in np.ndindex(array.shape[-2:])]
            seen = shown.js(
                "const [panel, cells] = given;"
                "const found = player.scene.byName.get(panel);"
                "return cells.map((cell) => player.painter.shown(player.view, found, cell))",
                [panel, cells],
            )
            assert seen == array.ravel().tolist()


def test_what_is_pointed_at_lights_what_it_is_tied_to(bare: Callable) -> None:
    case = cases()["strided"]
    shown = bare(spread(case, words("en")))
    grad, weight, x = case.grad[0, 0], case.trace.weight[0, 0], case.trace.x[0, 0]
    # A cell of dX: every output that used it, by which weights; nothing of the other two gradients.
    shown.hover("input_grad", (2, 3))
    parts = case.parts("input", (2, 3))
    assert shown.lit("grad") == {part.out for part in parts}
    assert shown.lit("kernel") == {part.tap for part in parts}
    assert shown.lit("input") == {(2, 3)}
    assert shown.lit("weight_grad") == set()
    assert [[number(each) for each in term.split("·")] for term in shown.sum["terms"]] == [
        [grad[part.out], weight[part.tap]] for part in parts
    ]
    assert number(shown.sum["result"]) == case.gradients["input"][0, 0, 2, 3]
    # A weight of dW: all the cells it met, times the gradients of their outputs.
    shown.hover("weight_grad", (1, 0))
    parts = case.parts("weight", (1, 0))
    assert shown.lit("grad") == {*np.ndindex(grad.shape)}
    assert shown.lit("input") == {part.cell for part in parts}
    assert shown.lit("kernel") == {(1, 0)}
    assert shown.lit("input_grad") == set()
    assert number(shown.sum["result"]) == case.gradients["weight"][0, 0, 1, 0]
    assert len(shown.sum["terms"]) == len(parts)
    shown.click("weight_grad", (1, 0))
    (pick,) = shown.sent("pick")
    assert (pick["panel"], pick["cell"]) == ("weight_grad", [1, 0])
    shown.press("Escape")
    # db: all of dY. A cell of dY: its window, in X and in dX.
    shown.hover("bias_grad", (0, 0))
    assert shown.lit("grad") == {*np.ndindex(grad.shape)}
    assert number(shown.sum["result"]) == grad.sum()
    shown.hover("grad", (1, 1))
    window = {(2 - 1 + a, 2 - 1 + b) for a, b in np.ndindex(weight.shape)}
    assert shown.lit("input") == shown.lit("input_grad") == window
    assert "dY[1, 1]" in shown.sentence
    # A cell of X: the weights that it met.
    shown.hover("input", (2, 3))
    read = case.parts("input", (2, 3))
    assert shown.lit("weight_grad") == {part.tap for part in read}
    assert shown.numbers[:3] == [2, 3, x[2, 3]]
    # Its own products are listed, each of two factors in brackets where they are negative.
    assert shown.numbers[-1] == len(read) == len(shown.sum["terms"])
    assert [[number(each) for each in term.split("·")] for term in shown.sum["terms"]] == [
        [x[2, 3], grad[part.out]] for part in read
    ]
    assert shown.sum["result"] is None
    # A weight: one product for each output, those that fall on the padding crossed out.
    shown.hover("kernel", (0, 0))
    assert shown.numbers[-1] == grad.size == len(shown.sum["terms"])
    expected = [f"({cell:g})" if cell < 0 else f"{cell:g}" for cell in (*grad.ravel(), weight[0, 0])]
    assert shown.sum["terms"] == [f"{each}·{expected[-1]}".replace("-", "−") for each in expected[:-1]]
    # The product that was added to dW is one of its own.
    shown.hover("to_weight", (1, 1))
    assert "dY[0, 0]" in shown.sentence
    shown.leave()


def test_small_cells_keep_their_numbers_and_a_zero_is_written_as_one(bare: Callable) -> None:
    blur = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
    how = {"stride": 3, "padding": 4, "dilation": 2}
    case = case_of(numbers("digits", 7), blur, 0.0, how, kind="error")
    shown = bare(spread(case, words("en")), spy=True)
    size = shown.js("return player.boxOf('input_grad', [0, 0]).width")
    assert 20 < size < 28, size
    shown.js("drawnTexts.length = drawnRects.length = 0; player.seek(given)", case.grad.size - 1)
    shown.frames()
    texts = [text.replace("−", "-") for text in shown.js("return drawnTexts")]
    gradients = case.gradients["input"][0, 0]
    expected = {f"{value:.2f}" for value in gradients.ravel() if abs(value) >= 0.005}
    assert len(expected) > 5
    assert {
        each for each in expected if each not in texts and each.replace("0.", ".", 1) not in texts
    } == set()
    assert "0" in texts
    assert not {"0.000", ".000", "-0.00"} & {*texts}
    thick = [line for _, line, (_, _, width, _) in shown.js("return drawnRects") if width < 28]
    assert thick
    assert max(thick) <= 3.5


# ---- the page: a weight's gradient, followed by hand


def by_hand(x: np.ndarray, weight: np.ndarray, grad: np.ndarray, how: dict, tap: tuple[int, int]) -> float:
    """The gradient of one weight: a loop over the outputs, each times the cell that the weight met."""
    stride, padding, dilation = how.get("stride", 1), how.get("padding", 0), how.get("dilation", 1)
    total = 0.0
    for i in range(grad.shape[0]):
        for j in range(grad.shape[1]):
            row = i * stride + tap[0] * dilation - padding
            column = j * stride + tap[1] * dilation - padding
            if 0 <= row < x.shape[0] and 0 <= column < x.shape[1]:
                total += grad[i, j] * x[row, column]
    return total


def by_scipy(x: np.ndarray, grad: np.ndarray, how: dict, tap: tuple[int, int]) -> float:
    """The same by a correlation of the padded input with the gradient, dilated by the stride."""
    stride, dilation = how.get("stride", 1), how.get("dilation", 1)
    dilated = np.zeros([(size - 1) * stride + 1 for size in grad.shape])
    dilated[::stride, ::stride] = grad
    found = correlate2d(np.pad(x, how.get("padding", 0)), dilated, mode="valid")
    return float(found[tap[0] * dilation, tap[1] * dilation])


def formula(page: Page) -> str:
    return page.locator(".katex-display annotation").first.text_content() or ""


def last_bold(latex: str) -> float:
    return number(latex.rsplit(r"\mathbf{", 1)[1])


@pytest.mark.parametrize(("how", "tap", "cell"), SETTINGS, ids=["stride", "dilation", "padding"])
def test_one_number_by_hand_on_the_stage_below_it_and_by_differences(
    page: Page, base_url: str, how: dict, tap: tuple[int, int], cell: tuple[int, int]
) -> None:
    show(page, base_url, side=5, kernel="sobel_x", of="weight", at=f"{tap[0]}_{tap[1]}", **how)
    x, weight, grad = values(page, "input"), values(page, "kernel"), values(page, "grad")
    assert (x.shape, weight.shape) == ((5, 5), (3, 3))
    expected = by_hand(x, weight, grad, how, tap)
    assert by_scipy(x, grad, how, tap) == expected
    # On the stage: the cell itself, and the sum that is told of it.
    assert values(page, "weight_grad")[tap] == expected
    point(page, "weight_grad", *tap)
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"dW[{tap[0]}, {tap[1]}]")
    assert printed(page) == expected
    assert sum(np.prod(term) for term in factors(page)) == expected
    # The chain rule with its numbers, and the difference of two losses.
    assert last_bold(formula(page)) == expected
    page.get_by_text("Check", exact=True).click()
    settled(page)
    assert last_bold(formula(page)) == expected
    said = page.get_by_text("The way back gives").inner_text()
    assert number(said.split("gives")[1]) == expected
    # A cell of dX that is clicked is followed in the same place.
    point(page, "input_grad", *cell, click=True)
    expect(page.get_by_text("The way back gives")).to_contain_text(f"X[{cell[0]}, {cell[1]}]")
    settled(page)
    padding, stride = how.get("padding", 0), how.get("stride", 1)
    dx = 0.0
    for i, j in np.ndindex(grad.shape):
        for a, b in np.ndindex(3, 3):
            place = (
                i * stride + a * how.get("dilation", 1) - padding,
                j * stride + b * how.get("dilation", 1) - padding,
            )
            dx += grad[i, j] * weight[a, b] * (place == cell)
    assert values(page, "input_grad")[cell] == dx
    assert last_bold(formula(page)) == dx
    assert "of=input" in page.url
    no_traceback(page)


def test_a_typed_gradient_is_used_and_one_of_another_shape_is_refused(page: Page, base_url: str) -> None:
    show(page, base_url, side=5)
    point(page, "grad", 0, 0, click=True)
    field = page.locator(f"{STAGE} .cell-editor")
    field.fill("7")
    settled(page)
    field.press("Escape")
    point(page, "grad", 0, 1, click=True)
    field.fill("-3")
    field.press("Enter")
    settled(page)
    assert values(page, "grad")[0, 1] == -3
    assert "dy_kind=typed" in page.url
    before = values(page, "input_grad")
    page.get_by_text("More", exact=True).click()
    text = page.get_by_role("textbox", name="dY as text")
    text.fill("1 2; 3 4")
    text.blur()
    notice = page.locator(".st-key-notice_backward")
    expect(notice).to_contain_text("The gradient has the shape 2×2, but the output has 3×3.")
    assert np.array_equal(values(page, "input_grad"), before)
    text.fill("1 2 3; 4 nan 6; 7 8 9")
    text.blur()
    expect(page.get_by_text("“nan” is not a number")).to_be_visible()
    assert np.array_equal(values(page, "input_grad"), before)
    text.fill("1 2 3; 4 5 6; 7 8 9")
    text.blur()
    expect(notice).not_to_contain_text("shape")
    settled(page)
    assert values(page, "grad").ravel().tolist() == list(range(1, 10))
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    settled(page)
    assert values(page, "grad").ravel().tolist() == list(range(1, 10))
    no_traceback(page)


@pytest.mark.parametrize("viewport", [(1280, 720), (360, 740)], ids=["projector", "phone"])
def test_the_stories_fit_and_a_place_comes_back_by_its_link(
    page: Page, base_url: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, stride=2, side=6)
    fits(page, STAGE, viewport)
    for title, result, size in (
        ("dX, cell by cell", "output", 36),
        ("dW, weight by weight", "weight_grad", 9),
    ):
        page.get_by_text(title, exact=True).click()
        expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-steps", str(size))
        settled(page)
        fits(page, STAGE, viewport)
        page.locator(f"{STAGE} canvas").focus()
        page.keyboard.press("End")
        page.wait_for_url("**cell=*")
        settled(page)
        found = values(page, result).ravel()
        assert printed(page) == found[-1]
    assert np.array_equal(numbers("digits", 6), values(page, "input"))
    if viewport[0] < 640:  # all of what is added can be read, without a scrollbar that phones hide
        inner = "e => [e.scrollHeight, e.clientHeight]"
        assert len(set(page.locator(f"{STAGE} .caption").evaluate(inner))) == 1
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    page.locator(f"{STAGE} .stage[data-step='8']").wait_for()
    assert stage(page, "stage.scene.acts[0].name") == "weights"
