"""ONNX's operators that only move numbers about, and those whose answer is known before any input."""

from __future__ import annotations

import sys
from math import prod
from typing import Any

import numpy as np

from conv_core.layers import (
    Concat,
    Flatten,
    Join,
    Pad,
    Reshape,
    Slice,
    Squeeze,
    Take,
    Transpose,
    Unsqueeze,
)
from conv_core.layers.shaping import axis_of
from conv_view.onnx_build import Flow, Operation, Value
from conv_view.onnx_bytes import numbers

MOST_PLACES = 1_000_000


def concat(node: Operation) -> list[Value]:
    """Concat: along the channels, or along any other axis."""
    values = [node[place] for place in range(len(node))]
    if len(values) == 1:
        return [values[0]]
    axis = axis_of(node.settings["axis"], len(values[0].shape))
    flows = any(isinstance(value, Flow) for value in values)
    return [node.add(Concat() if axis == 1 and flows else Join(axis), *values)]


def flatten(node: Operation) -> list[Value]:
    """Flatten: two axes are left."""
    x, axis = node[0], node.settings.get("axis", 1)
    rank = len(x.shape)
    place: int = axis if axis == rank else axis_of(axis, rank)
    if place == 1 and prod(x.shape) > 0:
        return [node.add(Flatten(), x)]
    return [node.add(Reshape((prod(x.shape[:place]), prod(x.shape[place:])), empty=True), x)]


def reshape(node: Operation) -> list[Value]:
    """Reshape: where only rows of features are left it is a flattening."""
    x, shape = node[0], node.integers(1)
    layer = Reshape(shape, empty=bool(node.settings.get("allowzero", 0)))
    rows = (x.shape[0], prod(x.shape[1:])) if x.shape else None
    if isinstance(x, Flow) and len(x.shape) > 2 and prod(x.shape) > 0 and layer.output_shape(x.shape) == rows:
        return [node.add(Flatten(), x)]
    return [node.add(layer, x)]


def transpose(node: Operation) -> list[Value]:
    """Transpose: without an order the axes are reversed."""
    rank = len(node[0].shape)
    return [node.add(Transpose(tuple(node.settings.get("perm", reversed(range(rank))))), node[0])]


def squeeze(node: Operation) -> list[Value]:
    """Squeeze: the axes are a setting before version 13, an input from there on."""
    return [node.add(Squeeze(_axes(node, 1)), node[0])]


def unsqueeze(node: Operation) -> list[Value]:
    """Unsqueeze: the axes are a setting before version 13, an input from there on."""
    axes = _axes(node, 1)
    if axes is None:
        raise node.refuse("axes", "-")
    return [node.add(Unsqueeze(axes), node[0])]


def pad(node: Operation) -> list[Value]:
    """Pad; a padding below 0 takes cells away."""
    x, mode = node[0], node.settings.get("mode", "constant")
    rank = len(x.shape)
    amounts = tuple(node.settings["pads"]) if "pads" in node.settings else node.integers(1)
    value = node.settings.get("value", 0.0)
    if node.given(2):
        value = node.known(2).item()
    axes = node.integers(3) if node.given(3) else tuple(range(rank))
    if len(amounts) != 2 * len(axes):
        raise node.refuse("pads", str(amounts[:8]))
    pairs = [(0, 0)] * rank
    for place, axis in enumerate(axes):
        pairs[axis_of(axis, rank)] = (amounts[place], amounts[place + len(axes)])
    less = tuple(
        [
            (axis, max(-before, 0), size - max(-after, 0), 1)
            for axis, ((before, after), size) in enumerate(zip(pairs, x.shape, strict=True))
            if min(before, after) < 0
        ]
    )
    if less:
        x = node.add(Slice(less), x, part="less")
    more = tuple([(max(before, 0), max(after, 0)) for before, after in pairs])
    return [node.add(Pad(more, mode, value), x)]


def cut(node: Operation) -> list[Value]:
    """Slice: starts, ends, axes and steps are settings before version 10, inputs from there on."""
    settings = node.settings
    starts = tuple(settings["starts"]) if "starts" in settings else node.integers(1)
    ends = tuple(settings["ends"]) if "ends" in settings else node.integers(2)
    axes = tuple(settings["axes"]) if "axes" in settings else None
    if node.given(3):
        axes = node.integers(3)
    axes = tuple(range(len(starts))) if axes is None else axes
    steps = node.integers(4) if node.given(4) else (1,) * len(starts)
    rank = len(node[0].shape)
    parts = [
        (axis_of(axis, rank), start, end, step)
        for axis, start, end, step in zip(axes, starts, ends, steps, strict=True)
    ]
    return [node.add(Slice(tuple(parts)), node[0])]


def split(node: Operation) -> list[Value]:
    """Split: a part for each output."""
    x = node[0]
    axis = axis_of(node.settings.get("axis", 0), len(x.shape))
    size, count = x.shape[axis], node.settings.get("num_outputs", node.outputs)
    if node.given(1) or "split" in node.settings:
        sizes = node.integers(1) if node.given(1) else tuple(node.settings["split"])
    else:
        most = -(-size // max(count, 1))
        sizes = tuple([min(most, max(size - most * place, 0)) for place in range(count)])
    if sum(sizes) != size or min(sizes, default=0) < 0 or len(sizes) < node.outputs:
        raise node.refuse("split", str(sizes[:8]))
    ends = np.cumsum((0, *sizes)).tolist()
    return [
        node.add(Slice(((axis, ends[place], ends[place + 1], 1),)), x, part=f"{place + 1}")
        for place in range(node.outputs)
    ]


def gather(node: Operation) -> list[Value]:
    """Gather: places along one axis that are known beforehand."""
    places = node.known(1)
    if places.size > MOST_PLACES:
        raise node.refuse("indices", places.size)
    axis = axis_of(node.settings.get("axis", 0), len(node[0].shape))
    chosen = tuple([int(place) for place in places.reshape(-1).tolist()])
    return [node.add(Take(axis, chosen, places.shape), node[0])]


def shape_of(node: Operation) -> list[Value]:
    """Shape: known as soon as the shape of the network's input is."""
    shape = node[0].shape
    part = slice(node.settings.get("start", 0), node.settings.get("end", len(shape)))
    return [np.array(shape[part], np.int64)]


def constant(node: Operation) -> list[Value]:
    """Constant: numbers that stand in the file."""
    for setting, value in node.settings.items():
        if setting == "value":
            return [numbers(value, node.name)]
        if setting in ("value_float", "value_floats"):
            return [np.array(value, np.float32)]
        if setting in ("value_int", "value_ints"):
            return [np.array(value, np.int64)]
        raise node.refuse(setting, "…")
    raise node.refuse("value", "-")


def constant_of_shape(node: Operation) -> list[Value]:
    """ConstantOfShape: one number, held once however often it is repeated."""
    shape = node.integers(0)
    value: Any = np.zeros(1, np.float32)
    if "value" in node.settings:
        value = numbers(node.settings["value"], node.name)
    if value.size != 1 or min(shape, default=0) < 0 or prod(shape) > sys.maxsize // 8:
        raise node.refuse("shape", str(shape[:8]))
    return [np.broadcast_to(value.reshape(()), shape)]


def _axes(node: Operation, place: int) -> tuple[int, ...] | None:
    if node.given(place):
        return node.integers(place)
    return tuple(node.settings["axes"]) if "axes" in node.settings else None
