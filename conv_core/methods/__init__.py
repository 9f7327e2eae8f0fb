"""The ways to compute a convolution, in the order in which they are explained."""

from conv_core.errors import WindowError
from conv_core.methods import direct, im2col
from conv_core.methods.protocol import Cost, Method
from conv_core.window import Window

__all__ = ["METHODS", "Cost", "Method", "choose"]

METHODS: tuple[Method, ...] = (direct, im2col)


def choose(name: str, window: Window) -> Method:
    """The method of that name, or for "auto" the one that suits the geometry.

    `WindowError` if there is none, or if it does not take such a window.

    >>> choose("auto", Window((3, 3))).NAME
    'im2col'
    """
    if name == "auto":
        # Unrolling is never much slower than the loop: even a single position costs one short copy.
        return im2col
    for method in METHODS:
        if name == method.NAME:
            if not method.supports(window):
                raise WindowError(
                    "method_window",
                    method=name,
                    kernel=window.kernel,
                    stride=window.stride,
                    dilation=window.dilation,
                )
            return method
    known = ", ".join(("auto", *[method.NAME for method in METHODS]))
    raise WindowError("method", value=repr(name), known=known)
