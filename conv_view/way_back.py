"""A small convolution, a loss of its output, and the way back: what the numbers on the page come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conv_core import (
    BackwardTrace,
    ConvTrace,
    WindowError,
    conv,
    conv_backward_trace,
    conv_trace,
    finite_differences,
    mse_loss,
    mse_loss_backward,
)

INPUT, WEIGHT, BIAS = ARRAYS = ("input", "weight", "bias")
STEP = 1e-3  # by how much a number is changed to see what the loss does
SAME, BLUR, TURNED, SHIFTED, NOTHING = TARGETS = ("same", "blur", "turned", "shifted", "nothing")

Array = NDArray[np.float64]


class Part(NamedTuple):
    """One product in the sum of a gradient's cell: of output `out` through the weight `tap`.

    `cell` is the one of the input that it read there (below 0 or beyond it: of the padding), `grad` the
    output's gradient and `other` what that is multiplied with: the weight, or the cell's value.
    """

    out: tuple[int, int]
    tap: tuple[int, int]
    cell: tuple[int, int]
    grad: float
    other: float


class Checked(NamedTuple):
    """One gradient beside its finite difference: the loss with the number a step lower and a step higher."""

    gradient: float
    low: float
    high: float
    difference: float


@dataclass(frozen=True, eq=False)
class Case:
    """A convolution (1, 1, H, W) -> (1, 1, *out), the loss, and its gradient by the output.

    The loss is the summed squared difference to `target`, where there is one; else the output weighted with
    `grad` and summed. `kind` is what the page calls it.
    """

    trace: ConvTrace
    grad: Array
    target: Array | None = None
    kind: str = ""

    @cached_property
    def back(self) -> BackwardTrace:
        """The steps of the way back."""
        return conv_backward_trace(self.grad, self.trace.x, self.trace.weight, **self.keywords)

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords of `conv` and `conv_backward`."""
        return keywords(self.trace)

    def loss_of(self, y: Array) -> float:
        """Return the loss of an output."""
        if self.target is not None:
            return mse_loss(y, self.target, reduction="sum")
        return float((y * self.grad).sum())

    @property
    def loss(self) -> float:
        """The loss of the output that there is."""
        return self.loss_of(self.trace.output)

    @cached_property
    def given(self) -> dict[str, Array]:
        """What the loss depends on, by its name in ARRAYS."""
        bias = self.trace.bias
        return {
            INPUT: self.trace.x,
            WEIGHT: self.trace.weight,
            BIAS: np.zeros(1) if bias is None else bias,
        }

    @cached_property
    def gradients(self) -> dict[str, Array]:
        """What the loss changes with, by name, each in the shape of what is `given`."""
        found = self.back.gradients
        return {INPUT: found.x, WEIGHT: found.weight, BIAS: found.bias}

    def function(self, name: str) -> Callable[[Array], float]:
        """Return the loss as a function of one of ARRAYS, the others as they are."""

        def loss(changed: Array) -> float:
            given = self.given | {name: changed}
            return self.loss_of(conv(given[INPUT], given[WEIGHT], given[BIAS], **self.keywords))

        return loss

    def checked(self, name: str, at: tuple[int, ...]) -> Checked:
        """Hold the gradient of one number against what the loss does when that number is changed."""
        at = self.place(name, at)
        function, given = self.function(name), self.given[name]
        low, high = given.copy(), given.copy()
        low[at] -= STEP
        high[at] += STEP
        difference = finite_differences(function, given, step=STEP, places=[at])[at]
        return Checked(float(self.gradients[name][at]), function(low), function(high), float(difference))

    def errors(self) -> dict[str, float]:
        """Return by how much gradient and finite difference are apart at most, array by array."""
        return {
            name: float(
                np.abs(finite_differences(self.function(name), given, step=STEP) - self.gradients[name]).max()
            )
            for name, given in self.given.items()
        }

    def place(self, name: str, at: tuple[int, ...]) -> tuple[int, ...]:
        """Return a cell (row, column) of one of ARRAYS as an index of it, moved inside where it lies out."""
        shape = self.given[name].shape
        if name == BIAS:
            return (0,)
        return (0, 0, *(min(max(one, 0), size - 1) for one, size in zip(at, shape[2:], strict=True)))

    def parts(self, name: str, at: tuple[int, ...]) -> list[Part]:
        """Return the products whose sum is the gradient of one cell of the input or of the kernel.

        Of the bias the gradients alone, each times one.
        """
        x, weight, grad = self.trace.x[0, 0], self.trace.weight[0, 0], self.grad[0, 0]
        if name == BIAS:
            return [Part(out, (0, 0), (0, 0), float(grad[out]), 1.0) for out in _places(grad.shape)]
        _, _, *cell = self.place(name, at)
        found = []
        for out in _places(grad.shape):
            for tap in _places(weight.shape):
                own, source = self._read(out, tap)
                if name == WEIGHT and tap == tuple(cell):
                    found.append(Part(out, tap, own, float(grad[out]), float(x[source]) if source else 0.0))
                if name == INPUT and source == tuple(cell):
                    found.append(Part(out, tap, own, float(grad[out]), float(weight[tap])))
        return found

    def _read(
        self, out: tuple[int, int], tap: tuple[int, int]
    ) -> tuple[tuple[int, int], tuple[int, int] | None]:
        """Return what an output reads through a weight, and the cell that this copies, if it copies one."""
        window, own, sources = self.trace.window, [], []
        for axis in range(2):
            padded = out[axis] * window.stride[axis] + tap[axis] * window.dilation[axis]
            own.append(padded - self.trace.pads[axis][0])
            sources.append(int(self.trace.sources[axis][padded]))
        return (own[0], own[1]), None if min(sources) < 0 else (sources[0], sources[1])

    def updated(self, rate: float) -> tuple[Array, float]:
        """Return the kernel after one step of gradient descent, and the loss that it leads to."""
        weight = self.trace.weight - rate * self.gradients[WEIGHT]
        return weight, self.function(WEIGHT)(weight)


