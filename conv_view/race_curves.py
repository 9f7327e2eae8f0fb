"""A layer changed along one axis: what every engine costs or took at each point, and which one wins where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conv_core import WindowError
from conv_view.known_layers import ENGINES, Layer, Setup
from conv_view.race_costs import entries
from conv_view.race_run import Timing

AXES: dict[str, tuple[int, ...]] = {
    "kernel": tuple(range(1, 12)),
    "channels": (4, 8, 16, 32, 64, 128, 256, 512),
    "size": (14, 28, 56, 112, 224),
}
Values = Mapping[str, Sequence[float | None]]


def at(layer: Layer, axis: str, value: int) -> Layer:
    """Return the layer with another kernel size, number of channels (in and out) or picture size.

    A padding that kept the size keeps it, and a depthwise layer stays one.

    >>> at(Layer(3, 64, kernel=3, size=224, padding=1), "kernel", 5).padding
    2
    """
    if axis == "size":
        return replace(layer, size=value)
    if axis == "channels":
        groups = value if layer.is_depthwise else layer.groups
        return replace(layer, channels=value, outputs=value, groups=groups)
    if value == layer.kernel or not layer.keeps_size:
        return replace(layer, kernel=value)
    whole = layer.dilation * (value - 1)
    return replace(layer, kernel=value, padding="same" if whole % 2 else whole // 2)


def current(layer: Layer, axis: str) -> int | None:
    """Return the value at which the curve passes through the layer itself, if there is one."""
    if axis == "channels":
        return layer.channels if layer.channels == layer.outputs else None
    return layer.kernel if axis == "kernel" else layer.size


def counted(setup: Setup, axis: str, quantity: str) -> dict[str, list[float | None]]:
    """Return a quantity by formula at every point, engine by engine; None where an engine cannot.

    >>> layer = Layer(64, 64, kernel=3, size=56, padding=1)
    >>> counted(Setup(layer), "kernel", "multiplies")["im2col"][0] == 64 * 64 * 56**2
    True
    """
    points = []
    for value in AXES[axis]:
        try:
            points.append(entries(replace(setup, layer=at(setup.layer, axis, value))))
        except WindowError:
            points.append(())
    return {
        engine: [each[place].value(quantity) if each else None for each in points]
        for place, engine in enumerate(ENGINES)
    }


def timed(results: Mapping[tuple[int, str], Timing], axis: str) -> dict[str, list[float | None]]:
    """Return the measured seconds at every point, engine by engine; None where there are none yet."""
    return {
        engine: [
            results[value, engine].seconds if (value, engine) in results else None for value in AXES[axis]
        ]
        for engine in ENGINES
    }


@dataclass(frozen=True)
class Stretch:
    """Neighbouring points of a curve, from `first` to `last`, where the same engines win."""

    engines: tuple[str, ...]
    first: int
    last: int


def stretches(values: Values, points: Sequence[int], alike: float = 1.0) -> list[Stretch]:
    """Return who wins where: the least, and those whose value is at most `alike` times as much.

    Points without any value are passed over.

    >>> found = stretches({"im2col": [1, 4, 9], "fft": [8, 4, 2]}, (1, 3, 5))
    >>> [(each.engines, each.first, each.last) for each in found]
    [(('im2col',), 1, 1), (('im2col', 'fft'), 3, 3), (('fft',), 5, 5)]
    """
    found: list[Stretch] = []
    for place, point in enumerate(points):
        here: dict[str, Any] = {name: row[place] for name, row in values.items() if row[place] is not None}
        if not here:
            continue
        limit = min(here.values()) * alike
        winners = tuple(name for name, value in here.items() if value <= limit)
        if found and found[-1].engines == winners:
            found[-1] = replace(found[-1], last=point)
        else:
            found.append(Stretch(winners, point, point))
    return found


def never(values: Values, found: Sequence[Stretch]) -> tuple[str, ...]:
    """Return the engines that could have won and did nowhere.

    >>> values = {"im2col": [1, 1], "fft": [2, 2], "winograd": [None, None]}
    >>> never(values, stretches(values, (1, 2)))
    ('fft',)
    """
    won = {name for each in found for name in each.engines}
    return tuple(
        name for name, row in values.items() if name not in won and any(value is not None for value in row)
    )


def cannot(values: Values, points: Sequence[int]) -> dict[str, list[int]]:
    """Return for each engine the points where others have a value and it has none.

    >>> cannot({"im2col": [1, 1, None], "winograd": [1, None, None]}, (3, 9, 11))
    {'winograd': [9]}
    """
    some = [any(row[place] is not None for row in values.values()) for place in range(len(points))]
    missing = {
        name: [
            point for point, there, value in zip(points, some, row, strict=True) if there and value is None
        ]
        for name, row in values.items()
    }
    return {name: places for name, places in missing.items() if places}
