"""More ways to sum up windows and maps: norms, the places of maxima, one number a map, means along axes."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.layers.base import Arrays, Back, Layer, Passed, Shape, spatial_of
from conv_core.layers.shaping import axis_of
from conv_core.layers.sliding import Pool
from conv_core.pool import global_max_pool, lp_pool, max_pool
from conv_core.pool_backward import global_max_pool_backward, lp_pool_backward


@dataclass(frozen=True)
class LpPool(Pool):
    """The p-norm of every window, of absolute values, as ONNX has it.

    >>> LpPool(2, p=2).forward({}, np.array([[[3.0, -4.0]]])).ravel()
    array([5.])
    """

    p: float = 2.0

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """`lp_pool` with these settings."""
        return lp_pool(inputs[0], self.p, self.kernel, **self._settings)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """`lp_pool_backward` with these settings."""
        return (lp_pool_backward(grad, passed.inputs[0], self.p, self.kernel, **self._settings),), {}


@dataclass(frozen=True)
class MaxPlaces(Pool):
    """Where each maximum of a `MaxPool` was found: ONNX's flat index over all of (N, C, *spatial).

    With `columns_first` the axes of a map are counted as Fortran does, the first the quickest.

    >>> MaxPlaces(2).forward({}, np.array([[[1, 5, 2, 0]], [[3, 4, 1, 7]]])).tolist()
    [[[1, 2]], [[5, 7]]]
    """

    columns_first: bool = False

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The places, int64."""
        (x,) = inputs
        _, places = max_pool(x, self.kernel, return_indices=True, **self._settings)
        if self.columns_first:
            within = np.unravel_index(places, x.shape[2:])
            places = np.ravel_multi_index(within, x.shape[2:], order="F").astype(np.int64)
        maps = np.arange(prod(x.shape[:2]), dtype=np.int64) * prod(x.shape[2:])
        return places + maps.reshape(*x.shape[:2], *[1] * (x.ndim - 2))

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """Places do not move by little: 0."""
        return (np.zeros_like(passed.inputs[0]),), {}


@dataclass(frozen=True)
class GlobalMaxPool(Layer):
    """The largest number of every map: (N, C, *spatial) -> (N, C, 1, ...).

    >>> GlobalMaxPool().output_shape((1, 512, 7, 7))
    (1, 512, 1, 1)
    """

    @property
    def sees_all(self) -> bool:
        """The whole map."""
        return True

    def output_shape(self, *shapes: Shape) -> Shape:
        """One cell a map; `WindowError` without spatial axes."""
        (shape,) = shapes
        return (*shape[:2], *[1] * len(spatial_of(shape)))

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """`global_max_pool`."""
        output: NDArray[Any] = global_max_pool(inputs[0])
        return output

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """To the cell where the maximum was found."""
        return (global_max_pool_backward(grad, passed.inputs[0]),), {}


@dataclass(frozen=True)
class Mean(Layer):
    """The mean along axes (all, if none are named), which stay one cell wide or go.

    >>> Mean((2, 3), keep=False).output_shape((1, 512, 7, 7))
    (1, 512)
    """

    axes: tuple[int, ...] | None = None
    keep: bool = True

    @property
    def kind(self) -> str:
        """As ONNX has it."""
        return "ReduceMean"

    @property
    def sees_all(self) -> bool:
        """The whole axis."""
        return True

    def output_shape(self, *shapes: Shape) -> Shape:
        """The axes with one cell, or the others; `WindowError` for an axis that is not there."""
        (given,) = shapes
        gone = self._gone(len(given))
        if self.keep:
            return tuple([1 if axis in gone else size for axis, size in enumerate(given)])
        return tuple([size for axis, size in enumerate(given) if axis not in gone])

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The mean, summed in float64."""
        (x,) = inputs
        with np.errstate(invalid="ignore"):
            mean = x.mean(self._gone(x.ndim), dtype=np.float64, keepdims=self.keep)
        return np.asarray(mean).astype(x.dtype)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """Shared out evenly."""
        (x,) = passed.inputs
        gone = self._gone(x.ndim)
        shares = grad if self.keep else np.expand_dims(grad, gone)
        cells = prod([x.shape[axis] for axis in gone])
        return ((np.broadcast_to(shares, x.shape) / grad.dtype.type(cells)),), {}

    def _gone(self, rank: int) -> tuple[int, ...]:
        axes = range(rank) if self.axes is None else self.axes
        return tuple(sorted({axis_of(axis, rank) for axis in axes}))
