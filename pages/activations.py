"""Activation, normalisation and residual addition: what is done to a feature map cell by cell."""

from functools import partial
from typing import Any

import streamlit as st

from conv_core import WindowError
from conv_view import address, text
from conv_view.controls import (
    activations,
    batch_norms,
    layers,
    notices,
    pictures,
    residuals,
    responses,
    softmaxes,
)
from conv_view.controls import convolution as controls
from conv_view.signals import SignalError
from conv_view.stage.component import news

# Each part of the page: what it computes, its controls, and what it shows.
PARTS: dict[str, Any] = {
    "activation": activations,
    "batch": batch_norms,
    "response": responses,
    "softmax": softmaxes,
    "addition": residuals,
}


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("activations", layers.fields())
    for part in PARTS.values():
        seen = news(part.KEY)
        take = residuals.take_news if part is residuals else partial(controls.take_news, rank=2)
        take(state, seen=seen)
        pictures.take_paint(state, seen)
    layers.choose_subject(state, words)
    band = st.container(key="band", horizontal=True, vertical_alignment="bottom", gap="small")
    chosen = pictures.current(state)
    part = PARTS[layers.part_of(state)]
    good = f"{part.KEY}:good"
    fault = chosen.fault
    try:
        st.session_state[good] = part.compute(state, chosen, controls.settings(state, 2))
    except (WindowError, SignalError) as error:
        fault = notices.fault_of(error)
        if good not in st.session_state:  # a link asks for it: there is something to look at at least
            st.session_state[good] = part.compute(state, chosen, layers.PLAIN)
    with band:
        if part is not softmaxes:
            pictures.choose(state, words)
            layers.choose_part(state, words)
        part.band(state, words)
    state.save()
    part.stage(state, words, st.session_state[good], fault)


page()
