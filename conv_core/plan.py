"""The arguments of a convolution, checked once at the border and put into one form."""

import sys
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, Pairs, PerAxis, padded_sizes, whole
from conv_core.errors import WindowError
from conv_core.methods import Method, choose
from conv_core.methods.workspace import borrow
from conv_core.numeric import as_numbers, check_exact, result_type, work_type
from conv_core.padding import check_pads, pad
from conv_core.window import Window


@dataclass(frozen=True)
class Plan:
    """What `conv` and `conv_trace` agree on before either computes anything.

    `x` (N, C, *spatial), `weight` (O, C / groups, *kernel) and `bias` (O,) are the arrays as given;
    `pads` and `out` (the output's spatial sizes) follow from `window`; `dtype` is the result's type.
    """

    x: NDArray[Any]
    weight: NDArray[Any]
    bias: NDArray[Any] | None
    window: Window
    groups: int
    padding_mode: str
    pads: Pairs
    out: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """The output's shape, (N, O, *out)."""
        return (self.x.shape[0], self.weight.shape[0], *self.out)

    @property
    def spatial(self) -> tuple[int, ...]:
        """The sizes of the unpadded input, without batch and channels."""
        return self.x.shape[2:]

    def method(self, name: str) -> Method:
        """The method of that name, for "auto" the quickest for these arrays; `WindowError` if it cannot."""
        shape = (*self.x.shape[:2], *padded_sizes(self.spatial, self.pads))
        return choose(name, self.window, shape, self.weight.shape, self.groups, work_type(self.dtype))

    def operands(
        self, work: np.dtype[Any] | None = None, *, borrowed: bool = False
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """The padded input and the weights in the type they are multiplied in, or in the type `work`.

        `borrowed`: the padded input may lie in room that is used again, by whoever convolves next.

        `WindowError` for integers whose sums might leave int64.
        """
        if self.dtype.kind == "i":
            check_exact(self.x, self.weight, self.bias)
        work = work_type(self.dtype) if work is None else work
        room = (lambda shape: borrow("padded", shape, work)) if borrowed else None
        padded = pad(self.x, self.pads, self.padding_mode, room=room)
        return padded.astype(work, copy=False), self.weight.astype(work, copy=False)


def plan(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> Plan:
    """Check everything about a convolution that can be told from shapes and types; `WindowError` if wrong."""
    inputs, weights = as_numbers("input", x), as_numbers("weight", weight)
    biases = None if bias is None else as_numbers("bias", bias)
    window, pads, out = geometry(
        inputs.shape,
        weights.shape,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        padding_mode=padding_mode,
    )
    if biases is not None and biases.shape != weights.shape[:1]:
        raise WindowError("bias_shape", given=biases.shape, outputs=weights.shape[0])
    dtype = result_type(inputs, weights, biases)
    return Plan(inputs, weights, biases, window, whole("groups", groups), padding_mode, pads, out, dtype)


def geometry(
    x_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> tuple[Window, Pairs, tuple[int, ...]]:
    """The window of a convolution, its padding and the output's spatial sizes, out of shapes alone.

    >>> geometry((1, 1, 7, 7), (1, 1, 3, 3), stride=2, padding="same")[1:]
    (((1, 1), (1, 1)), (4, 4))
    """
    if len(x_shape) < 3:
        raise WindowError("input_rank", given=len(x_shape))
    if len(weight_shape) != len(x_shape):
        raise WindowError(
            "weight_rank", given=len(weight_shape), rank=len(x_shape) - 2, expected=len(x_shape)
        )
    _check_channels(x_shape[:2], weight_shape[:2], whole("groups", groups))
    window = Window(weight_shape[2:], stride, padding, dilation)
    spatial = x_shape[2:]
    pads = window.pads(spatial)
    out = window.output_shape(spatial)
    check_pads(spatial, pads, padding_mode)
    padded = (*x_shape[:2], *padded_sizes(spatial, pads))
    check_size(padded, (x_shape[0], weight_shape[0], *out))
    return window, pads, out


def check_size(*shapes: tuple[int, ...]) -> None:
    """`WindowError` if an array of one of these shapes could not be addressed."""
    for shape in shapes:
        if prod(shape) * 8 > sys.maxsize:
            raise WindowError("array_too_large", shape=shape, size=prod(shape) * 8)


def check_samples(batch: int, channels: int) -> None:
    """`WindowError` for an input that holds no samples, or samples without channels."""
    # torch takes an empty batch; here nothing empty comes out, because nobody would see that it is.
    if batch < 1:
        raise WindowError("batch_empty", batch=batch)
    if channels < 1:
        raise WindowError("channels_empty", channels=channels)


def check_groups(channels: int, groups: int) -> None:
    """`WindowError` if the input's channels cannot be shared out among the groups."""
    if groups < 1:
        raise WindowError("groups_size", groups=groups)
    if channels % groups:
        raise WindowError("groups_input", channels=channels, groups=groups)


def _check_channels(inputs: tuple[int, ...], weights: tuple[int, ...], groups: int) -> None:
    batch, channels = inputs
    outputs, reads = weights
    check_samples(batch, channels)
    if outputs < 1:
        raise WindowError("outputs_empty", outputs=outputs)
    check_groups(channels, groups)
    if outputs % groups:
        raise WindowError("groups_output", outputs=outputs, groups=groups)
    if reads != channels // groups:
        raise WindowError(
            "weight_channels", given=reads, channels=channels, groups=groups, expected=channels // groups
        )
