"""The arguments of a pooling, checked once at the border, and the two ways to sum up its windows.

A window is a box, so it is summed up axis by axis: first along each row, then the rows' results. That
takes as many steps as the kernel's sides have cells together, not as many as the box has.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, Pairs, PerAxis, padded_sizes
from conv_core.errors import WindowError
from conv_core.numeric import as_numbers, work_type
from conv_core.padding import pad
from conv_core.plan import check_samples, check_size
from conv_core.window import Window


@dataclass(frozen=True)
class PoolPlan:
    """What every pooling and its trace agree on before anything is computed.

    `x` (N, C, *spatial) is the array as given; `edges` are the padding and the overhang of `ceil_mode`
    around it, `lines` the coordinates that each position reads along each axis, `out` the output's sizes.
    """

    x: NDArray[Any]
    window: Window
    edges: Pairs
    lines: tuple[NDArray[np.int64], ...]
    out: tuple[int, ...]

    @property
    def spatial(self) -> tuple[int, ...]:
        """The sizes of the unpadded input, without batch and channels."""
        return self.x.shape[2:]

    @property
    def shape(self) -> tuple[int, ...]:
        """The output's shape, (N, C, *out)."""
        return (*self.x.shape[:2], *self.out)

    @property
    def real_type(self) -> np.dtype[Any]:
        """The type of a result that is a quotient or a root: the input's own, float64 for integers."""
        return self.x.dtype if self.x.dtype.kind == "f" else np.dtype(np.float64)

    def real(self) -> NDArray[Any]:
        """The input with zeros around it, in the type that is summed in."""
        return pad(self.x, self.edges).astype(work_type(self.real_type), copy=False)

    def highest(self) -> NDArray[Any]:
        """The input with the lowest number of its type around it: nothing ever loses against that."""
        kind = self.x.dtype.kind
        lowest = -np.inf if kind == "f" else False if kind == "b" else np.iinfo(self.x.dtype).min
        return pad(self.x, self.edges, fill=lowest)

    def divisors(self, count_include_pad: bool = True) -> NDArray[np.int64]:
        """How many cells each window is averaged over (*out): its padding may count, the overhang never."""
        counts = np.ones((), np.int64)
        for line, size, (before, after) in zip(
            self.lines, self.spatial, self.window.pads(self.spatial), strict=True
        ):
            low, high = (-before, size + after) if count_include_pad else (0, size)
            counts = np.multiply.outer(counts, ((line >= low) & (line < high)).sum(axis=1))
        return counts


def plan_pool(
    x: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
) -> PoolPlan:
    """Check everything about a pooling that can be told from shapes and types; `WindowError` if wrong."""
    inputs = as_numbers("input", x)
    if inputs.ndim < 3:
        raise WindowError("input_rank", given=inputs.ndim)
    check_samples(*inputs.shape[:2])
    spatial = inputs.shape[2:]
    step = kernel if stride is None else stride
    window = Window(kernel, step, padding, dilation, rank=len(spatial), ceil_mode=ceil_mode)
    if not isinstance(window.padding, str):
        _check_padding(window.padding, window.kernel)
    out, edges = window.output_shape(spatial), window.edges(spatial)
    padded = padded_sizes(spatial, edges)
    check_size((*inputs.shape[:2], *padded), (*inputs.shape[:2], *out))
    lines = window.lines(spatial)
    for axis, (line, size) in enumerate(zip(lines, spatial, strict=True)):
        empty = ~((line >= 0) & (line < size)).any(axis=1)
        if empty.any():
            raise WindowError(
                "pool_padding_only",
                axis=axis,
                dilation=window.dilation[axis],
                position=int(empty.argmax()),
                size=size,
            )
    return PoolPlan(inputs, window, edges, lines, out)


def sums(padded: NDArray[Any], window: Window) -> NDArray[Any]:
    """The sum of every window: (..., *padded) -> (..., *out). Its adjoint is `spread`.

    >>> sums(np.arange(9).reshape(3, 3), Window((2, 2)))
    array([[ 8, 12],
           [20, 24]])
    """
    for axis in reversed(range(window.rank)):
        along = window.along(axis)
        cells = _cells(along, axis, padded)
        total = cells[0].copy()
        for cell in cells[1:]:
            total += cell
        padded = total
    return padded


