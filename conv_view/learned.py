"""What a kernel learns from: a picture as numbers, a rate as text; and the whole descent."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conv_core import Curvature, Trail, WindowError, curvature, learn_kernel

VALUES = ("standard", "centred", "unit")
MOST_LETTERS = 24  # of a rate that is told to make no sense


class TooFastError(ValueError):
    """A rate with which already the first step leads too far off to be shown; `numbers` fill the sentence."""

    def __init__(self, **numbers: float) -> None:
        super().__init__(str(numbers))
        self.numbers = numbers


@dataclass(frozen=True)
class Asked:
    """How a kernel shall descend; `batch` None sees the whole picture in every step."""

    lr: float
    momentum: float
    steps: int
    batch: int | None
    seed: int


@dataclass(frozen=True, eq=False)
class Learned:
    """A descent on the cells of a picture (H, W), and how steep its loss is."""

    pixels: NDArray[np.uint8]
    values: str
    asked: Asked
    trail: Trail
    curve: Curvature

    @property
    def largest_rate(self) -> float:
        """The learning rate beyond which a descent on the whole picture diverges."""
        return self.curve.largest_rate(self.trail.momentum)

    @property
    def share(self) -> float:
        """The learning rate as a share of the largest."""
        return self.trail.lr / self.largest_rate

    def left(self, step: int) -> NDArray[np.float64]:
        """What is left of the first kernel's error after a step, as shares, from the steepest direction on.

        Shares, also beyond 1, of how far the kernel was from the target along each eigenvector, (K,).
        """
        directions = self.curve.kernels[::-1].reshape(len(self.curve.values), -1)
        wrong = (self.trail.kernels[[0, step]] - self.trail.target).reshape(2, -1) @ directions.T
        return np.asarray(np.abs(wrong[1]) / np.maximum(np.abs(wrong[0]), 1e-12))

    def predicted(self, step: int) -> NDArray[np.float64] | None:
        """The same by theory: |1 - lr curvature| to the power of the steps, where there is no more to it."""
        if self.trail.momentum or self.trail.drawn is not None:
            return None
        return np.asarray(np.abs(1 - self.trail.lr * self.curve.values[::-1]) ** step)

    def with_rate(self, lr: float) -> Trail:
        """The same descent with another learning rate."""
        asked = self.asked
        return learn_kernel(
            self.trail.x, self.trail.target, lr=lr, momentum=asked.momentum, steps=asked.steps,
            batch=asked.batch, seed=asked.seed,
        )  # fmt: skip


def learned(
    pixels: NDArray[np.uint8],
    values: str,
    target: NDArray[np.floating],
    asked: Asked,
    known: Learned | None = None,
) -> Learned:
    """Let a kernel learn `target` on a picture; `known` itself where it is that.

    `WindowError` for what `learn_kernel` refuses, and for a picture of one shade; `TooFastError` for a rate
    with which there is no step to be shown.

    >>> chequered = np.uint8([[0, 255, 0], [255, 0, 255], [0, 255, 255]])
    >>> learned(chequered, "unit", np.ones((2, 2)), Asked(0.1, 0.0, 50, None, 0)).trail.diverged is None
    True
    """
    if known is not None and (known.values, known.asked) == (values, asked):
        same = np.array_equal(known.trail.target, target) and np.array_equal(known.pixels, pixels)
        if same:
            return known
    x = prepared(pixels, values)
    curve = curvature(x, target.shape)
    trail = learn_kernel(
        x, target, lr=asked.lr, momentum=asked.momentum, steps=asked.steps, batch=asked.batch,
        seed=asked.seed,
    )  # fmt: skip
    made = Learned(pixels, values, asked, trail, curve)
    if not len(trail):
        raise TooFastError(rate=asked.lr, largest=made.largest_rate, start=float(trail.losses[0]))
    return made


def prepared(pixels: NDArray[np.uint8], values: str) -> NDArray[np.float64]:
    """Return a picture from 0 to 1; "centred", with a mean of 0; or "standard", with a variance of 1 too.

    >>> prepared(np.uint8([[0, 255]]), "standard")
    array([[-1.,  1.]])
    """
    x = pixels / 255
    if values == "unit":
        return x
    x -= x.mean()
    return x if values == "centred" else x / (x.std() or 1.0)


def read_rate(text: str) -> float:
    """Return the learning rate that a reader typed, also as a fraction; `WindowError` for anything else.

    >>> read_rate("1e-3"), read_rate(" 1/8 "), read_rate("０，５")
    (0.001, 0.125, 0.5)
    """
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace(",", ".").strip()
    over, _, under = plain.partition("/")
    try:
        rate = float(over) / float(under) if under else float(over)
    except (ValueError, ZeroDivisionError):
        rate = math.nan
    if not math.isfinite(rate) or rate < 0:
        shown = text.strip()
        raise WindowError(
            "learning_rate",
            given=f"“{shown[:MOST_LETTERS]}{'…' if len(shown) > MOST_LETTERS else ''}”",
        )
    return rate
