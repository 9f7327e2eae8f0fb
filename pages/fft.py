"""Convolution through the Fourier transform: spectra, their product, and the way back around a circle."""

from typing import Any

import streamlit as st

from conv_view import address, text
from conv_view.controls import chapters, fft, fft_lessons, fft_told, measuring, notices, pictures
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.spectral import Spectral
from conv_view.stage.component import news, show
from conv_view.stories.fft import transform

GOOD = "fft:good"  # in the visitor's session: what was last computed without a fault
FIELDS = (*fft.fields(), chapters.field(*fft_lessons.LESSONS))


@st.fragment
def page() -> None:
    measuring.begin_again()
    words = text.words(address.language())
    state = address.open("fft", FIELDS)
    seen = news("fft")
    fft.take_news(state, seen)
    pictures.take_paint(state, seen)
    band = Band()
    chosen = pictures.current(state)
    pick, (known, _) = news("fft_beside"), st.session_state.get(GOOD, (None, None))
    if known is not None:
        fft.take_tile(state, pick, known)
    (shown, by), error, kept = last_good(
        GOOD,
        lambda: _made(fft.transformed(state, chosen, known), chosen),
        lambda: _made(fft.usual(state, chosen), chosen),
        "notices.usual.fft",
    )
    state.save()
    band.fill(lambda: fft.band(state, words, chosen))
    formula = fft.lengths(words, shown)
    notices.line(words, state, formula, *notices.faults_of(error), chosen.fault, kept=kept)
    left, right = st.columns([4.4, 1], gap="medium")
    with left:
        painted = by.name == pictures.PAINTED
        scene = transform(shown, words, state["follow"], paint=painted)
        show(scene, key="fft", cell=fft.start(state, shown))
        fft_told.below(words, state, shown)
    band.after_stage()
    with right:
        fft_told.beside(words, state, shown)
    fft_lessons.tabs(words, state, shown, by)


def _made(shown: Spectral, chosen: pictures.Chosen) -> tuple[Any, ...]:
    return shown, chosen


page()
