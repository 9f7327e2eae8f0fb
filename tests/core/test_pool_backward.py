"""Gradients of pooling: against differences, as adjoints, and where each share goes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_core import (
    adaptive_avg_pool,
    adaptive_avg_pool_backward,
    avg_pool,
    avg_pool_backward,
    global_avg_pool,
    global_avg_pool_backward,
    global_max_pool,
    global_max_pool_backward,
    lp_pool,
    lp_pool_backward,
    max_pool,
    max_pool_backward,
)
from tests import oracle_pool
from tests.core.sliding import pools, slopes


def gradient_for(output, seed=3):
    return np.random.default_rng(seed).uniform(-1, 1, output.shape)


@settings(max_examples=60)
@given(case=pools(("float64",), special=True))
def test_a_maximum_sends_its_gradient_to_where_it_was(case):
    grad = gradient_for(max_pool(case.x, case.kernel, **case.keywords))
    routed = max_pool_backward(grad, case.x, case.kernel, **case.keywords)
    expected = np.zeros((*case.x.shape[:2], int(np.prod(case.spatial))))
    for place, read in case.windows.items():
        _, flat = oracle_pool.maximum(read, case.spatial)
        expected[(*place[:2], flat)] += grad[place]
    assert np.allclose(routed, expected.reshape(case.x.shape), atol=1e-14)


@settings(max_examples=40)
@given(case=pools(("float64",)))
def test_a_maximum_against_differences(case):
    function = lambda x: max_pool(x, case.kernel, **case.keywords)  # noqa: E731
    grad = gradient_for(function(case.x))
    back = max_pool_backward(grad, case.x, case.kernel, **case.keywords)
    assert np.allclose(back, slopes(function, case.x, grad, 1e-7), atol=1e-6)


@settings(max_examples=60)
@given(case=pools(("float64",)), include=st.booleans())
def test_an_average_and_its_gradient_are_adjoint(case, include):
    output = avg_pool(case.x, case.kernel, **case.keywords, count_include_pad=include)
    grad = gradient_for(output)
    back = avg_pool_backward(grad, case.x, case.kernel, **case.keywords, count_include_pad=include)
    assert back.shape == case.x.shape
    scale = (np.abs(output) * np.abs(grad)).sum() + (np.abs(back) * np.abs(case.x)).sum()
    assert abs((output * grad).sum() - (case.x * back).sum()) <= 1e-13 * scale


@settings(max_examples=40)
@given(case=pools(("float64",)), p=st.sampled_from((1, 1.5, 2, 3)))
def test_a_norm_against_differences(case, p):
    x = case.x + np.sign(case.x) * 0.05
    function = lambda x: lp_pool(x, p, case.kernel, **case.keywords)  # noqa: E731
    grad = gradient_for(function(x))
    back = lp_pool_backward(grad, x, p, case.kernel, **case.keywords)
    assert np.allclose(back, slopes(function, x, grad), atol=1e-6)


@settings(max_examples=30)
@given(case=pools(("float64",)), outs=st.tuples(*[st.integers(1, 6)] * 3))
def test_global_and_adaptive_poolings_against_differences(case, outs):
    outs = outs[: case.x.ndim - 2]
    for function, backward in (
        (global_max_pool, global_max_pool_backward),
        (global_avg_pool, global_avg_pool_backward),
        (lambda x: adaptive_avg_pool(x, outs), adaptive_avg_pool_backward),
    ):
        grad = gradient_for(function(case.x))
        assert np.allclose(backward(grad, case.x), slopes(function, case.x, grad), atol=1e-6)


def test_overlapping_windows_add_up_and_the_first_of_equals_gets_everything():
    x = np.array([[[3.0, 3.0, 9.0, 1.0]]])
    assert max_pool_backward(np.array([[[1.0, 10, 100]]]), x, 2, stride=1)[0, 0].tolist() == [1, 0, 110, 0]
    assert avg_pool_backward(np.array([[[2.0, 20, 200]]]), x, 2, stride=1)[0, 0].tolist() == [1, 11, 110, 100]


def test_what_falls_on_the_padding_is_lost():
    x = np.ones((1, 1, 3))
    grad = np.array([[[6.0, 60]]])
    back = avg_pool_backward(grad, x, 2, padding=1)
    assert back[0, 0].tolist() == [3, 30, 30]
    back = avg_pool_backward(grad, x, 2, padding=1, count_include_pad=False)
    assert back[0, 0].tolist() == [6, 30, 30]


def test_a_norm_of_nothing_has_no_gradient_and_small_numbers_have_one():
    assert lp_pool_backward([[[1.0]]], np.zeros((1, 1, 2)), 2, 2).tolist() == [[[0, 0]]]
    tiny = np.full((1, 1, 2), 1e-30, np.float32)
    assert np.allclose(lp_pool_backward(np.ones((1, 1, 1), np.float32), tiny, 1, 2), 1)


@pytest.mark.parametrize(
    ("grad", "x", "routed", "shared"),
    [
        ("float32", "float32", "float32", "float32"),
        ("float16", "float16", "float16", "float16"),
        ("float32", "uint8", "float32", "float32"),
        ("int64", "int64", "int64", "float64"),
    ],
)
def test_types_are_kept(grad, x, routed, shared):
    grads, inputs = np.ones((1, 1, 2), grad), np.ones((1, 1, 4), x)
    assert max_pool_backward(grads, inputs, 2).dtype == routed
    assert avg_pool_backward(grads, inputs, 2).dtype == shared
    assert lp_pool_backward(grads, inputs, 2, 2).dtype == shared
