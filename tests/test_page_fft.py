"""The page of the Fourier transform: what its stages are given and what it says, in both languages."""

import re
from threading import Event

import numpy as np
import pytest

from conv_view.controls import fft_small, measuring
from conv_view.measuring import QUEUE, Measurement
from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import open_chapter, said, visit

SETTINGS = [
    {"room": "none"},
    {"room": "linear", "side": "13", "kernel": "sobel_x"},
    {"room": "tiles", "tile": "7", "which": "1_2", "kernel": "box", "box_size": "4", "side": "16"},
]


def stage(app, key="fft"):
    """The scene that the stage called `key` was given, decoded."""
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    (found,) = [scene for scene in scenes if scene["options"]["key"] == key]
    return found


def values(app, panel, key="fft"):
    return np.asarray(stage(app, key)["panels"][panel]["values"], float)


def report(app, key="fft", **state):
    """Let the stage report something, as the browser does."""
    app.session_state[key] = state
    return app.run()


def around(x, weight, size, before=0):
    """The circular correlation of x (filled with zeros up to the size) by loops, from `before` it on."""
    circle = np.zeros(size)
    circle[: x.shape[0], : x.shape[1]] = x
    made = np.zeros(size)
    for i, j in np.ndindex(weight.shape):
        made += weight[i, j] * np.roll(circle, (before - i, before - j), (0, 1))
    return made


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", SETTINGS, ids=lambda query: query["room"])
def test_the_stage_holds_what_the_transform_makes(query, language):
    app = visit("fft", lang=language, follow="cells", **query)
    assert not app.exception
    assert stage(app)["language"] == language
    x, weight = values(app, "input")[0], values(app, "kernel")[0, 0]
    span = len(weight)
    length = {"none": 24, "linear": 13 + span - 1, "tiles": 7}[query["room"]]
    made = around(x, weight, (length, length), span - 1 if query["room"] == "linear" else 0)
    assert values(app, "result") == pytest.approx(made, abs=2e-2)
    assert f"\\mathbf{{{4 if query['room'] == 'tiles' else length}}}" in said(app)
    if query["room"] == "tiles":
        whole = values(app, "whole", "fft_beside")
        assert np.array_equal(whole[4:11, 8:15], x)
        output = values(app, "output")
        assert np.array_equal(output, values(app, "made", "fft_beside"))
        assert output[4:8, 8:12] == pytest.approx(made[:4, :4], abs=2e-2)
        assert words(language)["fft.stage.pick"] in stage(app, "fft_beside")["options"]["hint"]
    # Rounding stays far below what could be seen.
    told = [float(found.replace("·10⁻⁷", "e-7")) for found in re.findall(r"\d\.\d+·10⁻⁷", said(app))]
    assert told
    assert max(told) < 1e-6


def test_following_frequencies_and_cells_each_keep_their_own_place():
    app = visit("fft", side="8")
    assert stage(app)["acts"][0]["name"] == "frequencies"
    assert stage(app)["options"]["cell"] == [0, 3, 1, 0]
    report(app, view={"cell": [0, 5, 2, 1]})
    assert app.query_params["at"] == "0_5_2_1"
    assert "(2, 2)" in said(app)
    app.button_group(key="fft.follow").set_value("cells").run()
    assert stage(app)["acts"][0]["name"] == "cells"
    assert stage(app)["options"]["cell"] == [0, 0, 0, 0]
    report(app, view={"cell": [0, 7, 6, 0]})
    app.button_group(key="fft.follow").set_value("frequencies").run()
    assert stage(app)["options"]["cell"] == [0, 5, 2, 1]
    again = visit("fft", **app.query_params)
    assert stage(again)["options"]["cell"] == [0, 5, 2, 1]
    again.button_group(key="fft.follow").set_value("cells").run()
    assert stage(again)["options"]["cell"] == [0, 7, 6, 0]


