"""Backward by matrices: Y = W X, dW = dY X^T, dX = W^T dY, and the columns added back."""

import streamlit as st

from conv_view import address, text
from conv_view.controls import backward_matrices as controls
from conv_view.controls import backward_matrices_lessons as lessons
from conv_view.controls import chapters, notices, pictures
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.stage.component import news, show
from conv_view.stories.backward_matrices import matrices

GOOD = "backward_matrices:good"  # in the visitor's session: what was last computed without a fault


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("backward_matrices", (*controls.fields(), chapters.field(*lessons.CHAPTERS)))
    seen = news("backward_matrices")
    before = st.session_state.get(GOOD)
    controls.take_news(state, seen, before and before.small.grad.shape)
    pictures.take_paint(state, seen)
    band = Band()
    chosen = pictures.current(state)
    shown, error, kept = last_good(
        GOOD,
        lambda: controls.computed(state, chosen),
        lambda: controls.usual(state, chosen),
        "notices.usual.backward_matrices",
    )
    state.save()
    band.fill(lambda: controls.band(state, words, shown))
    with st.container(key="backward_matrices_line", horizontal=True, vertical_alignment="center"):
        notices.line(words, state, shown.small.trace, *notices.faults_of(error), chosen.fault, kept=kept)
        controls.acts(state, words)
    painted = shown.chosen.name == pictures.PAINTED
    show(matrices(shown.small, words, paint=painted), key="backward_matrices", cell=state["cell"])
    st.markdown(controls.sentence(words, shown.small))
    band.after_stage()
    lessons.tabs(words, state, shown)


page()
