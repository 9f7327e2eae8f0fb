"""Convolution in two dimensions: a picture, a kernel, and every number between them."""

import numpy as np
import streamlit as st

from conv_core import ConvTrace, WindowError, conv_trace, kernel
from conv_view import address, part, text
from conv_view.controls import convolution as controls
from conv_view.controls import lessons, notices, pictures
from conv_view.stage.component import news, show
from conv_view.stories.convolution import convolution, overview

GOOD = "conv2d:good"  # in the visitor's session: what was last computed without a fault
PLAIN = controls.Settings(kernel("identity", rank=2), (1, 1), 0, (1, 1), "zeros", 0.0, False)
FIELDS = (
    *pictures.fields("cat"),
    address.Choice("colour", "grey", ("grey", "rgb")),
    address.Choice("part", "c12", part.PARTS),
    address.Ints("at", part.CENTRED, -1, 4096, length=2),
    *controls.fields(2),
)


def planes(pixels: np.ndarray) -> np.ndarray:
    """Return a picture (H, W) or (H, W, 3) as float32 (1, channels, H, W)."""
    return np.atleast_3d(pixels).transpose(2, 0, 1)[None].astype(np.float32, order="C")


def convolved(
    state: address.State, chosen: pictures.Chosen, settings: controls.Settings
) -> tuple[ConvTrace, ConvTrace, part.Part]:
    """Return the convolution of the part on the stage and of the whole picture, and the part."""
    pixels = chosen.grey if state["colour"] == "grey" else chosen.pixels
    whole = planes(pixels)
    full = conv_trace(whole, settings.weight(whole.shape[1]), settings.bias_array, **settings.arguments())
    period = part.period(settings.arguments())
    pick = news("conv2d_whole").pick
    if pick:
        picked = pick["cell"][1:]
        if pick["panel"] == "picture":
            picked = part.output_at(picked, chosen.preview.shape, full)
        choice = state["part"] if state["part"].startswith("c") else "c12"
        at, cell = part.bring_cell(picked, choice, full, settings.arguments(), period)
        state.put("at", at)
        state.put("cell", (0, 0, 0, *cell))
        state.put("part", choice)
    choice = "c64" if state["picture"] == pictures.PAINTED else state["part"]
    piece = part.take(pixels, choice, state["at"], period)
    small = planes(piece.pixels)
    trace = conv_trace(small, settings.weight(small.shape[1]), settings.bias_array, **settings.arguments())
    return trace, full, piece


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("conv2d", FIELDS)
    seen = news("conv2d")
    controls.take_news(state, 2, seen)
    pictures.take_paint(state, seen)
    band = st.container(key="band", horizontal=True, vertical_alignment="bottom", gap="small")
    chosen = pictures.current(state)
    fault = chosen.fault
    try:
        settings = controls.settings(state, 2)
        st.session_state[GOOD] = *convolved(state, chosen, settings), chosen, settings
    except WindowError as error:
        fault = notices.fault_of(error)
        if GOOD not in st.session_state:  # a link asks for it: there is the picture at least
            st.session_state[GOOD] = *convolved(state, chosen, PLAIN), chosen, PLAIN
    trace, full, piece, shown, settings = st.session_state[GOOD]
    notices.line(words, state, trace, fault)
    left, right = st.columns([4, 1.3], gap="medium")
    with left:
        scene = convolution(
            trace,
            words,
            colours=trace.x.shape[1] == 3,
            paint=shown.name == pictures.PAINTED,
            signed=bool(full.output.min() < 0),
        )
        show(scene, key="conv2d", cell=state["cell"])
    # After the stage, which is what the reader waits for; the values were read before.
    with band:
        pictures.choose(state, words)
        pictures.colour_and_part(state, words, chosen)
        controls.kernel_menu(state, words, 2)
        controls.window_band(state, words, 2)
        controls.more(state, words, 2)
    state.save()
    with right:
        preview = shown.preview
        marks = part.outlines(piece, preview.shape, trace, full)
        size = "×".join(str(cells) for cells in shown.pixels.shape[:2])
        picture = np.atleast_3d(preview).transpose(2, 0, 1)
        show(overview(full, words, picture=picture, note=size, marks=marks), key="conv2d_whole", aspect=1.5)
    lessons.convolution(words, state, trace, settings)


page()
