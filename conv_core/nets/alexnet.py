"""AlexNet, which won the ImageNet challenge of 2012."""

from typing import Any

from conv_core.graph import Graph
from conv_core.layers import AdaptiveAvgPool, Conv, Dropout, Flatten, Linear, LocalResponseNorm, MaxPool, ReLU
from conv_core.nets.heads import full_head
from conv_core.nets.variants import check_variant


def alexnet(variant: str = "paper") -> Graph:
    """AlexNet: that of the paper, with two groups and an input of 227, or torchvision's, in one column.

    The paper says 224, but its 55 positions need 227 (Krizhevsky, Sutskever, Hinton: ImageNet classification
    with deep convolutional neural networks, 2012, section 3.5; torchvision's is that of Krizhevsky: One weird
    trick for parallelizing convolutional neural networks, 2014). `WindowError` for another variant.

    >>> sum(row.parameters for row in alexnet().summary((1, 3, 227, 227)))
    60965224
    >>> sum(row.parameters for row in alexnet("torchvision").summary((1, 3, 224, 224)))
    61100840
    """
    if check_variant(variant) == "paper":
        return Graph("alexnet", _paper(), input_size=(3, 227, 227))
    return Graph("alexnet", _torchvision(), input_size=(3, 224, 224))


def _paper() -> list[tuple[Any, ...]]:
    return [
        ("conv1", Conv(96, 11, stride=4)),
        ("relu1", ReLU()),
        ("norm1", LocalResponseNorm()),
        ("pool1", MaxPool(3, stride=2)),
        ("conv2", Conv(256, 5, padding=2, groups=2)),
        ("relu2", ReLU()),
        ("norm2", LocalResponseNorm()),
        ("pool2", MaxPool(3, stride=2)),
        ("conv3", Conv(384, 3, padding=1)),
        ("relu3", ReLU()),
        ("conv4", Conv(384, 3, padding=1, groups=2)),
        ("relu4", ReLU()),
        ("conv5", Conv(256, 3, padding=1, groups=2)),
        ("relu5", ReLU()),
        ("pool5", MaxPool(3, stride=2)),
        *full_head(),
    ]


def _torchvision() -> list[tuple[Any, ...]]:
    return [
        ("features.0", Conv(64, 11, stride=4, padding=2)),
        ("features.1", ReLU()),
        ("features.2", MaxPool(3, stride=2)),
        ("features.3", Conv(192, 5, padding=2)),
        ("features.4", ReLU()),
        ("features.5", MaxPool(3, stride=2)),
        ("features.6", Conv(384, 3, padding=1)),
        ("features.7", ReLU()),
        ("features.8", Conv(256, 3, padding=1)),
        ("features.9", ReLU()),
        ("features.10", Conv(256, 3, padding=1)),
        ("features.11", ReLU()),
        ("features.12", MaxPool(3, stride=2)),
        ("avgpool", AdaptiveAvgPool(6)),
        ("flatten", Flatten()),
        ("classifier.0", Dropout()),
        ("classifier.1", Linear(4096)),
        ("classifier.2", ReLU()),
        ("classifier.3", Dropout()),
        ("classifier.4", Linear(4096)),
        ("classifier.5", ReLU()),
        ("classifier.6", Linear(1000)),
    ]
