"""Transposed convolution: the adjoint of `conv`, which spreads each cell where `conv` would collect."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, Pairs, PerAxis, per_axis, whole
from conv_core.errors import WindowError
from conv_core.numeric import as_numbers, check_exact, result_type, work_type
from conv_core.padding import pad
from conv_core.plan import check_groups, check_samples, check_size
from conv_core.window import Window


@dataclass(frozen=True)
class TransposePlan:
    """What `conv_transpose`, its trace and its zero-stuffed relative agree on.

    `x` (N, C, *spatial), `weight` (C, O / groups, *kernel) and `bias` (O,) are the arrays as given; `out`
    are the output's spatial sizes, `covered` the sizes that the windows reach before `pads` is cut off.
    """

    x: NDArray[Any]
    weight: NDArray[Any]
    bias: NDArray[Any] | None
    window: Window
    groups: int
    output_padding: tuple[int, ...]
    pads: Pairs
    covered: tuple[int, ...]
    out: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """The output's shape, (N, O, *out)."""
        return (self.x.shape[0], self.weight.shape[1] * self.groups, *self.out)

    @property
    def spatial(self) -> tuple[int, ...]:
        """The sizes of the input, without batch and channels."""
        return self.x.shape[2:]

    def swapped(self) -> NDArray[Any]:
        """The weights as `conv` has them, the channels of each group exchanged: (O, C / groups, *kernel)."""
        apart = self.weight.reshape(self.groups, -1, *self.weight.shape[1:]).swapaxes(1, 2)
        return apart.reshape(self.shape[1], -1, *self.window.kernel)

    def operands(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Input and weights in the type that they are multiplied in; `WindowError` as for `conv`."""
        if self.dtype.kind == "i":
            check_exact(self.x, self.swapped(), self.bias)
        work = work_type(self.dtype)
        return self.x.astype(work, copy=False), self.weight.astype(work, copy=False)

    def cut(self, covered: NDArray[Any]) -> NDArray[Any]:
        """(..., *covered) -> (..., *out): the padding cut off, and what output_padding adds put on."""
        wanted = [before + size for size, (before, _) in zip(self.out, self.pads, strict=True)]
        missing = tuple([(0, max(want - size, 0)) for want, size in zip(wanted, self.covered, strict=True)])
        kept: Any = (
            ...,
            *[slice(before, want) for want, (before, _) in zip(wanted, self.pads, strict=True)],
        )
        left: NDArray[Any] = pad(covered, missing)[kept]
        return left


def plan_transpose(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> TransposePlan:
    """Check everything about it that can be told from shapes and types; `WindowError` if wrong."""
    inputs, weights = as_numbers("input", x), as_numbers("weight", weight)
    biases = None if bias is None else as_numbers("bias", bias)
    group_count = whole("groups", groups)
    _check_shapes(inputs.shape, weights.shape, group_count)
    outputs = weights.shape[1] * group_count
    if biases is not None and biases.shape != (outputs,):
        raise WindowError("bias_shape", given=biases.shape, outputs=outputs)
    window = Window(weights.shape[2:], stride, padding, dilation)
    added = _check_output_padding(per_axis("output_padding", output_padding, window.rank), window)
    spatial = inputs.shape[2:]
    out = window.input_shape(spatial, added)
    covered = Window(window.kernel, window.stride, 0, window.dilation).input_shape(spatial)
    check_size((inputs.shape[0], outputs, *covered), (inputs.shape[0], outputs, *out))
    dtype = result_type(inputs, weights, biases)
    return TransposePlan(
        inputs, weights, biases, window, group_count, added, window.pads(out), covered, out, dtype
    )


def conv_transpose(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> NDArray[Any]:
    """Spread every cell through the kernel and add: torch.nn.functional.conv_transpose1d, 2d, 3d.

    x (N, C, *spatial), weight (C, O / groups, *kernel), bias (O,) -> (N, O, *out), at any rank of at least
    1, where out = (n - 1) * stride + dilation * (kernel - 1) + 1 - before - after + output_padding. It is
    the exact adjoint of `conv` with the same weight, stride, padding, dilation and groups:
    sum(conv(x) * g) == sum(x * conv_transpose(g)), with the `output_padding` that restores the size of x.

    What output_padding shows at the end are sums that padding would have cut off, or else nothing but the
    bias. "same" gives (n - 1) * stride + 1 + output_padding. Types as in `conv`. Raises `WindowError` for
    what does not fit, an output_padding that is not below stride or dilation, and when nothing is left.

    Y[o, p * stride + t * dilation - before] += sum over c of X[c, p] W[c, o, t]
    (Dumoulin and Visin: A guide to convolution arithmetic for deep learning, 2016, chapter 4).

    >>> conv_transpose(np.array([[[1, 2, 3]]]), np.array([[[1, 10]]]))[0, 0]
    array([ 1, 12, 23, 30])
    """
    plan = plan_transpose(
        x,
        weight,
        bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
    )
    return compute(plan, *plan.operands())


def compute(plan: TransposePlan, x: NDArray[Any], weight: NDArray[Any]) -> NDArray[Any]:
    """The output (N, O, *out) from a plan's operands, with the bias and in the result's type."""
    with np.errstate(over="ignore", invalid="ignore"):
        sums = plan.cut(scatter(x, weight, plan.window, plan.groups, plan.covered))
        if plan.bias is not None:
            sums = sums + plan.bias.astype(sums.dtype, copy=False).reshape(-1, *[1] * plan.window.rank)
        return np.ascontiguousarray(sums, plan.dtype)


def scatter(
    x: NDArray[Any], weight: NDArray[Any], window: Window, groups: int, covered: tuple[int, ...]
) -> NDArray[Any]:
    """The adjoint of every method's `run`: (N, C, *positions) -> (N, O, *covered), with the padding still on.

    What `window.fold` does with all products at once, one kernel cell at a time: the products of all cells
    would take as many times the memory of the output as the kernel has cells.
    """
    samples, channels = x.shape[:2]
    flat = x.reshape(samples, groups, channels // groups, -1)
    apart = weight.reshape(groups, channels // groups, weight.shape[1], -1)
    # The numbers of one kernel cell side by side: BLAS takes no matrix that has gaps within its rows.
    rows = np.ascontiguousarray(apart.transpose(3, 0, 2, 1))
    folded = np.zeros((samples, groups, weight.shape[1], *covered), x.dtype)
    for row, (_, touched) in zip(rows, window.taps(covered), strict=True):
        products = np.matmul(row, flat)
        folded[touched] += products.reshape(*products.shape[:3], *x.shape[2:])
    return folded.reshape(samples, -1, *covered)


def _check_shapes(inputs: tuple[int, ...], weights: tuple[int, ...], groups: int) -> None:
    if len(inputs) < 3:
        raise WindowError("input_rank", given=len(inputs))
    if len(weights) != len(inputs):
        raise WindowError(
            "transpose_weight_rank", given=len(weights), rank=len(inputs) - 2, expected=len(inputs)
        )
    check_samples(*inputs[:2])
    if weights[0] != inputs[1]:
        raise WindowError("transpose_weight_channels", given=weights[0], channels=inputs[1])
    if weights[1] < 1:
        raise WindowError("outputs_empty", outputs=weights[1])
    check_groups(inputs[1], groups)


def _check_output_padding(added: tuple[int, ...], window: Window) -> tuple[int, ...]:
    for axis, (more, stride, dilation) in enumerate(zip(added, window.stride, window.dilation, strict=True)):
        if more < 0:
            raise WindowError("output_padding_negative", axis=axis, output_padding=more)
        if more >= max(stride, dilation):
            raise WindowError(
                "output_padding", axis=axis, output_padding=more, stride=stride, dilation=dilation
            )
    return added
