"""Plotly figures in the app's own look, in both themes; Plotly is imported when the first one is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from conv_view.pictures import averaged
from conv_view.stage.bundle import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: No bar of tools; a wheel scrolls the page, as everywhere.
CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "responsive": True}
#: More cells along an axis make a surface no clearer at the size it has on a page, only slower.
LONGEST = 28
#: From where a volume is seen at first, as Plotly has it: in units of the volume's own size.
EYE = (1.35, -1.7, 1.0)
FONT = '"Source Sans", "Source Sans 3", "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", sans-serif'

# The text and line colours of .streamlit/config.toml; what a surface is made of comes from the palette.
_INK = {False: "#151412", True: "#E8E6E1"}
_QUIET = {False: "#5F5C55", True: "#A9A69F"}
_LINES = {False: "#D8D4CA", True: "#3A3E45"}
_STONE = {False: "#A19D94", True: "#B4B1AA"}
_STEPS = 32_000  # between zero and the largest value
# From the left, a little to the front; Plotly takes a height other than 0 for a light from below.
_LIGHT = {"x": -20_000, "y": -100_000, "z": 0}
_LIGHTING = {"ambient": 0.5, "diffuse": 0.8, "specular": 0.08, "roughness": 0.9, "fresnel": 0.0}


@cache
def template(dark: bool) -> go.layout.Template:
    """Return the look of every figure: no background of its own, small margins, the page's font and colours.

    >>> template(True).layout.paper_bgcolor
    'rgba(0,0,0,0)'
    """
    import plotly.graph_objects as go

    axis = {
        "color": _QUIET[dark],
        "gridcolor": _LINES[dark],
        "linecolor": _LINES[dark],
        "zerolinecolor": _LINES[dark],
        "tickfont": {"size": 12},
        "title": {"font": {"size": 12}},
    }
    solid = axis | {"showbackground": False, "showspikes": False}
    return go.layout.Template(
        layout={
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 12, "color": _INK[dark]},
            "title": {
                "font": {"size": 13},
                "x": 0,
                "xanchor": "left",
                "y": 1,
                "yanchor": "top",
                "pad": {"t": 4},
            },
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "colorway": [
                palette()["roles"][role] for role in ("window", "kernel", "output", "gradient", "copy")
            ],
            "showlegend": False,
            "xaxis": axis,
            "yaxis": axis,
            "scene": {"xaxis": solid, "yaxis": solid, "zaxis": solid},
        }
    )


def reduced(values: NDArray[Any], longest: int = LONGEST) -> NDArray[np.float64]:
    """Return a volume whose axes are at most `longest` cells, every cell the mean of what it covers.

    >>> reduced(np.arange(8.0).reshape(2, 2, 2), longest=1).tolist()
    [[[3.5]]]
    """
    small = np.asarray(values, np.float64)
    for axis, size in enumerate(small.shape):
        if size > longest:
            small = np.moveaxis(averaged(np.moveaxis(small, axis, 0), longest), 0, axis)
    return small


def solid(
    values: NDArray[Any],
    *,
    level: float,
    title: str,
    axes: Mapping[str, str],
    dark: bool,
    height: int,
    eye: tuple[float, ...] = EYE,
) -> go.Figure:
    """Return the surface where a volume (D, H, W) has `level` times its largest value, 0 < level < 1.

    A volume with negative values has a second surface where it has as much below zero, in the colours of
    the diverging scale. z points up, y towards the reader; `eye` is where it is seen from. In `title` the
    place {value} takes the values of the surfaces, and `axes` names the axes x, y and z.

    >>> grows = np.arange(-4.0, 4.0).reshape(2, 2, 2)
    >>> names = {"x": "width", "y": "height", "z": "depth"}
    >>> figure = solid(grows, level=0.5, title="Result at {value}", axes=names, dark=False, height=200)
    >>> figure.layout.title.text
    'Result at −2, 2'
    """
    import plotly.graph_objects as go

    small = reduced(values)
    finite = np.where(np.isfinite(small), small, 0.0)
    reach = float(np.abs(finite).max()) or 1.0
    signed = bool((finite < 0).any())
    low, _, high = palette()["diverging"]["dark" if dark else "light"]
    # Positions as whole numbers of one byte and values of two: a fraction of the text that floats would be.
    z, y, x = (grid.ravel() for grid in np.indices(finite.shape, np.uint8))
    heights = np.rint(finite.ravel() * (_STEPS / reach)).astype(np.int16)
    signs = ((1, high), (-1, low)) if signed else ((1, _STONE[dark]),)
    at = np.format_float_positional(level * reach, precision=3, fractional=False, trim="-")
    surfaces = [
        go.Isosurface(
            name=title.format(value=at if sign > 0 else f"−{at}"),
            x=x,
            y=y,
            z=z,
            value=sign * heights,
            isomin=_STEPS * level,
            isomax=_STEPS,
            surface={"count": 2},
            caps={axis: {"show": False} for axis in ("x", "y", "z")},
            colorscale=[[0, colour], [1, colour]],
            showscale=False,
            lighting=_LIGHTING,
            lightposition=_LIGHT,
            hoverinfo="skip",
        )
        for sign, colour in signs
    ]
    figure = go.Figure(surfaces)
    figure.update_layout(
        template=template(dark),
        title={"text": title.format(value=f"−{at}, {at}" if signed else at)},
        height=height,
        scene={
            "camera": {
                "eye": dict(zip("xyz", eye, strict=True)),
                "center": {"x": 0, "y": 0, "z": -0.1},
            },
            "aspectmode": "manual",
            "aspectratio": _proportions(values.shape),
            **{
                f"{axis}axis": _axis(axes[axis], size, cells, reverse=axis == "y")
                for axis, size, cells in zip(
                    "xyz", reversed(values.shape), reversed(finite.shape), strict=True
                )
            },
        },
    )
    return figure


def _proportions(shape: tuple[int, ...]) -> dict[str, float]:
    """Return how long the axes are drawn: as the volume is, but none so thin that nothing could be seen."""
    longest = max(shape)
    return {axis: max(0.25, size / longest) for axis, size in zip("xyz", reversed(shape), strict=True)}


def _axis(name: str, size: int, cells: int, *, reverse: bool) -> dict[str, Any]:
    """Return an axis over `cells` cells that stand for `size`, labelled at both ends and in the middle."""
    ticks = sorted({0, size // 2, size - 1})
    span = [-0.5, cells - 0.5]
    return {
        "title": {"text": name},
        "range": span[::-1] if reverse else span,
        "tickvals": [(tick + 0.5) * cells / size - 0.5 for tick in ticks],
        "ticktext": [str(tick) for tick in ticks],
    }
