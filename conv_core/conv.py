"""Convolution at any rank, as neural networks mean it: cross-correlation, the kernel is not flipped."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, PerAxis
from conv_core.methods import Method, choose
from conv_core.plan import Plan, plan


def conv(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
    method: str = "auto",
) -> NDArray[Any]:
    """Slide kernels over a batch of channels and sum the products: torch.nn.functional.conv1d, 2d, 3d.

    x (N, C, *spatial), weight (O, C / groups, *kernel), bias (O,) -> (N, O, *out), at any rank of at
    least 1. `stride`, `padding`, `dilation` as in `Window`; `padding_mode` is "zeros", "reflect",
    "replicate" or "circular"; `method` is "auto", "direct" or "im2col".

    The type is kept: floats give the float NumPy promotes them to (float16 is summed in float32), and
    integers and booleans give int64, exactly or not at all. Raises `WindowError` for everything that
    does not fit, also for an empty batch and for integers whose sums could leave int64.

    Y[n, o, p] = bias[o] + sum over c, t of X[n, c, p * stride + t * dilation - before] W[o, c, t]
    (Goodfellow, Bengio, Courville: Deep Learning, 2016, equation 9.6, with stride, dilation and groups).

    >>> image = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> conv(image, np.ones((1, 1, 3, 3)), [1.0])[0, 0]
    array([[46., 55.],
           [82., 91.]])
    """
    planned = plan(
        x,
        weight,
        bias,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        padding_mode=padding_mode,
    )
    return compute(planned, choose(method, planned.window), *planned.operands())


def compute(planned: Plan, method: Method, padded: NDArray[Any], weight: NDArray[Any]) -> NDArray[Any]:
    """The output (N, O, *out) by a method from a plan's operands, with the bias and in the result's type."""
    # Infinities and NaN in the data are the data's affair: they come out where they should, unannounced.
    with np.errstate(over="ignore", invalid="ignore"):
        sums = method.run(padded, weight, planned.window, planned.groups)
        if planned.bias is not None:
            sums += planned.bias.astype(sums.dtype, copy=False).reshape(-1, *[1] * planned.window.rank)
        return sums.astype(planned.dtype, copy=False)
