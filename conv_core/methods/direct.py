"""The definition itself: one output position after the other, each the sum over its window."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.methods.protocol import Cost
from conv_core.methods.workspace import borrow
from conv_core.window import Window

NAME = "direct"

FEW_WEIGHTS = 4096
"""Up to so many weights each of them meeting all positions takes less time than each position by itself."""


@dataclass(frozen=True)
class DirectStages:
    """`windows` (N, C, *out, *kernel) is what is read (a view), `output` (N, O, *out) the sums."""

    windows: NDArray[Any]
    output: NDArray[Any]


def run(padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int) -> NDArray[Any]:
    """Slide the window: for each position multiply all kernels with what lies under it, and sum.

    Where kernels are few, the other way around: for each kernel cell multiply all that it meets, and add.
    The products and the sums are the same, in fewer steps of Python.
    """
    if goes_by_taps(weight.shape):
        return _by_taps(padded, weight, window, groups)
    return stages(padded, weight, window, groups).output


def stages(padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int) -> DirectStages:
    """The windows, and for each the sum over c, t of X[n, c, p * stride + t * dilation] W[o, c, t]."""
    windows = window.read(padded)
    out = windows.shape[2 : 2 + window.rank]
    samples, outputs = padded.shape[0], weight.shape[0]
    kernels = weight.reshape(groups, outputs // groups, -1)
    output = np.empty((samples, outputs, *out), padded.dtype)
    for position in np.ndindex(*out):
        patch = windows[(slice(None), slice(None), *position)].reshape(samples, groups, -1)
        sums = np.einsum("ngk,gok->ngo", patch, kernels)
        output[(slice(None), slice(None), *position)] = sums.reshape(samples, outputs)
    return DirectStages(windows, output)


def cost(
    padded_shape: tuple[int, ...], weight_shape: tuple[int, ...], window: Window, groups: int, itemsize: int
) -> Cost:
    """As many products per output cell as the kernel has cells, one addition fewer.

    Beside them room for one patch, or where it goes by taps, for one product of each position.
    """
    out = window.positions(padded_shape[2:])
    cells = padded_shape[0] * weight_shape[0] * prod(out)
    terms = prod(weight_shape[1:])
    own = weight_shape[0] // groups
    room = own * prod(out) if goes_by_taps(weight_shape) else padded_shape[0] * groups * terms
    return Cost(cells * terms, cells * (terms - 1), room * itemsize)


def supports(window: Window) -> bool:
    """Every window there is."""
    return True


def goes_by_taps(weight_shape: tuple[int, ...]) -> bool:
    """Whether `run` goes through the kernels' cells instead of the output's.

    >>> goes_by_taps((1, 1, 3, 3)), goes_by_taps((64, 64, 3, 3))
    (True, False)
    """
    return prod(weight_shape) <= FEW_WEIGHTS


def _by_taps(padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int) -> NDArray[Any]:
    """One kernel cell after the other: what it meets, times its weight in every filter of the group."""
    samples, outputs, reads = padded.shape[0], weight.shape[0], weight.shape[1]
    own, out = outputs // groups, window.positions(padded.shape[2:])
    output = np.zeros((samples, outputs, *out), padded.dtype)
    product = borrow("product", (own, *out), padded.dtype)
    for sample, group in np.ndindex(samples, groups):
        total = output[sample, group * own : (group + 1) * own]
        kernels = weight[group * own : (group + 1) * own]
        for channel in range(reads):
            plane = padded[sample, group * reads + channel]
            for tap, met in window.taps(plane.shape):
                place: tuple[Any, ...] = (slice(None), channel, *tap)
                factors = kernels[place].reshape(-1, *[1] * window.rank)
                total += np.multiply(plane[met], factors, out=product)
    return output
