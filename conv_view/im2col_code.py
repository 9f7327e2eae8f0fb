"""The convolution on screen by im2col and GEMM as code that runs: PyTorch and NumPy."""

from __future__ import annotations

from typing import Any

from conv_core import ConvTrace
from conv_view.code import NUMPY_MODES, TORCH_MODES


def pytorch(trace: ConvTrace) -> str:
    """Return unfold, one matrix product and fold in PyTorch; other padding goes through `pad`."""
    window, spatial = trace.window, trace.x.shape[2:]
    filters = len(trace.weight)
    how: dict[str, Any] = {"kernel_size": window.kernel}
    plain = trace.padding_mode == "zeros" and all(before == after for before, after in trace.pads)
    if window.dilation != (1, 1):
        how["dilation"] = window.dilation
    if plain and trace.pads != ((0, 0), (0, 0)):
        how["padding"] = tuple(before for before, _ in trace.pads)
    if window.stride != (1, 1):
        how["stride"] = window.stride
    arguments = ", ".join(f"{name}={value}" for name, value in how.items())
    lines = ["import torch", "import torch.nn.functional as F", ""]
    lines.append(f"x = torch.tensor({trace.x.tolist()})")
    lines.append(f"weight = torch.tensor({trace.weight.tolist()})")
    size = tuple(spatial)
    if not plain:
        sides = tuple(side for pair in reversed(trace.pads) for side in pair)
        lines.append(f'x = F.pad(x, {sides}, mode="{TORCH_MODES[trace.padding_mode]}")')
        size = tuple(one + before + after for one, (before, after) in zip(spatial, trace.pads, strict=True))
    lines.append(f"columns = F.unfold(x, {arguments})  # {tuple(_columns(trace))}")
    if trace.groups > 1:
        lines.append(f"columns = columns.view({trace.groups}, -1, columns.shape[-1])")
        lines.append(f"rows = weight.view({trace.groups}, {filters // trace.groups}, -1)")
    else:
        lines.append(f"rows = weight.view({filters}, -1)")
    lines.append("product = rows @ columns")
    lines.append(f"y = product.view{trace.shape}")
    if trace.groups > 1:
        lines.append("columns = columns.view(1, -1, columns.shape[-1])")
    lines.append(f"added = F.fold(columns, {size}, {arguments})")
    lines.append(f"copies = F.fold(torch.ones_like(columns), {size}, {arguments})")
    lines.append("print(y)")
    return "\n".join(lines)


def numpy(trace: ConvTrace) -> str:
    """Return im2col, one matrix product and col2im in NumPy.

    >>> import numpy as np
    >>> from conv_core import conv_trace
    >>> exec(numpy(conv_trace(np.arange(16.0).reshape(1, 1, 4, 4), np.ones((1, 1, 3, 3)))))
    [[[45. 54.]
      [81. 90.]]]
    """
    window, (_, channels, *_) = trace.window, trace.x.shape
    (down, across), (height, width) = trace.shape[2:], window.kernel
    (stride_y, stride_x), (apart_y, apart_x) = window.stride, window.dilation
    span = (apart_y * (height - 1) + 1, apart_x * (width - 1) + 1)
    dtype = f'"{trace.x.dtype}"'
    filters, groups = len(trace.weight), trace.groups
    lines = ["import numpy as np", "from numpy.lib.stride_tricks import sliding_window_view", ""]
    lines.append(f"x = np.array({trace.x[0].tolist()}, {dtype})")
    lines.append(f"weight = np.array({trace.weight.tolist()}, {dtype})")
    pads = ((0, 0), *trace.pads)
    lines.append(f'x = np.pad(x, {pads}, mode="{NUMPY_MODES[trace.padding_mode]}")')
    lines.append(f"windows = sliding_window_view(x, {span}, axis=(1, 2))")
    lines.append(f"windows = windows[:, ::{stride_y}, ::{stride_x}, ::{apart_y}, ::{apart_x}]")
    lines.append(f"columns = windows.transpose(0, 3, 4, 1, 2).reshape({channels * height * width}, -1)")
    if groups > 1:
        lines.append(f"blocks = columns.reshape({groups}, -1, {down * across})")
        lines.append(f"product = weight.reshape({groups}, {filters // groups}, -1) @ blocks")
    else:
        lines.append(f"product = weight.reshape({filters}, -1) @ columns")
    lines.append(f"y = product.reshape({filters}, {down}, {across})")
    lines.append("print(y)")
    lines += [
        "",
        "# the way back",
        f"patches = columns.reshape({channels}, {height}, {width}, {down}, {across})",
        "added, copies = np.zeros_like(x), np.zeros_like(x)",
        f"for a, b in np.ndindex({height}, {width}):",
        f"    rows = slice(a * {apart_y}, a * {apart_y} + {(down - 1) * stride_y + 1}, {stride_y})",
        f"    cols = slice(b * {apart_x}, b * {apart_x} + {(across - 1) * stride_x + 1}, {stride_x})",
        "    added[:, rows, cols] += patches[:, a, b]",
        "    copies[:, rows, cols] += 1",
    ]
    return "\n".join(lines)


def _columns(trace: ConvTrace) -> tuple[int, int, int]:
    """The shape of the column matrix."""
    height, width = trace.window.kernel
    return 1, trace.x.shape[1] * height * width, trace.shape[2] * trace.shape[3]
