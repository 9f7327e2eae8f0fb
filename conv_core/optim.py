"""How parameters follow their gradients: stochastic gradient descent with momentum, and Adam."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


@dataclass
class SGD:
    """Gradient descent with momentum, as torch.optim.SGD has it.

    velocity = momentum * velocity + gradient + weight_decay * parameter; parameter -= lr * velocity
    (Polyak: Some methods of speeding up the convergence of iteration methods, 1964, equation 9).

    >>> weights, descent = {"w": np.array([1.0])}, SGD(lr=0.1, momentum=0.5)
    >>> for _ in range(2):
    ...     descent.step(weights, {"w": np.array([1.0])})
    >>> weights["w"].round(6)
    array([0.75])
    """

    lr: float
    momentum: float = 0.0
    weight_decay: float = 0.0
    velocity: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False)

    def step(self, params: Arrays, grads: Arrays) -> None:
        """Change the parameters that have a gradient, in place; the velocities are kept for the next step."""
        for name, gradient in grads.items():
            parameter = params[name]
            change = gradient + self.weight_decay * parameter if self.weight_decay else gradient
            if self.momentum:
                if name in self.velocity:
                    self.velocity[name] *= self.momentum
                    self.velocity[name] += change
                else:
                    self.velocity[name] = np.array(change, parameter.dtype)
                change = self.velocity[name]
            parameter -= self.lr * change


@dataclass
class Adam:
    """Steps that are scaled by the gradient's own running size, as torch.optim.Adam has it.

    m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; parameter -= lr * m^ / (sqrt(v^) + eps), m^ and v^ divided
    by 1 - b^t (Kingma and Ba: Adam, a method for stochastic optimization, 2015, algorithm 1).

    >>> weights, adam = {"w": np.array([1.0])}, Adam(lr=0.1)
    >>> adam.step(weights, {"w": np.array([123.0])})
    >>> weights["w"].round(6)
    array([0.9])
    """

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    means: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False)
    squares: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False)
    steps: dict[str, int] = field(default_factory=dict, repr=False)

    def step(self, params: Arrays, grads: Arrays) -> None:
        """Change the parameters that have a gradient, in place; the running means are kept."""
        first, second = self.betas
        for name, gradient in grads.items():
            parameter = params[name]
            change = gradient + self.weight_decay * parameter if self.weight_decay else gradient
            if name not in self.means:
                self.means[name], self.squares[name] = np.zeros_like(parameter), np.zeros_like(parameter)
            mean, square = self.means[name], self.squares[name]
            mean += (1 - first) * (change - mean)
            square += (1 - second) * (change * change - square)
            count = self.steps[name] = self.steps.get(name, 0) + 1
            scale = np.sqrt(square / (1 - second**count)) + self.eps
            parameter -= self.lr / (1 - first**count) * mean / scale
