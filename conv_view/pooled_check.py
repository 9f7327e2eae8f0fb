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
    stand where a maximum has a kink. Elsewhere, where not `differs`, the difference is at most `rest`.
    """

    tried: NDArray[np.float64]
    difference: NDArray[np.float64]
    count: int
    at_kinks: int
    most: float
    rest: float
    worst: tuple[int, ...]
    differs: NDArray[np.bool]


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
        differs,
    )


@dataclass(frozen=True)
class Part:
    """What the window of one output gives a cell that holds its maximum: all or nothing of `grad`, or a half.

    `first` where the rule gives the cell all of it, `shared` where the maximum stands elsewhere, too, so that
    the central difference gives the cell a half.
    """

    grad: float
    first: bool
    shared: bool


def parts(trace: PoolTrace, grad: NDArray[Any]) -> dict[tuple[int, ...], list[Part]]:
    """Return what each cell (n, c, *spatial) that holds maxima gets from every window with a gradient.

    The sum of the parts with `first` is the gradient of the cell; that of all of them, the `shared` ones by
    half, is the central difference.

    >>> from conv_core import pool_trace
    >>> parts(pool_trace(np.array([[[2.0, 2.0]]]), 2), np.full((1, 1, 1), 6.0))[0, 0, 1]
    [Part(grad=6.0, first=False, shared=True)]
    """
    rank = trace.window.rank
    at = winners(trace)
    lines = trace.window.lines(trace.x.shape[2:])
    found: dict[tuple[int, ...], list[Part]] = {}
    for out in np.ndindex(*trace.shape):
        if not grad[out]:
            continue
        places = np.argwhere(at[out])
        for number, place in enumerate(places):
            cell = [int(lines[axis][out[2 + axis], place[axis]]) for axis in range(rank)]
            held = found.setdefault((*out[:2], *cell), [])
            held.append(Part(float(grad[out]), number == 0, len(places) > 1))
    return found


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
