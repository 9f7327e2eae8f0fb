"""Four engines in lockstep: what each step lights, against indices computed here, and its numbers."""

import numpy as np
import pytest
from scipy.signal import correlate2d

from conv_view import one_number
from conv_view.four_ways import four_ways
from conv_view.scene import Scene
from conv_view.stories.lockstep import OUTPUTS, lockstep
from conv_view.text import words

SETTINGS = {
    "usual": {"size": (6, 6), "kernel": (3, 3), "m": 2},
    "padded": {"size": (7, 6), "kernel": (3, 3), "m": 2, "padding": 1},
    "larger tile": {"size": (8, 9), "kernel": (3, 3), "m": 4, "padding": ((1, 0), (2, 1))},
    "five": {"size": (9, 8), "kernel": (5, 3), "m": 2, "padding": 2, "padding_mode": "reflect"},
    "strided": {"size": (9, 9), "kernel": (3, 3), "m": 2, "stride": (2, 1), "padding": 1},
    "dilated": {"size": (9, 8), "kernel": (3, 2), "m": 2, "dilation": 2},
}


def ways_of(size, kernel, m, **arguments):
    generator = np.random.default_rng(5)
    x = generator.integers(0, 256, (1, 1, *size)).astype(np.float32)
    weight = generator.normal(size=(1, 1, *kernel)).astype(np.float32)
    return four_ways(x, weight, m=m, **arguments)


def scene_of(ways, language="en"):
    named = dict.fromkeys(OUTPUTS, "…")
    refused = "" if ways.winograd else "no"
    return lockstep(ways, words(language), headings=named, told=named, refused=refused)


def cells(scene: Scene, panel: str, index: tuple[int, ...]) -> set[tuple[int, ...]]:
    (act,) = scene.acts
    relation = act.relation(panel)
    return {relation.cell(index, term) for term in np.ndindex(*(relation.over or act.terms))}


