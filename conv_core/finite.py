"""Derivatives by trying: a number is moved a little to both sides, and the function is asked again."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def finite_differences(
    function: Callable[[NDArray[np.float64]], float],
    at: ArrayLike,
    *,
    step: float = 1e-3,
    places: Iterable[tuple[int, ...]] | None = None,
) -> NDArray[np.float64]:
    """Central differences (f(x + h) - f(x - h)) / 2h of a scalar function, cell by cell, in float64.

    `function` is given an array like `at`, which it may not keep; `places` are the only cells that are
    tried, the others stay 0. Its error falls with the square of the step until rounding takes over; of a
    function that is at most quadratic in each cell it is rounding alone.

    >>> finite_differences(lambda x: float((x**2).sum()), [1.0, 3.0]).round(6)
    array([2., 6.])
    """
    x: NDArray[Any] = np.array(at, np.float64)
    found = np.zeros_like(x)
    for place in np.ndindex(*x.shape) if places is None else places:
        kept = x[place]
        above, below = kept + step, kept - step
        x[place] = above
        high = function(x)
        x[place] = below
        low = function(x)
        x[place] = kept
        # Divided by the step that was really taken, which rounding has changed.
        found[place] = (high - low) / (above - below)
    return found
