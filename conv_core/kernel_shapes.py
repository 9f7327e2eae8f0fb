"""The formulas of the named kernels, each for any rank: most are products of one-dimensional factors."""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conv_core.errors import WindowError

Floats: TypeAlias = NDArray[np.floating[Any]]


def outer(factors: Sequence[Floats]) -> Floats:
    """The separable kernel with one factor per axis.

    >>> outer([np.array([1.0, 2.0]), np.array([1.0, 0.0, -1.0])])
    array([[ 1.,  0., -1.],
           [ 2.,  0., -2.]])
    """
    product: Floats = reduce(np.multiply.outer, factors)
    return product


def middle(size: int) -> Floats:
    """Distances from the middle of `size` cells, in cells; half cells if there is no middle one."""
    return np.arange(size) - (size - 1) / 2


def binomial(size: int) -> Floats:
    """A row of Pascal's triangle: the smoothing half of Sobel's kernels."""
    return reduce(np.convolve, [np.ones(2)] * (size - 1), np.ones(1))


def identity(rank: int, size: int) -> Floats:
    """One in the middle: gives the picture back."""
    return outer([(middle(size) == 0).astype(float)] * rank)


def box(rank: int, size: int) -> Floats:
    """The mean of the window."""
    return np.full((size,) * rank, 1 / size**rank)


def gaussian(rank: int, size: int, sigma: float) -> Floats:
    """A bell of `sigma` cells, cut off at `size` and scaled to the sum 1."""
    bell = np.exp(-(middle(size) ** 2) / (2 * sigma**2))
    return outer([bell / bell.sum()] * rank)


def laplacian(rank: int) -> Floats:
    """The sum of the second differences along all axes: neighbours minus the middle, taken that often."""
    size = 3
    second = np.array([1.0, -2.0, 1.0])
    flat = identity(1, size)
    along = [outer([second if axis == one else flat for axis in range(rank)]) for one in range(rank)]
    total: Floats = sum(along[1:], along[0])
    return total


def sharpen(rank: int, amount: float) -> Floats:
    """The picture minus `amount` times its Laplacian."""
    return identity(rank, 3) - np.multiply(amount, laplacian(rank))


def emboss(rank: int) -> Floats:
    """The picture plus its slope along the diagonal, as if lit from the upper left."""
    slope: Floats = np.sum(np.indices((3,) * rank) - 1.0, axis=0)
    return slope + identity(rank, 3)


def difference(rank: int) -> Floats:
    """The next sample minus this one, on `rank` 1: what `np.diff` gives."""
    return outer([np.array([-1.0, 1.0])] * rank)


def sobel(from_last: int) -> Callable[..., Floats]:
    """The builder of Sobel's kernel along the axis counted from the last: a slope there, smooth elsewhere.

    Larger sizes are the small one smoothed again, as OpenCV has them.
    """

    def build(rank: int, size: int) -> Floats:
        slope = np.convolve(binomial(size - 2), [-1.0, 0.0, 1.0])
        return outer([slope if axis == rank - from_last else binomial(size) for axis in range(rank)])

    return build


def prewitt(from_last: int) -> Callable[..., Floats]:
    """The builder of Prewitt's kernel: as Sobel's, but with a plain mean across."""

    def build(rank: int) -> Floats:
        slope = np.array([-1.0, 0.0, 1.0])
        return outer([slope if axis == rank - from_last else np.ones(3) for axis in range(rank)])

    return build


def gabor(
    rank: int, size: int, angle: float, wavelength: float, sigma: float, phase: float, aspect: float
) -> Floats:
    """A wave under a bell, exp(-(u^2 + aspect^2 v^2) / (2 sigma^2)) cos(2 pi u / wavelength + phase).

    u runs in the direction of `angle` (degrees; 0 to the right, 90 down), v across it; lengths in cells.
    Petkov and Kruizinga: Computational models of visual neurons, 1997, equation 1. On `rank` 2 only.
    """
    y, x = np.meshgrid(*[middle(size)] * rank, indexing="ij")
    turn = np.deg2rad(angle)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    bell = np.exp(-(u**2 + aspect**2 * v**2) / (2 * sigma**2))
    wave: Floats = bell * np.cos(2 * np.pi * u / wavelength + np.deg2rad(phase))
    return wave


def custom(rank: int, values: Any = None) -> Floats:
    """Numbers as they are, float32; `WindowError` names the first that is none, or the axes they lack.

    >>> custom(2, [[1, 2.5]])
    array([[1. , 2.5]], dtype=float32)
    """
    if values is None:
        return identity(rank, 3)
    cells = np.array(values, dtype=object)
    # Rows of different lengths end up in the array as the lists they are.
    if cells.size == 0 or any(
        isinstance(cell, Iterable) and not isinstance(cell, str) for cell in cells.flat
    ):
        raise WindowError("not_an_array", name="kernel")
    if cells.ndim != rank:
        raise WindowError("axes_count", name="kernel", given=cells.ndim, rank=rank)
    numbers = np.empty(cells.shape, np.float32)
    for position, cell in np.ndenumerate(cells):
        try:
            with np.errstate(over="ignore"):
                numbers[position] = float(cell)
        except (TypeError, ValueError, OverflowError):
            numbers[position] = np.nan
        if not np.isfinite(numbers[position]):
            raise WindowError("kernel_cell", position=position, given=repr(cell))
    return numbers
