"""One measurement at a time: those who share a machine would measure each other.

A `Measurement` is a row of tasks that a thread of its own works off, one after the other; between two runs it
looks whether it was stopped, and whether anybody still waits for it. `QUEUE` lets one run at a time on the
whole server, in the order in which they came, whichever page began them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition, Event, Thread
from time import monotonic
from typing import Any

PATIENCE = 10.0
"""Seconds after the last `beat` until nobody is thought to wait any more."""

Task = tuple[Any, Callable[[Callable[[], bool]], Any]]
"""What a result is kept under, and what makes it; that gets a function which tells whether to stop."""


class Queue:
    """Who measures, and who waits for the turn."""

    def __init__(self) -> None:
        self._waiting: list[Measurement] = []
        self._changed = Condition()

    def enter(self, one: Measurement) -> bool:
        """Wait until it is this one's turn; tell whether it still is to run."""
        with self._changed:
            self._waiting.append(one)
            while self._waiting[0] is not one and not one.is_over():
                self._changed.wait(0.2)
            return not one.is_over()

    def leave(self, one: Measurement) -> None:
        """Let the next one run."""
        with self._changed:
            if one in self._waiting:
                self._waiting.remove(one)
            self._changed.notify_all()

    def ahead(self, one: Measurement) -> int:
        """Return how many are before this one."""
        with self._changed:
            return self._waiting.index(one) if one in self._waiting else 0


QUEUE = Queue()


@dataclass(eq=False)
class Measurement:
    """A row of tasks and what came of them so far; `start` works it off in a thread.

    >>> one = Measurement([("one", lambda stopped: 1), ("two", lambda stopped: 2)])
    >>> one.work()
    >>> one.results, one.done, one.finished
    ({'one': 1, 'two': 2}, 2, True)
    """

    tasks: Sequence[Task]
    queue: Queue = field(default_factory=lambda: QUEUE)
    results: dict[Any, Any] = field(default_factory=dict)
    done: int = 0
    finished: bool = False
    running: bool = False
    failure: BaseException | None = None
    _stop: Event = field(default_factory=Event)
    _seen: float = field(default_factory=monotonic)

    def start(self) -> None:
        """Begin, or wait in the queue, in a thread that ends with the app."""
        Thread(target=self.work, name="measurement", daemon=True).start()

    def work(self) -> None:
        """Work off the tasks once it is this one's turn."""
        try:
            if self.queue.enter(self):
                self.running = True
                for key, task in self.tasks:
                    if self.is_over():
                        break
                    result = task(self.is_over)
                    if result is not None:
                        self.results[key] = result
                        self.done += 1
        except Exception as error:  # the page tells it; a thread has nobody to tell
            self.failure = error
        finally:
            # A session keeps its last measurement, but not the arrays that the tasks hold.
            self.tasks = [(key, _nothing) for key, _ in self.tasks]
            self.running, self.finished = False, True
            self.queue.leave(self)

    def stop(self) -> None:
        """Have it end after the run it is in."""
        self._stop.set()

    def beat(self) -> None:
        """Say that somebody still waits."""
        self._seen = monotonic()

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    def is_over(self) -> bool:
        """Whether to stop: it was told to, or nobody has asked for PATIENCE seconds."""
        return self._stop.is_set() or monotonic() - self._seen > PATIENCE

    @property
    def share(self) -> float:
        """How much of the whole is done, from 0 to 1."""
        return self.done / max(len(self.tasks), 1)

    @property
    def current(self) -> Any:
        """What the task that runs now is kept under; None before the first and after the last."""
        at = self.done
        return self.tasks[at][0] if self.running and at < len(self.tasks) else None

    @property
    def ahead(self) -> int:
        """How many are before this one in the queue."""
        return self.queue.ahead(self)


def _nothing(stopped: Callable[[], bool]) -> None:
    """Do what is left to do of a measurement that is over."""
