"""im2col: what the stage is given, in both languages, against plain loops; and what is told around it."""

from urllib.parse import parse_qs

import numpy as np
import pytest

from conv_view.text import LANGUAGES, words
from tests import oracle_im2col as oracle
from tests import wire
from tests.visit import open_chapter, said, visit

STORIES = ("unfold", "dot", "row", "tile", "back")


def stage(app, key="im2col"):
    """The scene that the stage called `key` was given, decoded."""
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    (found,) = [scene for scene in scenes if scene["options"]["key"] == key]
    return found


def values(app, panel, key="im2col"):
    return np.asarray(stage(app, key)["panels"][panel]["values"], float)


def report(app, **state):
    """Let the stage report something, as the browser does."""
    app.session_state["im2col"] = state
    return app.run()


SETTINGS = [
    ({}, {}),
    (
        {"colour": "rgb", "filters": "3", "stride": "2", "padding": "1", "kernel": "gaussian", "side": "8"},
        {"stride": (2, 2), "pads": ((1, 1), (1, 1)), "kernel": (5, 5)},
    ),
    ({"colour": "rgb", "filters": "3", "groups": "3", "dilation": "2"}, {"dilation": (2, 2), "groups": 3}),
    (
        {"picture": "painted", "padding": "1", "mode": "circular", "filters": "2"},
        {"pads": ((1, 1), (1, 1)), "mode": "circular"},
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("query", "how"), SETTINGS, ids=["usual", "colours", "groups", "painted"])
def test_the_matrices_are_what_loops_give_and_are_weighed(query, how, language):
    app = visit("im2col", lang=language, **query)
    assert not app.exception
    scene = stage(app)
    assert scene["language"] == language
    x, rows = values(app, "input"), values(app, "rows")
    groups, mode = how.get("groups", 1), how.get("mode", "zeros")
    kernel = how.get("kernel", (3, 3))
    geometry = [how.get("pads", ((0, 0), (0, 0))), kernel, how.get("stride", (1, 1))]
    geometry.append(how.get("dilation", (1, 1)))
    matrix = oracle.columns(x, *geometry, mode)
    weight = rows.reshape(len(rows), -1, *kernel)
    assert len(rows) == int(query.get("filters", 1))
    assert np.array_equal(values(app, "columns"), matrix)
    product = oracle.product(matrix, weight, groups)
    assert values(app, "product") == pytest.approx(product, abs=2e-3)
    assert values(app, "output").ravel() == pytest.approx(product.ravel(), abs=2e-3)
    copied = oracle.copied(x, *geometry, mode)
    assert np.array_equal(values(app, "copies"), copied)
    lost = int((copied == 0).sum())
    told = said(app)
    assert f"**{matrix.shape[0]} × {matrix.shape[1]}**" in told
    assert f"**{matrix.size / x.size:.3g}" in told
    assert (words(language).say("im2col.memory.lost", count=lost) in told) == bool(lost)
    # The table begins with the very same bytes.
    (table,) = [each.value for each in app.markdown if each.value.startswith("| ")]
    first = next(line for line in table.split("\n") if words(language)["im2col.memory.stage"] in line)
    assert f"| {4 * x.size} B | {4 * matrix.size} B |" in first
    assert len(table.split("\n")) == 2 + 2 + 8


@pytest.mark.parametrize("story", STORIES)
def test_each_story_has_its_acts_and_a_link_begins_with_its_own(story):
    app = visit("im2col", story=story, filters="2")
    scene = stage(app)
    names = [act["name"] for act in scene["acts"]]
    assert names == (
        ["fold", "divide"] if story == "back" else ["unfold", "dot" if story == "unfold" else story]
    )
    assert scene["options"]["cell"][0] == int(story in ("dot", "row", "tile"))
    assert not app.exception
    if story == "back":
        x = values(app, "restored")
        assert np.array_equal(values(app, "folded"), x * values(app, "copies"))
        assert words("en").say("im2col.back.restored", difference="0") in said(app)


def test_changing_the_story_goes_to_its_first_step_and_the_place_stands_in_the_link():
    app = visit("im2col")
    app.button_group(key="im2col.story").set_value("row").run()
    assert stage(app)["options"]["cell"] == [1, 0, 0, 0, 0, 0]
    report(app, view={"cell": [1, 0, 0, 0, 2, 1]})
    again = visit("im2col", **app.query_params)
    assert stage(again)["options"]["cell"] == [1, 0, 0, 0, 2, 1]
    assert [act["name"] for act in stage(again)["acts"]] == ["unfold", "row"]


def test_a_weight_typed_into_a_row_is_used_and_kept_until_another_kernel_is_chosen():
    app = visit("im2col", filters="2")
    rows = values(app, "rows")
    typed = rows.copy()
    typed[1, 4] = 7.5
    report(app, edit={"panel": "rows", "values": typed.ravel().tolist(), "shape": [2, 9], "revision": 1})
    assert np.array_equal(values(app, "rows"), typed)
    assert values(app, "product") == pytest.approx(typed @ values(app, "columns"))
    again = visit("im2col", **app.query_params)
    assert np.array_equal(values(again, "rows"), typed)
    app.selectbox(key="im2col.kernel").set_value("box").run()
    assert values(app, "rows")[0] == pytest.approx(np.full(9, 1 / 9))
    assert 7.5 not in values(app, "rows")
    assert "edits" not in app.query_params


def test_a_painted_grid_is_unfolded():
    app = visit("im2col", picture="painted")
    grid = np.zeros((12, 12))
    grid[2, 3] = 255
    report(app, edit={"panel": "input", "values": grid.ravel().tolist(), "shape": [1, 12, 12], "revision": 1})
    assert (values(app, "columns") == 255).sum() == 9
    assert "grid" in app.query_params


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_window_that_does_not_fit_is_told_and_the_last_good_stage_stays(language):
    app = visit("im2col", lang=language, side="5")
    before = stage(app)["panels"]["columns"]["values"]
    app.slider(key="im2col.dilation").set_value(3).run()
    told = words(language).say("errors.kernel_too_large", axis="", kernel=3, dilation=3, span=7, padded=5)
    assert not app.exception
    assert told.split("：" if language == "zh" else ":")[1] in said(app)
    assert np.array_equal(stage(app)["panels"]["columns"]["values"], before)
    app.selectbox(key="im2col.padding").set_value("1").run()
    assert ":material/error:" not in said(app)
    assert stage(app)["panels"]["columns"]["shape"] == [9, 1]


@pytest.mark.parametrize(
    "query",
    [
        {"groups": "3"},
        {"groups": "3", "colour": "rgb", "filters": "2"},
        {"side": "4", "dilation": "6"},
        {"story": "sideways"},
        {"padding": "4", "mode": "reflect", "side": "4"},
        {"edits": "nonsense"},
    ],
)
def test_a_link_to_what_cannot_be_shows_something_and_says_why(query):
    app = visit("im2col", lang="zh", **query)
    assert not app.exception
    assert ":material/error:" in said(app)
    assert values(app, "columns").size


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tab", ["why", "formula", "code", "back"])
def test_the_chapters_are_told_with_their_numbers(tab, language):
    app = visit("im2col", lang=language, filters="3", padding="1", story="dot", cell="1_0_1_2_3")
    open_chapter(app, "im2col", tab)
    assert not app.exception
    told = said(app)
    if tab == "why":
        assert f"**{3 * 9 * 36:,}**" in told
        assert f"**{3 * 8 * 36:,}**" in told
    if tab == "formula":
        formulas = "\n".join(each.value for each in app.latex)
        # Row 8 of column 2 * 6 + 3 is the pixel (2 + 2 - 1, 3 + 2 - 1).
        pixel = values(app, "input")[0, 3, 4]
        assert "X_{8,15}=x[0,3,4]" in formulas
        assert f"={pixel:g}" in formulas
        assert values(app, "columns")[8, 15] == pixel
    if tab == "code":
        assert ["F.unfold" in block.value for block in app.code] == [True, False]
    if tab == "back":
        (line,) = [
            each.value for each in app.markdown if words(language)["im2col.back.numbers"][:8] in each.value
        ]
        left, right = line.split("**")[1::2]
        assert left == right
        (link,) = [each.proto for each in app.get("page_link") if each.proto.page == "backward_matrices"]
        carried = {name: found for name, (found,) in parse_qs(link.query_string).items()}
        other = visit("backward_matrices", lang=language, **carried)
        assert ":material/error:" not in said(other)
        for panel in ("input", "rows", "columns", "product"):
            theirs = next(
                wire.decode(each.proto.bytes)["panels"][panel]["values"]
                for each in other.get("bidi_component")
                if each.proto.bytes
            )
            assert np.array_equal(theirs, values(app, panel))
