"""The story of a pooling step by step: one step per output cell, looked up when it is asked for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, Pairs, PerAxis
from conv_core.errors import WindowError
from conv_core.padding import source_indices
from conv_core.pool import check_norm
from conv_core.pool_plan import PoolPlan, averages, maxima, norms, places, plan_pool
from conv_core.steps import Steps
from conv_core.window import Window

KINDS = ("max", "avg", "lp")


@dataclass(frozen=True)
class PoolStep:
    """One output cell and everything that goes into it.

    `out` is its place (n, c, *position), `start` where its window begins in the unpadded input (negative:
    in the padding), `patch` (*kernel) what it reads and `inside` (*kernel) which of that is input.
    A maximum has `where` it was found, in the unpadded input, and `tap`, the same within the window. An
    average and a norm have the `terms` (*kernel) that are summed to `sum`, the average a `divisor`.
    What a kind does not have is None.
    """

    index: int
    out: tuple[int, ...]
    start: tuple[int, ...]
    patch: NDArray[Any]
    inside: NDArray[np.bool]
    where: tuple[int, ...] | None
    tap: tuple[int, ...] | None
    terms: NDArray[Any] | None
    sum: int | float | None
    divisor: int | None
    value: int | float


class PoolTrace(Steps[PoolStep]):
    """A sequence of `PoolStep`, in the order of the output's memory, that computes nothing until indexed.

    The attributes are computed when they are first read.
    """

    def __init__(self, plan: PoolPlan, kind: str, p: float, count_include_pad: bool) -> None:
        self._plan = plan
        self.kind = kind
        self.p = p
        self.count_include_pad = count_include_pad

    @property
    def x(self) -> NDArray[Any]:
        """The input (N, C, *spatial), as given."""
        return self._plan.x

    @property
    def window(self) -> Window:
        """The window that slides."""
        return self._plan.window

    @property
    def pads(self) -> Pairs:
        """Cells of padding (before, after) along each axis."""
        return self.window.pads(self._plan.spatial)

    @property
    def overhang(self) -> tuple[int, ...]:
        """Cells behind the padding that the last window of `ceil_mode` touches, along each axis."""
        return self.window.overhang(self._plan.spatial)

    @property
    def shape(self) -> tuple[int, ...]:
        """The output's shape (N, C, *out)."""
        return self._plan.shape

    @cached_property
    def sources(self) -> tuple[NDArray[np.int64], ...]:
        """For each spatial axis, which input cell each cell of `padded` is; -1 is none."""
        return tuple(
            [
                source_indices(size, before, after, "zeros")
                for size, (before, after) in zip(self._plan.spatial, self._plan.edges, strict=True)
            ]
        )

    @cached_property
    def padded(self) -> NDArray[Any]:
        """The input with padding and overhang on (N, C, *padded).

        Around it are zeros, and for a maximum the lowest number there is: minus infinity, among floats.
        """
        return self._plan.highest() if self.kind == "max" else self._plan.real()

    @cached_property
    def output(self) -> NDArray[Any]:
        """What `max_pool`, `avg_pool` or `lp_pool` returns for the same arguments (N, C, *out)."""
        if self.kind == "max":
            return maxima(self._plan, self.padded)
        if self.kind == "avg":
            return averages(self._plan, self.padded, self.count_include_pad)
        return norms(self._plan, self.padded, self.p)

    @cached_property
    def argmax(self) -> NDArray[np.int64] | None:
        """Where each maximum was found (N, C, *out), a flat index over *spatial; None for other kinds."""
        return places(self._plan, self.padded) if self.kind == "max" else None

    @cached_property
    def divisors(self) -> NDArray[np.int64]:
        """Over how many cells each window is averaged (*out), if it is."""
        return self._plan.divisors(self.count_include_pad)

    @property
    def _cells(self) -> tuple[int, ...]:
        return self.shape

    def _step(self, index: int, out: tuple[int, ...]) -> PoolStep:
        lines = [line[place] for line, place in zip(self._plan.lines, out[2:], strict=True)]
        inside = np.ones((), bool)
        for line, size in zip(lines, self._plan.spatial, strict=True):
            inside = np.logical_and.outer(inside, (line >= 0) & (line < size))
        patch = self._windows[out]
        parts = self._maximum(out, lines) if self.kind == "max" else self._summed(out, patch)
        return PoolStep(
            index=index,
            out=out,
            start=tuple(int(line[0]) for line in lines),
            patch=patch,
            inside=inside,
            **parts,
        )

    def _maximum(self, out: tuple[int, ...], lines: list[NDArray[np.int64]]) -> dict[str, Any]:
        assert self.argmax is not None
        where = tuple(int(place) for place in np.unravel_index(self.argmax[out], self._plan.spatial))
        tap = tuple(int((line == place).argmax()) for line, place in zip(lines, where, strict=True))
        value = self.x[(*out[:2], *where)].item()
        return {"where": where, "tap": tap, "terms": None, "sum": None, "divisor": None, "value": value}

    def _summed(self, out: tuple[int, ...], patch: NDArray[Any]) -> dict[str, Any]:
        divisor = int(self.divisors[out[2:]]) if self.kind == "avg" else None
        with np.errstate(over="ignore", invalid="ignore"):
            terms = patch if self.kind == "avg" else np.abs(patch) ** self.p
            total = terms.sum()
            value = total ** (1 / self.p) if divisor is None else total / total.dtype.type(divisor)
        return {
            "where": None,
            "tap": None,
            "terms": terms,
            "sum": total.item(),
            "divisor": divisor,
            "value": value.astype(self._plan.real_type).item(),
        }

    @cached_property
    def _windows(self) -> NDArray[Any]:
        """(N, C, *out, *kernel), a view."""
        return self.window.read(self.padded)


def pool_trace(
    x: ArrayLike,
    kernel: PerAxis,
    kind: str = "max",
    *,
    p: float = 2,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> PoolTrace:
    """The steps of `max_pool`, `avg_pool` or `lp_pool` ("max", "avg", "lp") with the same arguments.

    `p` counts for "lp" only, `count_include_pad` for "avg". The arguments are checked now (`WindowError`),
    the rest waits.

    >>> trace = pool_trace(np.array([[[1, 5, 2, 0], [3, 4, 1, 7]]])[None], 2)
    >>> step = trace[1]
    >>> step.out, step.where, step.value
    ((0, 0, 0, 1), (1, 3), 7)
    >>> step.patch
    array([[2, 0],
           [1, 7]])
    """
    if kind not in KINDS:
        raise WindowError("pool_kind", value=repr(kind), known=", ".join(KINDS))
    plan = plan_pool(x, kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    return PoolTrace(plan, kind, check_norm(p), bool(count_include_pad))
