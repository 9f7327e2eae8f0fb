"""GoogLeNet: nine Inception modules, each with four branches side by side."""

from typing import Any

from conv_core.graph import Graph
from conv_core.layers import (
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Concat,
    Conv,
    Dropout,
    Flatten,
    Linear,
    LocalResponseNorm,
    MaxPool,
    ReLU,
)
from conv_core.nets.variants import check_variant

Nodes = list[tuple[Any, ...]]

MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
"""Filters of each module: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, and 1x1 behind the pooling (table 1)."""


def googlenet(variant: str = "paper", *, auxiliary: bool = False) -> Graph:
    """GoogLeNet for an input of 224: that of the paper, or torchvision's.

    torchvision's has batch norm in place of biases and of the response normalisation, 3x3 kernels in the
    branch called 5x5, and a 2x2 pooling before 5a. With `auxiliary` the two heads are there that only
    training uses; the output does not depend on them (Szegedy and others: Going deeper with convolutions,
    2015, table 1 and section 5). `WindowError` for another variant.

    >>> rows = googlenet().summary((1, 3, 224, 224))
    >>> sum(row.parameters for row in rows), sum(row.macs for row in rows)
    (6998552, 1582671872)
    """
    return (_paper if check_variant(variant) == "paper" else _torchvision)(auxiliary)


def _paper(auxiliary: bool) -> Graph:
    nodes: Nodes = [
        ("conv1", Conv(64, 7, stride=2, padding=3)),
        ("relu1", ReLU()),
        ("pool1", MaxPool(3, stride=2, ceil_mode=True)),
        ("norm1", LocalResponseNorm(k=1.0, divide_alpha=True)),
        ("conv2.reduce", Conv(64, 1)),
        ("relu2.reduce", ReLU()),
        ("conv2", Conv(192, 3, padding=1)),
        ("relu2", ReLU()),
        ("norm2", LocalResponseNorm(k=1.0, divide_alpha=True)),
        ("pool2", MaxPool(3, stride=2, ceil_mode=True)),
    ]
    before = "pool2"
    for name, filters in MODULES.items():
        nodes += inception(name, before, filters)
        before = name
        if name in ("3b", "4e"):
            before = f"pool{name[0]}"
            nodes.append((before, MaxPool(3, stride=2, ceil_mode=True)))
    nodes += [
        ("pool5", AdaptiveAvgPool(1)),
        ("dropout", Dropout(0.4)),
        ("flatten", Flatten()),
        ("fc", Linear(1000)),
    ]
    for name, source in (("aux1", "4a"), ("aux2", "4d")) if auxiliary else ():
        nodes += [
            (f"{name}.pool", AvgPool(5, stride=3), source),
            (f"{name}.conv", Conv(128, 1)),
            (f"{name}.relu", ReLU()),
            (f"{name}.flatten", Flatten()),
            (f"{name}.fc1", Linear(1024)),
            (f"{name}.relu2", ReLU()),
            (f"{name}.dropout", Dropout(0.7)),
            (f"{name}.fc2", Linear(1000)),
        ]
    return Graph("googlenet", nodes, input_size=(3, 224, 224), output="fc")


def inception(name: str, before: str, filters: tuple[int, ...]) -> Nodes:
    """One module of the paper: four branches behind the node `before`, concatenated to the node `name`."""
    one, reduce3, three, reduce5, five, behind = filters
    return [
        (f"{name}.1x1", Conv(one, 1), before),
        (f"{name}.1x1.relu", ReLU()),
        (f"{name}.3x3.reduce", Conv(reduce3, 1), before),
        (f"{name}.3x3.reduce.relu", ReLU()),
        (f"{name}.3x3", Conv(three, 3, padding=1)),
        (f"{name}.3x3.relu", ReLU()),
        (f"{name}.5x5.reduce", Conv(reduce5, 1), before),
        (f"{name}.5x5.reduce.relu", ReLU()),
        (f"{name}.5x5", Conv(five, 5, padding=2)),
        (f"{name}.5x5.relu", ReLU()),
        (f"{name}.pool", MaxPool(3, stride=1, padding=1), before),
        (f"{name}.pool.1x1", Conv(behind, 1)),
        (f"{name}.pool.1x1.relu", ReLU()),
        (name, Concat(), tuple(f"{name}.{branch}.relu" for branch in ("1x1", "3x3", "5x5", "pool.1x1"))),
    ]


def _torchvision(auxiliary: bool) -> Graph:
    nodes: Nodes = [
        *_normed("conv1", "input", Conv(64, 7, stride=2, padding=3, bias=False)),
        ("maxpool1", MaxPool(3, stride=2, ceil_mode=True)),
        *_normed("conv2", "maxpool1", Conv(64, 1, bias=False)),
        *_normed("conv3", "conv2.relu", Conv(192, 3, padding=1, bias=False)),
        ("maxpool2", MaxPool(3, stride=2, ceil_mode=True)),
    ]
    before = "maxpool2"
    for short, (one, reduce3, three, reduce5, five, behind) in MODULES.items():
        name = f"inception{short}"
        nodes += [
            *_normed(f"{name}.branch1", before, Conv(one, 1, bias=False)),
            *_normed(f"{name}.branch2.0", before, Conv(reduce3, 1, bias=False)),
            *_normed(f"{name}.branch2.1", f"{name}.branch2.0.relu", Conv(three, 3, padding=1, bias=False)),
            *_normed(f"{name}.branch3.0", before, Conv(reduce5, 1, bias=False)),
            *_normed(f"{name}.branch3.1", f"{name}.branch3.0.relu", Conv(five, 3, padding=1, bias=False)),
            (f"{name}.branch4.0", MaxPool(3, stride=1, padding=1, ceil_mode=True), before),
            *_normed(f"{name}.branch4.1", f"{name}.branch4.0", Conv(behind, 1, bias=False)),
            (
                name,
                Concat(),
                tuple(f"{name}.branch{branch}.relu" for branch in ("1", "2.1", "3.1", "4.1")),
            ),
        ]
        before = name
        if short == "3b":
            nodes.append(("maxpool3", MaxPool(3, stride=2, ceil_mode=True)))
            before = "maxpool3"
        if short == "4e":
            nodes.append(("maxpool4", MaxPool(2, stride=2, ceil_mode=True)))
            before = "maxpool4"
    nodes += [
        ("avgpool", AdaptiveAvgPool(1)),
        ("flatten", Flatten()),
        ("dropout", Dropout(0.2)),
        ("fc", Linear(1000)),
    ]
    for name, source in (("aux1", "inception4a"), ("aux2", "inception4d")) if auxiliary else ():
        nodes += [
            (f"{name}.pool", AdaptiveAvgPool(4), source),
            *_normed(f"{name}.conv", f"{name}.pool", Conv(128, 1, bias=False)),
            (f"{name}.flatten", Flatten()),
            (f"{name}.fc1", Linear(1024)),
            (f"{name}.relu", ReLU()),
            (f"{name}.dropout", Dropout(0.7)),
            (f"{name}.fc2", Linear(1000)),
        ]
    return Graph("googlenet", nodes, input_size=(3, 224, 224), output="fc")


def _normed(name: str, before: str, conv: Conv) -> Nodes:
    """Torchvision's BasicConv2d: a convolution, its batch norm, a ReLU."""
    return [(f"{name}.conv", conv, before), (f"{name}.bn", BatchNorm(1e-3)), (f"{name}.relu", ReLU())]
