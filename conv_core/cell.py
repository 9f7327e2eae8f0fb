"""One cell of one map of a network: what it read, weighted, summed, and what was done to the sum."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.cell_reads import Read, by_gradient, by_move, of_pair
from conv_core.errors import WindowError
from conv_core.graph import INPUT, Graph, Node
from conv_core.layers.activations import Clip, HardSigmoid, HardSwish, LeakyReLU, SoftmaxAlong
from conv_core.layers.arithmetic import Own, Pairwise
from conv_core.layers.base import Arrays, Layer
from conv_core.layers.cellwise import (
    BatchNorm,
    Dropout,
    LocalResponseNorm,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from conv_core.layers.dense import Add, Concat, Flatten, Linear
from conv_core.layers.matrices import OwnMatMul
from conv_core.layers.pooling import GlobalMaxPool, Mean
from conv_core.layers.resizing import Resize
from conv_core.layers.shaping import Moving
from conv_core.layers.sliding import AdaptiveAvgPool, AvgPool, Conv, MaxPool, Subsample
from conv_core.layers.transposed import ConvTranspose
from conv_core.window import Window, adaptive_bounds

KEEPS_PLACES = (
    BatchNorm,
    Clip,
    Dropout,
    HardSigmoid,
    HardSwish,
    LeakyReLU,
    LocalResponseNorm,
    Own,
    ReLU,
    Sigmoid,
    Softmax,
    SoftmaxAlong,
    Tanh,
)
"""Layers behind which a cell is still at the place where it was."""

Place = tuple[int, ...]


@dataclass(frozen=True)
class Then:
    """A layer behind the sum, and what the cell was after it."""

    name: str
    kind: str
    value: float


@dataclass(frozen=True)
class CellStory:
    """Where a cell's value comes from, from what was read to the value that is asked for.

    `node` read `terms` of `source`, at `places` (count, axes of the source), each times its weight (None
    where there are none), which gives `products`; padding is not among them. Their `sum` and the `bias` make
    `value`, or for a maximum the largest of them does; with nothing summed before it, `node` is the network's
    input and the term its cell. `then` is what came behind it, up to the cell asked
    for; the last of it, or else `value`, is what stands there.
    """

    node: str
    kind: str
    source: tuple[str, ...]
    place: Place
    places: NDArray[np.int64]
    terms: NDArray[Any]
    weights: NDArray[Any] | None
    products: NDArray[Any]
    sum: float
    bias: float
    value: float
    then: tuple[Then, ...]

    def __len__(self) -> int:
        return len(self.products)

    def ranked(self, first: int = 0, count: int | None = None) -> NDArray[np.int64]:
        """The terms by the size of their products, largest first: their numbers, from `first` on."""
        order = np.argsort(-np.abs(self.products), kind="stable")
        return order[first : None if count is None else first + count]


def cell_story(graph: Graph, activations: Arrays, params: Arrays, name: str, place: Place) -> CellStory:
    """Follow a cell back to the layer that summed it, out of what `forward` gave.

    `place` is (n, c, *position) or (n, feature). Activations, normalisations, dropout, concatenations and
    flattening are passed through. `WindowError` for a node or a place that is not there, and for the input.

    >>> from conv_core.layers import Conv, ReLU
    >>> graph = Graph("small", [("conv", Conv(1, 2)), ("relu", ReLU())])
    >>> params = {"conv.weight": np.array([[[1.0, -2.0]]]), "conv.bias": np.array([0.5])}
    >>> story = cell_story(graph, graph.forward([[[3.0, 1.0, 5.0]]], params), params, "relu", (0, 0, 1))
    >>> story.products.tolist(), story.value, story.then[-1].value, story.ranked().tolist()
    ([1.0, -10.0], -8.5, 0.0, [1, 0])
    """
    then: list[Then] = []
    while True:
        node = _node(graph, activations, name, place)
        if isinstance(node.layer, Concat):
            name, place = _part(node, activations, place)
        elif isinstance(node.layer, Flatten):
            (name,) = node.inputs
            place = _unflattened(activations[name].shape, place)
        elif isinstance(node.layer, KEEPS_PLACES):
            then.append(Then(node.name, node.layer.kind, float(activations[node.name][place])))
            (name,) = node.inputs
        else:
            break
        if name == INPUT:
            return _entered(activations[INPUT], place, tuple(reversed(then)))
    return _summed(node, activations, params, place, tuple(reversed(then)))


def _entered(x: NDArray[Any], place: Place, then: tuple[Then, ...]) -> CellStory:
    """The story of a cell before which nothing was summed: it is the input's own."""
    terms = x[place][None]
    return CellStory(
        node=INPUT,
        kind="Input",
        source=(INPUT,),
        place=place,
        places=np.array([place], np.int64),
        terms=terms,
        weights=None,
        products=terms,
        sum=float(terms[0]),
        bias=0.0,
        value=float(terms[0]),
        then=then,
    )


