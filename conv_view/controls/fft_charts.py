"""Curves over the size of a kernel, named at their ends, in the app's own look."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from conv_view import figures
from conv_view.stage.bundle import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 340
TICKS = (1, 3, 5, 7, 9, 11, 15, 19, 23, 31)  # where a phone has room for them
_SIGNS = {"direct": "circle", "im2col": "square", "fft": "diamond", "cached": "diamond-open"}
_ROLES = {"direct": "window", "im2col": "copy", "fft": "output", "cached": "output"}

Curve = Sequence[tuple[int, float]]


def curves(
    lines: Mapping[str, Curve],
    names: Mapping[str, str],
    *,
    across: str,
    up: str,
    dark: bool,
    crossing: int | None = None,
    crossing_name: str = "",
    slowest: Mapping[str, Curve] | None = None,
) -> go.Figure:
    """Return curves (kernel size, value) with a logarithmic scale, each named beside its last point.

    `crossing` is the kernel size at which an upright line says `crossing_name`. From each value a thin bar
    goes up to the one of the `slowest` at the same size.

    >>> figure = curves({"fft": [(1, 10.0), (3, 20.0)]}, {"fft": "FFT"}, across="k", up="ops", dark=False)
    >>> figure.layout.annotations[0].text
    'FFT'
    """
    import plotly.graph_objects as go
    from numpy import log10

    figure = go.Figure()
    roles = palette()["roles"]
    ends = []
    for name, points in lines.items():
        if not points:
            continue
        colour, dash = roles[_ROLES[name]], "dot" if name == "cached" else "solid"
        sizes, values = zip(*points, strict=True)
        figure.add_scatter(
            x=sizes,
            y=values,
            mode="lines+markers",
            name=names[name],
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={"size": 6, "symbol": _SIGNS[name], "color": colour},
            hovertemplate=f"{names[name]}: %{{y:,.3~g}}<extra>{across} %{{x}}</extra>",
            error_y=_spread(points, (slowest or {}).get(name, ()), colour),
        )
        ends.append((float(log10(values[-1])), sizes[-1], names[name]))
    everything = [float(log10(value)) for points in lines.values() for _, value in points]
    low, high = min(everything), max(everything)
    room = (high - low or 1.0) * 0.09
    last = max(size for _, size, _ in ends)
    for at, (size, text) in _apart(ends, last, room):
        figure.add_annotation(
            x=size,
            y=at,
            text=text,
            showarrow=False,
            xanchor="left",
            xshift=9,
            align="left",
            font={"size": 13},
        )
    if crossing is not None:
        figure.add_vline(x=crossing, line={"color": roles["wrong"], "width": 1.5, "dash": "dash"})
        figure.add_annotation(
            x=crossing, y=high + room, text=crossing_name, showarrow=False, xanchor="left", xshift=6,
            font={"size": 12},
        )  # fmt: skip
    figure.update_layout(
        template=figures.template(dark),
        height=HEIGHT,
        margin={"l": 58, "r": 16 + 7 * max(map(_width, names.values())), "t": 14, "b": 44},
        xaxis={
            "title": {"text": across},
            "showgrid": False,
            "zeroline": False,
            "range": [0, last + 0.6],
            "tickvals": TICKS,
        },
        yaxis={
            "title": {"text": up},
            "type": "log",
            "range": [low - room, high + 3 * room],
            "dtick": 1,
            "zeroline": False,
            "tickformat": "~g",
        },
        hovermode="closest",
    )
    return figure


def _spread(points: Curve, slowest: Curve, colour: str) -> dict[str, object]:
    """Return the bars from the values up to the slowest ones."""
    known = dict(slowest)
    more = [max(0.0, known.get(size, value) - value) for size, value in points]
    return {"array": more, "arrayminus": [0] * len(more), "color": colour, "thickness": 1, "width": 3}


def _apart(
    ends: Sequence[tuple[float, int, str]], last: int, line: float
) -> list[tuple[float, tuple[int, str]]]:
    """Return where each name stands right of its end, clear of the ones below it; a line is `line` high."""
    placed: list[tuple[float, tuple[int, str]]] = []
    top = -math.inf
    for place, size, name in sorted(ends):
        text = _broken(name)
        half = line * (text.count("<br>") + 1) / 2
        at = max(place, top + half) if size == last else place
        top = at + half if size == last else top
        placed.append((at, (size, text)))
    return placed


def _broken(name: str) -> str:
    """Return a long name in two lines.

    >>> _broken("im2col"), _broken("FFT, kernels kept")
    ('im2col', 'FFT,<br>kernels kept')
    """
    return name.replace("（", "<br>（", 1) if "（" in name else name.replace(" ", "<br>", 1)


def _width(name: str) -> int:
    """Return how many letters wide a name is; Chinese characters are twice as wide."""
    return max(sum(1 if letter.isascii() else 2 for letter in part) for part in _broken(name).split("<br>"))
