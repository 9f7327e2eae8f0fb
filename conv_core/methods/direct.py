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

BLOCK_BYTES = 2**19
"""The size a block of channels is kept to where one kernel cell is multiplied after the other."""


@dataclass(frozen=True)
class DirectStages:
    """`windows` (N, C, *out, *kernel) is what is read (a view), `output` (N, O, *out) the sums."""

    windows: NDArray[Any]
    output: NDArray[Any]


def run(padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int) -> NDArray[Any]:
    """Slide the window: for each position multiply all kernels with what lies under it, and sum.

    Where each channel has one kernel of its own (depthwise), the other way around: for each kernel cell
    multiply all that it meets, and add. The products and sums are the same, in long runs.
    """
    if _is_depthwise(weight.shape, groups):
        return _by_taps(padded, weight, window)
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
    """As many products per output cell as the kernel has cells, one addition fewer; a patch, or two runs."""
    out = window.positions(padded_shape[2:])
    cells = padded_shape[0] * weight_shape[0] * prod(out)
    terms = prod(weight_shape[1:])
    room = padded_shape[0] * groups * terms
    if _is_depthwise(weight_shape, groups):
        channels = _channels(padded_shape, itemsize)
        if prod(window.stride) == 1:
            room = channels * (out[0] * prod(padded_shape[3:]) + _run_length(padded_shape[2:], window))
        else:
            room = channels * prod(out)
    return Cost(cells * terms, cells * (terms - 1), room * itemsize)


def supports(window: Window) -> bool:
    """Every window there is."""
    return True


def _is_depthwise(weight_shape: tuple[int, ...], groups: int) -> bool:
    return groups > 1 and weight_shape[1] == 1 and weight_shape[0] == groups


def _channels(padded_shape: tuple[int, ...], itemsize: int) -> int:
    """How many channels a block holds."""
    return max(1, min(padded_shape[1], BLOCK_BYTES // (prod(padded_shape[2:]) * itemsize)))


def _run_length(padded: tuple[int, ...], window: Window) -> int:
    """Cells of a channel, row after row, from which every tap of a window still lies inside."""
    return prod(padded) - _shift(padded, window, tuple([size - 1 for size in window.kernel]))


def _shift(padded: tuple[int, ...], window: Window, tap: tuple[int, ...]) -> int:
    """How far a tap lies behind the window's beginning where the rows of the input follow each other."""
    return sum(
        t * d * prod(padded[axis + 1 :]) for axis, (t, d) in enumerate(zip(tap, window.dilation, strict=True))
    )


def _by_taps(padded: NDArray[Any], weight: NDArray[Any], window: Window) -> NDArray[Any]:
    """Each channel with the kernel of its own, one kernel cell after the other."""
    samples, channels, *sizes = padded.shape
    spatial = tuple(sizes)
    out = window.positions(spatial)
    output = np.empty((samples, channels, *out), padded.dtype)
    block = _channels(padded.shape, padded.itemsize)
    for sample in range(samples):
        for first in range(0, channels, block):
            part = slice(first, first + block)
            if prod(window.stride) == 1:
                output[sample, part] = _in_runs(padded[sample, part], weight[part, 0], window, out)
            else:
                _in_slices(padded[sample, part], weight[part, 0], window, output[sample, part])
    return output


def _in_runs(
    padded: NDArray[Any], kernels: NDArray[Any], window: Window, out: tuple[int, ...]
) -> NDArray[Any]:
    """At stride 1 a channel is one long row; what is computed between two rows of the output is left out."""
    spatial = padded.shape[1:]
    cells = padded.reshape(len(padded), -1)
    length = _run_length(spatial, window)
    room = borrow("total", (len(padded), out[0] * prod(spatial[1:])), padded.dtype)
    total, product = room[:, :length], borrow("product", (len(padded), length), padded.dtype)
    for number, tap in enumerate(np.ndindex(*window.kernel)):
        start = _shift(spatial, window, tap)
        met, factors = cells[:, start : start + length], _column(kernels, tap)[:, None]
        if number == 0:
            np.multiply(met, factors, out=total)
        else:
            np.add(total, np.multiply(met, factors, out=product), out=total)
    inside: tuple[Any, ...] = (..., *[slice(0, size) for size in out[1:]])
    found: NDArray[Any] = room.reshape(len(padded), out[0], *spatial[1:])[inside]
    return found


def _in_slices(padded: NDArray[Any], kernels: NDArray[Any], window: Window, output: NDArray[Any]) -> None:
    """With a stride: what each tap meets, cell by cell."""
    product = borrow("product", output.shape, padded.dtype)
    for number, (tap, touched) in enumerate(window.taps(padded.shape[1:])):
        factors = _column(kernels, tap).reshape(-1, *[1] * window.rank)
        if number == 0:
            np.multiply(padded[touched], factors, out=output)
        else:
            output += np.multiply(padded[touched], factors, out=product)


def _column(kernels: NDArray[Any], tap: tuple[int, ...]) -> NDArray[Any]:
    """One cell of every kernel (channels, *kernel)."""
    place: tuple[Any, ...] = (slice(None), *tap)
    found: NDArray[Any] = kernels[place]
    return found
