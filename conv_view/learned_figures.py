"""The losses of several learning rates over each other, and where each of them ends."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from conv_core import Trail
from conv_view import figures
from conv_view.stage.bundle import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 330
LETTER = 7  # pixels of a letter of a name
WIDE, MOST_TICKS = 2.5, 5  # powers of ten from which on only they have ticks, and how many of them
FLOOR = 1e-9  # of the first loss: what is below is rounding


def losses(trails: Mapping[str, Trail], own: str, *, across: str, up: str, dark: bool) -> go.Figure:
    """Return the losses by step, logarithmic, each trail named at its end; `own` is the one on the stage."""
    import plotly.graph_objects as go

    figure, roles = go.Figure(), palette()["roles"]
    start = next(iter(trails.values())).losses[0]
    ends = []
    for name, trail in trails.items():
        grows = trail.losses[-1] > trail.losses[0]
        role = "wrong" if grows else "output" if name == own else "window"
        values = np.clip(trail.losses / start, FLOOR, 1e4)
        figure.add_scatter(
            x=list(range(len(values))),
            y=values.tolist(),
            mode="lines",
            name=name,
            line={"color": roles[role], "width": 3 if name == own else 1.6},
            hovertemplate=f"{name}: %{{y:.3~g}}<extra>{across} %{{x}}</extra>",
        )
        ends.append((float(np.log10(values[-1])), len(values) - 1, name, roles[role]))
    _name_ends(figure, ends, 0.55)
    last = max(len(trail) for trail in trails.values())
    figure.update_layout(
        template=figures.template(dark),
        height=HEIGHT,
        margin={"l": 58, "r": max(66, 16 + LETTER * len(own)), "t": 14, "b": 44},
        xaxis={"title": {"text": across}, "showgrid": False, "zeroline": False, "range": [0, last]},
        yaxis={
            "title": {"text": up},
            "type": "log",
            "dtick": 2,
            "zeroline": False,
            "exponentformat": "power",
        },
        hovermode="closest",
    )
    return figure


def by_rate(
    trails: Mapping[str, Trail], own: str, largest: float, *, across: str, up: str, bound: str, dark: bool
) -> go.Figure:
    """Return the last loss by learning rate, both logarithmic, with the largest rate marked."""
    import plotly.graph_objects as go

    figure, roles = go.Figure(), palette()["roles"]
    ordered = sorted(trails.items(), key=lambda each: each[1].lr)
    rates = [trail.lr for _, trail in ordered]
    values = [float(np.clip(trail.losses[-1] / trail.losses[0], FLOOR, 1e6)) for _, trail in ordered]
    ticks = _ticks(rates)
    colours = [roles["wrong" if value > 1 else "window"] for value in values]
    figure.add_scatter(
        x=rates, y=values, mode="lines+markers", line={"color": roles["window"], "width": 1.6},
        marker={"size": [12 if name == own else 8 for name, _ in ordered], "color": colours, "opacity": 1},
        hovertemplate=f"{across} %{{x:.3~g}}<extra>%{{y:.3~g}}</extra>",
    )  # fmt: skip
    figure.add_vline(x=largest, line={"color": roles["wrong"], "width": 1.5, "dash": "dash"})
    figure.add_annotation(
        x=float(np.log10(largest)), y=0, yref="paper", text=bound, showarrow=False, xanchor="right",
        yanchor="bottom", xshift=-6, font={"size": 12},
    )  # fmt: skip
    figure.update_layout(
        template=figures.template(dark),
        height=HEIGHT,
        margin={"l": 58, "r": 16, "t": 14, "b": 44},
        xaxis={
            "title": {"text": across},
            "type": "log",
            "dtick": ticks,
            **_numbers(ticks),
            "showgrid": False,
            "zeroline": False,
        },
        yaxis={
            "title": {"text": up},
            "type": "log",
            "dtick": 2,
            "zeroline": False,
            "exponentformat": "power",
        },
        hovermode="closest",
    )
    return figure


def _ticks(rates: list[float]) -> str | int:
    """Return how far apart the ticks of rates are: at 1, 2 and 5, or over many powers of ten at few of these.

    >>> _ticks([0.01, 0.1]), _ticks([1e-4, 0.1]), _ticks([1e-9, 0.1])
    ('D2', 1, 2)
    """
    positive = [rate for rate in rates if rate > 0]
    decades = np.log10(max(positive) / min(positive)) if positive else 0.0
    return "D2" if decades < WIDE else max(1, ceil(decades / MOST_TICKS))


def _numbers(ticks: str | int) -> dict[str, str]:
    """Return how the ticks of rates are written: as decimals, or far apart as powers of ten."""
    return {"tickformat": "~g"} if ticks == "D2" else {"exponentformat": "power"}


def _name_ends(figure: go.Figure, ends: list[tuple[float, int, str, str]], line: float) -> None:
    """Write each name beside its end, those at one place below each other."""
    placed: list[tuple[float, int]] = []
    for at, last, name, colour in sorted(ends, key=lambda each: -each[0]):
        while any(abs(at - other) < line and abs(last - step) < 8 for other, step in placed):
            at -= line / 4
        placed.append((at, last))
        figure.add_annotation(
            x=last, y=at, text=name, showarrow=False, xanchor="left", xshift=6,
            font={"size": 12, "color": colour},
        )  # fmt: skip
