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
ROUNDS = 3  # what else the machine does falls on other kernels in the next
ENOUGH_SECONDS = 0.03  # so long a point is measured in each round: many runs of what is quick
ALIKE = 1.5  # rounds of which the slowest took less than so many times the quickest are alike
AHEAD = 1.05  # so many times as quick is ahead; what is nearer may be the other way around the next time


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


def times(results: Mapping[tuple[int, int, str], float], rank: int = 0) -> dict[str, list[tuple[int, float]]]:
    """Return (kernel size, seconds) by method: of the rounds the quickest, or the one of a `rank` after it.

    A rank of -1 is the slowest; where there were fewer rounds, the last stands for those that are missing.

    >>> results = {(0, 1, "fft"): 2.0, (0, 3, "fft"): inf, (1, 1, "fft"): 1.0}
    >>> times(results)["fft"], times(results, -1)["fft"]
    ([(1, 1.0)], [(1, 2.0)])
    """
    found: dict[str, dict[int, list[float]]] = {method: {} for method in RACERS}
    for (_, size, method), taken in results.items():
        if taken < inf:
            found[method].setdefault(size, []).append(taken)
    return {
        method: [(size, sorted(each)[min(rank, len(each) - 1)]) for size, each in sorted(known.items())]
        for method, known in found.items()
    }


def spread(results: Mapping[tuple[int, int, str], float]) -> dict[tuple[str, int], float]:
    """Return how many times as long as the quickest round the slowest took, by method and kernel size."""
    quickest, slowest = times(results), times(results, -1)
    return {
        (method, size): slow / quick
        for method, line in quickest.items()
        for (size, quick), (_, slow) in zip(line, slowest[method], strict=True)
    }


def best_of(work: Callable[[], object]) -> float:
    """Return the least time in seconds of several, after one that warms up; of slow work once is enough."""
    found: list[float] = []
    while sum(found) < ENOUGH_SECONDS:
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return min(found[1:] or found)


def crossing(
    ours: Sequence[tuple[int, float]], others: Sequence[Sequence[tuple[int, float]]], ahead: float = 1.0
) -> int | None:
    """Return the kernel size from which on `ours` is below all of `others` wherever both are known, if any.

    Below is what is less than one part in `ahead` of the other.

    >>> ours, other = [(1, 5.0), (3, 5.0), (5, 5.0)], [(1, 1.0), (3, 6.0), (5, 9.0)]
    >>> crossing(ours, [other]), crossing(ours, [other], 1.5)
    (3, 5)
    """
    tables = [dict(other) for other in others]
    found = None
    for size, value in ours:
        known = [table[size] for table in tables if size in table]
        # What was too slow to be measured on is slower still.
        wins = all(ahead * value < other for other in known)
        found = (found or size) if wins else None
    return found


def settled(results: Mapping[tuple[int, int, str], float]) -> tuple[int | None, bool]:
    """Return the kernel size from which on the transform is ahead, if any, and whether that is clear.

    It is where the quickest rounds and the ones in the middle agree, to within a neighbouring size, that it
    gets ahead and stays so, with at least two sizes to show it; and where it is nowhere near the others.

    >>> quick = {(turn, size, "fft"): 1.0 for turn in range(3) for size in (1, 3, 5)}
    >>> settled(quick | {(turn, size, "im2col"): size / 2 for turn in range(3) for size in (1, 3, 5)})
    (3, True)
    """
    sizes = sorted({size for _, size, _ in results})
    found = []
    for rank in (0, ROUNDS // 2):
        lines = times(results, rank)
        others = [lines[method] for method in RACERS if method != "fft"]
        found.append(crossing(lines["fft"], others, AHEAD))
        if found[-1] is None and crossing(lines["fft"], others, 1 / AHEAD) is not None:
            return None, False
    if found == [None, None]:
        return None, True
    places = [sizes.index(size) for size in found if size is not None]
    if len(places) < len(found) or max(places) - min(places) > 1 or max(places) > len(sizes) - 2:
        return None, False
    return sizes[max(places)], True