def box(starts, sizes, steps=(1, 1)):
    (top, left), (rows, cols), (down, right) = starts, sizes, steps
    return {(top + down * i, left + right * j) for i, j in np.ndindex(rows, cols)}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_step_lights_its_patch_column_and_tile(name):
    ways = ways_of(**SETTINGS[name])
    scene, trace = scene_of(ways), ways.trace
    (act,) = scene.acts
    height, width = trace.shape[2:]
    kernel, stride, dilation = trace.window.kernel, trace.window.stride, trace.window.dilation
    before = [pair[0] for pair in trace.pads]
    assert act.shape == (height, width)
    n = trace.padded.shape[2:]
    for step in range(len(act)):
        row, col = divmod(step, width)
        index = act.index(step)
        start = row * stride[0] - before[0], col * stride[1] - before[1]
        assert cells(scene, "input", index) == {(0, *cell) for cell in box(start, kernel, dilation)}
        assert cells(scene, "columns", index) == box((0, step), (kernel[0] * kernel[1], 1))
        assert cells(scene, "column", index) == {(k, 0, step) for k in range(kernel[0] * kernel[1])}
        assert cells(scene, "row", index) == {(0, step)}
        for engine in ways.engines:
            assert cells(scene, OUTPUTS[engine], index) == {(row, col)}
        for panel in ("fft_data", "fft_kernel", "fft_products"):
            assert cells(scene, panel, index) == box((0, 0), (n[0], n[1] // 2 + 1))
        if ways.winograd is None:
            continue
        m = SETTINGS[name]["m"]
        tile = row // m, col // m
        side = tuple(m + taps - 1 for taps in kernel)
        corner = tile[0] * m - before[0], tile[1] * m - before[1]
        for panel in ("winograd_data", "winograd_products"):
            assert cells(scene, panel, index) == {(*tile, *cell) for cell in box((0, 0), side)}
        framed = {
            frame.panel: {frame.cell(index, term) for term in np.ndindex(*frame.over)} for frame in act.frames
        }
        assert framed["input"] == {(0, *cell) for cell in box(corner, side)}
        made = framed["winograd_output"]
        assert made == box((tile[0] * m, tile[1] * m), (m, m))
        assert (row, col) in made


@pytest.mark.parametrize("name", SETTINGS)
def test_the_terms_of_a_step_are_those_of_the_sliding_window_in_both_orders(name):
    ways = ways_of(**SETTINGS[name])
    scene, trace = scene_of(ways), ways.trace
    (act,) = scene.acts
    columns, weights = scene.panel("columns").values, scene.panel("weights").values
    for index in np.ndindex(*act.shape):
        step = trace[int(np.ravel_multi_index(index, act.shape))]
        for term in np.ndindex(*act.terms):
            assert columns[act.relation("columns").cell(index, term)] == step.patch[(0, *term)]
            assert weights[act.relation("weights").cell(index, term)] == step.weights[(0, *term)]


@pytest.mark.parametrize("name", SETTINGS)
def test_all_engines_give_what_scipy_gives(name):
    ways = ways_of(**SETTINGS[name])
    scene, trace = scene_of(ways), ways.trace
    dilation, stride = trace.window.dilation, trace.window.stride
    spread = np.zeros([d * (k - 1) + 1 for d, k in zip(dilation, trace.window.kernel, strict=True)])
    spread[:: dilation[0], :: dilation[1]] = trace.weight[0, 0]
    expected = correlate2d(trace.padded[0, 0].astype(float), spread, "valid")[:: stride[0], :: stride[1]]
    assert ways.engines == tuple(OUTPUTS) if ways.winograd else ("direct", "im2col", "fft")
    for engine in ways.engines:
        shown = scene.panel(OUTPUTS[engine]).values
        assert np.abs(shown - expected).max() <= 2e-6 * np.abs(expected).max()
        assert ways.apart[engine] == np.abs(shown.astype(float) - ways.output("direct").astype(float)).max()


def test_what_a_tile_shows_makes_its_outputs():
    ways = ways_of(**SETTINGS["larger tile"])
    scene = scene_of(ways)
    data, kernels = scene.panel("winograd_data").values, scene.panel("winograd_kernel").values
    products = scene.panel("winograd_products").values
    assert np.allclose(products, data * kernels, rtol=1e-5)
    (back, _, forth) = (np.array(each, float) for each in ways.winograd.matrices[0])
    padded = np.pad(ways.trace.padded[0, 0], ((0, 8), (0, 8)))
    assert np.allclose(data[0, 1], forth @ padded[0:6, 4:10] @ forth.T, rtol=1e-4, atol=1e-2)
    made = back @ products[0, 1].astype(float) @ back.T
    shown = ways.output("winograd")[0:4, 4:8]
    assert np.allclose(made[: shown.shape[0], : shown.shape[1]], shown, rtol=1e-4, atol=1e-2)


def test_the_spectra_are_those_of_numpy_as_far_as_they_are_no_mirror():
    ways = ways_of(**SETTINGS["padded"])
    scene, n = scene_of(ways), ways.trace.padded.shape[2:]
    first = [(n[0] - 1) // 2, 0]
    picture = np.abs(np.fft.rfft2(ways.trace.padded[0, 0].astype(float)))
    kernels = np.abs(np.fft.rfft2(ways.trace.weight[0, 0].astype(float), n))
    for panel, expected in (
        ("fft_data", picture),
        ("fft_kernel", kernels),
        ("fft_products", picture * kernels),
    ):
        turns = [[int(turn.replace("−", "-")) for turn in scene.panel(panel).labels[axis]] for axis in (0, 1)]
        assert [axis.index(0) for axis in turns] == first
        shown = np.empty_like(scene.panel(panel).values)
        shown[np.ix_(*turns)] = scene.panel(panel).values  # each wave at its frequency, as NumPy counts them
        assert np.allclose(shown, expected, rtol=1e-4, atol=1e-5 * expected.max())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_stride_leaves_winograd_out_and_says_so(language):
    ways = ways_of(**SETTINGS["strided"])
    scene = scene_of(ways, language)
    assert ways.refused.code == "method_window"
    assert not [panel.name for panel in scene.panels if panel.name.startswith("winograd")]
    assert [reading.panel for reading in scene.readings] == ["output", "im2col_output", "", "fft_output"]
    assert [column.get("note") for column in scene.layout["wide"]["row"]] == [None, None, "no", None]


@pytest.mark.parametrize("side", [6, 12])
def test_the_usual_scenes_are_small(side):
    ways = ways_of((side, side), (3, 3), 2)
    assert len(scene_of(ways).to_bytes()) < 48 * 1024


@pytest.mark.parametrize("name", SETTINGS)
def test_each_formula_ends_in_the_engines_own_number(name):
    ways = ways_of(**SETTINGS[name])
    place = tuple(size - 1 for size in ways.trace.shape[2:])
    told = {
        "direct": one_number.sliding(ways, place),
        "im2col": one_number.row_by_column(ways, place),
        "fft": one_number.from_waves(ways, place)[0],
    }
    if ways.winograd:
        told["winograd"] = one_number.entry(ways, place)[-1]
    for engine, formula in told.items():
        number = float(formula.rsplit(r"\mathbf{", 1)[1].split("}")[0])
        assert number == pytest.approx(float(ways.output(engine)[place]), rel=1e-7)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_shares_of_the_waves_add_up(name):
    ways = ways_of(**SETTINGS[name])
    formula, others = one_number.from_waves(ways, (0, 0))
    parts = formula.split(r"\underbrace{")[1:]
    total = sum(float(part.split("}")[0]) for part in parts)
    assert total == pytest.approx(float(ways.output("fft")[0, 0]), abs=0.03)
    n = int(np.prod(ways.fft.size))
    own = 2 ** sum(size % 2 == 0 for size in ways.fft.size)  # frequencies that are their own opposite
    assert others == (n - own) // 2 + own - 1 - one_number.WAVES
