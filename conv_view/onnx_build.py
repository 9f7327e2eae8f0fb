"""The network as it is put together: what a name in the file stands for, and the nodes that come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import WindowError
from conv_core.graph import INPUT
from conv_core.layers import Cast, Constant, Conv, ConvTranspose, Layer, MatMul, MaxPlaces, OwnMatMul
from conv_core.layers.sliding import Pool
from conv_view.onnx_faults import MOST_LETTERS, NetworkError, short

Shape = tuple[int, ...]
Numbers = dict[str, NDArray[Any]]

NOT_BEFOREHAND = (Conv, ConvTranspose, MatMul, OwnMatMul, Pool)
"""Layers that are work: they stay nodes even where all that goes into them is known."""


@dataclass(frozen=True)
class Flow:
    """What a node gives, once there is an input: known are only its shape and its type."""

    node: str
    shape: Shape
    dtype: np.dtype[Any]


Value = Flow | NDArray[Any]
"""What a name in the file stands for: numbers that are known, or what a node will give."""


@dataclass(frozen=True)
class Made:
    """A node of the graph with its own numbers, and its output's shape and type."""

    name: str
    layer: Layer
    inputs: tuple[str, ...]
    numbers: Numbers
    flow: Flow
    room: int
    """Bytes that it takes for a moment while it is computed."""


