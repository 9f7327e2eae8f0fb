"""A film drawn by rule, so that what moves and what does not is known: frames stacked into a volume."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

FRAMES, SIDE = 24, 40
SQUARE, BAR, LAMP = 255, 170, 220
FLASH = 15
"""The frame in which the lamp is lit."""


@cache
def moving_square() -> NDArray[np.uint8]:
    """Return a film, uint8 (frames, rows, columns), read-only: a square moves, a bar stands, a lamp flashes.

    The square goes one column a frame to the right, the bar below it never changes, and the lamp above it is
    lit in a single frame: something for a filter along time to find.

    >>> film = moving_square()
    >>> film.shape, int(film[3, 18, 6]), int(film[4, 18, 6])
    ((24, 40, 40), 255, 0)
    """
    film = np.zeros((FRAMES, SIDE, SIDE), np.uint8)
    film[:, 31:34, 6:34] = BAR
    film[FLASH, 4:9, 27:32] = LAMP
    for frame, start in enumerate(range(3, 3 + FRAMES)):
        film[frame, 14:22, start : start + 8] = SQUARE
    film.setflags(write=False)
    return film
