"""ResNet-8 for pictures of 32 cells: three residual units, small enough to ship with real weights."""

from typing import Any

from conv_core.graph import Graph
from conv_core.layers import AdaptiveAvgPool, Add, BatchNorm, Conv, Flatten, Linear, ReLU

WIDTHS = (16, 32, 64)


def resnet8() -> Graph:
    """The image classifier of the MLPerf Tiny benchmark: input (N, 3, 32, 32) from 0 to 1, ten scores.

    As TensorFlow pads: "same", with the odd cell at the end. Its projections have no batch norm (Banbury and
    others: MLPerf Tiny benchmark, 2021, section 4.2; after He, Zhang, Ren, Sun, 2016, section 4.2).

    >>> rows = resnet8().summary((1, 3, 32, 32))
    >>> sum(row.parameters for row in rows), sum(row.macs for row in rows)
    (78186, 12501632)
    """
    nodes: list[tuple[Any, ...]] = [
        ("conv1", Conv(16, 3, padding="same")),
        ("bn1", BatchNorm(1e-3)),
        ("relu1", ReLU()),
    ]
    before = "relu1"
    for stage, width in enumerate(WIDTHS, 1):
        name, stride = f"unit{stage}", 1 if stage == 1 else 2
        nodes += [
            (f"{name}.conv1", Conv(width, 3, stride=stride, padding="same"), before),
            (f"{name}.bn1", BatchNorm(1e-3)),
            (f"{name}.relu1", ReLU()),
            (f"{name}.conv2", Conv(width, 3, padding="same")),
            (f"{name}.bn2", BatchNorm(1e-3)),
        ]
        shortcut = before
        if stride > 1:
            shortcut = f"{name}.projection"
            nodes.append((shortcut, Conv(width, 1, stride=stride, padding="same"), before))
        nodes += [(f"{name}.add", Add(), (f"{name}.bn2", shortcut)), (f"{name}.relu", ReLU())]
        before = f"{name}.relu"
    nodes += [("pool", AdaptiveAvgPool(1)), ("flatten", Flatten()), ("scores", Linear(10))]
    return Graph("resnet8", nodes, input_size=(3, 32, 32))
