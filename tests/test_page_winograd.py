"""Winograd's filtering: what the stage is given and what the chapters say, in both languages."""

import re

import numpy as np
import pytest

from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import open_chapter, said, visit

TABS = ("why", "counts", "channels", "depthwise", "growing", "error", "code")


def stage(app, key="winograd"):
    """The scene that the stage called `key` was given, decoded."""
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    (found,) = [scene for scene in scenes if scene["options"]["key"] == key]
    return found


def values(app, panel, key="winograd"):
    return np.asarray(stage(app, key)["panels"][panel]["values"], float)


def report(app, key="winograd", **state):
    """Let the stage report something, as the browser does."""
    app.session_state[key] = state
    return app.run()


def opened(app, tab):
    open_chapter(app, "winograd", tab)
    assert not app.exception
    return app


def rows(app):
    """The cells of every table on the page, row by row, without what makes them bold."""
    lines = [line for line in said(app).split("\n") if line.startswith("| ") and "---" not in line]
    return [[cell.strip(" *") for cell in line.strip("| ").split(" | ")] for line in lines]


def correlated(picture, kernel):
    """The plain sums, window by window."""
    r = len(kernel)
    out = np.zeros([size - r + 1 for size in picture.shape])
    for place in np.ndindex(out.shape):
        window = picture[tuple(slice(at, at + r) for at in place)]
        out[place] = (window * kernel).sum()
    return out


