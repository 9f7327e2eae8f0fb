"""LeNet-5 as code that runs: with this project's core, and in PyTorch."""

from __future__ import annotations

from conv_core.nets.lenet import AMPLITUDE, C3_TABLE

CORE = """\
import numpy as np
from conv_core import softmax
from conv_core.nets import lenet5, lenet5_input

weights = dict(np.load("assets/weights/lenet5.npz"))
digits = np.load("assets/data/digits.npz")
network = lenet5()

x = lenet5_input(digits["images"][8000:8001])  # (1, 1, 32, 32)
maps = network.forward(x, weights)  # what every layer gives, by its name
print(maps["C3"].shape)  # (1, 16, 10, 10)
print(softmax(maps["output"], axis=1).argmax(), digits["labels"][8000])"""


def pytorch() -> str:
    """Return the network in PyTorch, which takes the same weights by name.

    >>> compile(pytorch(), "listing", "exec") is not None
    True
    """
    return f"""\
import numpy as np
import torch
from torch import nn
from torch.nn.functional import avg_pool2d

TABLE = {C3_TABLE!r}


class Subsample(nn.Module):
    def __init__(self, maps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(maps))
        self.bias = nn.Parameter(torch.zeros(maps))

    def forward(self, x):
        total = 4 * avg_pool2d(x, 2)
        return total * self.weight[:, None, None] + self.bias[:, None, None]


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.C1, self.S2 = nn.Conv2d(1, 6, 5), Subsample(6)
        self.C3, self.S4 = nn.Conv2d(6, 16, 5), Subsample(16)
        self.C5 = nn.Conv2d(16, 120, 5)
        self.F6, self.output = nn.Linear(120, 84), nn.Linear(84, 10)
        mask = torch.zeros(16, 6, 1, 1)
        for made, read in enumerate(TABLE):
            mask[made, list(read)] = 1
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x):
        def squash(a):
            return {AMPLITUDE} * torch.tanh(2 / 3 * a)

        x = squash(self.S2(squash(self.C1(x))))
        x = torch.conv2d(x, self.C3.weight * self.mask, self.C3.bias)
        x = squash(self.C5(squash(self.S4(squash(x)))))
        return self.output(squash(self.F6(x.flatten(1))))


network = LeNet5()
weights = np.load("assets/weights/lenet5.npz")
network.load_state_dict({{name: torch.from_numpy(weights[name]) for name in weights}})"""
