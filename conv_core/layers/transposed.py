"""Transposed convolution as a layer."""

from dataclasses import dataclass
from math import prod
from typing import Any

from numpy.typing import NDArray

from conv_core.axes import Padding, PerAxis, per_axis
from conv_core.conv import conv
from conv_core.conv_backward import conv_backward
from conv_core.layers.base import Arrays, Back, Layer, Passed, Shape, channels_of, spatial_of
from conv_core.transpose import conv_transpose
from conv_core.window import Window


@dataclass(frozen=True)
class ConvTranspose(Layer):
    """The adjoint of a convolution, with `filters` maps: torch.nn.ConvTranspose1d, 2d, 3d.

    >>> ConvTranspose(8, 3, stride=2, padding=1, output_padding=1).output_shape((1, 16, 7, 7))
    (1, 8, 14, 14)
    """

    filters: int
    kernel: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    output_padding: PerAxis = 0
    dilation: PerAxis = 1
    groups: int = 1
    bias: bool = True

    @property
    def sees_all(self) -> bool:
        """Its cells lie closer than those they come from, so that their field has no whole stride."""
        return True

    def output_shape(self, *shapes: Shape) -> Shape:
        """(N, C, *spatial) -> (N, filters, *out)."""
        (shape,) = shapes
        spatial = spatial_of(shape)
        window = Window(self._taps(shape), self.stride, self.padding, self.dilation)
        return (shape[0], self.filters, *window.input_shape(spatial, self.output_padding))

    def parameters(self, *shapes: Shape) -> dict[str, Shape]:
        """The weight (C, filters / groups, *kernel), and the bias (filters,) if there is one."""
        (shape,) = shapes
        weight = (channels_of(shape), self.filters // max(self.groups, 1), *self._taps(shape))
        return {"weight": weight, "bias": (self.filters,)} if self.bias else {"weight": weight}

    def macs(self, *shapes: Shape) -> int:
        """One multiplication per weight and cell of the input."""
        (shape,) = shapes
        _, filters, *taps = self.parameters(shape)["weight"]
        return prod(shape) * filters * prod(taps)

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """`conv_transpose` with these settings."""
        return conv_transpose(
            inputs[0],
            params["weight"],
            params.get("bias"),
            output_padding=self.output_padding,
            **self._geometry,
        )

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """The convolution that it is the adjoint of, and the gradient of that by its weight."""
        (x,) = passed.inputs
        back = conv(grad, passed.params["weight"], **self._geometry)
        by_weight = conv_backward(x, grad, passed.params["weight"], **self._geometry).weight
        learnt = {"weight": by_weight}
        if self.bias:
            learnt["bias"] = grad.sum((0, *range(2, grad.ndim)))
        return (back,), learnt

    @property
    def _geometry(self) -> dict[str, Any]:
        names = ("stride", "padding", "dilation", "groups")
        return {name: getattr(self, name) for name in names}

    def _taps(self, shape: Shape) -> tuple[int, ...]:
        return per_axis("kernel", self.kernel, len(spatial_of(shape)))