SETTINGS = [
    {},
    {"m": "4", "kernel2": "gaussian", "part": "c12", "tile": "2_1"},
    {"m": "2", "r": "5", "kernel2": "box", "picture": "painted"},
    {"m": "6", "kernel2": "laplacian", "picture": "text", "tile": "0_0", "focus": "all"},
    {"rank": "1", "m": "4", "tile": "3_1"},
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", SETTINGS, ids=["usual", "F(4,3)", "F(2,5)", "F(6,3)", "1D"])
def test_the_tile_on_the_stage_makes_what_sliding_makes(query, language):
    app = visit("winograd", lang=language, **query)
    assert not app.exception
    assert stage(app)["language"] == language
    m, rank = int(query.get("m", 2)), int(query.get("rank", 2))
    picture = values(app, "picture", "winograd_tiles")[0]
    kernel = values(app, "kernel")
    mark = [start for start, _ in stage(app, "winograd_tiles")["panels"]["picture"]["mark"][1:]]
    if rank == 1:
        picture, kernel, mark = picture[mark[0]], kernel[:, 0], mark[1:]
    result = correlated(picture, kernel)
    tolerance = 1e-5 * np.abs(picture).max() * max(1, np.abs(kernel).sum())
    assert values(app, "output", "winograd_tiles").reshape(result.shape) == pytest.approx(
        result, abs=tolerance
    )
    here = result[tuple(slice(at, at + m) for at in mark)]
    made = values(app, "Y")[..., 0] if rank == 1 else values(app, "Y")
    assert made[tuple(slice(0, size) for size in here.shape)] == pytest.approx(here, abs=tolerance)
    r = len(kernel)
    assert f"\\mathbf{{{(m + r - 1) ** rank}}}" in said(app) or f"<b>{(m + r - 1) ** rank}</b>" in said(app)


def test_of_a_large_tile_one_part_at_a_time_stands_on_the_stage_until_the_reader_wants_all():
    app = visit("winograd", m="4")
    assert {"d", "kernel", "Y"} <= set(stage(app)["panels"])
    app = app.button_group(key="winograd.m").set_value("6").run()
    assert set(stage(app)["panels"]) == {"BT", "d", "BTd", "V"}
    assert words("en").say("winograd.remark.fitting", focus=words("en")["winograd.focus"]) in " ".join(
        each.value for each in app.caption
    )
    app = app.selectbox(key="winograd.focus").set_value("all").run()
    assert {"d", "kernel", "Y"} <= set(stage(app)["panels"])
    app = app.button_group(key="winograd.m").set_value("2").run()
    assert app.query_params["focus"] == "all"


def test_a_tile_that_is_picked_comes_onto_the_stage_and_stands_in_the_link():
    app = visit("winograd", m="4", part="c12")
    report(app, "winograd_tiles", pick={"panel": "picture", "cell": [0, 9, 1], "at": 1})
    assert app.query_params["tile"] == "2_0"
    assert np.array_equal(
        values(app, "d")[:4, :6], values(app, "picture", "winograd_tiles")[0][8:12, :6]
    )  # the rest is beyond the picture
    report(app, "winograd_tiles", pick={"panel": "output", "cell": [1, 9], "at": 2})
    assert app.query_params["tile"] == "0_2"
    again = visit("winograd", **app.query_params)
    assert np.array_equal(values(again, "d"), values(app, "d"))


def test_in_one_dimension_a_row_is_picked_in_the_picture_and_a_tile_in_both():
    app = visit("winograd", rank="1", part="c12")
    report(app, "winograd_tiles", pick={"panel": "picture", "cell": [0, 9, 5], "at": 1})
    assert app.query_params["tile"] == "9_2"
    report(app, "winograd_tiles", pick={"panel": "output", "cell": [0, 7], "at": 2})
    assert app.query_params["tile"] == "9_3"
    assert np.array_equal(values(app, "d")[:, 0], values(app, "picture", "winograd_tiles")[0][9, 6:10])


def test_a_kernel_typed_on_the_stage_is_used_and_kept():
    app = visit("winograd", picture="painted", tile="2_2")
    cells = [1.0, 0.5, 0.0, -2.0, 3.0, 0.0, 0.0, 0.0, 4.0]
    report(app, edit={"panel": "kernel", "values": cells, "shape": [3, 3], "revision": 1})
    assert app.selectbox(key="winograd.kernel2").value == "custom"
    picture = values(app, "picture", "winograd_tiles")[0]
    expected = correlated(picture, np.reshape(cells, (3, 3)))[4:6, 4:6]
    assert values(app, "Y") == pytest.approx(expected, abs=1e-2)
    again = visit("winograd", **app.query_params)
    assert np.array_equal(values(again, "Y"), values(app, "Y"))


def test_a_tap_typed_into_one_channel_is_typed_into_the_kernel():
    app = visit("winograd", colour="rgb")
    before = values(app, "kernel")
    assert before.shape == (3, 3, 3)
    typed = before.copy()
    typed[1, 0, 0] = 7
    edit = {"panel": "kernel", "values": typed.ravel().tolist(), "shape": [3, 3, 3], "revision": 1}
    report(app, edit=edit)
    assert np.array_equal(values(app, "kernel"), np.repeat(typed[1:2], 3, 0))
    assert values(app, "M") == pytest.approx((values(app, "U") * values(app, "V")).sum(axis=0), abs=1e-2)


def test_another_number_of_taps_brings_a_kernel_that_has_them():
    app = visit("winograd")
    app.button_group(key="winograd.r").set_value("5").run()
    assert ":material/error:" not in said(app)
    assert values(app, "kernel").shape == (5, 5)
    assert "emboss" not in app.selectbox(key="winograd.kernel2").options
    app.button_group(key="winograd.rank").set_value("1").run()
    assert values(app, "kernel").shape == (5, 1)
    assert ":material/error:" not in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"r": "5"}, ("winograd.taps", {"size": "3×3", "taps": "5×5"})),
        ({"kernel2": "custom", "cells2": "1_2_3_4"}, ("winograd.taps", {"size": "2×2", "taps": "3×3"})),
        ({"points": "0 1 1"}, ("errors.winograd_points", {"needed": 3, "given": "0, 1, 1"})),
        ({"points": "0 one 2"}, ("errors.winograd_points", {"needed": 3, "given": "0 one 2"})),
        ({"points": "0 1 4000"}, ("winograd.point_large", {"point": "4000", "most": 1000})),
        ({"m": "9"}, None),
        ({"tile": "x"}, None),
    ],
)
def test_a_link_to_what_cannot_be_shows_something_and_says_why(query, told, language):
    app = visit("winograd", lang=language, **query)
    assert not app.exception
    assert ":material/error:" in said(app)
    assert values(app, "Y").size
    if told:
        name = words(language)["controls.kernels.custom" if "kernel2" in query else "controls.kernels.emboss"]
        key, numbers = told
        assert words(language).say(key, **({"name": name} | numbers)) in said(app)
        assert words(language)["notices.usual.winograd"] in said(app)


