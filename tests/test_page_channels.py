"""Channels and groups: what the stage is given, in both languages, against sums made here."""

import re
from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import correlate2d

from conv_view.painted import encode_painted
from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import open_chapter, said, visit

SETTINGS = [
    {"channels": "3", "filters": "3", "groups": "1"},
    {"channels": "4", "filters": "8", "groups": "2", "stride": "2", "padding": "0"},
    {"channels": "6", "filters": "6", "groups": "6", "weights": "named"},
    {
        "channels": "8",
        "filters": "16",
        "groups": "4",
        "size": "1",
        "padding": "0",
        "part": "c12",
        "seed": "9",
    },
]


def stage(app, key="channels"):
    """The scene that the stage called `key` was given, decoded."""
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    (found,) = [scene for scene in scenes if scene["options"]["key"] == key]
    return found


def values(app, panel, key="channels"):
    return np.asarray(stage(app, key)["panels"][panel]["values"], float)


def html(app):
    return "\n".join(each.proto.body for each in app.get("html"))


def unfilled(app):
    """Places in texts that nothing was filled into; formulas have braces of their own."""
    formulas = r'\$.*?\$|data-latex=".*?"'
    text = (said(app) + html(app)).replace("$$", "$")
    return re.findall(r"\{[a-z_]+\}", re.sub(formulas, "", text, flags=re.DOTALL))


