"""Bars and curves of the page about Winograd's filtering, in the app's own look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, log10
from typing import TYPE_CHECKING, Any

from conv_view.figures import template
from conv_view.stage.bundle import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go

LINE, ROOM = 30, 46  # pixels of a bar with its gap, and of what stands above and below
NARROW = 0.07  # share of the width below which a part of a bar holds no label


def stacked(
    rows: Sequence[tuple[str, Sequence[tuple[str, float, str]]]], *, title: str, dark: bool
) -> go.Figure:
    """Return one bar a row (label, parts), each part (name, number, role), with both in the bar.

    >>> figure = stacked([("direct", [("sums", 17.0, "plain")])], title="Operations", dark=False)
    >>> figure.data[0].text
    ('sums 17',)
    """
    import plotly.graph_objects as go

    most = max(sum(number for _, number, _ in parts) for _, parts in rows)
    figure = go.Figure()
    for label, parts in reversed(rows):
        for name, number, role in parts:
            full = f"{name} {short(number)}"
            fits = number > NARROW * most * max(1.0, len(full) / 9)
            text = full if fits else (short(number) if number > NARROW * most else "")
            figure.add_bar(
                x=[number],
                y=[label],
                orientation="h",
                marker={"color": palette()["roles"][role], "line": {"width": 0}},
                text=[text],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                textfont={"color": ink(palette()["roles"][role])},
                hovertemplate=f"{name}: {short(number)}<extra></extra>",
            )
        whole = sum(number for _, number, _ in parts)
        figure.add_annotation(
            x=whole, y=label, text=f"<b>{short(whole)}</b>", showarrow=False, xanchor="left", xshift=5
        )
    figure.update_layout(
        template=template(dark),
        barmode="stack",
        title={"text": title},
        height=LINE * len(rows) + ROOM,
        margin={"t": 28, "l": 4, "r": 56, "b": 4},
        xaxis={"visible": False, "range": [0, most]},
        yaxis={"automargin": True, "tickfont": {"size": 13}},
        bargap=0.28,
        uniformtext={"minsize": 10, "mode": "hide"},
    )
    return figure


def curves(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float], str]],
    *,
    title: str,
    axis: str,
    dark: bool,
    ticks: Sequence[float],
    marks: Mapping[str, float] | None = None,
    log_x: bool = False,
    log_y: bool = False,
    height: int = 260,
) -> go.Figure:
    """Return curves (x, y, role), each with its name at its end; `marks` are level lines with a name.

    >>> figure = curves({"a": ([1, 2], [3, 4], "window")}, title="", axis="m", dark=True, ticks=[1, 2])
    >>> [each.text for each in figure.layout.annotations]
    ['a']
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    ends = _apart(
        [(name, _last(x, y)) for name, (x, y, _) in lines.items()], lines, marks or {}, log_y, height
    )
    for name, (x, y, role) in lines.items():
        colour = palette()["roles"][role]
        seen = [(a, b) for a, b in zip(x, y, strict=True) if isfinite(b)]
        figure.add_scatter(
            x=[a for a, _ in seen],
            y=[b for _, b in seen],
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={"color": colour, "size": 7},
            hovertemplate=f"{name}: %{{y:.3g}}<extra></extra>",
        )
        if not seen:
            continue
        at, level = seen[-1]
        figure.add_annotation(
            x=log10(at) if log_x else at,
            y=log10(level) if log_y else level,
            text=name,
            showarrow=False,
            xanchor="left",
            xshift=9,
            yshift=ends.get(name, 0),
        )
    for name, level in (marks or {}).items():
        figure.add_hline(y=level, line={"color": palette()["roles"]["plain"], "width": 1.5, "dash": "dash"})
        figure.add_annotation(
            x=1,
            xref="paper",
            y=log10(level) if log_y else level,
            text=name,
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
        )
    levels = [level for _, y, _ in lines.values() for level in y if isfinite(level) and level > 0]
    scale: dict[str, Any] = {"rangemode": "tozero"}
    if log_y:
        # Over few powers of ten the numbers between them are wanted too.
        dense = max(levels, default=1) < 1000 * min(levels, default=1)
        scale = {"type": "log", "dtick": "D2" if dense else 1, "exponentformat": "power"}
    first, last = (log10(tick) if log_x else tick for tick in (ticks[0], ticks[-1]))
    room = 0.04 * (last - first)
    figure.update_layout(
        template=template(dark),
        title={"text": title},
        height=height,
        margin={"t": 28, "l": 44, "r": 120, "b": 40},
        xaxis={
            "type": "log" if log_x else "linear",
            "tickvals": list(ticks),
            "ticktext": [str(tick) for tick in ticks],
            "title": {"text": axis},
            "showgrid": False,
            "tickangle": 0,
            # Set here: else the names at the ends of the curves would take their room from these.
            "range": [first - room, last + room],
        },
        yaxis=scale,
    )
    return figure


def short(number: float) -> str:
    """Return a number with the digits that help: two after the point below 10, one below 100, else none.

    >>> short(2.25), short(17.0), short(1152.04)
    ('2.25', '17', '1,152')
    """
    places = 2 if abs(number) < 10 else 1 if abs(number) < 100 else 0
    text = f"{number:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def ink(colour: str) -> str:
    """Return black or white, whichever can be read on a colour (WCAG's relative luminance).

    >>> ink("#0072B2"), ink("#E69F00")
    ('#ffffff', '#000000')
    """
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)
    ]
    light = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    return "#000000" if light > 0.179 else "#ffffff"


def _last(x: Sequence[float], y: Sequence[float]) -> float:
    return next((level for level in reversed(y) if isfinite(level)), 0.0)


def _apart(
    ends: Sequence[tuple[str, float]],
    lines: Mapping[str, tuple[Sequence[float], Sequence[float], str]],
    marks: Mapping[str, float],
    log_y: bool,
    height: int,
) -> dict[str, float]:
    """Return by how many pixels the names at the ends of curves move, so that they stand apart."""
    values = [level for _, y, _ in lines.values() for level in y if isfinite(level)] + list(marks.values())
    place = (lambda level: log10(max(level, 1e-12))) if log_y else (lambda level: level)
    low = min(map(place, values)) if log_y else 0.0
    reach = (max(map(place, values)) - low) or 1.0
    room = height - 68
    moved: dict[str, float] = {}
    lowest = float("-inf")
    for name, level in sorted(ends, key=lambda end: end[1]):
        at = (place(level) - low) / reach * room
        put = max(at, lowest + 15)
        moved[name], lowest = put - at, put
    return moved
