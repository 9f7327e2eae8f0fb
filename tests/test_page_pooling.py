"""Pooling as a visitor finds it, in both languages, against numbers made here."""

import re
from urllib.parse import parse_qs

import numpy as np
import pytest

from conv_view import samples
from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import open_chapter, said, visit

LUMA = np.array([0.299, 0.587, 0.114])


def scenes(app):
    found = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    return {scene["options"]["key"]: scene for scene in found}


def values(app, panel, key="pooling"):
    return np.asarray(scenes(app)[key]["panels"][panel]["values"], float)


def told(language, key, **numbers):
    """What the page says of a fault, without the name of the axis in front, which it writes out."""
    return re.split("[:：]", words(language).say(key, **numbers))[1]


def report(app, key="pooling", **state):
    """Let the stage report something, as the browser does."""
    app.session_state[key] = state
    return app.run()


def cat():
    return np.floor(samples.picture("cat").astype(float) @ LUMA + 0.5 + 1e-9)


def slid(x, window, stride, of):
    rows, columns = ((size - window) // stride + 1 for size in x.shape)
    return np.array(
        [
            [
                of(x[r * stride : r * stride + window, c * stride : c * stride + window])
                for c in range(columns)
            ]
            for r in range(rows)
        ]
    )


REDUCED = {"max": np.max, "avg": np.mean, "lp": lambda window: (np.abs(window) ** 3).sum() ** (1 / 3)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", REDUCED)
def test_every_kind_is_what_its_definition_says(kind, language):
    app = visit("pooling", lang=language, kind=kind, window="3", stride="2", p="3")
    assert not app.exception
    x = values(app, "input")[0]
    assert x.shape == (16, 16)
    expected = slid(x, 3, 2, REDUCED[kind])
    assert values(app, "output")[0] == pytest.approx(expected, rel=1e-5)
    whole = scenes(app)["pooling_whole"]["panels"]["output"]
    assert whole["shape"] == [1, 149, 225]
    low, high = whole["quantised"]
    everything = slid(cat(), 3, 2, REDUCED[kind])
    assert (low, high) == pytest.approx((everything.min(), everything.max()), rel=1e-5)
    assert scenes(app)["pooling"]["language"] == language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", REDUCED)
def test_the_whole_map_is_one_window_over_everything(kind, language):
    # What is said of windows elsewhere does not matter then.
    asked = {"kind": kind, "p": "3", "window": "whole", "padding": "same", "ceil": "1"}
    app = visit("pooling", lang=language, **asked)
    assert not app.exception
    x = values(app, "input")[0]
    assert scenes(app)["pooling"]["acts"][0]["terms"] == [16, 16] == list(x.shape)
    assert values(app, "output") == pytest.approx(REDUCED[kind](x), rel=1e-5)
    whole = scenes(app)["pooling_whole"]["panels"]["output"]
    assert whole["values"].ravel() == pytest.approx(REDUCED[kind](cat()), rel=1e-5)
    assert "mark" not in whole
    assert words(language)["pooling.single"] in said(app)
    # AppTest asks for the name of the kind outside of the session, where p is not known.
    for chapter in ("compare", "shift", "back") if kind != "lp" else ():
        assert not open_chapter(app, "pooling", chapter).exception


def test_the_usual_average_over_the_whole_map_is_one_click_away():
    app = visit("pooling")
    app.button(key="pooling_use_whole").click().run()
    assert dict(app.query_params) == {"kind": "avg", "window": "whole"}
    assert values(app, "output") == pytest.approx(values(app, "input").mean(), rel=1e-5)
    app.button(key="pooling_use_halves").click().run()
    assert values(app, "output").shape == (1, 8, 8)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_crop_that_is_not_square_is_explained(language):
    said_of = words(language).say("picture.shortened", rows=16, columns=15)
    # The cat has 300 rows and 451 columns: with a stride of 2 one number is even and one odd.
    app = visit("pooling", lang=language, window="3", stride="2", padding="same")
    assert values(app, "input").shape == (1, 16, 15)
    assert [each.value for each in app.caption] == [said_of]
    for padding in ("0", "1"):
        app = visit("pooling", lang=language, window="3", stride="2", padding=padding)
        assert values(app, "input").shape == (1, 16, 16)
        assert not app.caption


def test_what_is_left_out_is_told_apart_from_padding():
    app = visit("pooling", window="3", stride="2", padding="1")  # 16 + 2 cells; the last windows end at 17
    say = words("en").say
    assert say("parameters.unread.y_padding", count=1) in said(app)
    assert say("parameters.unread.over", room=15, stride=2, over=1) in said(app)
    app = visit("pooling", window="3", stride="4")  # 16 cells; rows 3, 7, 11 between, 15 at the end
    assert say("parameters.unread.x_input", count=4, which="3, 7, 11, 15") in said(app)
    assert say("parameters.unread.between", between=3, dilation=1, stride=4) in said(app)
    app = visit("pooling", window="3", stride="2", padding="1", ceil="1")
    assert "left out" not in said(app)


def test_windows_lie_side_by_side_unless_a_stride_is_chosen():
    app = visit("pooling", window="4")
    assert values(app, "output").shape == (1, 4, 4)
    assert words("en")["pooling.side_by_side"] in said(app)
    app.selectbox(key="pooling.stride").set_value("2").run()
    assert values(app, "output").shape == (1, 7, 7)
    assert words("en").say("pooling.overlap", most=4) in said(app)
    assert app.query_params["stride"] == "2"


def test_the_size_formula_rounds_up_in_ceil_mode():
    app = visit("pooling", window="3", stride="2")
    assert r"\Big\lfloor\tfrac{16+0+0-1\cdot(3-1)-1}{2}\Big\rfloor+1=\mathbf{7}" in said(app)
    app = visit("pooling", window="3", stride="2", ceil="1")
    assert r"\Big\lceil\tfrac{16+0+0-1\cdot(3-1)-1}{2}\Big\rceil+1=\mathbf{8}" in said(app)
    # A window that would begin in the padding behind is taken off again.
    app = visit("pooling", window="4", stride="5", padding="2", ceil="1")
    assert r"\Big\lceil\tfrac{16+2+2-1\cdot(4-1)-1}{5}\Big\rceil+1-1=\mathbf{4}" in said(app)


def test_a_tie_is_told_with_its_places():
    app = visit("pooling", picture="painted")
    assert "[0, 0], [0, 1], [1, 0], [1, 1], and [0, 0] is taken" in said(app)
    report(app, view={"cell": [0, 0, 2, 2]})
    assert "Output[2, 2] = 255 stands at" in said(app)


def test_a_nan_propagates_and_is_told():
    app = visit("pooling", nan="1", window="3", stride="1")
    x, output = values(app, "input")[0], values(app, "output")[0]
    assert np.isnan(x).sum() == 1
    assert np.isnan(output).sum() == 9
    assert words("en").say("pooling.nan_outputs", count=9) in said(app)


@pytest.mark.parametrize("panel", ["output", "picture"])
def test_a_cell_of_the_whole_comes_onto_the_stage(panel):
    app = visit("pooling", window="3", stride="2")
    expected = slid(cat(), 3, 2, np.max)
    # The preview is 149 rows of 300 and 224 columns of 451.
    cell = [0, 100, 60]
    report(app, "pooling_whole", pick={"panel": panel, "cell": cell, "at": 1})
    place = scenes(app)["pooling"]["options"]["cell"]
    found = values(app, "output")[0][tuple(place[2:])]
    if panel == "output":
        assert found == expected[100, 60]
    else:
        assert found in expected[98:103, 58:63]


@pytest.mark.parametrize("cell", [[0, 149, 10], [0, 149, 224], [0, 0, 224]])
def test_the_window_that_hangs_over_can_be_picked(cell):
    app = visit("pooling", window="3", stride="2", ceil="1", kind="avg")
    assert scenes(app)["pooling_whole"]["panels"]["output"]["shape"] == [1, 150, 225]
    window = cat()[tuple(slice(2 * at, 2 * at + 3) for at in cell[1:])]  # of 300 rows the last one has two
    report(app, "pooling_whole", pick={"panel": "output", "cell": cell, "at": 1})
    place = scenes(app)["pooling"]["options"]["cell"]
    assert values(app, "output")[0][tuple(place[2:])] == pytest.approx(window.mean(), rel=1e-6)


BAD = [
    ({"padding": "4"}, "errors.pool_padding", {"axis": 0, "before": 4, "after": 4, "kernel": 2}),
    (
        {"part": "c8", "window": "8", "dilation": "2"},
        "errors.kernel_too_large",
        {"axis": 0, "kernel": 8, "dilation": 2, "span": 15, "padded": 8},
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("query", "key", "numbers"), BAD)
def test_what_cannot_be_pooled_gets_one_sentence_and_the_picture_stays(query, key, numbers, language):
    app = visit("pooling", lang=language, window="2", part=query.get("part", "c16"))
    before = values(app, "output")
    if "padding" in query:
        app.selectbox(key="pooling.padding").set_value(query["padding"]).run()
    else:
        app.session_state["pooling.dilation"] = 2
        app.select_slider(key="pooling.window").set_value("8").run()
    assert not app.exception
    assert told(language, key, **numbers) in said(app)
    assert values(app, "output").tolist() == before.tolist()
    app.select_slider(key="pooling.window").set_value("2").run()
    app.selectbox(key="pooling.padding").set_value("0").run()
    assert told(language, key, **numbers) not in said(app)
    fresh = visit("pooling", lang=language, **query)
    assert told(language, key, **numbers) in said(fresh)
    assert values(fresh, "output").size


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", REDUCED)
def test_the_tabs_run_with_every_kind(kind, language):
    app = visit("pooling", lang=language, kind=kind, window="3", stride="2", padding="1", part="c24")
    for name in ("compare", "shift", "back", "place"):
        open_chapter(app, "pooling", name)
        assert not app.exception, name
        if name == "back":
            (link,) = [each.proto for each in app.get("page_link") if each.proto.page == "backward_pooling"]
            assert parse_qs(link.query_string) == {
                "picture": ["cat"], "window": ["3"], "stride": ["2"], "padding": ["1"],
            } | ({"kind": [kind]} if kind != "max" else {})  # fmt: skip
        if name == "shift":
            assert len(scenes(app)["pooling_shift"]["panels"]) == 4
        if name == "place":
            assert "import torch" in " ".join(each.value for each in app.code)


def test_a_small_shift_is_measured_on_the_whole_picture():
    app = visit("pooling")
    open_chapter(app, "pooling", "shift")
    picture = cat()
    before, after = picture[:, 1:], picture[:, :-1]
    for kind, of in {"none": None, "max": np.max, "avg": np.mean}.items():
        pairs = [part if of is None else slid(part, 2, 2, of) for part in (before, after)]
        share = f"{100 * float((pairs[0] == pairs[1]).mean()):.1f}".removesuffix(".0") + "%"
        name = words("en")["pooling.shift.none" if of is None else f"pooling.kinds.{kind}"]
        assert f"| {name} | {pairs[0].size:,} | {share} |" in said(app)


def test_the_usual_poolings_are_one_click_away():
    app = visit("pooling", padding="1", dilation="2")
    open_chapter(app, "pooling", "place")
    app.button(key="pooling_use_alexnet").click().run()
    assert not app.exception
    assert values(app, "output").shape == (1, 7, 7)
    assert (app.session_state["pooling.window"], app.session_state["pooling.stride"]) == ("3", "2")


def test_a_painted_grid_is_kept():
    app = visit("pooling", picture="painted")
    grid = np.zeros((12, 12))
    grid[5, 7] = 204
    report(app, edit={"panel": "input", "values": grid.ravel().tolist(), "shape": [1, 12, 12], "revision": 1})
    assert values(app, "output")[0, 2, 3] == 204
    assert values(app, "output").sum() == 204
    assert visit("pooling", **app.query_params).session_state["pooling.picture"] == "painted"
