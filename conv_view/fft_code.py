"""The transform on screen as code that reproduces its numbers: NumPy's, and PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_view.spectral import Spectral


def numpy(seen: Spectral) -> str:
    """Return the convolution through NumPy's transform; it checks itself against sliding windows.

    >>> from conv_view.spectral import spectral
    >>> exec(numpy(spectral(np.arange(20.0).reshape(4, 5), np.ones((2, 2), np.float32))))
    0.0
    """
    lines = ["import numpy as np", "from numpy.lib.stride_tricks import sliding_window_view", ""]
    lines += _arrays(seen, "np.array", '"float32"')
    lines += _body(seen, "np.fft.rfft2", "np.fft.irfft2", "np")
    pads = _pads(seen)
    padded = f"np.pad(x, {pads})" if any(map(any, pads)) else "x"
    lines += [
        "",
        f"windows = sliding_window_view({padded}, kernel.shape)",
        'direct = np.einsum("pqij,ij->pq", windows, kernel)',
        "print(abs(output - direct).max().round(2))",
    ]
    return "\n".join(lines)


def pytorch(seen: Spectral) -> str:
    """Return the same in PyTorch, checked against its own convolution."""
    lines = ["import torch", "import torch.nn.functional as F", ""]
    lines += _arrays(seen, "torch.tensor", "dtype=torch.float32")
    lines += _body(seen, "torch.fft.rfft2", "torch.fft.irfft2", "torch")
    pads = tuple(before for before, _ in _pads(seen))
    lines += [
        "",
        f"direct = F.conv2d(x[None, None], kernel[None, None], padding={pads})[0, 0]",
        "print((output - direct).abs().max())",
    ]
    return "\n".join(lines)


def _arrays(seen: Spectral, maker: str, kind: str) -> list[str]:
    return [
        f"x = {maker}({_literal(seen.picture)}, {kind})",
        f"kernel = {maker}({_literal(seen.kernel)}, {kind})",
        f"size = {seen.size}  # how long the transforms are",
    ]


def _body(seen: Spectral, there: str, back: str, library: str) -> list[str]:
    spectrum = f"W = {there}(kernel, size).conj()  # conjugated: the kernel is not flipped"
    if seen.room != "tiles":
        rows, columns = seen.stages.output.shape[2:]
        lines = [
            "",
            f"X = {there}(x, size)  # filled with zeros up to the size",
            spectrum,
            f"around = {back}(X * W, size)",
        ]
        if seen.room == "none":
            return [*lines, f"output = around[:{rows}, :{columns}]  # the others went around"]
        roll = "np.roll(around, {0}, (0, 1))" if library == "np" else "torch.roll(around, {0}, (0, 1))"
        return [*lines, f"output = {roll.format(seen.before)}  # from where the circle is cut open"]
    rows, columns = seen.stages.output.shape[2:]
    down, across = seen.stages.step
    return [
        "",
        spectrum,
        f"output = {library}.zeros(({rows}, {columns}){', dtype=np.float32' if library == 'np' else ''})",
        f"for top in range(0, {rows}, {down}):",
        f"    for left in range(0, {columns}, {across}):",
        "        tile = x[top : top + size[0], left : left + size[1]]",
        f"        around = {back}({there}(tile, size) * W, size)",
        f"        part = around[: min({down}, {rows} - top), : min({across}, {columns} - left)]",
        f"        output[top : top + {down}, left : left + {across}] = part",
    ]


def _pads(seen: Spectral) -> tuple[tuple[int, int], ...]:
    return tuple((before, before) for before in seen.before)


def _literal(values: NDArray[Any]) -> str:
    rows = ("[" + ", ".join(_number(value) for value in row) + "]" for row in values)
    return f"[{', '.join(rows)}]"


def _number(value: np.floating[Any]) -> str:
    return f"{value:.0f}" if float(value).is_integer() else str(value)
