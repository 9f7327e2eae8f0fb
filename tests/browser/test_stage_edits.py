"""Changing numbers in place: typing into a kernel, painting on an input, and answers that come late."""

import numpy as np
import pytest

from conv_core import conv_trace
from conv_view.stories.convolution import convolution
from conv_view.text import words
from tests.browser import stage_scenes as scenes
from tests.browser.stages import stage_fixture

stage = stage_fixture()
chinese_stage = stage_fixture(locale="zh-CN")
phone_stage = stage_fixture(viewport=(390, 844), touch=True)
EDITOR = ".cell-editor"
CELL = (0, 0, 1, 2)  # of the kernel, where Sobel has a 2


def edit_of(shown, text, cell=CELL):
    """Click a cell of the kernel and type."""
    shown.click("kernel", cell)
    field = shown.page.locator(EDITOR)
    assert field.is_visible()
    shown.page.keyboard.press("ControlOrMeta+a")
    shown.page.keyboard.insert_text(text)
    shown.frames()
    return field


def answer(kernel, revision, shown, **options):
    """What Python sends back: the same picture under another kernel."""
    x = shown.header["panels"]["input"]["values"][None]
    trace = conv_trace(x.astype(np.float32), np.array(kernel, np.float32).reshape(1, 1, 3, 3), padding=1)
    shown.mount(convolution(trace, words("en")), revision=revision, **options)
    return trace


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-0.25", -0.25),
        ("1/9", 1 / 9),
        ("−1,5", -1.5),
        ("－１，５", -1.5),  # full-width digits, as a Chinese keyboard types them
        ("１／４", 0.25),
        ("-3 / 4", -0.75),
        (" 7 ", 7),
        ("1e3", 1000),
        ("1e-3", 0.001),
        (".5", 0.5),
        ("+2", 2),
        ("1000000", 1e6),
        ("0", 0),
    ],
)
def test_a_number_in_any_form_is_taken_at_once(stage, text, value):
    shown = stage(scenes.plain())
    field = edit_of(shown, text)
    (edit,) = shown.sent("edit")
    expected = scenes.SOBEL.copy()
    expected[1, 2] = value
    assert edit["panel"] == "kernel"
    assert edit["shape"] == [1, 1, 3, 3]
    assert edit["revision"] == 1
    assert np.array_equal(np.array(edit["values"], np.float32), expected.ravel())
    assert np.float32(shown.js("return player.scene.byName.get('kernel').values[5]")) == np.float32(value)
    assert (
        field.evaluate("(field) => field.matches(':focus')")
        or shown.js("return player.root.activeElement") is None
    )
    assert field.get_attribute("aria-invalid") == "false"


@pytest.mark.parametrize(
    "text",
    ["abc", "NaN", "Infinity", "1/0", "", "   ", "1.2.3", "1e400", "12345678", "--1", "1/2/3", "☃", "1 2"],
)
def test_what_is_no_number_is_refused_with_a_sentence(stage, text):
    shown = stage(scenes.plain())
    before = shown.page.locator(".caption .sum").inner_text()
    field = edit_of(shown, text)
    assert shown.sent("edit") == []
    assert field.get_attribute("aria-invalid") == "true"
    assert text.strip() in shown.sentence
    assert "last valid value stays" in shown.sentence
    assert shown.js("return player.scene.byName.get('kernel').values[5]") == 2
    assert shown.page.locator(".caption .sum").inner_text() == before
    # Going away leaves the last valid value, and the complaint goes too.
    shown.press("Enter")
    shown.press("Escape")
    assert "last valid value" not in shown.sentence
    assert shown.js("return player.scene.byName.get('kernel').values[5]") == 2


def test_the_sentence_of_refusal_is_in_the_readers_language(chinese_stage):
    shown = chinese_stage(scenes.plain("zh"))
    edit_of(shown, "abc")
    assert "abc" in shown.sentence
    assert "not a number" not in shown.sentence


def test_a_refusal_is_followed_by_the_next_valid_number(stage):
    shown = stage(scenes.plain())
    edit_of(shown, "-")
    assert shown.sent("edit") == []
    shown.page.keyboard.type("4")
    shown.frames()
    assert [edit["values"][5] for edit in shown.sent("edit")] == [-4]
    assert "last valid" not in shown.sentence


def test_every_keystroke_is_a_revision_and_answers_do_not_take_the_focus(stage):
    shown = stage(scenes.plain())
    field = edit_of(shown, "1")
    shown.page.keyboard.type("2")
    shown.page.keyboard.type("3")
    assert [(edit["revision"], edit["values"][5]) for edit in shown.sent("edit")] == [
        (1, 1),
        (2, 12),
        (3, 123),
    ]
    kernel = scenes.SOBEL.copy()
    kernel[1, 2] = 123
    answer(kernel, 3, shown)
    assert field.evaluate("(field) => field.matches(':focus')")
    assert field.input_value() == "123"
    shown.page.keyboard.type("4")
    shown.frames()
    assert [(edit["revision"], edit["values"][5]) for edit in shown.sent("edit")][-1] == (4, 1234)


