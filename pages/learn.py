"""A kernel that learns: a random one descends, seeing only what a target makes of a picture."""

import streamlit as st

from conv_core import WindowError
from conv_view import address, text
from conv_view.controls import chapters, learn, learn_lessons, learn_told, notices, pictures
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.learned import TooFastError
from conv_view.stage.component import news, show
from conv_view.stories.learn import descent

GOOD = "learn:good"  # in the visitor's session: what was last computed without a fault
FIELDS = (*learn.fields(), chapters.field(*learn_lessons.CHAPTERS))


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("learn", FIELDS)
    seen = news("learn")
    learn.take_news(state, seen)
    pictures.take_paint(state, seen)
    band = Band()
    chosen = pictures.current(state)
    known = st.session_state.get(GOOD)
    shown, error, kept = last_good(
        GOOD,
        lambda: learn.computed(state, chosen, known),
        lambda: learn.usual(state, chosen),
        "notices.usual.learn",
        (WindowError, TooFastError),
    )
    state.save()
    band.fill(lambda: learn.band(state, words, chosen))
    with st.container(key="learn_line", horizontal=True, vertical_alignment="center"):
        faults = (*learn_told.refused(error), chosen.fault, learn_told.stopped(shown))
        notices.line(words, state, learn_told.bound(words, shown), *faults, kept=kept)
        learn.shares(state, words, shown)
    scene = descent(shown.trail, shown.pixels, words, paint=chosen.name == pictures.PAINTED)
    show(scene, key="learn", cell=state["cell"], speed=16)
    st.markdown(learn_told.ending(words, shown))
    band.after_stage()
    learn_lessons.tabs(words, state, shown)


page()
