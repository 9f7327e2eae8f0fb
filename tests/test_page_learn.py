"""A kernel that learns: what the stage is given, in both languages, against a descent done here."""

import re

import numpy as np
import pytest
from scipy.signal import correlate2d

from conv_view.controls.learn_lessons import CHAPTERS
from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import open_chapter, said, visit


def stage(app, key="learn"):
    """The scene that the stage called `key` was given, decoded."""
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    (found,) = [scene for scene in scenes if scene["options"]["key"] == key]
    return found


def values(app, panel):
    return np.asarray(stage(app)["panels"][panel]["values"], float)


def report(app, key="learn", **state):
    """Let the stage report something, as the browser does."""
    app.session_state[key] = state
    return app.run()


def own(text):
    """What the page says apart from its style."""
    return re.sub("<style>.*?</style>", "", text, flags=re.DOTALL)


def unfilled(app):
    """Places in texts that nothing was filled into; formulas have braces of their own."""
    text = re.sub(r'\$.*?\$|data-latex=".*?"', "", own(said(app)), flags=re.DOTALL)
    return re.findall(r"\{[a-z_]+\}", text)


def descended(app, lr, momentum=0.0, steps=80, prepare="standard"):
    """Kernels and losses of a descent from the first kernel on the stage, on all of its picture."""
    x, target = values(app, "input")[0] / 255, values(app, "target")
    if prepare != "unit":
        x = x - x.mean()
    if prepare == "standard":
        x = x / x.std()
    wanted, weight, velocity = correlate2d(x, target, "valid"), values(app, "kernel")[0], 0.0
    kernels, losses = [], []
    for _ in range(steps + 1):
        wrong = correlate2d(x, weight, "valid") - wanted
        kernels.append(weight)
        losses.append((wrong**2).mean())
        velocity = momentum * velocity + correlate2d(x, wrong, "valid") * 2 / wrong.size
        weight = weight - lr * velocity
    return np.array(kernels), np.array(losses)


