"""Pointing at cells: what is lit, what is told, and that the printed arithmetic is true."""

import re
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
import pytest

from conv_view.text import LANGUAGES, words
from tests import wire
from tests.browser import stage_scenes as scenes
from tests.browser.stages import as_json, stage_fixture

stage = stage_fixture()


# ---- index maps, backwards


def random_map(random):
    """An act and a relation with any strides, also none, negative ones, and several variables on one axis."""
    shape = tuple(int(size) for size in random.integers(1, 5, random.integers(1, 4)))
    terms = tuple(int(size) for size in random.integers(1, 4, random.integers(0, 4)))
    axes = int(random.integers(1, 4))
    draw = lambda count: [  # noqa: E731
        [int(s) if keep else 0 for s, keep in zip(row, kept, strict=True)]
        for row, kept in zip(
            random.integers(-3, 4, (axes, count)), random.random((axes, count)) < 0.5, strict=True
        )
    ]
    related = {
        "panel": "p",
        "origin": [int(o) for o in random.integers(-2, 3, axes)],
        "step": draw(len(shape)),
        "term": draw(len(terms)),
    }
    return {"shape": shape, "terms": terms}, related


def known_maps():
    channels, kernel, out = 2, 3, 4
    columns = {
        "panel": "columns",
        "origin": [0, 0],
        # Rows are the terms one after the other, columns the positions.
        "step": [[0, 0], [out, 1]],
        "term": [[kernel * kernel, kernel, 1], [0, 0, 0]],
    }
    yield {"shape": (out, out), "terms": (channels, kernel, kernel)}, columns
    spread = {"panel": "output", "origin": [-1, -1], "step": [[2, 0], [0, 3]], "term": [[1, 0], [0, 2]]}
    yield {"shape": (4, 3), "terms": (3, 3)}, spread
    backwards = {"panel": "flipped", "origin": [2, 2], "step": [[1, 0], [0, 1]], "term": [[-1, 0], [0, -1]]}
    yield {"shape": (3, 4), "terms": (3, 3)}, backwards
    diagonal = {"panel": "sum", "origin": [0], "step": [[1, 1]], "term": [[1]]}
    yield {"shape": (5, 5), "terms": (3,)}, diagonal


