"""Which method is quickest: by the geometry, and by what was measured on two cores with NumPy's own BLAS."""

from math import ceil, prod

import numpy as np

from conv_core.methods import im2col, winograd
from conv_core.window import Window

# Nanoseconds, fitted to the times of 227 layers (kernels of 3 and 5, 7 to 112 cells a side, 8 to 512 channels
# and filters; float32, two threads): for a call; for each number that is copied or transformed; for each
# product; for each number that is transformed back; for each kernel cell read; for each row of cells copied.
_IM2COL = {"call": 58_000, "copied": 0.195, "product": 0.0106, "row": 7.7}
_WINOGRAD = {
    "call": 168_000,
    "transformed": 1.59,
    "product": 0.0132,
    "back": 0.574,
    "kernel": 0.2,
    "row": 2.3,
    "row_back": 4.3,
}
_MEASURED_KERNELS = ((3, 3), (5, 5))


def best(
    window: Window,
    padded_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    groups: int,
    dtype: np.dtype[np.generic],
) -> str:
    """The name of the method; never a transform for integers or float64, where digits count.

    >>> best(Window((3, 3)), (1, 256, 58, 58), (256, 256, 3, 3), 1, np.dtype(np.float32))
    'winograd'
    """
    if dtype != np.float32 or not winograd.supports(window) or window.kernel not in _MEASURED_KERNELS:
        return im2col.NAME
    out = window.positions(padded_shape[2:])
    each = groups * padded_shape[0], weight_shape[1], weight_shape[0] // groups
    quicker = _winograd(window, out, *each) < _im2col(window, out, *each)
    return winograd.NAME if quicker else im2col.NAME


def _im2col(window: Window, out: tuple[int, ...], times: int, reads: int, own: int) -> float:
    terms = reads * prod(window.kernel)
    cost = _IM2COL
    return cost["call"] + times * terms * (
        prod(out) * (cost["copied"] + own * cost["product"]) + prod(out[:-1]) * cost["row"]
    )


def _winograd(window: Window, out: tuple[int, ...], times: int, reads: int, own: int) -> float:
    m = winograd.outputs_of(window.kernel, out, None)
    n = prod([size + taps - 1 for size, taps in zip(m, window.kernel, strict=True)])
    counts = [ceil(size / step) for size, step in zip(out, m, strict=True)]
    tiles, rows = prod(counts), prod(counts[:-1])
    cost = _WINOGRAD
    cells = (
        tiles * (reads * cost["transformed"] + reads * own * cost["product"] + own * cost["back"])
        + reads * own * cost["kernel"]
        + rows * reads * cost["row"]
    )
    return cost["call"] + times * (n * cells + prod(m) * rows * own * cost["row_back"])
