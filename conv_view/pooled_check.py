"""The gradient of a pooling held against central differences, and the kinks at which the two must differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import PoolTrace, finite_differences
from conv_view.pooled import winners

CLOSE = 1e-3  # of the largest gradient: what rounding and curvature explain


@dataclass(frozen=True, eq=False)
class Check:
    """Central differences `tried` and `difference` to them, cell by cell (N, C, *spatial).

    `count` cells differ by more than rounding explains, `most` at the `worst` of them; `at_kinks` of these
    stand where a maximum has a kink. Elsewhere the difference is at most `rest`.
    """

    tried: NDArray[np.float64]
    difference: NDArray[np.float64]
    count: int
    at_kinks: int
    most: float
    rest: float
    worst: tuple[int, ...]


def check(
    trace: PoolTrace,
    grad: NDArray[Any],
    back: NDArray[Any],
    loss: Callable[[NDArray[np.float64]], float],
    step: float,
) -> Check:
    """Try every cell of the input: `loss` is of an input, `back` what its gradient is said to be."""
    tried = finite_differences(loss, trace.x, step=step)
    difference = back - tried
    sizes = np.abs(difference)
    bound = CLOSE * max(1e-9, float(np.abs(grad).max(initial=0)))
    differs = sizes > bound
    worst = np.unravel_index(int(np.argmax(sizes)), sizes.shape)
    return Check(
        tried,
        difference,
        int(differs.sum()),
        int((differs & kinks(trace, grad)).sum()),
        float(sizes.max()),
        float(sizes[~differs].max(initial=0)),
        tuple(int(at) for at in worst),
    )


def kinks(trace: PoolTrace, grad: NDArray[Any]) -> NDArray[np.bool]:
    """Return at which cells (N, C, *spatial) a maximum has a kink that the loss feels.

    It has one where it stands in a window more than once; the loss feels it where the window has a gradient.
    A norm has kinks at 0, but they are even: to both sides it rises alike, and the difference is 0, as the
    gradient is.

    >>> from conv_core import pool_trace
    >>> kinks(pool_trace(np.array([[[2.0, 2.0, 1.0, 0.0]]]), 2), np.ones((1, 1, 2)))[0, 0].tolist()
    [True, True, False, False]
    """
    found = np.zeros(trace.x.shape, bool)
    if trace.kind != "max":
        return found
    rank = trace.window.rank
    at = winners(trace)
    at &= (at.sum(axis=tuple(range(-rank, 0)), keepdims=True) > 1) & (grad != 0).reshape(
        *grad.shape, *[1] * rank
    )
    lines = trace.window.lines(trace.x.shape[2:])
    for place in np.argwhere(at):
        sample, channel, *rest = (int(each) for each in place)
        cell = [int(line[rest[axis], rest[rank + axis]]) for axis, line in enumerate(lines)]
        found[(sample, channel, *cell)] = True  # a winner never lies in the padding
    return found
