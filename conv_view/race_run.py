"""One engine timed on one layer: how much memory it takes, how long a run is, how far off the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import conv, conv_cost
from conv_core.plan import Plan, plan
from conv_view.known_layers import TRANSFORMS, Layer, Setup

LIMIT_BYTES = 512 * 2**20
"""What a measurement may take beside the app itself."""


@dataclass(frozen=True)
class Pace:
    """How long an engine is timed: at most so many runs, fewer once they took `enough` seconds together.

    A run that would take longer than `most` seconds is not begun: so long a stop would have to wait.
    """

    runs: int
    enough: float
    most: float


THOROUGH, BRISK = Pace(7, 1.5, 8.0), Pace(3, 0.4, 2.0)

ALIKE = 1.05
"""Two times that differ by less are called alike: a measurement is no more certain."""

SEED = 0
Stopped = Callable[[], bool]


@dataclass(frozen=True)
class Timing:
    """The median of some runs in seconds, and the largest error; without `runs` it was told from a part."""

    seconds: float
    runs: int
    error: float | None = None


def bytes_needed(setup: Setup, engine: str, *, error: bool = True) -> int:
    """Return how much memory a measurement takes at its peak, from shapes and the engine's workspace.

    The operands, the output and the workspace (of FFT: the tiles' and the kernels' spectra); for the error
    also the output in float64 and what it is made of.

    >>> bytes_needed(Setup(Layer(64, 64, kernel=3, size=224, padding=1)), "im2col") > 64 * 224**2 * 4
    True
    """
    layer = setup.layer
    x, weight = layer.shapes
    out, kept = prod(plan_of(layer).shape), prod(x) + prod(weight)
    keywords: dict[str, Any] = {**layer.keywords, **setup.options(engine)}
    cost = conv_cost(x, weight, method=engine, **keywords)
    # A tenth for what NumPy holds for a moment; and the output of a run is still there in the next.
    work = cost.workspace * 11 // 10
    if not error:
        return 4 * (kept + 2 * out) + work
    exact = conv_cost(x, weight, method="im2col", dtype=np.float64, **layer.keywords).workspace
    # The result is held against two in float64, which are there beside the next engine's arrays.
    return 4 * (kept + 2 * out) + 16 * out + max(work, 12 * kept + exact, 8 * out)


def too_large(setup: Setup, engine: str, *, error: bool = True) -> int | None:
    """Return the bytes that a measurement would need, if that is more than LIMIT_BYTES.

    >>> too_large(Setup(Layer(1, 1, kernel=1, size=1024)), "im2col") is None
    True
    """
    needed = bytes_needed(setup, engine, error=error)
    return needed if needed > LIMIT_BYTES else None


def plan_of(layer: Layer, x: NDArray[Any] | None = None, weight: NDArray[Any] | None = None) -> Plan:
    """Return the checked arguments of a layer, of arrays that hold nothing where only shapes matter."""
    shapes = layer.shapes
    empty = np.zeros((), np.float32)
    inputs = np.broadcast_to(empty, shapes[0]) if x is None else x
    weights = np.broadcast_to(empty, shapes[1]) if weight is None else weight
    return plan(inputs, weights, **layer.keywords)


@dataclass
class Reference:
    """Random numbers of a fixed seed for a layer, and what they make in float64, once it is asked for."""

    layer: Layer
    x: NDArray[np.float32] = field(init=False, repr=False)
    weight: NDArray[np.float32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        random = np.random.default_rng(SEED)
        shapes = self.layer.shapes
        self.x, self.weight = (random.random(shape, np.float32) for shape in shapes)
        for values in (self.x, self.weight):
            values *= 2
            values -= 1

    @cached_property
    def exact(self) -> NDArray[np.float64]:
        """The output in float64."""
        return self._double(self.x, self.weight)

    @cached_property
    def magnitude(self) -> NDArray[np.float64]:
        """What |x| makes with |w|: the sum of the products without their signs."""
        return self._double(np.abs(self.x), np.abs(self.weight))

    def _double(self, x: NDArray[Any], weight: NDArray[Any]) -> NDArray[np.float64]:
        made: NDArray[np.float64] = conv(
            x.astype(np.float64), weight.astype(np.float64), method="im2col", **self.layer.keywords
        )
        return made

    def error(self, engine: str, made: NDArray[Any]) -> float:
        """Return how far off a result is, as `conv_core.method_error` has it."""
        scale: Any = max(self.exact.max(), -self.exact.min()) if engine in TRANSFORMS else self.magnitude
        off = made - self.exact
        np.abs(off, out=off)
        with np.errstate(invalid="ignore", divide="ignore"):
            off /= scale
        return float(off.max())


def measure(
    setup: Setup,
    engine: str,
    reference: Reference,
    stopped: Stopped,
    *,
    pace: Pace = THOROUGH,
    error: bool = True,
) -> Timing | None:
    """Time an engine: a part of the layer to know what comes, once to warm up, then the median of some runs.

    Each run pads the input and computes. What would take longer than its pace allows is not run whole:
    its time is told from a part of it, and `runs` is 0. Returns None once `stopped` says so between two runs.
    """
    planned = plan_of(setup.layer, reference.x, reference.weight)
    method, options = planned.method(engine), setup.options(engine)

    def run(rows: int | None = None) -> tuple[float, NDArray[Any]]:
        begin = perf_counter()
        padded, weight = planned.operands()
        if rows is not None:
            window = planned.window
            padded = padded[:, :, : (rows - 1) * window.stride[0] + window.span[0]]
        made = method.run(padded, weight, planned.window, planned.groups, **options)
        return perf_counter() - begin, made

    rows = planned.out[0]
    part = max(1, rows // 16)
    while True:
        spent = run(part)[0]
        if stopped():
            return None
        # What is done once, such as the kernels' transforms, weighs too much in a small part.
        if spent * rows / part <= pace.most or 2 * part > rows:
            break
        if spent > pace.most / 8:
            return Timing(spent * rows / part, 0)
        part *= 2
    first, made = run()
    took = [] if first < pace.enough else [first]
    begin = perf_counter()
    while len(took) < pace.runs and (not took or perf_counter() - begin + min(took) < pace.enough):
        if stopped():
            return None
        took.append(run()[0])
    if stopped():
        return None
    return Timing(median(took), len(took), reference.error(engine, made) if error else None)
