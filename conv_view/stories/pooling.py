"""Pooling as a scene: a window and the one number that sums it up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conv_core import PoolTrace
from conv_view.pooled import unread
from conv_view.scene import Act, Arithmetic, Layout, Panel, Relation, Scale, Scene, View
from conv_view.stories.convolution import picture_scale
from conv_view.text import Words

REDUCE = {"max": "max", "avg": "mean", "lp": "lp"}
_LENS, _VIEW = View(0, 1), View(1, 2, 0)


def pooling(trace: PoolTrace, words: Words, *, colours: bool = False, paint: bool = False) -> Scene:
    """Return the scene of a traced 2D pooling (the first picture of the batch), one step per output cell.

    `colours` tints three channels red, green and blue; `paint` makes the input editable. Where windows are
    divided by different numbers these are shown, too.
    """
    x, output = trace.x[0], trace.output[0]
    divided = trace.kind == "avg" and len(np.unique(trace.divisors)) > 1
    panels = [
        Panel(
            "input", words["stage.input"], "window", x, _VIEW, _scale(x, colours),
            margin=edges(trace), fill=-np.inf if trace.kind == "max" else 0.0,
            edit="paint" if paint else None, unread=((), *unread(trace)),
        ),
        Panel("patch", words["stage.patch"], "window", ("input",), _LENS),
        Panel("output", words["stage.output"], "output", output, _VIEW, _scale(output, colours)),
    ]  # fmt: skip
    if trace.kind == "avg":
        divisors = trace.divisors
        panels.append(
            Panel(
                "divisor", words["pooling.divisors"], "plain", divisors, _LENS,
                Scale.counts(divisors),
            )
        )  # fmt: skip
    middle = ["patch", "divisor"] if divided else ["patch"]
    return Scene(
        tuple(panels),
        (_act(trace),),
        _layout(middle),
        words.language,
        words["pooling.story"],
    )


def _act(trace: PoolTrace) -> Act:
    """Return the timeline: (channels, *out) steps over (*kernel) terms."""
    relations = [
        Relation("input", *reach(trace)),
        Relation("output", (0, 0, 0), straight(3), ((0, 0),) * 3),
    ]
    average = trace.kind == "avg"
    if average:
        relations.append(Relation("divisor", (0, 0), ((0, 1, 0), (0, 0, 1)), ((0, 0),) * 2))
    return Act(
        (trace.shape[1], *trace.shape[2:]),
        trace.window.kernel,
        tuple(relations),
        Arithmetic(
            ("input",),
            "output",
            reduce=REDUCE[trace.kind],  # type: ignore[arg-type]
            divisor="divisor" if average else None,
            power=trace.p if trace.kind == "lp" else None,
        ),
        "pooling",
    )


def reach(
    trace: PoolTrace,
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """Return origin, step strides and term strides of what a window reads."""
    (top, _), (left, _) = trace.pads
    (down, across), (apart, beside) = trace.window.stride, trace.window.dilation
    return (
        (0, -top, -left),
        ((1, 0, 0), (0, down, 0), (0, 0, across)),
        ((0, 0), (apart, 0), (0, beside)),
    )


def straight(rank: int) -> tuple[tuple[int, ...], ...]:
    """Return the step strides of a relation that goes from an index to the cell of the same name."""
    return tuple(tuple(int(row == column) for column in range(rank)) for row in range(rank))


def edges(trace: PoolTrace) -> tuple[tuple[int, int], ...]:
    """Return the padding with the overhang of ceil mode, channels first."""
    return ((0, 0), *trace.window.edges(trace.x.shape[2:]))


def _scale(values: NDArray[np.float32], colours: bool = False) -> Scale:
    scale = picture_scale(values)
    if colours and scale.kind == "grey":
        return Scale("channels", 0, max(255.0, scale.high))
    return scale


def _layout(middle: list[str]) -> Layout:
    return {
        "wide": {
            "row": [
                {"panel": "input", "weight": 5},
                {"column": [*middle], "weight": 3},
                {"panel": "output", "weight": 5},
            ]
        },
        "narrow": {
            "column": [
                {"row": ["input", "output"], "weight": 5},
                {"row": [*middle], "weight": 3},
            ]
        },
    }
