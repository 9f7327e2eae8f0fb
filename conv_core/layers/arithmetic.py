"""Arithmetic cell by cell, between what two layers give or with numbers of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from conv_core.errors import WindowError
from conv_core.layers.base import Arrays, Back, Layer, Passed, Shape


def divide(x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """X / y, of whole numbers without what follows the point, as in C.

    >>> divide(np.array([-7, 7]), np.array([2, 2]))
    array([-3,  3])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if np.result_type(x, y).kind == "f":
            return np.asarray(np.true_divide(x, y))
        quotient = np.floor_divide(x, y)
        # Rounded down below 0 where there was a rest: one too low.
        return np.asarray(quotient + ((quotient < 0) & (quotient * y != x)), quotient.dtype)


OPERATIONS: dict[str, Callable[..., NDArray[Any]]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": divide,
}
"""By the names that ONNX gives them."""


@dataclass(frozen=True)
class Pairwise(Layer):
    """Two inputs added, subtracted, multiplied or divided cell by cell; what is one cell wide is stretched.

    As NumPy and torch stretch: a channel's factor (N, C, 1, 1) meets every cell of it.

    >>> Pairwise("Mul").output_shape((1, 8, 5, 5), (1, 8, 1, 1))
    (1, 8, 5, 5)
    """

    arity: ClassVar[int | None] = 2
    operation: str

    @property
    def kind(self) -> str:
        """The operation's name."""
        return self.operation

    def output_shape(self, *shapes: Shape) -> Shape:
        """What both are stretched to; `WindowError` if they cannot be."""
        return stretched(*shapes)

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The operation on the two."""
        return _run(self.operation, *inputs)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """To each what it changes, summed where it was stretched."""
        return _shares(self.operation, grad, *passed.inputs), {}


@dataclass(frozen=True)
class Own(Layer):
    """The same with one input and numbers of its own, of the shape `shape`: a scale, a bias, a mean.

    Its numbers are stretched, its input is not: every cell stays where it is.
    With `first` they stand before the sign: value - x.

    >>> Own("Sub", (3, 1, 1)).parameters((1, 3, 8, 8))
    {'value': (3, 1, 1)}
    """

    operation: str
    shape: Shape
    first: bool = False

    @property
    def kind(self) -> str:
        """The operation's name."""
        return self.operation

    def output_shape(self, *shapes: Shape) -> Shape:
        """That of the input; `WindowError` if the numbers cannot be stretched to it."""
        if stretched(shapes[0], self.shape) != shapes[0]:
            raise WindowError("stretched_shape", x=shapes[0], y=self.shape)
        return shapes[0]

    def parameters(self, *shapes: Shape) -> dict[str, Shape]:
        """The numbers."""
        return {"value": self.shape}

    def initial(self, shapes: tuple[Shape, ...], rng: np.random.Generator, gain: float) -> Arrays:
        """Those that change nothing."""
        return {"value": np.full(self.shape, self.operation in ("Mul", "Div"), np.float32)}

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The operation on the input and the numbers."""
        return _run(self.operation, *self._order(inputs[0], params["value"]))

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """As between two inputs."""
        shares = _shares(self.operation, grad, *self._order(passed.inputs[0], passed.params["value"]))
        x, value = self._order(*shares)
        return (x,), {"value": value}

    def _order(self, x: NDArray[Any], value: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        return (value, x) if self.first else (x, value)


def stretched(x: Shape, y: Shape) -> Shape:
    """The shape that two are stretched to; `WindowError` if an axis differs and neither is one cell wide.

    >>> stretched((1, 3, 5), (3, 1))
    (1, 3, 5)
    """
    try:
        return np.broadcast_shapes(x, y)
    except ValueError:
        raise WindowError("stretched_shape", x=x, y=y) from None


def _run(operation: str, x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(OPERATIONS[operation](x, y))


def _shares(
    operation: str, grad: NDArray[Any], x: NDArray[Any], y: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    if operation == "Mul":
        by_x, by_y = grad * y, grad * x
    elif operation == "Div":
        by_x = grad / y
        by_y = -by_x * x / y
    else:
        by_x, by_y = grad, grad if operation == "Add" else -grad
    return gathered(by_x, x.shape), gathered(by_y, y.shape)


def gathered(grad: NDArray[Any], shape: Shape) -> NDArray[Any]:
    """The gradient of a shape before it was stretched: the sum over what it was stretched along.

    >>> gathered(np.ones((2, 3, 4)), (3, 1))
    array([[8.], [8.], [8.]])
    """
    summed: NDArray[Any] = grad.sum(tuple(range(grad.ndim - len(shape))))
    narrow = tuple([axis for axis, size in enumerate(shape) if size == 1 < summed.shape[axis]])
    return np.asarray(summed.sum(narrow, keepdims=True))
