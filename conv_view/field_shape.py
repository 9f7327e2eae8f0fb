"""The shape of a receptive field: profiles of its path counts, and a heat map of their products."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from conv_view.stage.bundle import palette

HEIGHT = 110  # pixels of the highest bar


def middle_half(counts: Sequence[int]) -> tuple[int, int]:
    """Return from where to where the shortest stretch reaches that holds half of all paths (both included).

    >>> middle_half([1, 4, 10, 16, 19, 16, 10, 4, 1])
    (3, 5)
    """
    total, first, held = sum(counts), 0, 0
    best, most = (0, len(counts) - 1), 0
    for last, count in enumerate(counts):
        held += count
        while 2 * (held - counts[first]) >= total and first < last:
            held -= counts[first]
            first += 1
        longer = last - first - (best[1] - best[0])
        # Of equally short stretches the one with the most paths: the one in the middle.
        if 2 * held >= total and (longer < 0 or (longer == 0 and held > most)):
            best, most = (first, last), held
    return best


def profile(counts: Sequence[int], start: int, size: int, label: str) -> str:
    """Return the paths along an axis of the picture as bars, the middle half full, the field bracketed below.

    `start` and `size` are those of the whole field, which may reach beyond the picture.

    >>> 'left:25.0%;width:75.0%' in profile([0, 1, 2, 1], 1, 3, "rows")
    True
    """
    most, cells = max(max(counts), 1), len(counts)
    first, last = middle_half(counts)
    heights = np.array([round(HEIGHT * (count / most)) for count in counts])
    strong = [255 if first <= at <= last else 140 for at in range(cells)]
    alpha = np.where(HEIGHT - np.arange(HEIGHT)[:, None] <= heights, np.array(strong, np.uint8), 0)
    left, right = (100 * max(0, min(cells, end)) / cells for end in (start, start + size))
    colour = palette()["roles"]["window"]
    ticks = "".join(f"<span>{at}</span>" for at in sorted({0, cells // 2, cells - 1}))
    return (
        f"{_picture(alpha, label, 'width:100%;height:110px;border-bottom:1px solid rgba(128,128,128,.6)')}"
        '<div style="position:relative;height:6px">'
        f'<div style="position:absolute;left:{left:.1f}%;width:{right - left:.1f}%;height:5px;'
        f'border:1.5px solid {colour};border-top:none"></div></div>'
        '<div style="display:flex;justify-content:space-between;font-size:.75rem;opacity:.8;'
        f'font-variant-numeric:tabular-nums">{ticks}</div>'
    )


def heat(rows: Sequence[int], columns: Sequence[int], label: str) -> str:
    """Return what of a field lies inside the picture, each cell as strong as its share of the paths.

    `rows` and `columns` are the path counts along the two axes of the picture.

    >>> 'alt="shares"' in heat([0, 1, 2], [1, 1], "shares")
    True
    """
    down, across = (_shares(counts) for counts in (rows, columns))
    share = np.outer(down, across)
    wide = min(1.0, share.shape[1] / share.shape[0])
    alpha = np.where(share > 0, 20 + np.rint(235 * share), 0)
    style = f"width:{100 * wide:.0f}%;max-width:{320 * wide:.0f}px;border:1px solid rgba(128,128,128,.5)"
    return _picture(alpha, label, style)


def _picture(alpha: NDArray[Any], label: str, style: str) -> str:
    """Return cells (H, W) from 0 to 255 as a picture in the window's colour, which fits either theme."""
    colour = palette()["roles"]["window"].lstrip("#")
    pixels = np.empty((*alpha.shape, 4), np.uint8)
    pixels[..., :3] = [int(colour[at : at + 2], 16) for at in (0, 2, 4)]
    pixels[..., 3] = alpha
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    # A page cleans SVG out of its HTML; a picture may stand in it.
    data = base64.b64encode(file.getvalue()).decode()
    return (
        f'<img alt="{escape(label)}" src="data:image/png;base64,{data}" '
        f'style="display:block;image-rendering:pixelated;{style}">'
    )


def _shares(counts: Sequence[int]) -> NDArray[np.float64]:
    """Return the counts between the first and the last that is not nothing, the largest as 1."""
    most = max(max(counts), 1)
    shares = np.array([count / most for count in counts])
    seen = np.flatnonzero(shares)
    return shares[seen[0] : seen[-1] + 1] if seen.size else shares[:1]
