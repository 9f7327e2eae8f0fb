"""Cells of networks followed back: the terms are what was read, and they add up to what stands there."""

import numpy as np
import pytest

from conv_core import Graph
from conv_core.cell import cell_story
from conv_core.layers import (
    AdaptiveAvgPool,
    AvgPool,
    Conv,
    ConvTranspose,
    GlobalMaxPool,
    MaxPool,
    Mean,
    Own,
    OwnMatMul,
    Pad,
    Pairwise,
    Reshape,
    Resize,
    Slice,
    SoftmaxAlong,
    Stretch,
    Take,
    Transpose,
)
from conv_core.nets import efficientnet_lite0, googlenet, lenet5, resnet
from conv_core.nets.lenet import C3_TABLE

SIDE = 64


def run(graph, shape, seed=3):
    rng = np.random.default_rng(seed)
    params = {name: values.astype(np.float64) for name, values in graph.initial(shape, seed=seed).items()}
    for values in params.values():
        if values.ndim == 1:
            values += rng.uniform(0, 0.3, values.shape)
    return graph.forward(rng.standard_normal(shape), params), params


ELSEWHERE = Graph(
    "of all kinds of layers that files bring along",
    [
        ("centred", Own("Sub", (3, 1, 1))),
        ("padded", Pad(((0, 0), (0, 0), (1, 0), (2, 1)), value=2.0)),
        ("turned", ConvTranspose(4, 3, stride=2, padding=1, output_padding=1, groups=1)),
        ("smaller", Resize((Stretch(2, 5, 0.5), Stretch(3, 6, 0.5)), "linear")),
        ("part", Slice(((1, 1, 4, 1), (3, None, None, -1)))),
        ("taken", Take(1, (2, 0, 1), (3,))),
        ("mean", Mean((2, 3))),
        ("largest", GlobalMaxPool(), "taken"),
        ("scaled", Pairwise("Mul"), ("taken", "mean")),
        ("less", Pairwise("Sub"), ("scaled", "largest")),
        ("quotient", Pairwise("Div"), ("less", "mean")),
        ("sum", Pairwise("Add"), ("quotient", "mean")),
        ("last", Transpose((0, 2, 3, 1))),
        ("matrix", OwnMatMul((3, 2))),
        ("soft", SoftmaxAlong(-1)),
        ("row", Reshape((0, -1))),
    ],
)

NETS = {
    "lenet5": (lenet5(), (2, 1, 32, 32)),
    "googlenet": (googlenet(), (1, 3, SIDE, SIDE)),
    "efficientnet": (efficientnet_lite0(), (1, 3, SIDE, SIDE)),
    "resnet18": (resnet(18), (1, 3, SIDE, SIDE)),
    "elsewhere": (ELSEWHERE, (1, 3, 4, 3)),
    "resnet50": (resnet(50, "torchvision"), (1, 3, SIDE, SIDE)),
}


@pytest.mark.parametrize("name", NETS)
def test_in_every_node_the_terms_make_the_value(name):
    graph, shape = NETS[name]
    activations, params = run(graph, shape)
    rng = np.random.default_rng(0)
    for node in graph.nodes * (10 if name == "elsewhere" else 1):
        found = activations[node.name]
        place = tuple(int(rng.integers(size)) for size in found.shape)
        story = cell_story(graph, activations, params, node.name, place)
        ends = story.then[-1].value if story.then else story.value
        assert ends == found[place]
        assert story.value == pytest.approx(story.sum + story.bias, rel=1e-9, abs=1e-9)
        assert story.value == activations[story.node][story.place]
        (*others,) = story.source
        for at, where in enumerate(story.places):
            source = others[at] if len(others) > 1 else others[0]
            assert activations[source][tuple(where)] == story.terms[at]


