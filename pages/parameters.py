"""Padding, stride and dilation on a grid whose every number can be read, and stacks of dilated layers."""

import streamlit as st

from conv_core import WindowError
from conv_view import address, text
from conv_view.controls import gridding, notices, parameters
from conv_view.controls import parameters_lessons as lessons
from conv_view.stage.component import news, show
from conv_view.stories.parameters import window

GOOD = "parameters:good"
VIEWS = ("one", "stack")
FIELDS = (address.Choice("view", "one", VIEWS), *parameters.fields(), *gridding.fields())


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("parameters", FIELDS)
    parameters.take_news(state, news("parameters"))
    with st.container(key="band", horizontal=True, vertical_alignment="bottom", gap="small"):
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
        gridding.stages(state, words)
        state.save()
        return
    fault = None
    try:
        st.session_state[GOOD] = parameters.traced(state), state["content"]
    except WindowError as error:
        fault = notices.fault_of(error)
        if GOOD not in st.session_state:  # a link asks for it: there is the grid at least
            st.session_state[GOOD] = parameters.usual(state), state["content"]
    state.save()
    trace, content = st.session_state[GOOD]
    notices.line(words, state, trace, fault)
    left, right = st.columns([4, 1.5], gap="medium")
    with left:
        scene = window(
            trace,
            words,
            paint=content == parameters.PAINTED,
            numbered=content == parameters.NUMBERED,
        )
        show(scene, key="parameters", cell=state["cell"])
    with right:
        lessons.lines(words, trace)
    st.markdown("\n".join(f"- {each}" for each in lessons.sentences(words, trace)))
    lessons.tabs(words, state, trace)


page()