def _node(graph: Graph, activations: Arrays, name: str, place: Place) -> Node:
    if name == INPUT or name not in activations:
        raise WindowError("cell_node", name=name)
    shape = activations[name].shape
    if len(place) != len(shape) or not all(0 <= at < size for at, size in zip(place, shape, strict=True)):
        raise WindowError("cell_place", name=name, place=place, shape=shape)
    return graph[name]


def _part(node: Node, activations: Arrays, place: Place) -> tuple[str, Place]:
    """Which input of a concatenation a cell came from, and where it stands there."""
    channel = place[1]
    for source in node.inputs:
        channels = activations[source].shape[1]
        if channel < channels:
            return source, (place[0], channel, *place[2:])
        channel -= channels
    raise AssertionError("the place was checked against the sum of the channels")


def _unflattened(shape: tuple[int, ...], place: Place) -> Place:
    return (place[0], *[int(at) for at in np.unravel_index(place[1], shape[1:])])


def _summed(
    node: Node, activations: Arrays, params: Arrays, place: Place, then: tuple[Then, ...]
) -> CellStory:
    layer = node.layer
    inputs = [activations[name] for name in node.inputs]
    own = {name: params[f"{node.name}.{name}"] for name in layer.parameters(*[x.shape for x in inputs])}
    if isinstance(layer, Add):
        read = Read(np.array([place] * len(inputs), np.int64))
        terms = np.array([x[place] for x in inputs])
    elif isinstance(layer, Pairwise) and inputs[0].ndim == inputs[1].ndim:
        read, terms = of_pair(layer, inputs[0], inputs[1], place)
    else:
        reader = next((reader for kind, reader in READERS if isinstance(layer, kind)), None)
        if reader is None:
            raise WindowError("cell_kind", name=node.name, kind=layer.kind)
        read = reader(layer, own, inputs[0], place)
        terms = inputs[0][tuple(read.places.T)]
    products = terms if read.weights is None else terms * read.weights
    return CellStory(
        node=node.name,
        kind=layer.kind,
        source=node.inputs,
        place=place,
        places=read.places,
        terms=terms,
        weights=read.weights,
        products=products,
        sum=float(products.max() if isinstance(layer, MaxPool | GlobalMaxPool) else products.sum()),
        bias=read.bias,
        value=float(activations[node.name][place]),
        then=then,
    )


def _linear(layer: Linear, own: Arrays, x: NDArray[Any], place: Place) -> Read:
    places = np.column_stack([np.full(x.shape[1], place[0]), np.arange(x.shape[1])])
    return Read(places, own["weight"][place[1]], _bias(own, place))


