"""Losses by their definitions, their gradients by differences; and differences by what is known exactly."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_core import (
    cross_entropy,
    cross_entropy_backward,
    finite_differences,
    mse_loss,
    mse_loss_backward,
    softmax,
)
from tests.core.cases import FLOATS

LOOSE = {"float16": 2e-3, "float32": 1e-6, "float64": 1e-14}
SHAPES = st.sampled_from(((1,), (7,), (2, 3), (1, 2, 3, 2), (2, 1, 4)))
REDUCTIONS = st.sampled_from(("mean", "sum"))


def values(seed, shape, dtype="float64", most=2):
    return np.random.default_rng(seed).uniform(-most, most, shape).astype(dtype)


@settings(max_examples=60)
@given(shape=SHAPES, seed=st.integers(0, 99), dtype=st.sampled_from(FLOATS), reduction=REDUCTIONS)
def test_squared_errors_are_those_of_a_loop(shape, seed, dtype, reduction):
    y, target = values(seed, shape, dtype), values(seed + 1, shape, dtype)
    pairs = list(zip(y.ravel().tolist(), target.ravel().tolist(), strict=True))
    count = len(pairs) if reduction == "mean" else 1
    total = sum((a - b) ** 2 for a, b in pairs) / count
    assert mse_loss(y, target, reduction=reduction) == pytest.approx(total, rel=max(LOOSE[dtype], 1e-14) * 4)
    back = mse_loss_backward(y, target, reduction=reduction)
    assert back.dtype == dtype
    assert back.shape == shape
    expected = np.reshape([2 * (a - b) / count for a, b in pairs], shape)
    assert np.allclose(back, expected, rtol=LOOSE[dtype], atol=LOOSE[dtype])


@settings(max_examples=40)
@given(shape=SHAPES, seed=st.integers(0, 99), reduction=REDUCTIONS)
def test_squared_errors_against_differences(shape, seed, reduction):
    y, target = values(seed, shape), values(seed + 1, shape)
    tried = finite_differences(lambda at: mse_loss(at, target, reduction=reduction), y, step=0.5)
    assert np.allclose(mse_loss_backward(y, target, reduction=reduction), tried, rtol=0, atol=1e-12)


def test_the_mean_is_the_default_and_integers_are_real_numbers():
    assert mse_loss([1, 5], [1, 2]) == 4.5
    assert mse_loss_backward([1, 5], [1, 2]).dtype == np.float64
    assert mse_loss_backward(np.ones(3, np.float32), np.zeros(3)).dtype == np.float64


def test_the_mean_of_many_halves_does_not_overflow():
    many = np.full(100_000, 200, np.float16)
    assert mse_loss(many, many * 0) == pytest.approx(40_000, rel=1e-6)
    assert np.all(mse_loss_backward(many, many * 0) > 0)


SCORES = st.tuples(st.integers(1, 5), st.integers(1, 6))


def labels_for(shape, seed):
    return np.random.default_rng(seed).integers(0, shape[1], shape[0])


@settings(max_examples=60)
@given(shape=SCORES, seed=st.integers(0, 99), dtype=st.sampled_from(FLOATS))
def test_cross_entropy_is_the_mean_surprise(shape, seed, dtype):
    logits, labels = values(seed, shape, dtype, most=4), labels_for(shape, seed)
    surprise, shares = 0.0, np.zeros(shape)
    for n, row in enumerate(logits.tolist()):
        powers = [math.exp(one) for one in row]
        shares[n] = [one / sum(powers) for one in powers]
        surprise -= math.log(shares[n, labels[n]]) / shape[0]
        shares[n, labels[n]] -= 1
    loose = LOOSE[dtype] * 10
    assert cross_entropy(logits, labels) == pytest.approx(surprise, rel=loose, abs=loose)
    back = cross_entropy_backward(logits, labels)
    assert back.dtype == dtype
    assert np.allclose(back, shares / shape[0], rtol=0, atol=loose)


@settings(max_examples=40)
@given(shape=SCORES, seed=st.integers(0, 99))
def test_cross_entropy_against_differences(shape, seed):
    logits, labels = values(seed, shape, most=4), labels_for(shape, seed)
    tried = finite_differences(lambda at: cross_entropy(at, labels), logits, step=1e-4)
    back = cross_entropy_backward(logits, labels)
    # The error of central differences is a sixth of the step's square times the third derivative, below 1.
    assert np.allclose(back, tried, rtol=0, atol=3e-9)
    # What is added to all scores of a sample changes nothing.
    assert np.allclose(back.sum(axis=1), 0, atol=1e-15)
    shifted = logits + np.arange(shape[0])[:, None]
    assert cross_entropy(shifted, labels) == pytest.approx(cross_entropy(logits, labels), abs=1e-13)
    whole = np.eye(shape[1])[labels]
    assert np.allclose(back, (softmax(logits, axis=1) - whole) / shape[0], atol=1e-15)


@pytest.mark.filterwarnings("error")
def test_scores_far_apart_neither_overflow_nor_lose_the_loss():
    logits = np.array([[1000.0, 0.0, -1000.0]], np.float32)
    assert cross_entropy(logits, [0]) == 0
    assert cross_entropy(logits, [2]) == 2000
    assert cross_entropy_backward(logits, [2]).tolist() == [[1, 0, -1]]
    assert cross_entropy([[5.0]], [0]) == 0


def test_labels_may_be_of_any_whole_type():
    logits = values(0, (3, 4))
    expected = cross_entropy(logits, [3, 0, 2])
    for dtype in ("uint8", "int16", "int64", "uint64"):
        assert cross_entropy(logits, np.array([3, 0, 2], dtype)) == expected


@settings(max_examples=30)
@given(seed=st.integers(0, 99), step=st.sampled_from((1e-3, 0.1, 1.0)))
def test_differences_of_a_quadratic_function_are_exact_whatever_the_step(seed, step):
    generator = np.random.default_rng(seed)
    matrix, at = generator.uniform(-1, 1, (6, 6)), generator.uniform(-1, 1, (2, 3))
    tried = finite_differences(lambda x: float(x.ravel() @ matrix @ x.ravel()), at, step=step)
    assert tried.shape == at.shape
    assert np.allclose(tried.ravel(), (matrix + matrix.T) @ at.ravel(), rtol=0, atol=1e-11)


def test_differences_get_better_with_the_square_of_the_step():
    errors = [
        abs(finite_differences(lambda x: float(np.sin(x).sum()), [1.0], step=step)[0] - math.cos(1))
        for step in (0.1, 0.01)
    ]
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.01)


def test_only_the_places_asked_for_are_tried_and_the_input_stays_as_it_was():
    asked = []

    def function(x):
        asked.append(x.copy())
        return float((x**3).sum())

    at = np.array([[1, 2], [3, 4]], np.float32)
    at.flags.writeable = False
    tried = finite_differences(function, at, places=[(0, 1), (1, 1)])
    assert tried.dtype == np.float64
    assert tried[[0, 1], [0, 0]].tolist() == [0, 0]
    assert np.allclose(tried[:, 1], [12, 48], atol=2e-6)
    assert len(asked) == 4
    assert all(np.count_nonzero(x != at) == 1 for x in asked)
    assert at.tolist() == [[1, 2], [3, 4]]


def test_differences_of_a_large_number_use_the_step_that_rounding_left():
    """At 10^12 a step of 0.001 becomes 0.0009766, and the slope is still right."""
    tried = finite_differences(lambda x: float(x[0] - 1e12), [1e12])
    assert tried[0] == 1
