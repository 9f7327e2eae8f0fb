"""Every step of the way back tells what one output's gradient adds, and all views give the same sums."""

import numpy as np
import pytest
from hypothesis import given, settings

from conv_core import WindowError, conv_backward, conv_backward_trace
from conv_core.conv_backward import BackwardPlan
from tests import oracle_backward
from tests.core.backward_cases import ways_back
from tests.core.cases import FLOATS, INTEGERS
from tests.core.test_conv import TOLERANCE

PARTS = ("x", "weight", "bias")


def agree(ours, theirs, atol=1e-12):
    if ours.dtype.kind == "i":
        return np.array_equal(ours, theirs)
    return ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=1e-12, atol=atol)


class Retold:
    """The gradients put together from the steps, cell by cell."""

    def __init__(self, case, trace):
        self.case, self.trace = case, trace
        _, x, weight = case.arguments
        self.x, self.weight = np.zeros(x.shape, object), np.zeros(weight.shape, object)
        self.bias = np.zeros(len(weight), object)
        self.reads = weight.shape[1]
        self.makes = len(weight) // trace.groups

    def add(self, step):
        n, o = step.out[:2]
        self.weight[o] += step.to_weight.astype(object)
        self.bias[o] += step.grad
        first = o // self.makes * self.reads
        spatial = self.case.forward.x.shape[2:]
        mode = self.case.keywords["padding_mode"]
        for tap, cell in oracle_backward.reads(
            step.start, self.trace.window.kernel, self.trace.window.dilation
        ):
            within = all(0 <= at < size for at, size in zip(cell, spatial, strict=True))
            assert bool(step.inside[tap]) == within
            found = tuple(
                oracle_backward.source(at, size, mode) for at, size in zip(cell, spatial, strict=True)
            )
            for c in range(self.reads):
                value = 0 if None in found else self.case.forward.x[(n, first + c, *found)]
                assert step.patch[(c, *tap)] == value
                if None not in found:
                    self.x[(n, first + c, *found)] += step.to_input[(c, *tap)].item()

    def is_told(self, gradients):
        for name in PARTS:
            ours, told = getattr(gradients, name), getattr(self, name)
            assert agree(ours, told if ours.dtype.kind == "i" else told.astype(float))


