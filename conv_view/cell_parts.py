"""A cell's products by channel, the largest first and a page at a time, and what is done to their sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.cell import CellStory
from conv_core.graph import Graph
from conv_core.layers import BatchNorm, Clip, Conv, LocalResponseNorm, MaxPool, ReLU

A_PAGE = 16
"""So many channels stand on the stage together."""

NORM = ("running_mean", "running_var", "weight", "bias")
Values = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Norm:
    """The four numbers of a batch norm for one channel, its epsilon, and what it makes of the sum."""

    mean: float
    variance: float
    weight: float
    bias: float
    epsilon: float
    given: float

    @property
    def root(self) -> float:
        """What is divided by, the square root of the variance and epsilon."""
        return sqrt(self.variance + self.epsilon)

    @property
    def normal(self) -> float:
        """The sum less the mean, divided by the root."""
        return (self.given - self.mean) / self.root


@dataclass(frozen=True, eq=False)
class Response:
    """What a response normalisation divides by: (k + alpha * squares) ** beta, over `count` channels."""

    k: float
    alpha: float
    beta: float
    squares: float
    count: int


@dataclass(frozen=True, eq=False)
class After:
    """A layer behind the sum, what the cell was after it, and the numbers that it takes."""

    name: str
    kind: str
    value: float
    norm: Norm | None = None
    response: Response | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, eq=False)
class Parts:
    """One page of what a cell was summed of: `count` channels in all, those of this page by their numbers.

    Over a window `read` is (n, rows, columns) within the map, with `margin` around it; `weights` and
    `products` are (n, *kernel). Of single cells they are (n,). `sums` (n,) are those of each channel's
    products, `rest` that of all channels on other pages. `names` tells what a sum of whole maps reads.
    """

    story: CellStory
    page: int
    channels: NDArray[np.int64]
    count: int
    read: Values
    weights: Values | None
    products: Values
    sums: Values
    rest: float
    margin: tuple[tuple[int, int], ...]
    names: tuple[str, ...]
    after: tuple[After, ...]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.count // A_PAGE))

    @property
    def is_window(self) -> bool:
        """Whether more than one cell of a channel is read."""
        return self.products.ndim > 1

    @property
    def is_maximum(self) -> bool:
        """Whether the largest is taken, and no sum."""
        return self.story.kind == MaxPool.__name__

    @property
    def value(self) -> float:
        """What stands in the cell at last."""
        return self.after[-1].value if self.after else self.story.value


def parts_of(
    graph: Graph, story: CellStory, params: Mapping[str, Any], values: Mapping[str, NDArray[Any]], page: int
) -> Parts:
    """Sort a story's products by channel; `values` are what nodes gave, `page` is kept within bounds."""
    after = tuple(_after(graph, story, params, values))
    shape = values[story.source[0]].shape
    if story.kind == "Add":
        order = np.arange(len(story))
        own = _flat(story, order, order)
        return _made(story, after, 0, order, len(order), *own, names=story.source)
    channels = story.places[:, 1]
    each = int(np.count_nonzero(channels == channels[0]))
    by_channel = story.products.astype(np.float64).reshape(-1, each)
    totals = by_channel.max(axis=1) if story.kind == MaxPool.__name__ else by_channel.sum(axis=1)
    order = np.argsort(-np.abs(totals), kind="stable")
    page = min(max(page, 0), max(0, -(-len(order) // A_PAGE) - 1))
    shown = order[page * A_PAGE : (page + 1) * A_PAGE]
    numbers = channels[::each]
    if (kernel := _kernel(graph, story, shape)) is not None:
        read, weights, products, margin = _windows(graph, story, params, shape, shown, each, kernel)
    else:
        read, weights, products, margin = _flat(story, shown, numbers)
    rest = float(np.delete(totals, shown).sum())
    return _made(
        story, after, page, numbers[shown], len(order), read, weights, products, margin,
        sums=totals[shown], rest=rest,
    )  # fmt: skip


def _made(
    story: CellStory,
    after: tuple[After, ...],
    page: int,
    channels: NDArray[np.int64],
    count: int,
    read: Values,
    weights: Values | None,
    products: Values,
    margin: tuple[tuple[int, int], ...],
    *,
    sums: NDArray[np.float64] | None = None,
    rest: float = 0.0,
    names: tuple[str, ...] = (),
) -> Parts:
    totals = products if sums is None else sums.astype(np.float32)
    return Parts(
        story, page, channels, count, read, weights, products, totals, rest, margin, names, after
    )  # fmt: skip


def _flat(
    story: CellStory, shown: NDArray[np.int64], numbers: NDArray[np.int64]
) -> tuple[Values, Values | None, Values, tuple[tuple[int, int], ...]]:
    weights = None if story.weights is None else np.asarray(story.weights[shown], np.float32)
    return (
        np.asarray(story.terms[shown], np.float32), weights, np.asarray(story.products[shown], np.float32), ()
    )  # fmt: skip


def _kernel(graph: Graph, story: CellStory, shape: Sequence[int]) -> tuple[int, ...] | None:
    """The size of the window that a layer reads with; None of single cells."""
    layer = graph[story.node].layer
    if story.kind == "Linear" or len(shape) != 4:
        return None
    window = layer.window(tuple(shape))
    if window is not None:
        return tuple(window.kernel) if prod(window.kernel) > 1 else None
    # A pooling of the whole map, to a given size.
    rows, columns = (np.unique(story.places[:, axis]) for axis in (2, 3))
    return (len(rows), len(columns))


def _windows(
    graph: Graph,
    story: CellStory,
    params: Mapping[str, Any],
    shape: Sequence[int],
    shown: NDArray[np.int64],
    each: int,
    kernel: tuple[int, ...],
) -> tuple[Values, Values | None, Values, tuple[tuple[int, int], ...]]:
    """What was read in the shown channels, the whole kernels, their products, and how much was padding."""
    places = story.places.reshape(-1, each, story.places.shape[1])[0]
    inside = tuple([len(np.unique(places[:, axis])) for axis in (2, 3)])
    layer = graph[story.node].layer
    window = layer.window(tuple(shape))
    start = (
        tuple([int(places[:, axis].min()) for axis in (2, 3)])
        if window is None
        else tuple(int(at) for at in window.start(story.place[2:], tuple(shape[2:])))
    )
    first = [int(places[:, axis].min()) for axis in (2, 3)]
    before = [at - begin for at, begin in zip(first, start, strict=True)]
    behind = [size - at - own for size, at, own in zip(kernel, before, inside, strict=True)]
    margin = ((0, 0), *[(max(0, one), max(0, two)) for one, two in zip(before, behind, strict=True)])
    read = story.terms.reshape(-1, each)[shown].reshape(-1, *inside).astype(np.float32)
    padded = np.pad(read, margin)
    if isinstance(layer, Conv):
        filters = params[f"{story.node}.weight"][story.place[1]]
        weights = np.asarray(filters[shown], np.float32).reshape(-1, *kernel)
        return read, weights, padded * weights, margin
    if story.weights is None:
        return read, None, padded, margin
    weights = np.full(padded.shape, story.weights.flat[0], np.float32)
    return read, weights, padded * weights, margin


def _after(
    graph: Graph, story: CellStory, params: Mapping[str, Any], values: Mapping[str, NDArray[Any]]
) -> list[After]:
    found, before = [], story.value
    for one in story.then:
        layer = graph[one.name].layer
        norm, response, low, high = None, None, None, None
        if isinstance(layer, BatchNorm):
            own = {key: float(params[f"{one.name}.{key}"][story.place[1]]) for key in NORM}
            norm = Norm(
                own["running_mean"], own["running_var"], own["weight"], own["bias"], layer.epsilon, before
            )
        if isinstance(layer, LocalResponseNorm):
            (source,) = graph[one.name].inputs
            response = _response(layer, values[source], story.place)
        if isinstance(layer, Clip):
            low, high = layer.low, layer.high
        if isinstance(layer, ReLU):
            low = 0.0
        found.append(After(one.name, one.kind, one.value, norm, response, low, high))
        before = one.value
    return found


def _response(layer: LocalResponseNorm, x: NDArray[Any], place: Sequence[int]) -> Response:
    """The squares of a cell's neighbours among the channels, itself included; at the ends there are fewer."""
    channel = place[1]
    first, last = max(0, channel - layer.size // 2), channel + (layer.size - 1) // 2 + 1
    near = np.moveaxis(x[place[0], first:last], 0, -1)[tuple(place[2:])].astype(np.float64)
    alpha = layer.alpha / layer.size if layer.divide_alpha else layer.alpha
    return Response(layer.k, alpha, layer.beta, float((near**2).sum()), len(near))
