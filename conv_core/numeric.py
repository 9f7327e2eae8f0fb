"""Types of numbers: which can be convolved, which result they give, and whether integers stay exact."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.errors import WindowError

LIMIT = 2**63 - 1
"""The largest sum that int64 holds."""

FLOATS = (np.float16, np.float32, np.float64)


def as_numbers(name: str, value: ArrayLike) -> NDArray[Any]:
    """An array of a type that can be convolved; `WindowError` for text, objects, ragged lists and such."""
    if not isinstance(value, np.ndarray):
        try:
            value = np.asarray(value)
        except (ValueError, TypeError):
            raise WindowError("not_an_array", name=name) from None
    if value.dtype.kind not in "biu" and value.dtype.type not in FLOATS:
        raise WindowError("dtype", name=name, dtype=str(value.dtype))
    return np.asarray(value)


def result_type(x: NDArray[Any], weight: NDArray[Any], bias: NDArray[Any] | None = None) -> np.dtype[Any]:
    """The type of a result: NumPy's promotion among floats, int64 if there are only integers.

    One type in, the same out; float32 with float64 gives float64, a uint8 picture with a float32 kernel
    float32. The bias follows the others, unless they are integers and it is not.

    >>> result_type(np.zeros(1, np.uint8), np.zeros(1, np.float32))
    dtype('float32')
    >>> result_type(np.zeros(1, np.uint8), np.zeros(1, np.int32))
    dtype('int64')
    """
    # NumPy makes float64 of uint64 with int64; here integers stay integers.
    main = [array.dtype for array in (x, weight)]
    if any(dtype.kind == "f" for dtype in main):
        return np.result_type(*main)
    if bias is not None and bias.dtype.kind == "f":
        return np.result_type(*main, bias.dtype)
    return np.dtype(np.int64)


def work_type(result: np.dtype[Any]) -> np.dtype[Any]:
    """The type that products are summed in: the result's own, but float32 for float16, as torch has it.

    >>> work_type(np.dtype(np.float16)), work_type(np.dtype(np.int64))
    (dtype('float32'), dtype('int64'))
    """
    return np.dtype(np.float32) if result == np.float16 else result


def cast(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """The same numbers in another type; the very same array if they have it already.

    >>> cast(np.array([1.5]), np.dtype(np.float32))
    array([1.5], dtype=float32)
    """
    return values.astype(dtype, copy=False)


def check_exact(x: NDArray[Any], weight: NDArray[Any], bias: NDArray[Any] | None) -> None:
    """`WindowError` unless every sum of integer products fits int64, whatever the order of summing.

    A bound, not a trial: |sum| <= max |x| * sum |weight| + |bias| for each output channel.
    """
    largest = _largest(x)
    rows = weight.reshape(weight.shape[0], -1)
    # Close to the limit float64 is too coarse to decide, so there Python's integers do.
    total = float(np.abs(rows.astype(np.float64)).sum(axis=1).max())
    estimate = max(float(largest), 1.0) * max(total, 1.0) + (0.0 if bias is None else float(_largest(bias)))
    if estimate < LIMIT / 2:
        return
    sums = np.abs(rows.astype(object)).sum(axis=1)
    offsets = [0] * len(sums) if bias is None else [abs(int(b)) for b in bias.tolist()]
    reach = max(largest * int(total) + offset for total, offset in zip(sums, offsets, strict=True))
    reach = max(reach, largest, _largest(weight))
    if reach > LIMIT:
        raise WindowError("integers_too_large", limit=LIMIT, reach=reach)


def _largest(values: NDArray[Any]) -> int:
    """The largest magnitude, as a Python integer: in int64 the lowest number has none."""
    return max(abs(int(values.min())), abs(int(values.max()))) if values.size else 0
