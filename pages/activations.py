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
from conv_view.controls.last_good import last_good
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
    shown, error, kept = last_good(
        f"{part.KEY}:good",
        lambda: part.compute(state, chosen, controls.settings(state, 2)),
        lambda: part.compute(state, chosen, layers.PLAIN),
        "notices.usual.scores" if part is softmaxes else "notices.usual.activations",
        (WindowError, SignalError),
    )
    with band:
        if part is not softmaxes:
            pictures.choose(state, words)
            layers.choose_part(state, words)
        part.band(state, words)
    state.save()
    say = partial(notices.line, words, state, kept=kept)
    part.stage(state, words, shown, lambda formula: say(formula, *notices.faults_of(error), chosen.fault))


page()
