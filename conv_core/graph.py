"""A network as nodes and edges: one walk each for shapes, numbers, activations, gradients and its summary."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.errors import WindowError
from conv_core.layers.base import Arrays, Layer, Passed, Shape
from conv_core.layers.cellwise import BatchNorm
from conv_core.numeric import as_numbers
from conv_core.receptive import Field

Answer = TypeVar("Answer")

INPUT = "input"
"""The name of what goes into a network."""


@dataclass(frozen=True)
class Node:
    """A layer with a name, and the names of what goes into it."""

    name: str
    layer: Layer
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Gradients:
    """The gradients by what each node gave, by its name, and by each parameter, "node.parameter"."""

    nodes: Arrays
    params: Arrays


@dataclass(frozen=True)
class Row:
    """One node in a network's table; `field` is None where the whole input is seen, or paths disagree.

    `parameters` are the numbers that it learns, `macs` the multiplications with them for the whole batch,
    `bytes` what its output takes in float32.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    output: Shape
    parameters: int
    macs: int
    bytes: int
    field: Field | None


class Graph:
    """A network: (name, layer) or (name, layer, input or inputs), in an order in which it can be computed.

    A node without inputs named follows the one before it, the first the `INPUT`. Parameters are a dict of
    arrays, called "node.parameter". `input_size` (C, *spatial) is what it was made for, if that is known;
    `output` names the node whose output is the network's, if it is not the last. `WindowError` for names
    that are given twice or not yet there, and for a layer that takes another number of inputs.

    >>> from conv_core.layers import Add, Conv, ReLU
    >>> unit = Graph("unit", [
    ...     ("conv", Conv(1, 3, padding=1)), ("relu", ReLU()), ("add", Add(), ("relu", "input")),
    ... ])
    >>> unit.shapes((1, 1, 5, 5))["add"], unit.parameter_shapes((1, 1, 5, 5))["conv.weight"]
    ((1, 1, 5, 5), (1, 1, 3, 3))
    """

    def __init__(
        self,
        name: str,
        nodes: Iterable[tuple[Any, ...]],
        *,
        input_size: Sequence[int] | None = None,
        output: str | None = None,
    ) -> None:
        self.name = name
        self.input_size = None if input_size is None else tuple(input_size)
        self.nodes: tuple[Node, ...] = tuple(_linked(nodes))
        if not self.nodes:
            raise WindowError("graph_empty", count=0)
        self._places = {node.name: place for place, node in enumerate(self.nodes)}
        self._output = self.nodes[-1].name if output is None else self[output].name

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, name: str) -> Node:
        if name not in self._places:
            raise WindowError("graph_node", name=name)
        return self.nodes[self._places[name]]

    @property
    def output(self) -> str:
        """The name of the node whose output is the network's: the last one, unless another was named."""
        return self._output

    def shapes(self, input_shape: Sequence[int]) -> dict[str, Shape]:
        """What every node gives for an input of this shape, itself included; `WindowError` as its layers."""
        found: dict[str, Shape] = {INPUT: tuple(input_shape)}
        known: dict[Any, Shape] = {}
        for node in self.nodes:
            inputs = tuple([found[name] for name in node.inputs])
            found[node.name] = _asked(known, node.layer, inputs, node.layer.output_shape)
        return found

    def parameter_shapes(self, input_shape: Sequence[int], *, buffers: bool = False) -> dict[str, Shape]:
        """The shapes of all that is learnt, and with `buffers` also of what is kept without being learnt."""
        found: dict[str, Shape] = {}
        for node, shapes in self._walk(input_shape):
            kept = node.layer.buffers(*shapes) if buffers else {}
            for name, shape in {**node.layer.parameters(*shapes), **kept}.items():
                found[f"{node.name}.{name}"] = shape
        return found

    def initial(self, input_shape: Sequence[int], *, seed: int = 0, gain: float = 2**0.5) -> Arrays:
        """Numbers to begin with, from a seed: normal of variance gain^2 / fan in, biases 0, float32.

        The default gain is for ReLU (He, Zhang, Ren, Sun: Delving deep into rectifiers, 2015, equation 10).
        """
        rng = np.random.default_rng(seed)
        made: Arrays = {}
        for node, shapes in self._walk(input_shape):
            for name, values in node.layer.initial(shapes, rng, gain).items():
                made[f"{node.name}.{name}"] = values
        return made

    def forward(
        self,
        x: ArrayLike,
        params: Arrays,
        until: str | None = None,
        *,
        training: bool = False,
        progress: Callable[[str], None] | None = None,
    ) -> Arrays:
        """What every node gives, by name, the input included; it stops behind the node `until`.

        Only what `until` depends on is computed. `progress` is told the name of each node before its turn.
        """
        found: Arrays = {INPUT: as_numbers("input", x)}
        wanted = None if until is None else self._needed(until)
        for node in self.nodes if until is None else self.nodes[: self._places[until] + 1]:
            if wanted is not None and node.name not in wanted:
                continue
            if progress is not None:
                progress(node.name)
            inputs = [found[name] for name in node.inputs]
            found[node.name] = node.layer.forward(self._own(node, params, inputs), *inputs, training=training)
        return found

    def backward(
        self,
        grad: ArrayLike,
        activations: Arrays,
        params: Arrays,
        *,
        at: str | None = None,
        training: bool = False,
        by_input: bool = True,
        passing: Callable[[Node, tuple[Any, ...]], tuple[Any, ...]] | None = None,
    ) -> Gradients:
        """Walk back from a node (the last one) to all that it depends on.

        grad is the gradient by that node's output, `activations` what `forward` gave with the same
        parameters. Without `by_input` what only the input would need is left out. `passing` may change what
        a node hands to its inputs: it is given the node and the gradients, in the order of the inputs.
        """
        last = self.output if at is None else at
        given = as_numbers("gradient", grad)
        if given.shape != activations[last].shape:
            raise WindowError("grad_shape", given=given.shape, expected=activations[last].shape)
        nodes: Arrays = {last: given}
        learnt: Arrays = {}
        fruitless = set() if by_input else self._fruitless(params)
        for node in reversed(self.nodes[: self._places[last] + 1]):
            if node.name not in nodes or node.name in fruitless:
                continue
            inputs = tuple([activations[name] for name in node.inputs])
            given = nodes[node.name]
            passed = Passed(self._own(node, params, inputs), inputs, activations[node.name], training)
            if fruitless.issuperset(node.inputs):
                mine = node.layer.parameters_backward(given, passed)
            else:
                back, mine = node.layer.backward(given, passed)
                for name, part in zip(
                    node.inputs, back if passing is None else passing(node, back), strict=True
                ):
                    if name not in fruitless and part is not None:
                        nodes[name] = nodes[name] + part if name in nodes else part
            for name, values in mine.items():
                learnt[f"{node.name}.{name}"] = values
        return Gradients(nodes, learnt)

    def kept(self, activations: Arrays, params: Arrays) -> Arrays:
        """The running statistics after a batch, by name, for the nodes that keep any."""
        made: Arrays = {}
        for node in self.nodes:
            if isinstance(node.layer, BatchNorm):
                inputs = [activations[name] for name in node.inputs]
                own = self._own(node, params, inputs)
                for name, values in node.layer.kept(own, *inputs).items():
                    made[f"{node.name}.{name}"] = values
        return made

    def fields(self, input_shape: Sequence[int]) -> dict[str, Field | None]:
        """The receptive field of every node; None where the whole input is seen, or paths disagree."""
        return self._fields(self.shapes(input_shape))

    def summary(self, input_shape: Sequence[int]) -> tuple[Row, ...]:
        """The network's table, one row a node, for an input of this shape."""
        found = self.shapes(input_shape)
        fields = self._fields(found)
        rows = []
        known: dict[Any, int] = {}
        for node in self.nodes:
            layer, output = node.layer, found[node.name]
            shapes = tuple([found[name] for name in node.inputs])
            rows.append(
                Row(
                    name=node.name,
                    kind=layer.kind,
                    inputs=node.inputs,
                    output=output,
                    parameters=layer.count(*shapes),
                    macs=_asked(known, layer, shapes, layer.macs),
                    bytes=4 * prod(output),
                    field=fields[node.name],
                )
            )
        return tuple(rows)

    def _fields(self, shapes: dict[str, Shape]) -> dict[str, Field | None]:
        """The receptive field of every node, from the shapes of all."""
        found: dict[str, Field | None] = {INPUT: _unmoved(len(shapes[INPUT]) - 2)}
        for node in self.nodes:
            own = tuple([shapes[name] for name in node.inputs])
            found[node.name] = _seen([found[name] for name in node.inputs], node.layer, own)
        return found

    def _walk(self, input_shape: Sequence[int]) -> Iterator[tuple[Node, tuple[Shape, ...]]]:
        """Every node with the shapes that go into it."""
        found = self.shapes(input_shape)
        for node in self.nodes:
            yield node, tuple([found[name] for name in node.inputs])

    def _needed(self, until: str) -> set[str]:
        """The nodes that a node depends on, itself included."""
        needed = {self[until].name}
        for node in reversed(self.nodes):
            if node.name in needed:
                needed.update(node.inputs)
        return needed

    def _fruitless(self, params: Arrays) -> set[str]:
        """What nothing that learns stands before: the input, and nodes that only pass it on."""
        found = {INPUT}
        owners = {name.rpartition(".")[0] for name in params}
        for node in self.nodes:
            if found.issuperset(node.inputs) and node.name not in owners:
                found.add(node.name)
        return found

    @staticmethod
    def _own(node: Node, params: Arrays, inputs: Sequence[NDArray[Any]]) -> Arrays:
        """The numbers of one node by their own names; `WindowError` for one that is missing or misshapen."""
        shapes = [x.shape for x in inputs]
        own: Arrays = {}
        for name, shape in {**node.layer.parameters(*shapes), **node.layer.buffers(*shapes)}.items():
            full = f"{node.name}.{name}"
            if full not in params:
                raise WindowError("graph_parameter", name=full, shape=shape)
            if params[full].shape != shape:
                raise WindowError(
                    "graph_parameter_shape", name=full, given=params[full].shape, expected=shape
                )
            own[name] = params[full]
        return own


