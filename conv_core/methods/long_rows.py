"""Unrolling where few kernels share a column: depthwise layers, whose time goes into copying.

At stride 1 a tap meets the cells of all positions in order, also across the ends of rows. So a channel is
taken for one long row, each row of columns is one run of it, and what is computed between two rows of the
output is left out at the end.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from conv_core.methods.workspace import borrow
from conv_core.window import Window

FEW = 2
"""Up to so many outputs of a group the copy at the end costs less than long runs save."""


def pays(weight_shape: tuple[int, ...], window: Window, groups: int) -> bool:
    """Whether rows come in runs, and few enough outputs have to be cut apart again."""
    return (
        groups > 1
        and window.rank > 1
        and prod(window.stride) == 1
        and weight_shape[0] // groups <= FEW
        and prod(window.kernel) > 1
    )


def run(
    padded: NDArray[Any], rows: NDArray[Any], window: Window, output: NDArray[Any], most: int
) -> NDArray[Any]:
    """The products (N, groups, O / groups, *out) of rows with columns of at most `most` bytes at a time."""
    padded = np.ascontiguousarray(padded)
    groups, own, terms = rows.shape
    out, spatial = window.positions(padded.shape[2:]), padded.shape[2:]
    length = run_length(spatial, out)
    windows = window.read(padded.reshape(len(padded), groups, -1, *spatial))
    taps = windows.strides[3 + window.rank :]
    runs = as_strided(
        windows,
        shape=(*windows.shape[:3], *window.kernel, length),
        strides=(*windows.strides[:3], *taps, padded.itemsize),
        writeable=False,
    )
    block = block_groups(groups, terms, length, padded.itemsize, most)
    columns = borrow("columns", (block, terms, length), padded.dtype)
    made = borrow("made", (block, own, prod((out[0], *spatial[1:]))), padded.dtype)
    inside: tuple[Any, ...] = (..., *[slice(0, size) for size in out])
    for sample in range(len(padded)):
        for first in range(0, groups, block):
            part = slice(first, min(first + block, groups))
            count = part.stop - part.start
            np.copyto(columns[:count].reshape(count, *runs.shape[2:]), runs[sample, part])
            np.matmul(rows[part], columns[:count], out=made[:count, :, :length])
            output[sample, part] = made[:count].reshape(count, own, out[0], *spatial[1:])[inside]
    return output


def run_length(padded: tuple[int, ...], out: tuple[int, ...]) -> int:
    """How far the last position of a channel lies behind its first, and itself.

    >>> run_length((5, 6), (3, 4))
    16
    """
    return 1 + sum((size - 1) * prod(padded[axis + 1 :]) for axis, size in enumerate(out))


def block_groups(groups: int, terms: int, length: int, itemsize: int, most: int) -> int:
    """How many groups are unrolled at a time."""
    return max(1, min(groups, most // (terms * length * itemsize)))
