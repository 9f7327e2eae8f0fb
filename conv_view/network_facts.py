"""Where a paper, torchvision and the computation give different numbers for a network, with all of them."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from conv_core.layers import Conv, Linear, Subsample
from conv_core.nets.variants import VARIANTS
from conv_view.digits import percent, told
from conv_view.networks import Net, load, usual_side
from conv_view.text import Words

ARTICLE_ALEXNET = 600_000_000
"""The parameters of AlexNet by the article that this project teaches from."""

PAPER_NEURONS = 650_000
"""Krizhevsky, Sutskever, Hinton 2012, abstract."""

PAPER_PARAMETERS = 60_000
"""Of LeNet-5, without its output: LeCun, Bottou, Bengio, Haffner 1998, section II.B."""

PRINTED = {
    "3a": (159, 128), "3b": (380, 304), "4a": (364, 73), "4b": (437, 88), "4c": (463, 100),
    "4d": (580, 119), "4e": (840, 170), "5a": (1072, 54), "5b": (1388, 71),
}  # fmt: skip
"""Szegedy and others 2015, table 1: thousands of parameters and millions of operations of each module."""

PRINTED_MILLIONS = {"vgg11": 133, "vgg13": 133, "vgg16": 138, "vgg19": 144}
"""Simonyan and Zisserman 2015, table 2: millions of parameters."""

PRINTED_FLOPS = {"resnet18": 1.8, "resnet34": 3.6, "resnet50": 3.8, "resnet101": 7.6, "resnet152": 11.3}
"""He, Zhang, Ren, Sun 2016, table 1: thousands of millions of multiplications."""


def both(network: str) -> tuple[Net, Net]:
    """A network as its paper and as torchvision has it, each for the input that it was made for."""
    paper, other = (load(network, variant, usual_side(network, variant)) for variant in VARIANTS)
    return paper, other


def differences(words: Words, network: str) -> str:
    """What is to be said, as Markdown."""
    family = network.rstrip("0123456789") if network not in ("lenet5",) else "lenet5"
    return _FAMILIES[family](words, network)


def _lenet(words: Words, network: str) -> str:
    net = load(network, "paper", usual_side(network, "paper"))
    inner = [row for row in net.rows if row.name != "output"]
    return words.say(
        "networks.differ.lenet5",
        printed=f"{PAPER_PARAMETERS:,}",
        inner=f"{sum(row.parameters for row in inner):,}",
        whole=f"{net.parameters:,}",
        output=f"{net.by_name['output'].parameters:,}",
        connections=f"{sum(connections(net, row.name) for row in inner):,}",
        c3=f"{net.by_name['C3'].parameters:,}",
        full=f"{5 * 5 * 6 * 16 + 16:,}",
    )


def connections(net: Net, name: str) -> int:
    """How many lines a layer that learns draws in the sense of the paper of LeNet-5: those of biases too.

    >>> connections(load("lenet5", "paper", 32), "C1")
    122304
    """
    layer, row = net.graph[name].layer, net.by_name[name]
    made = prod(row.output)
    if isinstance(layer, Subsample):
        window = layer.window(*net.inputs_of(name))
        return made * (prod(window.kernel) + 1)
    return row.macs + made if isinstance(layer, Conv | Linear) else 0


def _alexnet(words: Words, network: str) -> str:
    paper, other = both(network)
    full = sum(row.parameters for row in paper.rows if row.kind == "Linear")
    at_224 = load(network, "paper", 224).by_name["conv1"].output[-1]
    filters = [
        "-".join(str(row.output[1]) for row in net.rows if row.kind == "Conv") for net in (paper, other)
    ]
    return words.say(
        "networks.differ.alexnet",
        article=f"{ARTICLE_ALEXNET:,}",
        paper=f"{paper.parameters:,}",
        torchvision=f"{other.parameters:,}",
        times=told(ARTICLE_ALEXNET / paper.parameters, 3),
        share=percent(full / paper.parameters),
        neurons=f"{neurons(paper):,}",
        printed_neurons=f"{PAPER_NEURONS:,}",
        at_224=at_224,
        at_227=paper.by_name["conv1"].output[-1],
        paper_filters=filters[0],
        torchvision_filters=filters[1],
        paper_macs=f"{paper.macs:,}",
        torchvision_macs=f"{other.macs:,}",
        conv_share=percent(sum(row.macs for row in paper.rows if row.kind == "Conv") / paper.macs),
    )


def neurons(net: Net) -> int:
    """The numbers that the layers with weights make for one picture."""
    return sum(prod(row.output) for row in net.rows if row.kind in ("Conv", "Linear"))


def modules(net: Net) -> dict[str, tuple[int, int, int]]:
    """Weights, biases and multiplications of each Inception module of the paper's GoogLeNet."""
    found = {}
    for block in net.blocks:
        if block.kind == "inception":
            rows = net.of(block)
            biases = sum(row.output[1] for row in rows if row.kind == "Conv")
            learnt = sum(row.parameters for row in rows)
            found[block.label] = (learnt - biases, biases, sum(row.macs for row in rows))
    return found


