"""A descent as a scene: what each step shows is the trail's own, and nothing of it weighs much."""

import numpy as np
import pytest

from conv_core import kernel, learn_kernel
from conv_view.scene import Quantised, Scale
from conv_view.stories.learn import descent
from conv_view.text import LANGUAGES, words
from tests import wire

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 14)).astype(np.uint8)
X = PIXELS / 255 - 0.5
SETTINGS = [
    {"lr": 1.0},
    {"lr": 0.5, "momentum": 0.9},
    {"lr": 0.5, "batch": 7, "momentum": 0.4},
    {"lr": 40.0},
    {"lr": 1e9},
    {"lr": 1e200},
]


def trail(**how):
    return learn_kernel(X, kernel("sobel_x"), **({"steps": 30, "seed": 1} | how))


def arrived(made, language="en", **options):
    return wire.decode(descent(made, PIXELS, words(language), **options).to_bytes())


@pytest.mark.parametrize("how", SETTINGS)
def test_every_step_shows_the_kernel_the_gradient_the_outputs_and_the_loss_of_the_trail(how):
    made = trail(**how)
    header = arrived(made)
    (act,) = header["acts"]
    panels = header["panels"]
    assert act["shape"] == [len(made) + 1]
    assert act["terms"] == [3, 3]
    reach = 2 * np.abs(made.wanted).max()
    exact = {"kernel": made.kernels, "gradient": made.gradients, "output": made.outputs}
    exact |= {"difference": made.outputs - made.wanted}
    for step in range(len(made) + 1):
        for name in ("kernel", "gradient"):
            for term in wire.indices((3, 3)):
                at = wire.cell(wire.relation(act, name), (step,), term)
                assert at == (step, *term)
                assert wire.value(panels[name], at) == np.float32(exact[name][at])
        for name in ("output", "difference"):
            relation = wire.relation(act, name)
            assert relation["over"] == [0]  # nothing of it is outlined
            assert wire.cell(relation, (step,), (0,)) == (step, 0, 0)
            low, high = panels[name]["quantised"]
            seen = low + panels[name]["values"][step].astype(float) * (high - low) / 255
            assert (low, high) == pytest.approx((-reach, reach))
            assert np.abs(seen - np.clip(exact[name][step], low, high)).max() <= (high - low) / 500
            assert panels[name].get("cut", False) == bool((np.abs(exact[name]) > reach).any())
        assert wire.cell(wire.relation(act, "loss"), (step,), (2, 1)) == (0, step)
        assert wire.value(panels["loss"], (0, step)) == np.float32(made.losses[step])
        assert wire.cell(wire.relation(act, "target"), (step,), (2, 1)) == (2, 1)
    assert np.array_equal(panels["target"]["values"], made.target)
    assert panels["wanted"]["values"] == pytest.approx(made.wanted, rel=1e-6)
    assert np.array_equal(panels["input"]["values"][0], PIXELS)
    for panel in panels.values():
        assert np.isfinite(np.asarray(panel["values"], float)).all()


def test_what_a_batch_sees_is_marked():
    made = trail(lr=0.1, batch=5)
    header = arrived(made)
    seen = header["panels"]["drawn"]["values"]
    assert seen.shape == (31, 10, 12)
    for step, drawn in enumerate(made.drawn):
        assert np.flatnonzero(seen[step]).tolist() == drawn.tolist()
    assert "drawn" not in arrived(trail(lr=0.1))["panels"]
    assert "drawn" in str(header["layout"]["wide"])
    assert "drawn" in str(header["layout"]["narrow"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("how", [{"lr": 1.0}, {"lr": 40.0}])
def test_a_step_is_told_with_its_loss(language, how):
    made = trail(**how)
    (act,) = arrived(made, language)["acts"]
    assert "{loss_1}" in act["told"]
    assert "{loss_value}" in act["told"]
    assert str(len(made)) in act["told"]
    assert "{last}" not in act["told"]
    key = "diverged" if made.diverged else "step"
    assert act["told"] == words(language)[f"learn.stage.told.{key}"].replace("{last}", str(len(made)))


def test_only_the_target_and_a_painted_picture_can_be_changed():
    for paint in (False, True):
        panels = arrived(trail(lr=1.0), paint=paint)["panels"]
        edits = {name: panel["edit"] for name, panel in panels.items() if "edit" in panel}
        assert edits == {"target": "type"} | ({"input": "paint"} if paint else {})


@pytest.mark.parametrize(("size", "steps"), [(3, 300), (7, 300), (15, 150)])
def test_the_longest_descent_stays_small(size, steps):
    x = np.random.default_rng(0).normal(0, 1, (24, 24))
    target = np.random.default_rng(1).normal(0, 1, (size, size))
    made = learn_kernel(x, target, lr=0.01, steps=steps, batch=None)
    scene = descent(made, np.zeros((24, 24), np.uint8), words("en"))
    assert len(scene.to_bytes()) < 360_000


def test_a_logarithmic_scale_ends_where_rounding_begins():
    assert Scale.log(np.array([20.0, 0.5])) == Scale("log", 0.5, 20.0)
    assert Scale.log(np.array([1.0, 1e-30])) == Scale("log", 1e-9, 1.0)
    # What hardly changes lies flat at the top.
    assert Scale.log(np.array([2.0])) == Scale.log(np.array([2.0, 1.9])) == Scale("log", 1.0, 2.0)
    assert Scale.log(np.zeros(3)) == Scale("log", 1e-9, 1.0)


def test_values_that_are_not_cut_do_not_say_so():
    assert not Quantised.between(np.array([-1.0, 1.0]), -1.0, 1.0).cut
    assert Quantised.between(np.array([-1.0, 1.1]), -1.0, 1.0).cut
    assert Quantised.between(np.array([1.0]), 1.0, 1.0).values.tolist() == [0]
