"""Curves of the engines on a logarithmic scale, labelled at their ends; plain HTML that grows with the page.

The lines are a picture that is stretched to the width there is; the letters stand beside it and keep their
size.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Collection, Sequence
from html import escape
from math import ceil, floor, log10

from conv_view.digits import RAISED
from conv_view.race_bars import colour
from conv_view.race_curves import Values
from conv_view.race_phrases import name
from conv_view.text import Words

HEIGHT = 304
"""The chart's height in pixels, 19rem, of which the labels' distances are shares."""

APART = 17 / HEIGHT * 100
Said = Callable[[float], str]


def chart(
    words: Words,
    values: Values,
    points: Sequence[str],
    *,
    label: str,
    said: Said,
    tick: Said,
    here: int | None = None,
    empty: str = "",
    rough: Collection[tuple[str, int]] = (),
) -> str:
    """Return a chart of some engines' values at `points`; None is a gap.

    `said` writes a value, `tick` one of the axis, `label` says what the chart is to those who hear it; `here`
    is the point of the layer itself. Where there are no values at all it says `empty`. The values of `rough`
    (an engine and the place of a point) are no measurements: their marks are open, and they read as "≈".
    """
    known = [value for row in values.values() for value in row if value]
    if not known:
        return f'<div class="race-chart"><div class="race-nothing">{escape(empty)}</div></div>'
    frame = _Frame(min(known), max(known), len(points))
    parts = [
        f'<div class="race-chart" role="img" aria-label="{escape(label, quote=True)}"><div class="race-plot">'
    ]
    parts += [f'<div class="race-grid" style="top:{frame.y(value):.2f}%"></div>' for value in frame.ticks]
    if here is not None:
        parts.append(f'<div class="race-at" style="left:{frame.x(here):.2f}%"></div>')
    shown = {engine: row for engine, row in values.items() if any(row)}
    parts.append(_picture(shown, frame))
    parts += [
        f'<span class="race-y" style="top:{frame.y(value):.2f}%">{escape(tick(value))}</span>'
        for value in frame.ticks
    ]
    for place, text in enumerate(points):
        odd = " race-odd" if place % 2 else ""
        parts.append(f'<span class="race-x{odd}" style="left:{frame.x(place):.2f}%">{escape(text)}</span>')
    if here is not None:
        parts.append(
            f'<span class="race-here" style="left:{frame.x(here):.2f}%">{words["race.curves.here"]}</span>'
        )
    for engine, row in shown.items():
        for place, value in enumerate(row):
            if value:
                kind = "race-dot race-rough" if (engine, place) in rough else "race-dot"
                where = f"left:{frame.x(place):.2f}%;top:{frame.y(value):.2f}%"
                parts.append(f'<i class="{kind}" style="{where};--race:{colour(engine)}"></i>')
    parts += _labels(words, shown, frame)
    parts += [_hit(words, shown, text, place, frame, said, rough) for place, text in enumerate(points)]
    parts.append("</div></div>")
    return "".join(parts)


def power(value: float) -> str:
    """Return a power of ten as such.

    >>> power(1e9), power(0.001)
    ('10⁹', '10⁻³')
    """
    return f"10{str(round(log10(value))).translate(RAISED)}"


class _Frame:
    """Where values and points lie, in per cent of the chart."""

    def __init__(self, low: float, high: float, count: int) -> None:
        self.low, self.high = floor(log10(low)), max(ceil(log10(high)), floor(log10(low)) + 1)
        self.count = count
        self.ticks = [10.0**exponent for exponent in range(self.low, self.high + 1)]

    def x(self, place: int) -> float:
        return 100 * (place + 0.5) / self.count

    def y(self, value: float) -> float:
        return 100 * (self.high - log10(value)) / (self.high - self.low)


def _runs(row: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Return the stretches of a row without gaps."""
    runs: list[list[tuple[int, float]]] = [[]]
    for place, value in enumerate(row):
        if value:
            runs[-1].append((place, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _picture(shown: Values, frame: _Frame) -> str:
    """Return the lines, as a picture: a page may have no SVG of its own through `st.html`."""
    lines = []
    for at, (engine, row) in enumerate(shown.items()):
        # Of two that coincide the second is dashed, and both are seen.
        hidden = any(list(row) == list(other) for other in list(shown.values())[:at])
        for run in _runs(row):
            path = " ".join(f"{frame.x(place):.2f},{frame.y(value):.2f}" for place, value in run)
            dash = ' stroke-dasharray="7 7"' if hidden else ""
            lines.append(
                f'<polyline points="{path}" fill="none" stroke="{colour(engine)}" stroke-width="2.5" '
                f'stroke-linejoin="round" vector-effect="non-scaling-stroke"{dash}/>'
            )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="100" height="100" '
        f'preserveAspectRatio="none">{"".join(lines)}</svg>'
    )
    return f'<img alt="" src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}">'


def _labels(words: Words, shown: Values, frame: _Frame) -> list[str]:
    """Return the engines' names where their lines end, moved apart where they would cover each other."""
    ends: list[tuple[float, str]] = []
    for engine, row in shown.items():
        last = next(value for value in reversed(row) if value)
        ends.append((frame.y(last), engine))
    ends.sort()
    tops: list[float] = []
    for top, _ in ends:
        tops.append(max(top, tops[-1] + APART) if tops else top)
    over = max(0.0, tops[-1] - 100)
    for at in range(len(tops) - 1, -1, -1):  # back up from the lower edge
        limit = 100.0 if at == len(tops) - 1 else tops[at + 1] - APART
        tops[at] = min(tops[at], limit) if over else tops[at]
    return [
        f'<span class="race-label" style="top:{top:.2f}%;--race:{colour(engine)}">'
        f"{escape(name(words, engine))}</span>"
        for top, (_, engine) in zip(tops, ends, strict=True)
    ]


def _hit(
    words: Words,
    shown: Values,
    text: str,
    place: int,
    frame: _Frame,
    said: Said,
    rough: Collection[tuple[str, int]],
) -> str:
    """Return the strip over a point that shows its values to who points at it."""
    rows = sorted(
        ((row[place], engine) for engine, row in shown.items() if row[place]),
        key=lambda pair: -(pair[0] or 0),
    )
    about = {engine: "≈ " if (engine, place) in rough else "" for engine in shown}
    lines = [text]
    lines += [f"{name(words, engine)}  {about[engine]}{said(value)}" for value, engine in rows if value]
    side = " race-first" if place < frame.count / 4 else " race-last" if place >= 3 * frame.count / 4 else ""
    return (
        f'<div class="race-hit{side}" tabindex="0" style="left:{100 * place / frame.count:.2f}%;'
        f'width:{100 / frame.count:.2f}%"><span>{escape(chr(10).join(lines))}</span></div>'
    )
