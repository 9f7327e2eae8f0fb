"""The cells a story lights up at a step come from the core's geometry, and its numbers are the core's."""

from math import prod

import numpy as np
import pytest
from hypothesis import given

from conv_core import conv_trace
from conv_view.scene import Scale
from conv_view.stories.convolution import convolution, overview, picture_scale
from conv_view.text import words
from tests import oracle, wire
from tests.core.cases import cases

TYPES = ("float32", "float64", "uint8", "int32", "float16")


def arrived(trace, **options):
    return wire.decode(convolution(trace, words("en"), **options).to_bytes())


@given(case=cases(TYPES))
def test_every_step_lights_the_cells_of_its_window(case):
    trace = conv_trace(*case.arguments, **case.keywords)
    header = arrived(trace)
    (act,) = header["acts"]
    _, makes, *out = trace.shape
    assert prod(act["shape"]) == makes * prod(out)
    assert tuple(act["terms"]) == case.weight.shape[1:]
    spatial = case.x.shape[2:]
    reads, own = case.weight.shape[1], makes // trace.groups
    # Where windows begin, found by trying every cell, as the oracle does it.
    starts = [
        oracle.positions(before + size + after, taps, stride, dilation)
        for size, taps, stride, dilation, (before, after) in zip(
            spatial, case.weight.shape[2:], case.stride, case.dilation, case.pads, strict=True
        )
    ]
    terms = list(wire.indices(act["terms"]))
    for number, index in enumerate(wire.indices(act["shape"])):
        step = trace[number]
        group, filter_, *position = index
        channel = group * own + filter_
        assert step.out == (0, channel, *position)
        assert wire.cell(wire.relation(act, "output"), index, terms[-1]) == (channel, *position)
        corner = [begin[at] - pad[0] for begin, at, pad in zip(starts, position, case.pads, strict=True)]
        assert step.start == tuple(corner)
        for term in terms:
            read, *tap = term
            place = [start + t * apart for start, t, apart in zip(corner, tap, case.dilation, strict=True)]
            assert wire.cell(wire.relation(act, "input"), index, term) == (group * reads + read, *place)
            assert wire.cell(wire.relation(act, "kernel"), index, term) == (channel, *term)


@given(case=cases(TYPES))
def test_every_step_reads_the_numbers_of_the_trace(case):
    trace = conv_trace(*case.arguments, **case.keywords)
    header = arrived(trace)
    (act,) = header["acts"]
    panels = header["panels"]
    terms = list(wire.indices(act["terms"]))
    arithmetic = act["arithmetic"]
    assert (arithmetic["factors"], arithmetic["result"]) == (["input", "kernel"], "output")
    assert (arithmetic["bias"] is None) == (trace.bias is None)

    def read(name, index, term):
        return wire.value(panels[name], wire.cell(wire.relation(act, name), index, term))

    for number, index in enumerate(wire.indices(act["shape"])):
        step = trace[number]
        patch, weights = (
            np.array([read(name, index, term) for term in terms], float).reshape(act["terms"])
            for name in ("input", "kernel")
        )
        assert np.array_equal(patch, step.patch)
        assert np.array_equal(weights, step.weights)
        bias = float(read("bias", index, terms[0])) if trace.bias is not None else 0.0
        assert bias == step.bias
        result = float(read("output", index, terms[0]))
        assert result == trace.output[step.out]
        total, magnitude = (patch * weights).sum() + bias, np.abs(patch * weights).sum() + abs(bias)
        exact = case.x.dtype.kind in "iu" and case.weight.dtype.kind in "iu"
        rounding = np.finfo(trace.output.dtype).eps if not exact else 0
        assert abs(result - total) <= 8 * rounding * magnitude


@given(case=cases(("float32",)))
def test_the_margin_is_the_padding_and_says_what_it_copies(case):
    trace = conv_trace(*case.arguments, **case.keywords)
    panel = arrived(trace)["panels"]["input"]
    margin = panel.get("margin", [[0, 0]] * (case.rank + 1))
    assert margin == [[0, 0], *map(list, case.pads)]
    around = [
        range(-before, size + after) for size, (before, after) in zip(panel["shape"], margin, strict=True)
    ]
    padded = np.empty([len(one) for one in around], np.float32)
    for at in np.ndindex(padded.shape):
        padded[at] = wire.value(panel, [one[i] for one, i in zip(around, at, strict=True)])
    assert np.array_equal(padded, trace.padded[0])