def _asked(
    known: dict[Any, Answer], layer: Layer, shapes: tuple[Shape, ...], ask: Callable[..., Answer]
) -> Answer:
    """What a layer answers for inputs of these shapes: asked once of the many alike in a deep network."""
    try:
        if (layer, shapes) not in known:
            known[layer, shapes] = ask(*shapes)
        return known[layer, shapes]
    except TypeError:  # settings given as lists, which have no hash
        return ask(*shapes)


def _linked(nodes: Iterable[tuple[Any, ...]]) -> Iterator[Node]:
    known, before = {INPUT}, INPUT
    for name, layer, *sources in nodes:
        (given,) = sources or [before]
        inputs = (given,) if isinstance(given, str) else tuple(given)
        if name in known:
            raise WindowError("graph_twice", name=name)
        for source in inputs:
            if source not in known:
                raise WindowError("graph_unknown", name=name, source=source)
        if len(inputs) < 2 if layer.arity is None else len(inputs) != layer.arity:
            raise WindowError("graph_arity", name=name, given=len(inputs), expected=layer.arity or 2)
        known.add(name)
        before = name
        yield Node(name, layer, inputs)


def _unmoved(rank: int) -> Field:
    return Field((1,) * rank, (1,) * rank, (0,) * rank)


def _seen(fields: Sequence[Field | None], layer: Layer, shapes: tuple[Shape, ...]) -> Field | None:
    """The field of a layer behind others: the least box that holds those of all its inputs, then its window.

    As in `receptive_field` (Araujo, Norris, Sim: Computing receptive fields of convolutional neural
    networks, Distill, 2019, "Arbitrary computation graphs").
    """
    known = [field for field in fields if field is not None]
    if layer.sees_all or len(known) < len(fields) or len({field.stride for field in known}) != 1:
        return None
    stride = known[0].stride
    padding = [max(own) for own in zip(*[field.padding for field in known], strict=True)]
    ends = [
        [size - before for size, before in zip(field.size, field.padding, strict=True)] for field in known
    ]
    size = [before + max(own) for before, own in zip(padding, zip(*ends, strict=True), strict=True)]
    window = layer.window(*shapes)
    if window is None:
        return Field(tuple(size), stride, tuple(padding))
    if window.rank != len(size):
        # A change of shape in between made other axes of the map's.
        return None
    pads = window.pads(shapes[0][2:])
    return Field(
        tuple([s + (span - 1) * jump for s, span, jump in zip(size, window.span, stride, strict=True)]),
        tuple([jump * step for jump, step in zip(stride, window.stride, strict=True)]),
        tuple([p + pair[0] * jump for p, pair, jump in zip(padding, pads, stride, strict=True)]),
    )
