"""Backward through pooling: a gradient routed to the maximum of its window, or shared out among it."""

import streamlit as st

from conv_view import address, text
from conv_view.controls import backward_pooling as controls
from conv_view.controls import backward_pooling_lessons as lessons
from conv_view.controls import chapters, notices, pictures, pooling, pooling_remarks
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.stage.component import news, show
from conv_view.stories.backward_pooling import backward

GOOD = "backward_pooling:good"  # in the visitor's session: what was last computed without a fault


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("backward_pooling", (*controls.fields(), chapters.field(*lessons.CHAPTERS)))
    seen = news("backward_pooling")
    before = st.session_state.get(GOOD)
    controls.take_news(state, seen, before and before.grad.shape)
    pictures.take_paint(state, seen)
    band = Band()
    chosen = pictures.current(state)
    shown, error, kept = last_good(
        GOOD,
        lambda: controls.computed(state, chosen, pooling.settings(state)),
        lambda: controls.usual(state, chosen),
        "notices.usual.backward_pooling",
    )
    state.save()
    band.fill(lambda: controls.band(state, words, shown))
    notices.line(words, state, shown.trace, *notices.faults_of(error), chosen.fault, kept=kept)
    painted = shown.chosen.name == pictures.PAINTED
    scene = backward(shown.trace, shown.grad, shown.back, words, paint=painted)
    show(scene, key="backward_pooling", cell=state["cell"])
    st.markdown(controls.sentence(words, shown))
    band.after_stage()
    pooling_remarks.show(words, state, shown.trace, "Y")
    lessons.tabs(words, state, shown)


page()
