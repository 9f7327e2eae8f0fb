"""Layers of real networks, as shapes: what Winograd's filtering saves, and what it adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from conv_core import winograd_parts
from conv_core.methods.winograd_cost import WinogradParts

TAPS = 3
GROWING = (2, 4, 6, 8, 10, 12)
"""The outputs of a tile along an axis, in the chapters about tiles that grow."""


@dataclass(frozen=True)
class Layer:
    """A layer of 3 x 3 kernels over a square picture, padded by 1: its output has the picture's size."""

    channels: int
    filters: int
    size: int
    groups: int = 1

    @property
    def x_shape(self) -> tuple[int, ...]:
        """The input's shape, of one picture."""
        return (1, self.channels, self.size, self.size)

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """The weight's shape."""
        return (self.filters, self.channels // self.groups, TAPS, TAPS)

    @property
    def outputs(self) -> int:
        """How many numbers the layer makes."""
        return self.filters * self.size**2

    @property
    def direct(self) -> int:
        """Multiplications of the plain sums, those with the padding's zeros among them."""
        return self.outputs * self.channels // self.groups * TAPS**2

    @property
    def direct_adds(self) -> int:
        """Additions of the plain sums."""
        return self.direct - self.outputs

    def parts(self, m: int) -> WinogradParts:
        """The operations of F(m x m, 3 x 3) on this layer."""
        return _parts(self, m)


@lru_cache(512)
def _parts(layer: Layer, m: int) -> WinogradParts:
    return winograd_parts(layer.x_shape, layer.weight_shape, m=m, padding=TAPS // 2, groups=layer.groups)


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
    parts = layer.parts(m)
    return Shares(
        *[
            (part.multiplies + part.adds) / layer.outputs
            for part in (parts.data, parts.kernel, parts.products, parts.inverse)
        ]
    )


def plain(layer: Layer) -> float:
    """Return the operations per output of the direct sums.

    >>> plain(LAYERS["depthwise"])
    17.0
    """
    return (layer.direct + layer.direct_adds) / layer.outputs


#: VGG-16 (Simonyan and Zisserman 2014, table 1) and a depthwise layer as in MobileNet (Howard et al. 2017).
LAYERS: Mapping[str, Layer] = {
    "vgg1_1": Layer(3, 64, 224),
    "vgg1_2": Layer(64, 64, 224),
    "vgg3_2": Layer(256, 256, 56),
    "vgg5_1": Layer(512, 512, 14),
    "depthwise": Layer(256, 256, 56, groups=256),
}
