"""Four engines on one layer: what each costs by formula, how long it takes here, and where it wins."""

from pathlib import Path

import streamlit as st

from conv_view import address, race_bars, race_phrases, race_words, text
from conv_view.controls import chapters, measuring, notices, race, race_chapters, race_measuring
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.race_costs import automatic

GOOD = "race:good"
LOOK = Path(__file__).parent.parent / "assets" / "race.css"


@st.fragment
def page() -> None:
    measuring.begin_again()
    words = text.words(address.language())
    state = address.open("race", (*race.fields(), chapters.field(*race_chapters.CHAPTERS)))
    band = Band()
    shown, error, kept = last_good(GOOD, lambda: race.asked(state), race.usual, "notices.usual.race")
    state.save()
    refused = race_measuring.refused(shown.setup, shown.rows)
    alone = race_measuring.alone(shown.setup, shown.rows)
    key = race_measuring.key(shown.setup)
    faults = race.faults(words, state, shown.rows)

    def fill() -> None:
        race.band(state, words, lambda: race_measuring.button(words, shown.setup, shown.rows))

    band.fill(fill)

    def draw() -> None:
        mine = here if here is not None and here.key == key else None
        line = race.line(words, shown.setup.layer, race_measuring.ended(words, shown.setup))
        notices.line(words, state, line, *notices.faults_of(error), kept=kept)
        seen = race_bars.Shown(
            measured=measuring.results(key),
            refused=refused,
            faults=faults,
            picked=automatic(shown.setup.layer),
            running=mine.measurement.current or "" if mine else "",
            busy=mine is not None,
        )
        drawn = race_bars.table(words, shown.setup.layer, shown.rows, seen)
        st.html(f"{drawn}{race_bars.key(words)}")
        if here is not None and not here.measurement.finished and error is None:
            race_measuring.progress(words, here)

    now = race_measuring.running()
    here = None if now is None or race_chapters.shows(state, shown.setup, now) else now
    measuring.watched(here, draw)
    band.after_stage()
    said = race_words.times(words, shown.setup, shown.rows, measuring.results(key))
    said = [
        *race_words.too_much(words, refused, alone),
        *said,
        *race_words.costs(words, shown.setup, shown.rows),
    ]
    st.markdown(race_phrases.close(words, "\n".join(f"- {each}" for each in said)))
    race_chapters.chapters(state, words, shown)


st.html(LOOK)
page()
