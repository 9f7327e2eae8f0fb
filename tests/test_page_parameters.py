"""Padding, stride and dilation: what the stage is given and what is said, in both languages."""

import numpy as np
import pytest

from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import open_chapter, said, visit

EN = words("en")


def stage(app, key="parameters"):
    """The scene that the stage called `key` was given, decoded."""
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    (found,) = [scene for scene in scenes if scene["options"]["key"] == key]
    return found


def values(app, panel, key="parameters"):
    return np.asarray(stage(app, key)["panels"][panel]["values"], float)


def report(app, key="parameters", **state):
    """Let the stage report something, as the browser does."""
    app.session_state[key] = state
    return app.run()


def slid(grid, kernel, stride, dilation):
    """Correlation of a padded grid by plain loops."""
    (rows, columns), (high, wide) = grid.shape, kernel.shape
    return [
        [
            sum(
                grid[top + i * dilation[0], left + j * dilation[1]] * kernel[i, j]
                for i in range(high)
                for j in range(wide)
            )
            for left in range(0, columns - (wide - 1) * dilation[1], stride[1])
        ]
        for top in range(0, rows - (high - 1) * dilation[0], stride[0])
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("content", ["numbers", "painted", "cat", "text"])
def test_every_grid_runs_in_both_languages_and_is_convolved(content, language):
    app = visit("parameters", lang=language, content=content, size_x="7", stride="2")
    assert not app.exception
    grid = values(app, "input")[0]
    assert grid.shape == (9, 7)
    expected = slid(np.pad(grid, 1, mode="reflect"), np.ones((3, 3)), (2, 2), (1, 1))
    assert values(app, "output")[0].tolist() == expected
    assert stage(app)["language"] == language


def test_the_grid_is_counted_from_one():
    assert values(visit("parameters", size_y="3", size_x="4"), "input")[0, 1].tolist() == [5, 6, 7, 8]


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("zeros", "constant"), ("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")],
)
def test_each_side_and_each_axis_of_its_own(mode, kind):
    query = {"kernel_y": "2", "kernel_x": "5", "stride_y": "3", "stride_x": "2", "dilation_y": "3"}
    sides = {"padding": "sides", "before_y": "2", "after_y": "0", "before_x": "1", "after_x": "4"}
    app = visit("parameters", by_axis="1", mode=mode, **query, **sides)
    padded = np.pad(np.arange(1, 82).reshape(9, 9), ((2, 0), (1, 4)), mode=kind)
    assert values(app, "output")[0].tolist() == slid(padded, np.ones((2, 5)), (3, 2), (3, 1))
    assert "dilation_rate=(3, 1)" in said(app)
    assert r"2+(2-1)\cdot(3-1)=\mathbf{4}" in said(app)
    assert r"5+(5-1)\cdot(1-1)=\mathbf{5}" in said(app)


def test_what_the_stride_drops_is_crossed_out_and_named_with_its_number():
    app = visit("parameters", padding="0", size_y="8", size_x="9", stride="3")
    assert stage(app)["panels"]["input"]["unread"] == [[], [6, 7], []]
    sentence = EN.say("parameters.unread.y_input", count=2, which="6, 7")
    assert f"{sentence} {EN.say('parameters.unread.over', room=5, stride=3, over=2)}" in said(app)


def test_what_lies_between_windows_is_named_too():
    app = visit("parameters", padding="0", kernel="2", stride="4", dilation="2", size_y="7", size_x="7")
    assert stage(app)["panels"]["input"]["unread"] == [[], [1, 3, 5], [1, 3, 5]]
    assert EN.say("parameters.unread.between_all", dilation=2, stride=4) in said(app)


def test_nothing_is_crossed_out_where_all_is_read():
    app = visit("parameters", stride="1")
    assert "unread" not in stage(app)["panels"]["input"]
    assert EN["parameters.unread.none"] in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("padding", "pads"), [("same", (1, 2)), ("same_lower", (2, 1))])
def test_both_kinds_of_same_say_which_side_gets_the_odd_cell(padding, pads, language):
    app = visit("parameters", padding=padding, kernel="4", stride="1", lang=language)
    assert stage(app)["panels"]["input"]["margin"] == [[0, 0], list(pads), list(pads)]
    told = words(language)
    sides = " ".join(told.say(f"parameters.odd.{axis}", before=pads[0], after=pads[1]) for axis in "yx")
    assert told.say(f"parameters.odd.{padding}", sides=sides) in said(app)


