"""Networks: the classic ones as pictures that open, with every number of their layers."""

import streamlit as st

from conv_view import address, text
from conv_view.controls import chapters, networks, networks_chapters, notices
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.networks import SizeError, find

GOOD = "networks:good"  # in the visitor's session: what was last computed without a fault


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("networks", (*networks.fields(), chapters.field(*networks_chapters.CHAPTERS)))
    networks.take_news(state)
    band = Band()
    net, error, kept = last_good(
        GOOD,
        lambda: networks.asked(state),
        lambda: networks.usual(state),
        "notices.usual.networks",
        errors=SizeError,
    )
    state.save()
    band.fill(lambda: networks.band(state, words))
    faults = networks.faults_of(words, state, error)
    notices.line(words, state, networks.line(words, net), *faults, kept=kept)
    selection = find(net, state["at"])
    rows = networks.rows(state, net, selection, words.language)
    networks.picture(state, words, net, selection)
    band.after_stage()
    networks_chapters.chapters(state, words, net, selection, rows)


page()
