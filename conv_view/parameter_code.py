"""The window on screen as NumPy code that is nothing but padding and a strided view."""

from __future__ import annotations

import numpy as np

from conv_core import ConvTrace
from conv_view.code import NUMPY_MODES


def numpy_windows(trace: ConvTrace) -> str:
    """Return the whole convolution of a grid in NumPy: pad, look through strided windows, multiply and add.

    >>> from conv_core import conv_trace
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> exec(numpy_windows(conv_trace(x, np.ones((1, 1, 2, 2)), stride=3, padding=1)))
    [[ 0.  5.]
     [20. 50.]]
    """
    pairs, mode = trace.pads, NUMPY_MODES[trace.padding_mode]
    span, dilation, stride = trace.window.span, trace.window.dilation, trace.window.stride
    cut = ", ".join(f"::{step}" for step in (*stride, *dilation))
    return "\n".join(
        [
            "import numpy as np",
            "",
            f"x = np.array({_plain(trace.x[0, 0])})",
            f"kernel = np.array({_plain(trace.weight[0, 0])})",
            f'padded = np.pad(x, {pairs}, mode="{mode}")',
            "look = np.lib.stride_tricks.sliding_window_view",
            "# Strides first, then the cells of the window, `dilation` apart.",
            f"windows = look(padded, {span})[{cut}]",
            'print(np.einsum("ijkl,kl->ij", windows, kernel))',
        ]
    )


def _plain(values: np.ndarray) -> str:
    return str([[float(value) for value in row] for row in values.tolist()])
