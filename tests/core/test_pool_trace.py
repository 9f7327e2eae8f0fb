"""Every step of a pooling tells how exactly this output cell came about."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_core import avg_pool, lp_pool, max_pool, pool_trace
from conv_core.pool_plan import PoolPlan
from tests.core.sliding import pools

KINDS = ("max", "avg", "lp")


def output_of(kind, case, include=True):
    if kind == "max":
        return max_pool(case.x, case.kernel, **case.keywords)
    if kind == "avg":
        return avg_pool(case.x, case.kernel, **case.keywords, count_include_pad=include)
    return lp_pool(case.x, 3, case.kernel, **case.keywords)


@settings(max_examples=100)
@given(case=pools(("float32", "float64", "uint8")), kind=st.sampled_from(KINDS), include=st.booleans())
def test_steps_are_the_output(case, kind, include):
    trace = pool_trace(case.x, case.kernel, kind, p=3, **case.keywords, count_include_pad=include)
    output = output_of(kind, case, include)
    assert np.array_equal(trace.output, output)
    assert trace.shape == output.shape
    assert len(trace) == output.size
    for index, step in enumerate(trace):
        read = case.windows[step.out]
        assert step.index == index
        assert step.out == tuple(np.unravel_index(index, output.shape))
        assert step.start == read[0][0]
        assert step.inside.ravel().tolist() == [value is not None for _, value, _ in read]
        for patch, (_, value, _) in zip(step.patch.ravel(), read, strict=True):
            assert value is None or patch == value
        assert step.value == pytest.approx(float(output[step.out]), rel=1e-6, abs=1e-6)
        if kind == "max":
            assert step.value == case.x[(*step.out[:2], *step.where)] == step.patch[step.tap]
            assert step.inside[step.tap]
            assert read[np.ravel_multi_index(step.tap, case.kernel)][0] == step.where
            assert (step.terms, step.sum, step.divisor) == (None, None, None)
        else:
            assert step.where is None
            assert step.sum == step.terms.sum()
            assert step.terms[~step.inside].sum() == 0
        if kind == "avg":
            counted = [explicit if include else value is not None for _, value, explicit in read]
            assert step.divisor == sum(counted)
            assert step.value == pytest.approx(step.sum / step.divisor, rel=1e-6)


@given(case=pools(("float64",), special=True))
def test_where_the_maximum_is_is_what_indices_say(case):
    trace = pool_trace(case.x, case.kernel, **case.keywords)
    _, indices = max_pool(case.x, case.kernel, **case.keywords, return_indices=True)
    assert np.array_equal(trace.argmax, indices)
    for step in trace:
        assert np.ravel_multi_index(step.where, case.spatial) == indices[step.out]


@given(case=pools(("float64",)))
def test_attributes_for_a_picture(case):
    trace = pool_trace(case.x, case.kernel, "avg", **case.keywords)
    assert trace.x is case.x
    assert trace.argmax is None
    edges = [(before, after + more) for (before, after), more in zip(trace.pads, trace.overhang, strict=True)]
    assert np.array_equal(trace.padded, np.pad(case.x, [(0, 0), (0, 0), *edges]))
    grid = np.pad(np.arange(case.x[0, 0].size).reshape(case.spatial), edges, constant_values=-1)
    for place in np.ndindex(*grid.shape):
        cells = [source[p] for source, p in zip(trace.sources, place, strict=True)]
        assert grid[place] == (-1 if min(cells) < 0 else np.ravel_multi_index(cells, case.spatial))
    assert trace.window.read(trace.padded).shape == (*trace.shape, *case.kernel)


def test_a_maximum_is_padded_with_minus_infinity():
    trace = pool_trace(np.ones((1, 1, 3)), 2, padding=1)
    assert trace.padded[0, 0].tolist() == [-np.inf, 1, 1, 1, -np.inf]
    assert trace[0].patch.tolist() == [-np.inf, 1]
    assert pool_trace(np.ones((1, 1, 3), np.int8), 2, padding=1).padded[0, 0, 0] == -128


def test_it_is_indexed_like_a_list_and_computes_nothing_before(monkeypatch):
    calls = []
    real = PoolPlan.real
    monkeypatch.setattr(PoolPlan, "real", lambda plan: calls.append(1) or real(plan))
    trace = pool_trace(np.arange(6.0)[None, None], 2, "avg")
    assert (len(trace), trace.shape, calls) == (3, (1, 1, 3), [])
    assert [step.value for step in trace] == [0.5, 2.5, 4.5]
    assert (trace[-1].value, next(reversed(trace)).index, calls) == (4.5, 2, [1])
    for beyond in (3, -4):
        with pytest.raises(IndexError, match=f"step {beyond} of 3"):
            trace[beyond]