def spread(shares: NDArray[Any], window: Window, padded_spatial: tuple[int, ...]) -> NDArray[Any]:
    """What each position has is given to every cell of its window: (..., *out) -> (..., *padded_spatial).

    >>> spread(np.array([1, 10]), Window(2), (3,))
    array([ 1, 11, 10])
    """
    lead = shares.ndim - window.rank
    sizes = list(shares.shape[lead:])
    for axis in range(window.rank):
        along = window.along(axis)
        sizes[axis] = padded_spatial[axis]
        patches = np.broadcast_to(
            shares.reshape(*shares.shape, *[1] * window.rank), (*shares.shape, *along.kernel)
        )
        shares = along.fold(patches, sizes)
    return shares


def maxima(plan: PoolPlan, padded: NDArray[Any]) -> NDArray[Any]:
    """The largest number of every window, NaN if there is one: (N, C, *padded) -> (N, C, *out)."""
    for axis in reversed(range(plan.window.rank)):
        cells = _cells(plan.window.along(axis), axis, padded)
        best = cells[0].copy()
        for cell in cells[1:]:
            np.maximum(best, cell, out=best)
        padded = best
    return padded


def averages(plan: PoolPlan, padded: NDArray[Any], count_include_pad: bool) -> NDArray[Any]:
    """The average of every window, in the type of the result: (N, C, *padded) -> (N, C, *out)."""
    with np.errstate(over="ignore", invalid="ignore"):
        totals = sums(padded, plan.window)
        totals /= plan.divisors(count_include_pad).astype(totals.dtype)
        return totals.astype(plan.real_type, copy=False)


def norms(plan: PoolPlan, padded: NDArray[Any], power: float) -> NDArray[Any]:
    """The norm of every window, in the type of the result: (N, C, *padded) -> (N, C, *out)."""
    with np.errstate(over="ignore", invalid="ignore"):
        totals: NDArray[Any] = sums(np.abs(padded) ** power, plan.window) ** (1 / power)
        return totals.astype(plan.real_type, copy=False)


def places(plan: PoolPlan, padded: NDArray[Any]) -> NDArray[np.int64]:
    """Where in the unpadded input (a flat index over *spatial) each window found its maximum: (N, C, *out).

    Of equals the first in the order of memory, of several NaN the last, as torch has it.
    """
    place = _flat(plan)
    for axis in reversed(range(plan.window.rank)):
        along = plan.window.along(axis)
        line, size = plan.lines[axis], plan.spatial[axis]
        cells, flats = _cells(along, axis, padded), _cells(along, axis, place)
        # Begun with a cell of the input: what stands around it is never better, only as good at most.
        first = ((line >= 0) & (line < size)).argmax(axis=1)
        start = (line[np.arange(len(line)), first] + plan.edges[axis][0]).astype(np.intp)
        best, place = padded.take(start, axis + 2), np.broadcast_to(place, padded.shape).take(start, axis + 2)
        for cell, flat in zip(cells, flats, strict=True):
            # Only a NaN differs from itself.
            better = (cell > best) | (cell != cell)
            best, place = np.where(better, cell, best), np.where(better, flat, place)
        padded = best
    return place


def _flat(plan: PoolPlan) -> NDArray[np.int64]:
    """(1, 1, *padded): the flat index of every cell; around the input it names none and is never used."""
    flat = np.zeros((), np.int64)
    for size, (before, after) in zip(plan.spatial, plan.edges, strict=True):
        flat = np.add.outer(flat * size, np.arange(-before, size + after, dtype=np.int64))
    return flat[None, None]


def _cells(along: Window, axis: int, padded: NDArray[Any]) -> list[NDArray[Any]]:
    """For a window along one axis, what stands at its first cell at every position, at its second, ..."""
    windows = along.read(padded)
    # All other axes of the window are one cell wide, and after its own axis has moved to the end, before it.
    only: Any = (..., *[0] * (along.rank - 1), slice(None))
    cells = np.moveaxis(windows, axis - along.rank, -1)[only]
    return [cells[..., tap] for tap in range(along.kernel[axis])]


def _check_padding(padding: Pairs, kernel: tuple[int, ...]) -> None:
    for axis, ((before, after), cells) in enumerate(zip(padding, kernel, strict=True)):
        if max(before, after) > cells // 2:
            raise WindowError("pool_padding", axis=axis, before=before, after=after, kernel=cells)
