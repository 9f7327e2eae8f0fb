"""Plain HTML of the page about LeNet-5: the connection table of C3, and digits as small pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import lru_cache
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from conv_view.stage.bundle import palette

_CELL = (
    "padding:2px 0;text-align:center;min-width:1.7em;"
    "border:1px solid color-mix(in srgb,currentColor 22%,transparent)"
)


def table(
    reads: Sequence[Sequence[int]], sources: int, chosen: int, heads: tuple[str, str], label: str
) -> str:
    """Return which of so many maps each map reads, one column each, the chosen one set off.

    `heads` name the rows and the columns; `label` says what it is to those who hear it.

    >>> table([(0, 1), (1,)], 2, 1, ("S2", "C3"), "table").count("●")
    3
    """
    strong = palette()["roles"]["output"]
    columns = range(len(reads))

    def cell(tag: str, text: str, column: int, more: str = "") -> str:
        mark = (
            f";background:color-mix(in srgb,{strong} 32%,transparent);font-weight:700"
            if column == chosen
            else ""
        )
        return f'<{tag} style="{_CELL}{mark}"{more}>{text}</{tag}>'

    head = "".join(cell("th", str(column), column, ' scope="col"') for column in columns)
    body = "".join(
        f'<tr><th style="{_CELL}" scope="row">{row}</th>'
        + "".join(cell("td", "●" if row in reads[column] else "", column) for column in columns)
        + "</tr>"
        for row in range(sources)
    )
    names = f"{escape(heads[0])} ↓ {escape(heads[1])} →"
    corner = f'<th style="{_CELL};padding-inline:6px;white-space:nowrap">{names}</th>'
    return (
        f'<div style="overflow-x:auto"><table style="border-collapse:collapse" aria-label="{escape(label)}">'
        f"<tr>{corner}{head}</tr>{body}</table></div>"
    )


def wall(digits: Sequence[tuple[NDArray[np.uint8], str]]) -> str:
    """Return pictures of digits uint8 (H, W) side by side, each with its line below.

    >>> wall([(np.zeros((28, 28), np.uint8), "a 4, read as 9")]).count("<figure")
    1
    """
    figures = "".join(
        '<figure style="margin:0;width:6.6em;text-align:center;font-size:.86em;line-height:1.35">'
        f'<img src="{_picture(pixels.tobytes(), pixels.shape)}" alt="" '
        'style="width:84px;height:84px;image-rendering:pixelated;border-radius:3px">'
        f"<figcaption>{line}</figcaption></figure>"
        for pixels, line in digits
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:10px 12px">{figures}</div>'


@lru_cache(64)
def _picture(cells: bytes, shape: tuple[int, int]) -> str:
    file = io.BytesIO()
    Image.fromarray(np.frombuffer(cells, np.uint8).reshape(shape)).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
