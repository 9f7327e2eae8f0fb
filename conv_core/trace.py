"""The story of a convolution step by step: one step per output cell, looked up when it is asked for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, Pairs, PerAxis
from conv_core.conv import compute
from conv_core.padding import source_indices
from conv_core.plan import Plan, plan
from conv_core.steps import Steps
from conv_core.window import Window


@dataclass(frozen=True)
class ConvStep:
    """One output cell and everything that goes into it.

    `out` is its place (n, o, *position), `start` where its window begins in the unpadded input (negative:
    in the padding), `patch` and `weights` (C / groups, *kernel) are multiplied to `products`; their sum
    and the bias make the value, in the type that they are summed in (float32 for float16).
    """

    index: int
    out: tuple[int, ...]
    start: tuple[int, ...]
    patch: NDArray[Any]
    weights: NDArray[Any]
    products: NDArray[Any]
    sum: int | float
    bias: int | float
    value: int | float


class ConvTrace(Steps[ConvStep]):
    """A sequence of `ConvStep`, in the order of the output's memory, that computes nothing until indexed.

    The attributes are computed when they are first read.
    """

    def __init__(self, planned: Plan, method: str = "auto") -> None:
        self._plan = planned
        planned.method(method)  # what cannot be computed is refused at once
        self._method = method

    @property
    def x(self) -> NDArray[Any]:
        """The input (N, C, *spatial), as given."""
        return self._plan.x

    @property
    def weight(self) -> NDArray[Any]:
        """The kernels (O, C / groups, *kernel), as given."""
        return self._plan.weight

    @property
    def bias(self) -> NDArray[Any] | None:
        """The bias (O,), as given."""
        return self._plan.bias

    @property
    def window(self) -> Window:
        """The window that slides."""
        return self._plan.window

    @property
    def groups(self) -> int:
        """Into how many groups the channels are divided."""
        return self._plan.groups

    @property
    def padding_mode(self) -> str:
        """What stands outside: zeros, reflect, replicate, circular."""
        return self._plan.padding_mode

    @property
    def pads(self) -> Pairs:
        """Cells added (before, after) along each axis."""
        return self._plan.pads

    @property
    def shape(self) -> tuple[int, ...]:
        """The output's shape (N, O, *out)."""
        return self._plan.shape

    @cached_property
    def sources(self) -> tuple[NDArray[np.int64], ...]:
        """For each spatial axis, which input cell each padded cell copies; -1 is a zero."""
        return tuple(
            [
                source_indices(size, before, after, self.padding_mode, axis=axis)
                for axis, (size, (before, after)) in enumerate(
                    zip(self._plan.spatial, self.pads, strict=True)
                )
            ]
        )

    @property
    def padded(self) -> NDArray[Any]:
        """The input with its padding on (N, C, *padded), in the type that products are summed in."""
        return self._operands[0]

    @cached_property
    def output(self) -> NDArray[Any]:
        """What `conv` returns for the same arguments (N, O, *out)."""
        return compute(self._plan, self._method, *self._operands)

    @property
    def _cells(self) -> tuple[int, ...]:
        return self.shape

    def _step(self, index: int, place: tuple[int, ...]) -> ConvStep:
        sample, channel, *position = place
        kernels, reads = self.weight.shape[:2]
        first = channel // (kernels // self.groups) * reads
        where: tuple[Any, ...] = (sample, slice(first, first + reads), *position)
        patch = self._windows[where]
        weights = self._operands[1][channel]
        with np.errstate(over="ignore", invalid="ignore"):
            products = patch * weights
            total = products.sum()
            bias = total.dtype.type(0) if self.bias is None else self.bias[channel].astype(total.dtype)
            value = (total + bias).astype(self._plan.dtype)
        start = [
            p * s - before for p, s, (before, _) in zip(position, self.window.stride, self.pads, strict=True)
        ]
        return ConvStep(
            index=index,
            out=(sample, channel, *position),
            start=tuple(start),
            patch=patch,
            weights=weights,
            products=products,
            sum=total.item(),
            bias=bias.item(),
            value=value.item(),
        )

    @cached_property
    def _operands(self) -> tuple[NDArray[Any], NDArray[Any]]:
        return self._plan.operands()

    @cached_property
    def _windows(self) -> NDArray[Any]:
        """(N, C, *out, *kernel), the view that every method reads."""
        return self.window.read(self.padded)


def conv_trace(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
    method: str = "auto",
) -> ConvTrace:
    """The steps of `conv` with the same arguments, which are checked now; the rest waits.

    Raises the `WindowError` that `conv` would; only integers that could leave int64 are refused later,
    when the numbers are first looked at.

    >>> trace = conv_trace(np.arange(16).reshape(1, 1, 4, 4), np.ones((1, 1, 3, 3), int), stride=2, padding=1)
    >>> step = trace[-1]
    >>> step.out, step.start, step.value
    ((0, 0, 1, 1), (1, 1), 90)
    >>> step.products[0]
    array([[ 5,  6,  7],
           [ 9, 10, 11],
           [13, 14, 15]])
    """
    planned = plan(
        x,
        weight,
        bias,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        padding_mode=padding_mode,
    )
    return ConvTrace(planned, method)
