"""The way back by matrices: what every step of every act adds up and lights, against plain loops."""

import re

import numpy as np
import pytest

from conv_core import WindowError, conv_trace
from conv_view import gemm_backward_code, given_gradient
from conv_view.gemm_backward import TARGETS, matrices, squared_error, target
from conv_view.given_gradient import GradientTextError
from conv_view.stories.backward_matrices import ACTS, start
from conv_view.stories.backward_matrices import matrices as story
from conv_view.text import LANGUAGES, words
from tests import oracle_backward, wire
from tests import oracle_im2col as oracle


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).integers(-5, 6, shape).astype(np.float32)


CASES = {
    "plain": ((1, 1, 5, 5), (2, 1, 3, 3), {}),
    "one": ((1, 1, 3, 3), (1, 1, 3, 3), {}),
    "colours": ((1, 3, 4, 5), (2, 3, 2, 3), {"stride": (2, 1), "padding": ((1, 0), (0, 2))}),
    "dilated": ((1, 1, 6, 7), (3, 1, 2, 2), {"dilation": (3, 2), "stride": (1, 2), "padding": 1}),
    "mirrored": ((1, 2, 5, 4), (1, 2, 3, 3), {"padding": ((1, 2), (2, 1)), "padding_mode": "reflect"}),
    "gaps": ((1, 1, 7, 6), (2, 1, 2, 2), {"stride": 3}),
}


def made(name, target_name=None):
    x_shape, weight_shape, how = CASES[name]
    trace = conv_trace(numbers(*x_shape), numbers(*weight_shape, seed=1), **how)
    wanted = target_name and target(trace, target_name)
    grad = numbers(*trace.shape, seed=2) if wanted is None else squared_error(trace, wanted)
    return matrices(trace, grad, wanted)


def read(scene):
    header = wire.decode(scene.to_bytes())
    header["acts"] = {act["name"]: act for act in header["acts"]}
    return header


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_every_step_multiplies_a_row_and_a_column_and_columns_are_added_back(name, language):
    shown = made(name)
    header = read(story(shown, words(language)))
    panels = header["panels"]
    assert list(header["acts"]) == list(ACTS)
    for act_name, result in (("forward", "product"), ("weights", "row_grads"), ("columns", "column_grads")):
        act = header["acts"][act_name]
        assert act["arithmetic"]["result"] == result
        reached = np.zeros(panels[result]["shape"], int)
        for step in wire.indices(act["shape"]):
            total = 0.0
            for term in wire.indices(act["terms"]):
                terms = [
                    wire.value(panels[factor], wire.cell(wire.relation(act, factor), step, term))
                    for factor in act["arithmetic"]["factors"]
                ]
                total += float(np.prod(terms))
            cell = wire.cell(wire.relation(act, result), step, [0] * len(act["terms"]))
            reached[cell] += 1
            assert total == pytest.approx(float(panels[result]["values"][cell]), abs=1e-3)
        assert (reached == 1).all()
    act, x_grad = header["acts"]["fold"], panels["x_grad"]
    sums = np.zeros(x_grad["shape"])
    for step in wire.indices(act["shape"]):
        for term in wire.indices(act["terms"]):
            value = wire.value(
                panels["column_grads"], wire.cell(wire.relation(act, "column_grads"), step, term)
            )
            place = wire.cell(wire.relation(act, "x_grad"), step, term)
            own = []
            for axis, at in enumerate(place):
                inside = 0 <= at < sums.shape[axis]
                source = (x_grad.get("sources") or [None] * 3)[axis]
                own.append(at if inside else int(source[at + x_grad["margin"][axis][0]]))
            if min(own) >= 0:
                sums[tuple(own)] += float(value)
    assert sums == pytest.approx(x_grad["values"].astype(float), abs=1e-3)


@pytest.mark.parametrize("name", CASES)
def test_the_gradients_are_those_of_loops(name):
    shown = made(name)
    trace = shown.trace
    window = trace.window
    by_x, by_weight, _ = (
        np.asarray(sums.values, float)
        for sums in oracle_backward.conv_backward(
            shown.grad,
            trace.x,
            trace.weight,
            window.stride,
            trace.pads,
            window.dilation,
            1,
            trace.padding_mode,
        )
    )
    assert shown.x_grad[None] == pytest.approx(by_x)
    assert shown.row_grads.reshape(trace.weight.shape) == pytest.approx(by_weight)
    settings = trace.pads, window.kernel, window.stride, window.dilation, trace.padding_mode
    assert np.array_equal(shown.columns, oracle.columns(trace.x[0], *settings))