def test_a_late_answer_never_overwrites_a_newer_keystroke(stage):
    shown = stage(scenes.plain())
    edit_of(shown, "1")
    shown.page.keyboard.type("2")
    late, fresh = scenes.SOBEL.copy(), scenes.SOBEL.copy()
    late[1, 2], fresh[1, 2] = 1, 12
    answer(late, 1, shown)
    assert shown.js("return player.scene.byName.get('kernel').values[5]") == 12
    trace = answer(fresh, 2, shown)
    assert shown.js("return player.scene.byName.get('kernel').values[5]") == 12
    result = shown.js("return Array.from(player.scene.byName.get('output').values)")
    assert np.array_equal(np.array(result, np.float32), trace.output.ravel())
    assert shown.data("revision") == "2"


def test_a_change_from_elsewhere_is_shown_though_something_was_typed_before(stage):
    shown = stage(scenes.plain())
    edit_of(shown, "9")
    shown.press("Enter", "Escape")
    answer(np.eye(3), 1, shown)
    assert (
        shown.js("return Array.from(player.scene.byName.get('kernel').values)") == np.eye(3).ravel().tolist()
    )


def test_another_session_is_another_count_of_revisions(stage):
    """After a reconnection Python counts from nothing again."""
    shown = stage(scenes.plain())
    edit_of(shown, "9")
    shown.page.keyboard.type("9")
    shown.press("Escape")
    answer(np.eye(3), 0, shown, session="another")
    assert (
        shown.js("return Array.from(player.scene.byName.get('kernel').values)") == np.eye(3).ravel().tolist()
    )
    edit_of(shown, "3", (0, 0, 0, 0))
    assert shown.sent("edit")[-1]["revision"] == 1


def test_a_call_moves_the_stage_and_an_echo_does_not(stage):
    shown = stage(scenes.plain(), cell=(0, 0, 0, 1, 1))
    assert shown.step == 8
    shown.js("player.seek(20)")
    shown.frames()
    shown.mount(scenes.plain("zh"), cell=(0, 0, 0, 1, 1))
    assert shown.step == 20
    shown.mount(scenes.plain(), cell=(0, 0, 0, 3, 3), token=1)
    assert shown.step == 24
    shown.mount(scenes.plain("zh"), cell=(9, 9, 9, 99, 99), token=2)
    assert shown.step == 41


@pytest.mark.parametrize("level", ["output", "term"])
def test_an_unrelated_change_keeps_the_place(stage, level):
    shown = stage(scenes.plain())
    shown.focus()
    shown.js("player.seek(16)")
    shown.frames()
    if level == "term":
        shown.press("m", "ArrowRight", "ArrowRight")
    before = (shown.step, shown.data("term"))
    answer(np.eye(3), 0, shown)
    assert (shown.step, shown.data("term")) == before
    # A smaller output has fewer steps; row 2, column 2 is still row 2, column 2.
    x = shown.header["panels"]["input"]["values"][None].astype(np.float32)
    smaller = convolution(conv_trace(x, np.ones((1, 1, 2, 2), np.float32), stride=2), words("en"))
    shown.mount(smaller)
    assert shown.step == 2 * 3 + 2


def test_home_is_told_to_python_though_it_began_there(stage):
    shown = stage(scenes.plain())
    shown.focus()
    shown.press("End")
    shown.wait("convscope.sent.length === 1")
    shown.press("Home")
    shown.wait("convscope.sent.length === 2")
    assert [view["cell"] for view in shown.sent("view")] == [[0, 0, 0, 5, 6], [0, 0, 0, 0, 0]]


# ---- from cell to cell


def test_enter_tab_and_arrows_go_from_cell_to_cell(stage):
    shown = stage(scenes.plain())
    where = "return player.editor.open?.flat ?? null"
    edit_of(shown, "4", (0, 0, 0, 0))
    for key, flat in (("Enter", 1), ("Tab", 2), ("ArrowDown", 5), ("ArrowUp", 2), ("Shift+Tab", 1)):
        shown.press(key)
        assert shown.js(where) == flat, key
    label = shown.page.locator(EDITOR).get_attribute("aria-label")
    assert "0, 1" in label
    shown.press("End", "Shift+Tab", "Shift+Tab")
    assert shown.js(where) == 8
    shown.press("Enter")
    assert shown.js(where) is None
    assert not shown.page.locator(EDITOR).is_visible()
    assert shown.canvas.evaluate("(canvas) => canvas.matches(':focus')")
    assert [edit["values"][0] for edit in shown.sent("edit")] == [4]


