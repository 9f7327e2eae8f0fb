"""What is done to each cell on its own: activations with their gradients, and the residual addition."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.errors import WindowError
from conv_core.numeric import LIMIT, as_numbers, cast, result_type, work_type
from conv_core.plan import check_samples
from conv_core.steps import Steps


def relu(x: ArrayLike) -> NDArray[Any]:
    """max(x, 0), of the same shape and type; a NaN stays one.

    >>> relu([-2, 0, 3])
    array([0, 0, 3])
    """
    values = as_numbers("input", x)
    result: NDArray[Any] = np.maximum(values, values.dtype.type(0))
    return result


def relu_backward(grad: ArrayLike, x: ArrayLike) -> NDArray[Any]:
    """The gradient of `relu` by its input: passed on where x > 0, and 0 elsewhere, also at 0.

    >>> relu_backward([5.0, 5.0, 5.0], [-2.0, 0.0, 3.0])
    array([0., 0., 5.])
    """
    given, values, dtype = _pair(grad, x)
    # As torch has it: what is not at most 0, and so also a NaN, lets the gradient through.
    return cast(np.where(values <= 0, given.dtype.type(0), given), dtype)


def leaky_relu(x: ArrayLike, slope: float = 0.01) -> NDArray[Any]:
    """X where it is positive, slope * x elsewhere, of the same shape; integers give float64.

    >>> leaky_relu([-2.0, 3.0], 0.5)
    array([-1.,  3.])
    """
    values, dtype = real(x)
    return cast(np.where(values > 0, values, values * slope), dtype)


def leaky_relu_backward(grad: ArrayLike, x: ArrayLike, slope: float = 0.01) -> NDArray[Any]:
    """The gradient of `leaky_relu` by its input: 1 or the slope times grad.

    >>> leaky_relu_backward([4.0, 4.0], [-2.0, 3.0], 0.5)
    array([2., 4.])
    """
    given, values, dtype = real_pair(grad, x)
    return cast(np.where(values > 0, given, given * slope), dtype)


def tanh(x: ArrayLike) -> NDArray[Any]:
    """The hyperbolic tangent, of the same shape; integers give float64.

    >>> tanh([0.0, 100.0])
    array([0., 1.])
    """
    values, dtype = real(x)
    return cast(np.tanh(values), dtype)


def tanh_backward(grad: ArrayLike, x: ArrayLike) -> NDArray[Any]:
    """The gradient of `tanh` by its input: grad * (1 - tanh(x) ** 2).

    >>> tanh_backward([3.0], [0.0])
    array([3.])
    """
    given, values, dtype = real_pair(grad, x)
    output = np.tanh(values)
    # 1 - output ** 2 as a product, which keeps its digits where the output is close to 1.
    return cast(given * ((1 - output) * (1 + output)), dtype)


def sigmoid(x: ArrayLike) -> NDArray[Any]:
    """1 / (1 + exp(-x)), of the same shape; integers give float64.

    >>> sigmoid([0.0, -1000.0])
    array([0.5, 0. ])
    """
    values, dtype = real(x)
    return cast(_sigmoid(values), dtype)


def sigmoid_backward(grad: ArrayLike, x: ArrayLike) -> NDArray[Any]:
    """The gradient of `sigmoid` by its input: grad * sigmoid(x) * (1 - sigmoid(x)).

    >>> sigmoid_backward([8.0], [0.0])
    array([2.])
    """
    given, values, dtype = real_pair(grad, x)
    # 1 - sigmoid(x) is sigmoid(-x), and loses nothing where sigmoid(x) is close to 1.
    return cast(given * _sigmoid(values) * _sigmoid(-values), dtype)


ACTIVATIONS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "relu": relu,
    "leaky_relu": leaky_relu,
    "tanh": tanh,
    "sigmoid": sigmoid,
}
"""The activations by name; each takes an array alone."""


@dataclass(frozen=True)
class AddStep:
    """One cell of a residual addition: `out` is its place, x + fx makes the `sum`, and that the `value`."""

    index: int
    out: tuple[int, ...]
    x: int | float
    fx: int | float
    sum: int | float
    value: int | float


class AddTrace(Steps[AddStep]):
    """A sequence of `AddStep`, in the order of memory; `x` and `fx` as given, `activation` a name or None."""

    def __init__(self, x: NDArray[Any], fx: NDArray[Any], activation: str | None) -> None:
        self.x = x
        self.fx = fx
        self.activation = activation

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of all four arrays."""
        return self.x.shape

    @cached_property
    def sum(self) -> NDArray[Any]:
        """X + F(x), in the type NumPy promotes the two to; int64 for integers."""
        dtype = result_type(self.x, self.fx)
        with np.errstate(over="ignore", invalid="ignore"):
            total: NDArray[Any] = self.x.astype(dtype, copy=False) + self.fx.astype(dtype, copy=False)
        return total

    @cached_property
    def output(self) -> NDArray[Any]:
        """The sum, after the activation if there is one."""
        return self.sum if self.activation is None else ACTIVATIONS[self.activation](self.sum)

    @property
    def _cells(self) -> tuple[int, ...]:
        return self.shape

    def _step(self, index: int, out: tuple[int, ...]) -> AddStep:
        return AddStep(
            index=index,
            out=out,
            x=self.x[out].item(),
            fx=self.fx[out].item(),
            sum=self.sum[out].item(),
            value=self.output[out].item(),
        )


