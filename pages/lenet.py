"""LeNet-5 reads a digit: drawn on the stage or picked, and seen in every layer, down to each product."""

import streamlit as st

from conv_view import address, text
from conv_view.controls import chapters, notices
from conv_view.controls import lenet as controls
from conv_view.controls import lenet_lessons as lessons
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.drawn import DrawingError
from conv_view.stage.component import news, show
from conv_view.stories.lenet import reading

GOOD = "lenet:good"  # in the visitor's session: what was last read
FIELDS = (*controls.fields(), chapters.field(*lessons.CHAPTERS))


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("lenet", FIELDS)
    controls.take_news(state, news("lenet"))
    band = Band()
    shown, error, _ = last_good(
        GOOD,
        lambda: controls.computed(state),
        lambda: controls.usual(state),
        "",
        DrawingError,
    )
    state.save()
    band.fill(lambda: controls.band(state, words))
    with st.container(key="lenet_line", horizontal=True, vertical_alignment="center"):
        said = controls.answer(words, shown)
        notices.line(words, state, said, *controls.faults(error))
        controls.layers(state, words)
    scene = reading(shown.reading, controls.drawing(state), words, drawn=shown.index is None)
    show(scene, key="lenet", cell=controls.cell(state, shown))
    band.after_stage()
    lessons.tabs(words, state, shown)


page()
