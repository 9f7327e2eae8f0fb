"""Convolution at any rank, as neural networks mean it: cross-correlation, the kernel is not flipped."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, PerAxis
from conv_core.methods import fft, im2col, winograd
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
    "replicate" or "circular"; `method` is "auto", "direct", "im2col", "fft" or "winograd". "auto" never picks
    the latter two for integers, float64 or input that is not finite, which a transform would smear.

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
    return compute(planned, method, *planned.operands(borrowed=True))


def conv_stages(
    x: ArrayLike,
    weight: ArrayLike,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
    method: str = "im2col",
    **options: Any,
) -> Any:
    """The arrays that a method makes on its way from input to output, as its own dataclass; no bias.

    Arguments as in `conv`; `options` are the method's own: `m`, the outputs of a tile (one number or one per
    axis), and `points` of "winograd"; `tile`, the length of the transforms, of "fft". float16 stays float16
    here, so that its rounding can be seen. `WindowError` as in `conv`.

    >>> made = conv_stages(np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)), method="winograd", m=2)
    >>> made.data_tiles.shape, made.output[0, 0]
    ((1, 1, 1, 1, 4, 4), array([[9., 9.],
           [9., 9.]]))
    """
    planned = plan(
        x,
        weight,
        None,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        padding_mode=padding_mode,
    )
    chosen = planned.method(method)
    padded, weights = planned.operands(work=planned.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        return chosen.stages(padded, weights, planned.window, planned.groups, **options)


def compute(planned: Plan, method: str, padded: NDArray[Any], weight: NDArray[Any]) -> NDArray[Any]:
    """The output (N, O, *out) by a method from a plan's operands, with the bias and in the result's type."""
    chosen = planned.method(method)
    # Infinities and NaN in the data are the data's affair: they come out where they should, unannounced.
    with np.errstate(over="ignore", invalid="ignore"):
        sums = chosen.run(padded, weight, planned.window, planned.groups)
        if method == "auto" and chosen in (fft, winograd) and not _is_finite(sums):
            # A transform smears what is not finite over its tile, and always into the output.
            sums = im2col.run(padded, weight, planned.window, planned.groups)
        if planned.bias is not None:
            sums += planned.bias.astype(sums.dtype, copy=False).reshape(-1, *[1] * planned.window.rank)
        return sums.astype(planned.dtype, copy=False)


def _is_finite(values: NDArray[Any]) -> bool:
    """Whether no value is infinite or NaN: the sum of their squares tells, unless it overflows by itself."""
    flat = values.reshape(-1)
    return bool(np.isfinite(np.dot(flat, flat))) or bool(np.isfinite(flat).all())
