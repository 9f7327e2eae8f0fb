"""The networks whose feature maps are looked at: what they are given, their weights, and their blocks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from conv_core.graph import Graph, Node
from conv_core.layers import AdaptiveAvgPool, Linear
from conv_core.layers.base import Shape
from conv_core.nets import alexnet, efficientnet_lite0, googlenet, resnet, resnet8, vgg
from conv_view.pictures import square
from conv_view.weights import class_names

NETWORKS = ("efficientnet_lite0", "resnet8", "alexnet", "vgg16", "googlenet", "resnet18", "resnet50")
TRAINED = ("efficientnet_lite0", "resnet8")
CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
"""The classes of CIFAR-10 in their order (Krizhevsky: Learning multiple layers of features, 2009)."""

MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the pictures of ImageNet, by channel, from 0 to 1: what torchvision takes off and divides by."""

_GRAPHS: dict[str, Callable[[], Graph]] = {
    "efficientnet_lite0": efficientnet_lite0,
    "resnet8": resnet8,
    "alexnet": alexnet,
    "vgg16": lambda: vgg(16),
    "googlenet": googlenet,
    "resnet18": lambda: resnet(18, "torchvision"),
    "resnet50": lambda: resnet(50, "torchvision"),
}
# Names that begin alike are a block; of numbered ones ("conv1_2", "relu6") the number says which.
_PREFIX = re.compile(r"(layer\d\.\d+|block\d+|unit\d+|stem|head|[345][a-e])(?:\.|$)")
_NUMBER = re.compile(r"(?:conv|bn|relu|norm|pool|fc|drop)(\d+)")


@dataclass(frozen=True)
class Block:
    """Layers under one name, by which they are found in a menu."""

    label: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class FeatureNet:
    """A network, and all that its shapes alone tell of it."""

    name: str
    graph: Graph

    @property
    def trained(self) -> bool:
        """Whether its weights come with the app."""
        return self.name in TRAINED

    @property
    def side(self) -> int:
        """Rows and columns of what it is given."""
        return int((self.graph.input_size or (3, 224, 224))[-1])

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """What every node gives for one picture."""
        return self.graph.shapes((1, 3, self.side, self.side))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks in their order."""
        groups: list[tuple[str, list[str]]] = []
        for node in self.graph.nodes:
            key = _key(node, groups[-1][0] if groups else "")
            if groups and groups[-1][0] == key:
                groups[-1][1].append(node.name)
            else:
                groups.append((key, [node.name]))
        return tuple([Block(_label(key, nodes), tuple(nodes)) for key, nodes in groups])

    def block_of(self, layer: str) -> Block:
        """The block of a layer."""
        return next(block for block in self.blocks if layer in block.nodes)

    @property
    def first(self) -> str:
        """The layer that is looked at first: the last of the first block."""
        return self.blocks[0].nodes[-1]

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of its classes; of untrained networks there are none."""
        if not self.trained:
            return ()
        return CIFAR if self.name == "resnet8" else class_names("imagenet")

    def prepared(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """A picture as the network takes it, float32 (1, 3, side, side).

        >>> net("resnet8").prepared(np.full((40, 50), 255, np.uint8)).max()
        np.float32(1.0)
        """
        x = seen(pixels, self.side).astype(np.float32)[None]
        if self.name == "efficientnet_lite0":
            return (x - np.float32(127)) / np.float32(128)
        x /= np.float32(255)
        if self.name == "resnet8":
            return x
        mean, spread = (np.array(each, np.float32)[None, :, None, None] for each in (MEAN, SPREAD))
        return np.asarray((x - mean) / spread)


@cache
def net(name: str) -> FeatureNet:
    """A network of NETWORKS by its name.

    >>> [block.label for block in net("vgg16").blocks]
    ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'fc6', 'fc7', 'fc8']
    >>> net("efficientnet_lite0").blocks[3].nodes[:2]
    ('block2.expand.conv', 'block2.expand.bn')
    """
    return FeatureNet(name, _GRAPHS[name]())


def seen(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The middle square of a picture in three colours, uint8 (3, side, side); a small one is enlarged.

    >>> seen(np.zeros((30, 50), np.uint8), 40).shape
    (3, 40, 40)
    """
    small = square(pixels, side)
    if small.ndim == 2:
        small = np.stack([small] * 3, axis=-1)
    if len(small) < side:
        # Every cell of the larger picture is the nearest of the smaller one.
        nearest = (np.arange(side) * len(small)) // side
        small = small[nearest][:, nearest]
    return np.ascontiguousarray(small.transpose(2, 0, 1))


def is_flat(shape: Shape) -> bool:
    """Whether a layer gives single numbers and no maps."""
    return prod(shape[2:]) == 1


def _key(node: Node, before: str) -> str:
    if found := _PREFIX.match(node.name):
        return found[1]
    if isinstance(node.layer, (AdaptiveAvgPool, Linear)) and not _NUMBER.match(node.name):
        return "output"
    if isinstance(node.layer, AdaptiveAvgPool):
        return "output"
    if before == "output":
        return before
    if found := _NUMBER.match(node.name):
        return found[1]
    return before or node.name


def _label(key: str, nodes: list[str]) -> str:
    return re.split(r"[_.]", nodes[0])[0] if key.isdigit() else key
