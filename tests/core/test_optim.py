"""Descents against loops over Python's own numbers, and what they keep between steps."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_core import SGD, Adam

RATES = st.sampled_from((0.001, 0.1, 1.0))
MOMENTA = st.sampled_from((0.0, 0.5, 0.9))
DECAYS = st.sampled_from((0.0, 0.01, 0.3))


def start(seed, dtype="float64"):
    """Two parameters, and six gradients for each."""
    generator = np.random.default_rng(seed)
    shapes = {"weight": (2, 1, 3), "bias": (2,)}
    params = {name: generator.uniform(-1, 1, shape).astype(dtype) for name, shape in shapes.items()}
    grads = [
        {name: generator.uniform(-1, 1, shape).astype(dtype) for name, shape in shapes.items()}
        for _ in range(6)
    ]
    return params, grads


def descended(optimizer, params, grads):
    """What a descent makes of copies of the parameters."""
    moved = {name: array.copy() for name, array in params.items()}
    for one in grads:
        optimizer.step(moved, one)
    return moved


def cells(params, grads):
    """Every single number with its own gradients, step by step."""
    for name, array in params.items():
        for place in np.ndindex(*array.shape):
            yield name, place, array[place].item(), [one[name][place].item() for one in grads]


@settings(max_examples=40)
@given(seed=st.integers(0, 99), lr=RATES, momentum=MOMENTA, decay=DECAYS)
def test_descent_with_momentum_is_that_of_a_loop(seed, lr, momentum, decay):
    params, grads = start(seed)
    moved = descended(SGD(lr, momentum, decay), params, grads)
    for name, place, value, slopes in cells(params, grads):
        velocity = 0.0
        for slope in slopes:
            velocity = momentum * velocity + slope + decay * value
            value = value - lr * velocity
        assert moved[name][place] == pytest.approx(value, rel=1e-13, abs=1e-14)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 99),
    lr=RATES,
    betas=st.sampled_from(((0.9, 0.999), (0.0, 0.5), (0.5, 0.9))),
    eps=st.sampled_from((1e-8, 0.1)),
    decay=DECAYS,
)
def test_adam_is_that_of_a_loop(seed, lr, betas, eps, decay):
    params, grads = start(seed)
    moved = descended(Adam(lr, betas, eps, decay), params, grads)
    for name, place, value, slopes in cells(params, grads):
        mean = square = 0.0
        for count, slope in enumerate(slopes, 1):
            change = slope + decay * value
            mean = betas[0] * mean + (1 - betas[0]) * change
            square = betas[1] * square + (1 - betas[1]) * change**2
            fair, size = mean / (1 - betas[0] ** count), square / (1 - betas[1] ** count)
            value = value - lr * fair / (math.sqrt(size) + eps)
        assert moved[name][place] == pytest.approx(value, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("make", [lambda: SGD(0.1, 0.9, 0.1), lambda: Adam(0.1, weight_decay=0.1)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parameters_change_in_place_and_keep_their_type_and_gradients_are_left_alone(make, dtype):
    params, grads = start(3, dtype)
    before = [{name: array.copy() for name, array in one.items()} for one in grads]
    same = dict(params)
    kept = {name: array.copy() for name, array in params.items()}
    optimizer = make()
    for one in grads:
        for array in one.values():
            array.flags.writeable = False
        optimizer.step(params, one)
    for name, array in params.items():
        assert array is same[name]
        assert array.dtype == dtype
        assert not np.array_equal(array, kept[name])
        assert all(np.array_equal(one[name], old[name]) for one, old in zip(grads, before, strict=True))


@pytest.mark.parametrize("make", [lambda: SGD(0.1, 0.9, 0.1), lambda: Adam(0.1, weight_decay=0.1)])
def test_the_caller_may_use_a_gradient_array_again(make):
    """What is kept is no view of the gradients: networks write the next ones into the same room."""
    params, grads = start(4)
    expected = descended(make(), params, grads)
    room = {name: array.copy() for name, array in grads[0].items()}
    optimizer = make()
    for one in grads:
        for name, array in one.items():
            room[name][:] = array
        optimizer.step(params, room)
    assert all(np.array_equal(params[name], expected[name]) for name in params)


@pytest.mark.parametrize("make", [lambda: SGD(0.1, 0.9), lambda: Adam(0.1)])
def test_a_parameter_without_a_gradient_stays_and_counts_no_step(make):
    params, grads = start(5)
    still = params["bias"].copy()
    optimizer = make()
    for one in grads[:3]:
        optimizer.step(params, {"weight": one["weight"]})
    assert np.array_equal(params["bias"], still)
    optimizer.step(params, {"bias": grads[3]["bias"]})
    fresh = {"bias": still.copy()}
    make().step(fresh, {"bias": grads[3]["bias"]})
    assert np.array_equal(params["bias"], fresh["bias"])


def test_two_descents_share_nothing():
    params, grads = start(6)
    for make in (lambda: SGD(0.1, 0.9), lambda: Adam(0.1)):
        # The second begins anew, though both have seen parameters of the same names.
        expected = descended(make(), params, grads)
        found = descended(make(), params, grads)
        assert all(np.array_equal(found[name], expected[name]) for name in params)


def test_the_first_step_of_adam_is_the_rate_whatever_the_size_of_the_gradient():
    params = {"w": np.zeros(3)}
    Adam(lr=0.25).step(params, {"w": np.array([1e-3, 1.0, -1e9])})
    assert np.allclose(params["w"], [-0.25, -0.25, 0.25], rtol=1e-4)


def test_both_find_the_bottom_of_a_bowl():
    for optimizer in (SGD(0.1), SGD(0.05, momentum=0.9), Adam(0.1)):
        params = {"w": np.array([3.0, -2.0])}
        for _ in range(400):
            optimizer.step(params, {"w": 2 * params["w"] * np.array([1.0, 3.0])})
        assert np.abs(params["w"]).max() < 1e-3
