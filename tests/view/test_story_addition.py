"""The stories of a feature map: every step's relations lead to the numbers that the core computed with."""

import numpy as np
import pytest

from conv_core import (
    ACTIVATIONS,
    add_trace,
    batch_norm,
    batch_statistics,
    conv_trace,
    kernel,
    local_response_norm,
    relu,
    softmax,
)
from conv_view.controls.activations import functions
from conv_view.stories import normalisation
from conv_view.stories.activation import activation
from conv_view.stories.addition import addition
from conv_view.text import LANGUAGES, words
from tests import wire

RANDOM = np.random.default_rng(3)
X = RANDOM.integers(0, 256, (1, 1, 5, 7)).astype(np.float32)
SOBEL = kernel("sobel_x")[None, None]
WORDS = words("en")


THEN = {
    None: lambda value: value,
    "relu": lambda value: max(0.0, value),
    "tanh": lambda value: (np.exp(2 * value) - 1) / (np.exp(2 * value) + 1),
    "sigmoid": lambda value: 1 / (1 + np.exp(-value)),
}


def convolved(x=X, weight=SOBEL, **arguments):
    return conv_trace(x, weight, padding="same", **arguments)


def arrived(scene):
    return wire.decode(scene.to_bytes())


def computed(header, act, index):
    """What a step computes out of what its relations lead to, and the value that its result holds."""
    panels, arithmetic = header["panels"], act["arithmetic"]

    def at(name, term=None):
        term = (0,) * len(act["terms"]) if term is None else term
        return wire.value(panels[name], wire.cell(wire.relation(act, name), index, term))

    if arithmetic.get("addends"):
        total = sum(at(name) for name in arithmetic["factors"])
    else:
        total = sum(
            np.prod([at(name, term) for name in arithmetic["factors"]]) for term in wire.indices(act["terms"])
        )
    if arithmetic["reduce"] == "mean":
        total /= at(arithmetic["divisor"])
    if arithmetic["bias"]:
        total += at(arithmetic["bias"])
    total = THEN[arithmetic.get("then")](total)
    return total, at(arithmetic["result"])