def add_trace(x: ArrayLike, fx: ArrayLike, activation: str | None = "relu") -> AddTrace:
    """The steps of a residual addition, activation(x + F(x)), cell by cell.

    x and fx of one shape, `activation` one of `ACTIVATIONS` or None. `WindowError` for shapes that differ,
    and for integers whose sum leaves int64 (He, Zhang, Ren, Sun: Deep residual learning for image
    recognition, 2016, equation 1).

    >>> trace = add_trace([1.0, -5.0], [2.0, 3.0])
    >>> trace[1]
    AddStep(index=1, out=(1,), x=-5.0, fx=3.0, sum=-2.0, value=0.0)
    >>> trace.output
    array([3., 0.])
    """
    values, residual = as_numbers("input", x), as_numbers("residual", fx)
    if values.shape != residual.shape or not values.size:
        raise WindowError("add_shape", x=values.shape, fx=residual.shape)
    if activation is not None and activation not in ACTIVATIONS:
        raise WindowError("activation", value=repr(activation), known=", ".join((*ACTIVATIONS, "None")))
    if result_type(values, residual).kind == "i":
        reach = max(abs(int(bound(values)) + int(bound(residual))) for bound in (np.min, np.max))
        if reach > LIMIT:
            raise WindowError("integers_too_large", limit=LIMIT, reach=reach)
    return AddTrace(values, residual, activation)


def real(x: ArrayLike) -> tuple[NDArray[Any], np.dtype[Any]]:
    """An array in the type to work in, and the type of the result: its own, float64 for integers."""
    values = as_numbers("input", x)
    dtype = values.dtype if values.dtype.kind == "f" else np.dtype(np.float64)
    return values.astype(work_type(dtype), copy=False), dtype


def _pair(grad: ArrayLike, x: ArrayLike) -> tuple[NDArray[Any], NDArray[Any], np.dtype[Any]]:
    given, values = as_numbers("gradient", grad), as_numbers("input", x)
    if given.shape != values.shape:
        raise WindowError("grad_shape", given=given.shape, expected=values.shape)
    return given, values, result_type(given, values)


def real_channels(x: ArrayLike) -> tuple[NDArray[Any], np.dtype[Any]]:
    """The same of an input (N, C, ...); `WindowError` for one that has no samples or no channels."""
    values, dtype = real(x)
    if values.ndim < 2:
        raise WindowError("channel_rank", given=values.ndim)
    check_samples(*values.shape[:2])
    return values, dtype


def real_pair(grad: ArrayLike, x: ArrayLike) -> tuple[NDArray[Any], NDArray[Any], np.dtype[Any]]:
    """A gradient and its input in the type to work in, and the type of the result."""
    given, values, dtype = _pair(grad, x)
    dtype = dtype if dtype.kind == "f" else np.dtype(np.float64)
    work = work_type(dtype)
    return given.astype(work, copy=False), values.astype(work, copy=False), dtype


def _sigmoid(values: NDArray[Any]) -> NDArray[Any]:
    # The exponential of a number that is not positive cannot overflow.
    small: NDArray[Any] = np.exp(-np.abs(values))
    return np.where(values >= 0, 1 / (1 + small), small / (1 + small))
