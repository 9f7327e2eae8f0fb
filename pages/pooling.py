"""Pooling: each window summed up by one number, on the reader's picture; and the way back of a gradient."""

import numpy as np
import streamlit as st

from conv_view import address, part, text
from conv_view.controls import chapters, notices, pictures, pooling_lessons, pooling_remarks
from conv_view.controls import pooling as controls
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.stage.component import news, show
from conv_view.stories.convolution import overview
from conv_view.stories.pooling import pooling

GOOD = "pooling:good"  # in the visitor's session: what was last computed without a fault


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("pooling", (*controls.fields(), chapters.field(*pooling_lessons.LESSONS)))
    seen = news("pooling")
    if seen.cell is not None:
        state.put("cell", seen.cell)
    pictures.take_paint(state, seen)
    band = Band()
    chosen = pictures.current(state)
    picks = news("pooling_whole"), news("pooling_kinds")
    shown, error, kept = last_good(
        GOOD,
        lambda: controls.pooled(state, chosen, controls.settings(state), *picks),
        lambda: controls.pooled(state, chosen, controls.PLAIN),
        "notices.usual.pooling",
    )
    state.save()

    def fill() -> None:
        pictures.choose(state, words)
        pictures.colour_and_part(state, words, chosen)
        controls.band(state, words)
        controls.more(state, words)

    band.fill(fill)
    notices.line(words, state, shown.trace, *notices.faults_of(error), chosen.fault, kept=kept)
    left, right = st.columns([4, 1.3], gap="medium")
    with left:
        painted = shown.chosen.name == pictures.PAINTED
        scene = pooling(shown.trace, words, colours=shown.trace.x.shape[1] == 3, paint=painted)
        show(scene, key="pooling", cell=state["cell"])
        if not error:
            pictures.tell_shortened(words, state, shown.chosen, shown.piece)
    band.after_stage()
    with right:
        preview = shown.chosen.preview
        # A window over the whole part is no window of the whole picture.
        alike = not shown.settings.whole
        marks = part.outlines(shown.piece, preview.shape, shown.trace, shown.full) if alike else {}
        picture = np.atleast_3d(preview).transpose(2, 0, 1)
        hint = "stage.pick" if alike else "pooling.pick_whole"
        size = "×".join(str(cells) for cells in shown.chosen.pixels.shape[:2])
        scene = overview(shown.full, words, picture=picture, note=size, marks=marks, hint=hint)
        show(scene, key="pooling_whole", aspect=1.5)
    pooling_remarks.show(words, state, shown.trace)
    pooling_lessons.tabs(words, state, shown)


page()
