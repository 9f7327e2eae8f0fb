"""Feature maps of several pictures by several named kernels: what a normalisation is applied to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conv_core import conv, kernel
from conv_view import part
from conv_view.controls.convolution import Settings
from conv_view.pictures import reduce, to_grey

BANK = ("identity", "sobel_x", "sobel_y", "laplacian", "box", "sharpen", "emboss", "gaussian")


def bank(first: str) -> tuple[str, ...]:
    """Return the names of eight kernels, a chosen one first.

    >>> bank("box")[:3], len(bank("gabor"))
    (('box', 'identity', 'sobel_x'), 8)
    """
    return (first, *(name for name in BANK if name != first))[: len(BANK)]


def squares(pixels: list[NDArray[np.uint8]], choice: str) -> NDArray[np.float32]:
    """Return the same part of several pictures as one batch (N, 1, size, size), from 0 to 255."""
    size = min(int(choice[1:]), *(side for each in pixels for side in each.shape[:2]))
    parts = []
    for each in pixels:
        side = size if choice[0] == "c" else min(each.shape[:2])
        square = part.take(to_grey(each), f"c{side}").pixels
        parts.append(reduce(square, height=size, width=size))
    return np.stack(parts)[:, None].astype(np.float32)


def maps(
    x: NDArray[np.float32], names: tuple[str, ...], chosen: str, settings: Settings
) -> NDArray[np.float32]:
    """Return the feature maps of a batch by named kernels, of which the chosen one is as it was set."""
    # Padded so that kernels of any size make maps of one.
    arguments = {**settings.arguments(), "padding": "same"}
    made = [
        conv(x, settings.weight(1), settings.bias_array, **arguments)
        if name == chosen
        else conv(x, kernel(name)[None, None], **arguments)
        for name in names
    ]
    return np.concatenate(made, axis=1)
