"""The page of the way back through pooling, in both languages, against plain loops."""

import re

import numpy as np
import pytest

from conv_view.digits import told
from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import open_chapter, said, visit

PAGE = "backward_pooling"


def scenes(app):
    found = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    return {scene["options"]["key"]: scene for scene in found}


def values(app, panel, key=PAGE):
    return np.asarray(scenes(app)[key]["panels"][panel]["values"], float)


def sent_back(x, grad, window, stride, before, kind):
    """dX of plain loops; of an average every cell of the window counts, of a norm p is 2."""
    padded = np.pad(x, before, constant_values=-np.inf if kind == "max" else 0)
    back = np.zeros(padded.shape)
    for row, column in np.ndindex(grad.shape):
        place = np.s_[row * stride : row * stride + window, column * stride : column * stride + window]
        read = padded[place]
        if kind == "max":
            share = np.zeros(read.size)
            share[int(read.argmax())] = 1
        else:
            share = np.full(read.shape, 1 / read.size) if kind == "avg" else read / np.sqrt((read**2).sum())
        back[place] += grad[row, column] * share.reshape(read.shape)
    return back[before : before + x.shape[0], before : before + x.shape[1]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["max", "avg", "lp"])
def test_the_gradient_is_that_of_loops_and_the_chapters_run(kind, language):
    app = visit(PAGE, lang=language, kind=kind, padding="1", stride="1", window="3", cell="0_0_2_3")
    assert not app.exception
    x, grad, back = values(app, "input")[0], values(app, "gradient")[0], values(app, "back")[0]
    expected = sent_back(x, grad, 3, 1, 1, kind)
    assert back == pytest.approx(expected, abs=1e-4)
    formulas = "\n".join(each.value for each in app.latex)
    assert r"\mathbf{" in formulas
    if kind == "max":
        window = x[1:4, 2:5]
        row, column = np.unravel_index(window.argmax(), (3, 3))
        assert rf"dX_{{{row + 1},{column + 2}}}" in formulas
        assert rf"\mathbf{{{expected[row + 1, column + 2]:g}}}" in formulas
    open_chapter(app, PAGE, "check")
    tried = values(app, "tried", "backward_pooling_check")[0]
    differs = int((np.abs(tried - back) > 3e-3).sum())
    assert (words(language)["backward_pooling.check.agree"][:6] in said(app)) == (differs == 0)
    assert (f"**{differs}**" in said(app)) == (differs > 0)
    if kind == "max":
        assert differs
        assert words(language)["backward_pooling.check.ties_all"][:20] in said(app)
    open_chapter(app, PAGE, "unpool")
    assert ("backward_pooling_unpool" in scenes(app)) == (kind == "max")
    open_chapter(app, PAGE, "code")
    assert "backward(dy)" in app.code[0].value
    assert not app.exception


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_told_of_the_sums_and_of_the_cells_is_exact(language):
    text = words(language)
    app = visit(PAGE, lang=language, kind="avg", stride="1", padding="1")
    # Nine times the gradient is whole numbers, which cancel in full.
    x, grad = values(app, "input")[0], values(app, "gradient")[0]
    ninths = np.rint(9 * sent_back(x, grad, 3, 1, 1, "avg")).astype(int)
    reached = int((ninths != 0).sum())
    assert reached == 46
    assert text.say("backward_pooling.reached", reached=reached, cells=49) in said(app)
    back = values(app, "back")[0]
    assert np.array_equal(back == 0, ninths == 0)
    assert 9 * back == pytest.approx(ninths, abs=1e-12)
    assert text["backward_pooling.sums_avg"] in said(app)
    open_chapter(app, PAGE, "code")
    assert "dtype=torch.float64" in app.code[0].value
    printed = {"print": lambda *_: None}
    exec(app.code[1].value, printed)
    assert 9 * printed["dx"][0] == pytest.approx(ninths, abs=1e-12)
    norms = said(visit(PAGE, lang=language, kind="lp", stride="1"))
    assert text["backward_pooling.sums_lp"] in norms
    plain = said(visit(PAGE, lang=language))
    assert not any(text[f"backward_pooling.sums_{kind}"] in plain for kind in ("max", "avg", "lp"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stride", ["1", "2", "3"])
def test_the_example_of_a_tie_shows_what_each_window_gives(stride, language):
    app = open_chapter(visit(PAGE, lang=language, stride=stride), PAGE, "check")
    x, grad = values(app, "input")[0], values(app, "gradient")[0]
    example = said(app).rpartition("X[")[2]
    row, column = (int(number) for number in re.findall(r"\d+", example)[:2])
    firsts, halves = 0.0, 0.0
    for down, across in np.ndindex(grad.shape):
        window = x[down * int(stride) :, across * int(stride) :][:3, :3]
        at = row - down * int(stride), column - across * int(stride)
        if all(0 <= place < 3 for place in at) and x[row, column] == window.max():
            several = int((window == window.max()).sum()) > 1
            firsts += grad[down, across] * (int(window.argmax()) == at[0] * 3 + at[1])
            halves += grad[down, across] * (0.5 if several else 1)
    assert firsts != halves
    assert f"{told(firsts)}{'，' if language == 'zh' else ', '}" in example
    assert f"= {told(halves)}" in example
    assert "½·" in example


def test_a_gradient_typed_on_the_stage_is_used_and_stands_in_the_link():
    app = visit(PAGE)
    grad = values(app, "gradient")
    grad[0, 1, 2] = 40
    app.session_state[PAGE] = {
        "edit": {"panel": "gradient", "values": grad.ravel().tolist(), "shape": [1, 3, 3], "revision": 1}
    }
    app.run()
    assert np.array_equal(values(app, "gradient"), grad)
    again = visit(PAGE, **app.query_params)
    assert values(again, "back").sum() == grad.sum()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_is_told_and_the_last_good_stage_stays(language):
    app = visit(PAGE, lang=language, dy_kind="typed", dy="1_2_3_4", dy_shape="1_2_2", side="4", stride="1")
    before = values(app, "back")
    assert ":material/error:" not in said(app)
    app.session_state[f"{PAGE}.side"] = "6"
    app.run()
    assert words(language).say("errors.grad_shape", given="2×2", expected="4×4") in said(app)
    assert np.array_equal(values(app, "back"), before)
    fresh = visit(PAGE, lang=language, padding="4", window="2")
    assert ":material/error:" in said(fresh)
    assert words(language)["notices.usual.backward_pooling"] in said(fresh)
    assert values(fresh, "back").size


def test_what_the_brush_leaves_on_the_stage_stays():
    app = visit(PAGE, picture="painted")
    grid = values(app, "input")
    assert grid.max() == 255
    grid[0, 0, 1] = 153
    app.session_state[PAGE] = {
        "edit": {"panel": "input", "values": grid.ravel().tolist(), "shape": list(grid.shape), "revision": 1}
    }
    app.run()
    assert np.array_equal(values(app, "input"), grid)
    assert "grid" in app.query_params
