"""ResNet: units whose input is added to their output, up to 152 layers deep."""

from typing import Any

from conv_core.graph import Graph
from conv_core.layers import AdaptiveAvgPool, Add, BatchNorm, Conv, Flatten, Linear, MaxPool, ReLU
from conv_core.nets.variants import check_depth, check_variant

UNITS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
"""How many units each of the four stages has, by the number of layers that learn."""

BOTTLENECK_FROM = 50
WIDTHS = (64, 128, 256, 512)
EXPANSION = 4


def resnet(depth: int = 50, variant: str = "paper") -> Graph:
    """ResNet with 18, 34, 50, 101 or 152 layers, for an input of 224; the names are torchvision's.

    Where a stage begins, the paper's bottlenecks put the stride on the first 1x1 convolution, torchvision's
    on the 3x3 (He, Zhang, Ren, Sun: Deep residual learning for image recognition, 2016, table 1; shortcuts
    of option B). `WindowError` for another depth or variant.

    >>> rows = resnet(50).summary((1, 3, 224, 224))
    >>> sum(row.parameters for row in rows), sum(row.macs for row in rows)
    (25557032, 3857973248)
    """
    counts = UNITS[check_depth("resnet", depth, tuple(UNITS))]
    early = check_variant(variant) == "paper"
    nodes: list[tuple[Any, ...]] = [
        ("conv1", Conv(64, 7, stride=2, padding=3, bias=False)),
        ("bn1", BatchNorm()),
        ("relu", ReLU()),
        ("maxpool", MaxPool(3, stride=2, padding=1)),
    ]
    before, channels = "maxpool", 64
    for stage, (count, width) in enumerate(zip(counts, WIDTHS, strict=True), 1):
        for unit in range(count):
            stride = 2 if stage > 1 and unit == 0 else 1
            name = f"layer{stage}.{unit}"
            made = width * (EXPANSION if depth >= BOTTLENECK_FROM else 1)
            if depth >= BOTTLENECK_FROM:
                nodes += bottleneck(name, before, channels, width, stride, early=early)
            else:
                nodes += basic(name, before, channels, width, stride)
            before, channels = f"{name}.relu", made
    return Graph(
        f"resnet{depth}",
        [*nodes, ("avgpool", AdaptiveAvgPool(1)), ("flatten", Flatten()), ("fc", Linear(1000))],
        input_size=(3, 224, 224),
    )


def basic(name: str, before: str, channels: int, width: int, stride: int) -> list[tuple[Any, ...]]:
    """A unit of two 3x3 convolutions, behind the node `before` of that many channels."""
    return [
        (f"{name}.conv1", Conv(width, 3, stride=stride, padding=1, bias=False), before),
        (f"{name}.bn1", BatchNorm()),
        (f"{name}.relu1", ReLU()),
        (f"{name}.conv2", Conv(width, 3, padding=1, bias=False)),
        (f"{name}.bn2", BatchNorm()),
        *_joined(name, before, channels, width, stride, f"{name}.bn2"),
    ]


def bottleneck(
    name: str, before: str, channels: int, width: int, stride: int, *, early: bool
) -> list[tuple[Any, ...]]:
    """A unit of 1x1, 3x3 and 1x1 convolutions; `early` puts the stride on the first of them."""
    first, second = (stride, 1) if early else (1, stride)
    return [
        (f"{name}.conv1", Conv(width, 1, stride=first, bias=False), before),
        (f"{name}.bn1", BatchNorm()),
        (f"{name}.relu1", ReLU()),
        (f"{name}.conv2", Conv(width, 3, stride=second, padding=1, bias=False)),
        (f"{name}.bn2", BatchNorm()),
        (f"{name}.relu2", ReLU()),
        (f"{name}.conv3", Conv(width * EXPANSION, 1, bias=False)),
        (f"{name}.bn3", BatchNorm()),
        *_joined(name, before, channels, width * EXPANSION, stride, f"{name}.bn3"),
    ]


def _joined(
    name: str, before: str, channels: int, made: int, stride: int, residual: str
) -> list[tuple[Any, ...]]:
    """The shortcut, a projection where the shape changes; the addition; the ReLU behind it."""
    nodes: list[tuple[Any, ...]] = []
    shortcut = before
    if channels != made or stride != 1:
        shortcut = f"{name}.downsample.1"
        nodes = [
            (f"{name}.downsample.0", Conv(made, 1, stride=stride, bias=False), before),
            (shortcut, BatchNorm()),
        ]
    return [*nodes, (f"{name}.add", Add(), (residual, shortcut)), (f"{name}.relu", ReLU())]