def test_bad_points_are_told_and_the_last_good_stage_stays():
    app = visit("winograd", m="4")
    before = values(app, "Y")
    app.session_state["winograd_more"] = True
    app.run().text_input(key="winograd.points").set_value("0 1 2 2 3").run()
    assert ":material/error:" in said(app)
    assert words("en")["notices.kept"] in said(app)
    assert np.array_equal(values(app, "Y"), before)
    app.text_input(key="winograd.points").set_value("0 1 −1 1/2 −1/2").run()
    assert ":material/error:" not in said(app)
    assert np.array_equal(values(app, "AT")[1], [0, 1, -1, 0.5, -0.5, 0])
    assert values(app, "Y") == pytest.approx(before, abs=0.02)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tab", TABS)
def test_every_chapter_is_told_in_both_languages(tab, language):
    app = opened(visit("winograd", lang=language, m="4"), tab)
    text = said(app)
    # Nothing is left to be filled in: what stands in braces is an argument of a command of LaTeX.
    assert not re.search(r"(?<![\\a-z}])\{[a-z_]+\}", text)
    if tab == "why":
        assert words(language).say("winograd.why.verified", cells=6, taps=3, pairs=18) in text
        for matrix in (r"\tfrac{1}{24}&-\tfrac{1}{12}&\tfrac{1}{6}", r"4&0&-5&0&1&0", r"0&1&-1&8&-8&1"):
            assert matrix in text
    if tab == "code":
        (block,) = app.code
        assert "AT @ M @ AT.T" in block.value


# Counted by hand: F(2, 3) along one axis takes 4 additions of data, 4 of outputs; of the kernel
# (g0 + g2) +- g1, halved: 3 additions and 2 multiplications. Nested: 4 + 4, 3 + 4 and 4 + 2 times that.
BY_HAND = {
    ("2", "2"): [("0", "32"), ("14", "21"), ("16", "0"), ("0", "24"), ("30", "77"), ("36", "32")],
    ("1", "2"): [("0", "4"), ("2", "3"), ("4", "0"), ("0", "4"), ("6", "11"), ("6", "4")],
    ("2", "4"): [("84", "144"), ("54", "54"), ("36", "0"), ("30", "100"), ("204", "298"), ("144", "128")],
}


@pytest.mark.parametrize(("rank", "m"), BY_HAND)
def test_the_operations_of_a_tile_are_those_counted_by_hand(rank, m):
    app = opened(visit("winograd", rank=rank, m=m), "counts")
    _, *found = rows(app)
    assert [tuple(row[1:3]) for row in found] == BY_HAND[rank, m]
    multiplies, adds = BY_HAND[rank, m][4]
    assert words("en").say("winograd.counts.again", multiplies=multiplies, adds=adds) in said(app)
    if rank == "2":
        published = [row[3] if len(row) > 3 else "" for row in found[:4]]
        assert published == {"2": ["32", "28", "", "24"], "4": ["156 (144)", "72", "", "100"]}[m]


def number(text):
    return float(text.replace(",", "").rstrip("%"))