def test_escape_brings_the_old_number_back(stage):
    shown = stage(scenes.plain())
    edit_of(shown, "44")
    shown.press("Escape")
    edits = shown.sent("edit")
    assert [(edit["revision"], edit["values"][5]) for edit in edits] == [(1, 44), (2, 2)]
    assert not shown.page.locator(EDITOR).is_visible()


def test_the_key_e_begins_with_the_first_cell_that_is_seen(stage):
    shown = stage(scenes.mirrored())
    shown.js("player.seek(player.scene.steps - 1)")
    shown.frames()
    shown.focus()
    shown.press("E")
    shown.page.keyboard.press("ControlOrMeta+a")
    shown.page.keyboard.type("8")
    (edit,) = shown.sent("edit")
    changed = np.flatnonzero(np.array(edit["values"]) == 8)
    assert changed.tolist() == [np.ravel_multi_index((1, 0, 0, 0), (2, 3, 2, 2))]


def test_keys_do_not_play_while_a_number_is_typed(stage):
    shown = stage(scenes.plain())
    edit_of(shown, "1")
    shown.press("Home", "End", "ArrowLeft", "ArrowRight", "Space", "m", "+")
    assert (shown.step, shown.is_playing, shown.js("return player.level")) == (0, False, "output")


def test_what_plays_waits_for_the_number_to_be_typed(stage):
    shown = stage(scenes.plain(), autoplay=True, speed=32)
    shown.wait("player.step > 1")
    edit_of(shown, "3")
    step = shown.step
    shown.page.locator(EDITOR).hover()
    shown.frames(8)
    assert (shown.step, shown.is_playing) == (step, False)
    shown.press("Enter", "Escape")
    shown.leave()
    shown.wait(f"player.step > {step}")


def test_padding_and_results_cannot_be_edited(stage):
    shown = stage(scenes.plain())
    for panel, cell in (
        ("input", (0, 2, 2)),
        ("output", (0, 1, 1)),
        ("input", (0, -1, -1)),
        ("products", (0, 0, 0)),
    ):
        shown.click(panel, cell)
        assert not shown.page.locator(EDITOR).is_visible()
    assert shown.sent("edit") == []


# ---- painting


def drag(shown, *cells):
    mouse = shown.page.mouse
    mouse.move(*shown.where("input", cells[0]))
    mouse.down()
    for cell in cells[1:]:
        mouse.move(*shown.where("input", cell), steps=6)
    mouse.up()
    shown.frames()


def test_a_brush_paints_where_it_is_drawn(stage):
    shown = stage(scenes.plain(paint=True))
    before = shown.header["panels"]["input"]["values"][0].astype(float)
    drag(shown, (0, 2, 1), (0, 2, 4), (0, 4, 4))
    edit = shown.sent("edit")[-1]
    after = np.array(edit["values"]).reshape(6, 7)
    painted = {(2, 1), (2, 2), (2, 3), (2, 4), (3, 4), (4, 4)}
    for place in np.ndindex(6, 7):
        assert after[place] == (255 if place in painted else before[place]), place
    assert edit["panel"] == "input"
    assert edit["shape"] == [1, 6, 7]
    assert edit["revision"] == shown.js("return player.revision")
    assert (shown.step, shown.data("pinned")) == (0, "false")


def test_a_stroke_beyond_the_border_paints_what_is_inside(stage):
    shown = stage(scenes.plain(paint=True))
    drag(shown, (0, 5, 5), (0, 5, 7), (0, 6, 7))
    after = np.array(shown.sent("edit")[-1]["values"]).reshape(6, 7)
    assert (after[5, 5], after[5, 6]) == (255, 255)


def test_painting_over_what_was_painted_wipes_it_out(stage):
    shown = stage(scenes.plain(paint=True))
    drag(shown, (0, 2, 2), (0, 2, 2))
    drag(shown, (0, 2, 2), (0, 2, 3))
    after = np.array(shown.sent("edit")[-1]["values"]).reshape(6, 7)
    assert (after[2, 2], after[2, 3]) == (0, 0)


def test_a_finger_paints_dots(phone_stage):
    shown = phone_stage(scenes.plain(paint=True))
    shown.page.touchscreen.tap(*shown.where("input", (0, 3, 3)))
    shown.frames()
    assert np.array(shown.sent("edit")[-1]["values"]).reshape(6, 7)[3, 3] == 255


def test_a_picture_that_is_not_for_painting_is_not_painted(stage):
    shown = stage(scenes.plain())
    drag(shown, (0, 2, 1), (0, 2, 4))
    assert shown.sent("edit") == []
