"""The definition itself: one output position after the other, each the sum over its window."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.methods.protocol import Cost
from conv_core.window import Window

NAME = "direct"


@dataclass(frozen=True)
class DirectStages:
    """`windows` (N, C, *out, *kernel) is what is read (a view), `output` (N, O, *out) the sums."""

    windows: NDArray[Any]
    output: NDArray[Any]


def run(padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int) -> NDArray[Any]:
    """Slide the window: for each position multiply all kernels with what lies under it, and sum."""
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
    """As many products per output cell as the kernel has cells, one addition fewer, one patch of memory."""
    out = window.positions(padded_shape[2:])
    cells = padded_shape[0] * weight_shape[0] * prod(out)
    terms = prod(weight_shape[1:])
    return Cost(cells * terms, cells * (terms - 1), padded_shape[0] * groups * terms * itemsize)


def supports(window: Window) -> bool:
    """Every window there is."""
    return True
