"""Scattering as a scene: every step lights and adds what the trace says, groups and dilation included."""

from math import prod

import numpy as np
import pytest
from hypothesis import given, settings

from conv_core import conv_transpose_trace
from conv_view.stories.convolution import convolution
from conv_view.stories.transposed import beside, scattering
from conv_view.text import words
from tests import wire
from tests.core.sliding import transposes

TYPES = ("float32", "float64", "uint8", "int32")


def arrived(trace, **options):
    return wire.decode(scattering(trace, words("en"), **options).to_bytes())


@settings(max_examples=80)
@given(case=transposes(TYPES))
def test_every_step_scatters_as_the_trace_does(case):
    trace = conv_transpose_trace(*case.arguments, **case.keywords)
    header = arrived(trace)
    (act,) = header["acts"]
    panels = header["panels"]
    assert prod(act["shape"]) * case.x.shape[0] == len(trace)
    assert tuple(act["terms"]) == trace.weight.shape[1:]
    terms = list(wire.indices(act["terms"]))
    dilation = case.keywords["dilation"]
    reached = []
    for number, index in enumerate(wire.indices(act["shape"])):
        step = trace[number]
        assert step.cell[0] == 0  # the scene shows the first of the batch
        assert wire.cell(wire.relation(act, "input"), index, terms[-1]) == step.cell[1:]
        assert wire.value(panels["input"], step.cell[1:]) == step.value
        for term in terms:
            at = wire.cell(wire.relation(act, "kernel"), index, term)
            assert at == (step.cell[1], *term)
            assert wire.value(panels["kernel"], at) == step.weights[term]
            place = wire.cell(wire.relation(act, "output"), index, term)
            made, *tap = term
            assert place == (
                step.channels[0] + made,
                *(begin + t * apart for begin, t, apart in zip(step.start, tap, dilation, strict=True)),
            )
            reached.append(place[1:])
            is_inside = all(0 <= one < size for one, size in zip(place[1:], trace.shape[2:], strict=True))
            assert is_inside == step.inside[tuple(tap)]
    if reached:
        # What is cut off has room around the result, no more and no less.
        low, high = np.min(reached, axis=0), np.max(reached, axis=0)
        sizes = np.array(trace.shape[2:])
        ring = [[max(0, -a), max(0, b + 1 - size)] for a, b, size in zip(low, high, sizes, strict=True)]
        assert panels["output"].get("margin", [[0, 0]] * (len(ring) + 1)) == [[0, 0], *ring]


@settings(max_examples=60)
@given(case=transposes(("float64",)))
def test_what_the_steps_add_makes_the_output(case):
    trace = conv_transpose_trace(*case.arguments, **case.keywords)
    header = arrived(trace)
    (act,) = header["acts"]
    panels, output = header["panels"], np.zeros(trace.shape[1:])
    if trace.bias is not None:
        output += panels["bias"]["values"].reshape(-1, *[1] * (output.ndim - 1))
    magnitude = np.abs(output)
    reads = [wire.relation(act, name) for name in act["arithmetic"]["factors"]]
    for index in wire.indices(act["shape"]):
        for term in wire.indices(act["terms"]):
            place = wire.cell(wire.relation(act, "output"), index, term)
            if all(0 <= one < size for one, size in zip(place, output.shape, strict=True)):
                x, weight = (wire.value(panels[one["panel"]], wire.cell(one, index, term)) for one in reads)
                output[place] += x * weight
                magnitude[place] += abs(x * weight)
    assert np.all(np.abs(output - trace.output[0]) <= 1e-12 * magnitude)
    assert np.array_equal(panels["output"]["values"], trace.output[0])
    assert (act["arithmetic"]["bias"] == "bias") == (trace.bias is not None)


@settings(max_examples=40)
@given(case=transposes(("float32",)))
def test_every_index_map_has_the_ranks_of_what_it_joins(case):
    trace = conv_transpose_trace(*case.arguments, **case.keywords)
    header = arrived(trace, paint=True)
    (act,) = header["acts"]
    for related in act["relations"]:
        rank = len(header["panels"][related["panel"]]["shape"])
        assert len(related["origin"]) == len(related["step"]) == len(related["term"]) == rank
        assert {len(row) for row in related["step"]} == {len(act["shape"])}
        assert {len(row) for row in related["term"]} == {len(act["terms"])}
    shown = {*header["panels"]} - {"bias"}
    for layout in header["layout"].values():
        assert set(names(layout)) == shown
    assert header["panels"]["input"]["edit"] == "paint"
    assert header["panels"]["kernel"]["edit"] == "type"
    assert "edit" not in arrived(trace, edit_kernel=False)["panels"]["kernel"]


def names(node):
    if isinstance(node, str):
        return [node]
    if "panel" in node:
        return [node["panel"]]
    return [name for child in node.get("row") or node["column"] for name in names(child)]


@settings(max_examples=60)
@given(case=transposes(("float64",)))
def test_the_other_story_is_a_convolution_that_gives_the_same_numbers(case):
    trace = conv_transpose_trace(*case.arguments, **case.keywords)
    header = wire.decode(convolution(trace.stuffed, words("zh"), edit_kernel=False).to_bytes())
    values = header["panels"]["output"]["values"]
    scale = np.abs(trace.weight).sum() * (np.abs(trace.x).max() if trace.x.size else 0) + 10
    assert np.abs(values - trace.output[0]).max() <= 1e-12 * scale


@pytest.mark.parametrize(
    ("kernel", "stride", "even"), [(3, 2, False), (4, 2, True), (2, 2, True), (5, 3, False), (6, 3, True)]
)
def test_the_overlaps_beside_are_counted_cell_by_cell(kernel, stride, even):
    x = np.ones((1, 1, 6, 5), np.float32)
    weight = np.ones((1, 1, kernel, kernel), np.float32)
    trace = conv_transpose_trace(x, weight, stride=stride, padding=1)
    header = wire.decode(beside(trace, trace, words("en")).to_bytes())
    counts = header["panels"]["overlaps"]["values"]
    expected = np.zeros(((6 - 1) * stride + kernel, (5 - 1) * stride + kernel), int)
    for row, col in np.ndindex(6, 5):
        expected[row * stride : row * stride + kernel, col * stride : col * stride + kernel] += 1
    assert np.array_equal(counts, expected[1:-1, 1:-1])
    # Ones scattered through ones are their own overlaps.
    assert np.array_equal(trace.output[0, 0], counts)
    middle = counts[kernel:-kernel, kernel:-kernel]
    assert (middle.min() == middle.max()) == even
    assert header["options"]["pick"]
    assert header["panels"]["result"]["quantised"] == [float(counts.min()), float(counts.max())]


def test_a_picture_keeps_its_grey_and_signed_results_show_their_sign():
    x = np.full((1, 1, 3, 3), 200, np.float32)
    bright = arrived(conv_transpose_trace(x, np.ones((1, 1, 3, 3), np.float32), stride=2))
    assert bright["panels"]["output"]["scale"] == ["grey", 0, 800]
    signed = arrived(conv_transpose_trace(x, -np.ones((1, 1, 3, 3), np.float32), stride=2))
    assert signed["panels"]["output"]["scale"] == ["diverging", -800, 800]
    assert signed["panels"]["input"]["scale"] == ["grey", 0, 255]


def test_overlaps_are_counts():
    trace = conv_transpose_trace(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), stride=2, padding=1)
    header = wire.decode(beside(trace, trace, words("en")).to_bytes())
    assert header["panels"]["overlaps"]["scale"] == ["counts", 0, 4]