def test_maps_are_evaluated_backwards_as_trying_everything_does(stage):
    random = np.random.default_rng(11)
    questions, answers = [], []
    for act, related in [*known_maps(), *[random_map(random) for _ in range(80)]]:
        landed = {}
        for step in wire.indices(act["shape"]):
            for term in wire.indices(act["terms"]):
                landed.setdefault(wire.cell(related, step, term), set()).add((step, term))
        cells = sorted(landed)
        chosen = {cells[0], cells[-1], cells[len(cells) // 2], tuple(at + 1 for at in cells[-1])}
        for cell in sorted(chosen):
            questions.append([act, related, cell])
            answers.append(landed.get(cell, set()))
    found = stage(scenes.plain()).js(
        "return given.map((each) => convscope.matches(...each))", as_json(questions)
    )
    for question, got, expected in zip(questions, found, answers, strict=True):
        pairs = [(tuple(match["step"]), tuple(match["term"])) for match in got]
        assert len(pairs) == len(set(pairs)), question
        assert set(pairs) == expected, question


def test_a_weight_of_a_large_picture_finds_all_its_inputs_at_once(stage):
    act = {"shape": (1, 1, 222, 222), "terms": (1, 3, 3)}
    x = {
        "origin": [0, 0, 0],
        "step": [[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
        "term": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    }
    weight = {"origin": [0] * 4, "step": [[1, 1, 0, 0], *[[0] * 4] * 3], "term": [[0] * 3, *x["term"]]}
    shown = stage(scenes.plain())
    count = "return convscope.matches(...given).length"
    assert shown.js(count, as_json([act, weight, [0, 0, 1, 2]])) == 222 * 222
    assert shown.js(count, as_json([act, x, [0, 100, 100]])) == 9
    assert shown.js(count, as_json([act, x, [0, 0, 0]])) == 1
    milliseconds = shown.js(
        "const from = performance.now(); for (let i = 0; i < 200; i += 1) convscope.matches(...given);"
        "return (performance.now() - from) / 200",
        as_json([act, x, [0, 100, 100]]),
    )
    assert milliseconds < 2


# ---- what a cell is tied to


class Expected:
    """What pointing at a cell must light and tell, by trying every term of every step."""

    def __init__(self, header, name, cell):
        self.panels, (self.act,) = header["panels"], header["acts"]
        panel = self.panels[name]
        self.value = wire.value(panel, cell)
        places = self.places(panel, cell)
        related = wire.relation(self.act, name)
        pairs = [
            (step, term)
            for step in wire.indices(self.act["shape"])
            for term in wire.indices(self.act["terms"])
            if wire.cell(related, step, term) in places
        ]
        self.products = len(pairs)
        self.lit = {
            each["panel"]: {wire.cell(each, *pair) for pair in pairs} for each in self.act["relations"]
        } | {name: places}

    @staticmethod
    def places(panel, cell):
        """Every cell that holds the value of this one, if it lies inside."""
        margin = panel.get("margin") or [[0, 0]] * len(panel["shape"])
        around = [range(-b, size + a) for size, (b, a) in zip(panel["shape"], margin, strict=True)]
        own = lambda at, axis: (  # noqa: E731
            at
            if 0 <= at < panel["shape"][axis]
            else -1
            if (panel.get("sources") or [None] * 9)[axis] is None
            else int(panel["sources"][axis][at + margin[axis][0]])
        )
        if any(not 0 <= at < size for at, size in zip(cell, panel["shape"], strict=True)):
            return {tuple(cell)}
        return {
            place
            for place in product(*around)
            if all(own(at, axis) == cell[axis] for axis, at in enumerate(place))
        }


def step_lights(header, number):
    """The cells of one step."""
    (act,) = header["acts"]
    step = list(wire.indices(act["shape"]))[number]
    return {
        each["panel"]: {wire.cell(each, step, term) for term in wire.indices(act["terms"])}
        for each in act["relations"]
    }


def check_lit(shown, expected):
    for name, cells in expected.items():
        if name in ("input", "kernel", "output"):
            assert shown.lit(name) == cells, name


@pytest.mark.parametrize(
    ("scene", "panel", "cell"),
    [
        (scenes.plain, "input", (0, 2, 3)),
        (scenes.plain, "input", (0, 0, 0)),
        (scenes.plain, "kernel", (0, 0, 0, 2)),
        (scenes.plain, "input", (0, -1, 2)),
        (scenes.plain, "input", (0, 6, 7)),
        (scenes.mirrored, "input", (0, 1, 1)),
        (scenes.mirrored, "input", (0, -1, -1)),
        (scenes.mirrored, "input", (0, 4, 6)),
        (scenes.mirrored, "kernel", (0, 2, 1, 0)),
        (scenes.grouped, "input", (0, 1, 2)),
        (scenes.grouped, "kernel", (0, 1, 1, 1)),
        (scenes.volume, "input", (0, 1, 2, 2)),
        (scenes.volume, "kernel", (0, 0, 1, 0, 1)),
        (scenes.signal, "input", (0, 0)),
        (scenes.signal, "input", (0, 16)),
        (scenes.signal, "kernel", (0, 0, 2)),
    ],
)
def test_a_cell_lights_everything_it_takes_part_in(stage, scene, panel, cell):
    shown = stage(scene())
    # Bring the slice of the cell to the front, as a reader does.
    view = shown.header["panels"][panel]["view"]
    if view.get("arrange") == "stack":
        margin = shown.header["panels"][panel].get("margin", [[0, 0]] * 4)
        shown.js(
            "player.slices.set(...given); player.refresh()",
            [panel, cell[view["stack"]] + margin[view["stack"]][0]],
        )
        shown.frames()
    shown.hover(panel, cell)
    expected = Expected(shown.header, panel, cell)
    assert expected.lit["output"], "this cell is tied to nothing, choose another"
    check_lit(shown, expected.lit)
    inside = all(
        0 <= at < size for at, size in zip(cell, shown.header["panels"][panel]["shape"], strict=True)
    )
    told = shown.sentence.replace("−", "-")
    assert ", ".join(map(str, cell[-1:] if scene is scenes.signal else cell[-2:])) in told
    value = re.search(r"(?:=|holds) (-?\d+(?:\.\d+)?)", told).group(1)
    assert abs(float(value) - float(expected.value)) <= 0.0051
    if inside:
        plain = told.split("Product")[0].replace(",", " ")
        assert [int(number) for number in re.findall(r"\d+", plain)][-2:] == [
            expected.products,
            len(expected.lit["output"]),
        ]


@pytest.mark.parametrize(
    "scene", [scenes.plain, scenes.mirrored, scenes.grouped, scenes.volume, scenes.signal]
)
def test_an_output_lights_its_own_window(stage, scene):
    shown = stage(scene())
    (act,) = shown.header["acts"]
    steps = prod(act["shape"])
    for number in {0, steps // 3, steps - 1}:
        lights = step_lights(shown.header, number)
        (cell,) = lights["output"]
        view = shown.header["panels"]["output"]["view"]
        if "stack" in view:
            shown.js("player.slices.set(...given); player.refresh()", ["output", cell[view["stack"]]])
            shown.frames()
        shown.hover("output", cell)
        check_lit(shown, lights)
        assert shown.numbers[:2] == [number + 1, steps]
        assert shown.step == 0
    shown.leave()
    check_lit(shown, step_lights(shown.header, 0))


@pytest.mark.parametrize("lens", ["patch", "products"])
def test_a_cell_of_a_lens_is_one_product(stage, lens):
    shown = stage(scenes.mirrored())
    shown.js("player.seek(12)")
    shown.frames()
    shown.hover(lens, (1, 0, 1))
    check_lit(shown, step_lights(shown.header, 12))
    number = 1 * 4 + 0 * 2 + 1
    assert f"{number + 1} " in shown.sum["note"]
    assert shown.page.locator(".caption .sum .on").get_attribute("data-term") == str(number)


def test_pointing_at_a_printed_term_lights_it(stage):
    shown = stage(scenes.plain())
    shown.page.locator(".caption .sum [data-term='5']").hover()
    shown.frames()
    assert shown.page.locator(".caption .sum .on").get_attribute("data-term") == "5"
    assert "6 " in shown.sum["note"]
    shown.leave()
    assert shown.sum["note"] is None


def test_what_a_later_act_makes_is_read_as_the_step_that_makes_it(stage):
    shown = stage(scenes.chain())
    shown.hover("v", (0, 2))
    assert shown.sum["result"] == "18"
    assert shown.sum["terms"] == ["6·3"]
    assert (shown.lit("u"), shown.lit("x")) == ({(0, 2)}, set())
    assert shown.step == 0
    shown.click("v", (0, 1))
    shown.until(step=4)
    shown.press("Escape")
    shown.hover("alone", (0, 1))
    assert shown.lit("alone") == {(0, 1)}
    assert "8" in shown.sentence
    shown.leave()
    shown.hover("x", (0, 0))
    # x belongs to the other act, of which no step made it: its value is told.
    assert shown.lit("x") == {(0, 0)}


# ---- holding and pinning


@pytest.mark.parametrize(
    ("panel", "cell"), [("input", (0, 3, 3)), ("output", (0, 5, 6)), ("kernel", (0, 0, 1, 1))]
)
def test_pointing_holds_what_plays_and_leaving_lets_it_go_on(stage, panel, cell):
    shown = stage(scenes.plain(), autoplay=True, speed=8)
    shown.wait("player.step >= 2")
    shown.hover(panel, cell)
    shown.until(playing=False)
    step = shown.step
    shown.frames(8)
    assert shown.step == step
    shown.leave()
    shown.wait(f"player.step > {step}")
    assert shown.is_playing


@pytest.mark.parametrize("where", ["over", "away"])
@pytest.mark.parametrize("letting_go", ["Escape", "click"])
def test_a_click_pins_until_it_is_let_go(stage, where, letting_go):
    shown = stage(scenes.plain())
    shown.click("input", (0, 3, 3))
    shown.until(pinned=True)
    lit = shown.lit("output")
    assert len(lit) == 9
    shown.hover("output", (0, 0, 0))
    assert shown.lit("output") == lit
    if where == "away":
        shown.leave()
        assert shown.lit("output") == lit
    if letting_go == "Escape":
        shown.press("Escape")
    else:
        shown.click("input", (0, 3, 3))
    shown.until(pinned=False)
    shown.leave()
    assert len(shown.lit("output")) == 1


def test_what_is_pinned_while_it_plays_stays_until_it_is_let_go(stage):
    shown = stage(scenes.plain(), autoplay=True, speed=32)
    shown.wait("player.step >= 2")
    shown.click("input", (0, 3, 3))
    shown.until(pinned=True, playing=False)
    shown.leave()
    step = shown.step
    shown.frames(8)
    assert (shown.step, shown.is_playing, len(shown.lit("output"))) == (step, False, 9)
    shown.press("Escape")
    shown.wait(f"player.step > {step}")
    shown.until(playing=True, pinned=False)


def test_a_pinned_output_becomes_the_step(stage):
    shown = stage(scenes.plain())
    shown.click("output", (0, 2, 3))
    shown.until(step=17, pinned=True)
    shown.wait("convscope.sent.length > 0")
    assert shown.sent("view") == [{"cell": [0, 0, 0, 2, 3]}]
    shown.button("forward")
    shown.until(step=18, pinned=False)


def test_a_click_beside_the_panels_lets_go(stage):
    shown = stage(scenes.plain())
    shown.click("input", (0, 3, 3))
    box = shown.canvas.bounding_box()
    shown.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 3)
    shown.until(pinned=False)


def test_slices_can_be_leafed_through(stage):
    shown = stage(scenes.mirrored())
    leaf = shown.page.locator(".leaf").first
    assert leaf.get_attribute("max") == "2"
    leaf.fill("2")
    shown.frames()
    shown.hover("input", (2, 3, 3))
    assert (2, 3, 3) in shown.lit("input")
    shown.leave()
    shown.focus()
    shown.press("PageUp", "PageUp", "PageUp")
    shown.hover("input", (0, 3, 3))
    assert (0, 3, 3) in shown.lit("input")


def test_a_cell_of_a_whole_result_is_picked(stage):
    shown = stage(scenes.result())
    assert not shown.page.locator(".transport [data-act=play]").is_visible()
    shown.click("output", (0, 4, 7))
    shown.click("output", (0, 4, 7))
    shown.click("picture", (0, 10, 11))
    picks = shown.sent("pick")
    assert [(pick["panel"], pick["cell"]) for pick in picks] == [
        ("output", [0, 4, 7]),
        ("output", [0, 4, 7]),
        ("picture", [0, 10, 11]),
    ]
    assert len({pick["at"] for pick in picks}) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_result_says_what_is_pointed_at_and_what_a_click_does(stage, language):
    shown = stage(scenes.result(language))
    hint = words(language)["stage.pick"]
    box = shown.page.locator(".stage").bounding_box()
    assert shown.sentence == hint
    titles = {name: panel["title"] for name, panel in shown.header["panels"].items()}
    shown.hover("output", (0, 4, 7))
    low, high = shown.header["panels"]["output"]["quantised"]
    value = low + float(wire.value(shown.header["panels"]["output"], (0, 4, 7))) * (high - low) / 255
    assert shown.sentence == f"{titles['output']}[4, 7] ≈ {value:.0f}".replace("-", "−")
    shown.hover("picture", (0, 10, 11))
    value = wire.value(shown.header["panels"]["picture"], (0, 10, 11))
    assert shown.sentence == f"{titles['picture']}[10, 11] = {value:.0f}"
    # After a click the pointer goes on reading; away from it the cell that was picked is told.
    shown.click("output", (0, 4, 7))
    shown.hover("output", (0, 5, 8))
    assert "[5, 8]" in shown.sentence
    shown.leave()
    assert "[4, 7]" in shown.sentence
    shown.focus()
    shown.press("Escape")
    assert shown.sentence == hint
    shown.press("ArrowRight")
    assert "[0, 1]" in shown.sentence
    assert shown.page.locator(".stage").bounding_box() == box
    assert not shown.page.locator(".caption .sum").is_visible()


# ---- the printed sum


def read(written):
    return Fraction(written.replace("−", "-").strip("()"))


def adds_up(printed):
    total = sum(prod(map(read, term.split("·"))) for term in printed["terms"])
    if printed["bias"]:
        total += read(printed["bias"])
    return total == read(printed["result"])


ROWS = {
    "whole": ((1, -2, 3), (4, 5, 6, -7)),
    "halves": ((0.5, 0.25), (3, -2, 8)),
    "thirds": ((1 / 3, 2 / 3), (1, 2, 0.1)),
    "tiny": ((1e-7, 3e-5), (1, 2, 3)),
    "huge": ((1e6, 999999), (255, 254, 253)),
    "lost": ((1, 1), (2.0**30, 1, 2.0**24 + 2)),
    "cancelling": ((1, -1), (100000.5, 100000.25, 3)),
    "nothing": ((0, 0), (1, 2, 3)),
}


@pytest.mark.parametrize("name", ROWS)
def test_it_says_equal_only_where_the_printed_terms_add_up(stage, name):
    weight, x = ROWS[name]
    shown = stage(scenes.typed(weight, x))
    for step in range(len(x) - len(weight) + 1):
        shown.js("player.seek(given)", step)
        shown.frames()
        printed = shown.sum
        assert printed["sign"] == ("=" if adds_up(printed) else "≈"), printed
        assert shown.page.locator(".digits").is_visible() == (printed["sign"] == "≈")
    if name in ("whole", "halves", "nothing"):
        assert printed["sign"] == "="
    if name in ("thirds", "lost"):
        assert printed["sign"] == "≈"


@pytest.mark.parametrize("name", ["thirds", "tiny", "huge", "lost", "cancelling"])
def test_all_digits_are_those_of_float32(stage, name):
    weight, x = ROWS[name]
    shown = stage(scenes.typed(weight, x))
    for step in range(len(x) - len(weight) + 1):
        shown.js("player.seek(given); player.allDigits = false; player.refresh()", step)
        shown.frames()
        if not shown.page.locator(".digits").is_visible():
            continue
        shown.page.locator(".digits").click()
        shown.frames()
        assert shown.page.locator(".digits").get_attribute("aria-pressed") == "true"
        printed = shown.sum
        assert printed["sign"] == ("=" if adds_up(printed) else "≈")
        for tap, term in enumerate(printed["terms"]):
            value, factor = (np.float32(float(read(part))) for part in term.split("·"))
            assert value == np.float32(x[step + tap])
            assert factor == np.float32(weight[tap])
        assert (
            np.float32(float(read(printed["result"])))
            == shown.header["panels"]["output"]["values"][0, 0, step]
        )


@pytest.mark.parametrize(
    "scene", [scenes.plain, scenes.mirrored, scenes.grouped, scenes.volume, scenes.signal]
)
def test_the_printed_numbers_are_those_of_the_step(stage, scene):
    shown = stage(scene())
    panels, (act,) = shown.header["panels"], shown.header["acts"]
    steps = list(wire.indices(act["shape"]))
    for number in (0, len(steps) // 2, len(steps) - 1):
        shown.js("player.seek(given); player.allDigits = true; player.refresh()", number)
        shown.frames()
        printed = shown.sum
        terms = list(wire.indices(act["terms"]))
        assert len(printed["terms"]) == len(terms)
        for term, written in zip(terms, printed["terms"], strict=True):
            for name, part in zip(("input", "kernel"), written.split("·"), strict=True):
                value = wire.value(panels[name], wire.cell(wire.relation(act, name), steps[number], term))
                assert np.float32(float(read(part))) == np.float32(value)
        result = wire.value(
            panels["output"], wire.cell(wire.relation(act, "output"), steps[number], terms[0])
        )
        assert np.float32(float(read(printed["result"]))) == np.float32(result)
        assert (printed["bias"] is None) == ("bias" not in panels)
        if "bias" in panels:
            assert read(printed["bias"]) == Fraction(float(panels["bias"]["values"][steps[number][1], 0]))


def test_a_long_sum_says_how_many_terms_it_leaves_out(stage):
    weight, x = tuple(range(1, 51)), tuple(range(60))
    shown = stage(scenes.typed(weight, x))
    printed = shown.sum
    assert len(printed["terms"]) == 36
    assert "14" in printed["more"]
    assert (printed["sign"], float(read(printed["result"]))) == ("=", np.dot(weight, x[:50]))
