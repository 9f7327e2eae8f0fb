"""Pooling at any rank: each window is summed up by one number, its maximum, its average or its norm."""

from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, PerAxis, per_axis
from conv_core.errors import WindowError
from conv_core.numeric import as_numbers
from conv_core.plan import check_samples, check_size
from conv_core.pool_plan import averages, maxima, norms, places, plan_pool
from conv_core.window import Window, adaptive_bounds

Pooled = NDArray[Any]
Indexed = tuple[NDArray[Any], NDArray[np.int64]]


@overload
def max_pool(
    x: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Pooled: ...
@overload
def max_pool(
    x: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
    return_indices: Literal[True],
) -> Indexed: ...
def max_pool(
    x: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled | Indexed:
    """The largest number of every window: torch.nn.functional.max_pool1d, 2d, 3d.

    (N, C, *spatial) -> (N, C, *out) of the same type, at any rank; without a `stride` the windows lie side
    by side. With `return_indices` also where each maximum is, int64 (N, C, *out), a flat index over
    *spatial: the first of equals. The padding is minus infinity, and a NaN wins. `WindowError` for what
    does not fit and for a padding of more than half the window.

    >>> image = np.array([[1, 5, 2, 0], [3, 4, 1, 7]]).reshape(1, 1, 2, 4)
    >>> max_pool(image, 2)[0, 0]
    array([[5, 7]])
    >>> max_pool(image, 2, return_indices=True)[1][0, 0]
    array([[1, 7]])
    """
    plan = plan_pool(x, kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    padded = plan.highest()
    output = maxima(plan, padded)
    return (output, places(plan, padded)) if return_indices else output


def avg_pool(
    x: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> NDArray[Any]:
    """The average of every window: torch.nn.functional.avg_pool1d, 2d, 3d.

    (N, C, *spatial) -> (N, C, *out), floats of their own type and integers as float64. A window is divided
    by all its cells, with `count_include_pad=False` by those in the input; what hangs over in `ceil_mode`
    counts neither way. `dilation` as ONNX has it (torch has none). `WindowError` as in `max_pool`.

    >>> avg_pool(np.arange(5.0).reshape(1, 1, 5), 2, ceil_mode=True)[0, 0]
    array([0.5, 2.5, 4. ])
    """
    plan = plan_pool(x, kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    return averages(plan, plan.real(), count_include_pad)


def lp_pool(
    x: ArrayLike,
    p: float,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
) -> NDArray[Any]:
    """The p-norm of every window, (sum of |x| ** p) ** (1 / p): LpPool of ONNX.

    (N, C, *spatial) -> (N, C, *out), floats of their own type and integers as float64. torch's lp_pool1d,
    2d, 3d agree on numbers that are not negative, for they drop the absolute value; they also scale a
    window that hangs over in `ceil_mode` up to its full size, which a norm does not do. `WindowError` as in
    `max_pool`, and for a p below 1.

    >>> lp_pool(np.array([[[3.0, -4.0, 5.0, 12.0]]]), 2, 2)[0, 0]
    array([ 5., 13.])
    """
    power = check_norm(p)
    plan = plan_pool(x, kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    return norms(plan, plan.real(), power)


@overload
def global_max_pool(x: ArrayLike, *, return_indices: Literal[False] = False) -> Pooled: ...
@overload
def global_max_pool(x: ArrayLike, *, return_indices: Literal[True]) -> Indexed: ...
def global_max_pool(x: ArrayLike, *, return_indices: bool = False) -> Pooled | Indexed:
    """The largest number of every channel: (N, C, *spatial) -> (N, C, 1, ...); `max_pool` in one window.

    >>> global_max_pool(np.array([[[1, 7, 2], [3, 0, 1]]])).tolist()
    [[[7], [3]]]
    """
    if return_indices:
        return max_pool(x, whole_input(x), return_indices=True)
    return max_pool(x, whole_input(x))


def global_avg_pool(x: ArrayLike) -> NDArray[Any]:
    """The average of every channel: (N, C, *spatial) -> (N, C, 1, ...); `avg_pool` in one window.

    >>> global_avg_pool(np.array([[[1, 7, 1], [3, 0, 0]]])).tolist()
    [[[3.0], [1.0]]]
    """
    return avg_pool(x, whole_input(x))


def adaptive_avg_pool(x: ArrayLike, output_size: PerAxis) -> NDArray[Any]:
    """Averages of nearly equal windows, as many as asked for: torch's adaptive_avg_pool1d, 2d, 3d.

    (N, C, *spatial) -> (N, C, *output_size); position i averages the cells from floor(i * n / out) up to
    ceil((i + 1) * n / out). Floats of their own type, integers as float64. `WindowError` for sizes below 1.

    >>> adaptive_avg_pool(np.arange(5.0).reshape(1, 1, 5), 3)[0, 0]
    array([0.5, 2. , 3.5])
    """
    # With a window of one cell the plan is the input, checked, in the type that is summed in.
    plan = plan_pool(x, 1)
    values = plan.real()
    sizes = adaptive_sizes(output_size, plan.window.rank)
    check_size((*plan.x.shape[:2], *sizes))
    with np.errstate(over="ignore", invalid="ignore"):
        for axis, count in enumerate(sizes, start=2):
            bounds = adaptive_bounds(values.shape[axis], count)
            means = [
                values[(slice(None),) * axis + (slice(*bound),)].mean(axis, keepdims=True) for bound in bounds
            ]
            values = np.concatenate(means, axis)
    return values.astype(plan.real_type, copy=False)


def max_unpool(
    x: ArrayLike,
    indices: ArrayLike,
    kernel: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    output_size: PerAxis | None = None,
) -> NDArray[Any]:
    """Every maximum back where it was found, zeros elsewhere: torch.nn.functional.max_unpool1d, 2d, 3d.

    x and `indices` (N, C, *out), as `max_pool` returns them -> (N, C, *spatial) of the type of x; the
    smallest input that pools to this, or `output_size`, which may differ by less than a stride. Where two
    windows found the same cell the last one stands. `WindowError` for indices that point outside.

    >>> max_unpool(np.array([[[5, 7]]]), np.array([[[1, 2]]]), 2)[0, 0]
    array([0, 5, 7, 0])
    """
    values, flat = as_numbers("input", x), as_numbers("indices", indices)
    if values.ndim < 3:
        raise WindowError("input_rank", given=values.ndim)
    check_samples(*values.shape[:2])
    if flat.shape != values.shape or flat.dtype.kind not in "iu":
        raise WindowError("unpool_indices", expected=values.shape, given=flat.shape, dtype=str(flat.dtype))
    window = Window(kernel, kernel if stride is None else stride, padding, rank=values.ndim - 2)
    sizes = _unpooled(window, values.shape[2:], output_size)
    check_size((*values.shape[:2], *sizes))
    cells = int(np.prod(sizes, dtype=object))
    outside = (flat < 0) | (flat >= cells)
    if outside.any():
        raise WindowError("unpool_place", place=int(flat[outside][0]), cells=cells)
    output = np.zeros((*values.shape[:2], cells), values.dtype)
    np.put_along_axis(
        output, flat.astype(np.int64).reshape(*values.shape[:2], -1), values.reshape(*values.shape[:2], -1), 2
    )
    return output.reshape(*values.shape[:2], *sizes)


def check_norm(p: float) -> float:
    """The p of a norm; `WindowError` unless it is a finite number of at least 1."""
    if not isinstance(p, int | float | np.integer | np.floating) or not 1 <= p < np.inf:
        raise WindowError("pool_norm", p=repr(p))
    return float(p)


def whole_input(x: ArrayLike) -> tuple[int, ...]:
    """The kernel that covers an input (N, C, *spatial) at once; `WindowError` if that has no spatial axes."""
    shape = as_numbers("input", x).shape
    if len(shape) < 3:
        raise WindowError("input_rank", given=len(shape))
    check_samples(*shape[:2])
    for axis, size in enumerate(shape[2:]):
        if size < 1:
            raise WindowError("axis_empty", axis=axis, size=size)
    return shape[2:]


def adaptive_sizes(output_size: PerAxis, rank: int) -> tuple[int, ...]:
    """The output's sizes, one per axis; `WindowError` for one below 1."""
    sizes = per_axis("output_size", output_size, rank)
    for axis, size in enumerate(sizes):
        if size < 1:
            raise WindowError("pool_output", axis=axis, size=size)
    return sizes


def _unpooled(window: Window, pooled: tuple[int, ...], output_size: PerAxis | None) -> tuple[int, ...]:
    if output_size is None:
        return window.input_shape(pooled)
    sizes = per_axis("output_size", output_size, window.rank)
    # From the largest input down: the smallest one there could be may have no cells at all.
    steps = [step - 1 for step in window.stride]
    for axis, (size, high, step) in enumerate(
        zip(sizes, window.input_shape(pooled, steps), steps, strict=True)
    ):
        # torch allows as much less than the smallest input that pools to this as it allows more.
        low = max(high - 2 * step, 1)
        if not low <= size <= high:
            raise WindowError("unpool_size", axis=axis, low=low, high=high, given=size)
    return sizes