@given(case=cases(("float32",)))
def test_a_scene_is_whole(case):
    """Every name that is used exists, every index map has the ranks of what it joins, every view fits."""
    trace = conv_trace(*case.arguments, **case.keywords)
    for scene in (convolution(trace, words("zh"), paint=True), overview(trace, words("en"))):
        header = wire.decode(scene.to_bytes())
        panels = header["panels"]
        for act in header["acts"]:
            for related in act["relations"]:
                rank = len(panels[related["panel"]]["shape"])
                assert len(related["origin"]) == len(related["step"]) == len(related["term"]) == rank
                assert {len(row) for row in related["step"]} == {len(act["shape"])}
                assert {len(row) for row in related["term"]} == {len(act["terms"])}
            arithmetic = act["arithmetic"]
            used = {*arithmetic["factors"], arithmetic["result"], arithmetic["bias"] or arithmetic["result"]}
            assert used <= {related["panel"] for related in act["relations"]}
        for panel in panels.values():
            rank = len(panel["shape"]) if "shape" in panel else len(header["acts"][0]["terms"])
            axes = [panel["view"][name] for name in ("rows", "cols", "stack") if name in panel["view"]]
            assert len(set(axes)) == len(axes)
            assert set(axes) <= set(range(rank))
            assert set(panel.get("factors", ())) <= set(panels)
            assert panel["title"]
        for layout in header["layout"].values():
            shown = names_of(layout)
            assert len(shown) == len(set(shown))
            assert set(shown) <= set(panels)


def names_of(node):
    if isinstance(node, str):
        return [node]
    if "panel" in node:
        return [node["panel"]]
    return [name for child in node.get("row", node.get("column")) for name in names_of(child)]


def plain(channels=1, low=0, **arguments):
    x = np.arange(low, low + 36 * channels, dtype=np.float32).reshape(1, channels, 6, 6)
    return conv_trace(x, np.ones((1, channels, 3, 3), np.float32), **arguments)


def test_options_of_a_convolution_reach_their_panels():
    bare = arrived(plain())["panels"]
    assert bare["kernel"]["edit"] == "type"
    assert "edit" not in bare["input"]
    assert "bias" not in bare
    shown = arrived(plain(3), colours=True, paint=True, edit_kernel=False, labels={2: list("abcdef")})[
        "panels"
    ]
    assert "edit" not in shown["kernel"]
    assert shown["input"]["edit"] == "paint"
    assert shown["input"]["scale"] == ["channels", 0, 255]
    assert shown["input"]["labels"] == {"2": list("abcdef")}
    assert arrived(plain(), signal=True)["panels"]["output"]["kind"] == "signal"
    assert arrived(plain(), signed=True)["panels"]["output"]["scale"][0] == "diverging"


def test_words_and_language_are_the_readers():
    english, chinese = (wire.decode(convolution(plain(), words(each)).to_bytes()) for each in ("en", "zh"))
    assert (english["language"], chinese["language"]) == ("en", "zh")
    assert english["label"] != chinese["label"]
    assert english["panels"]["input"]["title"] != chinese["panels"]["input"]["title"]


@pytest.mark.parametrize("size", [100, 512])
def test_a_whole_result_is_colours_to_pick_from(size):
    x = np.add.outer(np.arange(size), np.arange(size)).astype(np.float32)[None, None]
    trace = conv_trace(x, np.array([[[[-1, 0, 0.5]]]], np.float32), stride=(1, 2))
    picture = np.zeros((3, 64, 60), np.uint8)
    marks = {"output": ((3, 4), (5, 6)), "picture": ((0.5, 2), (1, 2))}
    scene = overview(trace, words("en"), picture=picture, marks=marks)
    header = wire.decode(scene.to_bytes())
    assert header["options"] == {"pick": True, "hint": words("en")["stage.pick"]}
    output = header["panels"]["output"]
    low, high = output["quantised"]
    assert (
        np.abs(low + output["values"] * (high - low) / 255 - trace.output[0]).max()
        <= (high - low) / 255 * 0.501
    )
    assert output["mark"] == [[3, 4], [5, 6]]
    assert header["panels"]["picture"]["scale"][0] == "rgb"
    assert header["panels"]["picture"]["mark"] == [[0.5, 2], [1, 2]]
    assert len(scene.to_bytes()) < output["values"].size + picture.size + 2500


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 255.0], Scale("grey", 0, 255)),
        ([3.0, 40.0], Scale("grey", 0, 255)),
        ([0.0, 300.0], Scale("grey", 0, 300)),
        ([0.0, 0.5], Scale("grey", 0, 0.5)),
        ([-1.0, 0.5], Scale("diverging", -1, 1)),
        ([np.nan, 3.0], Scale("grey", 0, 255)),
        ([np.inf, 3.0], Scale("grey", 0, 255)),
        ([0.0, 0.0], Scale("grey", 0, 1e-9)),
    ],
)
def test_a_picture_is_grey_and_signed_numbers_diverge(values, expected):
    assert picture_scale(np.array(values, np.float32)) == expected
