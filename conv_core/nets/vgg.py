"""VGG: long rows of 3x3 convolutions with a 2x2 pooling after each block, and three full layers."""

from typing import Any

from conv_core.graph import Graph
from conv_core.layers import AdaptiveAvgPool, Conv, Dropout, Flatten, Linear, MaxPool, ReLU
from conv_core.nets.heads import full_head
from conv_core.nets.variants import check_depth, check_variant

CONVOLUTIONS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
"""How many convolutions each of the five blocks has, by the number of layers that learn."""

FILTERS = (64, 128, 256, 512, 512)


def vgg(depth: int = 16, variant: str = "paper") -> Graph:
    """VGG with 11, 13, 16 or 19 layers that learn: the paper's A, B, D and E, for an input of 224.

    torchvision's numbers are the same; it has names of its own, and an adaptive pooling for other sizes
    (Simonyan and Zisserman: Very deep convolutional networks for large-scale image recognition, 2015,
    table 1). `WindowError` for another depth or variant.

    >>> sum(row.parameters for row in vgg(16).summary((1, 3, 224, 224)))
    138357544
    """
    counts = CONVOLUTIONS[check_depth("vgg", depth, tuple(CONVOLUTIONS))]
    nodes = _paper(counts) if check_variant(variant) == "paper" else _torchvision(counts)
    return Graph(f"vgg{depth}", nodes, input_size=(3, 224, 224))


def _paper(counts: tuple[int, ...]) -> list[tuple[Any, ...]]:
    nodes: list[tuple[Any, ...]] = []
    for block, (count, filters) in enumerate(zip(counts, FILTERS, strict=True), 1):
        for at in range(1, count + 1):
            nodes += [(f"conv{block}_{at}", Conv(filters, 3, padding=1)), (f"relu{block}_{at}", ReLU())]
        nodes.append((f"pool{block}", MaxPool(2)))
    return [
        *nodes,
        *full_head(),
    ]


def _torchvision(counts: tuple[int, ...]) -> list[tuple[Any, ...]]:
    layers: list[Any] = []
    for count, filters in zip(counts, FILTERS, strict=True):
        for _ in range(count):
            layers += [Conv(filters, 3, padding=1), ReLU()]
        layers.append(MaxPool(2))
    head = [Linear(4096), ReLU(), Dropout(), Linear(4096), ReLU(), Dropout(), Linear(1000)]
    return [
        *[(f"features.{at}", layer) for at, layer in enumerate(layers)],
        ("avgpool", AdaptiveAvgPool(7)),
        ("flatten", Flatten()),
        *[(f"classifier.{at}", layer) for at, layer in enumerate(head)],
    ]
