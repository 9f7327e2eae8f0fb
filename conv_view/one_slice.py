"""A 3D convolution of a single slice, and the 2D convolutions that it comes down to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import ConvTrace, Window, conv


@dataclass(frozen=True, eq=False)
class Place:
    """One place of a 3D kernel along depth, over an input of depth 1.

    `met` are the kernel's slices that meet the input slice or a copy of it, `kernel` (rows, columns) is their
    sum, and `difference` the largest |3D - 2D| between the output slice and the 2D convolution with `kernel`.
    """

    met: tuple[int, ...]
    kernel: NDArray[Any]
    difference: float


def places(trace: ConvTrace) -> list[Place]:
    """Return what each output slice of a convolution of one slice (1, C, 1, rows, columns) comes down to.

    >>> from conv_core import conv_trace, kernel
    >>> x = np.arange(16, dtype=np.float32).reshape(1, 1, 1, 4, 4)
    >>> [place] = places(conv_trace(x, kernel("sobel_x", rank=3)[None, None], padding=1))
    >>> place.met, place.kernel.tolist(), place.difference
    ((1,), [[-2.0, 0.0, 2.0], [-4.0, 0.0, 4.0], [-2.0, 0.0, 2.0]], 0.0)
    """
    return [_place(trace, position) for position in range(trace.shape[2])]


def _place(trace: ConvTrace, position: int) -> Place:
    window, weight = trace.window, trace.weight
    first = position * window.stride[0]
    sources = trace.sources[0][first : first + window.span[0] : window.dilation[0]]
    met = np.flatnonzero(sources == 0)
    flat = weight[:, :, met].sum(axis=2, dtype=weight.dtype)
    result = conv(
        trace.x[:, :, 0],
        flat,
        trace.bias,
        stride=window.stride[1:],
        padding=trace.pads[1:],
        dilation=window.dilation[1:],
        padding_mode=trace.padding_mode,
    )
    apart = np.abs(trace.output[:, :, position] - result).max()
    return Place(tuple(met.tolist()), flat[0, 0], float(apart))


def padded_to_fit(kernel: tuple[int, ...], arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords of `conv` with "same" padding along depth, and along rows and columns as they were.

    >>> padded_to_fit((5, 3, 3), {"padding": 0, "dilation": 1})["padding"]
    ((2, 2), (0, 0), (0, 0))
    """
    padding, dilation, stride = arguments["padding"], arguments["dilation"], arguments.get("stride", 1)
    (along, *_) = Window(kernel, stride, "same", dilation).pads((1, 1, 1))
    if isinstance(padding, str):
        return arguments  # a word for all axes that fits anything
    (_, *others) = Window(kernel, stride, padding, dilation).pads((1, 1, 1))
    return arguments | {"padding": (along, *others)}
