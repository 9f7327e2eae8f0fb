"""The way back through a pooling: what every step adds, which gradients reach a cell, and where kinks are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_view import given_gradient, pooling_backward_code
from conv_view.pooled import Pooling
from conv_view.pooled_check import check, kinks, parts
from conv_view.pooled_paths import paths, watched
from conv_view.stories.backward_pooling import backward
from conv_view.text import words
from tests import wire
from tests.view.test_story_pooling import poolings


def made(case, kind="random"):
    pooling, x = case
    trace = pooling.trace(x)
    grad = given_gradient.given(kind, trace.shape, place=(0, 1, 1), seed=4)
    return pooling, trace, grad, pooling.backward(grad, x)


@given(poolings(), st.sampled_from(("ones", "one", "random")))
def test_the_gradient_arrives_where_the_core_sends_it(case, kind):
    _, trace, grad, back = made(case, kind)
    header = wire.decode(backward(trace, grad, back, words("en")).to_bytes())
    (act,), panels = header["acts"], header["panels"]
    assert act["arithmetic"]["factors"] == ["gradient", "share"]
    assert act["arithmetic"].get("routes") == ("share" if trace.kind == "max" else None)
    total = np.zeros(trace.x.shape[1:])
    for index in wire.indices(act["shape"]):
        for term in wire.indices(act["terms"]):
            product = 1.0
            for name in act["arithmetic"]["factors"]:
                product *= float(wire.value(panels[name], wire.cell(wire.relation(act, name), index, term)))
            cell = wire.cell(wire.relation(act, "back"), index, term)
            assert cell == wire.cell(wire.relation(act, "input"), index, term)
            if all(0 <= at < size for at, size in zip(cell, total.shape, strict=True)):
                total[cell] += product
    assert total == pytest.approx(back[0].astype(float), rel=1e-5, abs=1e-5)
    assert np.array_equal(panels["back"]["values"], back[0])
    assert np.array_equal(panels["output"]["values"], trace.output[0])


@given(poolings(), st.integers(0, 10**6))
def test_the_paths_to_a_cell_carry_its_gradient(case, number):
    _, trace, grad, back = made(case)
    place = np.unravel_index(number % trace.x.size, trace.x.shape)
    found = paths(trace, tuple(int(at) for at in place))
    assert sum(float(grad[path.out]) * path.share for path in found) == pytest.approx(
        float(back[place]), rel=1e-4, abs=1e-4
    )
    if trace.kind == "max":
        flat = int(np.ravel_multi_index(place[2:], trace.x.shape[2:]))
        same = [out for out in np.ndindex(*trace.shape) if out[1] == place[1] and trace.argmax[out] == flat]
        assert [path.out for path in found] == same


@given(poolings())
def test_the_cell_that_is_spoken_of_lies_in_the_window(case):
    _, trace, _, _ = made(case)
    out = tuple(size - 1 for size in trace.shape[1:])
    place = watched(trace, (*out[:1], 99, 99))
    assert all(0 <= at < size for at, size in zip(place, trace.x.shape, strict=True))
    if trace.kind == "max":
        assert trace.x[place] == trace.output[(0, *out)]


def test_at_a_tie_the_difference_is_half_of_the_gradient():
    x = np.array([[[[5, 5, 1, 0], [2, 3, 0, 4]]]], np.float32)
    pooling = Pooling("max", (2, 2), (2, 2))
    trace = pooling.trace(x)
    grad = np.array([[[[6.0, 2.0]]]], np.float32)
    back = pooling.backward(grad, x)
    found = check(trace, grad, back, lambda at: float((grad * pooling.trace(at).output).sum()), 1e-3)
    assert found.tried[0, 0, 0, :2] == pytest.approx([3, 3])
    assert back[0, 0, 0, :2].tolist() == [6, 0]
    assert (found.count, found.at_kinks) == (2, 2)
    assert found.most == pytest.approx(3)
    assert found.rest < 1e-6
    # Without a gradient a tie is no kink of the loss.
    grad[0, 0, 0, 0] = 0
    assert not kinks(trace, grad).any()


@settings(max_examples=30)
@given(poolings())
def test_what_differs_from_the_differences_stands_at_a_kink(case):
    pooling, trace, grad, back = made(case)
    found = check(trace, grad, back, lambda at: float((grad * pooling.trace(at).output).sum()), 1e-3)
    assert found.count == found.at_kinks
    if trace.kind != "max":
        assert found.count == 0


@settings(max_examples=30)
@given(poolings(("max",)))
def test_what_each_window_gives_adds_up_to_the_gradient_and_to_the_difference(case):
    pooling, trace, grad, back = made(case)
    tried = check(trace, grad, back, lambda at: float((grad * pooling.trace(at).output).sum()), 1e-3).tried
    held = parts(trace, grad)
    for place in np.ndindex(*trace.x.shape):
        windows = held.get(place, [])
        assert sum(part.grad for part in windows if part.first) == pytest.approx(back[place], abs=1e-5)
        halves = sum(part.grad * (0.5 if part.shared else 1) for part in windows)
        assert halves == pytest.approx(tried[place], abs=1e-5)


@given(poolings())
def test_the_numpy_code_gives_the_gradient(case):
    _, trace, grad, back = made(case)
    found = {"print": lambda *_: None}
    exec(pooling_backward_code.numpy(trace, grad), found)
    assert found["dx"] == pytest.approx(back[0], rel=1e-4, abs=1e-4)
    compile(pooling_backward_code.pytorch(trace, grad), "listing", "exec")
