"""The page on sharing, without a browser: recorded shares, what is said of them, trainings, links."""

import json
import re
from threading import Event

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from conv_core.nets import KINDS, shared
from conv_view.controls.sharing import PICTURE
from conv_view.controls.sharing_run import RUNS
from conv_view.mnist import digits
from conv_view.sharing_facts import COUNTS, Curve, certainty, gaps, ranking, recorded, thrift
from conv_view.sharing_picture import SHOWN, hidden
from conv_view.sharing_run import EVERY, Asked, Point, Run
from conv_view.text import LANGUAGES, words
from conv_view.weights import report, weights
from tests.visit import open_chapter, said, visit

# Typed from the record: held-out digits, by how many were learned.
HELD_OUT = {"500": ("86.80%", "88.75%", "88.20%"), "5000": ("94.15%", "94.15%", "95.45%")}


def finish(app: AppTest) -> AppTest:
    """Look at a training until it is over, as the browser does."""
    waits = Event()
    for _ in range(600):
        app.run()
        assert not app.exception
        if any(button.key == "sharing_begin" for button in app.button):
            return app
        waits.wait(0.05)
    raise AssertionError("the training did not end")


def rows(app: AppTest) -> list[list[str]]:
    """The table's rows, cell by cell."""
    (table,) = [each.value for each in app.markdown if each.value.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recorded_shares_and_every_chapter_are_on_the_page(language):
    app = visit("sharing", lang=language)
    table = words(language)
    for count, shares in HELD_OUT.items():
        app.session_state["sharing.digits"] = count
        app.run()
        assert not app.exception
        assert [row[5] for row in rows(app)] == list(shares)
        assert [row[3] for row in rows(app)] == ["915,850", "41,482", "11,738"]
        assert all(share in said(app) for share in shares)
        for row, curve in zip(rows(app), recorded(int(count)), strict=True):
            assert row[6] == f"{100 * (curve.last.training - curve.last.held_out):.2f}"
    for chapter in ("table", "counted", "code"):
        open_chapter(app, "sharing", chapter)
        assert not app.exception
        if chapter == "counted":
            for number in ("904,320", "29,952", "208", "11,530"):
                assert f"{number}" in said(app)
    assert app.query_params["digits"] in ("5000", ["5000"])
    assert table["sharing.line"] in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_follows_the_numbers(language):
    table = words(language)

    def made(*shares: float) -> tuple[Curve, ...]:
        return tuple(
            Curve(kind, 500, size, (Point(3000, 1.0, share),))
            for kind, size, share in zip(KINDS, (900, 40, 10), shares, strict=True)
        )

    name = {kind: table[f"sharing.in_sentence.{kind}"] for kind in KINDS}
    few = ranking(table, recorded(500))
    assert few.index(name["locally"]) < few.index(name["convolutional"]) < few.index(name["fully"])
    many = ranking(table, recorded(5000))
    assert many.index(name["convolutional"]) < min(many.index(name["fully"]), many.index(name["locally"]))
    assert many.count("94.15%") == 1
    # Nobody is said to win by what chance makes.
    undecided = table["sharing.undecided"].split("}")[-1]
    assert certainty(table, recorded(500)).endswith(undecided)
    assert not certainty(table, made(0.8, 0.85, 0.9)).endswith(undecided)
    lost = thrift(table, made(0.9, 0.8, 0.85))
    assert table.say("sharing.less", points="5.00") in lost
    assert "90" in lost
    assert table.say("sharing.more", points="1.40") in thrift(table, recorded(500))
    # Only who knows all of what was learned is said to.
    assert "99.96%" in gaps(table, recorded(5000))
    assert "100%" in gaps(table, recorded(500))


def test_the_picture_holds_the_numbers_that_its_weights_make():
    x = digits()[1].images[SHOWN] / 255
    for kind in KINDS:
        weight, bias = weights("sharing")[kind], weights("sharing")[f"{kind} bias"]
        for row, column in ((0, 0), (5, 6), (11, 3)):
            at = 0 if kind == "convolutional" else 12 * row + column
            seen = x if kind == "fully" else x[2 * row : 2 * row + 5, 2 * column : 2 * column + 5]
            assert hidden(kind)[row, column] == pytest.approx((seen * weight[at]).sum() + bias[at], abs=1e-4)
    app = visit("sharing", cell="3_4")
    (found,) = [each for each in app.get("bidi_component") if '"nets"' in each.proto.json]
    given = json.loads(found.proto.json)
    assert given["cell"] == [3, 4]
    assert [net["side"] for net in given["nets"]] == [28, 5, 5]
    app.session_state[PICTURE] = {"pick": {"cell": [7, 8], "count": 1}}
    app.run()
    assert app.query_params["cell"] in ("7_8", ["7_8"])


def test_a_run_with_the_records_seed_goes_where_the_record_went():
    run = Run(Asked("convolutional", 500, 100, report("sharing")["seed"]))
    while not run.finished:
        run.advance()
    told = {point.step: point for point in recorded(500)[2].points}
    found = {point.step: point for point in run.points}
    assert list(found) == list(range(0, 101, EVERY))
    for step in (0, 100):
        # Another machine may add in another order.
        assert found[step].held_out == pytest.approx(told[step].held_out, abs=0.004)
        assert found[step].training == pytest.approx(told[step].training, abs=0.006)
    assert run.done == run.total
    assert not run.can_go_on


def test_a_run_that_was_left_and_taken_up_again_is_the_same():
    whole, parted = (Run(Asked("locally", 60, 25, 3)) for _ in range(2))
    while not whole.finished:
        whole.advance()
    while not parted.finished:
        for _, one in parted.slices()[:7]:
            assert one(lambda: False)
    assert parted.points == whole.points
    assert len(whole.slices()) == 0


@pytest.mark.parametrize("language", LANGUAGES[:1])
def test_a_training_on_the_page_joins_the_table(language):
    app = visit("sharing", lang=language, few="50", steps="100", seed="5")
    assert words(language)["sharing.train.empty"] in [each.value for each in app.info]
    app.button(key="sharing_begin").click().run()
    finish(app)
    (run,) = app.session_state[RUNS]
    assert run.asked == Asked("convolutional", 50, 100, 5)
    assert [point.step for point in run.points] == [0, 25, 50, 75, 100]
    last = run.points[-1]
    row = rows(app)[-1]
    assert len(rows(app)) == 4
    assert row[1:4] == ["50", "100", "11,738"]
    assert row[4:6] == [f"{100 * last.training:.2f}%", f"{100 * last.held_out:.2f}%"]
    assert last.held_out > 0.4
    # The link says what was asked for, not what came of it.
    assert {"few", "steps", "seed"} <= set(app.query_params) <= {"lang", "few", "steps", "seed"}


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_pause_keeps_the_place_and_an_end_keeps_what_there_is(language, monkeypatch):
    gate, passed = Event(), Event()
    advance = Run.advance

    def slow(run: Run) -> bool:
        if run.step == 30:
            passed.set()
            assert gate.wait(20)
        return advance(run)

    monkeypatch.setattr(Run, "advance", slow)
    app = visit("sharing", lang=language, few="50", steps="100")
    app.button(key="sharing_begin").click().run()
    assert passed.wait(20)
    app.run()
    app.button(key="sharing_pause").click().run()
    gate.set()
    finish(app)
    (run,) = app.session_state[RUNS]
    assert run.step in (30, 31)
    assert not run.finished
    app.button(key="sharing_go_on").click().run()
    waits = Event()
    while run.step < 60:
        waits.wait(0.01)
    app.run()
    if any(button.key == "sharing_end" for button in app.button):
        app.button(key="sharing_end").click().run()
        assert run.asked.steps == 100
        assert not run.can_go_on
    finish(app)
    assert len(rows(app)) == 4
    assert int(rows(app)[-1][2]) == run.points[-1].step >= 50
    assert re.search(r"\d\d\.\d\d", rows(app)[-1][6])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_that_means_nothing_is_told(language):
    app = visit("sharing", lang=language, digits="7", few="9000", kind="magic", cell="40_2", steps="x")
    assert not app.exception
    (line,) = [each.value for each in app.markdown if each.value.startswith(":red[")]
    assert "9000" in line
    assert [row[5] for row in rows(app)] == list(HELD_OUT["500"])


def test_the_three_give_as_many_numbers_as_is_said():
    for kind in KINDS:
        sizes = {row.name: row for row in shared(kind).summary((1, 1, 28, 28))}
        assert int(np.prod(sizes["hidden"].output)) == 1152
    assert {curve.digits for count in COUNTS for curve in recorded(count)} == set(COUNTS)
