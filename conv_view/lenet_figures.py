"""The loss of a training, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conv_view import figures
from conv_view.stage.bundle import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 260


def losses(values: Sequence[float], *, across: str, up: str, dark: bool) -> go.Figure:
    """Return the loss of every epoch, on a logarithmic axis."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=list(range(1, len(values) + 1)),
        y=list(values),
        mode="lines",
        line={"color": palette()["roles"]["output"], "width": 2.5},
        hovertemplate=f"%{{y:.4~g}}<extra>{across} %{{x}}</extra>",
    )
    figure.update_layout(
        template=figures.template(dark),
        height=HEIGHT,
        margin={"l": 58, "r": 20, "t": 14, "b": 44},
        xaxis={"title": {"text": across}, "showgrid": False, "zeroline": False},
        yaxis={
            "title": {"text": up},
            "type": "log",
            "zeroline": False,
            "tickvals": [leading * 10.0**power for power in range(-4, 2) for leading in (1, 2, 5)],
        },
        showlegend=False,
    )
    return figure
