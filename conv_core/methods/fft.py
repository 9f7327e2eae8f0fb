"""Convolution through the discrete Fourier transform: spectra are multiplied, and nothing slides.

The transform of a sum over shifted places is a product of transforms, but on a circle: what leaves at one
end comes in at the other. So the input is cut into tiles that overlap by the kernel's span less one (overlap
and save), and of each result only the cells that did not go around are kept. Tiles also bound the memory:
the kernels' spectra are as large as a tile, not as the picture.
"""

from dataclasses import dataclass
from functools import cache
from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.axes import PerAxis, at_least_one, per_axis
from conv_core.errors import WindowError
from conv_core.methods.boxes import boxes, most_in_one
from conv_core.methods.fft_cost import FftParts, parts_of, real_length
from conv_core.methods.protocol import Cost
from conv_core.window import Window

NAME = "fft"

BLOCK_BYTES = 2**25
"""The spectra of the tiles and kernels that are worked on at a time are kept to it: 32 MiB."""

_TRANSIENT = 7
"""So many times the size of its result NumPy takes for a moment to transform tiles (measured, NumPy 2.4)."""


@dataclass(frozen=True)
class FftStages:
    """Every array between input and output; n is the length of the transforms along each axis.

    A tile moves by `step` = n less the kernel's span less one, and makes that many outputs at stride 1.
    `input_tiles` (N, C, *tiles, *n) hold zeros beyond the padded input; the spectra of real numbers are kept
    by half, n_last // 2 + 1 along the last axis: `input_spectra` (N, C, *tiles, *half), `kernel_spectra`
    (O, C / groups, *half), conjugated since the kernel is not flipped, and their `products`
    (N, O, *tiles, *half), summed over the channels of a group. `output_tiles` (N, O, *tiles, *n) are the
    circular results, of which `output` (N, O, *out) takes the first `step` cells along each axis.
    """

    size: tuple[int, ...]
    step: tuple[int, ...]
    input_tiles: NDArray[Any]
    input_spectra: NDArray[Any]
    kernel_spectra: NDArray[Any]
    products: NDArray[Any]
    output_tiles: NDArray[Any]
    output: NDArray[Any]


def run(
    padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int, tile: PerAxis | None = None
) -> NDArray[Any]:
    """Transform, multiply and transform back, a few filters and a row of tiles at a time."""
    size, step, dense, count = grid(padded.shape[2:], window, tile)
    samples, outputs, reads = padded.shape[0], weight.shape[0], weight.shape[1]
    own = outputs // groups
    work = _work(padded)
    output = np.empty((samples, outputs, *window.positions(padded.shape[2:])), padded.dtype)
    filters, few, tiles = _shares(size, reads, own, np.dtype(work).itemsize)
    for group in range(groups):
        channels = slice(group * reads, (group + 1) * reads)
        for first in range(group * own, (group + 1) * own, filters):
            made = slice(first, min(first + filters, (group + 1) * own))
            kernels = _arranged_in_parts(weight[made], window, size, work, few)
            for sample in range(samples):
                for block in boxes(count, tiles):
                    cut = _tiles(padded[sample : sample + 1, channels], size, step, block)
                    data = _spectra(cut.astype(work, copy=False), size)
                    del cut
                    found = _back(_multiply(data, kernels, size), size)
                    _place(found, output[sample : sample + 1, made], window, step, dense, block)
            del kernels, data, found  # before the next ones are made
    return output


def stages(
    padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int, tile: PerAxis | None = None
) -> FftStages:
    """All tiles at once, with every array on the way."""
    size, step, dense, count = grid(padded.shape[2:], window, tile)
    work = _work(padded)
    everything = tuple([slice(0, number) for number in count])
    input_tiles = _tiles(padded, size, step, everything)
    data = _spectra(input_tiles.astype(work, copy=False), size)
    kernels = _spectra(_spread(weight.astype(work, copy=False), window, size), size).conj()
    products = _multiply(data, _arranged(kernels, groups, size), size)
    output_tiles = _back(products, size)
    output = np.empty((padded.shape[0], weight.shape[0], *window.positions(padded.shape[2:])), padded.dtype)
    _place(output_tiles, output, window, step, dense, everything)
    return FftStages(size, step, input_tiles, data, kernels, products, output_tiles, output)


