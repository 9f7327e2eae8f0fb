"""The page of activations, normalisation and addition, in both languages, against sums made here."""

import time

import numpy as np
import pytest
from scipy.signal import correlate2d

from conv_view import part, samples
from conv_view.pictures import reduce, to_grey
from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import said, visit

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)
STATES = (
    *({"function": name} for name in ("relu", "leaky_relu", "tanh", "sigmoid")),
    {"subject": "normalisation"},
    {"subject": "normalisation", "statistics": "inference", "gamma": "2"},
    {"subject": "normalisation", "norm": "response"},
    {"subject": "normalisation", "norm": "softmax"},
    {"subject": "addition"},
    {"subject": "addition", "second": "gaussian"},
)


def stage(app, key):
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    (found,) = [scene for scene in scenes if scene["options"]["key"] == key]
    return found


def values(app, panel, key="activations"):
    return np.asarray(stage(app, key)["panels"][panel]["values"], float)


def grey(name="cat", choice="w24"):
    return to_grey(part.take(samples.picture(name), choice).pixels).astype(float)


def slid(x, weight, mode="edge"):
    """Correlation of the same size, by SciPy, over a padded picture."""
    reach = [(size // 2, size // 2) for size in weight.shape]
    return correlate2d(np.pad(x, reach, mode=mode), weight, "valid")


def square(name, size=24):
    pixels = to_grey(samples.picture(name))
    side = min(pixels.shape)
    return reduce(part.take(pixels, f"c{side}").pixels, height=size, width=size).astype(float)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", STATES, ids=str)
def test_every_part_runs_in_both_languages(query, language):
    app = visit("activations", lang=language, **query)
    assert not app.exception
    assert app.button_group(key="activations.subject").value is not None
    chapters = [title for each in app.segmented_control for title in each.options]
    assert words(language)["activations.tabs.code"] in chapters
    assert ":red[" not in said(app)


@pytest.mark.parametrize(
    ("name", "function", "slope"),
    [
        ("relu", lambda x: x * (x > 0), lambda x: 1.0 * (x > 0)),
        ("leaky_relu", lambda x: np.where(x > 0, x, 0.1 * x), lambda x: np.where(x > 0, 1, 0.1)),
        ("tanh", np.tanh, lambda x: 1 / np.cosh(x) ** 2),
        ("sigmoid", lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
    ],
)
def test_a_map_and_its_activation_are_those_of_scipy(name, function, slope):
    app = visit("activations", function=name)
    expected = slid(grey() / 255, SOBEL_X)
    assert values(app, "output")[0] == pytest.approx(expected, abs=1e-5)
    assert values(app, "after")[0] == pytest.approx(function(expected), abs=1e-5)
    away = np.abs(expected) > 1e-4
    assert values(app, "slope")[0][away] == pytest.approx(slope(expected)[away], abs=1e-5)


def test_the_share_of_cells_where_the_gradient_vanishes_is_counted():
    app = visit("activations", function="tanh", values="bytes", padding="1", mode="zeros")
    x = slid(grey(), SOBEL_X, "constant")
    flat = 100 * (1 / np.cosh(np.clip(x, -300, 300)) ** 2 < 0.05).mean()
    assert f"**{flat:.1f}".removesuffix(".0") + "%**" in said(app)


def test_batch_norm_takes_the_statistics_of_the_batch():
    app = visit("activations", subject="normalisation", batch="2")
    others = [name for name in samples.PICTURES if name != "cat"]
    maps = np.stack([slid(square(name), SOBEL_X) for name in ("cat", others[0])])
    expected = (maps - maps.mean()) / np.sqrt(maps.var() + 1e-5)
    assert values(app, "before", "activations_batch")[0] == pytest.approx(maps, abs=1e-3)
    assert values(app, "normal", "activations_batch")[0] == pytest.approx(expected, abs=1e-4)
    assert "| 0, 1 |" in said(app)


def test_inference_takes_what_was_gathered():
    app = visit("activations", subject="normalisation", batch="1", statistics="inference", seen="3")
    maps = slid(square("cat"), SOBEL_X)
    mean, variance = 0.0, 1.0
    for _ in range(3):
        mean, variance = 0.9 * mean + 0.1 * maps.mean(), 0.9 * variance + 0.1 * maps.var(ddof=1)
    expected = (maps - mean) / np.sqrt(variance + 1e-5)
    assert values(app, "normal", "activations_batch")[0, 0] == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("seen", "begun"), [(0, "100%"), (1, "90%"), (10, "34.9%"), (100, "<0.1%")])
def test_what_inference_has_seen_and_how_it_counts_is_told_with_its_numbers(seen, begun, language):
    query = {"subject": "normalisation", "batch": "1", "statistics": "inference", "seen": str(seen)}
    app = visit("activations", lang=language, **query)
    one = "_one" if seen == 1 else ""
    say = words(language).say
    assert say(f"activations.statistics_inference_seen{one}", seen=seen, begun=begun) in said(app)
    assert say("activations.statistics_inference", count=24 * 24, less=24 * 24 - 1) in said(app)
    assert say("activations.statistics_inference_batch_one", count=24 * 24) in said(app)


def test_gamma_and_beta_are_an_act_of_their_own():
    app = visit("activations", subject="normalisation", gamma="2", beta="-1")
    before, normal, after = (values(app, name, "activations_batch") for name in ("before", "normal", "after"))
    assert after == pytest.approx(2 * normal - 1, abs=1e-5)
    assert normal[1].std() == pytest.approx(1, abs=1e-4)
    assert before.shape == (3, 3, 24, 24)


@pytest.mark.parametrize("size", [5, 2])
def test_the_two_conventions_of_response_normalisation_differ_as_they_should(size):
    app = visit("activations", subject="normalisation", norm="response", neighbours=str(size))
    maps = values(app, "before", "activations_response")
    total = np.zeros_like(maps)
    for channel in range(len(maps)):
        low, high = max(0, channel - size // 2), channel + (size - 1) // 2 + 1
        total[channel] = (maps[low:high] ** 2).sum(0)
    paper, torch = (maps / (2 + alpha * total) ** 0.75 for alpha in (1e-4, 1e-4 / size))
    assert values(app, "paper", "activations_response") == pytest.approx(paper, rel=1e-4, abs=1e-4)
    assert values(app, "torch", "activations_response") == pytest.approx(torch, rel=1e-4, abs=1e-4)
    assert f"{np.abs(paper - torch).max():.4g}" in said(app)


def test_scores_become_shares():
    app = visit("activations", subject="normalisation", norm="softmax", scores="1, 2 4")
    shares = np.exp([1, 2, 4]) / np.exp([1, 2, 4]).sum()
    assert values(app, "shares", "activations_scores")[0] == pytest.approx(shares, rel=1e-5)
    app.text_input(key="activations.scores").set_value("1000 1000").run()
    assert values(app, "shares", "activations_scores").tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize(
    ("bad", "text"), [("1 x", "'x'"), ("1 NaN", "'NaN'"), ("", "There are no numbers"), ("1 " * 13, "13")]
)
def test_scores_that_are_none_are_told_and_the_last_ones_stay(bad, text):
    app = visit("activations", subject="normalisation", norm="softmax", scores="3 4")
    before = values(app, "shares", "activations_scores").tolist()
    app.text_input(key="activations.scores").set_value(bad).run()
    assert not app.exception
    assert text in said(app)
    assert values(app, "shares", "activations_scores").tolist() == before


def test_a_link_with_scores_that_are_none_shows_the_usual_ones():
    app = visit("activations", subject="normalisation", norm="softmax", scores="a b")
    assert "Number 1, 'a'" in said(app)
    assert values(app, "scores", "activations_scores")[0] == pytest.approx([2, 1, 0.1, -1])


def test_an_addition_is_that_of_scipy():
    app = visit("activations", subject="addition", factor="-0.25")
    x = grey()
    f = -0.25 * slid(x, SOBEL_X)
    assert values(app, "input", "activations_sum")[0] == pytest.approx(x)
    assert values(app, "residual", "activations_sum")[0] == pytest.approx(f, abs=1e-3)
    assert values(app, "output", "activations_sum")[0] == pytest.approx(np.maximum(0, x + f), abs=1e-3)
    cut = int((x + f < 0).sum())
    assert f"{cut} of {x.size}" in said(app)


def test_two_convolutions_have_a_relu_between_them():
    app = visit("activations", subject="addition", second="laplacian", factor="1", after="0")
    x = grey()
    laplacian = values(app, "kernel2", "activations_sum")[0, 0]
    f = slid(np.maximum(0, slid(x, SOBEL_X)), laplacian)
    assert values(app, "output", "activations_sum")[0] == pytest.approx(x + f, abs=1e-2)


def test_a_block_that_adds_nothing_is_the_identity():
    app = visit("activations", subject="addition", factor="0")
    assert np.array_equal(values(app, "output", "activations_sum"), values(app, "input", "activations_sum"))
    assert "**identity**" in said(app)


@pytest.mark.parametrize(
    ("query", "shape"), [({"padding": "0"}, "(1, 1, 14, 22)"), ({"stride": "2"}, "(1, 1, 8, 12)")]
)
def test_shapes_that_do_not_match_are_told_with_their_numbers(query, shape):
    app = visit("activations", subject="addition", **query)
    assert "(1, 1, 16, 24)" in said(app)
    assert shape in said(app)
    assert values(app, "output", "activations_sum").shape == (1, 16, 24)


def test_the_last_good_block_stays_while_shapes_do_not_match():
    app = visit("activations", subject="addition", part="c8", factor="1")
    before = values(app, "output", "activations_sum")
    app.selectbox(key="activations.padding").set_value("0").run()
    assert "(1, 1, 6, 6)" in said(app)
    assert np.array_equal(values(app, "output", "activations_sum"), before)


def test_a_kernel_typed_on_the_stage_is_used():
    app = visit("activations", part="c8", values="bytes")
    app.session_state["activations"] = {
        "edit": {
            "panel": "kernel",
            "values": [0.0] * 4 + [2.0] + [0.0] * 4,
            "shape": [1, 1, 3, 3],
            "revision": 1,
        }
    }
    app.run()
    assert values(app, "output")[0] == pytest.approx(2 * grey("cat", "c8"))
    assert app.selectbox(key="activations.kernel").value == "custom"


def test_the_place_is_in_the_link_and_its_numbers_in_the_formula():
    app = visit("activations", values="bytes", part="c8", cell="1_0_0_3_4")
    x = slid(grey("cat", "c8"), SOBEL_X)[3, 4]
    assert f"f({x:g})" in said(app)
    assert stage(app, "activations")["options"]["cell"] == [1, 0, 0, 3, 4]


@pytest.mark.parametrize("query", STATES, ids=str)
def test_a_change_is_answered_at_once(query):
    app = visit("activations", **query)
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        app.run()
        best = min(best, time.perf_counter() - start)
    # AppTest runs all of app.py and takes the page apart, so this is several times the work of the fragment.
    assert best < 0.5


@pytest.mark.parametrize("factor", [0.5, 0.0])
def test_a_kernel_typed_into_a_block_keeps_the_factor(factor):
    app = visit("activations", subject="addition", part="c8", factor=str(factor), after="0")
    assert ("edit" in stage(app, "activations_sum")["panels"]["kernel"]) == bool(factor)
    shown = [0.0] * 4 + [3.0] + [0.0] * 4
    edit = {"panel": "kernel", "values": shown, "shape": [1, 1, 3, 3], "revision": 1}
    app.session_state["activations_sum"] = {"edit": edit}
    app.run()
    assert not app.exception
    x = grey("cat", "c8")
    expected = x + 3 * x if factor else x
    assert values(app, "output", "activations_sum")[0] == pytest.approx(expected)


@pytest.mark.parametrize("subject", ["activation", "addition"])
def test_a_painted_grid_is_what_is_computed_with(subject):
    key = "activations" if subject == "activation" else "activations_sum"
    app = visit("activations", subject=subject, picture="painted", values="bytes", factor="0")
    assert stage(app, key)["panels"]["input"]["edit"] == "paint"
    painted = np.zeros((1, 12, 12))
    painted[0, 4, 4] = 200
    edit = {"panel": "input", "values": painted.ravel().tolist(), "shape": [1, 12, 12], "revision": 1}
    app.session_state[key] = {"edit": edit}
    app.run()
    assert values(app, "input", key)[0].tolist() == painted[0].tolist()
