"""Every step of the trace tells how exactly this output cell came about."""

import numpy as np
import pytest
from hypothesis import given

from conv_core import conv, conv_trace, source_indices
from conv_core.plan import Plan
from tests.core.cases import FLOATS, INTEGERS, cases
from tests.core.test_conv import TOLERANCE


def check_parts(case, trace, step):
    """Whatever the type: places, patches and weights are those of the geometry."""
    sample, channel, *position = step.out
    padded = np.pad(np.ones(case.x.shape[2:]), case.pads)
    first = channel // (len(case.weight) // trace.groups) * case.weight.shape[1]
    assert np.array_equal(step.weights, case.weight[channel])
    assert step.start == trace.window.start(position, case.x.shape[2:])
    assert padded.shape == trace.padded.shape[2:]
    cells = trace.window.cells(position, case.x.shape[2:])
    for tap in np.ndindex(*trace.window.kernel):
        places = [
            sources[cell + before]
            for sources, cell, (before, _) in zip(trace.sources, cells[tap], trace.pads, strict=True)
        ]
        for read in range(case.weight.shape[1]):
            source = 0 if min(places) < 0 else case.x[(sample, first + read, *places)]
            assert step.patch[(read, *tap)] == source


@given(case=cases(INTEGERS))
def test_integer_steps_are_the_output(case):
    trace = conv_trace(*case.arguments, **case.keywords)
    output = conv(*case.arguments, **case.keywords)
    assert trace.shape == output.shape
    assert len(trace) == output.size
    for index, step in enumerate(trace):
        assert step.index == index
        assert step.value == output[step.out] == output.flat[index]
        assert step.sum == step.products.sum() == (step.patch * step.weights).sum()
        assert step.value == step.sum + step.bias
        assert isinstance(step.value, int)
    check_parts(case, trace, trace[len(trace) // 2])


@given(case=cases(FLOATS))
def test_float_steps_are_the_output_but_for_rounding(case):
    trace = conv_trace(*case.arguments, **case.keywords)
    output = conv(*case.arguments, **case.keywords)
    for step in trace:
        magnitude = np.abs(step.products).astype(float).sum() + abs(step.bias)
        assert abs(step.value - float(output[step.out])) <= TOLERANCE[case.x.dtype.name] * magnitude
        assert step.value == trace.output.dtype.type(step.value)
    check_parts(case, trace, trace[len(trace) // 2])


@given(case=cases())
def test_attributes_are_what_conv_used(case):
    trace = conv_trace(*case.arguments, **case.keywords)
    assert np.array_equal(trace.output, conv(*case.arguments, **case.keywords))
    assert trace.x is case.x
    assert trace.weight is case.weight
    assert trace.bias is case.bias
    assert trace.pads == case.pads
    for axis, sources in enumerate(trace.sources):
        expected = source_indices(case.x.shape[2 + axis], *case.pads[axis], case.keywords["padding_mode"])
        assert np.array_equal(sources, expected)


def test_it_is_indexed_like_a_list():
    trace = conv_trace(np.arange(5)[None, None], np.ones((2, 1, 2), int))
    assert [step.value for step in trace] == [1, 3, 5, 7, 1, 3, 5, 7]
    assert [trace[-index].index for index in (1, 8)] == [7, 0]
    assert trace[np.int64(3)].out == (0, 0, 3)
    assert next(reversed(trace)).index == 7
    for beyond in (8, -9):
        with pytest.raises(IndexError, match=f"step {beyond} of 8"):
            trace[beyond]


def test_nothing_is_computed_until_it_is_asked_for(monkeypatch):
    calls = []
    operands = Plan.operands
    monkeypatch.setattr(Plan, "operands", lambda plan: calls.append(1) or operands(plan))
    trace = conv_trace(np.ones((1, 1, 3)), np.ones((1, 1, 2)), padding=1)
    assert (len(trace), trace.shape, trace.sources[0].tolist()) == (4, (1, 1, 4), [-1, 0, 1, 2, -1])
    assert calls == []
    assert trace[3].value == 1
    assert (trace[0].value, trace.output.shape, calls) == (1, (1, 1, 4), [1])


def test_a_step_looks_at_its_own_window_only():
    trace = conv_trace(np.ones((1, 1, 2000, 2000)), np.ones((1, 1, 3, 3)))
    step = trace[-1]
    assert np.shares_memory(step.patch, trace.padded)
    assert step.patch.shape == (1, 3, 3)
    assert "output" not in vars(trace)


def test_a_step_of_float16_shows_the_terms_that_were_summed():
    trace = conv_trace(np.full((1, 1, 2), 0.1, np.float16), np.full((1, 1, 2), 3, np.float16))
    step = trace[0]
    assert step.products.dtype == np.float32
    assert step.sum == step.products.sum()
    assert step.value == float(np.float16(step.sum))
