"""The way back through a convolution: what a loss's gradient by the output says about what went in."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, PerAxis, padded_sizes
from conv_core.errors import WindowError
from conv_core.methods.boxes import boxes, most_in_one
from conv_core.methods.workspace import borrow
from conv_core.numeric import as_numbers, cast, check_exact, result_type, work_type
from conv_core.padding import pad, source_indices, unpad
from conv_core.plan import Plan, plan
from conv_core.transpose import scatter
from conv_core.window import Window

BLOCK_BYTES = 2**22
"""The size that a block of columns is kept to, so that it stays in the processor's cache."""

FEW_POSITIONS = 32
"""With at most this many, a matrix product for each sample costs more than it computes."""


@dataclass(frozen=True)
class ConvGradients:
    """How a loss changes with the input `x` (N, C, *spatial), the `weight` and the `bias` (O,)."""

    x: NDArray[Any]
    weight: NDArray[Any]
    bias: NDArray[Any]


@dataclass(frozen=True)
class BackwardPlan:
    """A convolution's plan, the gradient by its output (N, O, *out), and the type of the results."""

    forward: Plan
    grad: NDArray[Any]
    dtype: np.dtype[Any]

    def operands(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """The gradient, the padded input and the weights in the type that they are multiplied in.

        `WindowError` for integers whose sums might leave int64.
        """
        if self.dtype.kind == "i":
            self._check_exact()
        work = work_type(self.dtype)
        padded, weight = self.forward.operands(work)
        return self.grad.astype(work, copy=False), padded, weight

    def _check_exact(self) -> None:
        forward = self.forward
        weight = forward.weight
        apart = weight.reshape(forward.groups, -1, *weight.shape[1:]).swapaxes(1, 2)
        # A cell of the input collects through every tap of all kernels of its group, and that for each of
        # its copies in the padding.
        through = apart.reshape(forward.groups * weight.shape[1], -1)
        check_exact(self.grad, np.tile(through, (1, self._most_copies())), None)
        # A weight collects every gradient of its kernel, times some cell, and the bias times 1.
        collected = self.grad.swapaxes(0, 1).reshape(len(weight), -1)
        check_exact(forward.x, collected, None)
        check_exact(np.ones(1, np.int64), collected, None)

    def _most_copies(self) -> int:
        """How often at most the padded input holds one cell."""
        forward = self.forward
        most = 1
        for size, pair in zip(forward.spatial, forward.pads, strict=True):
            sources = source_indices(size, *pair, forward.padding_mode)
            most *= int(np.bincount(sources[sources >= 0]).max())
        return most


def conv_backward(
    grad: ArrayLike,
    x: ArrayLike,
    weight: ArrayLike,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> ConvGradients:
    """The gradients of `conv` by its input, its weights and its bias, out of the gradient by its output.

    grad (N, O, *out), x (N, C, *spatial), weight (O, C / groups, *kernel), at any rank; the keywords are
    those that `conv` was given. With P = p * stride + t * dilation - before:

    dx[n, c, P] = sum over o, p, t of grad[n, o, p] W[o, c, t], `conv_transpose` without bias,
    dW[o, c, t] = sum over n, p of grad[n, o, p] x[n, c, P],
    db[o] = sum over n, p of grad[n, o, p]
    (Goodfellow, Bengio, Courville: Deep Learning, 2016, equations 9.11 and 9.13, with the dilation, groups
    and batch that they leave out). What `padding_mode` copied is added back to the cell it was copied from.
    Types as in `conv`. Raises `WindowError` as `conv` does, and for a grad of another shape than its output.

    >>> x, weight = np.array([[[1.0, 2.0, 3.0, 4.0]]]), np.array([[[1.0, 10.0]]])
    >>> back = conv_backward(np.array([[[1.0, 0.0, 2.0]]]), x, weight)
    >>> back.x.tolist(), back.weight.tolist(), back.bias.tolist()
    ([[[1.0, 10.0, 2.0, 20.0]]], [[[7.0, 10.0]]], [3.0])
    """
    planned = plan_backward(
        grad,
        x,
        weight,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        padding_mode=padding_mode,
    )
    return compute(planned, *planned.operands())


def plan_backward(grad: ArrayLike, x: ArrayLike, weight: ArrayLike, **keywords: Any) -> BackwardPlan:
    """Check everything about it that can be told from shapes and types; `WindowError` if wrong."""
    forward = plan(x, weight, None, **keywords)
    given = as_numbers("gradient", grad)
    if given.shape != forward.shape:
        raise WindowError("grad_shape", given=given.shape, expected=forward.shape)
    return BackwardPlan(forward, given, result_type(given, np.empty(0, forward.dtype)))


def compute(
    planned: BackwardPlan, grad: NDArray[Any], padded: NDArray[Any], weight: NDArray[Any]
) -> ConvGradients:
    """All three gradients from a plan's operands, in the result's type."""
    by_weight, by_bias = by_parameters(planned, grad, padded)
    with np.errstate(over="ignore", invalid="ignore"):
        by_input = np.ascontiguousarray(input_gradient(grad, weight, planned.forward), planned.dtype)
    return ConvGradients(by_input, by_weight, by_bias)


def by_parameters(
    planned: BackwardPlan, grad: NDArray[Any], padded: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The gradients by the weights and by the bias alone: a first layer needs no more."""
    forward, dtype = planned.forward, planned.dtype
    with np.errstate(over="ignore", invalid="ignore"):
        by_weight = weight_gradient(grad, padded, forward.window, forward.groups)
        by_bias = grad.sum(axis=(0, *range(2, grad.ndim)), dtype=grad.dtype)
        # A sum that float16 cannot hold becomes infinite here, without a warning.
        return cast(by_weight, dtype), cast(by_bias, dtype)


def input_gradient(grad: NDArray[Any], weight: NDArray[Any], forward: Plan) -> NDArray[Any]:
    """(N, O, *out) -> (N, C, *spatial): every gradient spread through the kernel to what it was made of."""
    padded = padded_sizes(forward.spatial, forward.pads)
    return unpad(
        scatter(grad, weight, forward.window, forward.groups, padded), forward.pads, forward.padding_mode
    )


def weight_gradient(grad: NDArray[Any], padded: NDArray[Any], window: Window, groups: int) -> NDArray[Any]:
    """(N, O, *out) and (N, C, *padded) -> (O, C / groups, *kernel): every patch, weighted by its gradient.

    Windows are unrolled into columns in blocks, as im2col does it, and multiplied with the gradients that
    they belong to.
    """
    samples, kernels, *out = grad.shape
    rank = window.rank
    windows = window.read(padded.reshape(samples, groups, -1, *padded.shape[2:]))
    taps_first = windows.transpose(0, 1, 2, *range(3 + rank, 3 + 2 * rank), *range(3, 3 + rank))
    terms = prod(taps_first.shape[2 : 3 + rank])
    given = grad.reshape(samples, groups, kernels // groups, *out)
    if prod(out) <= FEW_POSITIONS:
        # A product for each sample would be many small ones: the samples become positions of a single one.
        taps_first, given = np.moveaxis(taps_first, 0, 2 + rank)[None], np.moveaxis(given, 0, 2)[None]
        samples, out = 1, [samples, *out]
    extent = (samples, groups, *out)
    most = BLOCK_BYTES // (terms * padded.itemsize)
    room = borrow("columns", (most_in_one(extent, most) * terms,), padded.dtype)
    summed = np.zeros((groups, kernels // groups, terms), padded.dtype)
    for sample, group, *place in boxes(extent, most):
        where: tuple[Any, ...] = (sample, group, ..., *place)
        block = taps_first[where]
        columns = room[: prod(block.shape)].reshape(block.shape)
        np.copyto(columns, block)
        few = given[where]
        pairs = np.matmul(
            few.reshape(*few.shape[:3], -1), columns.reshape(*block.shape[:2], terms, -1).swapaxes(2, 3)
        )
        summed[group] += pairs.sum(axis=0)
    return summed.reshape(kernels, -1, *window.kernel)


def correlated(planned: BackwardPlan) -> tuple[NDArray[Any], NDArray[Any], dict[str, Any]]:
    """Input, weight and keywords of the ordinary convolution that gives the gradient by the weights.

    Batch and channels change places, the stride becomes the dilation of the gradient and the dilation the
    stride with which it moves. The convolution's output (C / groups, O, *at least kernel) is the gradient
    with its first two axes exchanged, and may have further cells where a stride has dropped some of x.
    """
    forward = planned.forward
    samples, groups = len(forward.x), forward.groups
    padded = pad(forward.x, forward.pads, forward.padding_mode)
    apart = padded.reshape(samples, groups, -1, *padded.shape[2:])
    swapped = np.ascontiguousarray(np.moveaxis(apart, (2, 1), (0, 1))).reshape(
        apart.shape[2], groups * samples, *padded.shape[2:]
    )
    window = forward.window
    keywords = {"stride": window.dilation, "dilation": window.stride, "groups": groups}
    return swapped, np.ascontiguousarray(planned.grad.swapaxes(0, 1)), keywords
