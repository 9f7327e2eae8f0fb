"""The story of a convolution's way back: what one output's gradient gives to the input and to the weights."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, Pairs, PerAxis, padded_sizes
from conv_core.conv_backward import BackwardPlan, ConvGradients, compute, correlated, plan_backward
from conv_core.errors import WindowError
from conv_core.steps import Steps
from conv_core.trace import ConvTrace, conv_trace
from conv_core.transpose_trace import TransposeTrace, conv_transpose_trace
from conv_core.window import Window


@dataclass(frozen=True)
class BackwardStep:
    """One output cell's gradient and everything that it adds to.

    `out` is its place (n, o, *position), `start` where its window begins in the unpadded input (negative:
    in the padding), `grad` the number. It weights the `patch` (C / groups, *kernel) to what is added to the
    weights, `to_weight`, and the `weights` to what is added to the input, `to_input`; of the latter the cells
    that are `inside` (*kernel) stay. To the bias it adds itself.
    """

    index: int
    out: tuple[int, ...]
    start: tuple[int, ...]
    grad: int | float
    patch: NDArray[Any]
    weights: NDArray[Any]
    to_weight: NDArray[Any]
    to_input: NDArray[Any]
    inside: NDArray[np.bool]


class BackwardTrace(Steps[BackwardStep]):
    """A sequence of `BackwardStep`, in the order of the gradient's memory, computed when it is indexed."""

    def __init__(self, planned: BackwardPlan) -> None:
        self._plan = planned

    @property
    def grad(self) -> NDArray[Any]:
        """The gradient by the output (N, O, *out), as given."""
        return self._plan.grad

    @property
    def x(self) -> NDArray[Any]:
        """The input (N, C, *spatial), as given."""
        return self._plan.forward.x

    @property
    def weight(self) -> NDArray[Any]:
        """The kernels (O, C / groups, *kernel), as given."""
        return self._plan.forward.weight

    @property
    def window(self) -> Window:
        """The window that slid."""
        return self._plan.forward.window

    @property
    def groups(self) -> int:
        """Into how many groups the channels are divided."""
        return self._plan.forward.groups

    @property
    def pads(self) -> Pairs:
        """Cells added (before, after) along each axis."""
        return self._plan.forward.pads

    @property
    def padded(self) -> NDArray[Any]:
        """The input with its padding on (N, C, *padded), in the type that products are summed in."""
        return self._operands[1]

    @cached_property
    def gradients(self) -> ConvGradients:
        """What `conv_backward` returns for the same arguments."""
        return compute(self._plan, *self._operands)

    @cached_property
    def scattered(self) -> TransposeTrace:
        """The gradient by the input as the transposed convolution of the gradient, without a bias.

        Its `stuffed` steps are the full correlation of the zero-stuffed gradient with the flipped kernel.
        `WindowError` for padding that copies cells, whose gradients come together afterwards.
        """
        forward = self._plan.forward
        if forward.padding_mode != "zeros":
            raise WindowError("padding_mode", value=repr(forward.padding_mode), known="zeros")
        window = self.window
        covered = Window(window.kernel, window.stride, 0, window.dilation).input_shape(forward.out)
        # What the stride left over at the end is cells of x that no gradient reaches.
        missing = [
            size - least
            for size, least in zip(padded_sizes(forward.spatial, self.pads), covered, strict=True)
        ]
        return conv_transpose_trace(
            self.grad,
            self.weight,
            stride=window.stride,
            padding=self.pads,
            output_padding=missing,
            dilation=window.dilation,
            groups=self.groups,
        )

    @cached_property
    def correlated(self) -> ConvTrace:
        """The gradient by the weights as a correlation of the input with the gradient.

        Batch and channels have changed places, the gradient is dilated by the stride and moves by the
        dilation: (C / groups, O, *at least kernel), more than the kernel where the stride dropped cells.
        """
        x, weight, keywords = correlated(self._plan)
        return conv_trace(x, weight, **keywords)

    def partial(self, index: int) -> ConvGradients:
        """The gradients after the steps up to and including this one; -1 is none yet."""
        grad, padded, weight = self._operands
        begun = np.where(np.arange(grad.size).reshape(grad.shape) <= index, grad, grad.dtype.type(0))
        return compute(self._plan, begun, padded, weight)

    @property
    def _cells(self) -> tuple[int, ...]:
        return self.grad.shape

    def _step(self, index: int, place: tuple[int, ...]) -> BackwardStep:
        grad, _, weight = self._operands
        sample, kernel, *position = place
        kernels, reads = weight.shape[:2]
        first = kernel // (kernels // self.groups) * reads
        where: tuple[Any, ...] = (sample, slice(first, first + reads), *position)
        patch = self._windows[where]
        spatial = self._plan.forward.spatial
        inside = np.ones(self.window.kernel, bool)
        for axis, size in enumerate(spatial):
            line = self._lines[axis][position[axis]]
            inside &= ((line >= 0) & (line < size)).reshape(-1, *[1] * (self.window.rank - axis - 1))
        value = grad[place]
        with np.errstate(over="ignore", invalid="ignore"):
            to_weight, to_input = value * patch, value * weight[kernel]
        return BackwardStep(
            index=index,
            out=place,
            start=tuple(int(self._lines[axis][at][0]) for axis, at in enumerate(position)),
            grad=value.item(),
            patch=patch,
            weights=weight[kernel],
            to_weight=to_weight,
            to_input=to_input,
            inside=inside,
        )

    @cached_property
    def _operands(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        return self._plan.operands()

    @cached_property
    def _windows(self) -> NDArray[Any]:
        """(N, C, *out, *kernel), the view that the forward pass reads."""
        return self.window.read(self.padded)

    @cached_property
    def _lines(self) -> tuple[NDArray[np.int64], ...]:
        """For each axis the coordinates that each position reads along it."""
        return self.window.lines(self._plan.forward.spatial)


def conv_backward_trace(
    grad: ArrayLike,
    x: ArrayLike,
    weight: ArrayLike,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> BackwardTrace:
    """The steps of `conv_backward` with the same arguments, which are checked now; the rest waits.

    >>> trace = conv_backward_trace([[[5, 7]]], [[[1, 2, 3]]], [[[1, 10]]])
    >>> step = trace[1]
    >>> step.grad, step.start, step.to_weight.tolist(), step.to_input.tolist()
    (7, (1,), [[14, 21]], [[7, 70]])
    >>> trace.partial(0).x.tolist(), trace.gradients.x.tolist()
    ([[[5, 50, 0]]], [[[5, 57, 70]]])
    """
    return BackwardTrace(
        plan_backward(
            grad,
            x,
            weight,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            padding_mode=padding_mode,
        )
    )
