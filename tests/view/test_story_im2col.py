"""The story of im2col: what every step of every act lights and adds up, against plain loops."""

import re

import numpy as np
import pytest

from conv_view.stories.im2col import LEVELS, STORIES, backward, forward
from conv_view.stories.im2col_acts import start
from conv_view.text import LANGUAGES, words
from conv_view.unfolded import unfolded
from tests import oracle_im2col as oracle
from tests import wire


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(np.float32)


def case(channels=1, size=(6, 6), weight=(1, 1, 3, 3), **keywords):
    return numbers(1, channels, *size), numbers(*weight, seed=1), keywords


CASES = {
    "plain": case(),
    "filters": case(weight=(3, 1, 3, 3), padding=1),
    "colours": case(channels=3, size=(5, 6), weight=(2, 3, 3, 2), stride=(2, 1), padding=((1, 0), (0, 2))),
    "groups": case(channels=3, size=(5, 5), weight=(3, 1, 2, 2), groups=3, dilation=(1, 2)),
    "dilated": case(size=(7, 8), weight=(2, 1, 2, 3), dilation=(3, 2), stride=(1, 2), padding=2),
    "mirrored": case(size=(5, 4), weight=(1, 1, 3, 3), padding=((1, 2), (2, 1)), padding_mode="reflect"),
    "gaps": case(size=(8, 7), weight=(1, 1, 2, 2), stride=3),
    "one": case(size=(3, 3), weight=(1, 1, 3, 3)),
}


def made(name):
    x, weight, keywords = CASES[name]
    return unfolded(x, weight, **keywords)


def read(scene):
    """The scene as it arrives, its acts by name."""
    header = wire.decode(scene.to_bytes())
    header["acts"] = {act["name"]: act for act in header["acts"]}
    return header


def value(header, panel, place):
    """What stands in a cell, also of the padding."""
    panel = header["panels"][panel]
    own = []
    for axis, (at, size) in enumerate(zip(place, panel["shape"], strict=True)):
        if 0 <= at < size:
            own.append(at)
            continue
        source = panel["sources"][axis] if "sources" in panel else None
        own.append(-1 if source is None else int(source[at + panel["margin"][axis][0]]))
    return 0.0 if min(own) < 0 else float(panel["values"][tuple(own)]), tuple(own)


def settings(shown):
    window = shown.trace.window
    return shown.trace.pads, window.kernel, window.stride, window.dilation


@pytest.mark.parametrize("name", CASES)
def test_the_panels_hold_what_loops_give(name):
    shown = made(name)
    x, weight = shown.trace.x[0], shown.trace.weight
    mode = shown.trace.padding_mode
    header = read(forward(shown, words("en")))
    matrix = oracle.columns(x, *settings(shown), mode)
    product = oracle.product(matrix, weight, shown.trace.groups)
    copied = oracle.copied(x, *settings(shown), mode)
    panels = header["panels"]
    assert np.array_equal(panels["columns"]["values"], matrix)
    assert np.array_equal(panels["rows"]["values"], weight.reshape(len(weight), -1))
    assert np.array_equal(panels["product"]["values"], product)
    assert np.array_equal(panels["output"]["values"].ravel(), product.ravel())
    assert np.array_equal(panels["copies"]["values"], copied)
    back = read(backward(shown, words("en")))["panels"]
    assert np.array_equal(back["folded"]["values"], x * copied)
    read_by_some = copied > 0
    assert np.array_equal(back["restored"]["values"][:, read_by_some], x[:, read_by_some])
    assert np.isnan(back["restored"]["values"][:, ~read_by_some]).all()
    lost = {(y, x) for y, x in np.argwhere(~read_by_some).tolist()}
    rows, columns = back["restored"].get("unread", ((), (), ()))[1:]
    assert {(y, x) for y, x in np.ndindex(copied.shape) if y in rows or x in columns} == lost


