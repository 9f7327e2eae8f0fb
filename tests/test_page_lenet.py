"""The page on which LeNet-5 reads a digit, in both languages, against loops over the shipped weights."""

import re

import numpy as np
import pytest

from conv_view.drawn import centred, decode, encode
from conv_view.lenet import missed
from conv_view.text import LANGUAGES, words
from conv_view.weights import report as told_of_training
from tests import oracle_lenet as oracle
from tests import wire
from tests.visit import open_chapter, said, visit

PAGE = "lenet"
SHAPE = [28, 28]


def stage(app):
    """The scene that the stage was given, decoded."""
    (found,) = [each.proto.bytes for each in app.get("bidi_component") if each.proto.bytes]
    return wire.decode(found)


def values(app, panel):
    return np.asarray(stage(app)["panels"][panel]["values"], float)


def report(app, **state):
    """Let the stage report something, as the browser does."""
    app.session_state[PAGE] = state
    return app.run()


def stroke():
    """A one, upright, in the lower left corner."""
    sheet = np.zeros(SHAPE, np.uint8)
    sheet[9:27, 3:5] = 255
    return sheet


def drawn(app, sheet, revision=1):
    cells = sheet.astype(float).ravel().tolist()
    return report(app, edit={"panel": "drawing", "values": cells, "shape": SHAPE, "revision": revision})


