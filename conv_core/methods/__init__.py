"""The ways to compute a convolution, in the order in which they are explained."""

import numpy as np
from numpy.typing import DTypeLike

from conv_core.errors import WindowError
from conv_core.methods import direct, fft, im2col, winograd
from conv_core.methods.auto import best
from conv_core.methods.protocol import Cost, Method
from conv_core.window import Window

__all__ = ["METHODS", "Cost", "Method", "choose"]

METHODS: tuple[Method, ...] = (direct, im2col, fft, winograd)
_TRANSFORMS = (fft.NAME, winograd.NAME)


def choose(
    name: str,
    window: Window,
    padded_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    groups: int,
    dtype: DTypeLike,
) -> Method:
    """The method of that name, or for "auto" the quickest known for arrays of these shapes and type.

    `WindowError` if there is none of that name, or if it takes no such window or no such numbers; it names
    a method that does.

    >>> choose("auto", Window((3, 3)), (1, 3, 34, 34), (8, 3, 3, 3), 1, np.float32).NAME
    'im2col'
    """
    kind = np.dtype(dtype)
    if name == "auto":
        return _named(best(window, padded_shape, weight_shape, groups, kind))
    method = _named(name)
    if kind.kind != "f" and name in _TRANSFORMS:
        raise WindowError("method_type", method=name, dtype=str(kind), instead=im2col.NAME)
    if not method.supports(window):
        raise WindowError(
            "method_window",
            method=name,
            kernel=window.kernel,
            stride=window.stride,
            dilation=window.dilation,
            instead=im2col.NAME,
        )
    return method


def _named(name: str) -> Method:
    for method in METHODS:
        if name == method.NAME:
            return method
    known = ", ".join(("auto", *[method.NAME for method in METHODS]))
    raise WindowError("method", value=repr(name), known=known)
