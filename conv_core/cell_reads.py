"""What a layer reads for one cell where no window says it: by its gradient, by its move, or of two inputs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.layers.arithmetic import Pairwise
from conv_core.layers.base import Arrays, Layer, Passed
from conv_core.layers.shaping import Moving

Place = tuple[int, ...]


@dataclass(frozen=True)
class Read:
    """What a layer read for one cell: the places, the weights (None: there are none), and its bias."""

    places: NDArray[np.int64]
    weights: NDArray[Any] | None = None
    bias: float = 0.0


def by_gradient(layer: Layer, own: Arrays, x: NDArray[Any], place: Place) -> Read:
    """Of a layer that only weights and sums: how the cell changes with each cell is its weight.

    >>> from conv_core.layers import Mean
    >>> by_gradient(Mean((1,)), {}, np.array([[3.0, 4.0]]), (0, 0)).weights
    array([0.5, 0.5])
    """
    output = np.zeros(layer.output_shape(x.shape), x.dtype)
    grad = output.copy()
    grad[place] = 1
    (weights, *_), _ = layer.backward(grad, Passed(own, (x,), output))
    if weights is None:
        raise AssertionError("a layer that sums its input has a gradient by it")
    read = np.nonzero(weights)
    bias = float(own["bias"][place[1]]) if "bias" in own else 0.0
    return Read(np.column_stack(read).astype(np.int64), weights[read], bias)


def by_move(layer: Moving, own: Arrays, x: NDArray[Any], place: Place) -> Read:
    """Of a layer that only moves numbers: the one cell it was, or none where a number was put in.

    >>> from conv_core.layers import Transpose
    >>> by_move(Transpose((1, 0)), {}, np.zeros((2, 3)), (2, 1)).places
    array([[1, 2]])
    """
    flat = int(layer.moved(np.arange(x.size).reshape(x.shape), -1)[place])
    if flat < 0:
        return Read(np.empty((0, x.ndim), np.int64), bias=float(layer.fill))
    return Read(np.array([np.unravel_index(flat, x.shape)], np.int64))


def of_pair(layer: Pairwise, x: NDArray[Any], y: NDArray[Any], place: Place) -> tuple[Read, NDArray[Any]]:
    """Of two inputs that meet cell by cell: the places and the terms; in a product one weights the other.

    >>> read, terms = of_pair(Pairwise("Mul"), np.array([[2.0, 3.0]]), np.array([[5.0]]), (0, 1))
    >>> terms, read.weights
    (array([3.]), array([5.]))
    """
    here, there = _unstretched(x, place), _unstretched(y, place)
    first, second = x[here], y[there]
    if layer.operation in ("Add", "Sub"):
        signs = np.array([1, 1 if layer.operation == "Add" else -1], x.dtype)
        return Read(np.array([here, there], np.int64), signs), np.array([first, second])
    with np.errstate(divide="ignore"):
        weight = second if layer.operation == "Mul" else 1 / second
    return Read(np.array([here], np.int64), np.array([weight])), np.array([first])


def _unstretched(x: NDArray[Any], place: Place) -> Place:
    """The place in an input whose axes of one cell are stretched."""
    return tuple([0 if size == 1 else at for size, at in zip(x.shape, place, strict=True)])
