"""What a method really computes and how far off it is: operations counted, errors measured."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from conv_core.conv import conv, conv_stages
from conv_core.counting import Tally, numbers
from conv_core.methods import fft, winograd
from conv_core.plan import plan


def counted(x: ArrayLike, weight: ArrayLike, *, method: str = "im2col", **options: Any) -> Tally:
    """Multiplications and additions of a method's own stages, noted one by one as they are done.

    Arguments as in `conv_stages`; the arrays become numbers that count (`conv_core.counting`), so keep them
    small. NumPy transforms no such numbers, so "fft" is refused with TypeError.

    >>> counted(np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)), method="winograd", m=2)
    Tally(multiplies=30, adds=77)
    """
    tally = Tally()
    own = {name: options.pop(name) for name in ("m", "points") if name in options}
    planned = plan(x, weight, None, **options)
    padded, weights = planned.operands()
    chosen = planned.method(method)
    chosen.stages(numbers(padded, tally), numbers(weights, tally), planned.window, planned.groups, **own)
    return tally


def method_error(
    x: ArrayLike,
    weight: ArrayLike,
    *,
    method: str = "im2col",
    dtype: DTypeLike = np.float32,
    mean: bool = False,
    **options: Any,
) -> float:
    """How far a method in a type of numbers is from the same convolution in float64; NaN if it overflows.

    Arguments as in `conv_stages`. max |y - y64| / max |y64| for the transforms, and for direct and im2col
    max(|y - y64| / (|x| convolved with |w|)): element by element an error means nothing where sums cancel.
    With `mean` it is mean |y - y64| / mean |y64| of every method, which lies far below the largest error.

    >>> rng = np.random.default_rng(0)
    >>> x, w = rng.uniform(-1, 1, (1, 4, 12, 12)), rng.uniform(-1, 1, (2, 4, 3, 3))
    >>> errors = [method_error(x, w, method="winograd", m=m) for m in (2, 4, 8)]
    >>> errors == sorted(errors)
    True
    >>> 1e-8 < method_error(x, w, method="winograd", m=4, mean=True) < errors[1]
    True
    """
    given, kernels = np.asarray(x).astype(dtype), np.asarray(weight).astype(dtype)
    geometry = {name: value for name, value in options.items() if name not in ("m", "points", "tile")}
    exact = conv(given.astype(np.float64), kernels.astype(np.float64), method="im2col", **geometry)
    made = conv_stages(given, kernels, method=method, **options).output.astype(np.float64)
    scale: Any = np.abs(exact).mean() if mean else np.abs(exact).max()
    if not mean and method not in (fft.NAME, winograd.NAME):
        scale = conv(
            np.abs(given.astype(np.float64)), np.abs(kernels.astype(np.float64)), method="im2col", **geometry
        )
    off = np.abs(made - exact)
    off = off.mean() if mean else off
    with np.errstate(invalid="ignore", divide="ignore"):
        # Where there is nothing to be off from, nothing is as it should be: 0 / 0 is no error.
        return float(np.max(np.where(off == 0, 0.0, off / scale)))
