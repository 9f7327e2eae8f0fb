"""A convolution and its way back as matrices: Y = W X, dW = dY X^T, dX = W^T dY, and the columns added back.

Each act is watched dot product by dot product. An index is named by one letter, as in im2col_acts: o a
filter, i and j a position of the output, c a channel, a and b a cell of the kernel.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import nan

import numpy as np

from conv_view.gemm_backward import Matrices
from conv_view.scene import Act, Arithmetic, Layout, Panel, Relation, Scale, Scene, View
from conv_view.stories.convolution import view_of
from conv_view.stories.im2col_acts import Axis, axes, related
from conv_view.text import Words

ACTS = ("forward", "weights", "columns", "fold")
LENGTHS = (3, 4, 5, 2)  # how many indices a step of each act has
SLOW = 2  # steps a second at first


def start(act: str) -> tuple[int, ...]:
    """Return the place at which an act begins: its number, then the step's index.

    >>> start("fold")
    (3, 0, 0)
    """
    number = ACTS.index(act)
    return (number, *[0] * LENGTHS[number])


def matrices(shown: Matrices, words: Words, *, paint: bool = False, coloured: bool = False) -> Scene:
    """Return the scene; `paint` makes the input editable, `coloured` tints three channels of pixels."""
    panels = [
        _pixels(shown, words, "input", shown.trace.x[0], paint=paint, coloured=coloured),
        _pixels(shown, words, "x_grad", shown.x_grad),
        _matrix(shown, words, "rows"),
        _matrix(shown, words, "row_grads"),
        _matrix(shown, words, "columns"),
        _matrix(shown, words, "column_grads"),
        _matrix(shown, words, "product"),
        _matrix(shown, words, "grads"),
    ]
    if shown.target is not None:
        panels.append(_matrix(shown, words, "target"))
    acts = tuple(_act(shown, words, name) for name in ACTS)
    options = {"pending": True, "speed": SLOW, "aspect": 0.46, "tall": 1.9}
    label = words["backward_matrices.stage.label"]
    return Scene(tuple(panels), acts, _layout(shown), words.language, label, options)


def _act(shown: Matrices, words: Words, name: str) -> Act:
    trace = shown.trace
    filters, channels, *kernel = trace.weight.shape
    out = trace.shape[2:]
    shapes: Mapping[str, tuple[tuple[int, ...], tuple[int, ...], str, str]] = {
        "forward": ((filters, *out), (channels, *kernel), "oij", "cab"),
        "weights": ((filters, channels, *kernel), tuple(out), "ocab", "ij"),
        "columns": ((*out, channels, *kernel), (filters,), "ijcab", "o"),
        "fold": (tuple(out), (channels, *kernel), "ij", "cab"),
    }
    factors, result, others = {
        "forward": (("rows", "columns"), "product", ("input",)),
        # What stands at the same place of W, of which the gradient is.
        "weights": (("columns", "grads"), "row_grads", ("input", "rows")),
        "columns": (("rows", "grads"), "column_grads", ("columns",)),
        "fold": (("column_grads",), "x_grad", ("input",)),
    }[name]
    shape, terms, steps, inner = shapes[name]
    moved = _axes(shown)
    relations = related(moved, steps, inner, *factors, result, *others)
    if name == "fold":  # the column of dY that the step's column was made of
        straight = ((0, 0), (moved["grads"][1][1]["i"], 1))
        relations += (Relation("grads", (0, 0), straight, ((1,), (0,)), over=(filters,)),)
    pointed = {
        panel: words[f"backward_matrices.pointed.{name}_{panel}"]
        for panel in (*factors, *([result] if name == "fold" else []))
    }
    return Act(
        shape, terms, relations, Arithmetic(factors, result), name,
        words[f"backward_matrices.told.{name}"],
        flight=("column_grads", "x_grad") if name == "fold" else None,
        pointed=pointed,
    )  # fmt: skip


def _axes(shown: Matrices) -> dict[str, tuple[Axis, ...]]:
    """Return, for every panel, how the indices of a timeline move its axes; a gradient moves as its array."""
    forward = axes(shown.unfolded)
    alike = {"row_grads": "rows", "column_grads": "columns", "grads": "product", "x_grad": "input"}
    return forward | {name: forward[other] for name, other in alike.items()}


_ROLES = {
    "columns": "copy", "column_grads": "gradient", "rows": "kernel", "row_grads": "gradient",
    "product": "output", "grads": "gradient", "target": "plain",
}  # fmt: skip


def _matrix(shown: Matrices, words: Words, name: str) -> Panel:
    values = (
        shown.target[0].reshape(shown.grads.shape)
        if name == "target" and shown.target is not None
        else getattr(shown, name)
    )
    down, across = shown.trace.shape[2:]
    _, channels, height, width = shown.trace.weight.shape
    hues = [f"{words[f'im2col.hues.{at}']} " for at in range(channels)] if channels > 1 else [""]
    terms = [f"{hue}{a},{b}" for hue in hues for a in range(height) for b in range(width)]
    positions = [f"{i},{j}" for i in range(down) for j in range(across)]
    filters = [str(number) for number in range(len(shown.rows))]
    labels = {
        "columns": {0: terms, 1: positions}, "column_grads": {0: terms, 1: positions},
        "rows": {0: filters, 1: terms}, "row_grads": {0: filters, 1: terms},
    }.get(name, {0: filters, 1: positions})  # fmt: skip
    is_pixels = name in ("columns", "product", "target")
    return Panel(
        name, words[f"backward_matrices.stage.{name}"], _ROLES[name], values, View(0, 1),  # type: ignore[arg-type]
        _scale(values) if is_pixels else Scale.diverging(values),
        labels=labels, stretch=True, edit="type" if name in ("rows", "grads") else None,
        place=words[f"backward_matrices.place.{name}"],
    )  # fmt: skip


def _pixels(
    shown: Matrices,
    words: Words,
    name: str,
    values: np.ndarray,
    *,
    paint: bool = False,
    coloured: bool = False,
) -> Panel:
    trace, is_grad = shown.trace, name == "x_grad"
    scale = Scale.diverging(values) if is_grad else _scale(values)
    return Panel(
        name, words[f"backward_matrices.stage.{name}"], "gradient" if is_grad else "window", values,
        view_of(3, strip=len(values) > 1), Scale("channels", 0, 255) if coloured else scale,
        margin=((0, 0), *trace.pads), sources=(None, *trace.sources), fill=nan if is_grad else 0.0,
        edit="paint" if paint else None,
        place=words[f"backward_matrices.place.{name}{'_channels' if len(values) > 1 else ''}"],
    )  # fmt: skip


def _layout(shown: Matrices) -> Layout:
    """Return each gradient beside or below what it is of; rows and columns lie along each other."""
    low = 0.6 + 0.35 * len(shown.rows)
    pictures: list[str | Layout] = ["input", "x_grad"]
    left: list[str | Layout] = [
        {"row": pictures, "weight": 4},
        {"panel": "rows", "weight": low},
        {"panel": "row_grads", "weight": low},
    ]
    under: list[str | Layout] = [{"panel": "product", "weight": 2 * low}]
    if shown.target is not None:
        under = [{"panel": "product", "weight": low}, {"panel": "target", "weight": low}]
    middle: list[str | Layout] = [{"panel": "columns", "weight": 4}, *under]
    right: list[str | Layout] = [
        {"panel": "column_grads", "weight": 4},
        {"panel": "grads", "weight": 2 * low},
    ]
    wide = [{"column": left, "weight": 4.2}, {"column": middle, "weight": 5}, {"column": right, "weight": 5}]
    narrow: list[str | Layout] = [
        {"row": pictures}, "columns", "rows", "product", "grads", "row_grads", "column_grads",
    ]  # fmt: skip
    if shown.target is not None:
        narrow.insert(4, "target")
    return {"wide": {"row": wide}, "narrow": {"column": narrow}}


def _scale(values: np.ndarray) -> Scale:
    """Return grey up to the largest value, for the pixels here are small numbers as often as not."""
    most = float(values.max(initial=0))
    return Scale("grey", 0, most or 1.0) if values.min(initial=0) >= 0 else Scale.diverging(values)
