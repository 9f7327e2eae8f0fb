"""Four engines on one layer: what each costs by formula, how long it takes here, and where it wins."""

from pathlib import Path

import streamlit as st

from conv_view import address, race_bars, race_phrases, race_words, text
from conv_view.controls import notices, race, race_chapters
from conv_view.controls import race_measuring as measuring
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.race_costs import automatic

GOOD = "race:good"
LOOK = Path(__file__).parent.parent / "assets" / "race.css"


@st.fragment
def page() -> None:
    measuring.begin_again()
    words = text.words(address.language())
    state = address.open("race", race.fields())
    band = Band()
    shown, error, kept = last_good(GOOD, lambda: race.asked(state), race.usual, "notices.usual.race")
    state.save()
    refused = measuring.refused(shown.setup, shown.rows)
    faults = race.faults(words, state, shown.rows)

    def fill() -> None:
        race.band(state, words, lambda: measuring.button(words, shown.setup, shown.rows))

    band.fill(fill)

    def draw() -> None:
        mine = here if here is not None and here.key == (shown.setup,) else None
        if here is not None and not here.race.finished and error is None:
            measuring.progress(words, here)
        else:
            line = race.line(words, shown.setup.layer, measuring.ended(words, shown.setup))
            notices.line(words, state, line, *notices.faults_of(error), kept=kept)
        seen = race_bars.Shown(
            measured=measuring.results((shown.setup,)),
            refused=refused,
            faults=faults,
            picked=automatic(shown.setup.layer),
            running=mine.race.current or "" if mine else "",
            busy=mine is not None,
        )
        drawn = race_bars.table(words, shown.setup.layer, shown.rows, seen)
        st.html(f"{drawn}{race_bars.key(words)}")

    now = measuring.running()
    here = None if now is None or race_chapters.shows(state, shown.setup, now) else now
    measuring.watched(here, draw)
    band.after_stage()
    said = race_words.times(words, shown.setup, shown.rows, measuring.results((shown.setup,)))
    said = [*race_words.too_much(words, refused), *said, *race_words.costs(words, shown.setup, shown.rows)]
    st.markdown(race_phrases.close(words, "\n".join(f"- {each}" for each in said)))
    race_chapters.chapters(state, words, shown)


st.html(LOOK)
page()