def keywords(trace: ConvTrace) -> dict[str, Any]:
    """Return the keywords of the convolution that a trace is of."""
    return {
        "stride": trace.window.stride,
        "padding": trace.pads,
        "dilation": trace.window.dilation,
        "padding_mode": trace.padding_mode,
    }


def case_of(
    x: NDArray[Any],
    weight: NDArray[Any],
    bias: float,
    how: Mapping[str, Any],
    grad: Callable[[tuple[int, ...]], NDArray[Any]] | None = None,
    target: str = SAME,
    kind: str = "",
) -> Case:
    """Return the case of an input (H, W) and a kernel: `grad` makes the gradient of an output of its shape.

    Without it the loss is the squared error to a `target` of TARGETS. Raises `WindowError` where the window
    does not fit, and for a gradient of another shape than the output.

    >>> case = case_of(np.arange(9).reshape(3, 3), np.ones((2, 2)), 0.0, {}, np.ones)
    >>> case.loss, case.gradients["weight"][0, 0].tolist(), case.gradients["input"][0, 0, 1].tolist()
    (64.0, [[8.0, 12.0], [20.0, 24.0]], [2.0, 4.0, 2.0])
    >>> [part.other for part in case.parts("weight", (0, 1))]
    [1.0, 2.0, 4.0, 5.0]
    """
    cells, weights = np.asarray(x, np.float64)[None, None], np.asarray(weight, np.float64)[None, None]
    trace = conv_trace(cells, weights, np.array([bias]) if bias else None, **how)
    if grad is None:
        wanted = _target(trace, target)
        return Case(trace, mse_loss_backward(trace.output, wanted, reduction="sum"), wanted, kind)
    given = np.asarray(grad(trace.shape), np.float64)
    if given.shape != trace.shape:
        raise WindowError("grad_shape", given=given.shape, expected=trace.shape)
    return Case(trace, given, kind=kind)


def _target(trace: ConvTrace, name: str) -> Array:
    """Return what the output should have been: of another kernel of the same size, or moved by one column."""
    output: Array = trace.output
    if name == NOTHING:
        return np.zeros_like(output)
    if name == SHIFTED:
        moved = np.zeros_like(output)
        moved[..., 1:] = output[..., :-1]
        return moved
    weight = trace.weight
    if name == BLUR:
        other = np.full_like(weight, 1 / weight.size)
    elif name == TURNED:
        other = np.flip(weight, (2, 3)).copy()
    else:
        other = np.zeros_like(weight)
        other[0, 0, weight.shape[2] // 2, weight.shape[3] // 2] = 1
    made: Array = conv(trace.x, other, **keywords(trace))
    return made


def _places(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    return [(row, column) for row in range(shape[0]) for column in range(shape[1])]
