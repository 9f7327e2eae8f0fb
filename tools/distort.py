"""Handwritten digits as they might also have been written: turned, slanted, moved and stretched a little."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TURN, SLANT, STRETCH, SHIFT, BEND = 0.2, 0.25, 0.15, 2.0, 1.6
"""The largest angle and slant in radians, change of size, way in cells, and bend of a line in cells."""

COARSE = 6
"""A bend is drawn on a grid of this many points a side and goes smoothly from one to the next."""


def distorted(images: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Every picture (N, H, W) through an affine map and a bend of its own; what comes in from outside is 0.

    (Simard, Steinkraus, Platt: Best practices for convolutional neural networks applied to visual document
    analysis, 2003, section 2.)
    """
    count, height, width = images.shape
    rows, columns = _grid(height, width)
    turn, slant = rng.uniform(-TURN, TURN, count), rng.uniform(-SLANT, SLANT, count)
    tall, wide = 1 + rng.uniform(-STRETCH, STRETCH, (2, count))
    down, across = rng.uniform(-SHIFT, SHIFT, (2, count, 1, 1))
    cos, sin = np.cos(turn)[:, None, None], np.sin(turn)[:, None, None]
    leaning = columns + np.tan(slant)[:, None, None] * rows
    y = (cos * rows - sin * leaning) * tall[:, None, None] + down
    x = (sin * rows + cos * leaning) * wide[:, None, None] + across
    y += _bend(count, height, width, rng) + (height - 1) / 2
    x += _bend(count, height, width, rng) + (width - 1) / 2
    return _sampled(images, y, x)


def _grid(height: int, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows and columns counted from the middle."""
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    return rows - (height - 1) / 2, columns - (width - 1) / 2


def _bend(count: int, height: int, width: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Ways in cells (N, H, W) that change smoothly from place to place."""
    coarse = rng.uniform(-BEND, BEND, (count, COARSE, COARSE))
    return _between(height) @ coarse @ _between(width).T


def _between(size: int) -> NDArray[np.float64]:
    """(size, COARSE): how much of each point of the coarse grid a cell takes, in cosine steps."""
    place = np.linspace(0, COARSE - 1, size)
    near = np.minimum(place.astype(int), COARSE - 2)
    part = (1 - np.cos(np.pi * (place - near))) / 2
    shares = np.zeros((size, COARSE))
    shares[np.arange(size), near] = 1 - part
    shares[np.arange(size), near + 1] = part
    return shares


def _sampled(
    images: NDArray[np.float32], y: NDArray[np.float64], x: NDArray[np.float64]
) -> NDArray[np.float32]:
    """The pictures at places between their cells, bilinearly."""
    count, height, width = images.shape
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    # One cell of frame holds the zeros that everything outside is.
    y, x = np.clip(y + 1, 0, height + 0.999), np.clip(x + 1, 0, width + 0.999)
    top, left = y.astype(np.intp), x.astype(np.intp)
    low, right = (y - top).astype(np.float32), (x - left).astype(np.float32)
    flat = framed.reshape(count, -1)
    first = top * (width + 2) + left

    def at(step: int) -> NDArray[np.float32]:
        return np.take_along_axis(flat, (first + step).reshape(count, -1), axis=1).reshape(y.shape)

    below = width + 2
    upper = at(0) * (1 - right) + at(1) * right
    lower = at(below) * (1 - right) + at(below + 1) * right
    return (upper * (1 - low) + lower * low).astype(np.float32, copy=False)
