"""Convolution in three dimensions: a volume, a kernel that moves in x, y and z, and the volume it makes."""

import numpy as np
import streamlit as st

from conv_core import ConvTrace, conv_trace, kernel
from conv_view import address, part, text
from conv_view.controls import chapters, lessons, notices, single_slice, solids, volumes
from conv_view.controls import convolution as controls
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.stage.component import news, show
from conv_view.stories.convolution import convolution, overview

FIELDS = (
    *volumes.fields(),
    *controls.fields(3),
    *single_slice.fields(),
    *solids.fields(),
    chapters.field(*lessons.LESSONS, "single", "use"),
    chapters.field("slices", "solid", called="beside"),
)
GOOD = "conv3d:good"  # what is on screen: it stays while what is asked for is impossible
# One cell, so that it fits a volume of any size.
PLAIN = controls.Settings(kernel("identity", rank=3, size=1), (1,) * 3, 0, (1,) * 3, "zeros", 0.0, False)


def traced(voxels: np.ndarray, settings: controls.Settings) -> ConvTrace:
    """Return the convolution of a volume (D, H, W), as one sample with one channel."""
    batch = voxels[None, None].astype(np.float32)
    return conv_trace(batch, settings.weight(1), settings.bias_array, **settings.arguments())


def convolved(
    state: address.State, voxels: np.ndarray, settings: controls.Settings
) -> tuple[ConvTrace, ConvTrace, part.Part, np.ndarray, controls.Settings]:
    """Return the convolution of the cube on the stage and of the whole volume, both inputs, and how."""
    seen = news("conv3d_whole")  # also where the rest fails: a cell picked now is not to be found later
    whole = traced(voxels, settings)
    volumes.take_pick(state, seen, whole, settings.arguments())
    cube = part.block(voxels, int(state["size"]), state["at"], part.period(settings.arguments()))
    return traced(cube.pixels, settings), whole, cube, voxels, settings


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("conv3d", FIELDS)
    controls.take_news(state, 3, news("conv3d"))
    band = Band()
    chosen = volumes.current(state)
    (trace, whole, cube, voxels, settings), error, kept = last_good(
        GOOD,
        lambda: convolved(state, chosen.voxels, controls.settings(state, 3)),
        lambda: convolved(state, chosen.voxels, PLAIN),
        "notices.usual.conv3d",
    )

    def fill() -> None:
        volumes.choose(state, words)
        controls.kernel_menu(state, words, 3)
        controls.window_band(state, words, 3)
        controls.more(state, words, 3)

    band.fill(fill)
    notices.line(words, state, trace, *notices.faults_of(error), chosen.fault, kept=kept)
    left, right = st.columns([4, 1.3], gap="medium")
    with left:
        show(convolution(trace, words), key="conv3d", cell=state["cell"])
    band.after_stage()
    with right:
        views = {"slices": words["conv3d.slices"], "solid": words["conv3d.solid.tab"]}
        if chapters.chapter(state, views, words["conv3d.views"], called="beside") == "solid":
            solids.show(words, state, whole)
        else:
            marks = part.outlines(cube, voxels.shape, trace, whole)
            middle = (0, 0, *volumes.middle(marks, whole))
            scene = overview(whole, words, picture=voxels, marks=marks)
            show(scene, key="conv3d_whole", cell=middle, aspect=1.6)
    lessons.convolution(
        words,
        state,
        trace,
        settings,
        {
            "single": lambda: single_slice.show(words, state, voxels, cube, settings),
            "use": lambda: volumes.uses(words, state),
        },
    )
    state.save()


page()
