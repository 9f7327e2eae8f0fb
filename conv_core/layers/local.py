"""Local connections without shared weights: a window slides, and every place has a kernel of its own."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.axes import Padding, PerAxis, padded_sizes, per_axis
from conv_core.layers.base import Arrays, Back, Layer, Passed, Shape, channels_of, spatial_of
from conv_core.padding import pad, unpad
from conv_core.window import Window


@dataclass(frozen=True)
class LocallyConnected(Layer):
    """What a convolution would be if it did not share its weights: `filters` kernels at every position.

    weight (positions, C * prod(kernel), filters), bias (positions, filters): the step between a fully
    connected layer and a convolution (LeCun: Generalization and network design strategies, 1989, section 5).

    >>> layer = LocallyConnected(8, 5, stride=2)
    >>> layer.output_shape((1, 1, 28, 28)), layer.count((1, 1, 28, 28))
    ((1, 8, 12, 12), 29952)
    """

    filters: int
    kernel: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0

    def output_shape(self, *shapes: Shape) -> Shape:
        """(N, C, *spatial) -> (N, filters, *out)."""
        (shape,) = shapes
        return (shape[0], self.filters, *self.window(shape).output_shape(spatial_of(shape)))

    def parameters(self, *shapes: Shape) -> dict[str, Shape]:
        """A kernel and a bias for each filter and position."""
        positions = prod(self.output_shape(*shapes)[2:])
        terms = channels_of(shapes[0]) * prod(self.window(*shapes).kernel)
        return {"weight": (positions, terms, self.filters), "bias": (positions, self.filters)}

    def macs(self, *shapes: Shape) -> int:
        """As many as a convolution: one multiplication per weight and sample."""
        return shapes[0][0] * prod(self.parameters(*shapes)["weight"])

    def window(self, *shapes: Shape) -> Window:
        """What slides over the input."""
        taps = per_axis("kernel", self.kernel, len(spatial_of(shapes[0])))
        return Window(taps, self.stride, self.padding)

    def initial(self, shapes: tuple[Shape, ...], rng: np.random.Generator, gain: float) -> Arrays:
        """Normal of variance gain ** 2 / terms, biases 0."""
        positions, terms, filters = self.parameters(*shapes)["weight"]
        weight = rng.standard_normal((positions, terms, filters)) * (gain / np.sqrt(terms))
        return {"weight": weight.astype(np.float32), "bias": np.zeros((positions, filters), np.float32)}

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """Every patch times the kernels of its own position."""
        made: NDArray[Any] = np.matmul(self._patches(inputs[0]), params["weight"])
        made += params["bias"][:, None]
        return made.transpose(1, 2, 0).reshape(self.output_shape(inputs[0].shape))

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """The same products as for a convolution, but nothing is summed over positions."""
        (x,) = passed.inputs
        window = self.window(x.shape)
        pads = window.pads(x.shape[2:])
        out = grad.shape[2:]
        given = grad.reshape(*grad.shape[:2], -1).transpose(2, 0, 1)
        by_patch = np.matmul(given, passed.params["weight"].swapaxes(1, 2))
        apart = by_patch.transpose(1, 2, 0).reshape(*x.shape[:2], *window.kernel, *out)
        rank = window.rank
        patches = apart.transpose(0, 1, *range(2 + rank, 2 + 2 * rank), *range(2, 2 + rank))
        by_input = unpad(window.fold(patches, padded_sizes(x.shape[2:], pads)), pads)
        by_weight = np.matmul(self._patches(x).swapaxes(1, 2), given)
        return (by_input,), {"weight": by_weight, "bias": given.sum(axis=1)}

    def _patches(self, x: NDArray[Any]) -> NDArray[Any]:
        """(N, C, *spatial) -> (positions, N, C * prod(kernel))."""
        window = self.window(x.shape)
        rank = window.rank
        windows = window.read(pad(x, window.pads(x.shape[2:])))
        first = windows.transpose(*range(2, 2 + rank), 0, 1, *range(2 + rank, 2 + 2 * rank))
        return first.reshape(prod(first.shape[:rank]), len(x), -1)
