"""Winograd's minimal filtering: small tiles, transformed so that fewer multiplications are left.

F(m, r) makes m outputs of r taps with m + r - 1 products instead of m * r; nested along the axes of a
picture, F(4x4, 3x3) takes 36 for 144 (Winograd 1980; Lavin and Gray 2016, equations 8 and 12):

    Y = A^T [sum over channels of (G g G^T) * (B^T d B)] A
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.axes import PerAxis, at_least_one, per_axis
from conv_core.methods import winograd_blocks
from conv_core.methods.protocol import Cost
from conv_core.methods.toom_cook import Matrices, winograd_matrices
from conv_core.methods.transforms import along_all
from conv_core.methods.winograd_cost import parts_of
from conv_core.window import Window

NAME = "winograd"

LARGEST_KERNEL = 7
"""Beyond it tiles are so large that float32 has no digits left."""

Points = Sequence[Any]


@dataclass(frozen=True)
class WinogradStages:
    """Every array between input and output. n = m + r - 1 along each axis, tiles = ceil(out / m).

    `matrices` holds for each axis the fractions (AT, G, BT). `input_tiles` (N, C, *tiles, *n) overlap by
    r - 1 cells and hold zeros beyond the padded input; `data_tiles` are B^T d B. `kernel_tiles`
    (O, C / groups, *n) are G g G^T. `products` (N, O, *tiles, *n) are summed over the channels of a group.
    `output_tiles` (N, O, *tiles, *m) are A^T M A, and `output` (N, O, *out) is what of them lies inside.
    """

    m: tuple[int, ...]
    r: tuple[int, ...]
    matrices: tuple[Matrices, ...]
    input_tiles: NDArray[Any]
    data_tiles: NDArray[Any]
    kernel_tiles: NDArray[Any]
    products: NDArray[Any]
    output_tiles: NDArray[Any]
    output: NDArray[Any]


def run(
    padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int, m: PerAxis | None = None
) -> NDArray[Any]:
    """Transform blocks of tiles, multiply them with the transformed kernels, transform back."""
    out = window.positions(padded.shape[2:])
    sizes = outputs_of(window.kernel, out, m)
    if padded.dtype.kind != "f" or not padded.dtype.isnative:
        return stages(padded, weight, window, groups, m=sizes).output
    return winograd_blocks.run(padded, weight, sizes, groups, out)


def stages(
    padded: NDArray[Any],
    weight: NDArray[Any],
    window: Window,
    groups: int,
    m: PerAxis | None = None,
    points: Points | None = None,
) -> WinogradStages:
    """All tiles at once, transformed axis by axis; of numbers of any type that adds and multiplies."""
    rank, r = window.rank, window.kernel
    out = window.positions(padded.shape[2:])
    sizes = outputs_of(r, out, m)
    matrices = _matrices(sizes, r, points)
    samples, outputs = padded.shape[0], weight.shape[0]
    input_tiles = tiles_of(padded, sizes, r, out)
    count = input_tiles.shape[2 : 2 + rank]
    data = along_all([BT for _, _, BT in matrices], input_tiles)
    kernels = along_all([G for _, G, _ in matrices], weight)
    products = _multiply(data, kernels, groups, rank)
    output_tiles = along_all([AT for AT, _, _ in matrices], products)
    # (N, O, *tiles, *m) -> (N, O, t1, m1, t2, m2, ...): neighbours of the output beside each other again.
    order = [2 + rank * inner + axis for axis in range(rank) for inner in (0, 1)]
    whole = output_tiles.transpose(0, 1, *order).reshape(
        samples, outputs, *[tiles * size for tiles, size in zip(count, sizes, strict=True)]
    )
    kept: tuple[Any, ...] = (..., *[slice(0, size) for size in out])
    output = whole[kept].copy()
    return WinogradStages(sizes, r, matrices, input_tiles, data, kernels, products, output_tiles, output)


def cost(
    padded_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    window: Window,
    groups: int,
    itemsize: int,
    m: PerAxis | None = None,
) -> Cost:
    """The operations of `winograd_cost.parts_of` together; memory for the kernels' tiles and one block."""
    out = window.positions(padded_shape[2:])
    sizes = outputs_of(window.kernel, out, m)
    parts = parts_of(padded_shape[0], weight_shape, out, sizes, groups)
    cells = winograd_blocks.workspace(weight_shape, sizes, groups, out, itemsize)
    return Cost(parts.multiplies, parts.adds, cells * itemsize)


