"""A convolution and its way back as matrix products, and what a reader is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import (
    BackwardCost,
    BackwardStages,
    ConvTrace,
    Cost,
    backward_cost,
    conv,
    conv_backward_stages,
    conv_cost,
    finite_differences,
    mse_loss,
    mse_loss_backward,
)
from conv_view.unfolded import Unfolded

TARGETS = ("zeros", "middle", "mean")


@dataclass(frozen=True, eq=False)
class Matrices:
    """One traced convolution (one sample, no groups) and the gradient `grad` (1, O, *out) of its output.

    With a `target` (1, O, *out) the gradient is that of the sum of squared differences to it.
    """

    trace: ConvTrace
    grad: NDArray[Any]
    target: NDArray[Any] | None
    stages: BackwardStages

    @cached_property
    def unfolded(self) -> Unfolded:
        """The forward pass as matrices."""
        return Unfolded(self.trace)

    @property
    def columns(self) -> NDArray[Any]:
        """The column matrix (T, P): T kernel cells, channel by channel, at P positions."""
        return self.unfolded.columns

    @property
    def rows(self) -> NDArray[Any]:
        """The kernels as rows (O, T)."""
        return self.unfolded.rows

    @property
    def product(self) -> NDArray[Any]:
        """The output (O, P)."""
        return self.unfolded.product

    @property
    def grads(self) -> NDArray[Any]:
        """The gradient of the output (O, P)."""
        return self.grad[0].reshape(len(self.rows), -1)

    @property
    def row_grads(self) -> NDArray[Any]:
        """The gradient of the kernels (O, T)."""
        found: NDArray[Any] = self.stages.row_grads[0]
        return found

    @property
    def column_grads(self) -> NDArray[Any]:
        """The gradient of the column matrix (T, P)."""
        found: NDArray[Any] = self.stages.column_grads[0, 0]
        return found

    @property
    def x_grad(self) -> NDArray[Any]:
        """The gradient of the input (C, H, W)."""
        found: NDArray[Any] = self.stages.x[0]
        return found

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords of `conv`, with the padding side by side."""
        return self.unfolded.keywords

    @property
    def geometry(self) -> dict[str, Any]:
        """The same, without what the padding holds."""
        return {name: value for name, value in self.keywords.items() if name != "padding_mode"}

    @property
    def loss(self) -> float:
        """The loss whose gradient is given: the sum of gradient times output, or of squared differences."""
        return self._loss(self.trace.x.astype(np.float64), self.trace.weight.astype(np.float64))

    def _loss(self, x: NDArray[Any], weight: NDArray[Any]) -> float:
        y = conv(x, weight, **self.keywords)
        if self.target is not None:
            return mse_loss(y, self.target.astype(y.dtype), reduction="sum")
        return float((self.grad * y).sum())

    def tried_weight(self, place: tuple[int, ...], step: float) -> float:
        """The derivative of the loss by the weight at `place` (o, c, *k), by trying."""
        x, weight = (each.astype(np.float64) for each in (self.trace.x, self.trace.weight))
        return float(finite_differences(partial(self._loss, x), weight, step=step, places=[place])[place])

    def tried_pixel(self, place: tuple[int, ...], step: float) -> float:
        """The derivative of the loss by the pixel at `place` (0, c, y, x), by trying."""
        x, weight = (each.astype(np.float64) for each in (self.trace.x, self.trace.weight))
        found = finite_differences(lambda moved: self._loss(moved, weight), x, step=step, places=[place])
        return float(found[place])

    @cached_property
    def costs(self) -> tuple[Cost, BackwardCost]:
        """What the forward product takes, and the way back."""
        shapes = self.trace.x.shape, self.trace.weight.shape
        return conv_cost(*shapes, method="im2col", **self.geometry), backward_cost(*shapes, **self.geometry)


def matrices(trace: ConvTrace, grad: NDArray[Any], target: NDArray[Any] | None = None) -> Matrices:
    """Return a convolution and its way back; `WindowError` for a gradient of another shape than its output.

    >>> from conv_core import conv_trace
    >>> small = conv_trace(np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2)))
    >>> shown = matrices(small, np.ones((1, 1, 2, 2)))
    >>> shown.row_grads.tolist(), shown.x_grad[0].tolist()
    ([[8.0, 12.0, 20.0, 24.0]], [[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]])
    """
    keywords = Unfolded(trace).keywords
    return Matrices(trace, grad, target, conv_backward_stages(grad, trace.x, trace.weight, **keywords))


def target(trace: ConvTrace, name: str) -> NDArray[Any]:
    """Return what an output is compared with: "zeros", the "middle" pixel of each window, or its "mean"."""
    kernels = np.zeros_like(trace.weight)
    cells = kernels.shape[2] * kernels.shape[3]
    if name == "middle":
        kernels[:, :, kernels.shape[2] // 2, kernels.shape[3] // 2] = 1 / kernels.shape[1]
    elif name == "mean":
        kernels[:] = 1 / (cells * kernels.shape[1])
    found: NDArray[Any] = conv(trace.x, kernels, **Unfolded(trace).keywords)
    return found


def squared_error(trace: ConvTrace, wanted: NDArray[Any]) -> NDArray[Any]:
    """Return the gradient of the sum of squared differences between the output and what is wanted."""
    return mse_loss_backward(trace.output, wanted, reduction="sum")
