"""Sharing and overfitting: three networks that differ in what their numbers read, and with whose weights."""

import streamlit as st

from conv_view import address, text
from conv_view.controls import chapters, measuring, notices, sharing, sharing_chapters
from conv_view.controls.bands import Band
from conv_view.sharing_facts import recorded


@st.fragment
def page() -> None:
    measuring.begin_again()
    words = text.words(address.language())
    state = address.open("sharing", (*sharing.fields(), chapters.field(*sharing_chapters.CHAPTERS)))
    sharing.take_news(state)
    band = Band()
    state.save()
    count = int(state["digits"])
    band.fill(lambda: sharing.band(state, words))
    notices.line(words, state, words["sharing.line"])
    sharing.picture(state, words)
    sharing.charts(words, recorded(count))
    band.after_stage()
    st.markdown(sharing.told(words, count))
    sharing_chapters.chapters(state, words, count)


page()