def supports(window: Window) -> bool:
    """Windows that move by 1 over neighbouring cells, and are not larger than 7 along any axis."""
    return (
        prod(window.stride) == prod(window.dilation) == 1
        and max(window.kernel) <= LARGEST_KERNEL
        and window.rank <= 3
    )


def outputs_of(kernel: tuple[int, ...], out: tuple[int, ...], m: PerAxis | None) -> tuple[int, ...]:
    """How many outputs a tile has along each axis: as given, or what suits the kernel and the output.

    >>> outputs_of((3, 3), (56, 56), None), outputs_of((3, 1), (14, 14), 2)
    ((4, 4), (2, 2))
    """
    if m is not None:
        return at_least_one("winograd_outputs", "m", per_axis("m", m, len(kernel)))
    return tuple([_suits(taps, size, len(kernel)) for taps, size in zip(kernel, out, strict=True)])


def _suits(taps: int, size: int, rank: int) -> int:
    """F(4, 3), where a tile of 4 is well filled; for other kernels transforms of at most 8 points."""
    if taps == 1:
        return 1
    if taps > 3 or rank > 2:
        return 2
    # The tiles at the end reach beyond the output: 14 is 7 tiles of 2, but 4 of 4, which make 16.
    waste = ceil(size / 4) * 4 / (ceil(size / 2) * 2)
    return 2 if size < 4 or waste > 1.1 else 4


def tiles_of(
    padded: NDArray[Any], m: tuple[int, ...], r: tuple[int, ...], out: tuple[int, ...]
) -> NDArray[Any]:
    """The overlapping tiles (N, C, *tiles, *n) of a padded input: windows of m + r - 1 that move by m.

    >>> tiles_of(np.arange(5.0).reshape(1, 1, 5), (2,), (3,), (3,))[0, 0]
    array([[0., 1., 2., 3.],
           [2., 3., 4., 0.]])
    """
    n = tuple([size + taps - 1 for size, taps in zip(m, r, strict=True)])
    count = [ceil(size / step) for size, step in zip(out, m, strict=True)]
    needed = [tiles * step + taps - 1 for tiles, step, taps in zip(count, m, r, strict=True)]
    room = np.zeros((*padded.shape[:2], *needed), padded.dtype)
    if padded.dtype.kind == "O":
        room[...] = 0 * padded.flat[0]  # a zero of its kind: what is computed beyond the edge counts as well
    inside: tuple[Any, ...] = (..., *[slice(0, size) for size in padded.shape[2:]])
    room[inside] = padded
    return Window(n, stride=m).read(room)


def _matrices(m: tuple[int, ...], r: tuple[int, ...], points: Points | None) -> tuple[Matrices, ...]:
    return tuple([winograd_matrices(size, taps, points) for size, taps in zip(m, r, strict=True)])


def _multiply(data: NDArray[Any], kernels: NDArray[Any], groups: int, rank: int) -> NDArray[Any]:
    """Element by element, summed over the channels of a group: (N, C, *tiles, *n), (O, C / groups, *n)."""
    samples, channels = data.shape[:2]
    tiles, n = data.shape[2 : 2 + rank], data.shape[2 + rank :]
    outputs = len(kernels)
    # For each cell of a tile one matrix product: (O / groups, C / groups) times (C / groups, tiles).
    left = np.moveaxis(kernels, (0, 1), (-2, -1)).reshape(
        *n, 1, groups, outputs // groups, channels // groups
    )
    right = np.moveaxis(data, tuple(range(2 + rank)), tuple(range(rank, 2 * rank + 2)))
    right = right.reshape(*n, samples, groups, channels // groups, prod(tiles))
    found = np.matmul(left, right).reshape(*n, samples, outputs, *tiles)
    return np.ascontiguousarray(np.moveaxis(found, tuple(range(rank)), tuple(range(-rank, 0))))
