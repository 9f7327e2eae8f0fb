"""The shape of a receptive field: profiles of its path counts, and a heat map of their products."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from conv_view.stage.bundle import palette

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 420, 150, 6, 24, 8


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
    """Return the paths along an axis of the picture as bars, the field bracketed, the middle half full.

    `start` and `size` are those of the whole field, which may reach beyond the picture.

    >>> profile([0, 1, 2, 1], 1, 3, "rows").count("<rect")
    3
    """
    most, cells = max(max(counts), 1), len(counts)
    first, last = middle_half(counts)
    wide = (WIDTH - 2 * LEFT) / cells
    ground, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    colour = palette()["roles"]["window"]
    bars = [
        f'<rect x="{LEFT + at * wide:.2f}" y="{ground - room * (count / most):.2f}" '
        f'width="{max(0.4, wide * 0.92):.2f}" height="{room * (count / most):.2f}" '
        f'fill="{colour}" opacity="{1 if first <= at <= last else 0.5}"/>'
        for at, count in enumerate(counts)
        if count
    ]
    ends = [max(0, min(cells, end)) for end in (start, start + size)]
    left, right = (LEFT + end * wide for end in ends)
    bracket = (
        f'<path d="M{left:.1f} {ground + 6} v-4 M{right:.1f} {ground + 6} v-4 M{left:.1f} {ground + 4} '
        f'H{right:.1f}" stroke="{colour}" stroke-width="1.5" fill="none"/>'
    )
    ticks = "".join(
        f'<text x="{LEFT + (at + 0.5) * wide:.1f}" y="{HEIGHT - 4}" font-size="11" fill="currentColor" '
        f'text-anchor="{anchor}">{at}</text>'
        for at, anchor in ((0, "start"), (cells // 2, "middle"), (cells - 1, "end"))
    )
    axis = f'<path d="M{LEFT} {ground} H{WIDTH - LEFT}" stroke="currentColor" opacity="0.4"/>'
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}" '
        f'style="width:100%;max-width:{WIDTH}px">{"".join(bars)}{axis}{bracket}{ticks}</svg>'
    )


def heat(rows: Sequence[int], columns: Sequence[int], label: str) -> str:
    """Return what of a field lies inside the picture, each cell as strong as its share of the paths.

    `rows` and `columns` are the path counts along the two axes of the picture.

    >>> 'alt="shares"' in heat([0, 1, 2], [1, 1], "shares")
    True
    """
    down, across = (_shares(counts) for counts in (rows, columns))
    share = np.outer(down, across)
    colour = palette()["roles"]["window"].lstrip("#")
    pixels = np.empty((*share.shape, 4), np.uint8)
    pixels[..., :3] = [int(colour[at : at + 2], 16) for at in (0, 2, 4)]
    pixels[..., 3] = np.where(share > 0, 20 + np.rint(235 * share), 0)
    file = BytesIO()
    Image.fromarray(pixels, "RGBA").save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    wide = min(1.0, share.shape[1] / share.shape[0])
    return (
        f'<img alt="{escape(label)}" src="data:image/png;base64,{data}" style="image-rendering:pixelated;'
        f'width:{100 * wide:.0f}%;max-width:{320 * wide:.0f}px;border:1px solid rgba(128,128,128,.5)">'
    )


def _shares(counts: Sequence[int]) -> NDArray[np.float64]:
    """Return the counts between the first and the last that is not nothing, the largest as 1."""
    most = max(max(counts), 1)
    shares = np.array([count / most for count in counts])
    seen = np.flatnonzero(shares)
    return shares[seen[0] : seen[-1] + 1] if seen.size else shares[:1]
