"""Receptive fields as a scene: walking its links back counts what the core counts."""

import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conv_core import WindowError, layer_sizes, path_levels
from conv_core.stacks import STACKS, StackLayer, stack
from conv_view.field_shape import middle_half
from conv_view.stack_text import MOST_READ, read_stack, write_stack
from conv_view.stories.receptive import Grown, LayerError, choose_shown, fields, grow, name_of
from conv_view.text import words
from tests import wire


@st.composite
def stacks(draw):
    """Up to three layers and a small picture that they fit on."""
    layers = tuple(
        StackLayer(
            str(number),
            "conv",
            draw(st.integers(1, 4)),
            draw(st.integers(1, 3)),
            draw(st.integers(0, 2)),
            draw(st.integers(1, 3)),
        )
        for number in range(1, draw(st.integers(1, 3)) + 1)
    )
    size = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    try:
        layer_sizes([layer.window for layer in layers], size)
    except WindowError:
        assume(False)
    pixels = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 256, size, np.uint8)
    return layers, pixels


def grown_on(pixels, layers, style="mean", shown=None):
    return Grown(layers, grow(pixels, layers, style), shown or tuple(range(len(layers))))


def arrived(grown):
    return wire.decode(fields(grown, [layer.name for layer in grown.layers], words("en")).to_bytes())


def walked(header, name, cell):
    """How often every cell of each panel below is met on the way back, as the scene describes it."""
    counts = {name: np.zeros(header["panels"][name]["shape"], object)}
    counts[name][cell] = 1
    while links := [link for link in header.get("links", []) if link["source"] == name]:
        (link,) = links
        below = np.zeros(header["panels"][link["panel"]]["shape"], object)
        for at in map(tuple, np.argwhere(counts[name] != 0).tolist()):
            for term in wire.indices(link["terms"]):
                place = wire.cell(link, at, term)
                if all(0 <= one < size for one, size in zip(place, below.shape, strict=True)):
                    below[place] += counts[name][at]
        name = link["panel"]
        counts[name] = below
    return counts


@settings(max_examples=60, deadline=None)
@given(built=stacks(), data=st.data())
def test_walking_back_counts_the_paths_of_the_core(built, data):
    layers, pixels = built
    grown = grown_on(pixels, layers)
    header = arrived(grown)
    layer = data.draw(st.integers(0, len(layers) - 1))
    cell = tuple(data.draw(st.integers(0, size - 1)) for size in grown.sizes[layer + 1])
    met = walked(header, name_of(layer + 1), cell)
    levels = path_levels([each.window for each in layers], layer, cell, pixels.shape)
    assert set(met) == {name_of(level) for level in range(layer + 2)}
    for level, (rows, columns) in enumerate(levels):
        assert np.array_equal(met[name_of(level)], np.multiply.outer(rows, columns))


