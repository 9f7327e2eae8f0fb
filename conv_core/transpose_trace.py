"""The story of a transposed convolution step by step: every input cell is scattered through the kernel."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, Pairs, PerAxis
from conv_core.steps import Steps
from conv_core.stuffing import Stuffed, stuff
from conv_core.trace import ConvTrace, conv_trace
from conv_core.transpose import TransposePlan, compute, plan_transpose
from conv_core.window import Window


@dataclass(frozen=True)
class TransposeStep:
    """One input cell and what it adds to the output.

    `cell` is its place (n, c, *position), `start` where its kernel begins in the output (negative: that
    much is cut off), `channels` the output channels (first, end) that it adds to. `value` times `weights`
    (O / groups, *kernel) gives `products`; of those the ones that are `inside` (*kernel) stay.
    """

    index: int
    cell: tuple[int, ...]
    start: tuple[int, ...]
    channels: tuple[int, int]
    value: int | float
    weights: NDArray[Any]
    products: NDArray[Any]
    inside: NDArray[np.bool]


class TransposeTrace(Steps[TransposeStep]):
    """A sequence of `TransposeStep`, in the order of the input's memory, that computes nothing until indexed.

    The attributes are computed when they are first read.
    """

    def __init__(self, plan: TransposePlan) -> None:
        self._plan = plan

    @property
    def x(self) -> NDArray[Any]:
        """The input (N, C, *spatial), as given."""
        return self._plan.x

    @property
    def weight(self) -> NDArray[Any]:
        """The kernels (C, O / groups, *kernel), as given."""
        return self._plan.weight

    @property
    def bias(self) -> NDArray[Any] | None:
        """The bias (O,), as given."""
        return self._plan.bias

    @property
    def window(self) -> Window:
        """The window that `conv` would slide over the output."""
        return self._plan.window

    @property
    def groups(self) -> int:
        """Into how many groups the channels are divided."""
        return self._plan.groups

    @property
    def output_padding(self) -> tuple[int, ...]:
        """Cells added at the end of each axis."""
        return self._plan.output_padding

    @property
    def pads(self) -> Pairs:
        """Cells cut off (before, after) along each axis."""
        return self._plan.pads

    @property
    def covered(self) -> tuple[int, ...]:
        """The sizes of what the kernels reach, before anything is cut off or added."""
        return self._plan.covered

    @property
    def shape(self) -> tuple[int, ...]:
        """The output's shape (N, O, *out)."""
        return self._plan.shape

    @cached_property
    def output(self) -> NDArray[Any]:
        """What `conv_transpose` returns for the same arguments (N, O, *out)."""
        return compute(self._plan, *self._operands)

    @cached_property
    def overlaps(self) -> NDArray[np.int64]:
        """By how many cells of one input channel each output cell is reached (*out): the checkerboard."""
        ones = np.broadcast_to(np.ones((), np.int64), (*self._plan.spatial, *self.window.kernel))
        return self._plan.cut(self.window.fold(ones, self._plan.covered))

    @cached_property
    def stuffing(self) -> Stuffed:
        """What `zero_stuffed` returns for the same arguments, with the origins of the cells."""
        return stuff(self._plan)

    @cached_property
    def stuffed(self) -> ConvTrace:
        """The other story: the steps of the ordinary convolution over the zero-stuffed input."""
        return conv_trace(*self.stuffing.arguments, **self.stuffing.keywords)

    def partial(self, index: int) -> NDArray[Any]:
        """The output after the steps up to and including this one (N, O, *out); -1 is the bias alone."""
        x, weight = self._operands
        begun = np.where(np.arange(x.size).reshape(x.shape) <= index, x, x.dtype.type(0))
        return compute(self._plan, begun, weight)

    def reaching(self, position: tuple[int, ...]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Who reaches an output position: (input position, kernel cell), for each of its `overlaps`.

        >>> trace = conv_transpose_trace(np.ones((1, 1, 3)), np.ones((1, 1, 3)), stride=2)
        >>> trace.reaching((2,)), trace.overlaps.tolist()
        ([((1,), (0,)), ((0,), (2,))], [1, 1, 2, 1, 2, 1, 1])
        """
        along = []
        for axis, place in enumerate(position):
            stride, dilation = self.window.stride[axis], self.window.dilation[axis]
            pairs = []
            for tap in range(self.window.kernel[axis]):
                source, between = divmod(place + self.pads[axis][0] - tap * dilation, stride)
                if between == 0 and 0 <= source < self._plan.spatial[axis]:
                    pairs.append((source, tap))
            along.append(pairs)
        return [
            (tuple(source for source, _ in pairs), tuple(tap for _, tap in pairs))
            for pairs in product(*along)
        ]

    @property
    def _cells(self) -> tuple[int, ...]:
        return self.x.shape

    def _step(self, index: int, cell: tuple[int, ...]) -> TransposeStep:
        x, weight = self._operands
        made = weight.shape[1]
        first = cell[1] // (x.shape[1] // self.groups) * made
        start = tuple(
            p * s - before for p, s, (before, _) in zip(cell[2:], self.window.stride, self.pads, strict=True)
        )
        inside = np.ones((), bool)
        for begin, taps, apart, size in zip(
            start, self.window.kernel, self.window.dilation, self._plan.out, strict=True
        ):
            line = begin + np.arange(taps) * apart
            inside = np.logical_and.outer(inside, (line >= 0) & (line < size))
        with np.errstate(over="ignore", invalid="ignore"):
            products = x[cell] * weight[cell[1]]
        return TransposeStep(
            index=index,
            cell=cell,
            start=start,
            channels=(first, first + made),
            value=x[cell].item(),
            weights=weight[cell[1]],
            products=products,
            inside=inside,
        )

    @cached_property
    def _operands(self) -> tuple[NDArray[Any], NDArray[Any]]:
        return self._plan.operands()


def conv_transpose_trace(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> TransposeTrace:
    """The steps of `conv_transpose` with the same arguments, which are checked now; the rest waits.

    >>> trace = conv_transpose_trace(np.array([[[1, 2, 3]]]), np.array([[[1, 10]]]), stride=2, padding=1)
    >>> step = trace[1]
    >>> step.cell, step.start, step.products.tolist(), trace.partial(1)[0, 0].tolist()
    ((0, 0, 1), (1,), [[2, 20]], [10, 2, 20, 0])
    """
    return TransposeTrace(
        plan_transpose(
            x,
            weight,
            bias,
            stride=stride,
            padding=padding,
            output_padding=output_padding,
            dilation=dilation,
            groups=groups,
        )
    )