@settings(max_examples=100)
@given(case=ways_back(["float64", "int64"]))
def test_steps_add_up_to_the_gradients(case):
    grad, x, weight = case.arguments
    trace = conv_backward_trace(*case.arguments, **case.keywords)
    lines = oracle_backward.starts(x.shape[2:], weight.shape[2:], *case.geometry[:3])
    assert len(trace) == grad.size
    retold = Retold(case, trace)
    stops = {0, len(trace) // 3, len(trace) - 1}
    for name in PARTS:
        assert not getattr(trace.partial(-1), name).any()
    for index, (step, place) in enumerate(zip(trace, np.ndindex(*grad.shape), strict=True)):
        assert (step.index, step.out) == (index, place)
        assert step.start == tuple(line[at] for line, at in zip(lines, place[2:], strict=True))
        assert step.grad == grad[place]
        assert type(step.grad) is (int if grad.dtype.kind == "i" else float)
        assert np.array_equal(step.weights, weight[place[1]])
        assert np.array_equal(step.to_weight, grad[place] * step.patch)
        assert np.array_equal(step.to_input, grad[place] * step.weights)
        retold.add(step)
        if index in stops:
            retold.is_told(trace.partial(index))
    retold.is_told(trace.gradients)


@settings(max_examples=60)
@given(case=ways_back(FLOATS + INTEGERS))
def test_attributes_are_what_was_given_and_what_conv_backward_returns(case):
    trace = conv_backward_trace(*case.arguments, **case.keywords)
    plain = conv_backward(*case.arguments, **case.keywords)
    for name in PARTS:
        ours = getattr(trace.gradients, name)
        assert np.array_equal(ours, getattr(plain, name))
        assert ours.dtype == getattr(plain, name).dtype
    assert trace.grad is case.grad
    assert trace.x is case.forward.x
    assert trace.weight is case.forward.weight
    assert trace.pads == case.forward.pads
    assert trace.groups == case.keywords["groups"]
    step = trace[len(trace) // 2]
    work = np.float32 if trace.grad.dtype == np.float16 else plain.x.dtype
    assert step.patch.dtype == step.to_weight.dtype == step.to_input.dtype == work
    assert all(
        np.array_equal(getattr(trace.partial(len(trace)), name), getattr(plain, name)) for name in PARTS
    )


@settings(max_examples=150)
@given(case=ways_back(["float32", "float64", "int64"]))
def test_correlating_the_input_with_the_gradient_gives_that_of_the_weights(case):
    trace = conv_backward_trace(*case.arguments, **case.keywords)
    grad, x, weight = case.arguments
    other = trace.correlated
    assert other.window.stride == trace.window.dilation
    assert other.window.dilation == trace.window.stride
    assert other.window.kernel == grad.shape[2:]
    assert other.shape[:2] == (weight.shape[1], len(weight))
    assert all(more >= k for more, k in zip(other.shape[2:], trace.window.kernel, strict=True))
    cropped = other.output[(..., *[slice(k) for k in trace.window.kernel])].swapaxes(0, 1)
    matches(cropped, trace.gradients.weight, x.dtype, terms=grad.size)
    # One of its steps is one weight's whole story: all its patches' cells, and the gradients they go with.
    step = other[len(other) // 2]
    assert np.array_equal(step.weights, grad[:, step.out[1]])


@settings(max_examples=150)
@given(case=ways_back(["float32", "float64", "int64"]))
def test_scattering_and_correlating_over_stuffed_zeros_give_that_of_the_input(case):
    trace = conv_backward_trace(*case.arguments, **case.keywords)
    _, x, weight = case.arguments
    if case.keywords["padding_mode"] != "zeros":
        with pytest.raises(WindowError, match="zeros"):
            _ = trace.scattered
        return
    assert trace.scattered.shape == x.shape
    matches(trace.scattered.output, trace.gradients.x, x.dtype, terms=weight.size)
    stuffed = trace.scattered.stuffed
    assert stuffed.shape == x.shape
    assert set(stuffed.window.stride) == {1}
    matches(stuffed.output, trace.gradients.x, x.dtype, terms=weight.size)
    # The kernel is turned around along every axis, and its channels are exchanged within each group.
    turned = np.flip(weight, tuple(range(2, weight.ndim)))
    assert stuffed.weight.shape == (x.shape[1], len(weight) // trace.groups, *weight.shape[2:])
    assert np.array_equal(stuffed.weight[0], turned[: len(weight) // trace.groups, 0])
    # Their steps are the same ones: a gradient that is scattered is the one that a step tells.
    for index in (0, len(trace) // 2):
        one, same = trace.scattered[index], trace[index]
        assert (one.cell, one.start, one.value) == (same.out, same.start, same.grad)
        assert np.array_equal(one.products, same.to_input)
        assert np.array_equal(one.inside, same.inside)


def matches(ours, theirs, dtype, terms):
    if dtype.kind == "i":
        assert np.array_equal(ours, theirs)
    else:
        # Every term is at most 1.
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() <= TOLERANCE[dtype.name] * terms


def test_where_the_stride_drops_cells_the_views_still_agree():
    generator = np.random.default_rng(2)
    x, weight = generator.integers(-9, 10, (2, 4, 8, 9)), generator.integers(-9, 10, (6, 2, 3, 2))
    # (8 + 2 - 3) / 3 leaves one row over, (9 - 3) / 4 two columns.
    keywords = {"stride": (3, 4), "padding": ((1, 1), (0, 0)), "dilation": (1, 2), "groups": 2}
    grad = generator.integers(-9, 10, (2, 6, 3, 2))
    trace = conv_backward_trace(grad, x, weight, **keywords)
    assert not trace.gradients.x[:, :, :, 7:].any()
    assert np.array_equal(trace.scattered.output, trace.gradients.x)
    assert np.array_equal(trace.scattered.stuffed.output, trace.gradients.x)
    more = trace.correlated.output
    assert more.shape == (2, 6, 4, 3)
    assert np.array_equal(more[:, :, :3, :2].swapaxes(0, 1), trace.gradients.weight)


def test_it_is_indexed_like_a_list():
    trace = conv_backward_trace(np.arange(8).reshape(1, 2, 4), np.ones((1, 1, 5)), np.ones((2, 1, 2)))
    assert [step.grad for step in trace] == [*range(8)]
    assert [trace[-index].index for index in (1, 8)] == [7, 0]
    assert trace[np.int64(5)].out == (0, 1, 1)
    for beyond in (8, -9):
        with pytest.raises(IndexError, match=f"step {beyond} of 8"):
            trace[beyond]


def test_shapes_are_checked_now_and_nothing_else_is_done_until_it_is_asked_for(monkeypatch):
    calls = []
    operands = BackwardPlan.operands
    monkeypatch.setattr(BackwardPlan, "operands", lambda plan: calls.append(1) or operands(plan))
    trace = conv_backward_trace(np.ones((1, 1, 4)), np.ones((1, 1, 3)), np.ones((1, 1, 2)), padding=1)
    assert (len(trace), trace.pads, calls) == (4, ((1, 1),), [])
    assert trace[3].inside.tolist() == [True, False]
    assert "gradients" not in vars(trace)
    assert (trace.gradients.x.tolist(), calls) == ([[[2, 2, 2]]], [1])
    with pytest.raises(WindowError, match=r"\(1, 1, 3\)"):
        conv_backward_trace(np.ones((1, 1, 3)), np.ones((1, 1, 3)), np.ones((1, 1, 2)), padding=1)


def test_a_step_looks_at_its_own_window_only():
    trace = conv_backward_trace(np.ones((1, 1, 998, 998)), np.ones((1, 1, 1000, 1000)), np.ones((1, 1, 3, 3)))
    step = trace[-1]
    assert np.shares_memory(step.patch, trace.padded)
    assert step.to_input.shape == (1, 3, 3)
    assert "gradients" not in vars(trace)


@pytest.mark.filterwarnings("error")
def test_steps_with_infinities_make_no_warning():
    grad = np.array([[[np.inf, 1.0]]])
    trace = conv_backward_trace(grad, np.zeros((1, 1, 3)), np.zeros((1, 1, 2)))
    assert np.isnan(trace[0].to_weight).all()
    assert np.isnan(trace.gradients.x[0, 0]).tolist() == [True, True, False]
