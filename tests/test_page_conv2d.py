"""Convolution 2D: what the stage is given, in both languages, against sums made here."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conv_core import KERNELS, kernel
from conv_view.part import PARTS
from conv_view.samples import PICTURES
from conv_view.text import LANGUAGES, literal, words
from tests import wire
from tests.visit import open_chapter, said, visit

ASSETS = Path(__file__).parent.parent / "assets" / "pictures"
KERNEL_NAMES = [one.name for one in KERNELS if 2 in one.ranks]
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)


def payload(app, key="conv2d"):
    """The bytes that the stage called `key` was given."""
    found = [
        each.proto.bytes
        for each in app.get("bidi_component")
        if each.proto.bytes and wire.decode(each.proto.bytes)["options"]["key"] == key
    ]
    assert len(found) == 1
    return found[0]


def stage(app, key="conv2d"):
    return wire.decode(payload(app, key))


def values(app, panel, key="conv2d"):
    return np.asarray(stage(app, key)["panels"][panel]["values"], float)


def report(app, key="conv2d", **state):
    """Let the stage report something, as the browser does."""
    app.session_state[key] = state
    return app.run()


def grey(name):
    """A gallery picture as Pillow opens it, its luma by the formula of BT.601."""
    picture = Image.open(ASSETS / f"{name}.jpg")
    pixels = np.asarray(picture, float)
    if pixels.ndim == 2:
        return pixels
    return np.floor(pixels @ np.array([0.299, 0.587, 0.114]) + 0.5 + 1e-9)


def slid(x, weight, stride=(1, 1), dilation=(1, 1)):
    """Correlation of planes (C, H, W) and a weight (C, kh, kw), tap by tap."""
    span = [d * (k - 1) + 1 for k, d in zip(weight.shape[1:], dilation, strict=True)]
    rows, cols = (size - s + 1 for size, s in zip(x.shape[1:], span, strict=True))
    total = np.zeros((rows, cols))
    for c, i, j in np.ndindex(weight.shape):
        top, left = i * dilation[0], j * dilation[1]
        total += weight[c, i, j] * x[c, top : top + rows, left : left + cols]
    return total[:: stride[0], :: stride[1]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [*PICTURES, "painted"])
def test_every_picture_runs_in_both_languages_and_is_convolved(name, language):
    app = visit("conv2d", lang=language, picture=name, stride="2", dilation="2")
    assert not app.exception
    assert words(language)[f"picture.names.{name}"] in app.selectbox(key="conv2d.picture").options
    assert stage(app)["language"] == stage(app, "conv2d_whole")["language"] == language
    x, weight, output = (values(app, panel) for panel in ("input", "kernel", "output"))
    assert np.abs(output[0] - slid(x, weight[0], (2, 2), (2, 2))).max() < 0.01
    # The formula above the stage ends in the size of what is on the stage.
    assert f"=\\mathbf{{{output.shape[1]}}}" in said(app)


@pytest.mark.parametrize("name", ["cat", "camera"])
def test_the_crop_is_the_pictures_middle_and_the_whole_result_stands_beside(name):
    app = visit("conv2d", picture=name)
    picture = grey(name)
    top, left = ((size - 12) // 2 for size in picture.shape)
    assert np.array_equal(values(app, "input")[0], picture[top : top + 12, left : left + 12])
    whole = stage(app, "conv2d_whole")["panels"]["output"]
    expected = slid(picture[None], SOBEL[None])
    assert whole["shape"] == [1, *expected.shape]
    low, high = whole["quantised"]
    stands_for = low + whole["values"][0].astype(float) * (high - low) / 255
    assert np.abs(stands_for - expected).max() <= 0.51 * (high - low) / 255
    assert (low, high) == (expected.min(), expected.max())
    assert whole["mark"] == [[top, 10], [left, 10]]


@pytest.mark.parametrize("choice", PARTS)
def test_every_part_is_on_the_stage_in_few_bytes(choice):
    app = visit("conv2d", part=choice)
    assert not app.exception
    size = int(choice[1:])
    limit = 48_000 if size <= 64 else 450_000
    assert len(payload(app)) <= limit
    shape = values(app, "input").shape
    assert max(shape) == size
    marked = "mark" in stage(app, "conv2d_whole")["panels"]["output"]
    assert marked == choice.startswith("c")


def test_colours_are_three_channels_that_are_summed():
    app = visit("conv2d", picture="coffee", colour="rgb", bias="-7.5", kernel="gaussian")
    pixels = np.asarray(Image.open(ASSETS / "coffee.jpg"), float).transpose(2, 0, 1)
    top, left = ((size - 12) // 2 for size in pixels.shape[1:])
    x = pixels[:, top : top + 12, left : left + 12]
    assert np.array_equal(values(app, "input"), x)
    weight = np.repeat(kernel("gaussian").astype(float)[None], 3, 0)
    assert np.abs(values(app, "output")[0] - (slid(x, weight) - 7.5)).max() < 1e-3
    assert stage(app)["panels"]["input"]["scale"][0] == "channels"
    assert values(app, "bias").tolist() == [[-7.5]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kernel_has_a_name_and_runs(language):
    app = visit("conv2d", lang=language)
    menu = app.selectbox(key="conv2d.kernel")
    assert menu.options == [words(language)[f"controls.kernels.{name}"] for name in KERNEL_NAMES]
    for name in KERNEL_NAMES:
        app.selectbox(key="conv2d.kernel").set_value(name).run()
        assert not app.exception
        x, weight, output = (values(app, panel) for panel in ("input", "kernel", "output"))
        assert np.abs(output[0] - slid(x, weight[0])).max() < 0.01
        if name not in ("custom", "sobel_x"):
            assert app.query_params["kernel"] == [name] or app.query_params["kernel"] == name


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
def test_padding_holds_what_its_mode_says(mode):
    app = visit(
        "conv2d", picture="horse", padding="sides", before_y="1", after_y="2", before_x="3", mode=mode
    )
    known = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    padded = np.pad(values(app, "input")[0], ((1, 2), (3, 0)), known[mode])
    assert np.abs(values(app, "output")[0] - slid(padded[None], SOBEL[None])).max() < 0.01
    assert stage(app)["panels"]["input"]["margin"] == [[0, 0], [1, 2], [3, 0]]


def test_axes_may_differ():
    app = visit("conv2d", by_axis="1", stride_y="3", stride_x="1", dilation_y="1", dilation_x="4")
    assert (
        np.abs(values(app, "output")[0] - slid(values(app, "input"), SOBEL[None], (3, 1), (1, 4))).max()
        < 0.01
    )


def test_a_flipped_kernel_is_turned_by_half_a_turn():
    app = visit("conv2d", kernel="emboss", flip="1")
    assert np.array_equal(values(app, "kernel")[0, 0], kernel("emboss")[::-1, ::-1])


def test_a_kernel_typed_on_the_stage_is_kept_and_stands_in_the_link():
    app = visit("conv2d")
    typed = [0, 1, 0.5, -2, 1 / 9, 0, 0, 0, 3]
    report(app, edit={"panel": "kernel", "values": typed, "shape": [1, 1, 3, 3], "revision": 1})
    assert app.selectbox(key="conv2d.kernel").value == "custom"
    cells = values(app, "kernel")
    assert np.array_equal(cells.ravel(), np.array(typed, np.float32))
    assert np.abs(values(app, "output")[0] - slid(values(app, "input"), cells[0])).max() < 0.01
    assert stage(app)["options"]["revision"] == 1
    again = visit("conv2d", **app.query_params)
    assert np.array_equal(values(again, "kernel"), cells)


def test_a_kernel_typed_while_flipped_is_what_is_seen():
    app = visit("conv2d", flip="1")
    typed = list(range(9))
    report(app, edit={"panel": "kernel", "values": typed, "shape": [1, 1, 3, 3], "revision": 1})
    assert values(app, "kernel").ravel().tolist() == typed
    assert app.session_state["conv2d.cells"] == tuple(reversed(typed))


def test_three_kernels_of_three_channels_are_kept_too():
    app = visit("conv2d", colour="rgb")
    typed = [*range(27)]
    report(app, edit={"panel": "kernel", "values": typed, "shape": [1, 3, 3, 3], "revision": 1})
    assert values(app, "kernel").ravel().tolist() == typed
    again = visit("conv2d", **app.query_params)
    assert values(again, "kernel").ravel().tolist() == typed


def test_an_edit_that_was_taken_is_not_taken_again():
    app = visit("conv2d")
    report(app, edit={"panel": "kernel", "values": [1] * 9, "shape": [1, 1, 3, 3], "revision": 1})
    app.selectbox(key="conv2d.kernel").set_value("sobel_y").run()
    assert np.array_equal(values(app, "kernel")[0, 0], SOBEL.T)
    assert app.selectbox(key="conv2d.kernel").value == "sobel_y"


def test_what_was_painted_is_kept_and_stands_in_the_link():
    app = visit("conv2d", picture="painted")
    assert stage(app)["panels"]["input"]["edit"] == "paint"
    grid = np.arange(144).reshape(12, 12) % 256
    report(app, edit={"panel": "input", "values": grid.ravel().tolist(), "shape": [1, 12, 12], "revision": 1})
    assert values(app, "input").tolist() == [grid.tolist()]
    again = visit("conv2d", **app.query_params)
    assert values(again, "input").tolist() == [grid.tolist()]
    app.selectbox(key="conv2d.picture").set_value("horse").run()
    assert "edit" not in stage(app)["panels"]["input"]
    app.selectbox(key="conv2d.picture").set_value("painted").run()
    assert values(app, "input").tolist() == [grid.tolist()]


def test_where_the_stage_rests_stands_in_the_link_and_does_not_move_it():
    app = visit("conv2d")
    token = stage(app)["options"]["token"]
    report(app, view={"cell": [0, 0, 0, 4, 5]})
    assert stage(app)["options"]["token"] == token
    again = visit("conv2d", **app.query_params)
    assert stage(again)["options"]["cell"] == [0, 0, 0, 4, 5]


def test_an_unrelated_change_sends_no_other_scene():
    app = visit("conv2d")
    before = payload(app)
    report(app, view={"cell": [0, 0, 0, 4, 5]})
    open_chapter(app, "conv2d", "code")
    assert payload(app) == before


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"part": "c8", "padding": "1", "stride": "2"},
        {"stride": "5", "dilation": "2", "part": "c24"},
        {"padding": "same", "stride": "3", "part": "w64"},
        {"padding": "3", "mode": "reflect", "kernel": "gaussian"},
    ],
)
def test_a_picked_cell_brings_exactly_its_window(query):
    app = visit("conv2d", picture="camera", **query)
    shape = stage(app, "conv2d_whole")["panels"]["output"]["shape"]
    picture = grey("camera")
    for count, (row, col) in enumerate(
        [(0, 0), (shape[1] - 1, shape[2] - 1), (shape[1] // 3, shape[2] // 2)]
    ):
        report(app, "conv2d_whole", pick={"panel": "output", "cell": [0, row, col], "at": count})
        scene = stage(app)
        place = scene["options"]["cell"]
        assert place[:3] == [0, 0, 0]
        (act,) = scene["acts"]
        read = [
            wire.value(scene["panels"]["input"], wire.cell(wire.relation(act, "input"), place[1:], term))
            for term in wire.indices(act["terms"])
        ]
        weight = values(app, "kernel")[0, 0]
        window = np.array(read, float).reshape(weight.shape)
        full = whole_window(picture, scene, query, (row, col))
        assert np.array_equal(window, full), (row, col)
        assert scene["options"]["token"] > 0


def whole_window(picture, scene, query, cell):
    """The window of a cell of the whole result, cut from the whole picture with its padding."""
    _, _, *size = scene["panels"]["kernel"]["shape"]
    stride, dilation = int(query.get("stride", 1)), int(query.get("dilation", 1))
    padding = query.get("padding", "0")
    pads = []
    for extent, k in zip(picture.shape, size, strict=True):
        if padding == "same":
            total = max((-(-extent // stride) - 1) * stride + dilation * (k - 1) + 1 - extent, 0)
            pads.append((total // 2, total - total // 2))
        else:
            pads.append((int(padding),) * 2)
    padded = np.pad(picture, pads, "reflect" if query.get("mode") == "reflect" else "constant")
    row, col = (at * stride for at in cell)
    return padded[row:, col:][: dilation * size[0] : dilation, : dilation * size[1] : dilation][
        : size[0], : size[1]
    ]


def test_a_cell_of_the_small_picture_is_picked_as_well():
    app = visit("conv2d", part="w64")
    report(app, "conv2d_whole", pick={"panel": "picture", "cell": [0, 75, 112], "at": 1})
    assert app.selectbox(key="conv2d.part").value == "c12"
    (top, _), (left, _) = stage(app, "conv2d_whole")["panels"]["picture"]["mark"]
    assert top <= 75 <= top + 12
    assert left <= 112 <= left + 12


BAD = [
    # The padded crop is 16; a kernel of 3 with dilation 6 spans 13, one of 7 spans 37.
    ({"kernel": "gaussian", "gaussian_size": "7", "dilation": "6"}, "kernel_too_large"),
    ({"padding": "sides", "before_y": "16", "mode": "reflect"}, "padding_reflect"),
    ({"part": "c8", "padding": "sides", "after_x": "16", "mode": "circular"}, "padding_circular"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("query", "code"), BAD)
def test_what_cannot_be_computed_gets_one_sentence_and_the_last_good_stage_stays(query, code, language):
    app = visit("conv2d", lang=language)
    before = values(app, "output")
    for name, value in query.items():
        app.session_state[f"conv2d.{name}"] = int(value) if value.isdigit() and name != "padding" else value
    app.run()
    assert not app.exception
    sentence = words(language)[f"errors.{code}"].split("{")[0].strip()
    assert sentence in said(app)
    assert "Traceback" not in said(app)
    assert np.array_equal(values(app, "output"), before)
    assert app.query_params  # what was chosen is not lost
    app.session_state["conv2d.dilation"] = 1
    app.session_state["conv2d.padding"] = "0"
    app.run()
    assert sentence not in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("query", "code"), BAD)
def test_a_link_to_what_cannot_be_computed_says_so(query, code, language):
    app = visit("conv2d", lang=language, **query)
    assert not app.exception
    assert words(language)[f"errors.{code}"].split("{")[0].strip() in said(app)
    # Nothing was good before; the picture is shown as it is.
    assert np.array_equal(np.trim_zeros(values(app, "kernel").ravel()), [1])
    app.slider(key="conv2d.dilation").set_value(1).run()
    app.selectbox(key="conv2d.padding").set_value("0").run()
    assert values(app, "output").shape[0] == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "query",
    [
        {"stride": "0"},
        {"stride": "banana"},
        {"kernel": "☃"},
        {"cells": "nan_inf"},
        {"dilation": "-3"},
        {"padding": "1e9"},
        {"picture": "../../etc/passwd"},
        {"part": "c0"},
        {"at": "1_2_3"},
        {"bias": "NaN"},
        {"cell": "-1_0_0_0_0"},
        {"mode": "<b>"},
    ],
)
def test_nonsense_in_a_link_is_named_and_the_usual_is_shown(query, language):
    app = visit("conv2d", lang=language, **query)
    assert not app.exception
    before, _ = words(language)["notices.ignored"].split("{values}")
    (told,) = [each.value for each in app.markdown if before in each.value]
    ((name, given),) = query.items()
    label = words(language).get(f"controls.{name}", name)
    assert told.split(before)[1].startswith(
        words(language)["notices.not_taken"].split("{given}")[0].format(name=label)
    )
    assert literal(given) in told
    usual = visit("conv2d", lang=language)
    assert np.array_equal(values(app, "output"), values(usual, "output"))


@pytest.mark.parametrize(
    ("query", "english", "chinese"),
    [
        ({"stride": "99"}, "Stride: “99” is not one of 1 to 5.", "步幅：“99”无效，应为：1 到 5 之间的整数。"),
        ({"colour": "red"}, "“red” is not one of grey, rgb.", "“red”无效，应为：以下之一：grey, rgb。"),
        (
            {"kernel": "custom", "cells": "1_2_3", "cells_shape": "3_3"},
            "cells: “1\\_2\\_3” is not a row of 9 numbers, which a shape of 3×3 takes.",
            "cells：“1\\_2\\_3”无效，应为：由 9 个数组成的一行（形状为 3×3）。",
        ),
        (
            {"picture": "painted", "grid": "!!!"},
            "is not the text of a painted grid.",
            "应为：手绘网格的文本。",
        ),
    ],
)
def test_a_link_is_told_what_it_could_have_said(query, english, chinese):
    assert english in said(visit("conv2d", lang="en", **query))
    assert chinese in said(visit("conv2d", lang="zh", **query))


def test_a_kernel_of_ones_own_begins_with_the_one_that_was_there():
    app = visit("conv2d", kernel="gaussian", gaussian_size="5")
    before = values(app, "kernel")
    app.selectbox(key="conv2d.kernel").set_value("custom").run()
    assert np.array_equal(values(app, "kernel"), before)
    app.selectbox(key="conv2d.kernel").set_value("box").run()
    app.selectbox(key="conv2d.kernel").set_value("custom").run()
    assert np.array_equal(values(app, "kernel"), before)


@pytest.mark.parametrize(
    "query",
    [
        {"kernel": "custom"},
        {"cell": "0_0_0_99_99", "part": "c8"},
        {"at": "4096_4096"},
        {"part": "c64", "picture": "painted"},
        {"colour": "rgb", "picture": "camera"},
        {"gaussian_size": "4", "kernel": "gaussian"},
    ],
)
def test_values_that_do_not_go_together_do_no_harm(query):
    app = visit("conv2d", **query)
    assert not app.exception
    assert values(app, "output").size > 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_to_an_upload_says_that_the_picture_is_missing(language):
    app = visit("conv2d", lang=language, picture="upload", kernel="sobel_y")
    assert words(language)["picture.missing"].split("{")[0] in said(app)
    assert np.array_equal(values(app, "kernel")[0, 0], SOBEL.T)
    assert values(app, "input").shape == (1, 12, 12)
    app.selectbox(key="conv2d.picture").set_value("horse").run()
    assert words(language)["picture.missing"].split("{")[0] not in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tab", ["sharing", "flip", "cost", "code"])
@pytest.mark.parametrize("query", [{}, {"colour": "rgb", "padding": "same", "bias": "2"}])
def test_every_tab_runs(tab, language, query):
    app = visit("conv2d", lang=language, **query)
    open_chapter(app, "conv2d", tab)
    assert not app.exception
    if tab == "code":
        texts = [each.value for each in app.code]
        assert len(texts) == 3
        for text in texts:
            compile(text, tab, "exec")


def test_the_numbers_about_sharing_are_counted():
    app = visit("conv2d")
    open_chapter(app, "conv2d", "sharing")
    shown = " ".join(each.proto.body for each in app.get("html"))
    # 12x12 inputs, 10x10 outputs, 3x3 kernel, no bias.
    for number in (144 * 100, 100 * 9, 9):
        assert f"{number:,}" in shown


def test_the_language_changes_and_everything_else_stays():
    app = visit("conv2d", picture="horse", stride="2", cell="0_0_0_3_3", lang="en")
    before = stage(app)
    app.button_group(key="language_switch").set_value("zh").run()
    after = stage(app)
    assert after["language"] == "zh"
    assert np.array_equal(before["panels"]["output"]["values"], after["panels"]["output"]["values"])
    assert after["options"]["cell"] == [0, 0, 0, 3, 3]
    assert after["options"]["token"] == before["options"]["token"]
    assert app.slider(key="conv2d.stride").value == 2