def cost(
    padded_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    window: Window,
    groups: int,
    itemsize: int,
    tile: PerAxis | None = None,
) -> Cost:
    """The operations of `fft_cost.parts_of` together; memory for the spectra of one block.

    Beside the kernels' spectra either some of them while they are made, or a block of tiles, both with what
    NumPy needs to transform them axis after axis.
    """
    size, _, _, count = grid(padded_shape[2:], window, tile)
    total = parts_of(padded_shape[0], weight_shape, size, prod(count), groups)
    reads, own = weight_shape[1], weight_shape[0] // groups
    filters, few, most = _shares(size, reads, own, itemsize)
    tiles = most_in_one(count, most)
    half = prod(_half(size)) * 2 * itemsize
    block = _TRANSIENT * max(few * reads, tiles * reads)
    return Cost(total.multiplies, total.adds, half * (filters * reads + block))


def parts(
    samples: int,
    padded: tuple[int, ...],
    weight_shape: tuple[int, ...],
    window: Window,
    groups: int,
    tile: PerAxis | None = None,
) -> FftParts:
    """The operations part by part, for a padded input of these sizes."""
    size, _, _, count = grid(padded, window, tile)
    return parts_of(samples, weight_shape, size, prod(count), groups)


def supports(window: Window) -> bool:
    """Every window there is: a stride leaves outputs out, a dilation puts zeros into the kernel."""
    return True