def every_step_holds(header, acts=None):
    for act in header["acts"]:
        if acts is not None and act["name"] not in acts:
            continue
        for index in wire.indices(act["shape"]):
            total, result = computed(header, act, index)
            assert total == pytest.approx(result, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("then", ["relu", None])
@pytest.mark.parametrize("mode", ["zeros", "replicate"])
def test_every_step_of_a_residual_block_computes_what_it_shows(layers, then, mode):
    first = convolved(padding_mode=mode, bias=np.array([3], np.float32))
    made = [first]
    if layers == 2:
        made.append(convolved(relu(first.output), kernel("box")[None, None] * -2, padding_mode=mode))
    trace = add_trace(X, made[-1].output, then)
    header = arrived(addition(trace, made, WORDS))
    assert len(header["acts"]) == layers + 1
    every_step_holds(header)
    assert np.array_equal(header["panels"]["output"]["values"], trace.output[0])
    assert np.array_equal(header["panels"]["residual"]["values"], trace.fx[0])


@pytest.mark.parametrize("then", ["tanh", "sigmoid"])
def test_an_activation_without_end_stands_around_the_sum_and_on_a_scale_of_its_own(then):
    x = X / 255
    made = [convolved(x, SOBEL / 4)]
    trace = add_trace(x, made[0].output, then)
    header = arrived(addition(trace, made, WORDS))
    every_step_holds(header)
    output = header["panels"]["output"]
    assert np.array_equal(output["values"], trace.output[0])
    assert output["title"] == f"{then}(x + F(x))"
    assert output["scale"] == (["diverging", -1, 1] if then == "tanh" else ["grey", 0, 1])


def test_an_activation_that_cannot_be_printed_is_refused():
    made = [convolved()]
    with pytest.raises(ValueError, match="not 'leaky_relu'"):
        addition(add_trace(X, made[0].output, "leaky_relu"), made, WORDS)


def test_the_three_cells_of_an_addition_are_one_and_the_same_place():
    made = [convolved()]
    trace = add_trace(X, made[0].output)
    act = arrived(addition(trace, made, WORDS))["acts"][-1]
    for step in trace:
        index = (0, *step.out[1:])
        places = {wire.cell(wire.relation(act, name), index, ()) for name in ("input", "residual", "output")}
        assert places == {step.out[1:]}


def test_a_block_has_one_or_two_convolutions():
    trace = add_trace(X, X)
    with pytest.raises(ValueError, match="not by 0"):
        addition(trace, [], WORDS)


def test_a_negative_sum_is_shown_on_the_diverging_scale():
    made = [convolved(weight=SOBEL * -3)]
    plain, cut = (
        arrived(addition(add_trace(X, made[0].output, then), made, WORDS))["panels"]
        for then in (None, "relu")
    )
    assert plain["output"]["scale"][0] == plain["input"]["scale"][0] == "diverging"
    assert cut["output"]["scale"] == cut["input"]["scale"] == ["grey", 0, 255]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_stands_beside_its_map_with_the_slope(name):
    trace = convolved(X / 255)
    forward, derivative = functions(name, 0.1)
    after, slope = forward(trace.output), derivative(trace.output)
    header = arrived(activation(trace, name, after, slope, WORDS))
    convolution, act = header["acts"]
    every_step_holds(header, {convolution["name"]})
    every_step_holds(header, {act["name"]})
    for index in wire.indices(act["shape"]):
        places = {wire.cell(wire.relation(act, panel), index, ()) for panel in ("output", "after", "slope")}
        assert places == {index[1:]}
    assert np.array_equal(header["panels"]["after"]["values"], after[0])
    # A finite difference does not know the core's derivative; away from the kink at 0.
    near = trace.output.astype(np.float64)
    numeric = (forward(near + 1e-5) - forward(near - 1e-5)) / 2e-5
    away = np.abs(near) > 1e-3
    assert slope[away] == pytest.approx(numeric[away], abs=1e-4)


@pytest.mark.parametrize(("gamma", "beta"), [(1.0, 0.0), (2.5, -3.0)])
def test_every_step_of_batch_norm_computes_what_it_shows(gamma, beta):
    maps = RANDOM.normal(5, 3, (2, 3, 4, 5)).astype(np.float32)
    mean, variance = batch_statistics(maps)
    normal = batch_norm(maps, mean, variance)
    more = {}
    if gamma != 1:
        full = [np.full(3, each, np.float32) for each in (gamma, beta)]
        more = {
            "after": batch_norm(maps, mean, variance, *full),
            "gamma": full[0],
            "beta": full[1],
        }
    deviation = np.sqrt(variance + np.float32(1e-5))
    header = arrived(normalisation.batch(maps, normal, mean, deviation, WORDS, ("a", "b", "c"), **more))
    assert len(header["acts"]) == 1 + bool(more)
    every_step_holds(header)
    assert np.array_equal(header["panels"]["before"]["values"].swapaxes(0, 1), maps)


@pytest.mark.parametrize("size", [1, 4, 5, 9])
def test_a_response_sums_the_squares_of_its_neighbours(size):
    maps = relu(RANDOM.normal(0, 90, (8, 3, 2)).astype(np.float32))
    back, ahead = size // 2, (size - 1) // 2
    squares = np.zeros_like(maps)
    for channel in range(8):
        for other in range(max(0, channel - back), min(8, channel + ahead + 1)):
            squares[channel] += maps[other] ** 2
    paper, torch = (
        local_response_norm(maps[None], size, divide_alpha=divided)[0] for divided in (False, True)
    )
    header = arrived(normalisation.responses(maps, squares, paper, torch, size, WORDS))
    every_step_holds(header)
    assert paper == pytest.approx(maps / (2 + 1e-4 * squares) ** 0.75, rel=1e-4)
    assert torch == pytest.approx(maps / (2 + 1e-4 / size * squares) ** 0.75, rel=1e-4)


def test_a_share_is_its_exponential_over_the_sum():
    given = np.array([2, 1, 0.1, -1], np.float32)
    exponentials = np.exp(given - 2)
    scene = normalisation.scores(given, exponentials, float(exponentials.sum()), softmax(given, 0), WORDS)
    every_step_holds(arrived(scene))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_scene_is_whole_and_in_the_readers_language(language):
    trace = convolved()
    one = add_trace(X, trace.output)
    maps = np.ones((2, 3, 4, 4), np.float32)
    scenes = (
        activation(trace, "tanh", trace.output, trace.output, words(language)),
        addition(one, [trace], words(language)),
        normalisation.batch(maps, maps, maps[0, :, 0, 0], maps[0, :, 0, 0], words(language), "abc"),
        normalisation.responses(maps[0], maps[0], maps[0], maps[0], 5, words(language)),
    )
    for scene in scenes:
        header = arrived(scene)
        assert header["language"] == language
        for act in header["acts"]:
            for related in act["relations"]:
                rank = len(header["panels"][related["panel"]]["shape"])
                assert len(related["origin"]) == len(related["step"]) == len(related["term"]) == rank
            arithmetic = act["arithmetic"]
            used = {*arithmetic["factors"], arithmetic["result"]} | {arithmetic.get("divisor")} - {None}
            assert used <= {related["panel"] for related in act["relations"]}
        for layout in header["layout"].values():
            shown = names_of(layout)
            assert len(shown) == len(set(shown))
            assert set(shown) <= set(header["panels"])


def names_of(node):
    if isinstance(node, str):
        return [node]
    if "panel" in node:
        return [node["panel"]]
    return [name for child in node.get("row", node.get("column")) for name in names_of(child)]
