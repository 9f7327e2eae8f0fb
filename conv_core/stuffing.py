"""The other story of a transposed convolution: an ordinary one, over an input with zeros stuffed in."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import Padding, Pairs, PerAxis
from conv_core.transpose import TransposePlan, plan_transpose


@dataclass(frozen=True)
class Stuffed:
    """The arguments of the ordinary convolution that gives what `conv_transpose` gives.

    `x` has stride - 1 zeros between its cells, `weight` (O, C / groups, *kernel) is flipped along every axis
    and its channels are exchanged; `conv(*stuffed.arguments, **stuffed.keywords)` moves in single steps.
    `origins` are, for each axis, where in the stuffed x the given cells stand (-1: padding has cut it off).
    """

    x: NDArray[Any]
    weight: NDArray[Any]
    bias: NDArray[Any] | None
    padding: Pairs
    dilation: tuple[int, ...]
    groups: int
    origins: tuple[NDArray[np.int64], ...]

    @property
    def arguments(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None]:
        """Input, weight and bias."""
        return self.x, self.weight, self.bias

    @property
    def keywords(self) -> dict[str, Any]:
        """How `conv` takes them; its stride stays 1."""
        return {"padding": self.padding, "dilation": self.dilation, "groups": self.groups}


def zero_stuffed(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Stuffed:
    """The arguments with which `conv` gives what `conv_transpose` gives for these (of finite numbers).

    Zeros go between the cells, the kernels are flipped, and the padding is dilation * (kernel - 1) - before
    on the one side and that much less `after`, plus the output_padding, on the other; where it would be
    negative, x is cut instead. `WindowError` as in `conv_transpose`
    (Dumoulin and Visin: A guide to convolution arithmetic for deep learning, 2016, chapter 4).

    >>> stuffed = zero_stuffed(np.array([[[1, 2, 3]]]), np.array([[[1, 10]]]), stride=2)
    >>> stuffed.x[0, 0], stuffed.weight[0, 0], stuffed.padding
    (array([1, 0, 2, 0, 3]), array([10,  1]), ((1, 1),))
    """
    return stuff(
        plan_transpose(
            x,
            weight,
            bias,
            stride=stride,
            padding=padding,
            output_padding=output_padding,
            dilation=dilation,
            groups=groups,
        )
    )


def stuff(plan: TransposePlan) -> Stuffed:
    """`zero_stuffed` of a plan."""
    window = plan.window
    stuffed, padding, origins = plan.x, [], []
    for axis, (size, span, stride, covered, out, (cut, _)) in enumerate(
        zip(plan.spatial, window.span, window.stride, plan.covered, plan.out, plan.pads, strict=True)
    ):
        before, after = span - 1 - cut, span - 1 - (covered - cut - out)
        places = np.arange(size, dtype=np.int64) * stride
        length = (size - 1) * stride + 1
        if before < 0 or after < 0:
            # The padding cuts into x: both ends are then made of x itself, and nothing is left to pad.
            places, length = places + before, before + length + after
            before = after = 0
        places[(places < 0) | (places >= length)] = -1
        wide = np.zeros((*stuffed.shape[: axis + 2], length, *stuffed.shape[axis + 3 :]), stuffed.dtype)
        kept = places >= 0
        lead = (slice(None),) * (axis + 2)
        wide[(*lead, places[kept])] = stuffed[(*lead, kept)]
        stuffed = wide
        padding.append((before, after))
        origins.append(places)
    flipped = np.flip(plan.swapped(), tuple(range(2, 2 + window.rank)))
    return Stuffed(
        x=stuffed,
        weight=np.ascontiguousarray(flipped),
        bias=plan.bias,
        padding=tuple(padding),
        dilation=window.dilation,
        groups=plan.groups,
        origins=tuple(origins),
    )
