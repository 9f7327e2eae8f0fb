"""Named kernels as data, in one, two and three dimensions.

All are meant for `conv` as it is, that is for cross-correlation: laid on the picture unflipped. So
"sobel_x" is positive where the picture grows brighter to the right, "sobel_y" where it does downwards,
"sobel_z" where it does towards the next slice. x is the last axis, y the one before, z the first of three.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import kernel_shapes as shapes
from conv_core.axes import whole
from conv_core.errors import WindowError


@dataclass(frozen=True)
class Parameter:
    """Something about a kernel that can be chosen, from `low` to `high`; `step` 2 means odd numbers only."""

    name: str
    default: float
    low: float
    high: float
    step: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether it counts cells; otherwise it is any real number."""
        return self.step > 0


@dataclass(frozen=True)
class NamedKernel:
    """A kernel by name: the ranks it exists in, what can be chosen, and how it is built for a rank."""

    name: str
    ranks: tuple[int, ...]
    parameters: tuple[Parameter, ...]
    build: Callable[..., NDArray[Any]]


ALL_RANKS = (1, 2, 3)
SIZE = Parameter("size", 3, 1, 31, step=1)
ODD = Parameter("size", 3, 3, 15, step=2)

KERNELS = (
    NamedKernel("identity", ALL_RANKS, (Parameter("size", 3, 1, 31, step=2),), shapes.identity),
    NamedKernel("box", ALL_RANKS, (SIZE,), shapes.box),
    NamedKernel(
        "gaussian",
        ALL_RANKS,
        (Parameter("size", 5, 1, 31, step=1), Parameter("sigma", 1.0, 0.1, 20.0)),
        shapes.gaussian,
    ),
    NamedKernel("sharpen", ALL_RANKS, (Parameter("amount", 1.0, 0.0, 10.0),), shapes.sharpen),
    NamedKernel("emboss", (2,), (), shapes.emboss),
    NamedKernel("sobel_x", (1, 2, 3), (ODD,), shapes.sobel(from_last=1)),
    NamedKernel("sobel_y", (2, 3), (ODD,), shapes.sobel(from_last=2)),
    NamedKernel("sobel_z", (3,), (ODD,), shapes.sobel(from_last=3)),
    NamedKernel("laplacian", ALL_RANKS, (), shapes.laplacian),
    NamedKernel("prewitt_x", (1, 2, 3), (), shapes.prewitt(from_last=1)),
    NamedKernel("prewitt_y", (2, 3), (), shapes.prewitt(from_last=2)),
    NamedKernel(
        "gabor",
        (2,),
        (
            Parameter("size", 9, 1, 31, step=1),
            Parameter("angle", 0.0, -360.0, 360.0),
            Parameter("wavelength", 4.0, 1.0, 62.0),
            Parameter("sigma", 2.0, 0.1, 20.0),
            Parameter("phase", 0.0, -360.0, 360.0),
            Parameter("aspect", 0.5, 0.1, 10.0),
        ),
        shapes.gabor,
    ),
    NamedKernel("difference", (1,), (), shapes.difference),
    NamedKernel("custom", ALL_RANKS, (), shapes.custom),
)
"""Every named kernel; the order is that of a menu and stays."""


def kernel(name: str, *, rank: int = 2, **parameters: Any) -> NDArray[np.float32]:
    """A named kernel of float32 with `rank` axes; with [None, None] behind it, a weight for `conv`.

    The parameters are those listed in `KERNELS` (angles and phases in degrees), and for "custom"
    `values`, lists of numbers nested as deep as there are axes. `WindowError` for an unknown name or
    parameter, a rank it does not exist in, or a value out of range, text, infinite or not a number.

    >>> kernel("sobel_x")
    array([[-1.,  0.,  1.],
           [-2.,  0.,  2.],
           [-1.,  0.,  1.]], dtype=float32)
    >>> kernel("box", rank=1, size=2)
    array([0.5, 0.5], dtype=float32)
    """
    named = {one.name: one for one in KERNELS}.get(name)
    if named is None:
        raise WindowError("kernel_name", value=repr(name), known=", ".join(one.name for one in KERNELS))
    if name == "custom":
        _refuse_others(name, parameters, ("values",))
        return named.build(rank, **parameters).astype(np.float32)
    if rank not in named.ranks:
        known = ", ".join(str(one) for one in named.ranks)
        raise WindowError("kernel_rank", value=repr(name), rank=rank, known=known)
    _refuse_others(name, parameters, tuple([one.name for one in named.parameters]))
    chosen = {one.name: _checked(name, one, parameters) for one in named.parameters}
    return named.build(rank, **chosen).astype(np.float32)


def _refuse_others(name: str, parameters: dict[str, Any], known: tuple[str, ...]) -> None:
    for parameter in parameters:
        if parameter not in known:
            raise WindowError(
                "kernel_parameter",
                value=repr(name),
                parameter=repr(parameter),
                known=", ".join(known) or "none",
            )


def _checked(name: str, parameter: Parameter, parameters: dict[str, Any]) -> float:
    given = parameters.get(parameter.name, parameter.default)
    value = whole(parameter.name, given) if parameter.is_whole else given
    try:
        fits = parameter.low <= value <= parameter.high
    except TypeError:
        fits = False
    if not fits:
        raise WindowError(
            "kernel_range",
            value=repr(name),
            parameter=parameter.name,
            low=parameter.low,
            high=parameter.high,
            given=repr(given),
        )
    if parameter.step == 2 and value % 2 == 0:
        raise WindowError("kernel_even", value=repr(name), parameter=parameter.name, given=given)
    return value if parameter.is_whole else float(value)
