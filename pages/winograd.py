"""Winograd's minimal filtering: one tile from the picture to its outputs, with fewer multiplications."""

import streamlit as st

from conv_view import address, text
from conv_view.controls import chapters, notices, pictures, winograd_lessons, winograd_more
from conv_view.controls import winograd as controls
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.stage.component import news, show
from conv_view.stories.winograd import following, overview

GOOD = "winograd:good"  # in the visitor's session: what was last computed without a fault
FIELDS = (*controls.fields(), chapters.field(*winograd_lessons.CHAPTERS))


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("winograd", FIELDS)
    controls.take_news(state, news("winograd"), news("winograd_tiles"))
    band = Band()
    chosen = pictures.current(state)
    shown, error, kept = last_good(
        GOOD,
        lambda: controls.followed(state, chosen),
        lambda: controls.usual(state, chosen),
        "notices.usual.winograd",
        controls.ERRORS,
    )
    state.save()

    def fill() -> None:
        controls.band(state, words)
        winograd_more.more(state, words, chosen)

    band.fill(fill)
    fault = controls.fault_of(words, error) if error else None
    notices.line(words, state, winograd_lessons.formula(words, shown.tile), fault, chosen.fault, kept=kept)
    left, right = st.columns([5, 1], gap="medium")
    with left:
        show(
            following(shown.tile, words, focus=controls.focus_of(state, shown.tile)),
            key="winograd",
            cell=state["cell"],
        )
    band.after_stage()
    with right:
        show(overview(shown.tile, shown.picture, words), key="winograd_tiles", aspect=2.4)
    winograd_lessons.remark(words, shown.tile, state["focus"])
    winograd_lessons.chapters(words, state, shown)


page()
