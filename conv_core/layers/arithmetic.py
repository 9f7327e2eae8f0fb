"""Arithmetic cell by cell and by matrices, between what two layers give or with numbers of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from conv_core.errors import WindowError
from conv_core.layers.base import Arrays, Back, Inputs, Layer, Shape


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

    def backward(
        self,
        grad: NDArray[Any],
        params: Arrays,
        inputs: Inputs,
        output: NDArray[Any],
        *,
        training: bool = False,
    ) -> Back:
        """To each what it changes, summed where it was stretched."""
        return _shares(self.operation, grad, *inputs), {}


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

    def backward(
        self,
        grad: NDArray[Any],
        params: Arrays,
        inputs: Inputs,
        output: NDArray[Any],
        *,
        training: bool = False,
    ) -> Back:
        """As between two inputs."""
        shares = _shares(self.operation, grad, *self._order(inputs[0], params["value"]))
        x, value = self._order(*shares)
        return (x,), {"value": value}

    def _order(self, x: NDArray[Any], value: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        return (value, x) if self.first else (x, value)


@dataclass(frozen=True)
class MatMul(Layer):
    """The matrix product of two inputs over their last two axes, the others stretched: numpy.matmul.

    >>> MatMul().output_shape((2, 1, 3, 4), (5, 4, 6))
    (2, 5, 3, 6)
    """

    arity: ClassVar[int | None] = 2

    @property
    def sees_all(self) -> bool:
        """A row with a column."""
        return True

    def output_shape(self, *shapes: Shape) -> Shape:
        """The product's shape; `WindowError` if rows and columns differ in length."""
        return _product_shape(*shapes)

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The product."""
        product: NDArray[Any] = np.matmul(*inputs)
        return np.asarray(product)

    def backward(
        self,
        grad: NDArray[Any],
        params: Arrays,
        inputs: Inputs,
        output: NDArray[Any],
        *,
        training: bool = False,
    ) -> Back:
        """Grad B^T and A^T grad, summed where they were stretched."""
        return _product_shares(grad, *inputs), {}


@dataclass(frozen=True)
class OwnMatMul(Layer):
    """The product of its input with a matrix of its own, or with `first` of that matrix with its input.

    >>> OwnMatMul((64, 10)).macs((1, 7, 64))
    4480
    """

    shape: Shape
    first: bool = False

    @property
    def kind(self) -> str:
        """As between two inputs."""
        return "MatMul"

    @property
    def sees_all(self) -> bool:
        """A row with a column."""
        return True

    def output_shape(self, *shapes: Shape) -> Shape:
        """The product's shape; `WindowError` if rows and columns differ in length."""
        return _product_shape(*self._order(shapes[0], self.shape))

    def parameters(self, *shapes: Shape) -> dict[str, Shape]:
        """The matrix."""
        return {"weight": self.shape}

    def macs(self, *shapes: Shape) -> int:
        """As many multiplications for each cell of the output as a row is long."""
        rows: Shape = self._order(shapes[0], self.shape)[0]
        return prod(self.output_shape(*shapes)) * rows[-1]

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The product."""
        product: NDArray[Any] = np.matmul(*self._order(inputs[0], params["weight"]))
        return np.asarray(product)

    def backward(
        self,
        grad: NDArray[Any],
        params: Arrays,
        inputs: Inputs,
        output: NDArray[Any],
        *,
        training: bool = False,
    ) -> Back:
        """As between two inputs."""
        shares = _product_shares(grad, *self._order(inputs[0], params["weight"]))
        x, weight = self._order(*shares)
        return (x,), {"weight": weight}

    def _order(self, x: Any, weight: Any) -> tuple[Any, Any]:
        return (weight, x) if self.first else (x, weight)


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
    return _gathered(by_x, x.shape), _gathered(by_y, y.shape)


def _gathered(grad: NDArray[Any], shape: Shape) -> NDArray[Any]:
    """The sum over what was stretched."""
    summed: NDArray[Any] = grad.sum(tuple(range(grad.ndim - len(shape))))
    narrow = tuple([axis for axis, size in enumerate(shape) if size == 1 < summed.shape[axis]])
    return np.asarray(summed.sum(narrow, keepdims=True))


def _product_shape(x: Shape, y: Shape) -> Shape:
    if not x or not y or x[-1] != y[-2 if len(y) > 1 else 0]:
        raise WindowError("matmul_shape", x=x, y=y)
    return (*stretched(x[:-2], y[:-2]), *x[-2:-1], *(y[-1:] if len(y) > 1 else ()))


def _product_shares(
    grad: NDArray[Any], x: NDArray[Any], y: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    # A vector is a row before a matrix and a column behind one.
    rows = x[None] if x.ndim == 1 else x
    columns = y[:, None] if y.ndim == 1 else y
    full = grad.reshape(
        *grad.shape[: grad.ndim - (x.ndim > 1) - (y.ndim > 1)], rows.shape[-2], columns.shape[-1]
    )
    by_x = _gathered(full @ columns.swapaxes(-1, -2), rows.shape)
    by_y = _gathered(rows.swapaxes(-1, -2) @ full, columns.shape)
    return by_x.reshape(x.shape), by_y.reshape(y.shape)
