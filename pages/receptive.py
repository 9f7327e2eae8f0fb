"""Receptive fields: what of the picture a cell of any layer sees, and by how many paths."""

import streamlit as st

from conv_core.stacks import StackLayer
from conv_view import address, text
from conv_view.controls import chapters, notices, pictures, receptive
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.controls.receptive_lessons import CHAPTERS, formula, lessons, table
from conv_view.pictures import reduce, to_grey
from conv_view.stage.component import news, show
from conv_view.stories.receptive import (
    MOST_SHOWN,
    Grown,
    LayerError,
    TooManyLayersError,
    choose_shown,
    fields,
    grow,
)

GOOD, RUN = "receptive:good", "receptive:run"  # what was last shown without a fault; the maps of the last run
FIELDS = (*pictures.fields("cat"), *receptive.fields(), chapters.field(*CHAPTERS))


def grown(state: address.State, chosen: pictures.Chosen) -> Grown:
    """Return the layers run on the picture; the maps of the last run where nothing of it changed.

    Raises LayerError, or TooManyLayersError for more layers of one's own than the stage has room for.
    """
    painted, layers = chosen.name == pictures.PAINTED, receptive.layers_of(state)
    if state["stack"] == receptive.OWN and len(layers) > MOST_SHOWN:
        raise TooManyLayersError(len(layers))
    shown = choose_shown(layers, receptive.landmarks_of(state), state["also"])
    asked = (layers, state["side"], state["style"], receptive.is_network(state), chosen.name)
    last = st.session_state.get(RUN)
    if last is None or last[0] is not chosen.pixels or last[1] != asked:
        picture = receptive.sized(state, to_grey(chosen.pixels), painted=painted)
        last = st.session_state[RUN] = chosen.pixels, asked, grow(picture, layers, state["style"])
    return Grown(layers, last[2], shown)


def usual(chosen: pictures.Chosen) -> Grown:
    """Return a single layer on the picture, for a link that asks for what cannot be."""
    layers = (StackLayer("1", "conv", 3, padding=1),)
    return Grown(layers, grow(reduce(to_grey(chosen.pixels), longest=32), layers, "mean"), (0,))


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("receptive", FIELDS)
    receptive.take_news(state, news("receptive"), st.session_state.get(GOOD))
    band = Band()
    chosen = pictures.current(state)
    seen, error, kept = last_good(
        GOOD,
        lambda: grown(state, chosen),
        lambda: usual(chosen),
        "notices.usual.receptive",
        (LayerError, TooManyLayersError),
    )
    fault = receptive.fault_of(words, error) if error else None
    layer, position = seen.place(state["cell"])

    def fill() -> None:
        receptive.stack_menu(state, words)
        pictures.choose(state, words)
        receptive.builder(state, words)
        receptive.more(state, words, painted=chosen.name == pictures.PAINTED)

    band.fill(fill)
    notices.line(words, state, formula(words, seen, layer), fault, chosen.fault, kept=kept)
    scene = fields(seen, receptive.titles(seen.layers, words), words)
    show(scene, key="receptive", cell=(seen.shown.index(layer), *position))
    band.after_stage()
    state.save()
    table(words, seen, layer, position)
    lessons(words, state, seen, layer, position)


page()
