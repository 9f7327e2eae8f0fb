"""ONNX's operators that work cell by cell or channel by channel, as layers."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from conv_core.layers import (
    BatchNorm,
    Cast,
    Clip,
    Dropout,
    HardSigmoid,
    HardSwish,
    LeakyReLU,
    LocalResponseNorm,
    ReLU,
    Reshape,
    Sigmoid,
    Softmax,
    SoftmaxAlong,
    Tanh,
)
from conv_core.layers.base import Layer
from conv_core.layers.shaping import axis_of
from conv_view.onnx_build import Operation, Value
from conv_view.onnx_bytes import type_of

MOST_NEIGHBOURS = 4096


def cellwise(make: Callable[[dict[str, Any]], Layer]) -> Callable[[Operation], list[Value]]:
    """The reader of an operator that is a function of each cell, made out of its settings."""
    return lambda node: [node.add(make(node.settings), node[0])]


relu = cellwise(lambda settings: ReLU())
sigmoid = cellwise(lambda settings: Sigmoid())
tanh = cellwise(lambda settings: Tanh())
hard_swish = cellwise(lambda settings: HardSwish())
leaky_relu = cellwise(lambda settings: LeakyReLU(settings.get("alpha", 0.01)))
hard_sigmoid = cellwise(lambda settings: HardSigmoid(settings.get("alpha", 0.2), settings.get("beta", 0.5)))


def clip(node: Operation) -> list[Value]:
    """Clip: the bounds are settings before version 11, inputs from there on."""
    bounds: list[float | None] = [node.settings.get("min"), node.settings.get("max")]
    for place in (1, 2):
        if node.given(place):
            bounds[place - 1] = node.known(place).item()
    return [node.add(Clip(*bounds), node[0])]


def softmax(node: Operation) -> list[Value]:
    """Softmax: along one axis, and before version 13 over all axes from one on together."""
    x = node[0]
    rank = len(x.shape)
    axis = axis_of(node.settings.get("axis", -1 if node.version >= 13 else 1), rank)
    if node.version >= 13 or prod(x.shape[axis + 1 :]) == 1:
        return [node.add(Softmax() if axis == 1 else SoftmaxAlong(axis), x)]
    rows = node.add(Reshape((prod(x.shape[:axis]), prod(x.shape[axis:]))), x, part="rows")
    return [node.add(Reshape(x.shape), node.add(Softmax(), rows), part="back")]


def batch_normalization(node: Operation) -> list[Value]:
    """BatchNormalization with the statistics that it keeps; ONNX's momentum is that of the old ones."""
    if node.settings.get("training_mode", 0):
        raise node.training()
    if not node.settings.get("spatial", 1):
        raise node.refuse("spatial", 0)
    names = ("weight", "bias", "running_mean", "running_var")
    numbers = {name: node.known(place) for place, name in enumerate(names, start=1)}
    momentum = 1 - node.settings.get("momentum", 0.9)
    layer = BatchNorm(node.settings.get("epsilon", 1e-5), momentum)
    return [node.add(layer, node[0], numbers=numbers)]


def local_response_norm(node: Operation) -> list[Value]:
    """LRN: alpha is divided by the size, as torch does and AlexNet's paper does not."""
    settings = node.settings
    size = settings["size"]
    # Of an even size ONNX has the greater half ahead and torch behind.
    if size % 2 == 0 or not 0 < size <= MOST_NEIGHBOURS:
        raise node.refuse("size", size)
    layer = LocalResponseNorm(
        size, settings.get("alpha", 1e-4), settings.get("beta", 0.75), settings.get("bias", 1.0), True
    )
    return [node.add(layer, node[0])]


def dropout(node: Operation) -> list[Value]:
    """Dropout, which lets everything pass in inference; its mask says so."""
    ratio = node.settings.get("ratio", 0.5)
    if node.given(1):
        ratio = node.known(1).item()
    if node.given(2) and bool(node.known(2).item()) and ratio:
        raise node.training()
    passed = node.add(Dropout(ratio), node[0])
    kind = np.dtype(bool) if node.version >= 10 else node[0].dtype
    return [passed, np.broadcast_to(np.ones((), kind), node[0].shape)]


def identity(node: Operation) -> list[Value]:
    """Identity: another name for the same."""
    return [node[0]]


def cast(node: Operation) -> list[Value]:
    """Cast: to another type of numbers."""
    dtype = type_of(node.settings["to"], node.name)
    return [node.add(Cast(dtype.name), node[0])]
