"""A kernel that learns, against plain loops that share nothing with the core, and against least squares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_core import conv, curvature, finite_differences, kernel, learn_kernel, random_kernel


def picture(seed=0, shape=(9, 11)):
    return np.random.default_rng(seed).normal(0, 1, shape)


def slid(x, weight):
    """The convolution of x (H, W) with weight (k, l), cell by cell."""
    rows, cols = (x.shape[axis] - weight.shape[axis] + 1 for axis in (0, 1))
    out = np.zeros((rows, cols))
    for r in range(rows):
        for c in range(cols):
            for i in range(weight.shape[0]):
                for j in range(weight.shape[1]):
                    out[r, c] += x[r + i, c + j] * weight[i, j]
    return out


def descended(x, target, start, lr, momentum, steps):
    """Kernels, gradients and losses of a descent on all positions, by loops."""
    wanted, weight, velocity = slid(x, target), start.copy(), np.zeros_like(start)
    kernels, gradients, losses = [], [], []
    for _ in range(steps + 1):
        wrong = slid(x, weight) - wanted
        slope = np.zeros_like(weight)
        for r, c in np.ndindex(wrong.shape):
            for i, j in np.ndindex(weight.shape):
                slope[i, j] += 2 * wrong[r, c] * x[r + i, c + j] / wrong.size
        kernels.append(weight.copy())
        gradients.append(slope)
        losses.append((wrong**2).mean())
        velocity = momentum * velocity + slope
        weight = weight - lr * velocity
    return np.array(kernels), np.array(gradients), np.array(losses)


@pytest.mark.parametrize(("lr", "momentum"), [(0.05, 0.0), (0.02, 0.9), (0.3, 0.5)])
@pytest.mark.parametrize("name", ["sobel_x", "box"])
def test_every_step_is_that_of_plain_loops(name, lr, momentum):
    x, target = picture(), kernel(name).astype(float)
    trail = learn_kernel(x, target, lr=lr, momentum=momentum, steps=12, seed=4)
    kernels, gradients, losses = descended(x, target, random_kernel((3, 3), 4), lr, momentum, 12)
    assert len(trail) == 12
    assert trail.diverged is None
    assert trail.kernels == pytest.approx(kernels, rel=1e-9, abs=1e-12)
    assert trail.gradients == pytest.approx(gradients, rel=1e-9, abs=1e-12)
    assert trail.losses == pytest.approx(losses, rel=1e-9, abs=1e-15)
    assert trail.outputs[5] == pytest.approx(slid(x, kernels[5]))
    assert trail.wanted == pytest.approx(slid(x, target))
    assert trail.distances == pytest.approx([np.linalg.norm(each - target) for each in kernels])


def test_it_ends_where_least_squares_ends():
    x, target = picture(1), np.random.default_rng(5).normal(0, 1, (2, 3))
    steepest = curvature(x, (2, 3))
    trail = learn_kernel(x, target, lr=0.9 * steepest.largest_rate(), steps=400)
    patches = [x[r : r + 2, c : c + 3].ravel() for r in range(8) for c in range(9)]
    best = np.linalg.lstsq(np.array(patches), slid(x, target).ravel(), rcond=None)[0]
    assert trail.kernels[-1].ravel() == pytest.approx(best, abs=1e-8)
    assert trail.losses[-1] < 1e-12


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from([0.0, 0.5, 0.9]),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
)
def test_the_largest_rate_is_where_a_descent_turns_from_ending_to_growing(seed, momentum, shape):
    x, target = picture(seed), np.random.default_rng(seed).normal(0, 1, shape)
    most = curvature(x, shape).largest_rate(momentum)
    start = target + curvature(x, shape).kernels[-1]  # wrong in the steepest direction alone
    below = learn_kernel(x, target, lr=0.97 * most, momentum=momentum, steps=400, start=start)
    above = learn_kernel(x, target, lr=1.03 * most, momentum=momentum, steps=400, start=start)
    assert below.diverged is None
    assert below.losses[-1] < 0.01 * below.losses[0]
    assert above.losses[-1] > above.losses[0]


def test_the_curvature_is_the_second_derivative_of_the_loss():
    x, target = picture(2, (6, 7)), kernel("sharpen").astype(float)
    curve = curvature(x, (3, 3))
    second = (curve.kernels.reshape(9, 9).T * curve.values) @ curve.kernels.reshape(9, 9)
    wanted = slid(x, target)

    def slope(weight):
        return finite_differences(lambda w: ((slid(x, w) - wanted) ** 2).mean(), weight).ravel()

    for at in ((0, 0), (1, 2)):
        nudge = np.zeros((3, 3))
        nudge[at] = 0.5
        by_hand = slope(target + nudge) - slope(target - nudge)
        assert second[np.ravel_multi_index(at, (3, 3))] == pytest.approx(by_hand, abs=1e-6)
    assert curve.condition == pytest.approx(curve.values[-1] / curve.values[0])


def test_a_batch_sees_only_what_it_drew():
    x, target = picture(3), kernel("laplacian").astype(float)
    trail = learn_kernel(x, target, lr=0.05, momentum=0.3, steps=9, batch=5, seed=2)
    again = learn_kernel(x, target, lr=0.05, momentum=0.3, steps=9, batch=5, seed=2)
    other = learn_kernel(x, target, lr=0.05, momentum=0.3, steps=9, batch=5, seed=3)
    assert trail.drawn.shape == (10, 5)
    assert np.array_equal(trail.kernels, again.kernels)
    assert not np.array_equal(trail.drawn, other.drawn)
    velocity = np.zeros((3, 3))
    for step, seen in enumerate(trail.drawn):
        assert len(set(seen.tolist())) == 5
        wrong = (slid(x, trail.kernels[step]) - slid(x, target)).ravel()
        slope = np.zeros((3, 3))
        for place in seen:
            r, c = divmod(int(place), 9)
            slope += 2 * wrong[place] * x[r : r + 3, c : c + 3] / 5
        assert trail.gradients[step] == pytest.approx(slope)
        velocity = 0.3 * velocity + slope
        assert trail.velocities[step] == pytest.approx(velocity)
        if step < 9:
            assert trail.kernels[step + 1] == pytest.approx(trail.kernels[step] - 0.05 * velocity)
        assert trail.losses[step] == pytest.approx((wrong**2).mean())


def test_a_batch_of_all_positions_is_the_whole_picture():
    x, target = picture(4), kernel("box").astype(float)
    every = learn_kernel(x, target, lr=0.1, steps=6, batch=63)
    whole = learn_kernel(x, target, lr=0.1, steps=6)
    assert every.kernels == pytest.approx(whole.kernels)


@pytest.mark.parametrize("lr", [0.9, 3.0, 1e6, 1e200, 1e308])
def test_what_diverges_is_stopped_and_holds_only_numbers(lr):
    x, target = picture(5), kernel("sobel_y").astype(float)
    trail = learn_kernel(x, target, lr=lr, steps=200)
    assert trail.diverged is not None
    assert trail.diverged - 1 <= len(trail) <= trail.diverged < 200
    for each in (trail.kernels, trail.gradients, trail.velocities, trail.losses, trail.outputs):
        assert np.isfinite(each).all()
        assert len(each) == len(trail) + 1
    assert (trail.losses[:-1] <= 1000 * trail.losses[0]).all()
    if len(trail) == trail.diverged:
        assert 1000 * trail.losses[0] < trail.losses[-1] <= 1e6 * trail.losses[0]


def test_a_rate_of_nothing_learns_nothing():
    trail = learn_kernel(picture(), kernel("box"), lr=0, steps=3)
    assert (trail.kernels == trail.kernels[0]).all()
    assert trail.reached(0.01) is None
    assert trail.reached(1.0) == 0


@pytest.mark.parametrize(("x", "target"), [((12,), (3,)), ((5, 4, 6), (2, 2, 2))])
def test_signals_and_volumes_are_learned_too(x, target):
    chance = np.random.default_rng(0)
    given, aim = chance.normal(0, 1, x), chance.normal(0, 1, target)
    rate = 0.8 * curvature(given, target).largest_rate()
    trail = learn_kernel(given, aim, lr=rate, steps=300)
    assert trail.kernels[-1] == pytest.approx(aim, abs=0.1 * np.abs(aim - trail.kernels[0]).max())
    assert trail.wanted == pytest.approx(conv(given[None, None], aim[None, None])[0, 0])