SETTINGS = [
    ({}, {"lr": 0.02}),
    (
        {"kernel": "gaussian", "momentum": "0.9", "rate": "1e-3", "values": "unit", "steps": "40"},
        {"lr": 0.001, "momentum": 0.9, "prepare": "unit", "steps": 40},
    ),
    (
        {"picture": "painted", "kernel": "laplacian", "rate": "1/10", "values": "centred", "steps": "20"},
        {"lr": 0.1, "prepare": "centred", "steps": 20},
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("query", "how"), SETTINGS, ids=["usual", "momentum", "painted"])
def test_the_stage_holds_the_whole_descent(query, how, language):
    app = visit("learn", lang=language, **query)
    assert not app.exception
    assert not unfilled(app)
    kernels, losses = descended(app, **how)
    assert values(app, "kernel") == pytest.approx(kernels, abs=1e-4)
    assert values(app, "loss")[0] == pytest.approx(losses, rel=1e-3, abs=1e-8)
    assert ":material/error:" not in own(said(app))
    assert ("edit" in stage(app)["panels"]["input"]) == (query.get("picture") == "painted")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rate_that_is_too_large_is_stopped_and_told(language):
    app = visit("learn", lang=language, rate="0.3")
    losses = values(app, "loss")[0]
    stopped = len(losses) - 1
    assert losses[-1] > 1000 * losses[0] >= losses[-2]
    told = own(said(app))
    assert ":material/error:" in told
    assert str(stopped) in told
    # 2 by the largest eigenvalue of the patches' products, found here in another way.
    x = values(app, "input")[0]
    x = (x - x.mean()) / x.std()
    patches = np.lib.stride_tricks.sliding_window_view(x, (3, 3)).reshape(-1, 9)
    largest = 2 / np.linalg.norm(patches * np.sqrt(2 / len(patches)), 2) ** 2
    assert f"{largest:.4f}" in told
    # One that is shown to the end does not say so, also with a rate beyond the largest.
    app.text_input(key="learn.rate").set_value(f"{1.001 * largest:.6f}").run()
    assert ":material/error:" not in own(said(app))
    assert words(language)["learn.beyond"] in said(app)
    before = values(app, "loss")
    for rate in ("1e9", "1e30", "1e308"):
        app.text_input(key="learn.rate").set_value(rate).run()
        assert not app.exception
        # There is no step to show, so it is told instead, shortly, and the stage keeps what it had.
        assert ":material/error:" in own(said(app))
        assert f"1·10{rate[2:].translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}" in said(app)
        assert "000000000" not in said(app)
        assert words(language)["notices.kept"] in said(app)
        assert np.array_equal(values(app, "loss"), before)
        for panel in ("kernel", "gradient", "loss", "output"):
            assert np.isfinite(values(app, panel)).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rate_many_times_the_largest_is_told_as_such(language):
    app = visit("learn", lang=language, rate="5")
    told = own(said(app))
    losses = values(app, "loss")[0]
    assert losses[-1] > 1e6
    assert "1.56·10⁶" in told
    assert str(round(losses[-1])) not in told
    assert words(language).say("learn.rate_is.times", rate="5", said="22.3") in told
    # Where a momentum swings far first, its rate is not called too large.
    app = visit("learn", lang=language, rate="0.27375", momentum="0.99", steps="300", kernel="gaussian")
    notice = [each.value for each in app.markdown if ":material/error:" in each.value]
    assert words(language)["learn.stopped.swings"].partition("{largest}")[2][:12] in "".join(notice)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_largest_rate_is_that_of_the_whole_picture_where_steps_see_patches(language):
    text = words(language)
    plain, patched = visit("learn", lang=language), visit("learn", lang=language, batch="1", rate="0.067")
    for app, whole in ((plain, False), (patched, True)):
        assert (text["learn.bound_whole"] in said(app)) == whole or app is patched
        captions = [each.value for each in app.caption]
        assert (text["learn.set_to_whole"] in captions) == whole
        assert (text["learn.set_to"] in captions) == (not whole)
        assert ("110%" in app.button_group(key="learn_share").options) == (not whole)
    assert text.say("learn.rate_is.share_whole", rate="0.067", said="29.9%") in said(patched)
    assert text["learn.stopped.diverged_by_patches"].rpartition("{largest}")[2] in said(patched)
    calm = visit("learn", lang=language, batch="1")
    assert text["learn.bound_whole"] in said(calm)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("batch", "seen"), [("all", 484), ("4", 4), ("1", 1)])
def test_the_step_that_is_written_out_is_one_that_was_taken(batch, seen, language):
    text = words(language)
    app = open_chapter(visit("learn", lang=language, batch=batch, cell="0_80"), "learn", "formula")
    assert text.say("learn.formula.last", step=79, next=80) in said(app)
    slope, update = (each.value for each in app.latex)
    assert f"\\frac{{2}}{{{seen}}}" in slope
    assert f"\\mathbf{{{values(app, 'kernel')[80, 0, 0]:.4g}}}" in update
    how = {484: "slope", 4: "slope_few", 1: "slope_one"}[seen]
    assert text.say(f"learn.formula.{how}", count=seen) in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "query", [{"batch": "1", "seed": "3"}, {"batch": "16", "momentum": "0.5"}, {"rate": "1.1215"}]
)
def test_the_listing_comes_to_the_kernel_on_the_stage(query, language):
    app = open_chapter(visit("learn", lang=language, **query), "learn", "code")
    text, printed = words(language), {}
    exec(app.code[1].value.replace("print(", "printed['kernel'] = ("), {"printed": printed})
    kernels = values(app, "kernel")
    assert printed["kernel"] == pytest.approx(kernels[-1], abs=6e-4, rel=1e-4)
    assert f"range({len(kernels) - 1})" in app.code[0].value
    assert text.say("learn.code.text", steps=len(kernels) - 1) in said(app)
    assert (text["learn.code.patches"] in said(app)) == ("batch" in query)
    assert (text.say("learn.code.stopped", asked=80) in said(app)) == ("rate" in query)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rate_that_is_none_is_told_and_the_stage_stays(language):
    app = visit("learn", lang=language, rate="0.05")
    before = values(app, "kernel")
    for rate in ("fast", "-0.1", "nan", "1/0", "inf", "", "*[x](y)"):
        app.text_input(key="learn.rate").set_value(rate).run()
        assert not app.exception
        assert ":material/error:" in own(said(app))
        assert words(language)["notices.kept"] in said(app)
        assert np.array_equal(values(app, "kernel"), before)
    app.text_input(key="learn.rate").set_value("0.05").run()
    assert ":material/error:" not in own(said(app))