def holds(app, digit):
    for name, expected in oracle.layers(digit).items():
        assert values(app, name) == pytest.approx(expected, abs=2e-5), name
    return int(values(app, "probabilities").argmax())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picked_digit_is_read_as_loops_read_it(language):
    images, labels = oracle.held_out()
    app = visit(PAGE, lang=language, digit="5")
    assert not app.exception
    answer = holds(app, images[5])
    assert answer == labels[5]
    # The answer stands in the line, and the stage at it.
    assert f"<b>{answer}</b>" in said(app)
    assert stage(app)["options"]["cell"] == [7, answer]
    app.number_input(key="lenet.digit").set_value(88).run()
    assert holds(app, images[88]) != labels[88]
    assert words(language).say("lenet.wrong", index=88, label=labels[88]).replace("**", "") in re.sub(
        "</?b>", "", said(app)
    )
    assert stage(app)["options"]["cell"] == [7, int(values(app, "probabilities").argmax())]
    assert not values(app, "drawing").any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_drawn_is_centred_read_and_stands_in_the_link(language):
    app = drawn(visit(PAGE, lang=language), stroke())
    assert holds(app, centred(stroke())) == 1
    assert np.array_equal(values(app, "drawing"), stroke())
    assert app.query_params["source"] == "drawn"
    assert len(app.query_params["drawing"]) < 100
    again = visit(PAGE, **app.query_params)
    assert np.array_equal(values(again, "drawing"), stroke())
    assert holds(again, centred(stroke())) == 1
    # A held-out digit takes its place on the stage, not on the sheet; back again it is what is read.
    again.number_input(key="lenet.digit").set_value(0).run()
    holds(again, oracle.held_out()[0][0])
    assert np.array_equal(values(again, "drawing"), stroke())
    again.button_group(key="lenet.source").set_value("drawn").run()
    holds(again, centred(stroke()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_sheet_says_so_and_the_layers_stay(language):
    app = drawn(visit(PAGE, lang=language), stroke())
    app.button(key="lenet_clear").click().run()
    assert words(language)["lenet.faults.drawing_empty"] in said(app)
    assert not values(app, "drawing").any()
    holds(app, centred(stroke()))
    # So does a link to nothing drawn: it shows the held-out digit.
    fresh = visit(PAGE, lang=language, source="drawn", digit="3")
    assert not fresh.exception
    assert words(language)["lenet.faults.drawing_empty"] in said(fresh)
    holds(fresh, oracle.held_out()[0][3])
    # Wiped off stroke by stroke it is the same.
    app = drawn(drawn(visit(PAGE, lang=language), stroke()), np.zeros(SHAPE), revision=2)
    assert words(language)["lenet.faults.drawing_empty"] in said(app)


@pytest.mark.parametrize(
    "query",
    [
        {"drawing": "nonsense!", "source": "drawn"},
        {"digit": "2000"},
        {"map": "16"},
        {"cell": "x"},
        {"source": "x"},
    ],
)
def test_a_link_to_what_cannot_be_shows_something_and_says_why(query):
    app = visit(PAGE, **query)
    assert not app.exception
    assert ":material/error:" in said(app)
    assert values(app, "c1").size


def test_the_next_misread_digit_comes_round():
    app = visit(PAGE, digit=str(missed()[-1].index - 1))
    for one in (missed()[-1], missed()[0], missed()[1]):
        app.button(key="lenet_next_missed").click().run()
        assert app.number_input(key="lenet.digit").value == one.index
        assert int(values(app, "probabilities").argmax()) == one.read


def test_a_layer_and_a_map_are_gone_to_and_a_pinned_cell_names_its_map():
    app = visit(PAGE)
    app.button_group(key="lenet_layer").set_value("S4").run()
    assert stage(app)["options"]["cell"] == [3, 0, 2, 2]
    app.button_group(key="lenet.map").set_value(9).run()
    assert stage(app)["options"]["cell"] == [2, 9, 4, 4]
    assert app.button_group(key="lenet_layer").value == "C3"
    report(app, view={"cell": [2, 4, 0, 0]})
    assert app.button_group(key="lenet.map").value == 4
    assert "**0, 4, 5**" in said(app)
    assert app.button_group(key="lenet_layer").value == "C3"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chapters_tell_what_was_computed_and_measured(language):
    app = visit(PAGE, lang=language, chapter="layers")
    table = next(each.value for each in app.markdown if each.value.startswith("| "))
    assert "| **60,000** | **340,068** |" in table
    for line in ("| 6×28×28 | 5×5 | 156 | 122,304 |", "| 16×10×10 | 14×14 | 1,516 | 151,600 |"):
        assert line in table
    open_chapter(app, PAGE, "training")
    told = told_of_training("lenet5")
    for number in (f"**{told['held-out right']:,}**", "**98.8%**", str(told["epochs"]), str(told["seed"])):
        assert number in said(app)
    open_chapter(app, PAGE, "wrong_ones")
    assert said(app).count("<figure") == len(missed())
    chosen = missed()[7]
    app.button_group(key="lenet_missed").set_value(chosen.index).run()
    holds(app, oracle.held_out()[0][chosen.index])
    open_chapter(app, PAGE, "cell")
    answer = chosen.read
    score = float(values(app, "scores")[0, answer])
    assert f"**{score:.4f}**" in said(app).replace("−", "-")
    report(app, view={"cell": [4, 3, 4]})
    assert "C5[36 + 4]" in said(app)
    assert f"**{float(values(app, 'c5')[3, 4]):.4f}**" in said(app).replace("−", "-")
    # Page by page all 400 products can be written down.
    app.number_input(key="lenet.page").set_value(34).run()
    assert "| 400 | S4[" in said(app)
    assert "| | " in said(app)
    report(app, view={"cell": [1, 0, 0, 0]})
    assert "| 4 | C1[" in said(app)
    open_chapter(app, PAGE, "code")
    assert not app.exception
    assert len(app.code) == 2


def test_the_first_listing_runs(monkeypatch, capsys):
    monkeypatch.chdir(oracle.ROOT)
    exec(open_chapter(visit(PAGE), PAGE, "code").code[0].value, {})
    shape, answer = capsys.readouterr().out.splitlines()
    assert shape == "(1, 16, 10, 10)"
    assert len(set(answer.split())) == 1


def test_a_drawing_of_any_size_from_the_stage_never_breaks_the_page():
    app = visit(PAGE)
    report(app, edit={"panel": "drawing", "values": [1.0], "shape": [1, 1], "revision": 1})
    assert not app.exception
    assert values(app, "drawing").shape == (28, 28)
    assert np.array_equal(decode(encode(stroke())), stroke())
