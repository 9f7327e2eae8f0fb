"""The Fourier transform in a real browser: spectra, products, what goes around, links, measuring."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy.linalg import dft
from scipy.signal import correlate2d

from conv_view.text import words
from tests.browser.house import Frames, count_frames, fits, no_traceback, open_page, settled

STAGE, BESIDE = ".st-key-stage_fft", ".st-key-stage_fft_beside"
SETTINGS = [
    ("none", {"kernel": "box", "box_size": 3, "side": 8}, (1, 2)),
    ("linear", {"kernel": "sobel_x", "side": 13}, (-3, 5)),
    ("tiles", {"kernel": "gaussian", "side": 16, "tile": 9, "which": "1_1"}, (4, 0)),
]
#: What the player adds up at every step: its terms, and what stands in the cell of the result.
_SUMS = """
([key, which]) => {
  const { scene } = convscope.stages.get(key);
  const act = scene.acts[which];
  const unravel = (flat, shape) => shape.reduceRight(([rest, at], size) => [
    Math.floor(rest / size), [rest % size, ...at]], [flat, []])[1];
  const cell = (name, step, term) => {
    const { origin, step: by, term: on } = act.relations.get(name);
    return origin.map((start, axis) => start + by[axis].reduce((sum, stride, i) => sum + stride * step[i], 0)
      + on[axis].reduce((sum, stride, i) => sum + stride * term[i], 0));
  };
  const value = (name, at) => {
    const panel = scene.byName.get(name);
    const own = at.map((place, axis) => place >= 0 && place < panel.shape[axis] ? place
      : panel.sources?.[axis]?.[place + panel.margin[axis][0]] ?? -1);
    if (own.some((place) => place < 0)) return 0;
    return panel.values[own.reduce((sum, place, i) => sum + place * panel.strides[i], 0)];
  };
  const found = [];
  for (let i = 0; i < act.steps; i += 1) {
    const step = unravel(i, act.shape);
    let sum = 0;
    for (let j = 0; j < act.termCount; j += 1) {
      const term = unravel(j, act.terms);
      const { factors } = act.arithmetic;
      sum += factors.reduce((product, name) => product * value(name, cell(name, step, term)), 1);
    }
    const { result } = act.arithmetic;
    found.push([step, sum, value(result, cell(result, step, act.terms.map(() => 0)))]);
  }
  return found;
}
"""


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "fft", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    page.locator(f"{BESIDE} .stage[data-step]").wait_for()
    return page


def stage(page: Page, code: str, key: str = "fft") -> object:
    return page.evaluate(f"() => {{ const stage = convscope.stages.get('{key}'); return {code}; }}")


def values(page: Page, panel: str, key: str = "fft") -> np.ndarray:
    shape = stage(page, f"stage.scene.byName.get('{panel}').shape", key)
    return np.array(stage(page, f"[...stage.scene.byName.get('{panel}').values]", key), float).reshape(shape)


def point(page: Page, panel: str, *cell: int, key: str = "fft", click: bool = False) -> None:
    at = stage(page, f"stage.where('{panel}', {list(cell)})", key)
    page.mouse.move(at["x"], at["y"])
    if click:
        page.mouse.click(at["x"], at["y"])


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("(", "").replace(")", ""))


def sums(page: Page, act: int = 0) -> dict[tuple[int, ...], tuple[float, float]]:
    return {tuple(step): (made, shown) for step, made, shown in page.evaluate(_SUMS, ["fft", act])}


def follow(page: Page, name: str) -> None:
    page.get_by_role("radio", name=words("en")[f"fft.follows.{name}"]).click()
    page.wait_for_function(f"() => convscope.stages.get('fft').scene.acts[0].name === '{name}'")
    settled(page)


@pytest.mark.parametrize(("room", "query", "frequency"), SETTINGS, ids=[room for room, _, _ in SETTINGS])
def test_the_numbers_on_the_page_are_those_of_the_transform(
    page: Page, base_url: str, room: str, query: dict[str, object], frequency: tuple[int, int]
) -> None:
    show(page, base_url, room=room, **query)
    own, weight = values(page, "input")[0], values(page, "kernel")[0, 0]
    span = len(weight)
    size = {"none": 8, "linear": 13 + span - 1, "tiles": 9}[room]
    # The transform as a matrix, of zeros up to its length.
    there = dft(size)
    x, w = (
        there[:, : len(cells)] @ cells @ there[:, : len(cells[0])].T for cells in (own, weight.astype(float))
    )
    product = x * w.conj()
    scale = np.abs(product).max()
    first = (size - 1) // 2
    for part, expected in enumerate((product.real, product.imag)):
        for (row, col, _), (made, shown) in sums(page, part).items():
            assert made == pytest.approx(expected[row - first, col], abs=1e-5 * scale)
            assert shown == pytest.approx(expected[row - first, col], abs=1e-5 * scale)
    # A number of the product that is pointed at shows the step that makes it, with its own two products.
    down, across = frequency
    for part in (0, 1):
        point(page, ("y", "yi")[part], down + first, across)
        expect(page.locator(f"{STAGE} .sentence")).to_contain_text(
            f"{down} turns down, {across} across; {('real', 'imaginary')[part]} part."
        )
        read, against = x[down, across], w[down, across].conj()  # as the stage calls it
        pairs = [(read.real, against.real), (-read.imag, against.imag)]
        if part:
            pairs = [(read.imag, against.real), (read.real, against.imag)]
        terms = [
            [number(factor) for factor in text.split("·")]
            for text in page.locator(f"{STAGE} .sum [data-term]").all_inner_texts()
        ]
        assert np.array(terms) == pytest.approx(np.array(pairs), abs=0.06)
        told = number(page.locator(f"{STAGE} .sum .result").inner_text())
        assert told == pytest.approx(sum(a * b for a, b in pairs), abs=0.06 + 1e-6 * scale)
    follow(page, "cells")
    circle = np.zeros((size, size))
    circle[: len(own), : len(own[0])] = own
    before = span - 1 if room == "linear" else 0
    unrolled = np.pad(circle, ((before, span - 1 - before),) * 2, mode="wrap")
    result = correlate2d(unrolled, weight, mode="valid")
    for (row, col, _), (made, shown) in sums(page).items():
        assert made == pytest.approx(result[row, col], abs=1e-2)
        assert shown == pytest.approx(result[row, col], abs=1e-2)
    if room == "linear":
        assert values(page, "result") == pytest.approx(correlate2d(own, weight, mode="full"), abs=1e-2)
    else:
        whole = values(page, "whole", "fft_beside") if room == "tiles" else own
        assert values(page, "output") == pytest.approx(correlate2d(whole, weight, mode="valid"), abs=1e-2)
        crossed = np.array(stage(page, "[...stage.scene.byName.get('result').crossed]")).reshape(size, size)
        assert not crossed[: size - span + 1, : size - span + 1].any()
        assert crossed.sum() == size**2 - (size - span + 1) ** 2
    no_traceback(page)


def test_a_cell_beyond_the_end_says_where_it_comes_from(page: Page, base_url: str) -> None:
    show(page, base_url, follow="cells", kernel="box", box_size=3, side=8)
    x = values(page, "input")[0]
    point(page, "input", 0, 9, 4)
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text("a copy of Picture[1, 4]")
    point(page, "result", 7, 7)
    reads = {tuple(cell) for _, *cell in stage(page, "stage.litOn('input')")}
    assert reads == {(row, col) for row in (7, 8, 9) for col in (7, 8, 9)}
    told = number(page.locator(f"{STAGE} .sum .result").inner_text())
    assert told == pytest.approx(np.roll(x, (1, 1), (0, 1))[:3, :3].mean(), abs=0.06)


def test_a_link_restores_what_is_followed_and_nothing_travels_while_playing(
    page: Page, base_url: str, new_page: Callable[..., Page]
) -> None:
    frames: Frames = count_frames(page)
    show(page, base_url, side=8, kernel="sobel_y", room="linear")
    page.locator(f"{STAGE} canvas").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("() => location.search.includes('at=0_4_4_0')")
    settled(page)
    other = new_page()
    other.goto(page.url)
    settled(other)
    other.locator(f"{STAGE} .stage[data-step]").wait_for()
    told = page.locator(f"{STAGE} .sentence").inner_text()
    expect(other.locator(f"{STAGE} .sentence")).to_have_text(told)
    assert np.array_equal(values(other, "result"), values(page, "result"))
    # The wave beside is that of the frequency at hand.
    assert np.array_equal(values(other, "wave", "fft_beside"), values(page, "wave", "fft_beside"))
    frames.reset()
    step = page.locator(f"{STAGE} .stage").get_attribute("data-step")
    page.keyboard.press(" ")
    page.wait_for_function(
        "(from) => convscope.stages.get('fft').step >= Number(from) + 3", arg=step, timeout=10_000
    )
    assert (frames.sent, frames.received) == (0, 0)


def test_a_tile_without_room_is_told_and_a_kernel_is_typed_in_place(page: Page, base_url: str) -> None:
    show(page, base_url, room="tiles", tile=8, kernel="gaussian", side=16, follow="cells")
    page.get_by_role("slider", name="Tile length").focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("a transform of 4 cells has no room for a kernel that spans 5")).to_be_visible()
    settled(page)
    # What the stage keeps is one of the tiles on the way.
    length = len(values(page, "result"))
    assert 5 <= length <= 8
    assert values(page, "result")[0, 0] == pytest.approx(
        (values(page, "input")[0][:5, :5] * values(page, "kernel")[0, 0]).sum(), abs=1e-2
    )
    page.get_by_role("slider", name="Tile length").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("() => convscope.stages.get('fft').scene.byName.get('result').shape[0] === 7")
    settled(page)
    point(page, "kernel", 0, 0, 2, 2, click=True)
    page.locator(f"{STAGE} .cell-editor").fill("3")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('kernel=custom')")
    settled(page)
    own, weight = values(page, "input")[0], values(page, "kernel")[0, 0]
    assert weight[2, 2] == 3
    expected = correlate2d(own, weight, mode="valid")
    assert values(page, "result")[:3, :3] == pytest.approx(expected, abs=1e-2)
    # A tile picked beside comes onto the stage.
    point(page, "made", 4, 8, key="fft_beside", click=True)
    page.wait_for_function("() => location.search.includes('which=1_2')")
    settled(page)
    whole = values(page, "whole", "fft_beside")
    assert np.array_equal(values(page, "input")[0], whole[3:10, 6:13])


def test_measuring_shows_its_progress_and_can_be_stopped(page: Page, base_url: str) -> None:
    show(page, base_url, side=8, channels=4)
    page.get_by_text(words("en")["fft.small.tab"], exact=True).click()
    page.get_by_role("button", name=words("en")["fft.small.measure"]).click()
    stop = page.get_by_role("button", name=words("en")["measuring.stop"])
    stop.wait_for()
    page.get_by_text("Measuring:").wait_for()
    stop.click()
    expect(page.get_by_text(words("en")["fft.small.stopped"])).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name=words("en")["fft.small.measure"])).to_be_visible()
    no_traceback(page)


@pytest.mark.parametrize(
    ("viewport", "locale", "color_scheme"),
    [((1440, 900), "en-US", "light"), ((1280, 720), "zh-CN", "dark"), ((360, 740), "en-US", "dark")],
)
def test_the_stage_is_seen_whole(page: Page, base_url: str, viewport: tuple[int, int]) -> None:
    show(page, base_url, room="tiles" if viewport[0] == 1280 else "none")
    fits(page, STAGE, viewport)
