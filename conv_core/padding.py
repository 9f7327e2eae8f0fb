"""Cells around an input: how many, what they hold, and which cell each of them was copied from."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.axes import Pairs, padded_sizes
from conv_core.errors import WindowError

MODES = ("zeros", "reflect", "replicate", "circular")


def check_pads(spatial: Sequence[int], pads: Pairs, mode: str) -> None:
    """`WindowError` if the mode is unknown or cannot supply that many cells.

    As in torch: a mirror has size - 1 cells to show on each side (the border itself is not repeated),
    a circle goes around at most once.
    """
    if mode not in MODES:
        raise WindowError("padding_mode", value=repr(mode), known=", ".join(MODES))
    for axis, (size, (before, after)) in enumerate(zip(spatial, pads, strict=True)):
        _check_axis(size, before, after, mode, axis)


def source_indices(size: int, before: int, after: int, mode: str, *, axis: int = 0) -> NDArray[np.int64]:
    """Which cell of an axis each cell of the padded axis copies; -1 where the fill value stands.

    int64 (before + size + after,). `axis` is only named in the `WindowError`.

    >>> source_indices(4, 2, 2, "reflect")
    array([2, 1, 0, 1, 2, 3, 2, 1])
    >>> source_indices(4, 2, 2, "zeros")
    array([-1, -1,  0,  1,  2,  3, -1, -1])
    """
    if mode not in MODES:
        raise WindowError("padding_mode", value=repr(mode), known=", ".join(MODES))
    _check_axis(size, before, after, mode, axis)
    place = np.arange(-before, size + after, dtype=np.int64)
    if mode == "zeros":
        place[(place < 0) | (place >= size)] = -1
        return place
    if mode == "replicate":
        return place.clip(0, size - 1)
    if mode == "circular":
        return place % size
    # One reflection at each border is enough: _check_axis has refused what would need a second.
    place = np.abs(place)
    return np.minimum(place, 2 * (size - 1) - place)


def pad(
    x: NDArray[Any],
    pads: Pairs,
    mode: str = "zeros",
    fill: float = 0,
    room: Callable[[tuple[int, ...]], NDArray[Any]] | None = None,
) -> NDArray[Any]:
    """An array with cells added around its trailing axes, one (before, after) pair per axis.

    (..., *spatial) -> (..., *padded), the same dtype; x itself if nothing is added. `fill` is what
    "zeros" fills with (max pooling wants minus infinity); `room` makes the array for it, of any type and
    holding anything. `WindowError` as in `source_indices`.

    >>> pad(np.array([1, 2, 3]), ((1, 2),), "circular")
    array([3, 1, 2, 3, 1, 2])
    """
    if len(pads) > x.ndim:
        raise WindowError("axes_count", name="padding", given=len(pads), rank=x.ndim)
    lead = x.ndim - len(pads)
    check_pads(x.shape[lead:], pads, mode)
    if not any(before or after for before, after in pads):
        return x
    if mode == "zeros":
        shape = padded_sizes(x.shape[lead:], pads)
        whole = (*x.shape[:lead], *shape)
        padded = np.empty(whole, x.dtype) if room is None else room(whole)
        padded[_inside(x.shape[lead:], pads)] = x
        for axis, (before, after) in enumerate(pads):
            edge: tuple[Any, ...] = (slice(None),) * (lead + axis)
            padded[(*edge, slice(0, before))] = fill
            padded[(*edge, slice(shape[axis] - after, None))] = fill
        return padded
    for axis, (before, after) in enumerate(pads, start=lead):
        if before or after:
            x = x.take(source_indices(x.shape[axis], before, after, mode, axis=axis - lead), axis)
    return x


def unpad(padded: NDArray[Any], pads: Pairs, mode: str = "zeros") -> NDArray[Any]:
    """The adjoint of `pad`: every cell that was a copy is added back to the cell it copied.

    (..., *padded) -> (..., *spatial): sum(pad(x) * g) == sum(x * unpad(g)) for every x and g.

    >>> unpad(np.array([10, 1, 2, 3, 20]), ((1, 1),), "replicate")
    array([11,  2, 23])
    """
    lead = padded.ndim - len(pads)
    sizes = [size - sum(pair) for size, pair in zip(padded.shape[lead:], pads, strict=True)]
    check_pads(sizes, pads, mode)
    if mode == "zeros":
        inside: NDArray[Any] = padded[_inside(sizes, pads)]
        return inside
    for axis, (size, (before, after)) in enumerate(zip(sizes, pads, strict=True)):
        if before or after:
            sources = source_indices(size, before, after, mode, axis=axis)
            # add.at goes along the first axis, and unlike += it counts a cell that was copied twice twice.
            copies = np.moveaxis(padded, lead + axis, 0)
            summed = np.zeros((size, *copies.shape[1:]), padded.dtype)
            np.add.at(summed, sources, copies)
            padded = np.moveaxis(summed, 0, lead + axis)
    return padded


def _inside(spatial: Sequence[int], pads: Pairs) -> tuple[Any, ...]:
    return (..., *[slice(before, before + size) for size, (before, _) in zip(spatial, pads, strict=True)])


def _check_axis(size: int, before: int, after: int, mode: str, axis: int) -> None:
    if before < 0 or after < 0:
        raise WindowError("padding_negative", axis=axis, before=before, after=after)
    if mode == "zeros" or not (before or after):
        return
    if size < 1:
        raise WindowError("axis_empty", axis=axis, size=size)
    if mode == "reflect" and max(before, after) >= size:
        raise WindowError("padding_reflect", axis=axis, size=size, limit=size - 1, before=before, after=after)
    if mode == "circular" and max(before, after) > size:
        raise WindowError("padding_circular", axis=axis, size=size, before=before, after=after)
