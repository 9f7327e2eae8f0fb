"""A pooling as chosen, and what can be said about it: ties, overlaps, shares of a gradient, a small shift."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import (
    PoolTrace,
    avg_pool_backward,
    lp_pool_backward,
    max_pool_backward,
    pool_trace,
)

KINDS = ("max", "avg", "lp")
DIRECTIONS = {"right": (0, 1), "down": (1, 0), "both": (1, 1)}
NEAR = 8  # grey levels of 255 that hardly anyone would see


@dataclass(frozen=True)
class Pooling:
    """A pooling of pictures: `stride` and the other pairs are (rows, columns); `power` is the p of Lp.

    With `whole` the window is as large as the map, whatever else is said: global pooling.
    """

    kind: str
    window: tuple[int, int]
    stride: tuple[int, int]
    padding: Any = 0
    dilation: tuple[int, int] = (1, 1)
    power: float = 2.0
    ceil_mode: bool = False
    count_include_pad: bool = True
    whole: bool = False

    def over(self, spatial: tuple[int, ...]) -> Pooling:
        """Return what this is on a map of that size: with `whole` a single window over all of it.

        >>> Pooling("avg", (1, 1), (1, 1), whole=True).over((5, 8)).window
        (5, 8)
        """
        if not self.whole:
            return self
        size = spatial[0], spatial[1]
        return Pooling(self.kind, size, size, power=self.power)

    def arguments(self) -> dict[str, Any]:
        """Return the keywords that every pooling of the core takes."""
        return {
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "ceil_mode": self.ceil_mode,
        }

    def of_kind(self, kind: str) -> Pooling:
        """Return the same window with another way to sum it up."""
        return replace(self, kind=kind)

    def trace(self, x: NDArray[Any]) -> PoolTrace:
        """Return the steps over x (N, C, H, W); `WindowError` for what does not fit."""
        here = self.over(x.shape[2:])
        return pool_trace(
            x,
            here.window,
            here.kind,
            p=here.power,
            count_include_pad=here.count_include_pad,
            **here.arguments(),
        )

    def backward(self, grad: NDArray[Any], x: NDArray[Any]) -> NDArray[Any]:
        """Return the gradient by x (N, C, H, W) of the one by the output, `grad` (N, C, *out)."""
        here = self.over(x.shape[2:])
        if here.kind == "max":
            return max_pool_backward(grad, x, here.window, **here.arguments())
        if here.kind == "lp":
            return lp_pool_backward(grad, x, here.power, here.window, **here.arguments())
        return avg_pool_backward(
            grad, x, here.window, count_include_pad=here.count_include_pad, **here.arguments()
        )


def winners(trace: PoolTrace) -> NDArray[np.bool]:
    """Return which cells of every window hold its maximum: (N, C, *out, *kernel); padding never does.

    >>> trace = pool_trace(np.array([[[[3, 1, 3, 0]]]]), (1, 2))
    >>> winners(trace)[0, 0, 0, :, 0].tolist()
    [[True, False], [True, False]]
    """
    windows = trace.window.read(trace.padded)
    inside = np.ones((1, 1, *trace.padded.shape[2:]), bool)
    for axis, sources in enumerate(trace.sources, start=2):
        inside &= (sources >= 0).reshape([-1 if at == axis else 1 for at in range(inside.ndim)])
    axes = tuple(range(-trace.window.rank, 0))
    most = trace.output.reshape(*trace.shape, *[1] * len(axes))
    found: NDArray[np.bool] = (windows == most) & trace.window.read(inside)
    return found


def tied(trace: PoolTrace) -> NDArray[np.bool]:
    """Return which windows (N, C, *out) have their maximum in more than one cell."""
    axes = tuple(range(-trace.window.rank, 0))
    several: NDArray[np.bool] = winners(trace).sum(axis=axes) > 1
    return several


def reads(trace: PoolTrace) -> tuple[NDArray[np.int64], ...]:
    """Return by how many windows each padded row, column ... is read, axis by axis.

    >>> [counts.tolist() for counts in reads(pool_trace(np.zeros((1, 1, 6)), 3, stride=2))]
    [[1, 1, 2, 1, 1, 0]]
    """
    counted = []
    for axis, line in enumerate(trace.window.lines(trace.x.shape[2:])):
        edge = trace.pads[axis][0]
        counted.append(np.bincount((line + edge).ravel(), minlength=trace.padded.shape[axis + 2]))
    return tuple(counted)


def unread(trace: PoolTrace) -> tuple[tuple[int, ...], ...]:
    """Return the padded rows, columns ... that no window reads, axis by axis."""
    return tuple(tuple(np.flatnonzero(counts == 0).tolist()) for counts in reads(trace))


def shares(trace: PoolTrace) -> NDArray[Any]:
    """Return the derivative of every output by the cells of its window: float32 (N, C, *out, *kernel).

    A window alone is a pooling of one output, so the core's own way back gives it.

    >>> shares(pool_trace(np.array([[[1.0, 5.0, 5.0, 2.0]]]), 2)).tolist()
    [[[[0.0, 1.0], [1.0, 0.0]]]]
    """
    kernel = trace.window.kernel
    windows = trace.window.read(trace.padded)
    if trace.kind == "avg":
        divisors = trace.divisors.reshape(*trace.divisors.shape, *[1] * len(kernel))
        return np.broadcast_to(1 / divisors, windows.shape).astype(np.float32)
    alone = np.ascontiguousarray(windows).reshape(-1, 1, *kernel)
    ones = np.ones((len(alone), 1, *[1] * len(kernel)), alone.dtype)
    back = (
        max_pool_backward(ones, alone, kernel)
        if trace.kind == "max"
        else lp_pool_backward(ones, alone, trace.p, kernel)
    )
    return back.reshape(windows.shape).astype(np.float32, copy=False)


@dataclass(frozen=True, eq=False)
class Shifted:
    """How a result changes when the picture is shifted: shares of its cells, and |difference|."""

    unchanged: float
    near: float
    mean: float
    difference: NDArray[np.float32]

    @classmethod
    def between(cls, before: NDArray[Any], after: NDArray[Any]) -> Shifted:
        """Return the change from `before` to `after`, of one shape."""
        difference = np.abs(after - before)
        return cls(
            float((difference == 0).mean()),
            float((difference <= NEAR).mean()),
            float(difference.mean()),
            difference.astype(np.float32, copy=False),
        )


def shift(
    x: NDArray[Any], direction: str, pool: Callable[[NDArray[Any]], NDArray[Any]] | None = None
) -> Shifted:
    """Return what a shift of x (N, C, H, W) by one cell does to what `pool` makes of it, or to x itself.

    Both are cut out of the same picture, so nothing has to be invented at its border.
    """
    down, right = DIRECTIONS[direction]
    height, width = x.shape[2] - down, x.shape[3] - right
    before, after = x[..., down:, right:], x[..., :height, :width]
    return Shifted.between(*(part if pool is None else pool(part) for part in (before, after)))
