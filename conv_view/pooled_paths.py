"""Which outputs of a pooling send their gradient to a cell of its input, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conv_core import PoolTrace
from conv_view.pooled import shares


@dataclass(frozen=True)
class Path:
    """From the output `out` (n, c, *position) comes back its gradient times `share`."""

    out: tuple[int, ...]
    share: float


def paths(trace: PoolTrace, place: tuple[int, ...]) -> list[Path]:
    """Return how gradients come to a cell (n, c, *spatial) of the input; a share of 0 is no path.

    >>> from conv_core import pool_trace
    >>> paths(pool_trace(np.array([[[1.0, 5.0, 2.0]]]), 2, stride=1), (0, 0, 1))
    [Path(out=(0, 0, 0), share=1.0), Path(out=(0, 0, 1), share=1.0)]
    """
    sample, channel, *cell = place
    parts = shares(trace)[sample, channel]
    rank = trace.window.rank
    meets = np.ones(parts.shape, bool)
    for axis, line in enumerate(trace.window.lines(trace.x.shape[2:])):
        # (positions, taps) along this axis, laid out over (*positions, *taps) of all axes.
        shape = [1] * (2 * rank)
        shape[axis], shape[rank + axis] = line.shape
        meets &= (line == cell[axis]).reshape(shape)
    found = np.argwhere(meets & (parts != 0))
    return [
        Path((sample, channel, *(int(at) for at in each[:rank])), float(parts[tuple(each)])) for each in found
    ]


def watched(trace: PoolTrace, cell: tuple[int, ...]) -> tuple[int, ...]:
    """Return the input cell (0, c, *spatial) to speak of at an output (c, *position), moved inside.

    Of a maximum it is the cell that it was found at, of other kinds the middle of the window.
    """
    out = tuple(min(at, size - 1) for at, size in zip((*cell, 0, 0)[:3], trace.shape[1:], strict=True))
    step = trace[int(np.ravel_multi_index((0, *out), trace.shape))]
    if step.where is not None:
        return (0, out[0], *step.where)
    middle = trace.window.cells(out[1:], trace.x.shape[2:])[tuple(size // 2 for size in trace.window.kernel)]
    inside = [int(min(max(at, 0), size - 1)) for at, size in zip(middle, trace.x.shape[2:], strict=True)]
    return (0, out[0], *inside)