def test_a_convolutions_terms_are_the_window_and_the_kernel():
    graph, shape = NETS["resnet18"]
    activations, params = run(graph, shape)
    story = cell_story(graph, activations, params, "layer1.0.relu1", (0, 5, 0, 3))
    assert (story.node, story.kind, story.source) == ("layer1.0.conv1", "Conv", ("maxpool",))
    # The upper row of the window is in the padding.
    assert len(story) == 64 * 6
    patch = activations["maxpool"][0, :, 0:2, 2:5]
    assert np.array_equal(story.terms, patch.ravel())
    assert np.array_equal(story.weights, params["layer1.0.conv1.weight"][5, :, 1:, :].ravel())
    assert [then.name for then in story.then] == ["layer1.0.bn1", "layer1.0.relu1"]
    order = story.ranked()
    assert sorted(order.tolist()) == list(range(len(story)))
    assert all(np.diff(np.abs(story.products[order])) <= 0)
    assert np.array_equal(story.ranked(10, 5), order[10:15])


def test_a_shortcut_has_two_terms_and_a_concatenation_leads_to_its_branch():
    graph, shape = NETS["resnet18"]
    activations, params = run(graph, shape)
    story = cell_story(graph, activations, params, "layer2.0.relu", (0, 7, 1, 1))
    assert story.source == ("layer2.0.bn2", "layer2.0.downsample.1")
    assert story.weights is None
    assert story.value == pytest.approx(story.terms[0] + story.terms[1])
    graph, shape = NETS["googlenet"]
    activations, params = run(graph, shape)
    story = cell_story(graph, activations, params, "3a", (0, 64 + 100, 2, 2))
    assert (story.node, story.place) == ("3a.3x3", (0, 100, 2, 2))
    assert cell_story(graph, activations, params, "3a", (0, 255, 2, 2)).node == "3a.pool.1x1"


def test_lenets_c3_reads_three_maps_and_its_table_leaves_nothing_but_those():
    graph, shape = NETS["lenet5"]
    activations, params = run(graph, shape)
    story = cell_story(graph, activations, params, "C3.squash", (1, 2, 4, 5))
    assert len(story) == 3 * 25
    assert set(story.places[:, 1]) == set(C3_TABLE[2])
    story = cell_story(graph, activations, params, "S2", (0, 1, 3, 3))
    assert len(story) == 4
    assert story.value == pytest.approx(story.terms.sum() * params["S2.weight"][1] + params["S2.bias"][1])
    story = cell_story(graph, activations, params, "flatten", (0, 17))
    assert (story.node, story.place) == ("C5", (0, 17, 0, 0))
    assert len(story) == 400


def test_poolings_divide_by_what_they_count():
    shape = (1, 2, 5, 5)
    layers = [
        ("average", AvgPool(3, stride=2, padding=1, count_include_pad=False), "input"),
        ("all", AvgPool(3, stride=2, padding=1), "input"),
        ("adaptive", AdaptiveAvgPool(2), "input"),
        ("largest", MaxPool(3, stride=2, padding=1), "input"),
    ]
    graph = Graph("pools", layers)
    activations, params = run(graph, shape)
    for name, count, weight in (("average", 4, 1 / 4), ("all", 4, 1 / 9), ("adaptive", 9, 1 / 9)):
        story = cell_story(graph, activations, params, name, (0, 1, 0, 0))
        assert len(story) == count
        assert np.allclose(story.weights, weight)
        assert story.value == pytest.approx(story.sum)
    story = cell_story(graph, activations, params, "largest", (0, 1, 1, 1))
    assert story.value == story.products.max() == story.terms.max()


def test_groups_read_their_own_channels():
    graph = Graph("groups", [("conv", Conv(4, 3, groups=2, padding=1))])
    activations, params = run(graph, (1, 6, 4, 4))
    story = cell_story(graph, activations, params, "conv", (0, 3, 1, 1))
    assert sorted(set(story.places[:, 1].tolist())) == [3, 4, 5]
    assert story.value == pytest.approx(story.sum + story.bias)