def test_a_pointed_cell_of_a_gradient_leads_to_what_it_was_made_of():
    shown = made("plain")
    header = read(story(shown, words("en")))
    act = header["acts"]["fold"]
    # The middle pixel of 5 x 5 stands in all nine columns.
    found = {
        wire.cell(wire.relation(act, "column_grads"), step, term)
        for step in wire.indices(act["shape"])
        for term in wire.indices(act["terms"])
        if wire.cell(wire.relation(act, "x_grad"), step, term) == (0, 2, 2)
    }
    assert found == {(8 - at, at) for at in range(9)}
    # The column of dY belongs to the step's column of dX col.
    (related,) = [each for each in act["relations"] if each["panel"] == "grads"]
    assert related["over"] == [2]
    assert [wire.cell(related, (1, 2), (o,)) for o in range(2)] == [(0, 5), (1, 5)]
    weights = header["acts"]["weights"]
    assert wire.cell(wire.relation(weights, "rows"), (1, 0, 2, 1), (0, 0)) == (1, 7)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("wanted", TARGETS)
def test_the_gradient_of_a_squared_error_is_found_by_trying_too(name, wanted):
    shown = made(name, wanted)
    assert shown.loss == pytest.approx(float(((shown.trace.output - shown.target) ** 2).sum()), rel=1e-5)
    place = tuple(size - 1 for size in shown.trace.weight.shape)
    assert shown.tried_weight(place, 1e-3) == pytest.approx(
        float(shown.row_grads[-1, -1]), rel=1e-4, abs=1e-2
    )
    assert shown.tried_pixel((0, 0, 1, 1), 1e-3) == pytest.approx(
        float(shown.x_grad[0, 1, 1]), rel=1e-4, abs=1e-2
    )
    assert "target" in read(story(shown, words("zh")))["panels"]


@pytest.mark.parametrize("name", CASES)
def test_the_numpy_code_gives_the_numbers_of_the_stage(name, capsys):
    shown = made(name)
    found = {}
    exec(gemm_backward_code.numpy(shown), found)
    printed = [float(each) for each in re.findall(r"-?\d[\d.e+-]*", capsys.readouterr().out)]
    told = np.concatenate([each.ravel() for each in (shown.product, shown.row_grads, shown.x_grad)])
    assert printed == pytest.approx(told, rel=1e-6, abs=1e-4)
    assert found["d_rows"] == pytest.approx(shown.row_grads)
    assert found["d_columns"] == pytest.approx(shown.column_grads)
    assert found["dx"] == pytest.approx(shown.x_grad)
    assert found["y"] == pytest.approx(shown.trace.output[0])
    compile(gemm_backward_code.pytorch(shown), "listing", "exec")


def test_both_products_cost_what_the_forward_one_does():
    forward, back = made("colours").costs
    assert back.weight.multiplies == back.columns.multiplies == forward.multiplies


def test_acts_begin_at_their_first_step():
    header = read(story(made("colours"), words("en")))
    for number, name in enumerate(ACTS):
        assert start(name) == (number, *[0] * len(header["acts"][name]["shape"]))


def test_a_gradient_of_another_shape_is_refused_with_both():
    with pytest.raises(WindowError, match=r"\(1, 2, 2, 3\).*\(1, 2, 3, 3\)"):
        matrices(made("plain").trace, np.ones((1, 2, 2, 3)))


@pytest.mark.parametrize("shape", [(1, 1, 3, 4), (1, 3, 2, 2), (1, 2, 1, 1)])
def test_a_gradient_is_read_as_it_was_written(shape):
    grad = numbers(*shape) / 4
    assert np.array_equal(given_gradient.read(given_gradient.write(grad)), grad)


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("", "empty", {}),
        ("1 2\n3", "ragged", {"row": 2, "given": 1, "expected": 2}),
        ("1 2\n\n3 4\n5 6", "rows", {"given": 2, "expected": 1}),
        ("1 zwei", "cell", {"token": "zwei"}),
        ("1 nan", "cell", {"token": "nan"}),
        ("1 1e9", "cell", {"token": "1e9"}),
    ],
)
def test_a_text_that_is_no_gradient_says_why(text, code, told):
    with pytest.raises(GradientTextError) as caught:
        given_gradient.read(text)
    assert (caught.value.code, caught.value.numbers) == (code, told)
    for language in LANGUAGES:
        assert words(language).say(f"gradient.faults.{code}", **told)


def test_given_gradients_are_what_they_are_called():
    assert given_gradient.given("ones", (1, 2, 2, 2)).sum() == 8
    assert np.argwhere(given_gradient.given("one", (1, 2, 3, 3), place=(1, 0, 9))).tolist() == [[0, 1, 0, 2]]
    drawn = given_gradient.given("random", (1, 1, 40, 40), seed=3)
    assert np.array_equal(drawn, given_gradient.given("random", (1, 1, 40, 40), seed=3))
    assert sorted(set(drawn.ravel().tolist())) == [-3, -2, -1, 0, 1, 2, 3]
