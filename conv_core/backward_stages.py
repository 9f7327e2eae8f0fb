"""The way back through a convolution as matrix products: what a library that uses im2col computes."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, PerAxis
from conv_core.conv_backward import plan_backward
from conv_core.methods import im2col
from conv_core.methods.protocol import Cost
from conv_core.plan import geometry
from conv_core.unfold import col2im, copies


@dataclass(frozen=True)
class BackwardStages:
    """The matrices of the forward product, the two products of the way back, and what is folded.

    With T = C / groups * prod(kernel) terms and P positions: `rows` (groups, O / groups, T) times `columns`
    (N, groups, T, P) is `output` (N, groups, O / groups, P). `grads` (N, groups, O / groups, P) is the given
    gradient; `grads` times the transposed `columns`, summed over N, is `row_grads` (groups, O / groups, T),
    and the transposed `rows` times `grads` is `column_grads` (N, groups, T, P), which added back to where
    its columns came from is `x` (N, C, *spatial).
    """

    columns: NDArray[Any]
    rows: NDArray[Any]
    output: NDArray[Any]
    grads: NDArray[Any]
    row_grads: NDArray[Any]
    column_grads: NDArray[Any]
    x: NDArray[Any]


@dataclass(frozen=True)
class BackwardCost:
    """What each part of the way back takes: the two products and the fold; workspaces in bytes.

    Both products keep a whole column matrix: the one of the inputs for the weights, a second for the input.
    """

    weight: Cost
    columns: Cost
    fold: Cost

    @property
    def multiplies(self) -> int:
        """Multiplications of all three."""
        return self.weight.multiplies + self.columns.multiplies + self.fold.multiplies

    @property
    def adds(self) -> int:
        """Additions of all three."""
        return self.weight.adds + self.columns.adds + self.fold.adds


def conv_backward_stages(
    grad: ArrayLike,
    x: ArrayLike,
    weight: ArrayLike,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> BackwardStages:
    """The matrices through which Caffe finds what `conv_backward` returns, in the type that is worked in.

    Y = W X gives dW = dY X^T and dX = W^T dY (Chellapilla, Puri and Simard: High performance convolutional
    neural networks for document processing, 2006); the columns of dX are then added back to the input.
    `WindowError` as in `conv_backward`.

    >>> stages = conv_backward_stages([[[5, 7]]], [[[1, 2, 3]]], [[[1, 10]]])
    >>> stages.row_grads.tolist(), stages.column_grads[0, 0].tolist(), stages.x.tolist()
    ([[[19, 31]]], [[5, 7], [50, 70]], [[[5, 57, 70]]])
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
    forward, (given, padded, kernels) = planned.forward, planned.operands()
    with np.errstate(over="ignore", invalid="ignore"):
        product = im2col.stages(padded, kernels, forward.window, forward.groups)
        columns, rows = product.columns, product.rows
        grads = given.reshape(len(given), *rows.shape[:2], -1)
        by_rows = np.matmul(grads, columns.swapaxes(2, 3)).sum(axis=0, dtype=grads.dtype)
        by_columns = np.matmul(rows.swapaxes(1, 2), grads)
        back = col2im(
            by_columns.reshape(len(given), -1, grads.shape[3]),
            forward.spatial,
            forward.window.kernel,
            stride=forward.window.stride,
            padding=forward.pads,
            dilation=forward.window.dilation,
            padding_mode=padding_mode,
        )
    return BackwardStages(
        columns, rows, product.output.reshape(grads.shape), grads, by_rows, by_columns, back
    )


def backward_cost(
    x_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    itemsize: int = 4,
) -> BackwardCost:
    """The multiplications and additions of the way back through a convolution of these shapes.

    x_shape (N, C, *spatial), weight_shape (O, C / groups, *kernel). Each of the two products multiplies as
    often as the forward product; a sum of n terms takes n - 1 additions, and what falls on padding none.
    `WindowError` as in `conv`.

    >>> cost = backward_cost((1, 1, 5, 5), (2, 1, 3, 3))
    >>> cost.weight.multiplies, cost.columns.multiplies, cost.fold.adds
    (162, 162, 56)
    """
    keywords: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    window, pads, out = geometry(x_shape, weight_shape, groups=groups, **keywords)
    samples, channels, *spatial = x_shape
    kernels, positions = weight_shape[0], samples * prod(out)
    terms = prod(weight_shape[1:])
    multiplies = kernels * terms * positions
    columns = groups * terms * positions
    own = kernels // groups
    counts = copies(spatial, window.kernel, stride=window.stride, padding=pads, dilation=window.dilation)
    added = samples * channels * int(counts.sum() - (counts > 0).sum())
    return BackwardCost(
        Cost(multiplies, kernels * terms * (positions - 1), columns * itemsize),
        Cost(multiplies, columns * (own - 1), columns * itemsize),
        Cost(0, added, 0),
    )