def open_tab(app, number):
    """Open a tab below the stage, as a click does."""
    return open_chapter(app, "parameters", ("keep", "same", "code", "words")[number])


def test_both_kinds_stand_side_by_side_where_they_differ():
    app = open_tab(visit("parameters", kernel="4", stride="1", mode="zeros"), 1)
    for key, pads in (("same", (1, 2)), ("same_lower", (2, 1))):
        padded = np.pad(np.arange(1, 82).reshape(9, 9), pads)
        assert values(app, "output", f"parameters_{key}")[0].tolist() == slid(
            padded, np.ones((4, 4)), (1, 1), (1, 1)
        )
    app = open_tab(visit("parameters", kernel="3", stride="1", mode="zeros"), 1)
    assert EN.say("parameters.same.equal", pads=((1, 1), (1, 1)), total="2 × 2") in said(app)


@pytest.mark.parametrize(
    ("query", "pads"),
    [
        ({"kernel": "3", "stride": "1", "padding": "0"}, [2, 2]),
        ({"kernel": "4", "stride": "1", "dilation": "1", "padding": "0"}, [1, 2]),
        (
            {"kernel": "2", "stride": "3", "padding": "0", "mode": "zeros", "size_y": "6", "size_x": "6"},
            [6, 6],
        ),
    ],
)
def test_the_padding_that_is_offered_keeps_the_size(query, pads):
    if query["kernel"] == "3":
        query, pads = {**query, "dilation": "2"}, [2, 2]
    app = visit("parameters", **query)
    size = stage(app)["panels"]["input"]["shape"]
    use = [button for button in app.button if "((" in button.label][-1]  # behind the one of stride 1
    assert str((tuple(pads), tuple(pads))) in use.label
    use.click().run()
    assert stage(app)["panels"]["output"]["shape"] == size
    assert stage(app)["panels"]["input"]["margin"][1] == pads
    assert app.query_params["padding"] == "sides"


def test_a_mirror_that_cannot_supply_the_padding_is_told_with_its_numbers():
    app = visit("parameters")
    assert sentence("en", "padding_reflect", {"limit": 8, "size": 9, "before": 9, "after": 9}) in said(app)
    assert "Axis 1 (width)" in said(app)
    # It is not offered then; what is keeps the size, and for that begins a window at every cell.
    (by_one,) = [button for button in app.button if "((" in button.label]
    pads = ((1, 1), (1, 1))
    assert EN.say("parameters.keep.shrinks", stride="3", pads=pads) in said(app)
    assert by_one.label == EN.say("parameters.keep.by_one", pads=pads)
    by_one.click().run()
    panels = stage(app)["panels"]
    assert panels["output"]["shape"] == panels["input"]["shape"] == [1, 9, 9]
    assert ":red[" not in said(app)


@pytest.mark.parametrize(
    "query", [{"kernel": "4"}, {"kernel": "3", "dilation": "3"}, {"by_axis": "1", "stride_x": "1"}]
)
def test_stride_one_keeps_the_size_with_the_padding_that_is_told(query):
    app = visit("parameters", size_y="12", **query)
    next(button for button in app.button if button.label.startswith("Stride 1")).click().run()
    panels = stage(app)["panels"]
    assert panels["output"]["shape"] == panels["input"]["shape"] == [1, 12, 9]
    assert not [button for button in app.button if button.label.startswith("Stride 1")]


def test_each_side_begins_with_the_padding_that_was_there():
    app = visit("parameters", padding="same", kernel="4", stride="1")
    app.selectbox(key="parameters.padding").set_value("sides").run()
    assert [app.number_input(key=f"parameters.{side}_y").value for side in ("before", "after")] == [1, 2]


def test_a_kernel_typed_on_the_stage_is_kept_until_its_size_changes():
    app = visit("parameters", kernel="2", padding="0")
    report(app, edit={"panel": "kernel", "values": [1, 0, 0, -1], "shape": [1, 1, 2, 2], "revision": 1})
    assert values(app, "kernel")[0, 0].tolist() == [[1, 0], [0, -1]]
    assert app.query_params["cells"] == "1_0_0_-1"
    app.slider(key="parameters.kernel").set_value(3).run()
    assert values(app, "kernel")[0, 0].tolist() == np.ones((3, 3)).tolist()


