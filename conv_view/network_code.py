"""The same network in this project and in torchvision, as code that can be run."""

from __future__ import annotations

import re

from conv_view.networks import Net

TORCHVISION = {"googlenet": "weights=None, aux_logits=False, init_weights=False"}


def here(net: Net) -> str:
    """The network, its totals and its table with this project's own library.

    >>> from conv_view.networks import load
    >>> print(here(load("vgg16", "torchvision", 224)).splitlines()[2])
    graph = vgg(16, "torchvision")
    """
    name, depth = re.fullmatch(r"(lenet5|[a-z]+)(\d*)", net.network).groups()  # type: ignore[union-attr]
    arguments = [depth] if depth else []
    if net.variant != "paper":
        arguments.append(f'"{net.variant}"')
    return (
        f"from conv_core.nets import {name}\n\n"
        f"graph = {name}({', '.join(arguments)})\n"
        f"rows = graph.summary({net.input_shape})\n\n"
        f"sum(row.parameters for row in rows)  # {net.parameters:,}\n"
        f"sum(row.macs for row in rows)        # {net.macs:,}\n\n"
        "for row in rows:\n"
        "    print(row.name, row.kind, row.output, row.parameters, row.macs)\n"
    )


def torchvision(net: Net, usual: Net) -> str:
    """The code with torchvision, where parameters have the names and shapes of `usual`, its variant here."""
    arguments = TORCHVISION.get(net.network, "weights=None")
    first = next(row.name for row in usual.rows if row.parameters)
    shape = usual.graph.parameter_shapes(usual.input_shape)[f"{first}.weight"]
    return (
        "import torch\nimport torchvision\n\n"
        f"model = torchvision.models.{net.network}({arguments})\n"
        f"model.eval()(torch.zeros{usual.input_shape}).shape  # torch.Size([1, 1000])\n\n"
        f"sum(p.numel() for p in model.parameters())  # {usual.parameters:,}\n"
        f'model.state_dict()["{first}.weight"].shape  # torch.Size({list(shape)})\n'
    )


def lenet() -> str:
    """The nearest that torch has to LeNet-5: C3 reads all maps there, and the poolings learn nothing."""
    return (
        "from torch import nn\n\n"
        "model = nn.Sequential(\n"
        "    nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2),\n"
        "    nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),\n"
        "    nn.Conv2d(16, 120, 5), nn.Tanh(), nn.Flatten(),\n"
        "    nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),\n"
        ")\n"
        "sum(p.numel() for p in model.parameters())  # 61,706\n"
    )
