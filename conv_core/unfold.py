"""Windows laid out as the columns of a matrix, and columns added back to where they came from."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, Pairs, PerAxis, length_of, padded_sizes, per_axis
from conv_core.errors import WindowError
from conv_core.numeric import as_numbers, cast, check_exact, work_type
from conv_core.padding import check_pads, pad, unpad
from conv_core.plan import check_samples, check_size
from conv_core.window import Window


def im2col(
    x: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    padding_mode: str = "zeros",
) -> NDArray[Any]:
    """Copy every window into a column of its own: torch.nn.functional.unfold at any rank.

    (N, C, *spatial) -> (N, C * prod(kernel), positions), the type kept: a column holds the kernel cells of
    the first channel, then those of the next; columns follow the output's cells, row by row. With `weight`
    as rows (O, C * prod(kernel)) the product is the convolution (Chellapilla, Puri and Simard: High
    performance convolutional neural networks for document processing, 2006). `WindowError` as in `conv`.

    >>> im2col(np.arange(1, 6).reshape(1, 1, 5), 3, stride=2)[0]
    array([[1, 3],
           [2, 4],
           [3, 5]])
    """
    values = as_numbers("input", x)
    if values.ndim < 3:
        raise WindowError("input_rank", given=values.ndim)
    samples, channels, *spatial = values.shape
    check_samples(samples, channels)
    window = Window(kernel, stride, padding, dilation, rank=len(spatial))
    pads, padded = _padded(window, spatial, padding_mode)
    out = window.positions(padded)
    rows, positions = channels * prod(window.kernel), prod(out)
    check_size((samples, channels, *padded), (samples, rows, positions))
    windows = window.read(pad(values, pads, padding_mode))
    lead, rank = 2, window.rank
    taps_first = windows.transpose(0, 1, *range(lead + rank, lead + 2 * rank), *range(lead, lead + rank))
    # Written out, because reshape hands on a read-only view of x where there is nothing to rearrange.
    columns = np.empty((samples, rows, positions), values.dtype)
    np.copyto(columns.reshape(taps_first.shape), taps_first)
    return columns


def col2im(
    columns: ArrayLike,
    output_size: PerAxis,
    kernel: PerAxis,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    padding_mode: str = "zeros",
) -> NDArray[Any]:
    """Add every column back to the cells it was copied from: torch.nn.functional.fold at any rank.

    (N, C * prod(kernel), positions) -> (N, C, *output_size). The adjoint of `im2col`, not its inverse:
    sum(im2col(x) * g) == sum(x * col2im(g)), and a cell that was copied three times comes back threefold
    (see `copies`). What was copied from the padding is dropped, or with another `padding_mode` added to the
    cell that the padding had copied. The first sequence among the arguments fixes the rank. Floating types
    are kept, integers are summed in int64. `WindowError` if the columns are not those of such an output.

    >>> col2im(np.ones((1, 3, 2)), (5,), 3, stride=2)[0, 0]
    array([1., 1., 2., 1., 1.])
    """
    values = as_numbers("columns", columns)
    if values.ndim != 3:
        raise WindowError("columns_rank", given=values.ndim)
    rank = _rank(output_size, kernel, stride, dilation, padding)
    window = Window(kernel, stride, padding, dilation, rank=rank)
    spatial = per_axis("output_size", output_size, rank)
    pads, padded = _padded(window, spatial, padding_mode)
    out, taps = window.positions(padded), prod(window.kernel)
    samples, rows, positions = values.shape
    if rows < 1 or rows % taps:
        raise WindowError("columns_rows", given=rows, terms=taps, kernel=window.kernel)
    if positions != prod(out):
        raise WindowError("columns_count", given=positions, expected=prod(out), size=spatial)
    check_samples(samples, rows // taps)
    check_size((samples, rows // taps, *padded))
    dtype = values.dtype if values.dtype.kind == "f" else np.dtype(np.int64)
    if dtype.kind == "i":
        most = copies(
            spatial, kernel, stride=stride, padding=padding, dilation=dilation, padding_mode=padding_mode
        )
        check_exact(values, most.max(keepdims=True).reshape(1, 1), None)
    apart = cast(values, work_type(dtype)).reshape(samples, rows // taps, *window.kernel, *out)
    patches = apart.transpose(0, 1, *range(2 + rank, 2 + 2 * rank), *range(2, 2 + rank))
    with np.errstate(over="ignore", invalid="ignore"):
        return np.ascontiguousarray(unpad(window.fold(patches, padded), pads, padding_mode), dtype)


def copies(
    spatial: PerAxis,
    kernel: PerAxis,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    padding_mode: str = "zeros",
) -> NDArray[np.int64]:
    """How many columns hold a copy of each input cell: int64 (*spatial), `col2im` of `im2col` of ones.

    0 where no window reads, at most prod(kernel) without padding that copies. `WindowError` as in `im2col`.

    >>> copies((5,), 3), copies((5,), 3, stride=2), copies((5,), 3, padding=1)
    (array([1, 2, 3, 2, 1]), array([1, 1, 2, 1, 1]), array([2, 3, 3, 3, 2]))
    """
    rank = _rank(spatial, kernel, stride, dilation, padding)
    window = Window(kernel, stride, padding, dilation, rank=rank)
    sizes = per_axis("spatial", spatial, rank)
    pads, padded = _padded(window, sizes, padding_mode)
    check_size(padded)
    # One number stands for all copies: nothing of the size of the column matrix is made to count them.
    one_each = np.broadcast_to(np.int64(1), (*window.positions(padded), *window.kernel))
    counts = unpad(window.fold(one_each, padded), pads, padding_mode)
    return np.ascontiguousarray(counts, np.int64)


def _rank(*arguments: Any) -> int:
    """How many axes there are: as many as the first argument has that is given for each."""
    lengths = [length_of(argument) for argument in arguments]
    return next((length for length in lengths if length is not None), 1)


def _padded(window: Window, spatial: Any, mode: str) -> tuple[Pairs, tuple[int, ...]]:
    """The padding (before, after) of each axis, and the sizes with it on."""
    pads = window.pads(spatial)
    check_pads(spatial, pads, mode)
    return pads, padded_sizes(spatial, pads)