@settings(max_examples=60, deadline=None)
@given(built=stacks())
def test_with_means_a_cell_is_the_mean_of_its_field_weighted_by_paths(built):
    layers, pixels = built
    grown = grown_on(pixels, layers)
    header = arrived(grown)
    name = name_of(len(layers))
    values = header["panels"][name]["values"]
    weights = np.prod([layer.kernel**2 for layer in layers])
    for cell in list(np.ndindex(values.shape))[:: max(1, values.size // 6)]:
        expected = float((walked(header, name, cell)["input"] * pixels.astype(int)).sum()) / weights
        assert values[cell] == pytest.approx(expected, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(built=stacks())
def test_the_timeline_goes_through_every_cell_of_every_map(built):
    layers, pixels = built
    grown = grown_on(pixels, layers)
    header = arrived(grown)
    assert [act["name"] for act in header["acts"]] == [name_of(level + 1) for level in range(len(layers))]
    for act, size in zip(header["acts"], grown.sizes[1:], strict=True):
        assert tuple(act["shape"]) == size
        related = wire.relation(act, act["arithmetic"]["result"])
        assert [wire.cell(related, index, ()) for index in wire.indices(size)] == list(np.ndindex(size))


@settings(max_examples=60, deadline=None)
@given(built=stacks())
def test_what_no_window_reads_is_crossed_out(built):
    layers, pixels = built
    header = arrived(grown_on(pixels, layers))
    for level, layer in enumerate(layers):
        panel = header["panels"][name_of(level)]
        margin = panel.get("margin", [[0, 0], [0, 0]])
        assert margin == [[layer.padding] * 2] * 2
        count = header["panels"][name_of(level + 1)]["shape"]
        for axis in (0, 1):
            read = {
                at * layer.stride + tap * layer.dilation
                for at in range(count[axis])
                for tap in range(layer.kernel)
            }
            crossed = panel.get("unread", [[], []])[axis]
            assert set(crossed) == set(range(panel["shape"][axis] + 2 * layer.padding)) - read


@pytest.mark.parametrize("style", ["mean", "edges"])
@pytest.mark.parametrize("each", STACKS, ids=lambda each: each.name)
def test_a_network_shows_its_landmarks_and_stays_small(each, style):
    pixels = np.random.default_rng(0).integers(0, 256, (each.size, each.size), np.uint8)
    shown = choose_shown(each.layers, each.landmarks, -1)
    assert [each.layers[number].name for number in shown] == list(each.landmarks)
    grown = grown_on(pixels, each.layers, style, shown)
    data = fields(grown, [layer.name for layer in each.layers], words("zh")).to_bytes()
    header = wire.decode(data)
    assert len(data) < 100_000
    assert len(header["links"]) == len(each.layers)
    for number in range(len(each.layers)):
        panel = header["panels"][name_of(number + 1)]
        assert ("column" in panel) == (number in shown)
        assert tuple(panel["shape"]) == grown.sizes[number + 1]
    for values in grown.maps[1:]:
        assert values.min() >= 0
        assert 0 < values.max() <= 256


def test_a_layer_that_is_asked_for_joins_the_landmarks():
    vgg = stack("vgg16")
    shown = choose_shown(vgg.layers, vgg.landmarks, 0)
    assert shown[0] == 0
    assert len(shown) == 5
    pixels = np.zeros((224, 224), np.uint8)
    header = arrived(grown_on(pixels, vgg.layers, "mean", shown))
    assert header["panels"]["layer1"]["quantised"] == [0, 0]


def test_the_layout_shows_exactly_what_is_on_the_stage():
    def names(node):
        if isinstance(node, str):
            return [node]
        if "panel" in node:
            return [node["panel"]]
        return [name for child in node.get("row") or node["column"] for name in names(child)]

    for count in range(1, 7):
        layers = read_stack("_".join(["c3p1"] * count))
        header = arrived(grown_on(np.ones((8, 8), np.uint8), layers))
        expected = ["input", *(name_of(level) for level in range(1, count + 1))]
        for layout in header["layout"].values():
            assert names(layout) == expected


def test_what_does_not_fit_names_its_layer():
    pixels = np.ones((9, 9), np.uint8)
    with pytest.raises(LayerError) as fault:
        grow(pixels, read_stack("c3_m2s2_c5"), "mean")
    assert (fault.value.layer, fault.value.cause.code) == (2, "kernel_too_large")
    with pytest.raises(LayerError) as fault:
        grow(pixels, read_stack("m3p2"), "mean")
    assert (fault.value.layer, fault.value.cause.code) == (0, "pool_padding")


def test_a_place_is_kept_inside_the_stack():
    grown = grown_on(np.ones((9, 8), np.uint8), read_stack("c3_c3"))
    assert grown.place((-1, -1, -1)) == (1, (2, 2))
    assert grown.place((0, 3, -1)) == (0, (3, 3))
    assert grown.place((7, 99, 0)) == (1, (4, 0))
    hidden = Grown(grown.layers, grown.maps, (1,))
    assert hidden.place((0, 0, 0)) == (1, (0, 0))


@given(built=stacks())
def test_a_stack_comes_back_from_its_text(built):
    layers, _ = built
    assert read_stack(write_stack(layers)) == layers


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c",
        "c0",
        "x3",
        "c3s0",
        "c12",
        "c3d7",
        "c3p6",
        "c3_",
        "c3 m2",
        "C3",
        "c3d2p1",
        "_".join(["c3"] * (MOST_READ + 1)),
    ],
)
def test_a_text_that_is_no_stack_is_refused(text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        read_stack(text)


@given(counts=st.lists(st.integers(0, 9), min_size=1, max_size=12).filter(any))
def test_no_shorter_stretch_holds_half_of_the_paths(counts):
    first, last = middle_half(counts)
    assert 2 * sum(counts[first : last + 1]) >= sum(counts)
    shorter = last - first
    assert all(
        2 * sum(counts[begin : begin + shorter]) < sum(counts) for begin in range(len(counts) - shorter + 1)
    )
