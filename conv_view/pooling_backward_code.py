"""The way back through a pooling as code that runs: PyTorch's autograd, and loops in NumPy."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from conv_core import PoolTrace
from conv_view.pooling_code import pooled_lines


def pytorch(trace: PoolTrace, grad: NDArray[Any]) -> str:
    """Return the pooling and its way back in PyTorch."""
    lines = ["import torch", "import torch.nn.functional as F", ""]
    kind = "dtype=torch.float64"
    lines.append(f"x = leaf = torch.tensor({trace.x.tolist()}, {kind}, requires_grad=True)")
    lines.append(f"dy = torch.tensor({grad.tolist()}, {kind})")
    lines += pooled_lines(trace)
    return "\n".join([*lines, "y.backward(dy)", "print(leaf.grad)"])


def numpy(trace: PoolTrace, grad: NDArray[Any]) -> str:
    """Return the way back in NumPy, output by output.

    >>> import numpy as np
    >>> from conv_core import pool_trace
    >>> trace = pool_trace(np.array([[[[1.0, 3.0], [3.0, 2.0]]]]), 2)
    >>> exec(numpy(trace, np.array([[[[5.0]]]])))
    [[[0. 5.]
      [0. 0.]]]
    """
    (stride_y, stride_x), (apart_y, apart_x) = trace.window.stride, trace.window.dilation
    high, wide = trace.window.span
    edges = trace.window.edges(trace.x.shape[2:])
    around = "-np.inf" if trace.kind == "max" else "0"
    lines = [
        "import numpy as np",
        "",
        f"x = np.array({trace.x[0].tolist()}, float)",
        f"dy = np.array({grad[0].tolist()}, float)",
        f"padded = np.pad(x, {((0, 0), *edges)}, constant_values={around})",
        "d_padded = np.zeros_like(padded)",
    ]
    if trace.kind == "avg":
        lines.append(f"divisors = np.array({trace.divisors.tolist()})")
    lines += [
        "for c, i, j in np.ndindex(dy.shape):",
        f"    rows = slice(i * {stride_y}, i * {stride_y} + {high}, {apart_y})",
        f"    columns = slice(j * {stride_x}, j * {stride_x} + {wide}, {apart_x})",
    ]
    lines += {
        "max": [
            "    window = padded[c, rows, columns]",
            "    first = np.unravel_index(window.argmax(), window.shape)",
            "    d_padded[c, rows, columns][first] += dy[c, i, j]",
        ],
        "avg": ["    d_padded[c, rows, columns] += dy[c, i, j] / divisors[i, j]"],
        "lp": [
            "    window = padded[c, rows, columns]",
            f"    y = (abs(window) ** {trace.p:g}).sum() ** (1 / {trace.p:g})",
            f"    share = np.sign(window) * (abs(window) / (y or 1)) ** {trace.p - 1:g}",
            "    d_padded[c, rows, columns] += dy[c, i, j] * share",
        ],
    }[trace.kind]
    ends = [f"{before}:{-after or ''}" for before, after in edges]
    return "\n".join([*lines, f"dx = d_padded[:, {ends[0]}, {ends[1]}]", "print(dx)"])