class Builder:
    """Takes layer after layer, computes beforehand what does not depend on the input, and counts bytes."""

    def __init__(self, input_shape: Shape, dtype: np.dtype[Any], *, limit: int, names: Iterable[str]) -> None:
        self.start = Flow(INPUT, input_shape, dtype)
        self.nodes: list[Made] = []
        self.limit = limit
        # Names that nodes of the file have stay free for them.
        self._reserved = {INPUT, *names}
        self._taken = {INPUT}
        self._counts: dict[str, int] = {}
        self._beforehand = 0

    def add(self, name: str, layer: Layer, inputs: Sequence[Value], numbers: Numbers | None = None) -> Value:
        """The output of a layer with these inputs: computed at once if all are known, or else a node.

        `WindowError` for shapes that do not fit, also of its `numbers`.
        """
        own = numbers or {}
        shapes = [value.shape for value in inputs]
        shape = layer.output_shape(*shapes)
        needed = {**layer.parameters(*shapes), **layer.buffers(*shapes)}
        for key, expected in needed.items():
            if own[key].shape != expected:
                raise WindowError("graph_parameter_shape", name=key, given=own[key].shape, expected=expected)
        arrays = [value for value in inputs if isinstance(value, np.ndarray)]
        if inputs and len(arrays) == len(inputs) and not isinstance(layer, NOT_BEFOREHAND):
            dtype = _type(layer, [array.dtype for array in arrays])
            return self.known(lambda: layer.forward(own, *arrays), shape, dtype)
        sources = [self._node_of(f"{name}/constant", value) for value in inputs]
        called = self._named(name)
        dtype = _type(layer, [flow.dtype for flow in sources])
        flow = Flow(called, shape, dtype)
        room = _room(layer, shapes, needed, dtype)
        self.nodes.append(Made(called, layer, tuple([source.node for source in sources]), own, flow, room))
        return flow

    def known(self, compute: Callable[[], NDArray[Any]], shape: Shape, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Numbers computed now, if all that was computed beforehand stays within the limit."""
        self._beforehand += prod(shape) * dtype.itemsize
        self._check(self._beforehand)
        with np.errstate(all="ignore"):
            return np.asarray(compute())

    def output(self, name: str, value: Value) -> str:
        """The node that gives a value, made if there is none; the input itself passes through one."""
        from conv_core.layers import Identity

        if isinstance(value, Flow) and value.node == INPUT:
            value = self.add(name, Identity(), [value])
        return self._node_of(name, value).node

    def finish(self, outputs: Sequence[str]) -> list[Made]:
        """The nodes that the outputs depend on; `NetworkError` if they would take too much memory."""
        needed = set(outputs)
        for made in reversed(self.nodes):
            if made.name in needed:
                needed.update(made.inputs)
        kept = [made for made in self.nodes if made.name in needed]
        held = {_place(values): _held(values) for made in kept for values in made.numbers.values()}
        activations = sum(_bytes(made.flow) for made in kept) + _bytes(self.start)
        self._check(sum(held.values()) + activations + max([made.room for made in kept], default=0))
        return kept

    def _check(self, size: int) -> None:
        if size > self.limit:
            raise NetworkError("network_memory", bytes=f"{size:,}", limit=f"{self.limit:,}")

    def _node_of(self, name: str, value: Value) -> Flow:
        if isinstance(value, Flow):
            return value
        called = self._named(name)
        flow = Flow(called, value.shape, value.dtype)
        self.nodes.append(Made(called, Constant(value.shape), (), {"value": value}, flow, 0))
        return flow

    def _named(self, name: str) -> str:
        """A name that no other node has: this one, or with a number behind it."""
        wanted = name[:MOST_LETTERS] or "node"
        called, count = wanted, self._counts.get(wanted, 1)
        while called in self._taken or (count > 1 and called in self._reserved):
            count += 1
            called = f"{wanted}_{count}"
        self._counts[wanted] = count
        self._taken.add(called)
        return called


def _type(layer: Layer, given: Sequence[np.dtype[Any]]) -> np.dtype[Any]:
    if isinstance(layer, Cast):
        return np.dtype(layer.dtype)
    return np.dtype(np.int64) if isinstance(layer, MaxPlaces) else np.result_type(*given)


def _room(layer: Layer, shapes: Sequence[Shape], own: dict[str, Shape], dtype: np.dtype[Any]) -> int:
    """What a window takes besides its input and output: the padded input, and its weights in one piece."""
    cells = 0
    if isinstance(layer, ConvTranspose):
        taps = own["weight"][2:]
        wide = Conv(1, taps, layer.stride, 0, layer.dilation).window((1, 1, *shapes[0][2:]))
        cells = shapes[0][0] * layer.filters * prod(wide.input_shape(shapes[0][2:]))
    elif isinstance(layer, Conv | Pool):
        edges = layer.window(shapes[0]).edges(shapes[0][2:])
        sizes = [size + sum(pair) for size, pair in zip(shapes[0][2:], edges, strict=True)]
        cells = prod(shapes[0][:2]) * prod(sizes)
    return (cells + prod(own.get("weight", ())) * isinstance(layer, Conv | ConvTranspose)) * dtype.itemsize


def _bytes(flow: Flow) -> int:
    return prod(flow.shape) * flow.dtype.itemsize


def _place(values: NDArray[Any]) -> tuple[int, Shape]:
    return values.__array_interface__["data"][0], values.strides


def _held(values: NDArray[Any]) -> int:
    """Bytes that an array really takes: what is repeated along an axis is there once."""
    sizes = [size for size, step in zip(values.shape, values.strides, strict=True) if step]
    return prod(sizes) * values.itemsize


class Operation:
    """One node of the file, as its reader sees it: settings, inputs by position, and where to put layers."""

    def __init__(
        self,
        builder: Builder,
        *,
        name: str,
        operator: str,
        version: int,
        settings: dict[str, Any],
        inputs: Sequence[Value | None],
        input_names: Sequence[str],
        outputs: int,
    ) -> None:
        self.builder = builder
        self.name = name
        self.operator = operator
        self.version = version
        self.settings = settings
        self.outputs = outputs
        self._inputs = inputs
        self._input_names = input_names

    def __getitem__(self, place: int) -> Value:
        """The input at a place; `NetworkError` if the node has none there."""
        value = self.get(place)
        if value is None:
            raise NetworkError("network_link", node=self.name, name=f"[{place}]")
        return value

    def __len__(self) -> int:
        return len(self._inputs)

    def get(self, place: int) -> Value | None:
        """The input at a place, or None."""
        return self._inputs[place] if place < len(self._inputs) else None

    def known(self, place: int) -> NDArray[Any]:
        """The numbers at a place; `NetworkError` if they depend on the network's input."""
        value = self[place]
        if isinstance(value, Flow):
            raise NetworkError(
                "network_known",
                node=self.name,
                operator=self.operator,
                name=short(self._input_names[place]),
            )
        return value

    def given(self, place: int) -> bool:
        """Whether there is an input at a place."""
        return self.get(place) is not None

    def integers(self, place: int) -> tuple[int, ...]:
        """The whole numbers at a place."""
        return tuple([int(value) for value in self.known(place).reshape(-1).tolist()])

    def add(self, layer: Layer, *inputs: Value, numbers: Numbers | None = None, part: str = "") -> Value:
        """Put a layer there; `part` tells it from others that the same node of the file becomes."""
        return self.builder.add(f"{self.name}/{part}" if part else self.name, layer, inputs, numbers)

    def refuse(self, setting: str, value: object) -> NetworkError:
        """The error for a setting that is not known here."""
        return NetworkError(
            "network_setting", node=self.name, operator=self.operator, setting=setting, value=value
        )

    def training(self) -> NetworkError:
        """The error for a node that is to learn."""
        return NetworkError("network_training", node=self.name, operator=self.operator)
