"""Measuring how long the methods take on this machine, kernel by kernel, while the page goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from conv_core import conv

SIZES = (1, 3, 5, 7, 9, 11, 13, 15, 19, 23, 27, 31)
RACERS = ("direct", "im2col", "fft")
MOST_SECONDS = 1.0  # a method that took longer is left out of what is larger still
ROUNDS = 2  # what else the machine does falls on other kernels in the second
MOST_TIMES, ENOUGH_SECONDS = 6, 0.1

# One at a time: two at once would measure each other.
_TURN = threading.Lock()


@dataclass
class Race:
    """What was measured so far: (kernel size, seconds) by method, and whether more is to come.

    `picture` (1, C, H, W) is convolved to as many channels as it has, at its own size.
    """

    picture: NDArray[np.float32]
    sizes: tuple[int, ...] = SIZES
    times: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: {name: [] for name in RACERS})
    done: bool = False
    stopped: bool = False
    measured: int = 0

    @property
    def channels(self) -> int:
        """Channels of the picture, and of what it is convolved to."""
        return self.picture.shape[1]

    @property
    def share(self) -> float:
        """How much of the whole is done, from 0 to 1."""
        return self.measured / (ROUNDS * len(self.sizes) * len(RACERS))

    def start(self) -> threading.Thread:
        """Begin; returns at once, and the thread that measures."""
        thread = threading.Thread(target=self.run, daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Measure no more once what is under way is done; what was measured stays."""
        self.stopped = True

    def run(self) -> None:
        """Measure from the smallest kernel to the largest, unless it is stopped."""
        slow: set[str] = set()
        with _TURN:
            for turn in range(ROUNDS):
                for size in self.sizes:
                    if not self.stopped:
                        self._measure(size, slow, first=turn == 0)
        self.done = True

    def _measure(self, size: int, slow: set[str], *, first: bool) -> None:
        """Measure all methods with one kernel; of several rounds the least counts."""
        count = self.channels
        weight = np.random.default_rng(0).standard_normal((count, count, size, size), np.float32)
        for method in RACERS:
            self.measured += 1
            known = dict(self.times[method])
            if self.stopped or (method in slow and (first or size not in known)):
                continue
            taken = self._time(weight, method)
            if taken > MOST_SECONDS:
                slow.add(method)
            known[size] = min(taken, known.get(size, taken))
            self.times[method] = sorted(known.items())

    def _time(self, weight: NDArray[np.float32], method: str) -> float:
        return best_of(lambda: conv(self.picture, weight, padding="same", method=method))


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
