"""What a convolution costs: operations, memory, connections and parameters, counted from shapes alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from conv_core.axes import Padding, PerAxis, padded_sizes
from conv_core.methods import Cost, choose, fft
from conv_core.methods.fft_cost import FftParts
from conv_core.methods.winograd import outputs_of
from conv_core.methods.winograd_cost import WinogradParts
from conv_core.methods.winograd_cost import parts_of as winograd_parts_of
from conv_core.numeric import work_type
from conv_core.plan import geometry
from conv_core.window import Window


@dataclass(frozen=True)
class Wiring:
    """How many (input cell, output cell) pairs are joined, and how many numbers are learnt for it."""

    connections: int
    parameters: int


@dataclass(frozen=True)
class Sharing:
    """Three ways to wire the same input to the same output: what locality saves, and what sharing does.

    `dense` joins everything with everything, `local` joins each output cell with its window by weights
    of its own, `shared` is the convolution.
    """

    dense: Wiring
    local: Wiring
    shared: Wiring


def conv_cost(
    x_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    bias: bool = False,
    method: str = "direct",
    dtype: DTypeLike = np.float32,
    **options: Any,
) -> Cost:
    """Multiplications, additions and bytes of workspace that `conv` takes for arrays of these shapes.

    Without a `method` it is the definition's own count, what networks state as their multiply-adds. The
    products with padded zeros are counted: they are computed. The workspace is what is needed beside
    input, weights and output: the padded copy and what the method itself asks for. `options` as in
    `conv_stages`. `WindowError` as in `conv`.

    >>> conv_cost((1, 1, 5, 5), (1, 1, 3, 3), padding=1, method="direct")
    Cost(multiplies=225, adds=200, workspace=296)
    """
    window, pads, out = geometry(
        tuple(x_shape), tuple(weight_shape), stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    padded = (*x_shape[:2], *padded_sizes(x_shape[2:], pads))
    work = work_type(np.dtype(dtype))
    chosen = choose(method, window, padded, tuple(weight_shape), groups, work)
    cost = chosen.cost(padded, tuple(weight_shape), window, groups, work.itemsize, **options)
    copied = prod(padded) * work.itemsize if any(before or after for before, after in pads) else 0
    biases = x_shape[0] * weight_shape[0] * prod(out) if bias else 0
    return Cost(cost.multiplies, cost.adds + biases, cost.workspace + copied)


def winograd_parts(
    x_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    *,
    m: PerAxis | None = None,
    points: Sequence[Fraction | int] | None = None,
    padding: Padding = 0,
    groups: int = 1,
) -> WinogradParts:
    """The operations of each part of Winograd's filtering: three transforms and the products.

    Arguments as in `conv_stages`. The published counts of transforms (Lavin and Gray 2016) are of additions:
    a multiplication by a constant is taken into the addition that follows it.

    >>> parts = winograd_parts((1, 64, 56, 56), (64, 64, 3, 3), m=4, padding=1)
    >>> parts.data.adds // (64 * 14 * 14), parts.inverse.adds // (64 * 14 * 14)
    (144, 100)
    """
    window, _, out = geometry(tuple(x_shape), tuple(weight_shape), padding=padding, groups=groups)
    sizes = outputs_of(window.kernel, out, m)
    return winograd_parts_of(x_shape[0], tuple(weight_shape), out, sizes, groups, points)


def fft_parts(
    x_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    *,
    tile: PerAxis | None = None,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> FftParts:
    """The operations of each part of a convolution through the Fourier transform; as in `conv_stages`.

    >>> parts = fft_parts((1, 1, 6, 6), (1, 1, 3, 3), tile=8, padding=1)
    >>> parts.products, parts.data == parts.inverse
    (Operations(multiplies=160, adds=80), True)
    """
    window, pads, _ = geometry(
        tuple(x_shape), tuple(weight_shape), stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    padded = padded_sizes(x_shape[2:], pads)
    return fft.parts(x_shape[0], padded, tuple(weight_shape), window, groups, tile)


def sharing(
    x_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    bias: bool = False,
) -> Sharing:
    """Connections and parameters of the same output when fully connected, local, and convolved.

    For one sample; what a window reads of the padding is joined to nothing and counts nowhere (so a
    local layer learns no weights for it), and biases count as parameters only. `WindowError` as in `conv`.

    >>> counts = sharing((1, 1, 5, 5), (1, 1, 3, 3), bias=True)
    >>> counts.dense, counts.local, counts.shared
    (Wiring(connections=225, parameters=234), Wiring(connections=81, parameters=90),
    Wiring(connections=81, parameters=10))
    """
    window, _, out = geometry(
        tuple(x_shape), tuple(weight_shape), stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    outputs, reads = weight_shape[:2]
    cells = outputs * prod(out)
    everything = prod(x_shape[1:]) * cells
    joined = outputs * reads * prod(_inside(window, tuple(x_shape[2:]), out))
    return Sharing(
        dense=Wiring(everything, everything + bias * cells),
        local=Wiring(joined, joined + bias * cells),
        shared=Wiring(joined, prod(weight_shape) + bias * outputs),
    )


def _inside(window: Window, spatial: tuple[int, ...], out: tuple[int, ...]) -> list[int]:
    """For each axis, how many pairs (position, kernel cell) fall on the input and not on its padding.

    A window is a box, so the pairs of all axes together are the product of those along each.
    """
    counts = []
    for axis, (before, _) in enumerate(window.pads(spatial)):
        size, stride = spatial[axis], window.stride[axis]
        offsets = before - np.arange(window.kernel[axis]) * window.dilation[axis]
        # The cell position * stride - offset lies in [0, size) from the first position to the last of these.
        first = np.maximum(-(-offsets // stride), 0)
        last = np.minimum((size - 1 + offsets) // stride, out[axis] - 1)
        counts.append(int(np.maximum(last - first + 1, 0).sum()))
    return counts
