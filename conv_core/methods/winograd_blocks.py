"""Winograd's filtering at speed: blocks of tiles that stay in the processor's cache, all work by BLAS.

The nested transform of a tile is one matrix, the Kronecker product of those of its axes; one product with it
transforms all tiles of a block.
"""

from functools import cache, reduce
from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.methods.boxes import boxes, most_in_one
from conv_core.methods.toom_cook import winograd_matrices
from conv_core.methods.transformed_kernels import kept
from conv_core.methods.workspace import borrow

BLOCK_BYTES = 2**22
"""The size that the transformed data of a block are kept to."""


def run(
    padded: NDArray[Any], weight: NDArray[Any], m: tuple[int, ...], groups: int, out: tuple[int, ...]
) -> NDArray[Any]:
    """The convolution (N, O, *out) of a padded input with tiles of `m` outputs along each axis."""
    r = weight.shape[2:]
    n = tuple([size + taps - 1 for size, taps in zip(m, r, strict=True)])
    samples, channels, outputs = padded.shape[0], padded.shape[1], weight.shape[0]
    there, back = _nested(m, r, padded.dtype.char)
    kernels = kept(weight, ("winograd", m, groups), lambda: _kernels(weight, m, groups))
    count = tuple([ceil(size / step) for size, step in zip(out, m, strict=True)])
    output = np.empty((samples, outputs, *out), padded.dtype)
    most = BLOCK_BYTES // (prod(n) * channels * padded.itemsize)
    largest = most_in_one(count, most)
    size = prod(n) * channels * largest
    room = [borrow(name, (size,), padded.dtype) for name in ("gathered", "data")]
    size = prod(n) * outputs * largest
    made = [borrow(name, (size,), padded.dtype) for name in ("products", "made")]
    for sample in range(samples):
        for block in boxes(count, most):
            tiles = tuple([piece.stop - piece.start for piece in block])
            gathered = room[0][: prod(n) * channels * prod(tiles)].reshape(*n, channels, *tiles)
            _gather(padded[sample], gathered, block, n, m)
            size = channels * prod(tiles)
            data = np.matmul(
                there, gathered.reshape(prod(n), size), out=room[1][: prod(n) * size].reshape(-1, size)
            )
            data = data.reshape(prod(n), groups, channels // groups, prod(tiles))
            size = outputs * prod(tiles)
            products = made[0][: prod(n) * size].reshape(prod(n), groups, outputs // groups, prod(tiles))
            np.matmul(kernels, data, out=products)
            result = made[1][: prod(m) * size].reshape(-1, size)
            np.matmul(back, products.reshape(prod(n), size), out=result)
            _scatter(result.reshape(*m, outputs, *tiles), output[sample], block, m)
    return output


def workspace(
    weight_shape: tuple[int, ...], m: tuple[int, ...], groups: int, out: tuple[int, ...], itemsize: int
) -> int:
    """How many numbers `run` needs beside its operands: kernels' tiles, kept with a copy, and a block."""
    n: int = prod([size + taps - 1 for size, taps in zip(m, weight_shape[2:], strict=True)])
    channels, outputs = weight_shape[1] * groups, weight_shape[0]
    count = tuple([ceil(size / step) for size, step in zip(out, m, strict=True)])
    tiles = most_in_one(count, BLOCK_BYTES // (n * channels * itemsize))
    kernels = (int(n) + prod(weight_shape[2:])) * outputs * weight_shape[1]
    return kernels + 2 * n * (channels + outputs) * tiles


@cache
def _nested(m: tuple[int, ...], r: tuple[int, ...], char: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """The Kronecker products of all B^T and of all A^T, in a type of numbers."""
    matrices = [winograd_matrices(size, taps) for size, taps in zip(m, r, strict=True)]
    return tuple(  # type: ignore[return-value]
        [reduce(np.kron, [each[place] for each in matrices]).astype(char) for place in (2, 0)]
    )


def _kernels(weight: NDArray[Any], m: tuple[int, ...], groups: int) -> NDArray[Any]:
    """Transformed kernels (prod(n), groups, O / groups, C / groups): one matrix for each cell of a tile."""
    outputs, reads, *r = weight.shape
    nested = reduce(np.kron, [winograd_matrices(size, taps)[1] for size, taps in zip(m, r, strict=True)])
    made: NDArray[Any] = nested.astype(weight.dtype) @ weight.reshape(outputs * reads, -1).T
    return made.reshape(-1, groups, outputs // groups, reads)


def _gather(
    padded: NDArray[Any],
    tiles: NDArray[Any],
    block: tuple[slice, ...],
    n: tuple[int, ...],
    m: tuple[int, ...],
) -> None:
    """Copy what lies under each cell of the tiles, one cell of a tile at a time; zeros beyond the input."""
    for cell in np.ndindex(*n):
        where, inside, ragged = [], [], False
        for at, piece, step, size in zip(cell, block, m, padded.shape[1:], strict=True):
            there = max(0, min(piece.stop, ceil((size - at) / step)) - piece.start)
            ragged |= there < piece.stop - piece.start
            inside.append(slice(0, there))
            where.append(slice(piece.start * step + at, (piece.start + there - 1) * step + at + 1, step))
        target = tiles[cell]
        if ragged:
            target.fill(0)
        if all(piece.stop > 0 for piece in inside):
            target[(slice(None), *inside)] = padded[(slice(None), *where)]


def _scatter(made: NDArray[Any], output: NDArray[Any], block: tuple[slice, ...], m: tuple[int, ...]) -> None:
    """Put each cell of the output tiles (*m, O, *tiles) to its places in the output (O, *out)."""
    for cell in np.ndindex(*m):
        where, inside = [], []
        for at, piece, step, size in zip(cell, block, m, output.shape[1:], strict=True):
            there = max(0, min(piece.stop, ceil((size - at) / step)) - piece.start)
            inside.append(slice(0, there))
            where.append(slice(piece.start * step + at, piece.start * step + at + there * step, step))
        output[(slice(None), *where)] = made[cell][(slice(None), *inside)]
