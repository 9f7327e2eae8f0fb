"""The kinds of layers that networks are made of, each a small dataclass that holds no numbers."""

from conv_core.layers.base import Layer
from conv_core.layers.cellwise import BatchNorm, Dropout, LocalResponseNorm, ReLU, Sigmoid, Softmax, Tanh
from conv_core.layers.dense import Add, Concat, Flatten, Linear
from conv_core.layers.sliding import AdaptiveAvgPool, AvgPool, Conv, MaxPool, Subsample

__all__ = [
    "AdaptiveAvgPool",
    "Add",
    "AvgPool",
    "BatchNorm",
    "Concat",
    "Conv",
    "Dropout",
    "Flatten",
    "Layer",
    "Linear",
    "LocalResponseNorm",
    "MaxPool",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Subsample",
    "Tanh",
]
