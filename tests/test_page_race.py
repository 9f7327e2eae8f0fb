"""The page of costs and times, without a browser: its numbers, a measurement, a stop, refusals, links."""

import re
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from conv_view.controls import measuring, race_measuring
from conv_view.known_layers import ENGINES, LAYERS
from conv_view.race_run import Timing
from conv_view.text import LANGUAGES, words
from tests.visit import open_chapter, said, visit

SMALL = {"layer": "own", "channels": "3", "outputs": "4", "kernel": "3", "size": "12", "padding": "1"}
LOOKS = 400


def cells(app: AppTest) -> dict[tuple[str, str], str]:
    """The number in every cell of the rows, by engine and quantity."""
    html = "".join(each.proto.body for each in app.get("html"))
    found = re.findall(
        r'data-engine="(\w+)" data-quantity="(\w+)".*?class="race-value">([^<]*)', html, re.DOTALL
    )
    return {(engine, quantity): text for engine, quantity, text in found}


def finish(app: AppTest) -> AppTest:
    """Look at a measurement until it is over, as the browser does."""
    waits = Event()
    for _ in range(LOOKS):
        app.run()
        assert not app.exception
        if any(button.key == "race_measure" for button in app.button):
            return app
        waits.wait(0.05)
    raise AssertionError("the measurement did not end")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_small_layer_is_measured(language):
    app = visit("race", lang=language, **SMALL)
    table = words(language)
    assert cells(app)["im2col", "multiplies"] == f"{3 * 4 * 9 * 12 * 12:,}"
    assert cells(app)["direct", "adds"] == f"{4 * 144 * 26:,}"
    assert ("im2col", "time") not in cells(app)
    assert table["race.state.unmeasured"] in said(app)
    app.button(key="race_measure").click().run()
    finish(app)
    assert not app.exception
    shown = cells(app)
    for engine in ENGINES:
        assert re.search(r"\d (ms|s)", shown[engine, "time"])
        assert re.search(r"10⁻[⁵-⁹]|^0$", shown[engine, "error"])
    assert {"en": "- Quickest on this machine", "zh": "- 本机上最快的是"}[language] in said(app)
    results = app.session_state[measuring.RESULTS]
    assert len(results) == 1
    # Another layer has no times; this one keeps its own, and the link carries none.
    app.number_input(key="race.size").set_value(13).run()
    assert ("im2col", "time") not in cells(app)
    app.number_input(key="race.size").set_value(12).run()
    assert cells(app)["im2col", "time"] == shown["im2col", "time"]
    assert set(app.query_params) <= {"lang", *SMALL}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stop_keeps_what_was_measured(language, monkeypatch):
    gate = Event()

    def slow(setup, engine, reference, stopped, **keywords):
        if engine != "direct":
            assert gate.wait(20)
            return None if stopped() else Timing(1.0, 1)
        return Timing(2.0, 1, 1e-7)

    monkeypatch.setattr(race_measuring, "measure", slow)
    app = visit("race", lang=language, **SMALL)
    app.button(key="race_measure").click().run()
    waits = Event()
    while ("direct", "time") not in cells(app) or not cells(app)["direct", "time"].startswith("2"):
        waits.wait(0.02)
        app.run()
    running = cells(app)
    assert running["im2col", "time"] == words(language)["race.state.running"]
    assert running["fft", "time"] == words(language)["race.state.waiting"]
    app.button(key="race_stop").click().run()
    gate.set()
    finish(app)
    assert not app.exception
    assert words(language).say("race.progress.stopped", done=1, count=4) in said(app)
    assert cells(app)["direct", "time"].startswith("2 s")
    assert cells(app)["im2col", "time"] == "–"


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_much_memory_is_refused_beforehand_with_the_bytes(language):
    app = visit("race", lang=language, layer="own", channels="512", outputs="512", size="600")
    assert re.search(r"[\d.]+ GB", cells(app)["im2col", "time"])
    body = "\n".join(each.value for each in app.markdown)
    counts = [int(each.replace(",", "")) for each in re.findall(r"\d[\d,]{12,}", body)]
    assert max(counts) > 512 * 600 * 600 * 8
    assert "537 MB" in body
    assert app.button(key="race_measure").disabled


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_method_that_cannot_says_so_in_its_row_and_names_one_that_can(language):
    app = visit("race", lang=language, layer="resnet")
    body = said(app)
    why = words(language).say(
        "errors.method_window",
        method="Winograd",
        kernel="7×7",
        stride=2,
        dilation=1,
        instead="im2col",
    )
    assert words(language).say("race.cannot", why=why) in body
    assert ":red[" not in body
    assert ("winograd", "multiplies") not in cells(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "asked", [{"groups": 3}, {"kernel": 31, "size": 8}, {"stride": 16, "dilation": 16, "kernel": 9}], ids=str
)
def test_the_impossible_is_told_and_the_last_good_layer_stays(asked, language):
    table = words(language)
    link = {name: str(value) for name, value in asked.items()}
    app = visit("race", lang=language, layer="own", **link)
    (line,) = [each.value for each in app.markdown if each.value.startswith(":red[")]
    assert line.endswith(table["notices.usual.race"])
    app = visit("race", lang=language, **SMALL)
    before = cells(app)
    for name, value in asked.items():
        app.session_state[f"race.{name}"] = value
    app.run()
    assert not app.exception
    (line,) = [each.value for each in app.markdown if each.value.startswith(":red[")]
    assert line.endswith(table["notices.kept"])
    assert cells(app) == before


def test_a_curve_is_measured_and_every_state_is_in_the_link():
    app = visit("race", **(SMALL | {"axis": "size", "quantity": "traffic", "m": "2"}))
    assert app.session_state["race.m"] == "2"
    app.button(key="race_measure_curve").click().run()
    finish(app)
    assert not app.exception
    results = [each for key, each in app.session_state[measuring.RESULTS].items() if len(key) == 3]
    assert set(results[0]) == {(size, engine) for size in (14, 28, 56, 112, 224) for engine in ENGINES}
    assert words("en")["race.words.along_time"].split(":")[0] in said(app)
    assert words("en")["race.words.along_traffic"].split(":")[0] in said(app)
    app.session_state["race.axis"] = "channels"
    app.run()
    assert app.query_params["axis"] in ("channels", ["channels"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_real_layer_and_every_chapter_is_shown(language):
    app = visit("race", lang=language)
    for place, name in enumerate(LAYERS):
        app.session_state["race.layer"] = name
        open_chapter(app, "race", ("parts", "formulas", "curves")[place % 3])
        assert not app.exception
        assert cells(app)["im2col", "multiplies"].replace(",", "").isdigit()
