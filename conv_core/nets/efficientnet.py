"""EfficientNet-Lite0: inverted bottlenecks with depthwise convolutions, small enough for real weights."""

from typing import Any

from conv_core.graph import Graph
from conv_core.layers import AdaptiveAvgPool, Add, BatchNorm, Clip, Conv, Dropout, Flatten, Linear

STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
"""Of each stage: units, kernel, stride of its first unit, expansion, channels it gives."""

STEM, HEAD = 32, 1280


def efficientnet_lite0() -> Graph:
    """EfficientNet-Lite0 for an input (N, 3, 224, 224) from -1 to 1, a thousand scores.

    EfficientNet-B0 without its squeeze-and-excitation and with ReLU6 in place of swish; padded as TensorFlow
    does, "same" (Tan and Le: EfficientNet, rethinking model scaling for convolutional neural networks, 2019,
    table 1; Sandler and others: MobileNetV2, 2018, for the units).

    >>> rows = efficientnet_lite0().summary((1, 3, 224, 224))
    >>> sum(row.parameters for row in rows), sum(row.macs for row in rows)
    (4652008, 385187552)
    """
    nodes: list[tuple[Any, ...]] = _normed(
        "stem", "input", Conv(STEM, 3, stride=2, padding="same", bias=False)
    )
    before, channels, block = "stem.relu", STEM, 0
    for count, kernel, first, expansion, made in STAGES:
        for unit in range(count):
            name = f"block{block}"
            stride = first if unit == 0 else 1
            nodes += _unit(name, before, channels, kernel, stride, expansion, made)
            before = nodes[-1][0]
            channels, block = made, block + 1
    nodes += [
        *_normed("head", before, Conv(HEAD, 1, bias=False)),
        ("pool", AdaptiveAvgPool(1)),
        ("flatten", Flatten()),
        ("dropout", Dropout(0.2)),
        ("scores", Linear(1000)),
    ]
    return Graph("efficientnet_lite0", nodes, input_size=(3, 224, 224))


def _unit(
    name: str, before: str, channels: int, kernel: int, stride: int, expansion: int, made: int
) -> list[tuple[Any, ...]]:
    """1x1 to more channels, depthwise, 1x1 to few without an activation; a shortcut where nothing changes."""
    nodes: list[tuple[Any, ...]] = []
    wide, source = channels * expansion, before
    if expansion > 1:
        nodes = _normed(f"{name}.expand", before, Conv(wide, 1, bias=False))
        source = f"{name}.expand.relu"
    depthwise = Conv(wide, kernel, stride=stride, padding="same", groups=wide, bias=False)
    nodes += _normed(f"{name}.depthwise", source, depthwise)
    nodes += _normed(f"{name}.project", f"{name}.depthwise.relu", Conv(made, 1, bias=False))[:2]
    if stride == 1 and channels == made:
        nodes.append((f"{name}.add", Add(), (f"{name}.project.bn", before)))
    return nodes


def _normed(name: str, before: str, conv: Conv) -> list[tuple[Any, ...]]:
    return [
        (f"{name}.conv", conv, before),
        (f"{name}.bn", BatchNorm(1e-3)),
        (f"{name}.relu", Clip(0.0, 6.0)),
    ]
