"""What every kind of layer answers: its output's shape, its parameters, its cost, the way there and back."""

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conv_core.errors import WindowError
from conv_core.window import Window

Shape: TypeAlias = tuple[int, ...]
Arrays: TypeAlias = dict[str, NDArray[Any]]
Inputs: TypeAlias = tuple[NDArray[Any], ...]
Back: TypeAlias = tuple[tuple[NDArray[Any] | None, ...], Arrays]
"""The gradients by the inputs, in their order, and those by the parameters, by name."""


@dataclass(frozen=True)
class Passed:
    """What a forward pass went through a layer with: its own numbers, its inputs, and what it gave."""

    params: Arrays
    inputs: Inputs
    output: NDArray[Any]
    training: bool = False


@dataclass(frozen=True)
class Layer:
    """A kind of layer with its settings; it holds no numbers, those are given to it by name.

    Shapes begin with the batch, (N, C, *spatial) or (N, features).
    """

    arity: ClassVar[int | None] = 1
    """How many inputs it takes; None for two or more."""

    @property
    def kind(self) -> str:
        """What it is called in a table."""
        return type(self).__name__

    def output_shape(self, *shapes: Shape) -> Shape:
        """The output's shape for inputs of these shapes; `WindowError` if they do not fit."""
        return shapes[0]

    def parameters(self, *shapes: Shape) -> dict[str, Shape]:
        """The shapes of what it learns, by name."""
        return {}

    def buffers(self, *shapes: Shape) -> dict[str, Shape]:
        """The shapes of what it keeps without learning it, by name."""
        return {}

    def count(self, *shapes: Shape) -> int:
        """How many numbers it learns."""
        return sum(prod(shape) for shape in self.parameters(*shapes).values())

    def macs(self, *shapes: Shape) -> int:
        """Multiplications with a learnt weight for one batch; 0 where there is none."""
        return 0

    def window(self, *shapes: Shape) -> Window | None:
        """What slides over the input; None where nothing does or everything is seen at once."""
        return None

    @property
    def sees_all(self) -> bool:
        """Whether a cell of the output depends on the whole of a channel, wherever it is."""
        return False

    def initial(self, shapes: tuple[Shape, ...], rng: np.random.Generator, gain: float) -> Arrays:
        """Numbers to begin with: normal of variance gain ** 2 / fan in for weights, 0 for biases, float32."""
        made = {}
        for name, shape in self.parameters(*shapes).items():
            if len(shape) > 1:
                spread = gain / np.sqrt(prod(shape[1:]))
                made[name] = (rng.standard_normal(shape) * spread).astype(np.float32)
            else:
                made[name] = np.zeros(shape, np.float32)
        return made

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The output for these inputs."""
        raise NotImplementedError

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """What the gradient by the output says about the inputs and the parameters."""
        raise NotImplementedError

    def parameters_backward(self, grad: NDArray[Any], passed: Passed) -> Arrays:
        """The latter half of `backward` alone, for layers behind which nothing learns."""
        return self.backward(grad, passed)[1]


def channels_of(shape: Shape) -> int:
    """The number of channels; `WindowError` if there is no axis for them."""
    if len(shape) < 2:
        raise WindowError("channel_rank", given=len(shape))
    return shape[1]


def spatial_of(shape: Shape) -> Shape:
    """The sizes without batch and channels; `WindowError` if there are none."""
    if len(shape) < 3:
        raise WindowError("input_rank", given=len(shape))
    return shape[2:]
