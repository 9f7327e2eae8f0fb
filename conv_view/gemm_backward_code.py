"""The way back by matrices as code that runs: PyTorch and NumPy."""

from __future__ import annotations

from typing import Any

from conv_view.code import NUMPY_MODES, TORCH_MODES
from conv_view.gemm_backward import Matrices

PRINTED = ("y", "d_rows", "dx")


def pytorch(shown: Matrices) -> str:
    """Return the three products and fold in PyTorch, compared with autograd."""
    trace = shown.trace
    window, spatial = trace.window, trace.x.shape[2:]
    plain = trace.padding_mode == "zeros" and all(before == after for before, after in trace.pads)
    how: dict[str, Any] = {"kernel_size": window.kernel}
    if window.dilation != (1, 1):
        how["dilation"] = window.dilation
    if plain and trace.pads != ((0, 0), (0, 0)):
        how["padding"] = tuple(before for before, _ in trace.pads)
    if window.stride != (1, 1):
        how["stride"] = window.stride
    arguments = ", ".join(f"{name}={value}" for name, value in how.items())
    slides = "".join(f", {name}={value}" for name, value in how.items() if name != "kernel_size")
    size = tuple(spatial)
    lines = ["import torch", "import torch.nn.functional as F", ""]
    lines.append(f"x = torch.tensor({trace.x.tolist()}, requires_grad=True)")
    lines.append(f"weight = torch.tensor({trace.weight.tolist()}, requires_grad=True)")
    lines.append(f"dy = torch.tensor({shown.grad.tolist()})")
    padded = "x"
    if not plain:
        sides = tuple(side for pair in reversed(trace.pads) for side in pair)
        lines.append(f'padded = F.pad(x, {sides}, mode="{TORCH_MODES[trace.padding_mode]}")')
        size = tuple(one + before + after for one, (before, after) in zip(spatial, trace.pads, strict=True))
        padded = "padded"
    filters = len(trace.weight)
    lines += [
        f"columns = F.unfold({padded}, {arguments})[0]",
        f"rows = weight.view({filters}, -1)",
        "y = rows @ columns",
        "",
        "# the way back",
        f"d_rows = dy.view({filters}, -1) @ columns.T",
        f"d_columns = rows.T @ dy.view({filters}, -1)",
        f"dx = F.fold(d_columns[None], {size}, {arguments})",
    ]
    if not plain:
        lines.append("(dx,) = torch.autograd.grad(padded, x, dx, retain_graph=True)")
    lines += [
        f"F.conv2d({padded}, weight{slides}).backward(dy)",
        "torch.testing.assert_close(d_rows.view_as(weight), weight.grad)",
        "torch.testing.assert_close(dx, x.grad)",
        *(f"print({name}.detach())" for name in PRINTED),
    ]
    return "\n".join(lines)


def numpy(shown: Matrices) -> str:
    """Return the three products and col2im in NumPy.

    >>> import numpy as np
    >>> from conv_core import conv_trace
    >>> from conv_view.gemm_backward import matrices
    >>> trace = conv_trace(np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2)))
    >>> exec(numpy(matrices(trace, np.ones((1, 1, 2, 2)))))
    [[[ 8. 12.]
      [20. 24.]]]
    [[ 8. 12. 20. 24.]]
    [[[1. 2. 1.]
      [2. 4. 2.]
      [1. 2. 1.]]]
    """
    trace = shown.trace
    window, (_, channels, *_) = trace.window, trace.x.shape
    (down, across), (height, width) = trace.shape[2:], window.kernel
    (stride_y, stride_x), (apart_y, apart_x) = window.stride, window.dilation
    span = (apart_y * (height - 1) + 1, apart_x * (width - 1) + 1)
    dtype, filters = f'"{trace.x.dtype}"', len(trace.weight)
    mode = f'mode="{NUMPY_MODES[trace.padding_mode]}"'
    lines = [
        "import numpy as np",
        "from numpy.lib.stride_tricks import sliding_window_view",
        "",
        f"x = np.array({trace.x[0].tolist()}, {dtype})",
        f"rows = np.array({shown.rows.tolist()}, {dtype})",
        f"dy = np.array({shown.grads.tolist()}, {dtype})",
        f"padded = np.pad(x, {((0, 0), *trace.pads)}, {mode})",
        f"windows = sliding_window_view(padded, {span}, axis=(1, 2))",
        f"windows = windows[:, ::{stride_y}, ::{stride_x}, ::{apart_y}, ::{apart_x}]",
        f"columns = windows.transpose(0, 3, 4, 1, 2).reshape({channels * height * width}, -1)",
        f"y = (rows @ columns).reshape({filters}, {down}, {across})",
        "",
        "# the way back",
        "d_rows = dy @ columns.T",
        "d_columns = rows.T @ dy",
        f"patches = d_columns.reshape({channels}, {height}, {width}, {down}, {across})",
        "d_padded = np.zeros_like(padded)",
        f"for a, b in np.ndindex({height}, {width}):",
        f"    down = slice(a * {apart_y}, a * {apart_y} + {(down - 1) * stride_y + 1}, {stride_y})",
        f"    across = slice(b * {apart_x}, b * {apart_x} + {(across - 1) * stride_x + 1}, {stride_x})",
        "    d_padded[:, down, across] += patches[:, a, b]",
    ]
    if trace.padding_mode == "zeros":
        ends = [f"{before}:{-after or ''}" for before, after in trace.pads]
        lines.append(f"dx = d_padded[:, {ends[0]}, {ends[1]}]")
    else:
        lines += [
            "# what the padding copied goes back to the cell it was copied from",
            f"origin = np.pad(np.arange(x[0].size).reshape(x[0].shape), {trace.pads}, {mode})",
            f"dx = np.zeros(({channels}, x[0].size), x.dtype)",
            f"np.add.at(dx, (slice(None), origin.ravel()), d_padded.reshape({channels}, -1))",
            "dx = dx.reshape(x.shape)",
        ]
    lines += [f"print({name})" for name in PRINTED]
    return "\n".join(lines)
