"""Layers that take each cell, or each channel, on its own: activations and normalisations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from conv_core import normalise, pointwise
from conv_core.batch import batch_norm, batch_norm_backward, running_statistics
from conv_core.layers.base import Arrays, Back, Layer, Passed, Shape, channels_of

Cellwise = Callable[..., NDArray[Any]]


@dataclass(frozen=True)
class _Activation(Layer):
    """A function of each cell: what it is and its gradient, both from `conv_core.pointwise`."""

    function: ClassVar[Cellwise]
    gradient: ClassVar[Cellwise]

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The function of each cell."""
        return type(self).function(inputs[0])

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """The gradient times the function's derivative."""
        return (type(self).gradient(grad, passed.inputs[0]),), {}


@dataclass(frozen=True)
class ReLU(_Activation):
    """max(x, 0)."""

    function = staticmethod(pointwise.relu)
    gradient = staticmethod(pointwise.relu_backward)


@dataclass(frozen=True)
class Sigmoid(_Activation):
    """1 / (1 + exp(-x))."""

    function = staticmethod(pointwise.sigmoid)
    gradient = staticmethod(pointwise.sigmoid_backward)


@dataclass(frozen=True)
class Softmax(_Activation):
    """exp(x) divided by its sum over the channels."""

    function = staticmethod(normalise.softmax)
    gradient = staticmethod(normalise.softmax_backward)


@dataclass(frozen=True)
class Tanh(Layer):
    """The hyperbolic tangent, amplitude * tanh(slope * x); LeNet-5's squashing has 1.7159 and 2/3.

    (LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998,
    equation 6 and appendix A: f(1) = 1 and f(-1) = -1.)

    >>> Tanh(1.7159, 2 / 3).forward({}, np.array([1.0, -1.0])).round(3)
    array([ 1., -1.])
    """

    amplitude: float = 1.0
    slope: float = 1.0

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """Amplitude * tanh(slope * x)."""
        (x,) = inputs
        output: NDArray[Any] = np.tanh(x * x.dtype.type(self.slope))
        output *= x.dtype.type(self.amplitude)
        return output

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """Grad * amplitude * slope * (1 - tanh^2), with tanh as the output has it."""
        back = passed.output * passed.output.dtype.type(1 / self.amplitude)
        back *= back
        np.subtract(1, back, out=back)
        back *= passed.output.dtype.type(self.amplitude * self.slope)
        back *= grad
        return (back,), {}


@dataclass(frozen=True)
class LocalResponseNorm(Layer):
    """Every cell divided by what its neighbours among the channels say, as AlexNet has it.

    `divide_alpha` is torch's and ONNX's reading of alpha (Krizhevsky, Sutskever, Hinton: ImageNet
    classification with deep convolutional neural networks, 2012, section 3.3).
    """

    size: int = 5
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 2.0
    divide_alpha: bool = False

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """`local_response_norm` with these settings."""
        return normalise.local_response_norm(inputs[0], **self._settings)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """`local_response_norm_backward` with these settings."""
        return (normalise.local_response_norm_backward(grad, passed.inputs[0], **self._settings),), {}

    @property
    def _settings(self) -> dict[str, Any]:
        names = ("size", "alpha", "beta", "k", "divide_alpha")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Every channel to mean 0 and variance 1, and to what weight and bias say: torch.nn.BatchNorm1d, 2d, 3d.

    While training the batch's own statistics are taken; else those it keeps. `kept` makes the new ones.

    >>> BatchNorm().parameters((1, 64, 56, 56))
    {'weight': (64,), 'bias': (64,)}
    """

    epsilon: float = 1e-5
    momentum: float = 0.1

    def parameters(self, *shapes: Shape) -> dict[str, Shape]:
        """A weight and a bias for each channel."""
        channels = channels_of(shapes[0])
        return {"weight": (channels,), "bias": (channels,)}

    def buffers(self, *shapes: Shape) -> dict[str, Shape]:
        """The mean and the variance of each channel."""
        channels = channels_of(shapes[0])
        return {"running_mean": (channels,), "running_var": (channels,)}

    def initial(self, shapes: tuple[Shape, ...], rng: np.random.Generator, gain: float) -> Arrays:
        """Weights and variances of 1, biases and means of 0."""
        channels = channels_of(shapes[0])
        ones, zeros = np.ones(channels, np.float32), np.zeros(channels, np.float32)
        return {
            "weight": ones,
            "bias": zeros,
            "running_mean": zeros.copy(),
            "running_var": ones.copy(),
        }

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """`batch_norm`."""
        mean, variance = self._statistics(params, training)
        return batch_norm(inputs[0], mean, variance, params["weight"], params["bias"], epsilon=self.epsilon)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """`batch_norm_backward`."""
        mean, variance = self._statistics(passed.params, passed.training)
        made = batch_norm_backward(
            grad, passed.inputs[0], mean, variance, passed.params["weight"], epsilon=self.epsilon
        )
        return (made.x,), {"weight": made.weight, "bias": made.bias}

    def kept(self, params: Arrays, x: NDArray[Any]) -> Arrays:
        """The running statistics after a batch."""
        mean, variance = running_statistics(
            params["running_mean"], params["running_var"], x, momentum=self.momentum
        )
        return {"running_mean": mean, "running_var": variance}

    @staticmethod
    def _statistics(params: Arrays, training: bool) -> tuple[NDArray[Any] | None, NDArray[Any] | None]:
        return (None, None) if training else (params["running_mean"], params["running_var"])


@dataclass(frozen=True)
class Dropout(Layer):
    """Leaves everything as it is, as in inference; `p` is what a training would drop, and is only told."""

    p: float = 0.5

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """The input."""
        return inputs[0]

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """The gradient."""
        return (grad,), {}
