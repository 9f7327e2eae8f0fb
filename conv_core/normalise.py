"""What brings the numbers of a layer to one scale: softmax, batch norm, local response normalisation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import at_least_one, whole
from conv_core.errors import WindowError
from conv_core.numeric import as_numbers, cast, work_type
from conv_core.padding import pad, unpad
from conv_core.pointwise import real, real_pair
from conv_core.pool_plan import spread, sums
from conv_core.window import Window


def softmax(x: ArrayLike, axis: int = 1) -> NDArray[Any]:
    """exp(x) divided by its sum along an axis (the channels, if no other is named); of the same shape.

    Floats of their own type, integers as float64. `WindowError` if there is no such axis.

    >>> softmax([[0.0, 0.0, 1000.0, 1000.0]])
    array([[0. , 0. , 0.5, 0.5]])
    """
    values, dtype = real(x)
    _check_axis(values.ndim, axis)
    return cast(_softmax(values, axis), dtype)


def softmax_backward(grad: ArrayLike, x: ArrayLike, axis: int = 1) -> NDArray[Any]:
    """The gradient of `softmax` by its input: y * (grad - sum of grad * y), y = softmax(x).

    >>> softmax_backward([[1.0, 0.0]], [[0.0, 0.0]])
    array([[ 0.25, -0.25]])
    """
    given, values, dtype = real_pair(grad, x)
    _check_axis(values.ndim, axis)
    output = _softmax(values, axis)
    inner = (given * output).sum(axis, keepdims=True)
    return cast(output * (given - inner), dtype)


def batch_statistics(x: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """The mean and the variance of every channel over the batch and all positions: two arrays (C,).

    x (N, C, *spatial), float32 and narrower summed in float64. The variance is the biased one, divided by
    the number of values.

    >>> batch_statistics([[[1.0, 3.0]], [[5.0, 7.0]]])
    (array([4.]), array([5.]))
    """
    values, dtype = _channels(x)
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
    values, _ = _channels(x)
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
    values, dtype = _channels(x)
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
    _channels(values)
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


def local_response_norm(
    x: ArrayLike,
    size: int = 5,
    *,
    alpha: float = 1e-4,
    beta: float = 0.75,
    k: float = 2.0,
    divide_alpha: bool = False,
) -> NDArray[Any]:
    """X / (k + alpha * sum of x ** 2 over `size` neighbouring channels) ** beta, at every position.

    x (N, C, *spatial) -> the same shape; floats of their own type, integers as float64. The values are
    those of AlexNet (Krizhevsky, Sutskever, Hinton: ImageNet classification with deep convolutional neural
    networks, 2012, section 3.3). torch and ONNX divide alpha by the size (`divide_alpha=True`) and have
    k = 1. An even size looks one channel further back than ahead, as in torch. `WindowError` for a size
    below 1.

    >>> local_response_norm([[[1.0], [2.0], [3.0]]], 3, alpha=1.0, beta=1.0, k=0.0).ravel()
    array([0.2       , 0.14285714, 0.23076923])
    """
    values, dtype = _channels(x)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        base, _, _ = _responses(values, size, alpha, k, divide_alpha)
        return cast(values / base**beta, dtype)


def local_response_norm_backward(
    grad: ArrayLike,
    x: ArrayLike,
    size: int = 5,
    *,
    alpha: float = 1e-4,
    beta: float = 0.75,
    k: float = 2.0,
    divide_alpha: bool = False,
) -> NDArray[Any]:
    """The gradient of `local_response_norm` by its input: grad, x (N, C, *spatial) -> the same shape.

    grad / base ** beta - 2 * alpha * beta * x * (sum over the channels that x is a neighbour of) of
    grad * x / base ** (beta + 1), where base is the bracket of `local_response_norm`.

    >>> local_response_norm_backward([[[1.0]]], [[[2.0]]], 1, alpha=1.0, beta=1.0, k=0.0).ravel()
    array([-0.25])
    """
    given, values, dtype = real_pair(grad, x)
    _channels(values)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        base, window, rate = _responses(values, size, alpha, k, divide_alpha)
        moved = np.moveaxis(given * values / base ** (beta + 1), 1, -1)
        pads = window.pads((values.shape[1],))
        shared = unpad(spread(moved, window, (values.shape[1] + sum(pads[0]),)), pads)
        direct = given / base**beta
        gradient = direct - 2 * rate * beta * values * np.moveaxis(shared, -1, 1)
    return cast(gradient, dtype)


def _responses(
    values: NDArray[Any], size: int, alpha: float, k: float, divide_alpha: bool
) -> tuple[NDArray[Any], Window, float]:
    """The bracket of the formula (N, C, *spatial), the window over the channels, and its factor."""
    (cells,) = at_least_one("kernel_size", "kernel", (whole("size", size),))
    window = Window(cells, padding=((cells // 2, (cells - 1) // 2),))
    squares = pad(np.moveaxis(values * values, 1, -1), window.pads((values.shape[1],)))
    rate = alpha / cells if divide_alpha else alpha
    return k + rate * np.moveaxis(sums(squares, window), -1, 1), window, rate


def _softmax(values: NDArray[Any], axis: int) -> NDArray[Any]:
    with np.errstate(invalid="ignore"):
        exponentials = np.exp(values - values.max(axis, keepdims=True))
        result: NDArray[Any] = exponentials / exponentials.sum(axis, keepdims=True)
    return result


def _check_axis(rank: int, axis: int) -> None:
    if not -rank <= whole("axis", axis) < rank:
        raise WindowError("softmax_axis", rank=rank, axis=axis)


def _channels(x: ArrayLike) -> tuple[NDArray[Any], np.dtype[Any]]:
    values, dtype = real(x)
    if values.ndim < 2:
        raise WindowError("channel_rank", given=values.ndim)
    if values.shape[0] < 1:
        raise WindowError("batch_empty", batch=values.shape[0])
    if values.shape[1] < 1:
        raise WindowError("channels_empty", channels=values.shape[1])
    return values, dtype


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
