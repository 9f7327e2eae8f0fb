"""The way back as scenes: what every step adds, against the core; and the numbers that the page tells."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_core import WindowError, conv, conv_backward
from conv_view.few_numbers import MADE, numbers
from conv_view.stories.backward import FULL, SPREAD, STORIES, WEIGHTS, scene
from conv_view.text import words
from conv_view.way_back import ARRAYS, BIAS, INPUT, TARGETS, WEIGHT, case_of
from tests import wire

CASES = [
    {},
    {"stride": 2, "padding": 1},
    {"dilation": 2, "padding": ((2, 0), (1, 1))},
    {"stride": (2, 1), "dilation": (1, 2), "padding": 2},
    {"stride": 3},
]
MODES = ("reflect", "replicate", "circular")


def cases(kind="target"):
    generator = np.random.default_rng(8)
    for at, how in enumerate(CASES):
        x = generator.integers(-4, 5, (7, 6))
        weight = generator.integers(-3, 4, (3, 2))
        grad = None if kind == "target" else lambda shape: generator.integers(-5, 6, shape)
        yield case_of(x, weight, 1.5, how, grad, TARGETS[at % len(TARGETS)])


def arrived(case, story, language="en"):
    return wire.decode(scene(case, words(language), story).to_bytes())


def product(header, act, step, term):
    value = 1.0
    for name in act["arithmetic"]["factors"]:
        place = wire.cell(wire.relation(act, name), step, term)
        value *= wire.value(header["panels"][name], place)
    return value


@pytest.mark.parametrize("at", range(len(CASES)))
def test_every_step_adds_to_all_three_gradients_what_the_core_says(at):
    case = list(cases())[at]
    header = arrived(case, SPREAD)
    (act,) = header["acts"]
    together = [act, *act["also"]]
    assert [one["arithmetic"]["result"] for one in together] == ["input_grad", "weight_grad", "bias_grad"]
    sums = {
        one["arithmetic"]["result"]: np.zeros(header["panels"][one["arithmetic"]["result"]]["shape"])
        for one in together
    }
    for number, step in enumerate(wire.indices(act["shape"])):
        assert case.back[number].out[2:] == step
        for one in together:
            assert one["shape"] == act["shape"]
            result = one["arithmetic"]["result"]
            for term in wire.indices(one["terms"]):
                place = wire.cell(wire.relation(one, result), step, term)
                if all(0 <= each < size for each, size in zip(place, sums[result].shape, strict=True)):
                    sums[result][place] += product(header, one, step, term)
        partial = case.back.partial(number)
        assert sums["input_grad"] == pytest.approx(partial.x[0, 0])
        assert sums["weight_grad"] == pytest.approx(partial.weight[0, 0])
        assert sums["bias_grad"].ravel() == pytest.approx(partial.bias)
    assert np.array_equal(header["panels"]["input_grad"]["values"], case.gradients[INPUT][0, 0])
    assert np.array_equal(header["panels"]["weight_grad"]["values"], case.gradients[WEIGHT][0, 0])


@pytest.mark.parametrize("story", [FULL, WEIGHTS])
@pytest.mark.parametrize("at", range(len(CASES)))
def test_the_other_stories_sum_to_the_same_gradients(at, story):
    case = list(cases())[at]
    header = arrived(case, story)
    (act,) = header["acts"]
    result = header["panels"][act["arithmetic"]["result"]]
    expected = case.gradients[INPUT if story == FULL else WEIGHT]
    assert np.asarray(result["values"]).reshape(expected.shape) == pytest.approx(expected)
    for step in wire.indices(act["shape"]):
        place = wire.cell(wire.relation(act, act["arithmetic"]["result"]), step, (0,) * len(act["terms"]))
        total = sum(product(header, act, step, term) for term in wire.indices(act["terms"]))
        assert total == pytest.approx(result["values"][place])


@pytest.mark.parametrize("mode", MODES)
def test_what_padding_copied_goes_back_to_the_cell_it_was_copied_from(mode):
    x, weight = numbers("digits", 5), np.arange(9.0).reshape(3, 3) - 3
    case = case_of(x, weight, 0.0, {"padding": 2, "padding_mode": mode}, np.ones)
    header = arrived(case, SPREAD)
    (act,) = header["acts"]
    panel, sums = header["panels"]["input_grad"], np.zeros((5, 5))
    for step in wire.indices(act["shape"]):
        for term in wire.indices(act["terms"]):
            place = wire.cell(wire.relation(act, "input_grad"), step, term)
            own = tuple(
                int(source[at + before])
                for at, source, (before, _) in zip(place, panel["sources"], panel["margin"], strict=True)
            )
            sums[own] += product(header, act, step, term)
    assert sums == pytest.approx(case.gradients[INPUT][0, 0])
    assert sum(part.grad * part.other for part in case.parts(INPUT, (0, 0))) == pytest.approx(sums[0, 0])
    with pytest.raises(WindowError):
        scene(case, words("en"), FULL)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("story", STORIES)
def test_a_scene_is_whole(story, language):
    header = arrived(next(cases()), story, language)
    (act,) = header["acts"]
    for one in (act, *act.get("also", ())):
        for related in one["relations"]:
            assert len(related["origin"]) == len(header["panels"][related["panel"]]["shape"])
            assert {len(row) for row in related["step"]} == {len(one["shape"])}
            assert {len(row) for row in related["term"]} == {len(one["terms"])}
    for layout in header["layout"].values():
        assert set(names(layout)) == {*header["panels"]}
    gradients = {name for name, panel in header["panels"].items() if panel["role"] == "gradient"}
    assert act["arithmetic"]["result"] in gradients
    assert header["options"]["follow"]


def names(node):
    if isinstance(node, str):
        return [node]
    if "panel" in node:
        return [node["panel"]]
    return [name for child in node.get("row") or node["column"] for name in names(child)]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    size=st.tuples(st.integers(4, 8), st.integers(4, 8)),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    how=st.fixed_dictionaries(
        {"stride": st.integers(1, 3), "padding": st.integers(0, 2), "dilation": st.integers(1, 2)}
    ),
    target=st.sampled_from((None, *TARGETS)),
)
def test_parts_sum_to_the_gradients_and_differences_agree(seed, size, kernel, how, target):
    generator = np.random.default_rng(seed)
    x, weight = generator.integers(-3, 4, size), generator.integers(-3, 4, kernel)

    def grad(shape):
        return generator.integers(-3, 4, shape)

    try:
        case = case_of(x, weight, 0.5, how, grad if target is None else None, target or "same")
    except WindowError:
        return
    found = conv_backward(case.grad, x[None, None], weight[None, None], **how)
    expected = {INPUT: found.x, WEIGHT: found.weight, BIAS: found.bias}
    for name in ARRAYS:
        for place in np.ndindex(*expected[name].shape):
            at = (0, 0) if name == BIAS else place[2:]
            assert case.place(name, at) == place
            total = sum(part.grad * part.other for part in case.parts(name, at))
            assert total == pytest.approx(expected[name][place], abs=1e-9)
    scale = max(1.0, abs(case.loss))
    assert max(case.errors().values()) < 1e-8 * scale


def test_the_loss_is_that_of_its_target():
    x, weight = numbers("digits", 5), np.ones((2, 2))
    y = conv(x[None, None], weight[None, None])
    shifted = np.zeros_like(y)
    shifted[..., 1:] = y[..., :-1]
    case = case_of(x, weight, 0.0, {}, None, "shifted")
    assert case.loss == ((y - shifted) ** 2).sum()
    assert np.array_equal(case.grad, 2 * (y - shifted))
    after, loss = case.updated(0.001)
    assert np.array_equal(after, weight - 0.001 * case.gradients[WEIGHT])
    assert loss < case.loss
    assert case.checked(WEIGHT, (1, 1)).difference == pytest.approx(case.gradients[WEIGHT][0, 0, 1, 1])


def test_a_gradient_of_another_shape_is_refused_with_both():
    with pytest.raises(WindowError) as caught:
        case_of(np.ones((5, 5)), np.ones((3, 3)), 0.0, {}, lambda _: np.ones((1, 1, 2, 3)))
    assert caught.value.code == "grad_shape"
    assert caught.value.numbers == {"given": (1, 1, 2, 3), "expected": (1, 1, 3, 3)}


@pytest.mark.parametrize("name", [*MADE, "cat"])
def test_inputs_are_small_whole_numbers(name):
    for side in range(4, 9):
        cells = numbers(name, side)
        assert cells.shape == (side, side)
        assert np.array_equal(cells, np.rint(cells))
        assert cells.min() >= 0
        assert 0 < cells.max() <= 9
