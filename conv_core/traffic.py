"""What a convolution moves through memory: every array of a method, once each time it is written or read."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from conv_core.axes import Padding, PerAxis, padded_sizes
from conv_core.methods import choose, direct, fft, im2col, winograd
from conv_core.numeric import work_type
from conv_core.plan import geometry
from conv_core.window import Window


@dataclass(frozen=True)
class Traffic:
    """Bytes: input and weights read, all arrays between written and read, the output written."""

    input: int
    weights: int
    between: int
    output: int

    @property
    def total(self) -> int:
        """All of them together, in bytes."""
        return self.input + self.weights + self.between + self.output


def conv_traffic(
    x_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    method: str = "auto",
    dtype: DTypeLike = np.float32,
    **options: Any,
) -> Traffic:
    """Bytes that a convolution moves if every array goes through memory; operations per byte are intensity.

    Input and weights are read once, the output is written once, and each array between (the padded copy and
    the arrays of `conv_stages`) is written once and read once. What stays in a cache moves less, and what
    does not fit one while it is used again moves more (Williams, Waterman, Patterson 2009, the roofline
    model). Arguments and `WindowError` as in `conv_cost`.

    >>> conv_traffic((1, 1, 5, 5), (1, 1, 3, 3), padding=1, method="direct")
    Traffic(input=100, weights=36, between=392, output=100)
    """
    window, pads, out = geometry(
        tuple(x_shape), tuple(weight_shape), stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    padded = (*x_shape[:2], *padded_sizes(x_shape[2:], pads))
    work = work_type(np.dtype(dtype))
    chosen = choose(method, window, padded, tuple(weight_shape), groups, work)
    between = _ARRAYS[chosen.NAME](padded, tuple(weight_shape), window, out, groups, **options)
    if any(before or after for before, after in pads):
        between += prod(padded)
    numbers = (prod(x_shape), prod(weight_shape), 2 * between, x_shape[0] * weight_shape[0] * prod(out))
    return Traffic(*[count * work.itemsize for count in numbers])


# Each of these tells how many real numbers the arrays between input and output hold; a complex one is two.


def _direct(
    padded: tuple[int, ...], weight: tuple[int, ...], window: Window, out: tuple[int, ...], groups: int
) -> int:
    return 0  # the windows are a view


def _im2col(
    padded: tuple[int, ...], weight: tuple[int, ...], window: Window, out: tuple[int, ...], groups: int
) -> int:
    if prod(window.kernel) == prod(window.stride) == 1:
        return 0  # the columns are the input itself
    return padded[0] * padded[1] * prod(window.kernel) * prod(out)


def _winograd(
    padded: tuple[int, ...],
    weight: tuple[int, ...],
    window: Window,
    out: tuple[int, ...],
    groups: int,
    m: PerAxis | None = None,
) -> int:
    sizes = winograd.outputs_of(window.kernel, out, m)
    n = prod([size + taps - 1 for size, taps in zip(sizes, window.kernel, strict=True)])
    tiles = padded[0] * prod([-(-size // step) for size, step in zip(out, sizes, strict=True)])
    data, made = tiles * padded[1], tiles * weight[0]
    # The tiles and what they become, the kernels' tiles, the products, and the tiles of the output.
    return 2 * data * n + weight[0] * weight[1] * n + made * n + made * prod(sizes)


def _fft(
    padded: tuple[int, ...],
    weight: tuple[int, ...],
    window: Window,
    out: tuple[int, ...],
    groups: int,
    tile: PerAxis | None = None,
) -> int:
    size, count = fft_tiles(padded[2:], window, tile)
    tiles = padded[0] * prod(count)
    cells, half = prod(size), 2 * prod(size[:-1]) * (size[-1] // 2 + 1)
    data, made = tiles * padded[1], tiles * weight[0]
    return data * (cells + half) + weight[0] * weight[1] * half + made * (half + cells)


def fft_tiles(
    padded: tuple[int, ...], window: Window, tile: PerAxis | None = None
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The length of the transforms along each axis, and how many tiles the padded input is cut into.

    `WindowError` where the kernel does not fit a tile of the length asked for.

    >>> fft_tiles((58, 58), Window((3, 3)), 16)
    ((16, 16), (4, 4))
    """
    size, _, _, count = fft.grid(padded, window, tile)
    return size, count


_ARRAYS: dict[str, Any] = {
    direct.NAME: _direct,
    im2col.NAME: _im2col,
    winograd.NAME: _winograd,
    fft.NAME: _fft,
}
