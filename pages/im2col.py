"""im2col: patches become columns, kernels rows, and the convolution one matrix product; and the way back."""

import streamlit as st

from conv_view import address, text
from conv_view.controls import chapters, notices, pictures
from conv_view.controls import im2col as controls
from conv_view.controls import im2col_lessons as lessons
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.stage.component import news, show
from conv_view.stories.im2col import LEVELS, backward, forward

GOOD = "im2col:good"  # in the visitor's session: what was last computed without a fault


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("im2col", (*controls.fields(), chapters.field(*lessons.CHAPTERS)))
    seen = news("im2col")
    controls.take_news(state, seen)
    pictures.take_paint(state, seen)
    band = Band()
    chosen = pictures.current(state)
    shown, error, kept = last_good(
        GOOD,
        lambda: controls.computed(state, chosen),
        lambda: controls.usual(state, chosen),
        "notices.usual.im2col",
    )
    state.save()
    band.fill(lambda: controls.band(state, words, chosen))
    small = shown.small
    with st.container(key="im2col_line", horizontal=True, vertical_alignment="center"):
        notices.line(words, state, small.trace, *notices.faults_of(error), chosen.fault, kept=kept)
        controls.story(state, words)
    back = state["story"] == "back"
    if back:
        scene = backward(small, words)
    else:
        level = state["story"] if state["story"] in LEVELS else LEVELS[0]
        painted = shown.chosen.name == pictures.PAINTED
        scene = forward(small, words, level, paint=painted)
    show(scene, key="im2col", cell=state["cell"])
    st.markdown(controls.back_sentence(words, small) if back else controls.sentence(words, small))
    band.after_stage()
    lessons.tabs(words, state, shown)


page()
