"""Channels and groups as code: PyTorch, Keras and NumPy for the settings on screen, ready to paste."""

from __future__ import annotations

from conv_core import ConvTrace


def pytorch(trace: ConvTrace) -> str:
    """Return the convolution on screen and its depthwise separable relative in PyTorch."""
    channels, filters, side, stride, padding = _numbers(trace)
    return f"""import torch
from torch import nn

x = torch.rand{trace.x.shape}  # your picture

layer = nn.Conv2d({channels}, {filters}, {side}, stride={stride}, padding={padding},
                  groups={trace.groups}, bias=False)
assert layer.weight.shape == {trace.weight.shape}
assert layer(x).shape == {trace.shape}

separable = nn.Sequential(
    nn.Conv2d({channels}, {channels}, 3, stride={stride}, padding={padding},
              groups={channels}, bias=False),  # depthwise
    nn.Conv2d({channels}, {filters}, 1, bias=False),  # pointwise
)
print(sum(p.numel() for p in layer.parameters()),
      sum(p.numel() for p in separable.parameters()))"""


def keras(trace: ConvTrace) -> str:
    """Return the same in Keras, channels last; depthwise has a layer of its own there."""
    channels, filters, side, stride, padding = _numbers(trace)
    _, _, height, width = trace.x.shape
    pad = f"keras.layers.ZeroPadding2D({padding})" if padding else ""
    options = f"strides={stride}, use_bias=False"
    if trace.groups == channels > 1 and filters % channels == 0:
        own = f"keras.layers.DepthwiseConv2D({side}, depth_multiplier={filters // channels}, {options})"
    else:
        own = f"keras.layers.Conv2D({filters}, {side}, groups={trace.groups}, {options})"
    separable = f"keras.layers.SeparableConv2D({filters}, 3, {options})"
    padded = f"\n    {pad}," if pad else ""
    return f"""import keras

layer = keras.Sequential([
    keras.Input(({height}, {width}, {channels})),{padded}
    {own},
])
separable = keras.Sequential([
    keras.Input(({height}, {width}, {channels})),{padded}
    {separable},
])
print(layer.count_params(), separable.count_params())"""


def numpy(trace: ConvTrace) -> str:
    """Return the grouped convolution as one sum in NumPy, which runs as it stands.

    >>> import numpy as np
    >>> from conv_core import conv_trace
    >>> exec(numpy(conv_trace(np.ones((1, 4, 5, 5)), np.ones((2, 2, 3, 3)), groups=2, padding=1, stride=2)))
    (2, 3, 3)
    """
    channels, filters, side, stride, padding = _numbers(trace)
    reads = channels // trace.groups
    return f"""import numpy as np

groups, stride, padding = {trace.groups}, {stride}, {padding}
x = np.random.rand{trace.x.shape[1:]}  # your picture: channels, rows, columns
weight = np.random.rand{trace.weight.shape}  # {filters} filters, {reads} channels each

x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
windows = np.lib.stride_tricks.sliding_window_view(x, ({side}, {side}), axis=(1, 2))
windows = windows[:, ::stride, ::stride]
# Sums over c, the channels of a group, and over i and j, the cells of the kernel.
y = np.einsum(
    "gcyxij,gocij->goyx",
    windows.reshape(groups, {reads}, *windows.shape[1:]),
    weight.reshape(groups, {filters // trace.groups}, *weight.shape[1:]),
).reshape({filters}, *windows.shape[1:3])
print(y.shape)"""


def _numbers(trace: ConvTrace) -> tuple[int, int, int, int, int]:
    """Return channels, filters, the kernel's side, stride and padding: one number each."""
    return (
        trace.x.shape[1],
        trace.weight.shape[0],
        trace.weight.shape[2],
        trace.window.stride[0],
        trace.pads[0][0],
    )
