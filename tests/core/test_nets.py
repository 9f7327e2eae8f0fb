"""The classic networks against published totals, published fields, and what torchvision answers."""

import json
from pathlib import Path

import numpy as np
import pytest

from conv_core import Field, receptive_field
from conv_core.nets import alexnet, googlenet, resnet, vgg
from conv_core.nets.googlenet import MODULES
from conv_core.stacks import stack
from tools.record_networks import NETWORKS, SCORES, digest, parameters, picture

FILE = Path(__file__).resolve().parent.parent / "golden" / "networks.json"
TOLD = json.loads(FILE.read_text(encoding="utf-8"))

# Parameters and MACs of convolutions and fully connected layers, as published or counted by torchvision.
TOTALS = {
    "alexnet, torchvision": (alexnet("torchvision"), 224, 61_100_840, 714_188_480),
    "alexnet": (alexnet(), 227, 60_965_224, 724_406_816),
    "vgg11": (vgg(11), 224, 132_863_336, 7_609_090_048),
    "vgg13": (vgg(13), 224, 133_047_848, 11_308_466_176),
    "vgg16": (vgg(16), 224, 138_357_544, 15_470_264_320),
    "vgg19": (vgg(19), 224, 143_667_240, 19_632_062_464),
    "vgg16, torchvision": (vgg(16, "torchvision"), 224, 138_357_544, 15_470_264_320),
    "googlenet": (googlenet(), 224, 6_998_552, 1_582_671_872),
    "googlenet, torchvision": (googlenet("torchvision"), 224, 6_624_904, 1_498_376_192),
    "resnet18": (resnet(18), 224, 11_689_512, 1_814_073_344),
    "resnet34": (resnet(34), 224, 21_797_672, 3_663_761_408),
    "resnet50": (resnet(50), 224, 25_557_032, 3_857_973_248),
    "resnet50, torchvision": (resnet(50, "torchvision"), 224, 25_557_032, 4_089_184_256),
    "resnet101, torchvision": (resnet(101, "torchvision"), 224, 44_549_160, 7_801_405_440),
    "resnet152, torchvision": (resnet(152, "torchvision"), 224, 60_192_808, 11_513_626_624),
}

# Table 1 of the paper counts no biases; its own figures for parameters are other ones.
INCEPTIONS = {
    "3a": 163_328,
    "3b": 388_096,
    "4a": 375_552,
    "4b": 448_512,
    "4c": 509_440,
    "4d": 604_672,
    "4e": 867_328,
    "5a": 1_042_432,
    "5b": 1_442_816,
}


def table(graph, side=224):
    return {row.name: row for row in graph.summary((1, 3, side, side))}


def field(graph, name):
    found = table(graph)[name].field
    return found.size[0], found.stride[0], found.padding[0]


@pytest.mark.parametrize("name", TOTALS)
def test_parameters_and_macs_are_the_published_ones(name):
    graph, side, learnt, macs = TOTALS[name]
    rows = table(graph, side).values()
    assert sum(row.parameters for row in rows) == learnt
    assert sum(row.macs for row in rows) == macs


def test_alexnets_neurons_and_where_its_parameters_are():
    rows = table(alexnet(), 227)
    neurons = [int(np.prod(rows[name].output)) for name in ("conv1", "conv2", "conv3", "conv4", "conv5")]
    assert neurons[0] == 55 * 55 * 96
    assert sum(neurons) + 4096 + 4096 + 1000 == 659_272
    full = sum(rows[name].parameters for name in ("fc6", "fc7", "fc8"))
    assert full / sum(row.parameters for row in rows.values()) == pytest.approx(0.96, abs=0.005)


@pytest.mark.parametrize("name", INCEPTIONS)
def test_the_parameters_of_an_inception_module(name):
    rows = [row for row in table(googlenet()).values() if row.name.startswith(f"{name}.")]
    biases = sum(MODULES[name])
    assert sum(row.parameters for row in rows) == INCEPTIONS[name] + biases


def test_googlenets_maps_need_ceil_mode():
    rows = table(googlenet())
    assert [rows[f"pool{at}"].output[2] for at in (1, 2, 3, 4)] == [56, 28, 14, 7]
    assert rows["3a"].output == (1, 256, 28, 28)
    assert rows["5b"].output == (1, 1024, 7, 7)
    heads = table(googlenet(auxiliary=True))
    assert heads["aux1.fc1"].parameters == 2048 * 1024 + 1024
    assert googlenet(auxiliary=True).output == "fc"


@pytest.mark.parametrize(
    ("graph", "name", "expected"),
    [
        (vgg(11), "pool5", (150, 32, 59)),
        (vgg(16), "pool5", (212, 32, 90)),
        (resnet(18), "layer4.1.add", (435, 32, 217)),
        (resnet(34), "layer4.2.add", (899, 32, 449)),
        (resnet(50), "layer4.2.add", (483, 32, 241)),
        (resnet(101), "layer4.2.add", (1027, 32, 513)),
        (resnet(152), "layer4.2.add", (1507, 32, 753)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_receptive_fields_are_the_published_ones(graph, name, expected):
    """Araujo, Norris, Sim (2019), with the stride on the first 1x1 convolution."""
    assert field(graph, name) == expected


def test_the_receptive_field_of_a_network_is_asked_for_as_that_of_layers():
    found = receptive_field(vgg(16))
    assert found["pool5"] == Field((212, 212), (32, 32), (90, 90))
    assert found["fc6"] is None
    assert receptive_field(vgg(16), (3, 64, 64))["pool1"].size == (6, 6)
    stacked = receptive_field(stack("vgg16").windows)
    slides = [row.name for row in vgg(16).summary((1, 3, 224, 224)) if row.kind in ("Conv", "MaxPool")]
    assert [found[name] for name in slides] == list(stacked)


def test_receptive_fields_on_the_way():
    assert [field(vgg(16), f"pool{block}")[0] for block in range(1, 6)] == [6, 16, 44, 100, 212]
    assert [field(googlenet(), name)[0] for name in ("3a", "3b", "4a", "4e", "5a", "5b")] == [
        59,
        91,
        171,
        427,
        587,
        715,
    ]
    sizes = [field(resnet(depth, "torchvision"), "layer4.2.add")[0] for depth in (50, 101, 152)]
    assert sizes == [427, 971, 1451]


@pytest.mark.parametrize("name", NETWORKS)
def test_torchvisions_names_and_shapes_are_ours(name):
    graph, _ = NETWORKS[name]
    assert digest(graph.parameter_shapes((1, 3, 224, 224), buffers=True)) == TOLD[name]["digest"]


@pytest.mark.parametrize("name", [name for name in NETWORKS if "scores" in TOLD[name]])
def test_torchvision_answers_the_same(name):
    graph, side = NETWORKS[name]
    found = graph.forward(picture(side), parameters(graph, 224), until=graph.output)[graph.output]
    assert found.dtype == np.float32
    worst = np.abs(found[0, :SCORES] - TOLD[name]["scores"]).max() / TOLD[name]["largest"]
    assert worst < 2e-5
