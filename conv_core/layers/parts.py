"""Layers that take parts, put borders around, put together, and bring numbers of their own."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from conv_core.axes import Pairs
from conv_core.errors import WindowError
from conv_core.layers.base import Arrays, Back, Layer, Passed, Shape
from conv_core.layers.shaping import Moving, axis_of
from conv_core.window import Window


@dataclass(frozen=True)
class Slice(Moving):
    """A part of the input along some axes: (axis, start, end, step) each, in Python's meaning.

    >>> Slice(((1, 0, 4, 1), (3, None, None, -1))).output_shape((1, 16, 5, 5))
    (1, 4, 5, 5)
    """

    parts: tuple[tuple[int, int | None, int | None, int], ...]

    @property
    def sees_all(self) -> bool:
        """Whether it takes part of a map: then its places are others."""
        return any(axis not in (0, 1) for axis, *_ in self.parts)

    def output_shape(self, *shapes: Shape) -> Shape:
        """The sizes of the part; `WindowError` for an axis that is not there and a step of 0."""
        sizes = list(shapes[0])
        for axis, part in self._slices(len(sizes)):
            sizes[axis] = len(range(*part.indices(sizes[axis])))
        return tuple(sizes)

    def moved(self, x: NDArray[Any], fill: float) -> NDArray[Any]:
        """The part."""
        where: list[Any] = [slice(None)] * x.ndim
        for axis, part in self._slices(x.ndim):
            where[axis] = part
        taken: NDArray[Any] = x[tuple(where)]
        return taken

    def _slices(self, rank: int) -> list[tuple[int, slice]]:
        made = []
        for axis, start, end, step in self.parts:
            if step == 0:
                raise WindowError("slice_step", axis=axis, step=step)
            made.append((axis_of(axis, rank), slice(start, end, step)))
        return made


@dataclass(frozen=True)
class Take(Moving):
    """Places chosen along one axis, in any order and more than once: numpy.take.

    `places` are given in the order of memory of the shape `shape`, which takes the place of the axis.

    >>> Take(1, (2, 0), (2,)).output_shape((1, 3, 8, 8))
    (1, 2, 8, 8)
    """

    axis: int
    places: tuple[int, ...]
    shape: Shape

    @property
    def kind(self) -> str:
        """As ONNX has it."""
        return "Gather"

    @property
    def sees_all(self) -> bool:
        """Whether its places are no longer those of a map."""
        return self.axis not in (0, 1) or len(self.shape) != 1

    def output_shape(self, *shapes: Shape) -> Shape:
        """The axis replaced by `shape`; `WindowError` for a place that is not there."""
        (given,) = shapes
        axis = axis_of(self.axis, len(given))
        for place in self.places:
            if not -given[axis] <= place < given[axis]:
                raise WindowError("take_place", place=place, axis=axis, size=given[axis])
        return (*given[:axis], *self.shape, *given[axis + 1 :])

    def moved(self, x: NDArray[Any], fill: float) -> NDArray[Any]:
        """What stands at the places."""
        self.output_shape(x.shape)
        places = np.array(self.places, np.int64).reshape(self.shape)
        return np.asarray(x.take(places, axis_of(self.axis, x.ndim)))


PAD_MODES = ("constant", "reflect", "edge", "wrap")


@dataclass(frozen=True)
class Pad(Moving):
    """Cells put around along any axis, (before, after) each: a number, a mirror, the border, or a circle.

    `mode` is NumPy's and ONNX's word: "constant", "reflect", "edge" or "wrap".

    >>> Pad(((0, 0), (0, 0), (1, 1), (2, 2))).output_shape((1, 3, 8, 8))
    (1, 3, 10, 12)
    """

    pads: Pairs
    mode: str = "constant"
    value: float = 0.0

    @property
    def fill(self) -> float:
        """The number that is put in."""
        return self.value

    @property
    def sees_all(self) -> bool:
        """Whether a field is not simply wider: another border than a number, or other axes than a map's."""
        return self.mode != "constant" or any(pair != (0, 0) for pair in self.pads[:2])

    def window(self, *shapes: Shape) -> Window | None:
        """One cell that slides over the widened map, so that fields begin where they do."""
        return None if self.sees_all or len(self.pads) < 3 else Window(1, padding=self.pads[2:])

    def output_shape(self, *shapes: Shape) -> Shape:
        """The sizes with what is added; `WindowError` for fewer axes, and nothing to copy from."""
        (given,) = shapes
        if len(given) != len(self.pads) or self.mode not in PAD_MODES:
            raise WindowError("pad_axes", given=len(given), pads=len(self.pads), mode=self.mode)
        for axis, (size, pair) in enumerate(zip(given, self.pads, strict=True)):
            if min(pair) < 0 or (max(pair) > 0 and size == 0 and self.mode != "constant"):
                raise WindowError("padding_negative", axis=axis, before=pair[0], after=pair[1])
        return tuple([size + sum(pair) for size, pair in zip(given, self.pads, strict=True)])

    def moved(self, x: NDArray[Any], fill: float) -> NDArray[Any]:
        """The input with its border."""
        if self.mode == "constant":
            return np.pad(x, self.pads, constant_values=np.array(fill).astype(x.dtype))
        mode: Any = self.mode
        return np.pad(x, self.pads, mode=mode)