@pytest.mark.parametrize("name", CASES)
def test_each_step_of_unfolding_copies_one_patch_into_one_column(name):
    shown = made(name)
    header = read(forward(shown, words("en")))
    act = header["acts"]["unfold"]
    expected, out = oracle.cells(shown.trace.x.shape[1:], *settings(shown))
    assert tuple(act["shape"]) == out
    assert act["flight"] == ["input", "columns"]
    found = {}
    for step in np.ndindex(*act["shape"]):
        for term in np.ndindex(*act["terms"]):
            pixel, copy, counted = (
                wire.cell(wire.relation(act, panel), step, term) for panel in ("input", "columns", "copies")
            )
            found[copy] = pixel
            assert counted == pixel[1:]
            assert copy[1] == step[0] * out[1] + step[1]
            assert value(header, "input", pixel)[0] == header["panels"]["columns"]["values"][copy]
    assert found == expected


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", CASES)
def test_every_level_multiplies_each_pair_once_and_adds_up_to_the_product(name, level):
    shown = made(name)
    header = read(forward(shown, words("en"), level))
    act = header["acts"][level]
    x, weight = shown.trace.x[0], shown.trace.weight
    pixels, (_, across) = oracle.cells(x.shape, *settings(shown))
    matrix = oracle.columns(x, *settings(shown), shown.trace.padding_mode)
    product = oracle.product(matrix, weight, shown.trace.groups)
    deep, own = weight[0].size, len(weight) // shown.trace.groups
    sums, met = np.zeros_like(product), set()
    for step in np.ndindex(*act["shape"]):
        for term in np.ndindex(*act["terms"]):
            places = {each["panel"]: wire.cell(each, step, term) for each in act["relations"]}
            (filter_, along), (row, column) = places["rows"], places["columns"]
            assert row == filter_ // own * deep + along
            assert places["product"] == (filter_, column)
            assert places["output"] == (filter_, *divmod(column, across))
            assert places["input"] == pixels[row, column]
            sums[filter_, column] += weight.reshape(len(weight), -1)[filter_, along] * matrix[row, column]
            met.add((filter_, row, column))
    assert np.array_equal(sums, product)
    assert len(met) == len(weight) * deep * matrix.shape[1]
    assert len(met) == np.prod(act["shape"]) * np.prod(act["terms"])


@pytest.mark.parametrize("name", CASES)
def test_folding_adds_each_copy_to_the_pixel_that_it_came_from(name):
    shown = made(name)
    header = read(backward(shown, words("en")))
    act, back = header["acts"]["fold"], header["acts"]["divide"]
    assert act["flight"] == ["columns", "folded"]
    sums = np.zeros_like(header["panels"]["folded"]["values"])
    for step in np.ndindex(*act["shape"]):
        for term in np.ndindex(*act["terms"]):
            copy = wire.cell(wire.relation(act, "columns"), step, term)
            pixel = wire.cell(wire.relation(act, "folded"), step, term)
            own = value(header, "folded", pixel)[1]
            if min(own) >= 0:
                sums[own] += header["panels"]["columns"]["values"][copy]
    assert np.array_equal(sums, header["panels"]["folded"]["values"])
    for step in np.ndindex(*back["shape"]):
        folded, copies, restored = (
            wire.cell(wire.relation(back, panel), step, ()) for panel in ("folded", "copies", "restored")
        )
        assert folded == restored == step
        assert copies == step[1:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_rows_and_columns_are_kernel_cells_and_output_cells(language):
    shown = made("colours")
    panel = read(forward(shown, words(language)))["panels"]["columns"]
    rows, columns = panel["labels"]["0"], panel["labels"]["1"]
    assert len(rows), len(columns) == panel["shape"]
    assert rows[0] == "R 0,0"
    assert rows[-1] == "B 2,1"
    assert columns[0] == "0,0"
    assert columns[-1] == "1,6"
    assert "×" in panel["note"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_told_of_a_step_names_panels_that_the_step_has_cells_of(language):
    shown = made("colours")
    scenes = [*[forward(shown, words(language), level) for level in LEVELS], backward(shown, words(language))]
    for act in [act for scene in scenes for act in scene.acts]:
        panels = {relation.panel: len(relation.origin) for relation in act.relations}
        known = {"step", "steps"}
        for name, axes in panels.items():
            known |= {name, f"{name}_end"}
            known |= {f"{key}_{axis}" for key in (name, f"{name}_end") for axis in range(axes)}
        told = re.findall(r"{(\w+)}", act.told)
        assert "step" in told
        assert set(told) <= known


@pytest.mark.parametrize("story", STORIES)
def test_a_story_begins_at_the_first_step_of_its_act(story):
    shown = made("colours")
    scene = backward(shown, words("en")) if story == "back" else forward(
        shown, words("en"), story if story in LEVELS else "dot"
    )  # fmt: skip
    number, *index = start(story)
    act = scene.acts[number]
    assert act.name == ("fold" if story == "back" else story)
    assert len(index) == len(act.shape)


def test_a_scene_stays_small():
    x, weight = numbers(1, 3, 10, 10) / 3, numbers(3, 3, 7, 7) / 3
    shown = unfolded(x, weight, padding=3)
    for scene in (*[forward(shown, words("zh"), level) for level in LEVELS], backward(shown, words("zh"))):
        assert len(scene.to_bytes()) < 80_000
    coloured = unfolded(np.abs(np.rint(x * 20)), weight, padding=3)
    assert len(forward(coloured, words("zh")).to_bytes()) < 48_000
