"""Layers as data: eight of well-known networks, and any layer that a reader sets by its numbers.

The bench reads them too, in an interpreter that need not have what draws the pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from conv_core.plan import geometry

ENGINES = ("direct", "im2col", "winograd", "fft")
TRANSFORMS = ("winograd", "fft")
OWN = "own"


@dataclass(frozen=True)
class Layer:
    """A convolution of a square picture by square kernels: what its shapes follow from.

    >>> Layer(3, 64, kernel=3, size=224, padding=1).shapes
    ((1, 3, 224, 224), (64, 3, 3, 3))
    """

    channels: int
    outputs: int
    kernel: int
    size: int
    stride: int = 1
    padding: int | str = 0
    dilation: int = 1
    groups: int = 1

    @property
    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The shapes of the input (1, C, H, W) and of the weights (O, C / groups, k, k)."""
        # Where the groups do not divide the channels the core says so; here nothing is rounded to nothing.
        reads = max(1, self.channels // max(1, self.groups))
        return (
            (1, self.channels, self.size, self.size),
            (self.outputs, reads, self.kernel, self.kernel),
        )

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords of `conv`."""
        return {
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "groups": self.groups,
        }

    @property
    def is_depthwise(self) -> bool:
        """Whether every filter reads one channel of its own."""
        return self.groups == self.channels == self.outputs and self.groups > 1

    @property
    def keeps_size(self) -> bool:
        """Whether its padding is the one that makes a step of 1 keep the size."""
        return isinstance(self.padding, int) and 2 * self.padding == self.dilation * (self.kernel - 1)


@dataclass(frozen=True)
class Setup:
    """A layer, and what was chosen of the methods: outputs of a Winograd tile, length of an FFT."""

    layer: Layer
    m: int | None = None
    tile: int | None = None

    def options(self, engine: str) -> dict[str, int]:
        """The method's own keywords.

        >>> Setup(LAYERS["vgg5_1"], m=2).options("winograd")
        {'m': 2}
        """
        given = {"winograd": {"m": self.m}, "fft": {"tile": self.tile}}.get(engine, {})
        return {name: value for name, value in given.items() if value is not None}


def output_size(layer: Layer) -> int:
    """Return how many rows the output has; raises WindowError for a layer that cannot be.

    >>> output_size(Layer(3, 64, kernel=7, size=224, stride=2, padding=3))
    112
    """
    return geometry(*layer.shapes, **layer.keywords)[2][0]


def macs(layer: Layer) -> int:
    """Return the multiplications of the definition: output cells times the cells of a kernel.

    >>> macs(Layer(64, 64, kernel=3, size=224, padding=1))
    1849688064
    """
    _, weight = layer.shapes
    return output_size(layer) ** 2 * prod(weight)


LAYERS: dict[str, Layer] = {
    "vgg1_1": Layer(3, 64, kernel=3, size=224, padding=1),
    "vgg1_2": Layer(64, 64, kernel=3, size=224, padding=1),
    "vgg3_2": Layer(256, 256, kernel=3, size=56, padding=1),
    "vgg5_1": Layer(512, 512, kernel=3, size=14, padding=1),
    # As PyTorch's torchvision has it; the paper of 2012 has 96 filters in two groups over 227 pixels.
    "alexnet": Layer(3, 64, kernel=11, size=224, stride=4, padding=2),
    "resnet": Layer(3, 64, kernel=7, size=224, stride=2, padding=3),
    "pointwise": Layer(256, 64, kernel=1, size=56),
    "depthwise": Layer(256, 256, kernel=3, size=56, padding=1, groups=256),
}
"""VGG-16 (Simonyan, Zisserman 2014), AlexNet, ResNet-50 (He et al. 2015), and two building blocks."""
