"""A kernel as text: rows on lines, slices or channels after empty lines, as pasted from a paper."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import WindowError, kernel

MOST_TEXT = 4000
MOST_SIZE = 15
MOST_CELLS = 3 * 7**3  # what a link can carry


def read_kernel(text: str, rank: int, channels: int = 1) -> NDArray[np.float32]:
    r"""Return the kernel of `rank` axes that a text holds; `WindowError` where it holds none.

    Cells stand apart by spaces or commas, rows by line breaks or semicolons, slices by empty lines. With
    several `channels` (of at most two axes) empty lines part their kernels, which are then returned along an
    axis of their own; a single one is returned as it is, for all channels.

    >>> read_kernel("1 0 −1; 2 0 −2", rank=2)
    array([[ 1.,  0., -1.],
           [ 2.,  0., -2.]], dtype=float32)
    >>> read_kernel("1 2\n\n3 4", rank=2, channels=2).shape
    (2, 1, 2)
    """
    plain = unicodedata.normalize("NFKC", text[:MOST_TEXT]).replace("−", "-").strip()
    slices = [
        [re.split(r"[\s,]+", row.strip(" ,\t")) for row in re.split(r"[;\n]", part) if row.strip(" ,\t")]
        for part in re.split(r"\n\s*\n", plain)
    ]
    values: Any = [[[_cell(token) for token in row] for row in part] for part in slices if part]
    apart = channels > 1 and len(values) > 1
    if apart and len(values) != channels:
        raise WindowError(
            "weight_channels", given=len(values), channels=channels, groups=1, expected=channels
        )
    for _ in range(3 - rank - apart):
        values = values[0] if len(values) == 1 else [row for part in values for row in part]
    cells = kernel("custom", rank=rank + apart, values=values)
    if max(cells.shape) > MOST_SIZE or cells.size > MOST_CELLS:
        given, high = max(cells.shape), _most(rank)
        raise WindowError("kernel_range", value="'custom'", parameter="size", low=1, high=high, given=given)
    return cells


def write_kernel(values: NDArray[np.float32]) -> str:
    r"""Return a kernel as the text that `read_kernel` reads.

    >>> write_kernel(np.array([[1.0, 0.5], [0.0, -2.0]], np.float32))
    '1  0.5\n0  -2'
    """
    if values.ndim == 3:
        return "\n\n".join(write_kernel(part) for part in values)
    return "\n".join("  ".join(_text(cell) for cell in row) for row in np.atleast_2d(values))


def _most(rank: int) -> int:
    """Return the largest size along every axis that is surely taken."""
    return min(MOST_SIZE, int(MOST_CELLS ** (1 / rank) + 1e-9))


def _cell(token: str) -> Any:
    """Return a number, or the token as it is: the core then says what is wrong with it."""
    try:
        top, _, bottom = token.partition("/")
        return float(top) / float(bottom) if bottom else float(top)
    except (ValueError, ZeroDivisionError):
        return token


def _text(cell: np.float32) -> str:
    return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e7 else str(cell)
