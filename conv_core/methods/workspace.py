"""Room that is used again: fresh memory costs a page fault every 4 KiB, often more than the work in it."""

import threading
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

LARGEST_BYTES = 2**24
"""Larger rooms are made and given back as they are needed: 16 MiB."""

_THREAD = threading.local()


def borrow(name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """An array that holds anything, until this thread borrows the room called `name` again.

    Every thread has rooms of its own, which end with it; what is borrowed must never be returned to a caller.

    >>> first = borrow("example", (2, 3), np.float32)
    >>> np.shares_memory(first, borrow("example", (3,), np.int64))
    True
    """
    kind = np.dtype(dtype)
    size = prod(shape) * kind.itemsize
    if size > LARGEST_BYTES or kind.hasobject:
        return np.empty(shape, kind)
    rooms: dict[str, NDArray[np.uint8]] = _THREAD.__dict__.setdefault("rooms", {})
    room = rooms.get(name)
    if room is None or room.nbytes < size:
        room = rooms[name] = np.empty(size, np.uint8)
    return room[:size].view(kind).reshape(shape)


def release() -> None:
    """Give back all rooms of this thread."""
    _THREAD.__dict__.pop("rooms", None)
