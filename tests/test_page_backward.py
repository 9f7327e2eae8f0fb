"""Backward through a convolution: what the stage and the chapters are given, in both languages."""

import contextlib
import io
import re

import numpy as np
import pytest

from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import said, visit

STORIES = ("spread", "full", "weights")
WAYS = [
    {},
    {"stride": "2", "padding": "1", "side": "6", "dy_kind": "ones"},
    {"dilation": "2", "side": "7", "image": "cat", "dy_kind": "random", "dy_seed": "3"},
    {
        "image": "typed", "x": "1_2_3_4_5_6_7_8_9", "x_shape": "3_3", "kernel": "custom", "cells": "1_0_0_-1",
        "cells_shape": "2_2", "dy_kind": "typed", "dy": "1_-2_3_4", "dy_shape": "1_2_2", "bias": "2",
    },
]  # fmt: skip


def stage(app, key="backward"):
    """The scene that the stage called `key` was given, decoded."""
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    (found,) = [scene for scene in scenes if scene["options"]["key"] == key]
    return found


def values(app, panel):
    return np.asarray(stage(app)["panels"][panel]["values"], float)


def report(app, **state):
    """Let the stage report something, as the browser does."""
    app.session_state["backward"] = state
    return app.run()


def looped(x, weight, grad, stride=1, padding=0, dilation=1):
    """dX, dW and db by loops over padded cells."""
    padded = np.pad(x, padding)
    dx, dw = np.zeros_like(padded), np.zeros_like(weight)
    for (i, j), (a, b) in ((p, t) for p in np.ndindex(grad.shape) for t in np.ndindex(weight.shape)):
        row, column = i * stride + a * dilation, j * stride + b * dilation
        dx[row, column] += grad[i, j] * weight[a, b]
        dw[a, b] += grad[i, j] * padded[row, column]
    return dx[padding : padding + x.shape[0], padding : padding + x.shape[1]], dw, grad.sum()


def formulas(app):
    return [each.value for each in app.latex]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", WAYS, ids=["usual", "ones", "random", "typed"])
def test_all_three_stories_hold_the_gradients_of_plain_loops(query, language):
    app = visit("backward", lang=language, **query)
    assert not app.exception
    how = {name: int(query.get(name, low)) for name, low in (("stride", 1), ("padding", 0), ("dilation", 1))}
    x, weight, grad = (values(app, name) for name in ("input", "kernel", "grad"))
    dx, dw, db = looped(x, weight, grad, **how)
    for name, expected in (("input_grad", dx), ("weight_grad", dw), ("bias_grad", [[db]])):
        assert values(app, name) == pytest.approx(np.asarray(expected))
    # The chain rule below ends in the same number as the stage has.
    assert f"\\mathbf{{{dw[0, 0]:g}}}" in formulas(app)[0].replace("\\text", "")
    full = visit("backward", lang=language, story="full", **query)
    assert values(full, "output")[0] == pytest.approx(dx)
    by_weight = visit("backward", lang=language, story="weights", **query)
    assert values(by_weight, "weight_grad") == pytest.approx(dw)
    if query.get("dy_kind") == "typed":
        assert grad.tolist() == [[1, -2], [3, 4]]


def test_the_loss_is_told_and_its_gradient_is_on_the_stage():
    app = visit("backward", target="nothing")
    x, weight = values(app, "input"), values(app, "kernel")
    y = np.array([[(x[i : i + 3, j : j + 3] * weight).sum() for j in range(3)] for i in range(3)])
    assert values(app, "grad") == pytest.approx(2 * y)
    assert f"<b>{(y**2).sum():g}</b>" in said(app)
    one = visit("backward", dy_kind="one", dy_at="0_1_2")
    assert values(one, "grad").tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert f"Y[1, 2] = <b>{y[1, 2]:g}</b>".replace("-", "−") in said(one)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_gradient_of_the_wrong_shape_is_refused_with_both_and_the_stage_stays(language):
    app = visit("backward", lang=language, dy_kind="typed", dy="1_2_3_4_5_6_7_8_9", dy_shape="1_3_3")
    before = values(app, "input_grad")
    assert ":material/error:" not in said(app)
    app.slider(key="backward.stride").set_value(2).run()
    assert not app.exception
    assert words(language).say("errors.grad_shape", given="3×3", expected="2×2") in said(app)
    assert np.array_equal(values(app, "input_grad"), before)
    # From a link there is nothing that was good before.
    link = visit("backward", lang=language, dy_kind="typed", dy="1_2_3_4", dy_shape="1_2_2")
    assert words(language).say("errors.grad_shape", given="2×2", expected="3×3") in said(link)
    assert words(language)["notices.usual.backward"] in said(link)
    assert np.array_equal(values(link, "kernel"), values(app, "kernel"))
    assert (values(link, "grad") == 1).all()
    # What it opens with instead is said to be so: another kernel only where the chosen one has no room.
    roomless = visit("backward", lang=language, side="4", dilation="3")
    assert said(roomless).count(words(language)["notices.usual.backward_ones"]) == 1
    assert (values(roomless, "kernel") == 1).all()
    assert words(language)["notices.usual.backward_ones"] not in said(link)


