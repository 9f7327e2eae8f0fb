"""What brings numbers to one scale beside their neighbours: softmax and local response normalisation."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import at_least_one, whole
from conv_core.errors import WindowError
from conv_core.numeric import cast
from conv_core.padding import pad, unpad
from conv_core.pointwise import real, real_channels, real_pair
from conv_core.pool_plan import spread, sums
from conv_core.window import Window


def softmax(x: ArrayLike, axis: int = 1) -> NDArray[Any]:
    """exp(x) divided by its sum along an axis (the channels, if no other is named); of the same shape.

    Floats of their own type, integers as float64. `WindowError` if there is no such axis.

    >>> softmax([[0.0, 0.0, 1000.0, 1000.0]])
    array([[0. , 0. , 0.5, 0.5]])
    """
    values, dtype = real(x)
    check_axis(values.ndim, axis)
    return cast(_softmax(values, axis), dtype)


def softmax_backward(grad: ArrayLike, x: ArrayLike, axis: int = 1) -> NDArray[Any]:
    """The gradient of `softmax` by its input: y * (grad - sum of grad * y), y = softmax(x).

    >>> softmax_backward([[1.0, 0.0]], [[0.0, 0.0]])
    array([[ 0.25, -0.25]])
    """
    given, values, dtype = real_pair(grad, x)
    check_axis(values.ndim, axis)
    output = _softmax(values, axis)
    inner = (given * output).sum(axis, keepdims=True)
    return cast(output * (given - inner), dtype)


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
    values, dtype = real_channels(x)
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
    real_channels(values)
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


def check_axis(rank: int, axis: int) -> None:
    """`WindowError` unless an array of that many axes has this one; negative ones count from the end."""
    if not -rank <= whole("axis", axis) < rank:
        raise WindowError("softmax_axis", rank=rank, axis=axis)