@dataclass(frozen=True)
class Join(Layer):
    """Several inputs one behind the other along any axis; along the channels it is `Concat`.

    >>> Join(-1).output_shape((1, 2, 3), (1, 2, 4))
    (1, 2, 7)
    """

    arity: ClassVar[int | None] = None
    axis: int

    @property
    def kind(self) -> str:
        """As along the channels."""
        return "Concat"

    @property
    def sees_all(self) -> bool:
        """Its places are no longer those of a map."""
        return True

    def output_shape(self, *shapes: Shape) -> Shape:
        """The sizes along the axis added up; `WindowError` if anything else differs."""
        first = shapes[0]
        axis = axis_of(self.axis, len(first))
        for shape in shapes[1:]:
            if (len(shape), *shape[:axis], *shape[axis + 1 :]) != (
                len(first),
                *first[:axis],
                *first[axis + 1 :],
            ):
                raise WindowError("join_shape", axis=axis, first=first, other=shape)
        return (*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :])

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """One behind the other."""
        return np.concatenate(inputs, axis=self.axis)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """To each input the part that came from it."""
        ends = np.cumsum([x.shape[self.axis] for x in passed.inputs])[:-1]
        return tuple(np.split(grad, ends, axis=self.axis)), {}


@dataclass(frozen=True)
class Constant(Layer):
    """Numbers that do not depend on the input, of the shape `shape`.

    >>> Constant((2, 3)).output_shape()
    (2, 3)
    """

    arity: ClassVar[int | None] = 0
    shape: Shape

    def output_shape(self, *shapes: Shape) -> Shape:
        """The shape of the numbers."""
        return self.shape

    def buffers(self, *shapes: Shape) -> dict[str, Shape]:
        """The numbers: kept, not learnt."""
        return {"value": self.shape}

    def initial(self, shapes: tuple[Shape, ...], rng: np.random.Generator, gain: float) -> Arrays:
        """Zeros."""
        return {"value": np.zeros(self.shape, np.float32)}

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The numbers."""
        return params["value"]

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """There is nothing to hand it to."""
        return (), {}


@dataclass(frozen=True)
class Cast(Layer):
    """The same numbers in another type, by NumPy's name; what follows the point is lost in whole ones.

    >>> Cast("int64").forward({}, np.array([1.9, -1.9]))
    array([ 1, -1])
    """

    dtype: str

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The numbers in this type."""
        with np.errstate(invalid="ignore", over="ignore"):
            return inputs[0].astype(self.dtype)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """The gradient in the type of the input."""
        return (grad.astype(passed.inputs[0].dtype),), {}
