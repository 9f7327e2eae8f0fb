"""Transposed convolution in a real browser: what grows on the stage, what is summed, links, typed kernels."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy.signal import convolve2d

from conv_core import TransposeTrace, conv_transpose_trace
from conv_view.pictures import reduce, to_grey
from conv_view.samples import picture
from conv_view.stories.transposed import scattering
from conv_view.text import words
from tests.browser.house import fits, no_traceback, number, open_page, point, screens, settled, stage, values
from tests.browser.stages import stage_fixture

STAGE = ".st-key-stage_transposed"
BESIDE = ".st-key-stage_transposed_beside"
bare = stage_fixture()

KERNELS = {
    "box": np.full((3, 3), 1 / 9),
    "sobel_x": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], float),
}
TAPS = list(np.ndindex(3, 3))
SETTINGS = [
    ("box", {"step_by": 2, "cut": 1, "added": 0, "apart": 1}, (2, 3)),
    ("sobel_x", {"step_by": 3, "cut": 0, "added": 2, "apart": 1}, (7, 4)),
    ("sharpen", {"step_by": 2, "cut": 2, "added": 1, "apart": 2}, (4, 6)),
]


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "transposed", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    page.locator(f"{BESIDE} .stage[data-step]").wait_for()
    return page


def scattered(x: np.ndarray, weight: np.ndarray, how: dict[str, int], steps: int | None = None) -> np.ndarray:
    """The cells of x (H, W), in reading order and at most so many, times the kernel, added up and cut."""
    stride, padding, added, dilation = how["step_by"], how["cut"], how["added"], how["apart"]
    span = [dilation * (size - 1) + 1 for size in weight.shape]
    full = np.zeros([(n - 1) * stride + s + added for n, s in zip(x.shape, span, strict=True)])
    for row, col in list(np.ndindex(x.shape))[:steps]:
        for i, j in np.ndindex(weight.shape):
            full[row * stride + i * dilation, col * stride + j * dilation] += x[row, col] * weight[i, j]
    return full[padding : full.shape[0] - padding, padding : full.shape[1] - padding]


# ---- the player alone: what it adds up against the trace


def traces() -> dict[str, TransposeTrace]:
    generator = np.random.default_rng(3)

    def make(x: tuple[int, ...], weight: tuple[int, ...], *, bias: int = 0, **how: object) -> TransposeTrace:
        return conv_transpose_trace(
            generator.integers(-9, 10, x).astype(np.float32),
            generator.integers(-4, 5, weight).astype(np.float32),
            generator.integers(1, 9, bias).astype(np.float32) if bias else None,
            **how,
        )

    return {
        "plain": make((1, 1, 3, 4), (1, 1, 3, 3), stride=2, padding=1),
        "groups": make((1, 4, 2, 3), (4, 3, 2, 2), bias=6, stride=2, padding=1, output_padding=1, groups=2),
        "dilated": make((1, 2, 3, 3), (2, 1, 3, 2), stride=(1, 2), dilation=(2, 3), output_padding=(1, 2)),
        "signal": make((1, 2, 5), (2, 2, 3), bias=2, stride=3, padding=((1, 2),)),
        "volume": make((1, 1, 2, 2, 2), (1, 1, 2, 2, 2), bias=1, stride=2, padding=1, output_padding=1),
        "batch": make((2, 2, 2, 2), (2, 1, 2, 2), stride=1),
    }


@pytest.mark.parametrize("name", traces())
def test_what_the_player_adds_up_is_the_partial_result(bare: Callable, name: str) -> None:
    trace = traces()[name]
    shown = bare(scattering(trace, words("en")))
    steps = shown.js("return player.scene.steps")
    assert steps == trace.x[0].size
    cells = [list(cell) for cell in np.ndindex(trace.shape[1:])]
    # Forwards, back, and forwards again: what was added has to go where time goes back.
    for step in [*range(steps), steps // 2, 0, steps - 1]:
        shown.js("player.seek(given)", step)
        shown.frames()
        seen = shown.js(
            "const panel = player.scene.byName.get('output');"
            "return given.map((cell) => player.painter.shown(player.view, panel, cell))",
            cells,
        )
        assert seen == trace.partial(step)[0].ravel().tolist()


def test_an_output_cell_tells_all_that_reaches_it(bare: Callable) -> None:
    trace = traces()["groups"]
    shown = bare(scattering(trace, words("en")))
    reaching = trace.reaching((1, 2))
    for channel in range(trace.shape[1]):
        group = channel // 3
        own = [2 * group, 2 * group + 1]
        # An output channel that lies deeper in the stack is pointed at through the player's own target.
        shown.js("player.point({ panel: 'output', cell: given })", [channel, 1, 2])
        shown.frames()
        assert shown.lit("input") == {(each, *source) for each in own for source, _ in reaching}
        assert shown.lit("kernel") == {(each, channel % 3, *tap) for each in own for _, tap in reaching}
        printed = shown.sum
        assert printed["sign"] == "="
        assert number(printed["result"]) == trace.output[0, channel, 1, 2]
        assert len(printed["terms"]) == 2 * len(reaching)
        total = sum(np.prod([number(part) for part in term.split("·")]) for term in printed["terms"])
        assert total + number(printed["bias"]) == trace.output[0, channel, 1, 2]


# ---- the page


@pytest.mark.parametrize(("kernel", "how", "cell"), SETTINGS, ids=[kernel for kernel, _, _ in SETTINGS])
def test_the_numbers_on_the_page_are_those_of_scattering(
    page: Page, base_url: str, kernel: str, how: dict[str, int], cell: tuple[int, int]
) -> None:
    show(page, base_url, kernel=kernel, side=5, **how)
    x = values(page, "input")[0]
    expected = scattered(x, KERNELS[kernel], how)
    assert np.abs(values(page, "output")[0] - expected).max() < 1e-3
    counts = scattered(np.ones_like(x), np.ones((3, 3)), how)
    assert np.array_equal(values(page, "overlaps", "transposed_beside"), counts)
    point(page, "output", 0, *cell)
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"Output[{cell[0]}, {cell[1]}]")
    assert number(page.locator(f"{STAGE} .sum .result").inner_text()) == pytest.approx(
        expected[cell], abs=0.06
    )
    terms = page.locator(f"{STAGE} .sum [data-term]").all_inner_texts()
    assert len(terms) == counts[cell]
    # Three steps in, the stage holds three steps' products.
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-step", "2")
    partial = scattered(x, KERNELS[kernel], how, steps=3)
    shown = "stage.painter.shown(stage.view, stage.scene.byName.get('output'), [0, ...cell])"
    places = [list(at) for at in np.ndindex(partial.shape)]
    seen = stage(page, f"{places}.map((cell) => {shown})")
    assert np.abs(np.reshape(seen, partial.shape) - partial).max() < 1e-3
    no_traceback(page)


@pytest.mark.parametrize(("kernel", "how", "cell"), SETTINGS, ids=[kernel for kernel, _, _ in SETTINGS])
def test_products_that_the_padding_cuts_away_are_told_and_struck_out(
    page: Page, base_url: str, kernel: str, how: dict[str, int], cell: tuple[int, int]
) -> None:
    show(page, base_url, kernel=kernel, side=5, **how)
    rows, columns = values(page, "output")[0].shape
    width = values(page, "input")[0].shape[1]
    sentence, terms = page.locator(f"{STAGE} .sentence"), page.locator(f"{STAGE} .sum [data-term]")
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("Home")
    for step in range(3):
        row, column = divmod(step, width)
        places = [
            (
                row * how["step_by"] - how["cut"] + i * how["apart"],
                column * how["step_by"] - how["cut"] + j * how["apart"],
            )
            for i, j in np.ndindex(3, 3)
        ]
        lost = [not (0 <= down < rows and 0 <= across < columns) for down, across in places]
        expect(sentence).to_contain_text(f"Step {step + 1} of")
        expect(sentence).to_contain_text(f"added to {9 - sum(lost)} cells")
        told = f"{sum(lost)} products fall outside it" if sum(lost) > 1 else "One product falls outside it"
        assert (told in sentence.inner_text()) == bool(sum(lost))
        struck = terms.evaluate_all("(all) => all.map((one) => one.classList.contains('cut'))")
        assert struck == lost
        page.keyboard.press("ArrowRight")
    if how["cut"]:
        point(page, "output", 0, -1, -1)
        expect(sentence).to_contain_text("Output[−1, −1] is cut off by the padding")
        assert page.locator(f"{STAGE} .sum .result").count() == 0
    # An input cell that is pointed at shows the step in which it is scattered, wherever the story stands.
    point(page, "input", 0, 1, 2)
    expect(sentence).to_contain_text(f"Step {width + 3} of")
    factors = {number(term.split("·")[0]) for term in terms.all_inner_texts()}
    assert factors == {round(float(values(page, "input")[0][1, 2]), 3)}
    # A weight is used for the outputs that are left.
    point(page, "kernel", 0, 0, 0, 0)
    left = scattered(np.ones_like(values(page, "input")[0]), np.eye(1, 9).reshape(3, 3), how)
    expect(sentence).to_contain_text(f"for {int(left.sum())} outputs")


# Goes to one step after the other, and notes of each what is told and drawn as soon as it is its turn.
_STEP_BY_STEP = """
async ([key, cells]) => {
  const stage = convscope.stages.get(key);
  const caption = stage.stage.getRootNode().querySelector(".caption");
  const seen = [];
  for (const [step, cell] of cells.entries()) {
    stage.seek(step);
    const told = `: Output[${cell.join(", ")}] reads`;
    for (let frame = 0; !caption.querySelector(".sentence").textContent.includes(told); frame += 1) {
      if (frame > 300) throw Error(`${told} is not told`);
      await new Promise(requestAnimationFrame);
    }
    seen.push([
      caption.querySelector(".result").textContent,
      [...caption.querySelectorAll("[data-term]")].map((term) => term.textContent),
      stage.litOn("input"),
    ]);
  }
  return seen;
}
"""


@pytest.mark.parametrize(
    ("kernel", "how"), [each[:2] for each in SETTINGS], ids=[each[0] for each in SETTINGS]
)
def test_every_output_of_the_other_story_is_a_convolution_with_zeros_between_the_cells(
    page: Page, base_url: str, kernel: str, how: dict[str, int]
) -> None:
    show(page, base_url, story="stuffed", kernel=kernel, side=4, **how)
    stride, apart, cut = how["step_by"], how["apart"], how["cut"]
    x = reduce(to_grey(picture("cat")), longest=4).astype(float)
    between = np.zeros([(size - 1) * stride + 1 for size in x.shape])
    between[::stride, ::stride] = x
    weight = KERNELS[kernel]
    assert np.array_equal(values(page, "input")[0], between)
    assert np.array_equal(values(page, "kernel")[0, 0], np.float32(weight[::-1, ::-1]))
    # SciPy turns the kernel itself; what the padding cuts and output_padding adds is on the outside.
    spread = np.zeros((2 * apart + 1,) * 2)
    spread[::apart, ::apart] = weight
    reached = np.pad(convolve2d(between, spread), (0, how["added"]))
    expected = reached[cut : len(reached) - cut, cut : len(reached[0]) - cut]
    assert values(page, "output")[0] == pytest.approx(expected, abs=1e-3)
    cells = list(np.ndindex(expected.shape))
    told = page.evaluate(_STEP_BY_STEP, ["transposed", [list(cell) for cell in cells]])
    for cell, (result, terms, lit) in zip(cells, told, strict=True):
        assert number(result) == pytest.approx(expected[cell], abs=0.051), cell
        # Each product is a cell of the grid, or of the padding around it, times a weight turned round.
        places = [
            tuple(cell[axis] + cut - 2 * apart + at * apart for axis, at in enumerate(tap)) for tap in TAPS
        ]
        inside = [
            all(0 <= at < size for at, size in zip(place, between.shape, strict=True)) for place in places
        ]
        read = [between[place] if within else 0 for place, within in zip(places, inside, strict=True)]
        products = [[number(factor) for factor in term.split("·")] for term in terms]
        assert [cell_ for cell_, _ in products] == pytest.approx(read, abs=0.051), cell
        assert [tap for _, tap in products] == pytest.approx(weight[::-1, ::-1].ravel(), abs=1e-3), cell
        assert {tuple(each[1:]) for each in lit} == set(places), cell
    no_traceback(page)


def test_a_link_restores_story_place_and_numbers(
    page: Page, base_url: str, new_page: Callable[..., Page]
) -> None:
    show(page, base_url, kernel="sobel_x", step_by=3, added=1)
    page.locator(f"{STAGE} canvas").focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("() => location.search.includes('cell=0~3_1_1')")
    other = new_page()
    other.goto(page.url)
    settled(other)
    other.locator(f"{STAGE} .stage[data-step='6']").wait_for()
    assert np.array_equal(values(other, "output"), values(page, "output"))
    told = other.locator(f"{STAGE} .sentence").inner_text()
    assert told == page.locator(f"{STAGE} .sentence").inner_text()


def test_a_kernel_typed_on_the_stage_scatters_at_once(page: Page, base_url: str) -> None:
    show(page, base_url, kernel="sobel_x", side=4)
    point(page, "kernel", 0, 0, 1, 1, click=True)
    page.locator(f"{STAGE} .cell-editor").fill("10")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('kernel=custom')")
    settled(page)
    weight = KERNELS["sobel_x"].copy()
    weight[1, 1] = 10
    expected = scattered(values(page, "input")[0], weight, SETTINGS[0][1])
    assert np.abs(values(page, "output")[0] - expected).max() < 1e-3


def test_a_cell_picked_beside_comes_onto_the_stage(page: Page, base_url: str) -> None:
    show(page, base_url, story="stuffed", side=5)
    point(page, "overlaps", 3, 4, key="transposed_beside", click=True)
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text("Output[3, 4]")


def test_too_much_output_padding_is_told_and_the_stage_stays(page: Page, base_url: str) -> None:
    show(page, base_url)
    before = values(page, "output")
    page.locator(".st-key-transposed-added input, .st-key-transposed-added [role=slider]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    told = (
        "Axis 0 (height): an output padding of 2 is neither below the stride of 2 "
        "nor below the dilation of 1."
    )
    expect(page.get_by_text(told)).to_be_visible()
    settled(page)
    # The first press is legal; whether Python heard of it before the second is a matter of time.
    assert (
        np.array_equal(values(page, "output"), before)
        or values(page, "output").shape[1] == before.shape[1] + 1
    )
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text(told)).to_have_count(0)
    settled(page)
    assert values(page, "output").shape[1] == before.shape[1] + 1
    no_traceback(page)


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("en-US", "light", (1280, 720)), ("zh-CN", "dark", (360, 740))],
)
@pytest.mark.parametrize("story", ["scatter", "stuffed"])
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, story: str, locale: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, story=story)
    fits(page, STAGE, viewport)
    screens(page, f"transposed-{story}-{locale}-{viewport[0]}")
