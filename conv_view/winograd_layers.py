"""Layers of real networks, as shapes: what Winograd's filtering saves, and what it adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from conv_core import winograd_parts
from conv_core.methods.winograd_cost import WinogradParts
from conv_view import known_layers
from conv_view.known_layers import Layer, macs, output_size

TAPS = 3
GROWING = (2, 4, 6, 8, 10, 12)
"""The outputs of a tile along an axis, in the chapters about tiles that grow."""


#: Those of the known layers that F(m x m, 3 x 3) can compute.
LAYERS: Mapping[str, Layer] = {
    name: layer for name, layer in known_layers.LAYERS.items() if layer.kernel == TAPS and layer.stride == 1
}


def padded(channels: int, filters: int, size: int) -> Layer:
    """Return a layer of 3 x 3 kernels, padded by 1: its output has the size of the picture (square)."""
    return Layer(channels, filters, kernel=TAPS, size=size, padding=TAPS // 2)


def made(layer: Layer) -> int:
    """Return how many numbers a layer makes."""
    return layer.outputs * output_size(layer) ** 2


@lru_cache(512)
def parts(layer: Layer, m: int) -> WinogradParts:
    """Return the operations of F(m x m, 3 x 3) on a layer."""
    return winograd_parts(*layer.shapes, m=m, padding=layer.padding, groups=layer.groups)


@dataclass(frozen=True)
class Shares:
    """Operations (multiplications and additions) per output of a layer, part by part."""

    data: float
    kernel: float
    products: float
    inverse: float

    @property
    def transforms(self) -> float:
        """What data and outputs take, without the kernels, which are transformed once."""
        return self.data + self.inverse

    @property
    def ready(self) -> float:
        """All that is computed for a picture once the kernels are transformed."""
        return self.transforms + self.products

    @property
    def whole(self) -> float:
        """All, the kernels' transform too."""
        return self.ready + self.kernel


def shares(layer: Layer, m: int) -> Shares:
    """Return the operations per output of F(m x m, 3 x 3) on a layer.

    >>> round(shares(LAYERS["vgg3_2"], 2).inverse, 2)
    6.0
    """
    found, outputs = parts(layer, m), made(layer)
    return Shares(
        *[
            (part.multiplies + part.adds) / outputs
            for part in (found.data, found.kernel, found.products, found.inverse)
        ]
    )


def plain(layer: Layer) -> float:
    """Return the operations per output of the direct sums, those with the padding's zeros among them.

    >>> plain(LAYERS["depthwise"])
    17.0
    """
    return (2 * macs(layer) - made(layer)) / made(layer)