def test_a_painted_grid_is_kept():
    app = visit("parameters", content="painted", size_y="2", size_x="3", kernel="1", padding="0")
    report(app, edit={"panel": "input", "values": [0, 9, 0, 255, 0, 1], "shape": [1, 2, 3], "revision": 1})
    assert values(app, "input")[0].tolist() == [[0, 9, 0], [255, 0, 1]]
    assert values(visit("parameters", **app.query_params), "input")[0].tolist() == [[0, 9, 0], [255, 0, 1]]


WIDE = {"kernel": 7, "dilation": 6}
BAD = [
    (WIDE, "kernel_too_large", {**WIDE, "span": 37, "padded": 11}),
    ({"before_y": 9}, "padding_reflect", {"limit": 8, "size": 9, "before": 9, "after": 1}),
    ({"mode": "circular", "after_x": 10}, "padding_circular", {"size": 9, "before": 1, "after": 10}),
]


def sentence(language, code, numbers):
    """What is said of an error, from behind the name of its axis on."""
    return words(language).say(f"errors.{code}", axis="§", **numbers).partition("§")[2]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("changes", "code", "numbers"), BAD)
def test_what_is_impossible_gets_one_sentence_and_the_picture_stays(changes, code, numbers, language):
    start = {} if "kernel" in changes else {"padding": "sides"} | {
        f"{side}_{axis}": "1" for side in ("before", "after") for axis in "yx"
    }  # fmt: skip
    app = visit("parameters", lang=language, **start)
    before = values(app, "output").tolist()
    for name, value in changes.items():
        kind = "selectbox" if name == "mode" else "slider" if "_" not in name else "number_input"
        getattr(app, kind)(key=f"parameters.{name}").set_value(value)
    app.run()
    assert not app.exception
    assert sentence(language, code, numbers) in said(app)
    if "mode" not in changes:
        assert values(app, "output").tolist() == before
    # A link to it shows the grid at least, and says the same.
    again = visit("parameters", **app.query_params)
    assert sentence(language, code, numbers) in said(again)
    assert values(again, "output").size


@pytest.mark.parametrize("language", LANGUAGES)
def test_stacks_are_counted_side_by_side(language):
    app = visit("parameters", view="stack", lang=language)
    told = words(language)
    shared = {"field": "13 × 13", "cells": 169, "read": 49, "never": 120, "share": "71%", "paths": "729"}
    assert told.say("parameters.gridding.told", rates="2, 2, 2", **shared) in said(app)
    filled = {"field": "17 × 17", "cells": 289, "read": 289, "never": 0, "share": "0%", "paths": "729"}
    assert told.say("parameters.gridding.told", rates="1, 2, 5", **filled) in said(app)
    left, right = (stage(app, f"parameters_{name}")["panels"]["paths"] for name in "ab")
    assert (int((left["values"] > 0).sum()), int((right["values"] > 0).sum())) == (49, 289)
    assert left["values"].sum() == right["values"].sum() == 729
    assert ("crossed" in left, "crossed" in right) == (True, False)


def test_a_cell_of_the_last_layer_that_is_picked_is_asked_about_in_both_stacks():
    app = visit("parameters", view="stack")
    report(app, "parameters_a", pick={"panel": "last", "cell": [0, 3], "at": 1})
    for name in "ab":
        assert stage(app, f"parameters_{name}")["panels"]["last"]["mark"] == [[0, 1], [3, 1]]
    assert app.query_params["of"] == "0_3"
    # At the corner the field is cut off: 7 rows of it, of which every other one is read.
    assert stage(app, "parameters_a")["panels"]["paths"]["mark"] == [[0, 7], [1, 9]]


def test_rates_of_the_readers_own_and_two_layers():
    app = visit("parameters", view="stack", layers="2", rate_b1="3", rate_b2="4")
    assert "**3, 4:**" in said(app)
    numbers = {"field": "15 × 15", "cells": 225, "read": 81, "never": 144, "share": "64%", "paths": "81"}
    assert EN.say("parameters.gridding.told", rates="3, 4", **numbers) in said(app)
    app.slider(key="parameters.rate_b2").set_value(1).run()
    assert "**3, 1:**" in said(app)
    assert EN["parameters.gridding.whole"] in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tab", range(4))
def test_every_tab_runs_in_both_languages(tab, language):
    app = visit("parameters", lang=language, dilation="2", kernel="2")
    assert not open_tab(app, tab).exception
    if tab == 2:
        code = " ".join(block.value for block in app.code)
        assert "dilation_rate=(2, 2)" in code
        assert "sliding_window_view" in code
        assert "F.conv2d" in code