def test_the_product_below_the_stage_is_the_one_on_it():
    app = visit("fft", side="8", at="0_1_3_0", kernel="sobel_y")
    header = stage(app)
    (down, across) = 1 - 3, 3
    x = np.fft.fft2(header["panels"]["input"]["values"][0].astype(float))[down, across]
    w = np.fft.fft2(header["panels"]["kernel"]["values"][0, 0].astype(float), (8, 8))[down, across]
    (line,) = re.findall(r'data-latex="(\$?[^"]*cdot\\text[^"]*)"', said(app))
    texts = re.findall(r"\\text\{([^}]*)\}", line)
    assert texts[0] == "At frequency (−2, 3):"
    found = [complex(re.sub(r"[()\s]", "", text).replace("−", "-").replace("i", "j")) for text in texts[1:]]
    for value, expected in zip(found, (x, w.conjugate(), x * w.conjugate()), strict=True):
        assert value == pytest.approx(expected, rel=1e-3)


def test_a_wave_and_the_strongest_of_all_stand_beside():
    app = visit("fft", side="8", waves="400")
    picture = values(app, "input")[0]
    assert values(app, "rebuilt", "fft_beside") == pytest.approx(picture, abs=1e-2)
    assert stage(app, "fft_beside")["panels"]["rebuilt"]["note"] == "100%"
    # Of 64 frequencies 4 are their own opposites.
    assert app.slider(key="fft.waves").value == 34
    app.slider(key="fft.waves").set_value(1).run()
    assert values(app, "rebuilt", "fft_beside") == pytest.approx(np.full((8, 8), picture.mean()), abs=1e-2)
    report(app, view={"cell": [0, 3, 0, 0]})
    assert values(app, "wave", "fft_beside") == pytest.approx(np.full((8, 8), picture.mean()), abs=1e-2)


@pytest.mark.parametrize(("panel", "cell", "tile"), [("whole", [9, 23], "1_3"), ("made", [21, 0], "3_0")])
def test_a_tile_is_picked_beside(panel, cell, tile):
    app = visit("fft", room="tiles", tile="8", kernel="box")
    report(app, "fft_beside", pick={"panel": panel, "cell": cell, "at": 1})
    assert app.query_params["which"] == tile
    down, across = map(int, tile.split("_"))
    begin = [mark[0] for mark in stage(app, "fft_beside")["panels"]["whole"]["mark"]]
    assert begin == [6 * down, 6 * across]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tile_or_a_picture_without_room_is_told_and_the_last_good_stage_stays(language):
    app = visit("fft", lang=language, room="tiles", kernel="box", follow="cells")
    app.slider(key="fft.box_size").set_value(5).run()
    before = values(app, "result")
    app.slider(key="fft.tile").set_value(4).run()
    assert not app.exception
    text = words(language)["errors.fft_tile_small"].format(axis="§", tile=4, span=5)
    assert all(part in said(app) for part in re.split("§", text)[1:])
    assert words(language)["notices.kept"] in said(app)
    assert np.array_equal(values(app, "result"), before)
    app.slider(key="fft.tile").set_value(9).run()
    assert ":material/error:" not in said(app)
    assert values(app, "result").shape == (9, 9)
    app.selectbox(key="fft.side").set_value("8").run()
    app.slider(key="fft.box_size").set_value(9).run()
    assert ":material/error:" in said(app)
    assert not app.exception


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "query", [{"room": "tiles", "tile": "2"}, {"side": "8", "kernel": "box", "box_size": "15"}, {"room": "x"}]
)
def test_a_link_to_what_cannot_be_shows_something_and_says_why(query, language):
    app = visit("fft", lang=language, **query)
    assert not app.exception
    assert ":material/error:" in said(app)
    assert stage(app)["panels"]["result"]["shape"]