def test_the_operations_of_a_layer_are_shared_as_computed_by_hand():
    app = opened(visit("winograd", layer="vgg5_1"), "channels")
    _, direct, two, four, six = rows(app)
    # 512 channels, 9 taps; F(2x2): 16 products for 4 outputs of each channel.
    assert number(direct[1]) == 512 * 9
    assert number(direct[2]) == 512 * 9 - 1
    # Data: 32 additions for 4 places, shared by as many filters; 21 for a kernel, shared by 7 x 7 tiles.
    kernel = 14 * 512 * 512 / (512 * 196)
    assert number(two[1]) == round(16 * 512 / 4 + kernel)
    products, data, inverse = (16 * 512 + 16 * 511) / 4, 32 / 4, 24 / 4
    assert number(two[4]) == pytest.approx(100 * (products + data + inverse) / (512 * 18 - 1), abs=0.06)
    assert number(two[5]) == pytest.approx(100 * inverse / (products + data + inverse), abs=0.06)
    # 14 cells are four tiles of 4, which make 16: a third more work than for a picture that they fit.
    wasted = (4 * 4 / 14) ** 2
    products, data, inverse = (36 * 1023) / 16 * wasted, 228 / 16 * wasted, 130 / 16 * wasted
    assert number(four[4]) == pytest.approx(100 * (products + data + inverse) / (512 * 18 - 1), abs=0.06)
    assert [two[0], four[0], six[0]] == ["F(2×2, 3×3)", "F(4×4, 3×3)", "F(6×6, 3×3)"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_depthwise_no_tile_pays(language):
    app = opened(visit("winograd", lang=language), "depthwise")
    text = said(app)
    # Per output 4 products, 8 additions before and 6 after, against 9 multiplications and 8 additions.
    assert "105.9%" in text
    assert f"{100 * 18 / 17:.1f}%" == "105.9%"
    assert words(language)["winograd.depthwise.gain_none"] in text
    assert len(app.get("plotly_chart")) == 2


def test_with_growing_tiles_the_products_fall_the_transforms_rise_and_the_least_is_between():
    app = opened(visit("winograd"), "growing")
    _, *found = rows(app)
    products, transforms, total = ([number(row[at]) for row in found] for at in (1, 2, 3))
    assert products == sorted(products, reverse=True)
    assert transforms == sorted(transforms)
    # 3 channels: 16 products and as many times two additions for 4 outputs.
    assert products[0] == (16 * 3 + 16 * 2) / 4
    assert transforms[0] == round(32 / 4 * 3 / 64 + 24 / 4, 2)
    assert min(total) == total[1]
    assert "F(4×4, 3×3)" in said(app).split("The fewest operations")[1][:60]


def test_errors_grow_with_the_tile_and_float16_overflows():
    app = opened(visit("winograd"), "error")
    _, *found = rows(app)
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")

    def error(text):
        mantissa, power = text.split("·10")
        return float(mantissa) * 10.0 ** int(power.translate(raised))

    single = [error(row[1]) for row in found]
    assert single == sorted(single)
    assert single[0] < 1e-6
    assert single[-1] > 100 * single[0]
    assert [row[2] for row in found][-1] == "overflows"
    assert error(found[0][2]) > 100 * single[0]
    # What stands beside the published means is the same measure, so the two are near each other.
    for row in found:
        assert 0.5 < error(row[3]) / error(row[4]) < 2
        assert error(row[3]) != error(row[4])
    # Not typed in: another picture has other errors.
    other = rows(opened(visit("winograd", picture="coffee"), "error"))
    assert [row[1] for row in other[1:]] != [row[1] for row in found]
    # Of other kernels nothing was published.
    _, *other = rows(opened(visit("winograd", rank="1"), "error"))
    assert {len(row) for row in other} == {3}


def test_what_the_stage_is_given_stays_small():
    app = visit("winograd", m="6", r="5", kernel2="gaussian", colour="rgb", part="w32")
    assert not app.exception
    sizes = [len(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    assert max(sizes) < 48_000
