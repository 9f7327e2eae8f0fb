"""The kinds of layers that networks are made of, each a small dataclass that holds no numbers."""

from conv_core.layers.activations import Clip, HardSigmoid, HardSwish, LeakyReLU, SoftmaxAlong
from conv_core.layers.arithmetic import Own, Pairwise
from conv_core.layers.base import Layer
from conv_core.layers.cellwise import BatchNorm, Dropout, LocalResponseNorm, ReLU, Sigmoid, Softmax, Tanh
from conv_core.layers.dense import Add, Concat, Flatten, Linear
from conv_core.layers.local import LocallyConnected
from conv_core.layers.matrices import MatMul, OwnMatMul
from conv_core.layers.parts import Cast, Constant, Join, Pad, Slice, Take
from conv_core.layers.pooling import GlobalMaxPool, LpPool, MaxPlaces, Mean
from conv_core.layers.resizing import Resize, Stretch
from conv_core.layers.shaping import Identity, Reshape, Squeeze, Transpose, Unsqueeze
from conv_core.layers.sliding import AdaptiveAvgPool, AvgPool, Conv, MaxPool, Subsample
from conv_core.layers.transposed import ConvTranspose

__all__ = [
    "AdaptiveAvgPool",
    "Add",
    "AvgPool",
    "BatchNorm",
    "Cast",
    "Clip",
    "Concat",
    "Constant",
    "Conv",
    "ConvTranspose",
    "Dropout",
    "Flatten",
    "GlobalMaxPool",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "Join",
    "Layer",
    "LeakyReLU",
    "Linear",
    "LocalResponseNorm",
    "LocallyConnected",
    "LpPool",
    "MatMul",
    "MaxPlaces",
    "MaxPool",
    "Mean",
    "Own",
    "OwnMatMul",
    "Pad",
    "Pairwise",
    "ReLU",
    "Reshape",
    "Resize",
    "Sigmoid",
    "Slice",
    "Softmax",
    "SoftmaxAlong",
    "Squeeze",
    "Stretch",
    "Subsample",
    "Take",
    "Tanh",
    "Transpose",
    "Unsqueeze",
]
