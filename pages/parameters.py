"""Padding, stride and dilation on a grid whose every number can be read, and stacks of dilated layers."""

import streamlit as st

from conv_view import address, text
from conv_view.controls import chapters, gridding, notices, parameters
from conv_view.controls import parameters_lessons as lessons
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.stage.component import news, show
from conv_view.stories.parameters import window

GOOD = "parameters:good"
VIEWS = ("one", "stack")
FIELDS = (
    address.Choice("view", "one", VIEWS),
    *parameters.fields(),
    *gridding.fields(),
    chapters.field(*lessons.TABS),
)


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("parameters", FIELDS)
    parameters.take_news(state, news("parameters"))
    band = Band()

    def fill() -> None:
        st.segmented_control(
            words["parameters.view"],
            VIEWS,
            key=state.key("view"),
            required=True,
            format_func=lambda name: words[f"parameters.views.{name}"],
        )
        if state["view"] == "stack":
            gridding.band(state, words)
            st.caption(words["parameters.gridding.text"], width=520)
        else:
            parameters.band(state, words)

    if state["view"] == "stack":
        band.fill(fill)
        gridding.stages(state, words)
        band.after_stage()
        state.save()
        return
    (trace, content), error, kept = last_good(
        GOOD,
        lambda: (parameters.traced(state), state["content"]),
        lambda: (parameters.usual(state), state["content"]),
        "notices.usual.parameters",
    )
    state.save()
    band.fill(fill)
    notices.line(words, state, trace, *notices.faults_of(error), kept=kept)
    left, right = st.columns([4, 1.5], gap="medium")
    with left:
        scene = window(
            trace,
            words,
            paint=content == parameters.PAINTED,
            numbered=content == parameters.NUMBERED,
        )
        show(scene, key="parameters", cell=state["cell"])
    band.after_stage()
    with right:
        lessons.lines(words, trace)
    st.markdown("\n".join(f"- {each}" for each in lessons.sentences(words, trace)))
    lessons.tabs(words, state, trace)


page()
