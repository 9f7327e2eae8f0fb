"""What each of four engines shows of one step: its panels, and the places in them that the step moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from conv_core.spectra import frequencies
from conv_view.four_ways import Ways
from conv_view.scene import Panel, Relation, Role, Scale, View, extremes
from conv_view.stories.convolution import picture_scale
from conv_view.text import Words

#: The panel with the result of each engine.
OUTPUTS = {"direct": "output", "im2col": "im2col_output", "winograd": "winograd_output", "fft": "fft_output"}
CELL = ((1, 0), (0, 1))  # step strides of a panel whose cells are the steps
STILL = ((0, 0), (0, 0))
Part = tuple[list[Panel], list[Relation], list[Relation]]


def sliding(ways: Ways, words: Words, paint: bool) -> Part:
    """The input, the kernel, their products and the sum."""
    trace = ways.trace
    x, weight = trace.x[0], trace.weight
    panels = [
        Panel(
            "input", words["lockstep.input_of_tiles" if ways.winograd else "lockstep.input"], "window", x,
            View(1, 2), _tones(x),
            margin=((0, 0), *trace.pads), sources=(None, *trace.sources), edit="paint" if paint else None,
            place=f"{words['lockstep.input']}[{{1}}, {{2}}]",
        ),
        Panel(
            "kernel", words["stage.kernel"], "kernel", weight, View(2, 3), Scale.diverging(weight),
            edit="type",
        ),
        Panel("products", words["stage.products"], "plain", ("input", "kernel"), View(0, 1)),
        _result(ways, "direct", words),
    ]  # fmt: skip
    (before_y, _), (before_x, _) = trace.pads
    (stride_y, stride_x), (apart_y, apart_x) = trace.window.stride, trace.window.dilation
    relations = [
        Relation(
            "input", (0, -before_y, -before_x),
            ((0, 0), (stride_y, 0), (0, stride_x)), ((0, 0), (apart_y, 0), (0, apart_x)),
        ),
        Relation("kernel", (0, 0, 0, 0), ((0, 0),) * 4, ((0, 0), (0, 0), *CELL)),
        Relation("output", (0, 0), CELL, STILL),
    ]  # fmt: skip
    return panels, relations, []


def gemm(ways: Ways, words: Words) -> Part:
    """The column matrix, the kernel beside its rows, the row of results below its columns."""
    x, columns, output = ways.trace.x[0], ways.im2col.columns[0, 0], ways.output("im2col")
    weights = ways.im2col.rows[0].T
    width, across = ways.trace.window.kernel[1], ways.trace.shape[3]
    panels = [
        Panel(
            "weights", words["lockstep.weights"], "kernel", weights, View(0, 1), Scale.diverging(weights),
            stretch=True,
        ),
        Panel(
            "column", words["lockstep.column"], "copy", columns[:, None], View(0, 1), _tones(x), stretch=True
        ),
        Panel(
            "columns", words["lockstep.columns"], "copy", columns, View(0, 1), _tones(x),
            stretch=True,
        ),
        Panel(
            "row", words["lockstep.row"], "output", output.reshape(1, -1), View(0, 1), _scale(ways),
            stretch=True, same="output",
        ),
        _result(ways, "im2col", words),
    ]  # fmt: skip
    relations = [
        Relation("weights", (0, 0), STILL, ((width, 1), (0, 0))),
        Relation("column", (0, 0, 0), (*STILL, (across, 1)), ((width, 1), *STILL)),
        Relation("columns", (0, 0), ((0, 0), (across, 1)), ((width, 1), (0, 0))),
        Relation("row", (0, 0), ((0, 0), (across, 1)), STILL),
        Relation("im2col_output", (0, 0), CELL, STILL),
    ]
    return panels, relations, []


def tiles(ways: Ways, words: Words) -> Part:
    """The tile of the step's cell: outlined on the input, transformed, multiplied, transformed back."""
    stages, trace = ways.winograd, ways.trace
    if stages is None:
        return [], [], []
    m, n = stages.m, stages.input_tiles.shape[-2:]
    data, kernels = stages.data_tiles[0, 0], stages.kernel_tiles[0, 0]
    products = stages.products[0, 0]
    scale = Scale.diverging
    panels = [
        Panel(
            "winograd_data", words["lockstep.data"], "copy", data, View(2, 3), scale(data), note=_by(n),
            stretch=True, place=f"V {words['lockstep.of_tile']}",
        ),
        Panel(
            "winograd_kernel", words["lockstep.kernel_tile"], "kernel", kernels, View(0, 1), scale(kernels),
            stretch=True, place="U ({0}, {1})",
        ),
        Panel(
            "winograd_products", words["lockstep.products"], "plain", products, View(2, 3), scale(products),
            note=_by(n), stretch=True, place=f"M {words['lockstep.of_tile']}",
        ),
        _result(ways, "winograd", words),
    ]  # fmt: skip
    floors = tuple((axis, size) for axis, size in enumerate(m))
    of_tile = ((0, 0, 1, 0), (0, 0, 0, 1))
    from_tile = ((0, 0, m[0], 0), (0, 0, 0, m[1]))
    still: Any = ((0, 0, 0, 0),)
    starts = (0, *(-before for before, _ in trace.pads))
    each = {"floors": floors, "over": n}
    within = (*STILL, *CELL)
    relations = [
        Relation("winograd_data", (0, 0, 0, 0), (*of_tile, *still, *still), within, **each),
        Relation("winograd_kernel", (0, 0), STILL, CELL, over=n),
        Relation("winograd_products", (0, 0, 0, 0), (*of_tile, *still, *still), within, **each),
        Relation("winograd_output", (0, 0), CELL, STILL),
    ]
    frames = [
        Relation("input", starts, (*still, *from_tile), ((0, 0), *CELL), **each),
        Relation("winograd_output", (0, 0), from_tile, CELL, floors=floors, over=m),
    ]
    return panels, relations, frames