def test_what_was_typed_on_the_stage_is_used_and_kept():
    app = visit("backward")
    edit = {"panel": "grad", "values": list(range(9)), "shape": [3, 3], "revision": 1}
    report(app, edit=edit)
    assert values(app, "grad").ravel().tolist() == list(range(9))
    assert app.query_params["dy_kind"] == "typed"
    assert app.query_params["dy"] == "0_1_2_3_4_5_6_7_8"
    report(app, edit={"panel": "kernel", "values": [1, 2, 3, 4], "shape": [2, 2], "revision": 2})
    # dY has to be typed again: the output is larger now, and that is said.
    assert "3×3" in said(app)
    assert "4×4" in said(app)
    assert values(app, "kernel").shape == (3, 3)
    app.selectbox(key="backward.dy_kind").set_value("ones").run()
    assert values(app, "kernel").tolist() == [[1, 2], [3, 4]]
    x = [0] * 24 + [7]
    report(app, edit={"panel": "input", "values": x, "shape": [5, 5], "revision": 3})
    assert values(app, "input").ravel().tolist() == x
    assert app.query_params["image"] == "typed"
    again = visit("backward", **{name: app.query_params[name] for name in app.query_params})
    for panel in ("input", "kernel", "grad", "input_grad", "weight_grad"):
        assert np.array_equal(values(again, panel), values(app, panel))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cell_that_is_clicked_is_followed_below(language):
    app = visit("backward", lang=language, chapter="check")
    report(app, pick={"panel": "input_grad", "cell": [2, 3], "at": 1})
    assert app.query_params["of"] == "input"
    assert app.query_params["at"] == "2_3"
    expected = values(app, "input_grad")[2, 3]
    assert f"**{expected:g}**".replace("-", "−") in said(app)
    (shown,) = formulas(app)
    assert "X_{2,3}" in shown
    assert shown.replace("$", "").strip().endswith(f"\\mathbf{{{expected:g}}}")
    report(app, pick={"panel": "bias_grad", "cell": [0, 0], "at": 2})
    assert app.query_params["of"] == "bias"
    # Nowhere does a difference stray from its gradient.
    for apart in re.findall(r"\*\*([\d.]+)·10⁻(\S+?)\*\*", said(app)):
        assert int(apart[1].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))) >= 7


def test_the_five_steps_hold_every_gradient_and_the_update():
    app = visit("backward", chapter="steps", rate="0.001")
    matrices = [
        np.array([[float(cell) for cell in row.split("&")] for row in body.split(r"\\")])
        for formula in formulas(app)
        for body in re.findall(r"begin\{bmatrix\}(.*?)\\end", formula)
    ]
    grad, by_weight, by_input, weight, again, after = matrices
    for found, panel in (
        (grad, "grad"),
        (by_weight, "weight_grad"),
        (by_input, "input_grad"),
        (weight, "kernel"),
    ):
        assert np.array_equal(found, values(app, panel))
    assert np.array_equal(again, by_weight)
    assert after == pytest.approx(weight - 0.001 * by_weight, abs=1e-3)
    before, later = (float(each) for each in re.findall(r"\*\*([\d.]+)\*\*", said(app))[-2:])
    assert later < before
    app.button(key="backward_watch_full").click().run()
    assert app.query_params["story"] == "full"
    assert not app.exception
    app.number_input(key="backward.rate").set_value(5.0).run()
    assert words("en").say("backward.steps.more", before="X", after="Y", rate="5").split("**Y**")[1] in said(
        app
    )


