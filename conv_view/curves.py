"""Small pictures as SVG, without any library: the curve of a function with its values, and histograms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from conv_view.digits import written
from conv_view.stage.bundle import palette

WIDTH, HEIGHT = 320, 210
LEFT, RIGHT, TOP, BOTTOM = 36, 12, 16, 26
POINTS = 161  # of a curve
BINS = 32


def curve(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    derivative: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    values: NDArray[np.floating],
    point: float,
    *,
    label: str,
    names: tuple[str, str],
) -> str:
    """Return a function over the range of `values`, its derivative dashed, where the values lie, and a point.

    `label` says what it is to those who hear it, `names` are written on the two curves.

    >>> values = np.array([-2.0, 1.0])
    >>> svg = curve(np.tanh, lambda x: 1 - np.tanh(x) ** 2, values, 0.5, label="tanh", names=("f", "f′"))
    >>> svg.count("<circle"), "tanh" in svg
    (1, True)
    """
    finite = values[np.isfinite(values)]
    reach = max(float(np.abs(finite).max()) if finite.size else 1.0, 1e-6) * 1.06
    x = np.linspace(-reach, reach, POINTS)
    y, slope = function(x), derivative(x)
    low, high = min(0.0, float(y.min())), max(float(y.max()), float(slope.max()), 1e-9)
    frame = _Frame((-reach, reach), (low - 0.04 * (high - low), high))
    roles = palette()["roles"]
    parts = [_bars(frame, finite, roles["plain"])]
    parts += [frame.line([(-reach, 0), (reach, 0)], "currentColor", 1, 0.45)]
    parts += [frame.line([(0, low), (0, high)], "currentColor", 1, 0.45)]
    parts.append(frame.line(list(zip(x, slope, strict=True)), roles["gradient"], 2, 1, dashed=True))
    parts.append(frame.line(list(zip(x, y, strict=True)), roles["output"], 2.5, 1))
    if isfinite(point):
        at = float(function(np.array([point]))[0])
        parts.append(frame.line([(point, 0), (point, at), (0, at)], roles["copy"], 1.5, 1))
        parts.append(
            f'<circle cx="{frame.x(point):.1f}" cy="{frame.y(at):.1f}" r="5" fill="{roles["output"]}" '
            'stroke="currentColor" stroke-width="1.5"/>'
        )
    parts += [
        frame.text(-reach, None, written(-reach, 3), "start"),
        frame.text(0, None, "0", "middle"),
        frame.text(reach, None, written(reach, 3), "end"),
        frame.text(None, high, written(high, 3), "end"),
    ]
    if low < 0:
        parts.append(frame.text(None, low, written(low, 3), "end"))
    parts.append(_key(names, (roles["output"], roles["gradient"])))
    return _svg(parts, label)


def histogram(values: NDArray[np.floating], role: str, *, label: str) -> str:
    """Return how often the values lie where, with the least and the greatest of them and a line at zero.

    >>> histogram(np.arange(8.0), "output", label="eight values").count("<rect") > 4
    True
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    if not finite.size:
        finite = np.zeros(1)
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    frame = _Frame((low, high), (0, 1), height=120)
    parts = [_bars(frame, finite, palette()["roles"][role], 0.85)]
    parts.append(frame.line([(low, 0), (high, 0)], "currentColor", 1, 0.45))
    if low < 0 < high:
        parts.append(frame.line([(0, 0), (0, 1)], "currentColor", 1, 0.45))
        parts.append(frame.text(0, None, "0", "middle"))
    parts.append(frame.text(low, None, written(float(finite.min()), 3), "start"))
    parts.append(frame.text(high, None, written(float(finite.max()), 3), "end"))
    return _svg(parts, label, height=120)


class _Frame:
    """Where numbers lie on the picture."""

    def __init__(self, across: tuple[float, float], up: tuple[float, float], *, height: int = HEIGHT) -> None:
        self.across, self.up, self.height = across, up, height

    def x(self, value: float) -> float:
        low, high = self.across
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        low, high = self.up
        return self.height - BOTTOM - (value - low) / (high - low) * (self.height - TOP - BOTTOM)

    def line(
        self,
        points: Sequence[tuple[float, float]],
        colour: str,
        width: float,
        opacity: float,
        *,
        dashed: bool = False,
    ) -> str:
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        return (
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}" '
            f'opacity="{opacity}"{dash}/>'
        )

    def text(self, x: float | None, y: float | None, text: str, anchor: str) -> str:
        """Return a number below the picture (at x) or left of it (at y)."""
        across = LEFT - 4 if x is None else self.x(x)
        down = self.height - BOTTOM + 16 if y is None else self.y(y) + 4
        return (
            f'<text x="{across:.1f}" y="{down:.1f}" font-size="11" text-anchor="{anchor}" '
            f'fill="currentColor" opacity="0.8">{escape(text.replace("-", "−"))}</text>'
        )


def _bars(frame: _Frame, values: NDArray[np.floating], colour: str, opacity: float = 0.35) -> str:
    """Return the histogram of values over the width of a frame, its highest bar as high as the frame."""
    counts, edges = np.histogram(values, bins=BINS, range=frame.across)
    floor_, most = frame.height - BOTTOM, max(int(counts.max()), 1)
    room = floor_ - TOP
    return "".join(
        f'<rect x="{frame.x(left):.1f}" y="{floor_ - room * count / most:.1f}" '
        f'width="{(WIDTH - LEFT - RIGHT) / BINS - 0.8:.1f}" height="{room * count / most:.1f}" '
        f'fill="{colour}" opacity="{opacity}"/>'
        for count, left in zip(counts.tolist(), edges.tolist(), strict=False)
        if count
    )


def _key(names: Sequence[str], colours: Sequence[str]) -> str:
    """Return what the curves are called, in one line above them, each after a stroke in its colour."""
    parts = [
        f'<tspan fill="{colour}">{stroke}</tspan> {escape(name)}&#160;&#160; '
        for name, colour, stroke in zip(names, colours, ("━━", "╍╍"), strict=True)
    ]
    return f'<text x="{LEFT}" y="{TOP - 5}" font-size="12" fill="currentColor">{"".join(parts)}</text>'


def _svg(parts: Sequence[str], label: str, height: int = HEIGHT) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}" '
        'style="width:100%;max-width:420px;height:auto;display:block;font-variant-numeric:tabular-nums">'
        f"{''.join(parts)}</svg>"
    )
