"""Bars of where the parameters and the multiplications of a network are, block by block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conv_view.digits import percent
from conv_view.figures import template
from conv_view.networks import Block, Net
from conv_view.stage.bundle import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go

LINE, ROOM = 25, 44  # pixels of a bar with its gap, and of what stands above them


def parts(net: Net) -> list[tuple[Block, int, int]]:
    """The blocks of a network that learn anything, with their parameters and multiplications.

    >>> from conv_view.networks import load
    >>> [block.label for block, *_ in parts(load("lenet5", "paper", 32))]
    ['C1', 'S2', 'C3', 'S4', 'C5', 'F6', 'output']
    """
    found = []
    for block in net.blocks:
        rows = net.of(block)
        learnt, macs = sum(row.parameters for row in rows), sum(row.macs for row in rows)
        if learnt or macs:
            found.append((block, learnt, macs))
    return found


def bars(
    rows: Sequence[tuple[str, int]], *, title: str, role: str, chosen: str, dark: bool, height: int
) -> go.Figure:
    """One bar a row (label, number), with the number and its share of all; the row `chosen` in full colour.

    >>> figure = bars([("fc6", 3), ("fc7", 1)], title="", role="kernel", chosen="fc6", dark=False, height=200)
    >>> figure.data[0].text
    ('1 · 25%', '3 · 75%')
    """
    import plotly.graph_objects as go

    whole = sum(number for _, number in rows) or 1
    rising = list(reversed(rows))
    most = max(number for _, number in rows)
    colour = palette()["roles"][role]
    figure = go.Figure(
        go.Bar(
            x=[number for _, number in rising],
            y=[label for label, _ in rising],
            orientation="h",
            marker={
                "color": colour,
                "opacity": [1.0 if label == chosen else 0.72 for label, _ in rising],
                "line": {"width": 0},
            },
            text=[f"{number:,} · {percent(number / whole)}" for _, number in rising],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    figure.update_layout(
        template=template(dark),
        title={"text": title},
        height=height,
        margin={"t": 30, "l": 4, "r": 4, "b": 4},
        xaxis={"visible": False, "range": [0, 1.62 * most], "fixedrange": True},
        yaxis={
            "automargin": True,
            "tickfont": {"size": 13},
            "ticksuffix": " ",
            "type": "category",
            "fixedrange": True,
        },
        bargap=0.28,
    )
    return figure


def bar_height(count: int) -> int:
    """The height of a chart with so many bars."""
    return LINE * count + ROOM
