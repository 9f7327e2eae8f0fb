"""The weights that come with the app do what the report beside them says."""

import numpy as np
import pytest

from conv_core.nets import lenet5, lenet5_input
from conv_view.mnist import digits
from conv_view.weights import report, weights
from tools.distort import distorted
from tools.train_lenet import answers, rate, trained

SHAPE = (1, 1, 32, 32)


def test_lenet_reads_the_digits_that_it_never_saw():
    _, held_out = digits()
    right = int((answers(lenet5(), weights("lenet5"), held_out.images) == held_out.labels).sum())
    told = report("lenet5")
    assert right >= 0.98 * 2000
    # Another processor sums in another order: a digit on the edge may fall to the other side.
    assert abs(right - told["held-out right"]) <= 2
    assert told["held-out accuracy"] == told["held-out right"] / told["held-out digits"]
    assert (told["training digits"], told["held-out digits"]) == (8000, 2000)
    assert told["seconds"] < 15 * 60
    assert told["parameters"] == 60_000 + 10 * 84 + 10
    assert len(told["loss by epoch"]) == told["epochs"]


def test_the_weights_are_those_of_the_network():
    graph, params = lenet5(), weights("lenet5")
    assert {name: values.shape for name, values in params.items()} == graph.parameter_shapes(SHAPE)
    assert all(values.dtype == np.float32 for values in params.values())
    assert all(np.isfinite(values).all() for values in params.values())
    # What C3's table leaves out has stayed 0 through all of the training.
    assert int((params["C3.weight"] != 0).any(axis=(2, 3)).sum()) == 60
    with pytest.raises(ValueError, match="read-only"):
        params["C1.bias"][0] = 1


def test_a_training_is_reproducible_and_goes_down():
    training, held_out = digits()
    images, labels = training.images[:256], training.labels[:256]
    graph, first, curve = trained(images, labels, seed=3, epochs=2)
    _, again, _ = trained(images, labels, seed=3, epochs=2)
    _, other, _ = trained(images, labels, seed=4, epochs=2)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["C1.weight"], other["C1.weight"])
    assert curve[1] < curve[0]
    assert answers(graph, first, held_out.images[:600]).shape == (600,)


def test_the_rate_rises_and_falls_to_nothing():
    rates = [rate(step, 10_000) for step in range(10_000)]
    top = int(np.argmax(rates))
    assert rates[0] < rates[top] / 100
    assert all(np.diff(rates[: top + 1]) > 0)
    assert all(np.diff(rates[top + 1 :]) < 0)
    assert rates[-1] < 1e-6


def test_a_distorted_digit_is_still_a_picture_of_about_as_much_ink():
    training, _ = digits()
    images = training.images[:40].astype(np.float32)
    moved = distorted(images, np.random.default_rng(0))
    assert moved.shape == images.shape
    assert moved.dtype == np.float32
    assert moved.min() >= 0
    assert moved.max() <= 255.01
    assert not np.allclose(moved, images)
    assert moved.sum() == pytest.approx(images.sum(), rel=0.1)
    assert np.array_equal(moved, distorted(images, np.random.default_rng(0)))


def test_digits_become_the_numbers_of_the_paper():
    _, held_out = digits()
    x = lenet5_input(held_out.images[:500])
    assert x.shape == (500, 1, 32, 32)
    assert x.dtype == np.float32
    assert x.min() == np.float32(-0.1)
    assert x.max() == pytest.approx(1.175, abs=1e-6)
    assert np.allclose(x[:, 0, 2:30, 2:30], held_out.images[:500] / 255 * 1.275 - 0.1, atol=1e-6)
    # Roughly what the paper says of mean and variance.
    assert abs(x.mean()) < 0.1