def test_a_kernel_and_a_grid_changed_on_the_stage_are_used_and_kept():
    app = visit("fft", picture="painted", kernel="box", box_size="3", follow="cells")
    cells = [0.0, 1.0, 0.0, 2.0, -3.0, 0.5, 0.0, 0.0, 4.0]
    report(app, edit={"panel": "kernel", "values": cells, "shape": [1, 1, 3, 3], "revision": 1})
    assert app.selectbox(key="fft.kernel").value == "custom"
    grid = np.zeros((12, 12))
    grid[2, 3] = 255
    report(app, edit={"panel": "input", "values": grid.ravel().tolist(), "shape": [1, 12, 12], "revision": 2})
    expected = around(grid, np.reshape(cells, (3, 3)), (12, 12))
    assert values(app, "result") == pytest.approx(expected, abs=1e-2)
    again = visit("fft", **app.query_params)
    assert np.array_equal(values(again, "result"), values(app, "result"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chapters_say_what_was_computed(language):
    app = visit("fft", lang=language, side="8", kernel="box", box_size="3")
    text = words(language)
    x = values(stage_app := app, "input")[0]
    assert not stage_app.exception
    open_chapter(app, "fft", "why")
    assert text["fft.why.product"] in said(app)
    open_chapter(app, "fft", "circular")
    weight = np.full((3, 3), 1 / 9)
    circular, zeros = around(x, weight, (8, 8)), around(x, weight, (10, 10))[:8, :8]
    panels = stage(app, "fft_circular")["panels"]
    assert panels["circular"]["values"][0] == pytest.approx(circular, abs=1e-3)
    assert panels["linear"]["values"][0] == pytest.approx(zeros, abs=1e-3)
    assert panels["wrong"]["values"][0] == pytest.approx(circular - zeros, abs=1e-3)
    assert "28" in said(app)  # cells that went around: 64 less 36
    open_chapter(app, "fft", "tiles")
    assert "829 MB" in said(app)
    open_chapter(app, "fft", "code")
    assert len(app.code) == 2
    found: dict[str, object] = {}
    exec(app.code[0].value, found)
    assert np.asarray(found["output"]) == pytest.approx(circular[:6, :6], abs=1e-3)
    assert not app.exception


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_kernel_from_which_it_pays_is_counted_and_measured(language, monkeypatch):
    monkeypatch.setattr(fft_small, "SIDE", 16)
    app = visit("fft", lang=language)
    text = words(language)
    open_chapter(app, "fft", "small")
    assert len(app.get("plotly_chart")) == 1
    counted, cached = fft_small.crossings(1)
    assert text.say("fft.small.from.counted", size=counted) in said(app)
    assert text.say("fft.small.from.cached", size=cached) in said(app)
    app.button_group(key="fft.channels").set_value("16").run()
    more, _ = fft_small.crossings(16)
    assert more < counted
    assert text.say("fft.small.from.counted", size=more) in said(app)
    assert text.say("fft.small.none", side=16) in [each.value for each in app.caption]
    app.button_group(key="fft.channels").set_value("1").run()
    ahead = Measurement([])
    QUEUE.enter(ahead)  # somebody on the race's page measures
    app.button(key="fft_measure").click().run()
    one = app.session_state[measuring.LAST]["fft"].measurement
    while not one.ahead:
        pass
    QUEUE.leave(ahead)
    waits = Event()
    for _ in range(400):
        app.run()
        if one.finished:
            break
        waits.wait(0.05)
    app.run()
    assert one.share == 1
    assert len(app.get("plotly_chart")) == 2
    assert text.say("fft.small.of_1", side=16, channels=1) in said(app)
    assert text["fft.small.stopped"] not in said(app)
    assert not app.exception


def test_what_is_followed_changes_the_stage_alone():
    app = visit("fft")
    before = app.query_params
    app.button_group(key="fft.follow").set_value("cells").run()
    assert {*app.query_params} - {*before} == {"follow"}


@pytest.mark.parametrize("room", ["none", "linear", "tiles"])
def test_zeros_and_kernels_that_are_not_square_are_shown_too(room):
    app = visit("fft", room=room, side="10", kernel="custom", cells="0~6", cells_shape="2_3")
    assert not app.exception
    assert not values(app, "y").any()
    assert not values(app, "yi").any()
    assert "NaN" not in said(app)
    app = visit("fft", room=room, side="10", kernel="custom", cells="1_2_3_4_5_6", cells_shape="2_3")
    assert not app.exception
    if room == "tiles":
        assert "4 tiles of 8 × 8 cells overlap by 1 / 2; each makes 7 × 6 new outputs" in said(app)
    for cells in ([1], [3, -1]):
        app = visit(
            "fft", room=room, kernel="custom", cells="_".join(map(str, cells)), cells_shape=f"1_{len(cells)}"
        )
        assert not app.exception
        assert ":material/error:" not in said(app)


def test_what_rests_elsewhere_is_not_computed_again():
    app = visit("fft", side="8")
    before, _ = app.session_state["fft:good"]
    report(app, view={"cell": [0, 5, 2, 1]})
    assert app.session_state["fft:good"][0] is before
    app.slider(key="fft.gaussian_size").set_value(3).run()
    assert app.session_state["fft:good"][0] is not before
