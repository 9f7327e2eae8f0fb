"""Backward through a convolution: what a gradient by the output says about input, weights and bias."""

import streamlit as st

from conv_view import address, text
from conv_view.controls import backward as controls
from conv_view.controls import backward_lessons as lessons
from conv_view.controls import chapters, notices
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.stage.component import news, show
from conv_view.stories.backward import scene

GOOD = "backward:good"  # in the visitor's session: what was last computed without a fault
FIELDS = (*controls.fields(), chapters.field(*lessons.CHAPTERS))


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("backward", FIELDS)
    controls.take_news(state, news("backward"))
    band = Band()
    (case, told, story), error, kept = last_good(
        GOOD,
        lambda: (controls.computed(state), "", state["story"]),
        lambda: (*controls.usual(state), controls.SPREAD),
        controls.USUAL,
    )
    state.save()
    band.fill(lambda: controls.band(state, words, case))
    with st.container(key="backward_line", horizontal=True, vertical_alignment="center"):
        line = controls.loss_line(words, state, case)
        notices.line(words, state, line, *notices.faults_of(error), kept=kept and (told or kept))
        controls.story(state, words)
    show(scene(case, words, story), key="backward", cell=state["cell"])
    band.after_stage()
    lessons.tabs(words, state, case)


page()
