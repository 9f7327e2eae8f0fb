"""Layers that see everything at once, and the change of shape before them."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.errors import WindowError
from conv_core.layers.base import Arrays, Back, Layer, Passed, Shape


@dataclass(frozen=True)
class Linear(Layer):
    """Every input with every output, x W^T + b: torch.nn.Linear over (N, features).

    >>> Linear(10).parameters((1, 84)), Linear(10).macs((1, 84))
    ({'weight': (10, 84), 'bias': (10,)}, 840)
    """

    outputs: int
    bias: bool = True

    @property
    def sees_all(self) -> bool:
        """Every cell."""
        return True

    def output_shape(self, *shapes: Shape) -> Shape:
        """(N, features) -> (N, outputs)."""
        (shape,) = shapes
        if len(shape) != 2:
            raise WindowError("linear_input", given=shape)
        return (shape[0], self.outputs)

    def parameters(self, *shapes: Shape) -> dict[str, Shape]:
        """The weight (outputs, features), and the bias (outputs,) if there is one."""
        made: dict[str, Shape] = {"weight": (self.outputs, shapes[0][-1])}
        return {**made, "bias": (self.outputs,)} if self.bias else made

    def macs(self, *shapes: Shape) -> int:
        """One multiplication per weight and sample."""
        return prod(shapes[0]) * self.outputs

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """X W^T + b."""
        output: NDArray[Any] = inputs[0] @ params["weight"].T
        if self.bias:
            output += params["bias"]
        return output

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """Dx = grad W, dW = grad^T x, db = the sum of grad over the batch."""
        gradients = {"weight": grad.T @ passed.inputs[0]}
        if self.bias:
            gradients["bias"] = grad.sum(axis=0)
        return (grad @ passed.params["weight"],), gradients


@dataclass(frozen=True)
class Flatten(Layer):
    """(N, C, *spatial) -> (N, C * prod(spatial)): torch.nn.Flatten.

    >>> Flatten().output_shape((2, 16, 5, 5))
    (2, 400)
    """

    def output_shape(self, *shapes: Shape) -> Shape:
        """All axes but the batch in one."""
        (shape,) = shapes
        return (shape[0], prod(shape[1:]))

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The same numbers in one row a sample."""
        return inputs[0].reshape(len(inputs[0]), -1)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """The same numbers in the input's shape."""
        return (grad.reshape(passed.inputs[0].shape),), {}


@dataclass(frozen=True)
class Concat(Layer):
    """Several inputs one behind the other along the channels: torch.cat(inputs, 1).

    >>> Concat().output_shape((1, 64, 28, 28), (1, 128, 28, 28))
    (1, 192, 28, 28)
    """

    arity = None

    def output_shape(self, *shapes: Shape) -> Shape:
        """The channels added up; `WindowError` if anything else differs."""
        first = shapes[0]
        for shape in shapes[1:]:
            if len(shape) != len(first) or len(first) < 2 or (shape[0], *shape[2:]) != (first[0], *first[2:]):
                raise WindowError("concat_shape", first=first, other=shape)
        return (first[0], sum(shape[1] for shape in shapes), *first[2:])

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """One behind the other."""
        return np.concatenate(inputs, axis=1)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """To each input the channels that came from it."""
        ends = np.cumsum([x.shape[1] for x in passed.inputs])[:-1]
        return tuple(np.split(grad, ends, axis=1)), {}


@dataclass(frozen=True)
class Add(Layer):
    """Inputs of one shape added cell by cell: a residual unit's shortcut.

    >>> Add().output_shape((1, 64, 56, 56), (1, 64, 56, 56))
    (1, 64, 56, 56)
    """

    arity = None

    def output_shape(self, *shapes: Shape) -> Shape:
        """That of each; `WindowError` if they differ."""
        for shape in shapes[1:]:
            if shape != shapes[0]:
                raise WindowError("add_shape", x=shapes[0], fx=shape)
        return shapes[0]

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """Their sum."""
        total: NDArray[Any] = inputs[0] + inputs[1]
        for more in inputs[2:]:
            total += more
        return total

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """All of it to each."""
        return (grad,) * len(passed.inputs), {}
