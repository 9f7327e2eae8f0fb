"""Activations and the residual addition: by definition, by differences, and where numbers end."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conv_core
from conv_core import ACTIVATIONS, add_trace, leaky_relu, relu, relu_backward, sigmoid, sigmoid_backward, tanh
from tests.core.cases import FLOATS, INTEGERS, numbers
from tests.core.sliding import slopes

DEFINITIONS = {
    "relu": lambda x: max(x, 0.0),
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
}


def values(seed, dtype="float64", scale=4.0):
    return (numbers(np.random.default_rng(seed), (2, 3, 4), "float64") * scale).astype(dtype)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", FLOATS)
def test_they_are_what_they_are_called(name, dtype):
    x = values(1, dtype)
    result = ACTIVATIONS[name](x)
    assert result.dtype == dtype
    expected = np.array([DEFINITIONS[name](value) for value in x.ravel().tolist()]).reshape(x.shape)
    tolerance = {"float16": 1e-3, "float32": 3e-7, "float64": 1e-15}[dtype]
    assert np.allclose(result.astype(float), expected, rtol=tolerance, atol=0)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradients_against_differences(name):
    x, grad = values(2), values(3)
    backward = getattr(conv_core, f"{name}_backward")
    assert np.allclose(backward(grad, x), slopes(ACTIVATIONS[name], x, grad), atol=1e-8)
    assert backward(grad.astype(np.float32), x.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", INTEGERS)
def test_whole_numbers_stay_whole_only_through_relu(name, dtype):
    x = np.zeros(3, dtype)
    assert ACTIVATIONS[name](x).dtype == (dtype if name == "relu" else np.float64)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nan_stays_and_infinities_make_no_noise(name):
    with np.errstate(all="raise", under="ignore"):
        low, high, nan = ACTIVATIONS[name](np.array([-np.inf, np.inf, np.nan]))
    assert low == {"relu": 0, "leaky_relu": -np.inf, "tanh": -1, "sigmoid": 0}[name]
    assert high == {"relu": np.inf, "leaky_relu": np.inf, "tanh": 1, "sigmoid": 1}[name]
    assert np.isnan(nan)


def test_at_zero_relu_lets_nothing_through():
    assert relu_backward([1.0, 1.0, 1.0], [0.0, -0.0, 1e-300]).tolist() == [0, 0, 1]
    assert leaky_relu([0.0, -8.0], 0.25).tolist() == [0, -2]


def test_far_out_a_sigmoid_keeps_its_digits():
    assert sigmoid(np.array([-700.0]))[0] == pytest.approx(math.exp(-700), rel=1e-13)
    assert sigmoid_backward([1.0], [40.0])[0] == pytest.approx(math.exp(-40), rel=1e-13)
    assert tanh(np.float32(1e-6)) == np.float32(1e-6)


@settings(max_examples=50)
@given(
    seed=st.integers(0, 99),
    dtypes=st.tuples(*[st.sampled_from(("float32", "float64", "int16", "uint8"))] * 2),
    activation=st.sampled_from((None, *ACTIVATIONS)),
)
def test_a_residual_addition_cell_by_cell(seed, dtypes, activation):
    x, fx = (values(seed + place, dtype) for place, dtype in enumerate(dtypes))
    trace = add_trace(x, fx, activation)
    total = x.astype(trace.sum.dtype) + fx.astype(trace.sum.dtype)
    assert trace.x is x
    assert trace.fx is fx
    assert trace.shape == x.shape
    assert np.array_equal(trace.sum, total)
    assert np.array_equal(trace.output, total if activation is None else ACTIVATIONS[activation](total))
    assert len(trace) == x.size
    for index, step in enumerate(trace):
        assert step.index == index
        assert step.out == tuple(np.unravel_index(index, x.shape))
        assert (step.x, step.fx) == (x[step.out], fx[step.out])
        assert step.sum == total[step.out]
        assert step.value == trace.output[step.out]


def test_the_addition_is_indexed_like_a_list():
    trace = add_trace([1, -5], [2, 3])
    assert [step.value for step in trace] == [3, 0]
    assert isinstance(trace[-1].sum, int)
    assert np.array_equal(trace.output, relu(np.array([3, -2])))
    for beyond in (2, -3):
        with pytest.raises(IndexError, match=f"step {beyond} of 2"):
            trace[beyond]
