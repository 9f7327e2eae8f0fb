"""Feature maps: what every layer of a network makes of a picture, down to the products of any one cell."""

import streamlit as st

from conv_view import address, text
from conv_view.controls import chapters, maps, maps_chapters, notices, pictures
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.stage.component import show
from conv_view.stories.cell import cell
from conv_view.stories.maps import large, wall

GOOD = "maps:good"  # in the visitor's session: what was last shown without a fault
FIELDS = (*maps.fields(), chapters.field(*maps_chapters.CHAPTERS))


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open(maps.NAME, FIELDS)
    maps.take_news(state)
    band = Band()
    chosen = pictures.current(state)
    slot = st.empty()
    shown, error, kept = last_good(
        GOOD,
        lambda: maps.asked(state, chosen, slot, words),
        lambda: maps.usual(state, chosen, slot, words),
        "notices.usual.maps",
        errors=maps.LayerError,
    )
    state.save()
    band.fill(lambda: maps.band(state, words, shown))
    notices.line(words, state, maps.line(words, shown), chosen.fault, *maps.faults(error), kept=kept)
    numbers = maps.remember(state, shown)
    left, right = st.columns([5, 7]) if shown.at else (st.container(), st.container())
    with left:
        if shown.at:
            show(
                large(shown.maps, shown.chosen, shown.at, shown.passage.pixels, shown.net.side, words),
                key=maps.LARGE,
            )
    with right:
        show(wall(shown.maps, numbers, shown.chosen, words, first=maps.first_of(state, shown)), key=maps.WALL)
    with st.container(key="maps_about", horizontal=True, vertical_alignment="center"):
        st.markdown(maps.about_layer(words, shown), width="content")
        maps.part_leaves(state, words, shown)
    scene = cell(shown.parts, words)
    show(scene, key=maps.NAME, cell=maps.step(state, tuple(len(act) for act in scene.acts)))
    band.after_stage()
    maps_chapters.chapters(words, state, shown)


page()
