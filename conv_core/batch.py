"""Batch normalisation: every channel is brought to mean 0 and variance 1, and to what its weights say."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.errors import WindowError
from conv_core.numeric import as_numbers, cast, work_type
from conv_core.pointwise import real_channels, real_pair


def batch_statistics(x: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """The mean and the variance of every channel over the batch and all positions: two arrays (C,).

    x (N, C, *spatial), float32 and narrower summed in float64. The variance is the biased one, divided by
    the number of values.

    >>> batch_statistics([[[1.0, 3.0]], [[5.0, 7.0]]])
    (array([4.]), array([5.]))
    """
    values, dtype = real_channels(x)
    axes = _others(values)
    wide = values.astype(np.float64)
    work = work_type(dtype)
    return wide.mean(axes).astype(work), wide.var(axes).astype(work)


def running_statistics(
    mean: ArrayLike, variance: ArrayLike, x: ArrayLike, *, momentum: float = 0.1
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The statistics kept for inference after one more batch: (1 - momentum) * old + momentum * batch.

    mean and variance (C,), x (N, C, *spatial). As torch has it, momentum is the weight of the new (ONNX's
    is one minus that), and the new variance is the unbiased one. `WindowError` for a single value.

    >>> running_statistics([0.0], [1.0], [[[1.0, 3.0]]], momentum=0.5)
    (array([1.]), array([1.5]))
    """
    values, _ = real_channels(x)
    count = _counted(values)
    means, variances = batch_statistics(values)
    old_mean, old_variance = (
        _per_channel(name, given, values).astype(means.dtype)
        for name, given in (("mean", mean), ("variance", variance))
    )
    unbiased = variances * (count / (count - 1))
    return (
        (1 - momentum) * old_mean + momentum * means,
        (1 - momentum) * old_variance + momentum * unbiased,
    )


def batch_norm(
    x: ArrayLike,
    mean: ArrayLike | None = None,
    variance: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    *,
    epsilon: float = 1e-5,
) -> NDArray[Any]:
    """(x - mean) / sqrt(variance + epsilon) * weight + bias, channel by channel.

    x (N, C, *spatial) of any rank, the others (C,). With mean and variance as in inference; without them
    the batch's own are taken, as in training, which needs more than one value per channel. Floats of their
    own type, integers as float64. `WindowError` for other shapes
    (Ioffe and Szegedy: Batch normalization, 2015, algorithm 1).

    >>> batch_norm([[[1.0, 3.0]]], epsilon=0.0)
    array([[[-1.,  1.]]])
    >>> batch_norm([[[1.0, 3.0]]], [1.0], [4.0], weight=[2.0], bias=[10.0], epsilon=0.0)
    array([[[10., 12.]]])
    """
    values, dtype = real_channels(x)
    means, variances = _statistics(values, mean, variance)
    scale = 1 / np.sqrt(variances + values.dtype.type(epsilon))
    if weight is not None:
        scale = scale * _per_channel("weight", weight, values)
    with np.errstate(over="ignore", invalid="ignore"):
        output = (values - _wide(means, values)) * _wide(scale, values)
        if bias is not None:
            output += _wide(_per_channel("bias", bias, values), values)
    return cast(output, dtype)


@dataclass(frozen=True)
class BatchNormGradients:
    """The gradients by the input (N, C, *spatial), by the weight (C,) and by the bias (C,)."""

    x: NDArray[Any]
    weight: NDArray[Any]
    bias: NDArray[Any]


def batch_norm_backward(
    grad: ArrayLike,
    x: ArrayLike,
    mean: ArrayLike | None = None,
    variance: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    *,
    epsilon: float = 1e-5,
) -> BatchNormGradients:
    """The gradients of `batch_norm`; given statistics are constants, those of the batch depend on x.

    grad and x (N, C, *spatial), the others (C,). `WindowError` as in `batch_norm`
    (Ioffe and Szegedy: Batch normalization, 2015, the equations of section 3).

    >>> batch_norm_backward([[[1.0, 0.0]]], [[[1.0, 3.0]]], [1.0], [4.0], epsilon=0.0).x
    array([[[0.5, 0. ]]])
    """
    given, values, dtype = real_pair(grad, x)
    real_channels(values)
    axes = _others(values)
    means, variances = _statistics(values, mean, variance)
    scale = _wide(1 / np.sqrt(variances + values.dtype.type(epsilon)), values)
    normal = (values - _wide(means, values)) * scale
    by_weight, by_bias = (given * normal).sum(axes), given.sum(axes)
    if weight is not None:
        scale = scale * _wide(_per_channel("weight", weight, values), values)
    through = given
    if mean is None or variance is None:
        count = _counted(values)
        # What the gradient would do to the batch's own mean and variance is taken out of it.
        if mean is None:
            through = through - _wide(by_bias / count, values)
        if variance is None:
            through = through - normal * _wide(by_weight / count, values)
    return BatchNormGradients(
        cast(through * scale, dtype),
        cast(by_weight, dtype),
        cast(by_bias, dtype),
    )


def _others(values: NDArray[Any]) -> tuple[int, ...]:
    return (0, *range(2, values.ndim))


def _per_channel(name: str, given: ArrayLike, values: NDArray[Any]) -> NDArray[Any]:
    numbers, channels = as_numbers(name, given), values.shape[1]
    if numbers.shape != (channels,):
        raise WindowError("channel_values", name=name, given=numbers.shape, channels=channels)
    return numbers.astype(values.dtype, copy=False)


def _wide(per_channel: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    return per_channel.reshape(-1, *[1] * (values.ndim - 2))


def _counted(values: NDArray[Any]) -> int:
    count = values.size // int(values.shape[1])
    if count < 2:
        raise WindowError("batch_single", count=count)
    return count


def _statistics(
    values: NDArray[Any], mean: ArrayLike | None, variance: ArrayLike | None
) -> tuple[NDArray[Any], NDArray[Any]]:
    if mean is None or variance is None:
        _counted(values)
        means, variances = batch_statistics(values)
    if mean is not None:
        means = _per_channel("mean", mean, values)
    if variance is not None:
        variances = _per_channel("variance", variance, values)
    return means, variances
