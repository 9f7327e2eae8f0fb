"""Layers in which a window slides: convolution, its pooling relatives, and LeNet's subsampling."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.axes import Padding, PerAxis, per_axis
from conv_core.conv import conv
from conv_core.conv_backward import by_parameters, conv_backward, plan_backward
from conv_core.errors import WindowError
from conv_core.layers.base import Arrays, Back, Layer, Passed, Shape, channels_of, spatial_of
from conv_core.plan import geometry
from conv_core.pool import adaptive_avg_pool, adaptive_sizes, avg_pool, max_pool
from conv_core.pool_backward import adaptive_avg_pool_backward, avg_pool_backward, max_pool_backward
from conv_core.pool_plan import PoolPlan, plan_pool, spread, sums
from conv_core.window import Window


@dataclass(frozen=True)
class Conv(Layer):
    """A convolution with `filters` kernels, at the rank of its input: torch.nn.Conv1d, 2d, 3d.

    `table` names for each filter the input channels that it reads, as LeNet-5's C3 has it; weights that
    it leaves out are 0, are not counted, and stay 0.

    >>> Conv(64, 7, stride=2, padding=3).output_shape((1, 3, 224, 224))
    (1, 64, 112, 112)
    >>> Conv(2, 5, table=((0, 1), (2,))).count((1, 3, 8, 8))
    77
    """

    filters: int
    kernel: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    dilation: PerAxis = 1
    groups: int = 1
    bias: bool = True
    table: tuple[tuple[int, ...], ...] | None = None

    def output_shape(self, *shapes: Shape) -> Shape:
        """(N, C, *spatial) -> (N, filters, *out)."""
        (shape,) = shapes
        _, _, out = geometry(shape, self._weight(shape), **self._geometry)
        return (shape[0], self.filters, *out)

    def parameters(self, *shapes: Shape) -> dict[str, Shape]:
        """The weight (filters, C / groups, *kernel), and the bias (filters,) if there is one."""
        made = {"weight": self._weight(shapes[0])}
        return {**made, "bias": (self.filters,)} if self.bias else made

    def count(self, *shapes: Shape) -> int:
        """How many numbers it learns: those of the table, if there is one, and the biases."""
        weight = self._weight(shapes[0])
        return self._reads(weight) * prod(weight[2:]) + (self.filters if self.bias else 0)

    def macs(self, *shapes: Shape) -> int:
        """One multiplication per weight and position."""
        weight = self._weight(shapes[0])
        batch, _, *out = self.output_shape(*shapes)
        return batch * self._reads(weight) * prod(weight[2:]) * prod(out)

    def window(self, *shapes: Shape) -> Window:
        """What slides over the input."""
        return Window(self._weight(shapes[0])[2:], self.stride, self.padding, self.dilation)

    def initial(self, shapes: tuple[Shape, ...], rng: np.random.Generator, gain: float) -> Arrays:
        """As every layer, but the variance follows the channels that a filter really reads."""
        made = super().initial(shapes, rng, gain)
        mask = self._mask(made["weight"].shape)
        if mask is not None:
            reads = mask.sum(axis=1, keepdims=True)
            made["weight"] *= mask * np.sqrt(mask.shape[1] / reads, dtype=np.float32)
        return made

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """`conv` with these settings."""
        return conv(inputs[0], params["weight"], params.get("bias"), **self._geometry)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """`conv_backward` with these settings."""
        made = conv_backward(grad, passed.inputs[0], passed.params["weight"], **self._geometry)
        return (made.x,), self._named(made.weight, made.bias)

    def parameters_backward(self, grad: NDArray[Any], passed: Passed) -> Arrays:
        """The same without the gradient by the input, the larger half of the work."""
        planned = plan_backward(grad, passed.inputs[0], passed.params["weight"], **self._geometry)
        given, padded, _ = planned.operands()
        return self._named(*by_parameters(planned, given, padded))

    def _named(self, weight: NDArray[Any], bias: NDArray[Any]) -> Arrays:
        mask = self._mask(weight.shape)
        made = {"weight": weight if mask is None else weight * mask}
        return {**made, "bias": bias} if self.bias else made

    @property
    def _geometry(self) -> dict[str, Any]:
        return {
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "groups": self.groups,
        }

    def _weight(self, shape: Shape) -> Shape:
        taps = per_axis("kernel", self.kernel, len(spatial_of(shape)))
        return (self.filters, channels_of(shape) // max(self.groups, 1), *taps)

    def _reads(self, weight: Shape) -> int:
        mask = self._mask(weight)
        return weight[0] * weight[1] if mask is None else int(mask.sum())

    def _mask(self, weight: Shape) -> NDArray[np.float32] | None:
        """1 where a filter reads a channel (filters, C, 1, ...); None if each reads all."""
        if self.table is None:
            return None
        mask = np.zeros(weight[:2], np.float32)
        if len(self.table) != weight[0] or not all(
            row and 0 <= min(row) <= max(row) < weight[1] for row in self.table
        ):
            raise WindowError("conv_table", rows=len(self.table), filters=weight[0], channels=weight[1])
        for kernel, row in enumerate(self.table):
            mask[kernel, list(row)] = 1
        return mask.reshape(*weight[:2], *[1] * (len(weight) - 2))


@dataclass(frozen=True)
class Pool(Layer):
    """What poolings share: a window that takes each channel on its own."""

    kernel: PerAxis
    stride: PerAxis | None = None
    padding: Padding = 0
    dilation: PerAxis = 1
    ceil_mode: bool = False

    def output_shape(self, *shapes: Shape) -> Shape:
        """(N, C, *spatial) -> (N, C, *out)."""
        (shape,) = shapes
        return (*shape[:2], *self.window(shape).output_shape(spatial_of(shape)))

    def window(self, *shapes: Shape) -> Window:
        """What slides over the input."""
        step = self.kernel if self.stride is None else self.stride
        rank = len(spatial_of(shapes[0]))
        return Window(self.kernel, step, self.padding, self.dilation, rank=rank, ceil_mode=self.ceil_mode)

    def plan(self, x: NDArray[Any]) -> PoolPlan:
        """The plan of the pooling of an input (N, C, *spatial)."""
        return plan_pool(x, self.kernel, **self._settings)

    @property
    def _settings(self) -> dict[str, Any]:
        return {
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "ceil_mode": self.ceil_mode,
        }


@dataclass(frozen=True)
class MaxPool(Pool):
    """The largest number of every window: torch.nn.MaxPool1d, 2d, 3d.

    >>> MaxPool(3, stride=2, ceil_mode=True).output_shape((1, 64, 112, 112))
    (1, 64, 56, 56)
    """

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """`max_pool` with these settings."""
        output: NDArray[Any] = max_pool(inputs[0], self.kernel, **self._settings)
        return output

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """To the cell where the maximum was found."""
        return (max_pool_backward(grad, passed.inputs[0], self.kernel, **self._settings),), {}


@dataclass(frozen=True)
class AvgPool(Pool):
    """The average of every window: torch.nn.AvgPool1d, 2d, 3d.

    >>> AvgPool(2).output_shape((1, 6, 28, 28))
    (1, 6, 14, 14)
    """

    count_include_pad: bool = True

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """`avg_pool` with these settings."""
        return avg_pool(inputs[0], self.kernel, count_include_pad=self.count_include_pad, **self._settings)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """Shared out evenly among the cells of the window."""
        made = avg_pool_backward(
            grad, passed.inputs[0], self.kernel, count_include_pad=self.count_include_pad, **self._settings
        )
        return (made,), {}


@dataclass(frozen=True)
class AdaptiveAvgPool(Layer):
    """The averages of windows that are as large as it takes to get `output_size` cells per axis.

    >>> AdaptiveAvgPool(1).output_shape((1, 512, 7, 7))
    (1, 512, 1, 1)
    """

    output_size: PerAxis

    @property
    def sees_all(self) -> bool:
        """With one cell it does."""
        sizes = (self.output_size,) if isinstance(self.output_size, int) else self.output_size
        return prod(sizes) == 1

    def output_shape(self, *shapes: Shape) -> Shape:
        """(N, C, *spatial) -> (N, C, *output_size)."""
        (shape,) = shapes
        return (*shape[:2], *adaptive_sizes(self.output_size, len(spatial_of(shape))))

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """`adaptive_avg_pool`."""
        return adaptive_avg_pool(inputs[0], self.output_size)

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """Shared out evenly among the cells of each window."""
        return (adaptive_avg_pool_backward(grad, passed.inputs[0]),), {}


@dataclass(frozen=True)
class Subsample(Layer):
    """The sum of every window, times one learnt number per channel, plus another: LeNet-5's S2 and S4.

    Windows do not overlap unless `stride` says so (LeCun, Bottou, Bengio, Haffner: Gradient-based learning
    applied to document recognition, 1998, section II.B).

    >>> Subsample(2).count((1, 6, 28, 28)), Subsample(2).output_shape((1, 6, 28, 28))
    (12, (1, 6, 14, 14))
    """

    kernel: PerAxis
    stride: PerAxis | None = None

    def output_shape(self, *shapes: Shape) -> Shape:
        """(N, C, *spatial) -> (N, C, *out)."""
        (shape,) = shapes
        return (*shape[:2], *self.window(shape).output_shape(spatial_of(shape)))

    def parameters(self, *shapes: Shape) -> dict[str, Shape]:
        """A weight and a bias for each channel."""
        channels = channels_of(shapes[0])
        return {"weight": (channels,), "bias": (channels,)}

    def macs(self, *shapes: Shape) -> int:
        """One multiplication a cell: the additions of the window are not counted."""
        return prod(self.output_shape(*shapes))

    def window(self, *shapes: Shape) -> Window:
        """What slides over the input."""
        step = self.kernel if self.stride is None else self.stride
        return Window(self.kernel, step, rank=len(spatial_of(shapes[0])))

    def initial(self, shapes: tuple[Shape, ...], rng: np.random.Generator, gain: float) -> Arrays:
        """The weights of an average, and no bias."""
        cells = prod(self.window(*shapes).kernel)
        channels = channels_of(shapes[0])
        return {
            "weight": np.full(channels, 1 / cells, np.float32),
            "bias": np.zeros(channels, np.float32),
        }

    def forward(self, params: Arrays, *inputs: NDArray[Any], training: bool = False) -> NDArray[Any]:
        """Sum * weight + bias."""
        totals: NDArray[Any] = sums(inputs[0], self.window(inputs[0].shape))
        totals *= _per_channel(params["weight"], totals.ndim)
        totals += _per_channel(params["bias"], totals.ndim)
        return totals

    def backward(self, grad: NDArray[Any], passed: Passed) -> Back:
        """To every cell of the window the weight times the gradient."""
        (x,) = passed.inputs
        window = self.window(x.shape)
        axes = (0, *range(2, grad.ndim))
        weighted = grad * _per_channel(passed.params["weight"], grad.ndim)
        gradients = {"weight": (grad * sums(x, window)).sum(axes), "bias": grad.sum(axes)}
        return (spread(weighted, window, x.shape[2:]),), gradients


def _per_channel(values: NDArray[Any], rank: int) -> NDArray[Any]:
    return values.reshape(-1, *[1] * (rank - 2))
