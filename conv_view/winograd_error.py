"""How far Winograd's filtering is from float64, tile by tile, measured in float32 and in float16."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from conv_core import conv, method_error
from conv_view.winograd_layers import GROWING

#: Mean relative errors of F(m x m, 3 x 3) in float32 with random data (Barabasz et al. 2018).
PUBLISHED = {2: 7.7e-8, 4: 3.3e-7, 6: 8.8e-7, 8: 7.4e-6, 10: 3.2e-5, 12: 2.0e-4}


@dataclass(frozen=True)
class Errors:
    """Errors by the outputs of a tile, m in GROWING; NaN where the type overflows."""

    single: tuple[float, ...]
    half: tuple[float, ...]
    direct: float

    @property
    def overflow(self) -> int | None:
        """The first m at which float16 overflows."""
        return next((m for m, error in zip(GROWING, self.half, strict=True) if not isfinite(error)), None)


def measure(x: NDArray[np.float32], weight: NDArray[np.float32]) -> Errors:
    """Return max |y - y64| / max |y64| of a picture (N, C, *spatial) and a kernel, measured now."""
    found = [[_error(x, weight, m, dtype) for m in GROWING] for dtype in (np.float32, np.float16)]
    exact = conv(x.astype(np.float64), weight.astype(np.float64), method="direct")
    made = conv(x.astype(np.float32), weight.astype(np.float32), method="direct")
    top = float(np.abs(exact).max()) or 1.0
    return Errors(tuple(found[0]), tuple(found[1]), float(np.abs(made - exact).max()) / top)


RANDOM = ((1, 1, 122, 122), (4, 1, 3, 3))  # tiles of every size fit
"""The shapes of the random numbers that are measured beside the published errors."""


@cache
def measure_random() -> tuple[float, ...]:
    """Return mean |y - y64| / mean |y64| in float32 of random numbers in [-1, 1], by m in GROWING.

    That is what was published, so the two can be compared.
    """
    rng = np.random.default_rng(0)
    x, weight = (rng.uniform(-1, 1, shape) for shape in RANDOM)
    return tuple(method_error(x, weight, method="winograd", m=m, mean=True) for m in GROWING)


def _error(x: NDArray[np.float32], weight: NDArray[np.float32], m: int, dtype: type[np.floating]) -> float:
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        error = method_error(x, weight, method="winograd", m=m, dtype=dtype)
    return error if isfinite(error) else float("nan")
