"""What each engine costs on a layer, by formula: operations and their parts, memory, who cannot do it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conv_core import Cost, Window, WindowError, conv_cost, fft_parts, winograd_parts
from conv_core.methods import choose
from conv_core.methods.winograd import outputs_of
from conv_core.plan import geometry
from conv_core.traffic import Traffic, conv_traffic, fft_tiles
from conv_view.known_layers import ENGINES, Layer, Setup, output_size

PARTS = ("data", "kernel", "products", "inverse")
QUANTITIES = ("multiplies", "adds", "traffic", "workspace")
"""What can be told by formula as a whole number; the less of it the better."""


@dataclass(frozen=True)
class Entry:
    """One engine on a layer: what it costs, or the error that says why it cannot.

    `tile` is the length of the tiles: outputs along each axis of Winograd's, transforms of FFT's. `parts`
    holds the operations (multiplications, additions) of its parts; the others have none.
    """

    engine: str
    cost: Cost | None = None
    traffic: Traffic | None = None
    tile: tuple[int, ...] = ()
    parts: tuple[tuple[int, int], ...] = ()
    fault: WindowError | None = None

    def value(self, quantity: str) -> int | None:
        """One of `QUANTITIES`; None where the engine cannot."""
        if self.cost is None or self.traffic is None:
            return None
        return self.traffic.total if quantity == "traffic" else int(getattr(self.cost, quantity))

    @property
    def intensity(self) -> float | None:
        """Operations per byte moved; None where the engine cannot."""
        if self.cost is None or self.traffic is None:
            return None
        return (self.cost.multiplies + self.cost.adds) / self.traffic.total

    @property
    def transform_share(self) -> float:
        """What part of all operations are transforms; 0 where there are none."""
        if not self.parts:
            return 0.0
        totals = [sum(part) for part in self.parts]
        return 1 - totals[PARTS.index("products")] / sum(totals)

    def part_share(self, part: str) -> float:
        """What part of all operations one of `PARTS` is; 0 where there are none."""
        if not self.parts:
            return 0.0
        totals = [sum(each) for each in self.parts]
        return totals[PARTS.index(part)] / sum(totals)


@lru_cache(maxsize=512)
def entries(setup: Setup) -> tuple[Entry, ...]:
    """Return what every engine costs, in the order of ENGINES; raises WindowError where no engine can.

    >>> direct, im2col, winograd, fft = entries(Setup(Layer(3, 64, kernel=3, size=224, padding=1)))
    >>> direct.value("multiplies") == im2col.value("multiplies") == 3 * 64 * 9 * 224**2
    True
    """
    geometry(*setup.layer.shapes, **setup.layer.keywords)
    return tuple(_entry(setup, engine) for engine in ENGINES)


@lru_cache(maxsize=64)
def automatic(layer: Layer) -> str:
    """Return which engine "auto" picks in float32.

    >>> automatic(Layer(256, 64, kernel=1, size=56))
    'im2col'
    """
    window, padded, weight = _window(layer)
    return choose("auto", window, padded, weight, layer.groups, "float32").NAME


def _window(layer: Layer) -> tuple[Window, tuple[int, ...], tuple[int, ...]]:
    """Return the window, the shape of the padded input and that of the weights."""
    x, weight = layer.shapes
    window, pads, _ = geometry(x, weight, **layer.keywords)
    return window, (*x[:2], *[size + sum(pair) for size, pair in zip(x[2:], pads, strict=True)]), weight


def _entry(setup: Setup, engine: str) -> Entry:
    layer, options = setup.layer, setup.options(engine)
    keywords: dict[str, Any] = {"method": engine, **layer.keywords, **options}
    try:
        cost = conv_cost(*layer.shapes, **keywords)
        traffic = conv_traffic(*layer.shapes, **keywords)
    except WindowError as error:
        return Entry(engine, fault=error)
    tile: tuple[int, ...] = ()
    parts: Any = None
    if engine == "winograd":
        tile = outputs_of((layer.kernel,) * 2, (output_size(layer),) * 2, setup.m)
        parts = winograd_parts(*layer.shapes, m=setup.m, padding=layer.padding, groups=layer.groups)
    elif engine == "fft":
        window, padded, _ = _window(layer)
        tile, _ = fft_tiles(padded[2:], window, setup.tile)
        parts = fft_parts(*layer.shapes, tile=setup.tile, **layer.keywords)
    counted = tuple((getattr(parts, name).multiplies, getattr(parts, name).adds) for name in PARTS if parts)
    return Entry(engine, cost, traffic, tile, counted)


def least(values: dict[str, int | None]) -> tuple[str, ...]:
    """Return the engines with the least of a quantity: more than one where they are equal.

    >>> least({"direct": 9, "im2col": 9, "winograd": None, "fft": 10})
    ('direct', 'im2col')
    """
    known = [value for value in values.values() if value is not None]
    return tuple(name for name, value in values.items() if known and value == min(known))
