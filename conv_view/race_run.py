"""One engine timed on one layer: how much memory it takes, how long a run is, how far off the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import conv, conv_cost
from conv_core.methods.winograd import outputs_of
from conv_core.plan import Plan, plan
from conv_core.traffic import fft_tiles
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


THOROUGH, BRISK = Pace(7, 1.5, 20.0), Pace(3, 0.4, 8.0)

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


@dataclass(frozen=True)
class Need:
    """The bytes that a measurement takes at its peak: what the engine needs, and what comparing adds.

    `outputs` are two, since that of a run is still there in the next; `comparison` is what the same result in
    float64 takes beyond the rest.
    """

    operands: int
    outputs: int
    workspace: int
    comparison: int

    @property
    def own(self) -> int:
        """What the engine needs by itself, without a comparison."""
        return self.operands + self.outputs + self.workspace

    @property
    def whole(self) -> int:
        """What it needs with the comparison."""
        return self.own + self.comparison


def needed(setup: Setup, engine: str) -> Need:
    """Return how much memory a measurement takes, from shapes and the engine's workspace.

    >>> needed(Setup(Layer(64, 64, kernel=3, size=224, padding=1)), "im2col").outputs == 2 * 64 * 224**2 * 4
    True
    """
    layer = setup.layer
    x, weight = layer.shapes
    out, kept = prod(plan_of(layer).shape), prod(x) + prod(weight)
    keywords: dict[str, Any] = {**layer.keywords, **setup.options(engine)}
    # A tenth for what NumPy holds for a moment.
    work = conv_cost(x, weight, method=engine, **keywords).workspace * 11 // 10
    exact = conv_cost(x, weight, method="im2col", dtype=np.float64, **layer.keywords).workspace
    # The result is held against two in float64, which are there beside the next engine's arrays.
    more = 16 * out + max(work, 12 * kept + exact, 8 * out) - work
    return Need(4 * kept, 8 * out, work, more)


def too_large(setup: Setup, engine: str) -> Need | None:
    """Return what a measurement would need, if the engine alone needs more than LIMIT_BYTES.

    >>> too_large(Setup(Layer(1, 1, kernel=1, size=1024)), "im2col") is None
    True
    """
    need = needed(setup, engine)
    return need if need.own > LIMIT_BYTES else None


def plan_of(layer: Layer, x: NDArray[Any] | None = None, weight: NDArray[Any] | None = None) -> Plan:
    """Return the checked arguments of a layer, of arrays that hold nothing where only shapes matter."""
    shapes = layer.shapes
    empty = np.zeros((), np.float32)
    inputs = np.broadcast_to(empty, shapes[0]) if x is None else x
    weights = np.broadcast_to(empty, shapes[1]) if weight is None else weight
    return plan(inputs, weights, **layer.keywords)


def foretold(parts: Sequence[tuple[int, float]], rows: int) -> float:
    """Return how long all rows take, told from what some of them took: (rows, seconds), a few rows first.

    What is done once, such as transforming the kernels, does not grow with the rows: two parts tell it from
    what does. Of one part alone everything is taken to grow.

    >>> foretold([(2, 5.0)], 32), foretold([(2, 5.0), (4, 5.5)], 32), foretold([(2, 5.0), (4, 4.0)], 32)
    (80.0, 12.5, 4.0)
    """
    part, took = parts[-1]
    if len(parts) == 1:
        return took * rows / part
    fewer, shorter = parts[-2]
    # Neither less than what a part took already, nor more than if nothing were done only once.
    grows = min(max((took - shorter) / (part - fewer), 0.0), took / part)
    return took + grows * (rows - part)


def _options(setup: Setup, engine: str, planned: Plan) -> dict[str, Any]:
    """Return the method's keywords, with the tile of the whole layer, so that a part of it takes no other."""
    options: dict[str, Any] = dict(setup.options(engine))
    if engine == "fft" and "tile" not in options:
        padded = planned.operands()[0].shape[2:]
        options["tile"] = fft_tiles(padded, planned.window, None)[0]
    if engine == "winograd" and "m" not in options:
        options["m"] = outputs_of(planned.window.kernel, planned.out, None)
    return options


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

    Each run pads the input and computes. What would take longer than its pace allows is not run whole: its
    time is told from two parts of it, and `runs` is 0. Returns None once `stopped` says so between two runs.
    """
    planned = plan_of(setup.layer, reference.x, reference.weight)
    method, options = planned.method(engine), _options(setup, engine, planned)

    def run(rows: int | None = None) -> tuple[float, NDArray[Any]]:
        begin = perf_counter()
        padded, weight = planned.operands()
        if rows is not None:
            window = planned.window
            padded = padded[:, :, : (rows - 1) * window.stride[0] + window.span[0]]
        made = method.run(padded, weight, planned.window, planned.groups, **options)
        return perf_counter() - begin, made

    rows = planned.out[0]
    parts = [(part, run(part)[0]) for part in [max(1, rows // 16)]]
    while foretold(parts, rows) > pace.most and 2 * parts[-1][0] <= rows:
        if stopped():
            return None
        parts.append((2 * parts[-1][0], run(2 * parts[-1][0])[0]))
        if len(parts) > 1 and foretold(parts, rows) > pace.most and parts[-1][1] > pace.most / 8:
            # What else the machine does makes a run longer, never shorter: a surprise is looked at twice.
            parts[-2:] = [(part, min(took, run(part)[0])) for part, took in parts[-2:]]
            if foretold(parts, rows) > pace.most:
                return Timing(foretold(parts, rows), 0)
    if stopped():
        return None
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