def _googlenet(words: Words, network: str) -> str:
    paper, other = both(network)
    lines = [words["networks.differ.googlenet_head"]]
    for name, (weights, biases, macs) in modules(paper).items():
        thousands, millions = PRINTED[name]
        off = f"{weights / (thousands * 1000) - 1:+.1%}".replace("-", "−")
        learnt = f"{weights:,} | {weights + biases:,}"
        lines.append(f"| {name} | {thousands}K | {learnt} | {off} | {millions}M | {macs:,} |")
    said = words.say(
        "networks.differ.googlenet",
        paper=f"{paper.parameters:,}",
        torchvision=f"{other.parameters:,}",
        paper_macs=f"{paper.macs:,}",
        torchvision_macs=f"{other.macs:,}",
        heads=f"{sum(row.parameters for row in paper.training):,}",
        other_heads=f"{sum(row.parameters for row in other.training):,}",
        conv1=f"{paper.by_name['conv1'].macs:,}",
        five=f"{paper.by_name['3a.5x5'].parameters:,}",
        three=f"{other.by_name['inception3a.branch3.1.conv'].parameters:,}",
    )
    table = "\n".join(lines)
    return f"{said}\n\n{table}"


def _vgg(words: Words, network: str) -> str:
    paper, other = both(network)
    larger = [load(network, variant, 320) for variant in ("paper", "torchvision")]
    return words.say(
        "networks.differ.vgg",
        name=words[f"networks.names.{network}"],
        printed=PRINTED_MILLIONS[network],
        paper=f"{paper.parameters:,}",
        torchvision=f"{other.parameters:,}",
        macs=f"{paper.macs:,}",
        torchvision_macs=f"{other.macs:,}",
        first=paper.rows[0].name,
        other_first=other.rows[0].name,
        larger=f"{larger[0].parameters:,}",
        other_larger=f"{larger[1].parameters:,}",
    )


def _resnet(words: Words, network: str) -> str:
    paper, other = both(network)
    key = "resnet_same" if paper.macs == other.macs else "resnet"
    fields = []
    for net in (paper, other):
        ends = [row.field for row in net.rows if row.kind == "Add"]
        fields.append(ends[-1].size[0] if ends[-1] else 0)
    strides = []
    for net in (paper, other):
        shapes = [net.by_name[f"layer2.0.conv{at}"].output[-1] for at in (1, 2)]
        strides.append("1×1" if shapes[0] == shapes[1] else "3×3")
    return words.say(
        f"networks.differ.{key}",
        name=words[f"networks.names.{network}"],
        parameters=f"{paper.parameters:,}",
        printed=PRINTED_FLOPS[network],
        paper_macs=f"{paper.macs:,}",
        torchvision_macs=f"{other.macs:,}",
        more=percent(other.macs / paper.macs - 1),
        paper_at=strides[0],
        torchvision_at=strides[1],
        paper_field=fields[0],
        torchvision_field=fields[1],
    )


_FAMILIES: dict[str, Callable[[Words, str], str]] = {
    "lenet5": _lenet,
    "alexnet": _alexnet,
    "vgg": _vgg,
    "googlenet": _googlenet,
    "resnet": _resnet,
}