@pytest.mark.parametrize("query", [*WAYS, {"mode": "reflect", "padding": "2", "stride": "2"}])
def test_the_numpy_listing_prints_the_numbers_on_the_stage(query):
    app = visit("backward", chapter="code", **query)
    _, numpy = (each.value for each in app.code)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(numpy, {})
    found = [float(each) for each in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", printed.getvalue())]
    expected = [values(app, name).ravel() for name in ("input_grad", "weight_grad", "bias_grad")]
    assert found == pytest.approx(np.concatenate(expected), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chapter_on_strides_holds_two_of_them_against_each_other(language):
    app = visit("backward", lang=language, chapter="stride", stride="2", side="6")
    assert not app.exception
    for stride, size in ((1, 4), (2, 2)):
        shown = stage(app, f"backward_stride_{stride}")["panels"]
        dilated = np.asarray(shown["dilated"]["values"])
        assert dilated.shape == ((size - 1) * stride + 1,) * 2
        assert np.count_nonzero(dilated) <= size * size
    assert np.array_equal(dilated[::2, ::2], values(app, "grad"))
    # With a stride of 2 the last row of six is dropped: 4 x 4 numbers, of which 3 x 3 are the kernel's.
    assert "4×4" in said(app)
    assert words(language)["backward.stride.cropped"] in said(app)


def without_dilation(app, dilation):
    """What dY moved over X makes of the weights when it is not dilated by the stride."""
    x, grad, kernel = values(app, "input"), values(app, "grad"), values(app, "kernel")
    found = np.zeros(kernel.shape)
    for a, b in np.ndindex(*kernel.shape):
        part = x[a * dilation :, b * dilation :][: grad.shape[0], : grad.shape[1]]
        found[a, b] = (part * grad).sum()
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chapter_on_strides_speaks_of_the_stride_and_the_dilation_that_are_set(language):
    table = words(language)
    app = visit("backward", lang=language, chapter="stride", stride="3", dilation="2", side="8")
    assert table.say("backward.stride.text", stride=3) in said(app)
    # Not at every place, which would be 5 x 5.
    numbers = {"dilation": 2, "full": "3×3", "kernel": "3×3"}
    assert table.say("backward.stride.moved", **numbers) in said(app)
    # Of the same size: then it is the numbers alone that are wrong.
    app = visit("backward", lang=language, chapter="stride", stride="2", dilation="2", side="7")
    amiss, right = without_dilation(app, 2), values(app, "weight_grad")
    place = tuple(np.argwhere(amiss != right)[0])
    told = {"cell": "W[{}, {}]".format(*place), "amiss": f"{amiss[place]:g}", "right": f"{right[place]:g}"}
    expected = table.say("backward.stride.wrong_numbers", **told)
    assert expected.replace("-", "−") in said(app)
    # One cell has nothing beside it to stand apart from, and what is 0 anyway is told to be nothing else.
    for query in ({"side": "4", "stride": "5"}, {"side": "5", "dilation": "2"}):
        app = visit("backward", lang=language, chapter="stride", **query)
        assert table["backward.stride.here_one"] in said(app)
        assert table["backward.stride.wrong"].split("{")[0] not in said(app)
    app = visit("backward", lang=language, chapter="stride", padding="2", kernel="identity")
    assert table.say("backward.stride.wrong_size", wrong="6×6") in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["input", "weight", "bias"])
def test_one_output_is_spoken_of_as_one(name, language):
    app = visit("backward", lang=language, side="4", stride="5", of=name)
    cell = {"input": "X[0, 0]", "weight": "W[0, 0]", "bias": "b"}[name]
    assert words(language).say(f"backward.chain.{name}_one", cell=cell) in said(app)


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
def test_the_five_steps_say_what_becomes_of_the_part_on_the_padding(mode):
    app = visit("backward", chapter="steps", padding="1", mode=mode)
    kind, other = ("cut", "copied") if mode == "zeros" else ("copied", "cut")
    assert words("en")[f"backward.steps.text_4_{kind}"] in said(app)
    assert words("en")[f"backward.steps.text_4_{other}"] not in said(app)
    # The full correlation alone is dX of zero padding; a copy's part comes back to where it was copied from.
    grad, kernel = values(app, "grad"), values(app, "kernel")
    full = np.zeros((7, 7))
    for (i, j), (a, b) in ((p, t) for p in np.ndindex(grad.shape) for t in np.ndindex(kernel.shape)):
        full[i + a, j + b] += grad[i, j] * kernel[a, b]
    cut = full[1:-1, 1:-1]
    assert np.array_equal(values(app, "input_grad"), cut) == (mode == "zeros")
    if mode != "zeros":
        assert values(app, "input_grad").sum() == pytest.approx(full.sum())


@pytest.mark.parametrize(
    "query",
    [
        {"stride": "99"},
        {"image": "typed"},
        {"dilation": "6"},
        {"mode": "reflect", "padding": "1", "story": "full"},
    ],
)
def test_a_link_to_what_cannot_be_says_why_and_shows_something(query):
    app = visit("backward", **query)
    assert not app.exception
    assert ":material/error:" in said(app)
    assert stage(app)["panels"]
