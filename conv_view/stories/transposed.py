"""Transposed convolution as a scene: every input cell is scattered through the kernel into the output."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from conv_core import TransposeTrace
from conv_view.scene import Act, Arithmetic, Layout, Panel, Quantised, Relation, Scale, Scene, View
from conv_view.stories.convolution import convolution, diagonal, picture_scale, view_of
from conv_view.text import Words


def scattering(
    trace: TransposeTrace, words: Words, *, paint: bool = False, edit_kernel: bool = True
) -> Scene:
    """Return the scene of a traced transposed convolution: the output grows step by step."""
    x, weight, output = trace.x[0], trace.weight, trace.output[0]
    rank = x.ndim - 1
    panels = [
        Panel(
            "input", words["stage.input"], "window", x, view_of(x.ndim), picture_scale(x),
            edit="paint" if paint else None,
        ),
        Panel(
            "kernel", words["stage.kernel"], "kernel", weight, view_of(weight.ndim, strip=True),
            Scale.diverging(weight), edit="type" if edit_kernel else None,
        ),
        Panel("products", words["stage.products"], "plain", ("input", "kernel"), view_of(x.ndim, strip=True)),
        Panel(
            "output", words["stage.output"], "output", output, view_of(output.ndim), _scale(output),
            margin=((0, 0), *cut(trace)), fill=math.nan,
        ),
    ]  # fmt: skip
    if trace.bias is not None:
        bias = trace.bias[:, None]
        panels.append(Panel("bias", words["stage.bias"], "kernel", bias, View(0, 1), Scale.diverging(bias)))
    return Scene(tuple(panels), (act(trace),), _layout(rank), words.language, words["stage.transposed"])


def stuffed(trace: TransposeTrace, words: Words) -> Scene:
    """Return the other story: an ordinary convolution over the input with zeros between its cells."""
    scene = convolution(trace.stuffed, words, edit_kernel=False)
    titles = {"input": words["stage.stuffed"], "kernel": words["stage.turned"]}
    panels = tuple(replace(panel, title=titles.get(panel.name, panel.title)) for panel in scene.panels)
    return replace(scene, panels=panels)


def cut(trace: TransposeTrace) -> tuple[tuple[int, int], ...]:
    """Return how many cells that the kernels reach are cut off before and after each axis.

    >>> from conv_core import conv_transpose_trace
    >>> ones = np.ones((1, 1, 3))
    >>> cut(conv_transpose_trace(ones, ones, stride=2, padding=1, output_padding=1))
    ((1, 0),)
    """
    return tuple(
        (before, max(0, reached - before - size))
        for (before, _), reached, size in zip(trace.pads, trace.covered, trace.shape[2:], strict=True)
    )


def act(trace: TransposeTrace) -> Act:
    """Return the timeline: (groups, channels of a group, *input) steps over (O / groups, *kernel) terms."""
    channels, *positions = trace.x.shape[1:]
    made, *kernel = trace.weight.shape[1:]
    rank, own = len(kernel), channels // trace.groups
    still = (0,) * (rank + 1)
    lead = (0, 0)
    relations = [
        Relation(
            "input",
            still,
            ((own, 1, *still[1:]), *diagonal((1,) * rank, 2)),
            (still,) * (rank + 1),
        ),
        Relation(
            "kernel",
            (0, *still),
            ((own, 1, *still[1:]), *(((*lead, *still[1:]),) * (rank + 1))),
            (still, *diagonal((1,) * (rank + 1), 0)),
        ),
        Relation(
            "output",
            (0, *(-before for before, _ in trace.pads)),
            ((made, 0, *still[1:]), *diagonal(trace.window.stride, 2)),
            ((1, *still[1:]), *diagonal(trace.window.dilation, 1)),
        ),
    ]
    bias = "bias" if trace.bias is not None else None
    return Act(
        (trace.groups, own, *positions),
        (made, *kernel),
        tuple(relations),
        Arithmetic(("input", "kernel"), "output", bias),
        "scattering",
    )


def beside(trace: TransposeTrace, whole: TransposeTrace, words: Words) -> Scene:
    """Return by how many input cells each output cell is reached, above the same on a whole picture."""
    counts, large = trace.overlaps.astype(np.int32), whole.output[0]
    panels = (
        Panel(
            "overlaps", words["stage.overlaps"], "plain", counts, View(0, 1),
            Scale.counts(counts),
        ),
        Panel("result", words["stage.result"], "output", Quantised.of(large), View(1, 2), _scale(large)),
    )  # fmt: skip
    each = Act(
        counts.shape,
        (),
        (Relation("overlaps", (0, 0), ((1, 0), (0, 1)), ((), ())),),
        Arithmetic((), "overlaps"),
    )
    layout: Layout = {
        "wide": {"column": ["overlaps", "result"]},
        "narrow": {"column": ["overlaps", "result"]},
    }
    options = {"pick": True, "hint": words["stage.pick_overlap"]}
    return Scene(panels, (each,), layout, words.language, words["stage.overlaps"], options)


def _scale(values: np.ndarray) -> Scale:
    """Return grey up to the largest value: overlaps decide how bright a result is, not the picture."""
    return Scale("grey", 0, float(values.max()) or 1.0) if values.min() >= 0 else Scale.diverging(values)


def _layout(rank: int) -> Layout:
    lenses = ["kernel", "products"]
    if rank == 1:
        return {"wide": {"column": ["input", {"row": lenses}, "output"]}}
    return {
        "wide": {
            "row": [
                {"panel": "input", "weight": 4},
                {"column": lenses, "weight": 3},
                {"panel": "output", "weight": 5},
            ]
        },
        "narrow": {"column": [{"row": ["input", "output"]}, {"row": lenses}]},
    }
