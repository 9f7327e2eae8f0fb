"""Maps made larger or smaller by interpolation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.errors import WindowError
from conv_core.layers.base import Arrays, Back, Layer, Passed, Shape
from conv_core.layers.shaping import axis_of

RADIUS = {"nearest": 0, "linear": 1, "cubic": 2}
"""How far a cell's weight reaches, in cells."""

ROUNDING: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "round_prefer_floor": lambda place: np.ceil(place - 0.5),
    "round_prefer_ceil": lambda place: np.floor(place + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}

COORDINATES = (
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
    "align_corners",
    "asymmetric",
    "tf_crop_and_resize",
)


@dataclass(frozen=True)
class Stretch:
    """One axis: its new size, the factor that gave it, and the part of the axis that is shown, of 0 to 1."""

    axis: int
    size: int
    scale: float
    begin: float = 0.0
    end: float = 1.0


@dataclass(frozen=True)
class Resize(Layer):
    """Each cell of the output is read at a place of the input, between its cells: ONNX's Resize.

    `coordinates` says where that is, `rounding` which cell is the nearest; all words are those of ONNX's
    specification, version 19. With `antialias` a smaller map averages what it covers; `cubic` is the
    factor of the cubic (Keys: Cubic convolution interpolation, 1981, equation 8), `exclude_outside`
    leaves out what lies beyond the border, and `outside` is what tf_crop_and_resize shows there.

    >>> twice = Resize((Stretch(2, 6, 2.0),), "linear")
    >>> twice.forward({}, np.array([[[0.0, 4.0, 8.0]]])).ravel()
    array([0., 1., 3., 5., 7., 8.])
    """

    axes: tuple[Stretch, ...]
    mode: str = "nearest"
    coordinates: str = "half_pixel"
    rounding: str = "round_prefer_floor"
    antialias: bool = False
    cubic: float = -0.75
    exclude_outside: bool = False
    outside: float = 0.0

    @property
    def sees_all(self) -> bool:
        """Its fields are of more than one size."""
        return True

    def output_shape(self, *shapes: Shape) -> Shape:
        """The new sizes; `WindowError` for a size below 1 and for a word that is unknown."""
        sizes = list(shapes[0])
        for value, known in (
            (self.mode, RADIUS),
            (self.rounding, ROUNDING),
            (self.coordinates, COORDINATES),
        ):
            if value not in known:
                raise WindowError("resize_word", value=repr(value), known=", ".join(known))
        for stretch in self.axes:
            axis = axis_of(stretch.axis, len(sizes))
            if stretch.size < 1 or sizes[axis] < 1 or not 0 < stretch.scale < np.inf:
                raise WindowError("resize_size", axis=axis, size=sizes[axis], given=stretch.size)
            sizes[axis] = stretch.size
        return tuple(sizes)

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The map, axis by axis, in its own type."""
        output = inputs[0]
        for stretch in self.axes:
            output = self._along(stretch, output)
        return output

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """Each gradient to the cells that its value was read from, by their weights."""
        sizes = [passed.inputs[0].shape]
        for stretch in self.axes:
            sizes.append(tuple(_replaced(sizes[-1], stretch)))
        for stretch, shape in zip(reversed(self.axes), reversed(sizes[:-1]), strict=True):
            cells, weights, outside = self._reads(stretch, shape[stretch.axis])
            weights = np.where(outside[:, None], 0, weights)
            moved = np.moveaxis(grad, stretch.axis, 0)
            back = np.zeros((shape[stretch.axis], *moved.shape[1:]), grad.dtype)
            for tap in range(cells.shape[1]):
                np.add.at(back, cells[:, tap], moved * _beside(weights[:, tap], moved.ndim, 0, grad.dtype))
            grad = np.moveaxis(back, 0, stretch.axis)
        return (grad,), {}

    def _along(self, stretch: Stretch, x: NDArray[Any]) -> NDArray[Any]:
        cells, weights, outside = self._reads(stretch, x.shape[stretch.axis])
        if self.mode == "nearest":
            output: NDArray[Any] = x.take(cells[:, 0], stretch.axis)
        else:
            work = x.dtype if x.dtype == np.float64 else np.dtype(np.float32)
            output = np.zeros(_replaced(x.shape, stretch), work)
            for tap in range(cells.shape[1]):
                weight = _beside(weights[:, tap], x.ndim, stretch.axis, work)
                output += x.take(cells[:, tap], stretch.axis) * weight
            output = output.astype(x.dtype, copy=False)
        if outside.any():
            where = _beside(outside, x.ndim, stretch.axis, np.dtype(bool))
            output = np.where(where, output.dtype.type(self.outside), output)
        return output

    def _reads(
        self, stretch: Stretch, size: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
        """Which cells each place reads (size, taps), with which weights, and which lie outside (size,)."""
        places = self._places(stretch, size)
        outside = np.zeros(len(places), bool)
        if self.coordinates == "tf_crop_and_resize":
            outside = (places < 0) | (places > size - 1)
        if self.mode == "nearest":
            cells = ROUNDING[self.rounding](places)[:, None]
            return cells.clip(0, size - 1).astype(np.int64), np.ones_like(cells), outside
        narrow = min(stretch.scale, 1.0) if self.antialias else 1.0
        reach = int(np.ceil(RADIUS[self.mode] / narrow))
        cells = np.floor(places)[:, None] + np.arange(1 - reach, reach + 1)
        weights = self._weights(np.abs(cells - places[:, None]) * narrow)
        if self.exclude_outside:
            weights[(cells < 0) | (cells > size - 1)] = 0
        if self.exclude_outside or self.antialias:
            totals = weights.sum(axis=1, keepdims=True)
            weights /= np.where(totals == 0, 1, totals)
        return cells.clip(0, size - 1).astype(np.int64), weights, outside

    def _weights(self, distance: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.mode == "linear":
            return np.maximum(1 - distance, 0)
        a, d = self.cubic, distance
        near = ((a + 2) * d - (a + 3)) * d * d + 1
        far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
        return np.where(d <= 1, near, np.where(d < 2, far, 0.0))

    def _places(self, stretch: Stretch, size: int) -> NDArray[np.float64]:
        """Where in the input each cell of the output lies (size,)."""
        place, scale = np.arange(stretch.size, dtype=np.float64), stretch.scale
        wide = scale * size
        if self.coordinates == "align_corners":
            return place * 0 if wide == 1 else place * (size - 1) / (wide - 1)
        if self.coordinates == "asymmetric":
            return place / scale
        if self.coordinates == "tf_crop_and_resize":
            shown = (stretch.end - stretch.begin) * (size - 1)
            within = place * 0 + shown / 2 if wide == 1 else place * shown / (wide - 1)
            return within + stretch.begin * (size - 1)
        if self.coordinates == "pytorch_half_pixel" and wide == 1:
            return place * 0 - 0.5
        middle = (place + 0.5) / scale - 0.5
        if self.coordinates == "half_pixel_symmetric":
            return middle + size / 2 * (1 - stretch.size / wide)
        return middle


def _replaced(shape: Shape, stretch: Stretch) -> list[int]:
    sizes = list(shape)
    sizes[stretch.axis] = stretch.size
    return sizes


def _beside(values: NDArray[Any], rank: int, axis: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Values along one axis of an array of so many axes."""
    sizes = [1] * rank
    sizes[axis] = -1
    return values.astype(dtype).reshape(sizes)
