"""Curves of training and held-out accuracy: of a recorded training, and of one that grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conv_view import figures
from conv_view.sharing_facts import Curve, points, share
from conv_view.stage.bundle import palette
from conv_view.text import Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT, LIVE_HEIGHT, TITLE = 260, 300, 30
FLOOR = 0.7
"""Where the recorded curves are cut off: what happens in the first hundred steps is not their matter."""

ROLES = {"training": "kernel", "held_out": "output"}
INK = {"kernel": ("#8A5A00", "#E69F00"), "output": ("#00704F", "#2CC295")}
"""The roles' colours as letters: on light paper, and on dark."""

LINE = 15  # pixels of a line of letters


def recorded(words: Words, curve: Curve, *, dark: bool) -> go.Figure:
    """Both accuracies of a recorded training over its steps, and the gap between them at its end."""
    figure = _empty(words, dark, HEIGHT, (FLOOR, 1.012), curve.last.step)
    # On a phone the charts stand far below the networks' names.
    figure.update_layout(title={"text": words[f"sharing.kinds.{curve.kind}"]}, margin={"t": TITLE})
    last = curve.last
    _lines(figure, words, curve, width=2.6)
    figure.add_shape(
        type="line", x0=last.step, x1=last.step, y0=last.held_out, y1=last.training,
        line={"color": palette()["roles"]["plain"], "width": 1.5, "dash": "dot"},
    )  # fmt: skip
    ends = [
        (last.training, words.say("sharing.chart.training", share=share(last.training)), "training"),
        (
            (last.training + last.held_out) / 2,
            words.say("sharing.chart.gap", points=points(last.gap)),
            "",
        ),
        (last.held_out, words.say("sharing.chart.held_out", share=share(last.held_out)), "held_out"),
    ]
    _name_ends(figure, ends, last.step, dark, (1.012 - FLOOR) / (HEIGHT - TITLE - 40) * LINE)
    return figure


def live(
    words: Words, curve: Curve, steps: int, others: Sequence[tuple[str, Curve]], *, dark: bool
) -> go.Figure:
    """A training as far as it has come, over thin held-out curves to compare it with, each with its name."""
    figure = _empty(words, dark, LIVE_HEIGHT, (0, 1.02), steps)
    figure.update_layout(margin={"r": 168})
    ends: dict[int, list[tuple[float, str, str]]] = {}
    for label, other in others:
        inside = [each for each in other.points if each.step <= steps]
        if not inside:
            continue
        figure.add_scatter(
            x=[each.step for each in inside],
            y=[each.held_out for each in inside],
            mode="lines+markers" if len(inside) > 8 else "markers",
            line={"color": palette()["roles"]["plain"], "width": 1.4},
            marker={"size": 3 if len(inside) > 8 else 8},
            name=label,
            cliponaxis=False,
            hovertemplate=f"{label}: %{{y:.2%}}<extra></extra>",
        )
        ends.setdefault(inside[-1].step, []).append((inside[-1].held_out, label, ""))
    if curve.points:
        _lines(figure, words, curve, width=3)
        last = curve.last
        for part, value in (("training", last.training), ("held_out", last.held_out)):
            text = words.say(f"sharing.chart.{part}", share=share(value))
            ends.setdefault(last.step, []).append((value, text, part))
    for step, names in ends.items():
        _name_ends(figure, names, step, dark, 1.02 / (LIVE_HEIGHT - 50) * LINE)
    return figure


def _empty(words: Words, dark: bool, height: int, up: tuple[float, float], last: int) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.update_layout(
        template=figures.template(dark),
        height=height,
        margin={"l": 40, "r": 122, "t": 10, "b": 40},
        xaxis={
            "title": {"text": words["sharing.chart.steps"]},
            "range": [0, last],
            "nticks": 5,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={
            "range": list(up),
            "tickformat": ".0%",
            "nticks": 6,
            "zeroline": False,
            "fixedrange": True,
        },
        hovermode="x unified",
    )
    return figure


def _lines(figure: go.Figure, words: Words, curve: Curve, *, width: float) -> None:
    for part, dash in (("training", "dash"), ("held_out", "solid")):
        label = words[f"sharing.chart.{part}_alone"]
        figure.add_scatter(
            x=[each.step for each in curve.points],
            y=[getattr(each, part) for each in curve.points],
            mode="lines",
            name=label,
            line={"color": palette()["roles"][ROLES[part]], "width": width, "dash": dash},
            hovertemplate=f"{label}: %{{y:.2%}}<extra></extra>",
        )


def _name_ends(
    figure: go.Figure, ends: Sequence[tuple[float, str, str]], step: int, dark: bool, line: float
) -> None:
    """Write each name beside its end, those that would touch below each other."""
    above = float("inf")
    for value, text, part in sorted(ends, key=lambda end: -end[0]):
        at = above = min(value, above - line)
        font = {"size": 12} | ({"color": INK[ROLES[part]][dark]} if part else {})
        figure.add_annotation(
            x=step, y=at, text=f"<b>{text}</b>" if part else text, showarrow=False, xanchor="left",
            yanchor="middle", xshift=6, font=font,
        )  # fmt: skip