def spectra(ways: Ways, words: Words) -> Part:
    """The whole input and the kernel as spectra, their product, and all results at once.

    Of each spectrum stands there what is computed: of real numbers the other half mirrors it.
    """
    stages, trace = ways.fft, ways.trace
    pictured = _strengths(stages.input_spectra[0, 0, 0, 0])
    kernels = _strengths(stages.kernel_spectra[0, 0])
    products = _strengths(stages.products[0, 0, 0, 0])
    panels = [
        _waves("fft_data", words, "spectrum", "copy", pictured),
        _waves("fft_kernel", words, "kernel_spectrum", "kernel", kernels),
        _waves("fft_products", words, "frequencies", "plain", products),
        _result(ways, "fft", words),
    ]
    everything = [
        Relation(name, (0, 0), STILL, CELL, over=products.shape)
        for name in ("fft_data", "fft_kernel", "fft_products")
    ]
    relations = [
        *everything,
        Relation("fft_output", (0, 0), CELL, STILL),
    ]
    return panels, relations, [Relation("fft_output", (0, 0), STILL, CELL, over=trace.shape[2:])]


def _result(ways: Ways, engine: str, words: Words) -> Panel:
    """The same place for the result of each engine: its own numbers, all pointed at as one."""
    return Panel(
        OUTPUTS[engine], words[f"lockstep.outputs.{engine}"], "output", ways.output(engine), View(0, 1),
        _scale(ways), same="" if engine == "direct" else "output",
    )  # fmt: skip


def _waves(name: str, words: Words, title: str, role: Role, strengths: np.ndarray) -> Panel:
    """How strong each wave is, by its frequency: the constant in the middle of the first column."""
    down, across = frequencies(strengths.shape[0]), range(strengths.shape[1])
    turns = {axis: [str(turn).replace("-", "−") for turn in each] for axis, each in ((0, down), (1, across))}
    shown = words[f"lockstep.{title}"]
    return Panel(
        name, shown, role, strengths, View(0, 1), _strong(strengths), stretch=True, labels=turns,
        place=f"{shown} {words['lockstep.at_frequency']}",
    )  # fmt: skip


def _tones(values: np.ndarray) -> Scale:
    """From the darkest to the brightest cell: a few pixels of a picture are of much the same grey."""
    low, high = extremes(values)
    return Scale("grey", low, high) if low < high else picture_scale(values)


def _scale(ways: Ways) -> Scale:
    return picture_scale(ways.output("direct"))


def _strengths(half: np.ndarray) -> np.ndarray:
    """How strong each wave is, the slow ones down the column in the middle."""
    return np.abs(half[frequencies(half.shape[0])]).astype(np.float32)


def _strong(strengths: np.ndarray) -> Scale:
    """A scale up to the strongest wave: a picture's constant, far stronger, would leave all else dark."""
    waves = strengths.copy()
    waves[(waves.shape[0] - 1) // 2, 0] = 0
    return Scale("grey", 0, extremes(waves)[1] or extremes(strengths)[1] or 1.0)


def _by(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))