def _conv(layer: Conv, own: Arrays, x: NDArray[Any], place: Place) -> Read:
    kernels = own["weight"]
    inside, cells = _under(layer.window(x.shape), place[2:], x.shape[2:])
    reads = kernels.shape[1]
    first = place[1] // (len(kernels) // layer.groups) * reads
    places = _everywhere(place[0], np.arange(first, first + reads), cells)
    weights = kernels[place[1]].reshape(reads, -1)[:, inside].ravel()
    if layer.table is not None:
        # What the table leaves out is not read, rather than weighted with 0.
        read = np.isin(places[:, 1], layer.table[place[1]])
        places, weights = places[read], weights[read]
    return Read(places, weights, _bias(own, place))


def _max(layer: MaxPool, own: Arrays, x: NDArray[Any], place: Place) -> Read:
    return Read(_window(layer.window(x.shape), x, place))


def _largest(layer: GlobalMaxPool, own: Arrays, x: NDArray[Any], place: Place) -> Read:
    cells = np.indices(x.shape[2:]).reshape(x.ndim - 2, -1).T
    return Read(_everywhere(place[0], np.array([place[1]]), cells))


def _average(layer: AvgPool, own: Arrays, x: NDArray[Any], place: Place) -> Read:
    places = _window(layer.window(x.shape), x, place)
    divisor = layer.plan(x).divisors(layer.count_include_pad)[place[2:]]
    return Read(places, np.full(len(places), 1 / divisor, x.dtype))


def _adaptive(layer: AdaptiveAvgPool, own: Arrays, x: NDArray[Any], place: Place) -> Read:
    counts = layer.output_shape(x.shape)[2:]
    bounds = [
        adaptive_bounds(size, count)[at]
        for size, count, at in zip(x.shape[2:], counts, place[2:], strict=True)
    ]
    grid = np.meshgrid(*[np.arange(*pair) for pair in bounds], indexing="ij")
    cells = np.column_stack([axis.ravel() for axis in grid])
    places = _everywhere(place[0], np.array([place[1]]), cells)
    return Read(places, np.full(len(places), 1 / len(places), x.dtype))


def _subsample(layer: Subsample, own: Arrays, x: NDArray[Any], place: Place) -> Read:
    places = _window(layer.window(x.shape), x, place)
    return Read(places, np.full(len(places), own["weight"][place[1]], x.dtype), _bias(own, place))


READERS: tuple[tuple[type[Layer], Callable[..., Read]], ...] = (
    (Linear, _linear),
    (Conv, _conv),
    (MaxPool, _max),
    (AvgPool, _average),
    (AdaptiveAvgPool, _adaptive),
    (Subsample, _subsample),
    (GlobalMaxPool, _largest),
    (ConvTranspose, by_gradient),
    (OwnMatMul, by_gradient),
    (Mean, by_gradient),
    (Resize, by_gradient),
    (Moving, by_move),
)
"""What each kind of layer that sums, or chooses, reads for a cell."""


def _bias(own: Arrays, place: Place) -> float:
    return float(own["bias"][place[1]]) if "bias" in own else 0.0


def _window(window: Window, x: NDArray[Any], place: Place) -> NDArray[np.int64]:
    """The places under a window in the cell's own channel."""
    return _everywhere(place[0], np.array([place[1]]), _under(window, place[2:], x.shape[2:])[1])


def _under(
    window: Window, position: tuple[int, ...], spatial: tuple[int, ...]
) -> tuple[NDArray[np.bool], NDArray[np.int64]]:
    """Which taps of a window are over the input (taps,), and the cells of the input that they meet."""
    cells = window.cells(position, spatial).reshape(-1, window.rank)
    inside: NDArray[np.bool] = np.all((cells >= 0) & (cells < np.array(spatial)), axis=1)
    return inside, cells[inside]


def _everywhere(sample: int, channels: NDArray[np.int64], cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places (n, c, *cell) of the same cells in several channels, channel by channel."""
    count = len(cells)
    where = np.tile(cells, (len(channels), 1))
    lead = np.column_stack([np.full(len(where), sample), np.repeat(channels, count)])
    return np.column_stack([lead, where])
