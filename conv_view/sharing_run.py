"""A short training in the server, slice by slice: none of them holds up other visitors for long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import Adam, Graph, cross_entropy_backward
from conv_core.nets import shared
from conv_view.measuring import Task
from conv_view.mnist import Digits, digits

BATCH, RATE = 50, 1e-3
EVERY = 25
"""Steps from one look at the accuracy to the next."""

CHUNK = 50
"""Pictures that are asked for in one slice: a few milliseconds on any of the networks."""


@dataclass(frozen=True)
class Asked:
    """What is trained: a kind of network, on how many digits, for how many steps, from which seed."""

    kind: str
    digits: int
    steps: int
    seed: int


@dataclass(frozen=True)
class Point:
    """The shares of right answers among the digits that are learned and among the held-out ones."""

    step: int
    training: float
    held_out: float

    @property
    def gap(self) -> float:
        """By how much more the digits that were learned are known."""
        return self.training - self.held_out


class Run:
    """A training that can be left and taken up again between any two slices.

    >>> run = Run(Asked("convolutional", 50, 25, 7))
    >>> while not run.finished:
    ...     done = run.advance()
    >>> [point.step for point in run.points], run.points[1].training > run.points[0].training
    ([0, 25], True)
    """

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.points: list[Point] = []
        self.step = self.done = 0
        self.total = asked.steps + (asked.steps // EVERY + 1) * self._chunks()
        self.ended = False
        self._right, self._chunk = [0, 0], 0
        graph = shared(asked.kind)
        shape = (1, *(graph.input_size or ()))
        self.parameters = sum(row.parameters for row in graph.summary(shape))
        self._learner: _Learner | None = _Learner(graph, asked)

    @property
    def finished(self) -> bool:
        """Whether all of its steps are done."""
        return self.done == self.total

    @property
    def can_go_on(self) -> bool:
        """Whether there are steps left, and the numbers to take them with."""
        return self._learner is not None and not self.finished

    def slices(self) -> list[Task]:
        """The slices that are left, for a `Measurement`."""

        def one(stopped: Callable[[], bool]) -> bool | None:
            return None if self.ended else self.advance()

        return [(at, one) for at in range(self.done, self.total)]

    def advance(self) -> bool:
        """Do one slice: ask for some pictures, or take one step."""
        learner = self._learner
        if learner is None:
            return True
        if self.step == EVERY * len(self.points):
            self._ask(learner)
        else:
            learner.learn()
            self.step += 1
        self.done += 1
        if self.finished:
            self._learner = None
        return True

    def end(self) -> None:
        """Leave it where it is for good, and let go of its weights."""
        self.ended, self._learner = True, None

    def _chunks(self) -> int:
        return sum(-(-count // CHUNK) for count in (self.asked.digits, len(digits()[1])))

    def _ask(self, learner: _Learner) -> None:
        sets = (learner.training, digits()[1])
        parts = [(at, start) for at, one in enumerate(sets) for start in range(0, len(one), CHUNK)]
        at, start = parts[self._chunk]
        one = sets[at]
        images, labels = one.images[start : start + CHUNK], one.labels[start : start + CHUNK]
        self._right[at] += int((learner.answers(images) == labels).sum())
        self._chunk += 1
        if self._chunk == len(parts):
            shares = [right / len(one) for right, one in zip(self._right, sets, strict=True)]
            self.points.append(Point(self.step, *shares))
            self._right, self._chunk = [0, 0], 0


class _Learner:
    """A network with its weights, the digits it learns and the chance by which they are drawn."""

    def __init__(self, graph: Graph, asked: Asked) -> None:
        training = digits()[0]
        self.training = Digits(training.images[: asked.digits], training.labels[: asked.digits])
        self._graph, self._adam = graph, Adam(RATE)
        self._params = graph.initial((1, *(graph.input_size or ())), seed=asked.seed)
        self._rng = np.random.default_rng(asked.seed)

    def learn(self) -> None:
        count = len(self.training)
        chosen = self._rng.choice(count, min(BATCH, count), replace=False)
        x = prepared(self.training.images[chosen])
        learn(self._graph, self._params, self._adam, x, self.training.labels[chosen])

    def answers(self, images: NDArray[np.uint8]) -> NDArray[np.intp]:
        scores = self._graph.forward(prepared(images), self._params, until=self._graph.output)
        found: NDArray[np.intp] = scores[self._graph.output].argmax(axis=1)
        return found


def prepared(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pictures (n, 28, 28) as (n, 1, 28, 28) from 0 to 1."""
    return (images[:, None] * np.float32(1 / 255)).astype(np.float32)


def learn(
    graph: Graph,
    params: dict[str, NDArray[Any]],
    adam: Adam,
    x: NDArray[np.float32],
    labels: NDArray[np.uint8],
) -> None:
    """Take one step, in place, down the cross-entropy of the digits `x` (n, 1, 28, 28)."""
    found = graph.forward(x, params, training=True)
    grad = cross_entropy_backward(found[graph.output], labels)
    adam.step(params, graph.backward(grad, found, params, training=True, by_input=False).params)
