"""How long the methods take on this machine, kernel by kernel, and where one curve falls below others."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from math import inf

import numpy as np
from numpy.typing import NDArray

from conv_core import conv
from conv_view.measuring import Task

SIZES = (1, 3, 5, 7, 9, 11, 13, 15, 19, 23, 27, 31)
RACERS = ("direct", "im2col", "fft")
MOST_SECONDS = 1.0  # a method that took longer is left out of what is larger still
ROUNDS = 2  # what else the machine does falls on other kernels in the second
MOST_TIMES, ENOUGH_SECONDS = 6, 0.1


def tasks(picture: NDArray[np.float32], sizes: Sequence[int] = SIZES) -> list[Task]:
    """Return what there is to measure, kept under (round, kernel size, method), the smallest kernels first.

    `picture` (1, C, H, W) is convolved to as many channels as it has, at its own size.
    """
    slow: dict[str, int] = {}

    @lru_cache(1)
    def weight(size: int) -> NDArray[np.float32]:
        shape = (picture.shape[1], picture.shape[1], size, size)
        return np.random.default_rng(0).standard_normal(shape, np.float32)

    def timed(size: int, method: str, stopped: Callable[[], bool]) -> float | None:
        if stopped():
            return None
        if size > slow.get(method, size):
            return inf
        kernels = weight(size)
        taken = best_of(lambda: conv(picture, kernels, padding="same", method=method))
        if taken > MOST_SECONDS:
            slow[method] = min(size, slow.get(method, size))
        return taken

    return [
        ((turn, size, method), partial(timed, size, method))
        for turn in range(ROUNDS)
        for size in sizes
        for method in RACERS
    ]


def times(results: Mapping[tuple[int, int, str], float]) -> dict[str, list[tuple[int, float]]]:
    """Return (kernel size, seconds) by method; of several rounds the least counts.

    >>> times({(0, 1, "fft"): 2.0, (0, 3, "fft"): inf, (1, 1, "fft"): 1.0})["fft"]
    [(1, 1.0)]
    """
    found: dict[str, dict[int, float]] = {method: {} for method in RACERS}
    for (_, size, method), taken in results.items():
        if taken < inf:
            found[method][size] = min(taken, found[method].get(size, taken))
    return {method: sorted(known.items()) for method, known in found.items()}


def best_of(work: Callable[[], object]) -> float:
    """Return the least time in seconds of a few, after one that warms up; of slow work once is enough."""
    found: list[float] = []
    while len(found) <= MOST_TIMES and sum(found) < ENOUGH_SECONDS:
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return min(found[1:] or found)


def crossing(ours: Sequence[tuple[int, float]], others: Sequence[Sequence[tuple[int, float]]]) -> int | None:
    """Return the kernel size from which on `ours` is below all of `others` wherever both are known, if any.

    >>> crossing([(1, 5.0), (3, 5.0), (5, 5.0)], [[(1, 1.0), (3, 6.0), (5, 9.0)]])
    3
    """
    tables = [dict(other) for other in others]
    found = None
    for size, value in ours:
        known = [table[size] for table in tables if size in table]
        # What was too slow to be measured on is slower still.
        wins = all(value < other for other in known)
        found = (found or size) if wins else None
    return found
