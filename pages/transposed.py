"""Transposed convolution: scattering cell by cell, or a convolution with zeros between the cells."""

from typing import Any

import numpy as np
import streamlit as st

from conv_core import conv_transpose_trace
from conv_view import address, text
from conv_view.controls import chapters, notices, pictures, transposed
from conv_view.controls import convolution as controls
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.pictures import reduce, to_grey
from conv_view.stage.component import news, show
from conv_view.stories.transposed import beside, scattering, stuffed

GOOD = "transposed:good"
WHOLE = 96  # pixels of the picture beside the stage
FIELDS = (
    *pictures.fields("cat"),
    *transposed.fields(),
    *controls.fields(2, kernel_name="box"),
    chapters.field(*transposed.CHAPTERS),
)


USUAL = {"stride": 2, "padding": 1}  # what is shown for a link that asks for what cannot be


def traced(state: address.State, chosen: pictures.Chosen, how: dict[str, int]) -> tuple[Any, ...]:
    """Return the transposed convolution of a few cells and of the whole picture."""
    grey = to_grey(chosen.pixels)
    few = grey if chosen.name == pictures.PAINTED else reduce(grey, longest=int(state["side"]))
    settings = controls.settings(state, 2)
    small, whole = (
        conv_transpose_trace(
            cells[None, None].astype(np.float32), settings.weight(1), settings.bias_array, **how
        )
        for cells in (few, reduce(grey, longest=WHOLE))
    )
    return small, whole, chosen


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("transposed", FIELDS)
    seen = news("transposed")
    controls.take_news(state, 2, seen)
    pictures.take_paint(state, seen)
    band = Band()
    chosen = pictures.current(state)
    (trace, whole, seen_picture), error, kept = last_good(
        GOOD,
        lambda: traced(state, chosen, transposed.arguments(state)),
        lambda: traced(state, chosen, USUAL),
        "notices.usual.transposed",
    )
    transposed.take_pick(state, news("transposed_beside"), trace)
    state.save()

    def fill() -> None:
        transposed.story(state, words)
        pictures.choose(state, words)
        controls.kernel_menu(state, words, 2)
        transposed.numbers(state, words)
        painted = chosen.name == pictures.PAINTED
        controls.more(state, words, 2, lambda: transposed.side(state, words, painted=painted), window=False)

    band.fill(fill)
    scatters = state["story"] == "scatter"
    formula = transposed.size_formula(words, trace) if scatters else trace.stuffed
    notices.line(words, state, formula, *notices.faults_of(error), chosen.fault, kept=kept)
    left, right = st.columns([4, 1.3], gap="medium")
    with left:
        if scatters:
            scene = scattering(trace, words, paint=seen_picture.name == pictures.PAINTED)
        else:
            scene = stuffed(trace, words)
        show(scene, key="transposed", cell=state["cell"])
        if not scatters:
            st.markdown(transposed.stuffed_text(words, trace))
    band.after_stage()
    with right:
        show(beside(trace, whole, words), key="transposed_beside", aspect=1.5)
    transposed.lessons(words, state, trace)


page()