@pytest.mark.parametrize(
    "query",
    [
        {"rate": "fast"},
        {"momentum": "1"},
        {"steps": "9999"},
        {"batch": "3"},
        {"picture": "painted", "grid": "4x4-0"},
        {"kernel": "custom", "cells": "1_2_3", "cells_shape": "2_2"},
        {"kernel": "gaussian", "gaussian_size": "15", "side": "12"},
        {"cell": "0_9999", "chapter": "formula"},
    ],
)
def test_a_link_to_what_cannot_be_shows_something(query):
    app = visit("learn", **query)
    assert not app.exception
    assert values(app, "kernel").size
    if query.get("cell") is None:
        assert ":material/error:" in own(said(app))


def test_a_share_of_the_largest_rate_is_set_by_a_button():
    app = visit("learn")
    for share, diverges in ((0.5, False), (1.1, True)):
        app.button_group(key="learn_share").set_value(share).run()
        rate = float(app.text_input(key="learn.rate").value)
        kernels, _ = descended(app, rate, steps=3)
        assert values(app, "kernel")[3] == pytest.approx(kernels[3], abs=1e-4)
        assert (":material/error:" in own(said(app))) == diverges


def test_a_target_typed_on_the_stage_is_learned_and_kept():
    app = visit("learn")
    cells = [0.0, 1.0, 0.0, 2.0, -3.0, 0.5, 0.0, 0.0, 4.0]
    report(app, edit={"panel": "target", "values": cells, "shape": [3, 3], "revision": 1})
    assert app.selectbox(key="learn.kernel").value == "custom"
    assert values(app, "target").ravel().tolist() == cells
    again = visit("learn", **app.query_params)
    assert np.array_equal(values(again, "kernel"), values(app, "kernel"))


def test_a_batch_is_drawn_and_its_seed_decides():
    one, two, other = (visit("learn", batch="16", momentum="0.5", seed=seed) for seed in ("3", "3", "4"))
    assert (values(one, "drawn").sum(axis=(1, 2)) == 16).all()
    assert np.array_equal(values(one, "drawn"), values(two, "drawn"))
    assert not np.array_equal(values(one, "drawn"), values(other, "drawn"))
    assert not np.array_equal(values(one, "kernel")[0], values(other, "kernel")[0])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHAPTERS)
def test_the_chapters_are_told_in_both_languages(name, language):
    app = open_chapter(visit("learn", lang=language, momentum="0.5", cell="0_4"), "learn", name)
    assert not app.exception
    assert not unfilled(app)
    if name == "formula":
        (slope, update) = [each.value for each in app.latex]
        assert f"\\mathbf{{{values(app, 'gradient')[4, 0, 0]:.4g}}}" in slope
        now, after = values(app, "kernel")[[4, 5], 0, 0]
        assert f"{now:.4g}" in update
        assert f"\\mathbf{{{after:.4g}}}" in update
    if name == "code":
        assert len(app.code) == 2
        printed = {}
        exec(app.code[1].value.replace("print(", "printed['kernel'] = ("), {"printed": printed})
        assert printed["kernel"] == pytest.approx(values(app, "kernel")[-1], abs=6e-4)


def test_the_error_left_in_each_direction_is_what_theory_leaves():
    app = open_chapter(visit("learn", cell="0_30"), "learn", "slow")
    (table,) = [each.value for each in app.markdown if "---:" in each.value]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    assert len(rows) == 9  # a direction each, so that it fits a phone
    assert all(left == predicted and "%" in left for _, left, predicted in rows)


def test_what_the_stage_is_given_stays_small():
    app = visit("learn", steps="300", batch="64")
    sizes = [len(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    assert max(sizes) < 500_000
