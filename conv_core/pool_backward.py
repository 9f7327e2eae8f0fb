"""The way back through a pooling: a gradient goes to the maximum, or is shared out among the window."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, PerAxis, padded_sizes
from conv_core.errors import WindowError
from conv_core.numeric import as_numbers, result_type, work_type
from conv_core.padding import unpad
from conv_core.pool import check_norm, whole_input
from conv_core.pool_plan import PoolPlan, places, plan_pool, spread, sums
from conv_core.window import adaptive_bounds


def max_pool_backward(
    grad: ArrayLike,
    x: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
) -> NDArray[Any]:
    """The gradient of `max_pool` by its input: all of it goes to the cell where the maximum was found.

    grad (N, C, *out), x (N, C, *spatial) -> (N, C, *spatial). A cell that won in several windows gets the
    sum, the first of equals gets everything. `WindowError` as in `max_pool`, and for a grad of another
    shape.

    >>> max_pool_backward([[[1, 10]]], [[[2, 9, 3, 3]]], 2)[0, 0]
    array([ 0,  1, 10,  0])
    """
    plan = plan_pool(x, kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    given = check_grad(grad, plan.shape)
    dtype = result_type(given, plan.x)
    work = work_type(dtype)
    rows = given.shape[0] * given.shape[1]
    cells = int(np.prod(plan.spatial))
    found = places(plan, plan.highest()).reshape(rows, -1) + np.arange(rows)[:, None] * cells
    routed = np.zeros(rows * cells, work)
    np.add.at(routed, found.ravel(), given.astype(work, copy=False).ravel())
    return routed.reshape(plan.x.shape).astype(dtype, copy=False)


def avg_pool_backward(
    grad: ArrayLike,
    x: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> NDArray[Any]:
    """The gradient of `avg_pool` by its input: shared out evenly among the cells of the window.

    grad (N, C, *out), x (N, C, *spatial), of which only the shape matters -> (N, C, *spatial).
    `WindowError` as in `avg_pool`, and for a grad of another shape.

    >>> avg_pool_backward([[[1.0, 10.0]]], [[[2.0, 9.0, 3.0, 3.0]]], 2)[0, 0]
    array([0.5, 0.5, 5. , 5. ])
    """
    plan = plan_pool(x, kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    given, dtype = _real_grad(grad, plan)
    shares = given / plan.divisors(count_include_pad).astype(given.dtype)
    padded = padded_sizes(plan.spatial, plan.edges)
    return unpad(spread(shares, plan.window, padded), plan.edges).astype(dtype, copy=False)


def lp_pool_backward(
    grad: ArrayLike,
    x: ArrayLike,
    p: float,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
) -> NDArray[Any]:
    """The gradient of `lp_pool` by its input: dy / dx = sign(x) * (|x| / y) ** (p - 1).

    grad (N, C, *out), x (N, C, *spatial) -> (N, C, *spatial). Where the norm is 0 it has no derivative,
    and the gradient is 0. `WindowError` as in `lp_pool`, and for a grad of another shape.

    >>> lp_pool_backward([[[1.0]]], [[[3.0, -4.0]]], 2, 2)[0, 0]
    array([ 0.6, -0.8])
    """
    power = check_norm(p)
    plan = plan_pool(x, kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    given, dtype = _real_grad(grad, plan)
    padded = plan.real().astype(given.dtype, copy=False)
    sizes = np.abs(padded)
    gradient = np.zeros_like(padded)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        norms = sums(sizes**power, plan.window) ** (1 / power)
        norms[norms == 0] = np.inf
        for _, touched in plan.window.taps(padded.shape[2:]):
            gradient[touched] += given * (sizes[touched] / norms) ** (power - 1)
        gradient *= np.sign(padded)
    return unpad(gradient, plan.edges).astype(dtype, copy=False)


def global_max_pool_backward(grad: ArrayLike, x: ArrayLike) -> NDArray[Any]:
    """The gradient of `global_max_pool`: grad (N, C, 1, ...), x (N, C, *spatial) -> (N, C, *spatial).

    >>> global_max_pool_backward([[[5]]], [[[1, 7, 2]]])[0, 0]
    array([0, 5, 0])
    """
    return max_pool_backward(grad, x, whole_input(x))


def global_avg_pool_backward(grad: ArrayLike, x: ArrayLike) -> NDArray[Any]:
    """The gradient of `global_avg_pool`: grad (N, C, 1, ...), x (N, C, *spatial) -> (N, C, *spatial).

    >>> global_avg_pool_backward([[[6.0]]], [[[1.0, 7.0, 2.0]]])[0, 0]
    array([2., 2., 2.])
    """
    return avg_pool_backward(grad, x, whole_input(x))


def adaptive_avg_pool_backward(grad: ArrayLike, x: ArrayLike) -> NDArray[Any]:
    """The gradient of `adaptive_avg_pool`: grad (N, C, *output_size), x (N, C, *spatial) -> (N, C, *spatial).

    >>> adaptive_avg_pool_backward([[[1.0, 1.0]]], [[[1.0, 2.0, 3.0]]])[0, 0]
    array([0.5, 1. , 0.5])
    """
    inputs, given = as_numbers("input", x), as_numbers("gradient", grad)
    whole = whole_input(inputs)
    if given.ndim != inputs.ndim or given.shape[:2] != inputs.shape[:2] or 0 in given.shape:
        raise WindowError("grad_shape", given=given.shape, expected=(*inputs.shape[:2], *given.shape[2:]))
    dtype = _real_type(given, inputs)
    gradient = given.astype(work_type(dtype), copy=False)
    for axis, size in enumerate(whole, start=2):
        wide = np.zeros((*gradient.shape[:axis], size, *gradient.shape[axis + 1 :]), gradient.dtype)
        for place, (begin, end) in enumerate(adaptive_bounds(size, gradient.shape[axis])):
            lead = (slice(None),) * axis
            wide[(*lead, slice(begin, end))] += gradient[(*lead, slice(place, place + 1))] / (end - begin)
        gradient = wide
    return gradient.astype(dtype, copy=False)


def check_grad(grad: ArrayLike, expected: tuple[int, ...]) -> NDArray[Any]:
    """The gradient as an array; `WindowError` unless it has the shape of the output."""
    given = as_numbers("gradient", grad)
    if given.shape != expected:
        raise WindowError("grad_shape", given=given.shape, expected=expected)
    return given


def _real_grad(grad: ArrayLike, plan: PoolPlan) -> tuple[NDArray[Any], np.dtype[Any]]:
    """The gradient in the type that is worked in, and the type of the result."""
    given = check_grad(grad, plan.shape)
    dtype = _real_type(given, plan.x)
    return given.astype(work_type(dtype), copy=False), dtype


def _real_type(grad: NDArray[Any], x: NDArray[Any]) -> np.dtype[Any]:
    dtype = result_type(grad, x)
    return dtype if dtype.kind == "f" else np.dtype(np.float64)
