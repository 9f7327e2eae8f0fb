"""More functions of each cell: rectifiers that leak or stop, and straight lines in place of a sigmoid."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import normalise, pointwise
from conv_core.layers.base import Arrays, Back, Layer, Passed, Shape
from conv_core.numeric import cast


@dataclass(frozen=True)
class LeakyReLU(Layer):
    """X where it is positive, slope * x elsewhere: torch.nn.LeakyReLU.

    >>> LeakyReLU(0.5).forward({}, np.array([-2.0, 3.0]))
    array([-1.,  3.])
    """

    slope: float = 0.01

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """`leaky_relu` with this slope."""
        return pointwise.leaky_relu(inputs[0], self.slope)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """`leaky_relu_backward` with this slope."""
        return (pointwise.leaky_relu_backward(grad, passed.inputs[0], self.slope),), {}


@dataclass(frozen=True)
class Clip(Layer):
    """What is below `low` becomes it, then what is above `high`: ReLU6 is Clip(0, 6). None: no bound.

    >>> Clip(0, 6).forward({}, np.array([-1.0, 2.0, 8.0]))
    array([0., 2., 6.])
    """

    low: float | None = None
    high: float | None = None

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """Min(max(x, low), high), of the same type."""
        output = inputs[0]
        if self.low is not None:
            output = np.maximum(output, output.dtype.type(self.low))
        if self.high is not None:
            output = np.minimum(output, output.dtype.type(self.high))
        return output

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """The gradient where nothing was cut off, and 0 elsewhere."""
        return (np.where(passed.output == passed.inputs[0], grad, grad.dtype.type(0)),), {}


@dataclass(frozen=True)
class HardSigmoid(Layer):
    """max(0, min(1, slope * x + offset)); torch has the slope 1/6 and the offset 1/2, ONNX 0.2 and 1/2.

    >>> HardSigmoid().forward({}, np.array([-9.0, 0.0, 9.0]))
    array([0. , 0.5, 1. ])
    """

    slope: float = 1 / 6
    offset: float = 0.5

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The line, cut off at 0 and at 1."""
        values, dtype = pointwise.real(inputs[0])
        return cast(np.clip(values * self.slope + self.offset, 0, 1), dtype)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """The slope times the gradient between 0 and 1, and 0 beyond."""
        return (
            np.where((passed.output > 0) & (passed.output < 1), grad * grad.dtype.type(self.slope), 0),
        ), {}


@dataclass(frozen=True)
class HardSwish(Layer):
    """X * HardSigmoid(x) (Howard et al.: Searching for MobileNetV3, 2019, section 5.2).

    >>> HardSwish().forward({}, np.array([-3.0, 0.0, 3.0]))
    array([-0.,  0.,  3.])
    """

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """X times the line that is cut off at 0 and at 1."""
        values, dtype = pointwise.real(inputs[0])
        return cast(values * np.clip(values / 6 + 0.5, 0, 1), dtype)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """The gradient times x / 3 + 1 / 2 between -3 and 3, 0 below, 1 above."""
        (x,) = passed.inputs
        return (grad * np.where(x < -3, 0, np.where(x > 3, 1, x / 3 + 0.5)).astype(grad.dtype),), {}


@dataclass(frozen=True)
class SoftmaxAlong(Layer):
    """exp(x) divided by its sum along any axis, not only over the channels.

    >>> SoftmaxAlong(-1).forward({}, np.zeros((1, 2, 4)))[0, 0]
    array([0.25, 0.25, 0.25, 0.25])
    """

    axis: int

    @property
    def kind(self) -> str:
        """As the one over the channels."""
        return "Softmax"

    def output_shape(self, *shapes: Shape) -> Shape:
        """That of the input; `WindowError` if it has no such axis."""
        normalise.check_axis(len(shapes[0]), self.axis)
        return shapes[0]

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """`softmax` along this axis."""
        return normalise.softmax(inputs[0], self.axis)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """`softmax_backward` along this axis."""
        return (normalise.softmax_backward(grad, passed.inputs[0], self.axis),), {}
