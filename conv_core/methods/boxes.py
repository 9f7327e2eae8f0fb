"""Work cut into pieces that fit: boxes of positions or tiles, each of as many as there is room for."""

from collections.abc import Iterator
from math import ceil

import numpy as np


def boxes(extent: tuple[int, ...], most: int) -> Iterator[tuple[slice, ...]]:
    """Cut an array of this shape into boxes of at most `most` cells (at least 1), in the order of its memory.

    Trailing axes stay whole, so that the cells of a box follow each other; the first axis that does not fit
    is cut into about equal parts, and the axes before it are gone through one by one. No box has more cells
    than the first.

    >>> list(boxes((2, 3), 2))
    [(slice(0, 1, None), slice(0, 2, None)), (slice(0, 1, None), slice(2, 3, None)),
    (slice(1, 2, None), slice(0, 2, None)), (slice(1, 2, None), slice(2, 3, None))]
    """
    most = max(most, 1)
    axis, whole = len(extent), 1
    while axis and whole * extent[axis - 1] <= most:
        axis -= 1
        whole *= extent[axis]
    trailing = tuple([slice(0, size) for size in extent[axis:]])
    if axis == 0:
        yield trailing
        return
    size = extent[axis - 1]
    step = ceil(size / ceil(size / (most // whole)))
    for leading in np.ndindex(*extent[: axis - 1]):
        singles = tuple([slice(place, place + 1) for place in leading])
        for start in range(0, size, step):
            yield (*singles, slice(start, min(start + step, size)), *trailing)


def most_in_one(extent: tuple[int, ...], most: int) -> int:
    """How many cells the first of `boxes` has, and none has more.

    >>> most_in_one((4, 7), 5), most_in_one((4, 7), 100)
    (4, 28)
    """
    cells = 1
    for piece in next(boxes(extent, most)):
        cells *= piece.stop - piece.start
    return cells
