"""One axis of a window as a drawing: where padding comes from, what is read, what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from conv_core import ConvTrace
from conv_view.stage.bundle import palette

# Units of the drawing, which is scaled to the width of its place.
CELL = 22
LEFT = 26
ARC = 15  # height of the shortest arc; longer ones rise higher
ROW = 11
MOST_ROWS = 18


def axis_lines(trace: ConvTrace, axis: int, label: str) -> str:
    """Return an SVG of one spatial axis of a convolution.

    A line of padded cells, each with its coordinate; a cell of the padding has that of the cell it copies,
    and an arc to it, or the value it is filled with. Below, for each position, the cells that it reads.
    What no position reads is crossed out. Words take the colour of the page's text, for either theme.

    >>> import numpy as np
    >>> from conv_core import conv_trace
    >>> trace = conv_trace(np.zeros((1, 1, 4)), np.ones((1, 1, 3)), padding=1, padding_mode="reflect")
    >>> axis_lines(trace, 0, "x").count('class="arc"')
    2
    """
    size, before = trace.x.shape[axis + 2], trace.pads[axis][0]
    sources = trace.sources[axis].tolist()
    copied = [
        (cell, source + before)
        for cell, source in enumerate(sources)
        if source >= 0 and not before <= cell < before + size
    ]
    top = _height(copied) + 4
    missed = {int(place) + before for place in trace.window.unread(trace.x.shape[2:])[axis]}
    parts = [_arc(cell, source, top) for cell, source in copied]
    for cell, source in enumerate(sources):
        own = before <= cell < before + size
        parts.append(_cell(cell, top, str(max(source, 0)), own=own, crossed=cell in missed))
    lines = trace.window.lines(trace.x.shape[2:])[axis] + before
    y = top + CELL + 4
    for position, cells in enumerate(lines[:MOST_ROWS].tolist()):
        parts.append(_reading(position, cells, y + ROW * (position + 0.5)))
    height = y + ROW * min(len(lines), MOST_ROWS)
    if len(lines) > MOST_ROWS:
        height += ROW
        parts.append(_text(LEFT + CELL * len(sources) / 2, height - ROW / 2, "⋯", 10))
    width = LEFT + CELL * len(sources) + 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" role="img" '
        f'aria-label="{escape(label)}" style="width:100%;max-width:{width * 1.25:g}px;height:auto">'
        + "".join(parts)
        + "</svg>"
    )


def _height(copied: Sequence[tuple[int, int]]) -> float:
    return max((_rise(cell, source) for cell, source in copied), default=0)


def _rise(cell: int, source: int) -> float:
    return ARC + 2.2 * (abs(cell - source) - 1)


def _middle(cell: int) -> float:
    return LEFT + CELL * (cell + 0.5)


def _arc(cell: int, source: int, top: float) -> str:
    """From a cell of the padding up and over to the one that it copies, where the arrow ends."""
    start, end = _middle(cell), _middle(source)
    peak = top - 2 * _rise(cell, source)  # a curve of this kind rises half as high as its handle
    lean = 3 if end > start else -3
    return (
        f'<path class="arc" d="M{start:g} {top:g}Q{(start + end) / 2:g} {peak:g} {end:g} {top - 1:g}" '
        f'fill="none" stroke="currentColor" stroke-width="1.3" opacity=".75"/>'
        f'<path d="M{end:g} {top:g}l{-lean - 2.5:g} -5h5z" fill="currentColor" opacity=".75"/>'
    )


def _cell(cell: int, top: float, text: str, *, own: bool, crossed: bool) -> str:
    x = LEFT + CELL * cell
    roles = palette()["roles"]
    parts = []
    if not own:
        parts.append(
            f'<rect x="{x}" y="{top:g}" width="{CELL}" height="{CELL}" '
            f'fill="{roles["padding"]}" opacity=".2"/>'
        )
        parts += [
            f'<path d="M{x + shift} {top + CELL:g}L{x + CELL} {top + shift:g}" '
            f'stroke="{roles["padding"]}" stroke-width="1"/>'
            for shift in (0, 7, 14)
        ]
    parts.append(
        f'<rect x="{x}" y="{top:g}" width="{CELL}" height="{CELL}" fill="none" '
        'stroke="currentColor" stroke-width="1" opacity=".7"/>'
    )
    if crossed:
        # Open in the middle, where the number stands.
        strokes = "".join(
            f"M{x + across * CELL + (1 - 2 * across) * 2:g} {top + down * CELL + (1 - 2 * down) * 2:g}"
            f"l{(1 - 2 * across) * 5} {(1 - 2 * down) * 5}"
            for across in (0, 1)
            for down in (0, 1)
        )
        parts.append(f'<path class="crossed" d="{strokes}" stroke="{roles["wrong"]}" stroke-width="2"/>')
    parts.append(_text(x + CELL / 2, top + CELL / 2, text, 11))
    return "".join(parts)


def _reading(position: int, cells: Sequence[int], y: float) -> str:
    """One position of the window: its number, a line over its span, a dot for every cell it reads."""
    roles = palette()["roles"]
    line = (
        f'<path d="M{_middle(cells[0]):g} {y:g}H{_middle(cells[-1]):g}" '
        f'stroke="{roles["window"]}" stroke-width="1.5" opacity=".6"/>'
    )
    dots = "".join(
        f'<circle class="read" cx="{_middle(cell):g}" cy="{y:g}" r="3.4" fill="{roles["window"]}"/>'
        for cell in cells
    )
    return line + dots + _text(LEFT - 9, y, str(position), 9, roles["output"])


def _text(x: float, y: float, text: str, size: float, colour: str = "currentColor") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}" text-anchor="middle" '
        f'dominant-baseline="central" font-family="inherit">{escape(text)}</text>'
    )
