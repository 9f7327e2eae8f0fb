"""Channels and groups: what a filter reads, from every channel (dense) down to a single one (depthwise)."""

import streamlit as st

from conv_view import address, text
from conv_view.controls import channel_lessons as lessons
from conv_view.controls import channels as controls
from conv_view.controls import chapters, notices, pictures
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.stage.component import news, show
from conv_view.stories.channels import channels

GOOD = "channels:good"  # in the visitor's session: what was last computed without a fault


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("channels", (*controls.fields(), chapters.field(*lessons.TABS)))
    controls.take_news(state, news("channels"))
    band = Band()
    chosen = pictures.current(state)
    shown, error, kept = last_good(
        GOOD,
        lambda: controls.computed(state, chosen),
        lambda: controls.usual(state, chosen),
        "notices.usual.channels",
    )
    state.save()
    band.fill(lambda: controls.band(state, words, chosen))
    notices.line(words, state, shown.trace, *notices.faults_of(error), chosen.fault, kept=kept)
    left, right = st.columns([4, 1.3], gap="medium")
    with left:
        scene = channels(shown.trace, words, colours=shown.trace.x.shape[1] == 3)
        show(scene, key="channels", cell=state["cell"])
        lessons.summed(words, state, shown)
    band.after_stage()
    with right:
        lessons.beside(words, state, shown)
    lessons.tabs(words, state, shown)


page()
