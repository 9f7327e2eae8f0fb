"""Activation, normalisation and residual addition: what is done to a feature map cell by cell."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from conv_core import WindowError
from conv_view import address, text
from conv_view.controls import activations, normalisations, notices, pictures, residuals
from conv_view.controls import convolution as controls
from conv_view.signals import SignalError
from conv_view.stage.component import news

# What each part of the page computes, its controls, and what it shows.
PARTS: dict[str, tuple[Callable[..., Any], Callable[..., None], Callable[..., None]]] = {
    "activation": (activations.activated, activations.band, activations.stage),
    "normalisation": (normalisations.normalised, normalisations.band, normalisations.stage),
    "addition": (residuals.block, residuals.band, residuals.stage),
}


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("activations", activations.fields())
    for stage in activations.STAGES:
        seen = news(stage)
        take = residuals.take_news if stage == "activations_sum" else partial(controls.take_news, rank=2)
        take(state, seen=seen)
        pictures.take_paint(state, seen)
    activations.choose_subject(state, words)
    band = st.container(key="band", horizontal=True, vertical_alignment="bottom", gap="small")
    chosen = pictures.current(state)
    compute, show_band, show_stage = PARTS[state["subject"]]
    good = activations.memory(state)
    fault = chosen.fault
    try:
        st.session_state[good] = compute(state, chosen, controls.settings(state, 2))
    except (WindowError, SignalError) as error:
        fault = notices.fault_of(error)
        if good not in st.session_state:  # a link asks for it: there is something to look at at least
            st.session_state[good] = compute(state, chosen, activations.PLAIN)
    with band:
        if activations.has_picture(state):
            pictures.choose(state, words)
            activations.choose_part(state, words)
        show_band(state, words)
    state.save()
    show_stage(state, words, st.session_state[good], fault)


page()
