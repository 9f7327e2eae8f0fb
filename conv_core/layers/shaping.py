"""Layers that only move numbers about, and those of them that give other shapes and orders."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.errors import WindowError
from conv_core.layers.base import Arrays, Back, Layer, Passed, Shape


@dataclass(frozen=True)
class Moving(Layer):
    """What these layers share: each cell of the output is a cell of the input, or a number put in."""

    def moved(self, x: NDArray[Any], fill: float) -> NDArray[Any]:
        """The output for an input, with `fill` where it holds no cell of it."""
        raise NotImplementedError

    @property
    def fill(self) -> float:
        """The number that is put in."""
        return 0.0

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The numbers at their new places."""
        return self.moved(inputs[0], self.fill)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """Each gradient back to where its number came from, those of copies added."""
        (x,) = passed.inputs
        # The layer itself tells from where, if what it moves are the places.
        places = self.moved(np.arange(x.size).reshape(x.shape), -1).ravel()
        back = np.zeros(x.size, grad.dtype)
        np.add.at(back, places[places >= 0], grad.ravel()[places >= 0])
        return (back.reshape(x.shape),), {}


@dataclass(frozen=True)
class Identity(Moving):
    """What comes in.

    >>> Identity().output_shape((1, 3, 8, 8))
    (1, 3, 8, 8)
    """

    def moved(self, x: NDArray[Any], fill: float) -> NDArray[Any]:
        """The input."""
        return x


@dataclass(frozen=True)
class Reshape(Moving):
    """The same numbers in another shape: a 0 keeps the input's size of that axis, one -1 takes what is left.

    With `empty` a 0 is a size as any other.

    >>> Reshape((0, 4, -1)).output_shape((2, 8, 3))
    (2, 4, 6)
    """

    shape: Shape
    empty: bool = False

    @property
    def sees_all(self) -> bool:
        """Its places are no longer those of a map."""
        return True

    def output_shape(self, *shapes: Shape) -> Shape:
        """The shape with its blanks filled in; `WindowError` if the numbers do not come out even."""
        (given,) = shapes
        sizes = list(self.shape)
        if not self.empty:
            if any(size == 0 and axis >= len(given) for axis, size in enumerate(sizes)):
                raise WindowError("reshape_shape", given=given, shape=self.shape)
            sizes = [given[axis] if size == 0 else size for axis, size in enumerate(sizes)]
        if sizes.count(-1) == 1:
            known = -prod(sizes)
            sizes[sizes.index(-1)] = prod(given) // known if known else 0
        if min(sizes, default=0) < 0 or prod(sizes) != prod(given):
            raise WindowError("reshape_shape", given=given, shape=self.shape)
        return tuple(sizes)

    def moved(self, x: NDArray[Any], fill: float) -> NDArray[Any]:
        """The numbers in the order of memory."""
        return x.reshape(self.output_shape(x.shape))


@dataclass(frozen=True)
class Squeeze(Moving):
    """Without axes of one cell: those named, or all there are.

    >>> Squeeze((2, 3)).output_shape((1, 10, 1, 1))
    (1, 10)
    """

    axes: tuple[int, ...] | None = None

    @property
    def sees_all(self) -> bool:
        """Its places are no longer those of a map."""
        return True

    def output_shape(self, *shapes: Shape) -> Shape:
        """The other axes; `WindowError` for an axis of more than one cell."""
        (given,) = shapes
        gone = [axis for axis, size in enumerate(given) if size == 1]
        if self.axes is not None:
            gone = [axis_of(axis, len(given)) for axis in self.axes]
            for axis in gone:
                if given[axis] != 1:
                    raise WindowError("squeeze_axis", axis=axis, size=given[axis])
        return tuple([size for axis, size in enumerate(given) if axis not in gone])

    def moved(self, x: NDArray[Any], fill: float) -> NDArray[Any]:
        """The numbers in the order of memory."""
        return x.reshape(self.output_shape(x.shape))


@dataclass(frozen=True)
class Unsqueeze(Moving):
    """With axes of one cell put in, at these places of the output.

    >>> Unsqueeze((0, -1)).output_shape((3, 4))
    (1, 3, 4, 1)
    """

    axes: tuple[int, ...]

    @property
    def sees_all(self) -> bool:
        """Its places are no longer those of a map."""
        return True

    def output_shape(self, *shapes: Shape) -> Shape:
        """The axes with the new ones; `WindowError` for a place that is not there or named twice."""
        (given,) = shapes
        rank = len(given) + len(self.axes)
        new = {axis_of(axis, rank) for axis in self.axes}
        if len(new) < len(self.axes):
            raise WindowError("axes_twice", axes=self.axes)
        old = iter(given)
        return tuple([1 if axis in new else next(old) for axis in range(rank)])

    def moved(self, x: NDArray[Any], fill: float) -> NDArray[Any]:
        """The numbers in the order of memory."""
        return x.reshape(self.output_shape(x.shape))


@dataclass(frozen=True)
class Transpose(Moving):
    """The axes in another order.

    >>> Transpose((0, 2, 3, 1)).output_shape((1, 3, 8, 9))
    (1, 8, 9, 3)
    """

    order: tuple[int, ...]

    @property
    def sees_all(self) -> bool:
        """Its places are no longer those of a map."""
        return True

    def output_shape(self, *shapes: Shape) -> Shape:
        """The sizes in the new order; `WindowError` unless every axis is named once."""
        (given,) = shapes
        if sorted(self.order) != list(range(len(given))):
            raise WindowError("transpose_order", order=self.order, given=len(given))
        return tuple([given[axis] for axis in self.order])

    def moved(self, x: NDArray[Any], fill: float) -> NDArray[Any]:
        """The same numbers, seen in another order."""
        return x.transpose(self.order)


def axis_of(axis: int, rank: int) -> int:
    """An axis counted from the front; `WindowError` if it is not there.

    >>> axis_of(-1, 4)
    3
    """
    if not -rank <= axis < rank:
        raise WindowError("axis_outside", axis=axis, rank=rank)
    return axis % rank
