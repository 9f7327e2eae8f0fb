"""Networks as data: each a function that gives a `Graph`."""

from conv_core.nets.alexnet import alexnet
from conv_core.nets.deep import deep, unit_names
from conv_core.nets.efficientnet import efficientnet_lite0
from conv_core.nets.googlenet import googlenet
from conv_core.nets.lenet import lenet5, lenet5_input
from conv_core.nets.resnet import resnet
from conv_core.nets.resnet8 import resnet8
from conv_core.nets.sharing import KINDS, shared
from conv_core.nets.vgg import vgg

__all__ = [
    "KINDS",
    "alexnet",
    "deep",
    "efficientnet_lite0",
    "googlenet",
    "lenet5",
    "lenet5_input",
    "resnet",
    "resnet8",
    "shared",
    "unit_names",
    "vgg",
]
