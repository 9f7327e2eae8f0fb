"""The three networks and a step of their training as code that runs: PyTorch and conv_core."""

from __future__ import annotations


def pytorch() -> str:
    """Return the three networks in PyTorch, which has no locally connected layer of its own."""
    return """\
import torch
from torch import nn
from torch.nn import functional as F

class LocallyConnected(nn.Module):  # every window has weights of its own
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(144, 25, 8) * (2 / 25) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(144, 8))

    def forward(self, x):
        windows = F.unfold(x, 5, stride=2).permute(2, 0, 1)  # 144, N, 25
        made = windows @ self.weight + self.bias[:, None]
        return made.permute(1, 2, 0)  # N, 8, 144

hidden = {
    "fully": nn.Sequential(nn.Flatten(), nn.Linear(784, 1152)),
    "locally": LocallyConnected(),
    "convolutional": nn.Conv2d(1, 8, 5, stride=2),
}["convolutional"]
net = nn.Sequential(hidden, nn.ReLU(), nn.Flatten(), nn.Linear(1152, 10))
adam = torch.optim.Adam(net.parameters(), lr=1e-3)

x, labels = torch.rand(50, 1, 28, 28), torch.randint(10, (50,))  # your digits
adam.zero_grad()
F.cross_entropy(net(x), labels).backward()
adam.step()"""


def core() -> str:
    """Return a step of the training with conv_core.

    >>> exec(core())
    11738
    """
    return """\
import numpy as np
from conv_core import Adam, cross_entropy_backward
from conv_core.nets import shared

net = shared("convolutional")  # or "fully", "locally"
params = net.initial((1, 1, 28, 28), seed=7)
adam = Adam(1e-3)

chance = np.random.default_rng(7)
x = chance.random((50, 1, 28, 28), np.float32)  # your digits
labels = chance.integers(10, size=50)
found = net.forward(x, params, training=True)
grad = cross_entropy_backward(found[net.output], labels)
back = net.backward(grad, found, params, training=True, by_input=False)
adam.step(params, back.params)
print(sum(values.size for values in params.values()))"""
