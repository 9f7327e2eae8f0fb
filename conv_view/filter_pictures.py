"""Filters as one picture: those of a first layer in colours, others by the sign and size of their weights."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from conv_view.stage.bundle import palette

GAP = 2


def colours(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Filters over three colours (n, 3, k, k) as pictures (n, k, k, 3); grey is a weight of 0.

    Each is spread by its own largest weight.

    >>> colours(np.zeros((1, 3, 2, 2), np.float32))[0, 0, 0].tolist()
    [128, 128, 128]
    """
    most = np.abs(weights).max(axis=(1, 2, 3), keepdims=True)
    spread = weights / np.where(most > 0, most, 1)
    return np.asarray(np.clip(128 + 127 * spread, 0, 255), np.uint8).transpose(0, 2, 3, 1)


def signed(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Kernels (n, k, k) in the two colours of signed values, (n, k, k, 3), all on one scale."""
    low, middle, high = (
        np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.float32)
        for colour in palette()["diverging"]["light"]
    )
    share = (weights / (float(np.abs(weights).max()) or 1.0))[..., None]
    end = np.where(share > 0, high, low)
    return np.asarray(middle + (end - middle) * np.abs(share) + 0.5, np.uint8)


def sheet(pictures: NDArray[np.uint8], per_row: int, scale: int, marked: int | None = None) -> Image.Image:
    """Small pictures (n, k, k, 3) in rows, enlarged, on a clear ground; one of them may be marked.

    >>> sheet(np.zeros((5, 3, 3, 3), np.uint8), 4, 10).size
    (128, 64)
    """
    count, rows, columns = pictures.shape[:3]
    height, width = rows * scale + GAP, columns * scale + GAP
    made = Image.new("RGBA", (per_row * width, ceil(count / per_row) * height), (0, 0, 0, 0))
    for at, picture in enumerate(pictures):
        large = Image.fromarray(picture).resize((columns * scale, rows * scale), Image.Resampling.NEAREST)
        made.paste(large, ((at % per_row) * width, at // per_row * height))
    if marked is not None:
        left, top = (marked % per_row) * width, marked // per_row * height
        box = (left, top, left + columns * scale - 1, top + rows * scale - 1)
        ImageDraw.Draw(made).rectangle(box, outline=palette()["roles"]["kernel"], width=max(2, scale // 4))
    return made