def _shares(size: tuple[int, ...], reads: int, own: int, itemsize: int) -> tuple[int, int, int]:
    """How many filters are worked on at a time, how many of them are transformed at once, how many tiles."""
    half = prod(_half(size)) * 2 * itemsize
    filters = max(1, min(own, BLOCK_BYTES // 2 // (half * reads)))
    few = max(1, min(filters, BLOCK_BYTES // 2 // (half * reads * _TRANSIENT)))
    return filters, few, max(1, BLOCK_BYTES // 2 // (half * max(reads, filters) * _TRANSIENT))


def grid(
    padded: tuple[int, ...], window: Window, tile: PerAxis | None
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """The transforms' lengths, the step from tile to tile, outputs at stride 1, and tiles along each axis.

    >>> grid((10, 10), Window((3, 3)), 8)
    ((8, 8), (6, 6), (8, 8), (2, 2))
    """
    dense = tuple([size - span + 1 for size, span in zip(padded, window.span, strict=True)])
    if tile is None:
        size = tuple([_length(whole, span) for whole, span in zip(padded, window.span, strict=True)])
    else:
        size = at_least_one("fft_tile", "tile", per_axis("tile", tile, window.rank))
        for axis, (length, span) in enumerate(zip(size, window.span, strict=True)):
            if length < span:
                raise WindowError("fft_tile_small", axis=axis, tile=length, span=span)
    step = tuple([length - span + 1 for length, span in zip(size, window.span, strict=True)])
    count = tuple([ceil(total / by) for total, by in zip(dense, step, strict=True)])
    return size, step, dense, count


@cache
def _length(whole: int, span: int) -> int:
    """The length with the least work for all tiles along an axis, of those that split into small factors."""
    # Below 16 what each tile costs by itself outweighs everything else.
    least = max(span, min(16, whole))
    lengths = [n for n in range(least, max(2 * span, whole, 16) + 64) if _is_good(n)]

    def work(n: int) -> float:
        # The products cost each cell of each tile about as much again as its transform.
        return ceil((whole - span + 1) / (n - span + 1)) * (real_length(n) + 8 * n)

    return min(lengths, key=work)


def _is_good(n: int) -> bool:
    """Whether n is even and has no prime factor above 5."""
    if n % 2:
        return False
    for factor in (2, 3, 5):
        while n % factor == 0:
            n //= factor
    return n == 1


def _half(size: tuple[int, ...]) -> tuple[int, ...]:
    return (*size[:-1], size[-1] // 2 + 1)


def _work(padded: NDArray[Any]) -> Any:
    """float32 for half precision, which NumPy does not transform."""
    return np.float32 if padded.dtype == np.float16 else padded.dtype


def _spread(weight: NDArray[Any], window: Window, size: tuple[int, ...]) -> NDArray[Any]:
    """Kernels with their dilation's zeros, at the beginning of a tile."""
    spread = np.zeros((*weight.shape[:2], *size), weight.dtype)
    where: tuple[Any, ...] = tuple(
        [slice(0, span, d) for span, d in zip(window.span, window.dilation, strict=True)]
    )
    spread[(..., *where)] = weight
    return spread


def _spectra(tiles: NDArray[Any], size: tuple[int, ...]) -> NDArray[Any]:
    return np.fft.rfftn(tiles, axes=tuple(range(-len(size), 0)))


def _back(products: NDArray[Any], size: tuple[int, ...]) -> NDArray[Any]:
    return np.fft.irfftn(products, s=size, axes=tuple(range(-len(size), 0)))


def _tiles(
    padded: NDArray[Any], size: tuple[int, ...], step: tuple[int, ...], block: tuple[slice, ...]
) -> NDArray[Any]:
    """The tiles of a block (N, C, *tiles, *n), a view of a copy that reaches as far as the last of them."""
    room: list[int] = []
    where: list[Any] = []
    inside: list[Any] = []
    for piece, length, by, there in zip(block, size, step, padded.shape[2:], strict=True):
        start, needed = piece.start * by, (piece.stop - piece.start - 1) * by + length
        room.append(needed)
        where.append(slice(start, min(there, start + needed)))
        inside.append(slice(0, max(0, min(there - start, needed))))
    reach = np.zeros((*padded.shape[:2], *room), padded.dtype)
    reach[(..., *inside)] = padded[(..., *where)]
    return Window(size, stride=step).read(reach)


def _arranged(kernels: NDArray[Any], groups: int, size: tuple[int, ...]) -> NDArray[Any]:
    """Kernel spectra (O, C / groups, *half) as (frequencies, groups, O / groups, C / groups), for BLAS."""
    outputs, reads = kernels.shape[:2]
    rows = kernels.reshape(groups, outputs // groups, reads, prod(_half(size)))
    return np.ascontiguousarray(rows.transpose(3, 0, 1, 2))


def _arranged_in_parts(
    weight: NDArray[Any], window: Window, size: tuple[int, ...], work: Any, few: int
) -> NDArray[Any]:
    """`_arranged` of the spectra of one group's kernels, made a few at a time."""
    outputs, reads = weight.shape[:2]
    kind = np.result_type(work, np.complex64)
    made = np.empty((prod(_half(size)), 1, outputs, reads), kind)
    for first in range(0, outputs, few):
        some = weight[first : first + few].astype(work, copy=False)
        spectra = _spectra(_spread(some, window, size), size).reshape(len(some), reads, -1)
        np.conj(spectra.transpose(2, 0, 1), out=made[:, 0, first : first + few])
    return made


def _multiply(data: NDArray[Any], kernels: NDArray[Any], size: tuple[int, ...]) -> NDArray[Any]:
    """Frequency by frequency, summed over the channels of a group; `kernels` as `_arranged`."""
    half = _half(size)
    frequencies, groups, own, reads = kernels.shape
    samples, count = data.shape[0], data.shape[2 : data.ndim - len(half)]
    right = data.reshape(samples, groups, reads, prod(count), frequencies).transpose(4, 1, 2, 0, 3)
    right = right.reshape(frequencies, groups, reads, -1)
    found = np.matmul(kernels, right).reshape(frequencies, groups * own, samples, *count)
    del right
    back: NDArray[Any] = np.moveaxis(found, 0, -1).swapaxes(0, 1)
    return back.reshape(samples, groups * own, *count, *half)


def _place(
    found: NDArray[Any],
    output: NDArray[Any],
    window: Window,
    step: tuple[int, ...],
    dense: tuple[int, ...],
    block: tuple[slice, ...],
) -> None:
    """Put the cells that did not go around to their places, those that the stride asks for."""
    rank = window.rank
    for tile in np.ndindex(*found.shape[2 : 2 + rank]):
        take: list[Any] = []
        where: list[Any] = []
        for at, piece, by, total, stride in zip(tile, block, step, dense, window.stride, strict=True):
            start = (piece.start + at) * by
            skip = -start % stride
            stop = min(by, total - start)
            place = (start + skip) // stride
            take.append(slice(skip, stop, stride))
            where.append(slice(place, place + max(0, ceil((stop - skip) / stride))))
        output[(..., *where)] = found[(slice(None), slice(None), *tile, *take)]
