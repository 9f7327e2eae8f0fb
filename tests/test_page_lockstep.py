"""The four engines in lockstep: what the stage is given, in both languages, and what is said of it."""

import numpy as np
import pytest
from scipy.signal import correlate2d

from conv_core import conv_cost
from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import open_chapter, said, visit

OUTPUTS = ("output", "im2col_output", "winograd_output", "fft_output")


def stage(app):
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    (found,) = [scene for scene in scenes if scene["options"]["key"] == "lockstep"]
    return found


def values(app, panel):
    return np.asarray(stage(app)["panels"][panel]["values"], float)


def report(app, **state):
    app.session_state["lockstep"] = state
    return app.run()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "query",
    [{}, {"m": "4", "padding": "1", "side": "9", "kernel": "sharpen"}, {"kernel": "gaussian", "side": "8"}],
    ids=["usual", "large tile", "five"],
)
def test_all_four_results_are_those_of_scipy_and_their_costs_are_told(query, language):
    app = visit("lockstep", lang=language, **query)
    assert not app.exception
    scene = stage(app)
    assert scene["language"] == language
    x, weight = values(app, "input")[0], values(app, "kernel")[0, 0]
    padding = int(query.get("padding", 0))
    expected = correlate2d(np.pad(x, padding), weight, "valid")
    apart = {}
    for panel in OUTPUTS:
        shown = values(app, panel)
        assert np.abs(shown - expected).max() <= 2e-6 * np.abs(expected).max()
        apart[panel] = np.abs(shown - values(app, "output")).max()
    assert len(scene["readings"]) == 4
    assert words(language)["lockstep.count.4"] in said(app)
    how = {"padding": padding}
    own = {
        "winograd": {"m": int(query.get("m", 2))},
        "fft": {"tile": tuple(size + 2 * padding for size in x.shape)},
    }
    for reading, engine in zip(scene["readings"], ("direct", "im2col", "winograd", "fft"), strict=True):
        cost = conv_cost((1, 1, *x.shape), (1, 1, *weight.shape), method=engine, **how, **own.get(engine, {}))
        assert f"{cost.multiplies:,}" in reading["text"]
    if max(apart.values()):
        power = int(np.floor(np.log10(max(apart.values()))))
        assert str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")) in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "query", [{"stride": "2"}, {"dilation": "2", "side": "8"}], ids=["stride", "dilation"]
)
def test_where_winograd_cannot_its_place_says_why_and_the_others_go_on(query, language):
    app = visit("lockstep", lang=language, **query)
    assert not app.exception
    scene = stage(app)
    assert not [name for name in scene["panels"] if name.startswith("winograd")]
    notes = [column.get("note", "") for column in scene["layout"]["wide"]["row"]]
    assert [bool(note) for note in notes] == [False, False, True, False]
    assert "im2col" in notes[2]
    assert "3×3" in notes[2]
    assert "(" not in notes[2]  # no tuples
    assert words(language)["lockstep.said.refused"] in notes[2]
    shown = [values(app, panel) for panel in ("output", "im2col_output", "fft_output")]
    assert np.allclose(shown, shown[0], atol=1e-3)
    assert words(language)["lockstep.count.3"] in said(app)
    for name in ("differs", "code"):
        open_chapter(app, "lockstep", name)
        assert not app.exception


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chapters_follow_the_cell_where_the_stage_rests(language):
    app = visit("lockstep", lang=language, kernel="box", side="6")
    report(app, view={"cell": [0, 2, 1]})
    assert app.query_params["cell"] == "0_2_1"
    assert "(2, 1)" in said(app)
    formulas = [each.value for each in app.latex]
    for panel in OUTPUTS:
        number = values(app, panel)[2, 1]
        assert any(rf"\mathbf{{{number:.9g}".rstrip("0") in formula for formula in formulas)
    open_chapter(app, "lockstep", "differs")
    table = next(each.value for each in app.markdown if each.value.startswith("|"))
    assert table.count("\n") == 5
    assert "144 / 128" in table
    rows = [line.split("|") for line in table.splitlines()[2:5]]
    assert all(row[2] == row[3] for row in rows)  # the formula and the count agree
    open_chapter(app, "lockstep", "code")
    printed = []
    exec(app.code[0].value, {"print": lambda *told: printed.append(told)})
    assert [name for name, *_ in printed] == ["direct", "im2col", "winograd", "fft"]
    assert [float(value) for _, value, _ in printed] == [float(values(app, panel)[2, 1]) for panel in OUTPUTS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_is_told_and_the_last_good_stage_stays(language):
    app = visit("lockstep", lang=language)
    before = values(app, "output")
    app.slider(key="lockstep.dilation").set_value(6).run()
    assert not app.exception
    assert ":material/error:" in said(app)
    assert np.array_equal(values(app, "output"), before)
    app = visit("lockstep", lang=language, side="99", m="3", kernel="gabor")
    assert not app.exception
    assert ":material/error:" in said(app)
    assert values(app, "output").size


def test_a_kernel_typed_on_the_stage_is_used_by_all_and_goes_along_to_the_engines_pages():
    app = visit("lockstep")
    cells = [0.0, 1.0, 0.0, 2.0, -3.0, 0.5, 0.0, 0.0, 4.0]
    report(app, edit={"panel": "kernel", "values": cells, "shape": [1, 1, 3, 3], "revision": 1})
    x = values(app, "input")[0]
    for panel in OUTPUTS:
        expected = correlate2d(x, np.reshape(cells, (3, 3)), "valid")
        assert values(app, panel) == pytest.approx(expected, abs=1e-3)
    links = {each.proto.page: each.proto.query_string for each in app.get("page_link")}
    assert set(links) == {"conv2d", "im2col", "winograd", "fft"}
    for page in links:
        query = dict(pair.split("=") for pair in links[page].split("&"))
        other = visit(page, **query)
        assert not other.exception
        assert ":material/error:" not in said(other)
        kernel_of = query.get("cells", query.get("cells2"))
        assert kernel_of == "0_1_0_2_-3_0.5_0_0_4"


def test_a_painted_grid_goes_through_all_engines():
    app = visit("lockstep", picture="painted", kernel="identity")
    grid = np.zeros((12, 12))
    grid[4, 5] = 255
    report(app, edit={"panel": "input", "values": grid.ravel().tolist(), "shape": [1, 12, 12], "revision": 1})
    for panel in OUTPUTS:
        assert values(app, panel) == pytest.approx(grid[1:-1, 1:-1], abs=1e-3)
    assert "grid" in app.query_params
