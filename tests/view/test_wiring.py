"""The connection diagram: a line for each pair that a weight joins, groups in frames, words escaped."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from conv_core import conv
from conv_view.stage.bundle import palette
from conv_view.wiring import GROUPS, diagram

SVG = "{http://www.w3.org/2000/svg}"
PAPER = {"light": "#FDFCF9", "dark": "#17191C"}
SETTINGS = [(3, 3, 1), (4, 8, 2), (6, 6, 3), (8, 16, 8), (3, 1, 1), (8, 8, 4)]


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def drawn(channels, filters, groups, **options):
    names = [f"c{at}" for at in range(channels)], [f"f{at}" for at in range(filters)]
    return ElementTree.fromstring(diagram(*names, groups, **options))


def joined(svg):
    """The (channel, filter) pairs of the lines, from what each tells when it is pointed at."""
    titles = [line.find(f"{SVG}title").text for line in svg.iter(f"{SVG}line")]
    return {tuple(map(int, re.fullmatch(r"c(\d+) → f(\d+)", title).groups())) for title in titles}


def depends(channels, filters, groups):
    """The pairs in which the core's own convolution lets a channel change a filter's output."""
    weight = np.ones((filters, channels // groups, 1, 1))
    pairs = set()
    for channel in range(channels):
        x = np.zeros((1, channels, 1, 1))
        x[0, channel] = 1
        (moved,) = np.nonzero(conv(x, weight, groups=groups)[0, :, 0, 0])
        pairs |= {(channel, int(number)) for number in moved}
    return pairs


@pytest.mark.parametrize(("channels", "filters", "groups"), SETTINGS)
def test_the_lines_are_the_pairs_that_the_convolution_joins(channels, filters, groups):
    svg = drawn(channels, filters, groups)
    assert joined(svg) == depends(channels, filters, groups)
    assert len(list(svg.iter(f"{SVG}line"))) == channels * filters // groups


@pytest.mark.parametrize(("channels", "filters", "groups"), SETTINGS)
def test_a_line_runs_between_the_boxes_of_its_two_ends_and_all_is_in_sight(channels, filters, groups):
    svg = drawn(channels, filters, groups)
    _, _, width, height = map(float, svg.get("viewBox").split())
    for rect in svg.iter(f"{SVG}rect"):
        assert 0 <= float(rect.get("x")) <= float(rect.get("x")) + float(rect.get("width")) <= width
        assert 0 <= float(rect.get("y")) <= float(rect.get("y")) + float(rect.get("height")) <= height
    places = {text.text: float(text.get("y")) for text in svg.iter(f"{SVG}text")}
    for line in svg.iter(f"{SVG}line"):
        channel, number = line.find(f"{SVG}title").text.split(" → ")
        assert float(line.get("y1")) == pytest.approx(places[channel], abs=0.01)
        assert float(line.get("y2")) == pytest.approx(places[number], abs=0.01)


def test_the_filter_at_hand_stands_out_with_what_it_reads():
    svg = drawn(6, 6, 3, now=3)
    kernel = palette()["roles"]["kernel"]
    strong = [line for line in svg.iter(f"{SVG}line") if line.get("stroke") == kernel]
    assert [line.find(f"{SVG}title").text for line in strong] == ["c2 → f3", "c3 → f3"]
    bold = [text.text for text in svg.iter(f"{SVG}text") if text.get("font-weight") == "700"]
    assert bold == ["c2", "c3", "f3"]


@pytest.mark.parametrize(("channels", "filters", "groups"), SETTINGS)
def test_every_group_has_two_frames_of_its_own_colour(channels, filters, groups):
    frames = [rect.get("stroke") for rect in drawn(channels, filters, groups).iter(f"{SVG}rect")]
    assert [colour for colour in frames if colour in GROUPS] == [
        colour for colour in GROUPS[:groups] for _ in range(2)
    ]


@pytest.mark.parametrize("theme", PAPER)
@pytest.mark.parametrize("colour", GROUPS)
def test_a_frame_is_seen_on_the_page_of_either_theme(colour, theme):
    dark, light = sorted([luminance(colour), luminance(PAPER[theme])])
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_words_take_the_colour_of_the_page_and_cannot_break_out():
    svg = diagram(
        ["<b>", "a & b"], ["x"], 1, heads=("<i>", ""), label='"><script>', title="{channel}<{filter}"
    )
    assert {text.get("fill") for text in ElementTree.fromstring(svg).iter(f"{SVG}text")} == {"currentColor"}
    assert "<script" not in svg
    assert "<b>" not in svg