def convolved(x, weight, groups, stride, padding):
    """Grouped correlation by SciPy, one channel at a time."""
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    reads, own = weight.shape[1], len(weight) // groups
    return np.array(
        [
            sum(
                correlate2d(padded[number // own * reads + slot], kernel, "valid")[::stride, ::stride]
                for slot, kernel in enumerate(filter_)
            )
            for number, filter_ in enumerate(weight)
        ]
    )


def report(app, key="channels", **state):
    """Let the stage report something, as the browser does."""
    app.session_state[key] = state
    return app.run()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", SETTINGS)
def test_every_setting_runs_in_both_languages_and_is_convolved(query, language):
    app = visit("channels", lang=language, **query)
    assert not app.exception
    x, weight, output = (values(app, name) for name in ("input", "kernel", "output"))
    groups, count, filters = (int(query[name]) for name in ("groups", "channels", "filters"))
    assert len(x) == count
    assert weight.shape[:2] == (filters, count // groups)
    expected = convolved(x, weight, groups, int(query.get("stride", 1)), int(query.get("padding", 1)))
    assert output == pytest.approx(expected, abs=1e-3)
    assert stage(app)["language"] == language
    assert not unfilled(app)


@pytest.mark.parametrize("query", SETTINGS)
def test_the_counts_are_those_of_the_arrays(query):
    app = visit("channels", **query)
    weight, output = values(app, "kernel"), values(app, "output")
    groups = int(query["groups"])
    multiplies = weight[0].size * output.size
    printed = [int(number.replace(",", "")) for number in re.findall(r"<b[^>]*>([\d,]+)</b>", html(app))]
    assert printed[-4:] == [weight.size * groups, weight.size, multiplies * groups, multiplies]


def test_the_slider_has_every_divisor_from_dense_to_depthwise():
    app = visit("channels", channels="6", filters="12")
    slider = app.select_slider(key="channels.groups")
    assert slider.options == ["dense", "2 groups", "3 groups", "depthwise (6)"]
    slider.set_value(6).run()
    assert values(app, "kernel").shape == (12, 1, 3, 3)
    assert "Here they are not" in said(app)
    assert app.query_params["groups"] == "6"


def test_fewer_channels_keep_what_was_meant():
    app = visit("channels", channels="8", filters="16", groups="8")
    app.selectbox(key="channels.channels").set_value("6").run()
    assert not app.exception
    # Twice as many filters as channels, and depthwise, as before.
    assert values(app, "kernel").shape == (12, 1, 3, 3)
    app.select_slider(key="channels.groups").set_value(3).run()
    app.selectbox(key="channels.channels").set_value("4").run()
    assert values(app, "kernel").shape == (8, 2, 3, 3)
    app.selectbox(key="channels.filters").set_value(16).run()
    assert values(app, "kernel").shape == (16, 2, 3, 3)
    assert "does not divide" not in str(app.select_slider(key="channels.groups").options)


def test_the_filter_at_hand_is_kept_when_the_groups_change():
    app = visit("channels", channels="4", filters="8", groups="2", cell="0_1_2_5_7")
    assert "Output[6, 5, 7]" in said(app)
    app.select_slider(key="channels.groups").set_value(4).run()
    assert stage(app)["options"]["cell"] == [0, 3, 0, 5, 7]
    assert "Output[6, 5, 7]" in said(app)


@pytest.mark.parametrize("query", SETTINGS)
def test_the_partial_sums_of_the_step_stand_in_the_table(query):
    groups, count, filters = (int(query[name]) for name in ("groups", "channels", "filters"))
    own, reads = filters // groups, count // groups
    app = visit("channels", **query)
    report(app, view={"cell": [0, groups - 1, own - 1, 2, 3]})
    number, stride, padding = filters - 1, int(query.get("stride", 1)), int(query.get("padding", 1))
    x, weight, output = (values(app, name) for name in ("input", "kernel", "output"))
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))[-reads:]
    size = weight.shape[2]
    window = padded[:, 2 * stride : 2 * stride + size, 3 * stride : 3 * stride + size]
    expected = (window * weight[number]).sum((1, 2))
    (table,) = [each.value for each in app.markdown if "|---:" in each.value and "Sum" in each.value]
    cells = table.splitlines()[2].strip("| ").split(" | ")
    shown = [float(re.sub(r"[+=≈* ]", "", cell).replace("−", "-")) for cell in cells]
    assert shown == pytest.approx([*expected, output[number, 2, 3]], abs=0.006)
    assert f"Output[{number}, 2, 3]" in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("query", "code", "numbers"),
    [
        ({"channels": "6", "filters": "6", "groups": "4"}, "groups_input", {"channels": 6, "groups": 4}),
        ({"channels": "4", "filters": "6", "groups": "4"}, "groups_output", {"outputs": 6, "groups": 4}),
        ({"channels": "3", "groups": "16"}, "groups_input", {"channels": 3, "groups": 16}),
    ],
)
def test_groups_that_do_not_divide_are_told_and_the_dense_one_is_shown(query, code, numbers, language):
    app = visit("channels", lang=language, **query)
    assert not app.exception
    assert words(language).say(f"errors.{code}", **numbers) in said(app)
    filters = int(query.get("filters", 4))
    assert values(app, "kernel").shape == (filters, int(query["channels"]), 3, 3)
    app.select_slider(key="channels.groups").set_value(1).run()
    assert not app.exception
    assert ":red[" not in said(app)
    assert "groups" not in app.query_params


def test_the_last_good_state_stays_when_a_state_cannot_be_computed():
    grid = encode_painted(np.full((2, 2), 9, np.uint8))
    app = visit("channels", channels="4", filters="4", groups="2", padding="0", grid=grid)
    before = values(app, "output")
    app.selectbox(key="channels.picture").set_value("painted").run()
    assert not app.exception
    wrong = {"axis": "0 (height)", "kernel": 3, "dilation": 1, "span": 3, "padded": 2}
    assert words("en").say("errors.kernel_too_large", **wrong) in said(app)
    assert np.array_equal(values(app, "output"), before)
    app.button_group(key="channels.padding").set_value("1").run()
    assert values(app, "input").tolist() == [[[9, 9], [9, 9]]] * 3 + [[[9, 9], [9, 9]]]
    assert values(app, "output").shape == (4, 2, 2)


@pytest.mark.parametrize("size", ["1", "3"])
def test_a_painted_grid_smaller_than_the_kernel_is_told(size):
    grid = encode_painted(np.full((1, 1), 9, np.uint8))
    app = visit("channels", picture="painted", grid=grid, padding="0", size=size)
    open_chapter(app, "channels", "separable")
    assert not app.exception
    assert ":red[" in said(app)
    assert values(app, "output").size


