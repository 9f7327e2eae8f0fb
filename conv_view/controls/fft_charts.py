"""Curves over the size of a kernel, named at their ends, in the app's own look."""

from __future__ import annotations

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
) -> go.Figure:
    """Return curves (kernel size, value) with a logarithmic scale, each named beside its last point.

    `crossing` is the kernel size at which an upright line says `crossing_name`.

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
        )
        ends.append((float(log10(values[-1])), sizes[-1], names[name]))
    everything = [float(log10(value)) for points in lines.values() for _, value in points]
    low, high = min(everything), max(everything)
    room = (high - low or 1.0) * 0.09
    ends.sort()
    for (place, size, text), higher in zip(ends, [*ends[1:], None], strict=True):
        # Above its line, or below it where another line runs just above.
        below = higher is not None and higher[0] - place < 2 * room
        figure.add_annotation(
            x=size, y=place, text=text, showarrow=False, xanchor="right", xshift=6,
            yshift=-6 if below else 6, yanchor="top" if below else "bottom", font={"size": 13},
        )  # fmt: skip
    if crossing is not None:
        figure.add_vline(x=crossing, line={"color": roles["wrong"], "width": 1.5, "dash": "dash"})
        figure.add_annotation(
            x=crossing, y=high + room, text=crossing_name, showarrow=False, xanchor="left", xshift=6,
            font={"size": 12},
        )  # fmt: skip
    figure.update_layout(
        template=figures.template(dark),
        height=HEIGHT,
        margin={"l": 58, "r": 12, "t": 14, "b": 44},
        xaxis={
            "title": {"text": across},
            "showgrid": False,
            "zeroline": False,
            "range": [0, 1 + max(size for points in lines.values() for size, _ in points)],
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
