"""Normalisations: by definition, cell by cell, by differences, and each with its traps."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_core import (
    batch_norm,
    batch_norm_backward,
    batch_statistics,
    local_response_norm,
    local_response_norm_backward,
    running_statistics,
    softmax,
    softmax_backward,
)
from tests.core.cases import FLOATS
from tests.core.sliding import slopes

SHAPES = st.sampled_from(((2, 3), (1, 4, 3), (2, 1, 5), (2, 6, 2, 2), (1, 3, 2, 1, 2), (3, 2, 1)))
LOOSE = {"float16": 2e-3, "float32": 1e-6, "float64": 1e-14}


def values(seed, shape, dtype="float64"):
    return np.random.default_rng(seed).uniform(-2, 2, shape).astype(dtype)


@settings(max_examples=40)
@given(shape=SHAPES, seed=st.integers(0, 99), dtype=st.sampled_from(FLOATS), axis=st.integers(-2, 1))
def test_softmax_is_shares_of_exponentials(shape, seed, dtype, axis):
    x = values(seed, shape, dtype)
    output = softmax(x, axis)
    assert output.dtype == dtype
    for place in np.ndindex(*shape):
        beside = np.moveaxis(x, axis, -1)[tuple(np.delete(place, axis))].tolist()
        share = math.exp(float(x[place])) / sum(map(math.exp, beside))
        assert float(output[place]) == pytest.approx(share, rel=LOOSE[dtype])
    if dtype == "float64":
        grad = values(seed + 1, shape)
        function = lambda x: softmax(x, axis)  # noqa: E731
        assert np.allclose(softmax_backward(grad, x, axis), slopes(function, x, grad), atol=1e-8)


def test_softmax_of_large_numbers_does_not_overflow():
    assert softmax(np.array([[1e4, 1e4, -1e4]], np.float32)).tolist() == [[0.5, 0.5, 0]]
    assert np.isnan(softmax([[np.nan, 1.0]])).all()
    assert softmax([[1, 1]]).dtype == np.float64


def normalised(x, place, mean, variance, weight, bias, epsilon):
    c = place[1]
    return (float(x[place]) - mean[c]) / math.sqrt(variance[c] + epsilon) * weight[c] + bias[c]


@settings(max_examples=60)
@given(shape=SHAPES, seed=st.integers(0, 99), dtype=st.sampled_from(("float32", "float64")))
def test_batch_norm_cell_by_cell(shape, seed, dtype):
    x = values(seed, shape, dtype)
    channels = shape[1]
    mean, weight, bias = (values(seed + place, channels, dtype) for place in (1, 2, 3))
    variance = np.abs(values(seed + 4, channels, dtype)) + dtype_number(dtype, 0.1)
    output = batch_norm(x, mean, variance, weight, bias, epsilon=1e-3)
    of_batch = batch_norm(x, weight=weight, bias=bias)
    assert output.dtype == of_batch.dtype == dtype
    cells = [[float(x[p]) for p in np.ndindex(*shape) if p[1] == c] for c in range(channels)]
    means = [sum(one) / len(one) for one in cells]
    variances = [sum((v - m) ** 2 for v in one) / len(one) for one, m in zip(cells, means, strict=True)]
    for found, expected in zip(batch_statistics(x), (means, variances), strict=True):
        assert np.allclose(found, expected, rtol=LOOSE[dtype], atol=LOOSE[dtype])
    for place in np.ndindex(*shape):
        expected = normalised(x, place, mean, variance, weight, bias, 1e-3)
        assert float(output[place]) == pytest.approx(expected, abs=30 * LOOSE[dtype])
        expected = normalised(x, place, means, variances, weight, bias, 1e-5)
        # The smaller the spread, the more of the digits the mean has taken.
        assert float(of_batch[place]) == pytest.approx(
            expected, abs=30 * LOOSE[dtype] / math.sqrt(variances[place[1]] + 1e-5)
        )


def dtype_number(dtype, value):
    return np.dtype(dtype).type(value)


@settings(max_examples=30)
@given(shape=SHAPES, seed=st.integers(0, 99), given_=st.tuples(st.booleans(), st.booleans()))
def test_batch_norm_gradients_against_differences(shape, seed, given_):
    x, grad = values(seed, shape), values(seed + 1, shape)
    mean = values(seed + 2, shape[1]) if given_[0] else None
    variance = np.abs(values(seed + 3, shape[1])) + 0.1 if given_[1] else None
    weight, bias = values(seed + 4, shape[1]), values(seed + 5, shape[1])
    gradients = batch_norm_backward(grad, x, mean, variance, weight, epsilon=0.1)

    def of_x(x):
        return batch_norm(x, mean, variance, weight, bias, epsilon=0.1)

    def of_weight(weight):
        return batch_norm(x, mean, variance, weight, bias, epsilon=0.1)

    def of_bias(bias):
        return batch_norm(x, mean, variance, weight, bias, epsilon=0.1)

    if given_[1] or not given_[0]:
        assert np.allclose(gradients.x, slopes(of_x, x, grad), atol=1e-7)
    assert np.allclose(gradients.weight, slopes(of_weight, weight, grad), atol=1e-7)
    assert np.allclose(gradients.bias, slopes(of_bias, bias, grad), atol=1e-7)


def test_without_weight_and_bias_it_only_normalises():
    x = values(1, (2, 3, 4))
    assert np.allclose(batch_norm(x, epsilon=0.0).swapaxes(0, 1).reshape(3, -1).std(axis=1), 1, atol=1e-12)
    assert np.array_equal(batch_norm_backward(x, x).x, batch_norm_backward(x, x, weight=np.ones(3)).x)


def test_momentum_is_the_weight_of_the_new_and_the_variance_kept_is_the_unbiased_one():
    """ONNX's momentum is one minus torch's, and the biased variance normalises the batch itself."""
    x = np.array([[[1.0, 3.0]], [[5.0, 7.0]]])
    mean, variance = running_statistics([0.0], [1.0], x, momentum=0.1)
    assert mean == pytest.approx(0.1 * 4)
    assert variance == pytest.approx(0.9 * 1 + 0.1 * 20 / 3)
    assert batch_statistics(x)[1] == 5


def neighbours(channel, size, channels):
    """As torch has it: an even size looks one channel further back."""
    return [c for c in range(channel - size // 2, channel + (size - 1) // 2 + 1) if 0 <= c < channels]


@settings(max_examples=60)
@given(
    shape=SHAPES,
    seed=st.integers(0, 99),
    size=st.integers(1, 6),
    dtype=st.sampled_from(FLOATS),
    divide=st.booleans(),
)
def test_local_response_norm_cell_by_cell(shape, seed, size, dtype, divide):
    x = values(seed, shape, dtype)
    keywords = {"alpha": 0.7, "beta": 0.75, "k": 1.5, "divide_alpha": divide}
    output = local_response_norm(x, size, **keywords)
    assert output.dtype == dtype
    for place in np.ndindex(*shape):
        squares = sum(float(x[(place[0], c, *place[2:])]) ** 2 for c in neighbours(place[1], size, shape[1]))
        base = 1.5 + (0.7 / size if divide else 0.7) * squares
        assert float(output[place]) == pytest.approx(float(x[place]) / base**0.75, rel=3 * LOOSE[dtype])
    if dtype == "float64":
        grad = values(seed + 1, shape)
        function = lambda x: local_response_norm(x, size, **keywords)  # noqa: E731
        back = local_response_norm_backward(grad, x, size, **keywords)
        assert np.allclose(back, slopes(function, x, grad), atol=1e-8)


def test_the_paper_does_not_divide_alpha_but_torch_and_onnx_do():
    x = np.full((1, 5, 1), 100.0)
    assert local_response_norm(x)[0, 2, 0] == pytest.approx(100 / (2 + 1e-4 * 5 * 100**2) ** 0.75)
    divided = local_response_norm(x, k=1.0, divide_alpha=True)
    assert divided[0, 2, 0] == pytest.approx(100 / (1 + 1e-4 * 100**2) ** 0.75)
    # At the ends there are fewer neighbours, and the divisor stays.
    assert divided[0, 0, 0] == pytest.approx(100 / (1 + 1e-4 / 5 * 3 * 100**2) ** 0.75)


def test_a_nan_stays_in_its_channel_or_its_neighbourhood():
    x = np.ones((1, 4, 2))
    x[0, 0, 0] = np.nan
    assert np.isnan(batch_norm(x))[0, :, 0].tolist() == [True, False, False, False]
    assert np.isnan(local_response_norm(x, 3))[0].tolist() == [[True, False]] * 2 + [[False, False]] * 2