def test_nonsense_in_the_link_is_named():
    app = visit("channels", channels="5", filters="99")
    assert not app.exception
    assert ":red[" in said(app)
    assert values(app, "kernel").shape == (4, 4, 3, 3)


def test_a_weight_typed_on_the_stage_is_kept_through_groups_and_taken_back():
    app = visit("channels", channels="4", filters="4")
    weight = values(app, "kernel")
    weight[3, 2, 0, 1] = 12.5
    edit = {"panel": "kernel", "values": weight.ravel().tolist(), "shape": list(weight.shape), "revision": 1}
    report(app, edit=edit)
    assert values(app, "kernel")[3, 2, 0, 1] == 12.5
    assert app.query_params["edits"] == "3_2_0_1_12.5"
    app.select_slider(key="channels.groups").set_value(2).run()
    assert values(app, "kernel")[3, 0, 0, 1] == 12.5
    shared = visit("channels", channels="4", filters="4", groups="4", edits="3_2_0_1_12.5")
    # Filter 3 reads channel 3 alone: the cell of channel 2 waits.
    assert 12.5 not in values(shared, "kernel")


@pytest.mark.parametrize("tab", ["pointwise", "separable", "code", "about"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tab_runs(language, tab):
    app = visit("channels", lang=language, channels="6", filters="12", groups="2", stride="2")
    open_chapter(app, "channels", tab)
    assert not app.exception
    assert not unfilled(app)


def test_pointwise_shows_the_numbers_of_one_pixel_and_no_difference():
    app = visit("channels", channels="4", filters="8", groups="2", size="1", padding="0", cell="0_1_3_4_6")
    x, weight = values(app, "input"), values(app, "kernel")
    matrix = np.zeros((8, 4))
    matrix[:4, :2], matrix[4:, 2:] = weight[:4, :, 0, 0], weight[4:, :, 0, 0]
    shown = [
        [[float(cell.replace("−", "-")) for cell in row.split("&")] for row in body.split(r"\\")]
        for body in re.findall(r"begin{(?:small)?matrix}(.*?)\\end", said(app), re.DOTALL)
    ]
    pixel = x[:, 4, 6, None]
    for found, expected in zip(shown, (matrix, pixel, matrix @ pixel), strict=True):
        assert np.array_equal(found, expected)
    assert np.array_equal((matrix @ pixel)[:, 0], values(app, "output")[:, 4, 6])
    assert "the largest difference is **0**" in said(app)


def test_separable_runs_both_layers_on_the_picture_and_counts_them():
    app = visit("channels", channels="6", filters="12", stride="2")
    open_chapter(app, "channels", "separable")
    first, second = ({name: values(app, name, f"channels_{layer}") for name in ("input", "kernel", "output")}
                     for layer in ("depthwise", "pointwise"))  # fmt: skip
    assert np.array_equal(first["input"], values(app, "input"))
    assert first["output"] == pytest.approx(convolved(first["input"], first["kernel"], 6, 2, 1))
    assert np.array_equal(second["input"], first["output"])
    assert second["output"] == pytest.approx(convolved(second["input"], second["kernel"], 1, 1, 0))
    places = second["output"][0].size
    text = said(app)
    for number in (12 * 6 * 9, 6 * 9, 12 * 6):
        assert f"{number:,} | {number * places:,} |" in text
    assert r"\frac{1}{12}+\frac{1}{9}=\frac{7}{36}\approx0.1944" in text
    assert rf"\frac{{{6 * 9 + 12 * 6}}}{{{12 * 6 * 9}}}\approx0.1944" in text
    assert "agree exactly" in text


def test_the_scene_stays_small():
    app = visit("channels", channels="8", filters="16", part="w32")
    sizes = [len(each.proto.bytes) for each in app.get("bidi_component")]
    assert max(sizes) < 100_000


def test_the_lenses_get_more_room_the_more_a_filter_reads():
    rows = [
        stage(visit("channels", channels=count))["layout"]["wide"]["row"] for count in ("3", "4", "6", "8")
    ]
    assert all(one[1]["weight"] < other[1]["weight"] for one, other in pairwise(rows))
