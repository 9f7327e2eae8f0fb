"""Which padding keeps the size of a grid: the output-size formula the other way round, axis by axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conv_core import ConvTrace, Window, WindowError, source_indices


@dataclass(frozen=True)
class Keep:
    """Along one axis: the least and the most padding in all, how it is best split, and what is in the way.

    `symmetric` tells whether both sides can have the same; `fault` is the error of a padding mode that
    cannot supply as much; `idle` counts the positions whose window would lie in the padding entirely.
    """

    least: int
    most: int
    before: int
    after: int
    symmetric: bool
    idle: int
    fault: WindowError | None = None


def keeping(trace: ConvTrace, stride: int | None = None) -> tuple[Keep, ...]:
    """Return for each spatial axis of a convolution the padding that gives an output of the input's size.

    With another `stride`, if one is given.

    >>> from conv_core import conv_trace
    >>> trace = conv_trace(np.zeros((1, 1, 9)), np.ones((1, 1, 4)))
    >>> (one,) = keeping(trace)
    >>> one.before, one.after, one.symmetric
    (1, 2, False)
    """
    spatial, window = trace.x.shape[2:], trace.window
    if stride is not None:
        window = Window(window.kernel, stride, 0, window.dilation)
    found = []
    for axis, (size, totals) in enumerate(zip(spatial, window.totals(spatial, spatial), strict=True)):
        total = next((each for each in totals if each % 2 == 0), totals[0])
        before, after = total // 2, total - total // 2
        starts = np.arange(size) * window.stride[axis] - before
        taps = np.arange(window.kernel[axis]) * window.dilation[axis]
        read = starts[:, None] + taps
        idle = int((~((read >= 0) & (read < size)).any(1)).sum())
        found.append(
            Keep(totals[0], totals[-1], before, after, total % 2 == 0, idle,
                 _refused(size, before, after, trace.padding_mode, axis))
        )  # fmt: skip
    return tuple(found)


def _refused(size: int, before: int, after: int, mode: str, axis: int) -> WindowError | None:
    try:
        source_indices(size, before, after, mode, axis=axis)
    except WindowError as error:
        return error
    return None
