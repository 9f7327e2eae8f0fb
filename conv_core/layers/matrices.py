"""Matrix products, between what two layers give or with a matrix of its own."""

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from conv_core.errors import WindowError
from conv_core.layers.arithmetic import gathered, stretched
from conv_core.layers.base import Arrays, Back, Layer, Passed, Shape


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

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """Grad B^T and A^T grad, summed where they were stretched."""
        return _product_shares(grad, *passed.inputs), {}


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

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """As between two inputs."""
        shares = _product_shares(grad, *self._order(passed.inputs[0], passed.params["weight"]))
        x, weight = self._order(*shares)
        return (x,), {"weight": weight}

    def _order(self, x: Any, weight: Any) -> tuple[Any, Any]:
        return (weight, x) if self.first else (x, weight)


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
    by_x = gathered(full @ columns.swapaxes(-1, -2), rows.shape)
    by_y = gathered(rows.swapaxes(-1, -2) @ full, columns.shape)
    return by_x.reshape(x.shape), by_y.reshape(y.shape)
