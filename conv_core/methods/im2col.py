"""Convolution as one matrix product: every window becomes a column (im2col), the kernels are the rows.

The column matrix repeats each input cell up to once per kernel cell. It is therefore never built whole,
but in blocks that stay in the processor's cache: as many positions as fit, then the product, then the next.
"""

from dataclasses import dataclass
from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.methods import long_rows
from conv_core.methods.boxes import boxes, most_in_one
from conv_core.methods.protocol import Cost
from conv_core.methods.workspace import borrow
from conv_core.window import Window

NAME = "im2col"

BLOCK_BYTES = 2**22
"""The size a block of columns is kept to: in the last cache, and large enough for BLAS to share out."""


@dataclass(frozen=True)
class Im2colStages:
    """The column matrix, the kernels as rows, and their product.

    `columns` (N, groups, C / groups * prod(kernel), positions) times `rows`
    (groups, O / groups, C / groups * prod(kernel)) is `output` (N, O, *out), reshaped.
    """

    columns: NDArray[Any]
    rows: NDArray[Any]
    output: NDArray[Any]


def run(padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int) -> NDArray[Any]:
    """Unroll a block of windows, multiply it with all kernels of its groups, go on to the next."""
    windows, rows, output, out = _prepare(padded, weight, window, groups)
    if _is_pointwise(window):
        _multiply(rows, windows.reshape(*output.shape[:2], rows.shape[2], -1), output)
        return output.reshape(len(padded), -1, *out)
    if padded.dtype.kind == "f" and long_rows.pays(weight.shape, window, groups):
        return long_rows.run(
            padded, rows, window, output.reshape(*output.shape[:3], *out), BLOCK_BYTES
        ).reshape(len(padded), -1, *out)
    readers = [(slice(None), windows)] if window.stride[-1] == 1 else _strided(padded, window, groups, out)
    extent = (*output.shape[:2], *out)
    terms = rows.shape[2]
    most = _most(terms, padded.itemsize)
    workspace = borrow("columns", (most_in_one(extent, most) * terms,), padded.dtype)
    for block in boxes(extent, most):
        sample, group, *place = block
        where: tuple[Any, ...] = (sample, group, ..., *place)
        shape = windows[where].shape
        columns = workspace[: prod(shape)].reshape(shape)
        for taps, source in readers:
            filled: tuple[Any, ...] = (..., taps, *[slice(None)] * len(out))
            np.copyto(columns[filled], source[where])
        matrix = columns.reshape(*shape[:2], terms, -1)
        first = int(np.ravel_multi_index([piece.start for piece in place], out))
        _multiply(rows[group], matrix, output[sample, group, :, first : first + matrix.shape[3]])
    return output.reshape(len(padded), -1, *out)


def stages(padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int) -> Im2colStages:
    """The whole column matrix, the kernels as rows, and their product: what `run` does block by block."""
    windows, rows, output, out = _prepare(padded, weight, window, groups)
    columns = windows.reshape(*output.shape[:2], rows.shape[2], -1)
    _multiply(rows, columns, output)
    return Im2colStages(columns, rows, output.reshape(len(padded), -1, *out))


def cost(
    padded_shape: tuple[int, ...], weight_shape: tuple[int, ...], window: Window, groups: int, itemsize: int
) -> Cost:
    """The operations of the direct method, for the memory of one block of columns (and the sorted input)."""
    out = window.positions(padded_shape[2:])
    cells = padded_shape[0] * weight_shape[0] * prod(out)
    terms = prod(weight_shape[1:])
    extent = (padded_shape[0], groups, *out)
    block = 0 if _is_pointwise(window) else most_in_one(extent, _most(terms, itemsize))
    room = block * terms
    if long_rows.pays(weight_shape, window, groups):
        length = long_rows.run_length(padded_shape[2:], out)
        count = long_rows.block_groups(groups, terms, length, itemsize, BLOCK_BYTES)
        own = weight_shape[0] // groups
        room = count * (terms * length + own * out[0] * prod(padded_shape[3:]))
    if block and window.stride[-1] > 1:
        *lead, width = padded_shape
        room += prod(lead) * window.stride[-1] * ceil(width / window.stride[-1])
    return Cost(cells * terms, cells * (terms - 1), room * itemsize)


def supports(window: Window) -> bool:
    """Every window there is."""
    return True


def _prepare(
    padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], tuple[int, ...]]:
    """Windows (N, groups, C / groups, *kernel, *out), a view; kernels as rows; room for the output; out."""
    samples, rank = padded.shape[0], window.rank
    windows = window.read(padded.reshape(samples, groups, -1, *padded.shape[2:]))
    out = windows.shape[3 : 3 + rank]
    windows = windows.transpose(0, 1, 2, *range(3 + rank, 3 + 2 * rank), *range(3, 3 + rank))
    rows = weight.reshape(groups, weight.shape[0] // groups, -1)
    output = np.empty((samples, groups, rows.shape[1], prod(out)), padded.dtype)
    return windows, rows, output, out


def _strided(
    padded: NDArray[Any], window: Window, groups: int, out: tuple[int, ...]
) -> list[tuple[slice, NDArray[Any]]]:
    """The windows of each tap along the last axis, read with step 1 from a copy sorted by phase.

    A stride along rows makes every copied cell a jump of its own; cells sorted by their place modulo the
    stride lie side by side.
    """
    *_, stride = window.stride
    *_, taps = window.kernel
    *_, dilation = window.dilation
    width = padded.shape[-1]
    lead = padded.reshape(len(padded), groups, -1, *padded.shape[2:])
    phases = borrow("phases", (stride, *lead.shape[:-1], -(-width // stride)), padded.dtype)
    for phase in range(min(stride, width)):
        cells = lead[..., phase::stride]
        phases[phase, ..., : cells.shape[-1]] = cells
    rank = window.rank
    narrow = Window((*window.kernel[:-1], 1), (*window.stride[:-1], 1), 0, (*window.dilation[:-1], 1))
    readers = []
    for tap in range(taps):
        first, phase = divmod(tap * dilation, stride)
        found = narrow.read(phases[phase, ..., first : first + out[-1]])
        order = (0, 1, 2, *range(3 + rank, 3 + 2 * rank), *range(3, 3 + rank))
        readers.append((slice(tap, tap + 1), found.transpose(order)))
    return readers


def _is_pointwise(window: Window) -> bool:
    """Whether the columns are the input itself, so that nothing has to be unrolled."""
    return prod(window.kernel) == prod(window.stride) == 1


def _multiply(rows: NDArray[Any], columns: NDArray[Any], output: NDArray[Any]) -> None:
    if output.dtype.kind == "f":
        np.matmul(rows, columns, out=output)
    else:
        # There is no BLAS for integers; einsum runs along the columns, matmul across them.
        np.einsum("gok,ngkp->ngop", rows, columns, out=output)


def _most(terms: int, itemsize: int) -> int:
    """How many columns may stand in a block."""
    return BLOCK_BYTES // (terms * itemsize)
