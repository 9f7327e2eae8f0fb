"""Convolution in two dimensions: a picture, a kernel, and every number between them."""

import numpy as np
import streamlit as st

from conv_core import ConvTrace, WindowError, conv_trace, kernel
from conv_view import address, part, text
from conv_view.controls import convolution as controls
from conv_view.controls import lessons, notices, pictures
from conv_view.stage.component import news, show
from conv_view.stories.convolution import convolution, overview

# In the visitor's session: what was last computed without a fault, for the stage and of the whole picture.
GOOD, WHOLE = "conv2d:good", "conv2d:whole"
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


def convolved(state: address.State, chosen: pictures.Chosen, settings: controls.Settings) -> ConvTrace:
    """Return the convolution of the whole picture; what was picked of it is brought onto the stage."""
    pick = news("conv2d_whole").pick  # also where the rest fails: it is not to be found again later
    x = planes(chosen.in_tones(state["colour"]))
    full = conv_trace(x, settings.weight(x.shape[1]), settings.bias_array, **settings.arguments())
    if pick:
        picked = pick["cell"][1:]
        if pick["panel"] == "picture":
            picked = part.output_at(picked, chosen.preview.shape, full)
        choice = state["part"] if state["part"].startswith("c") else "c12"
        period = part.period(settings.arguments())
        at, cell = part.bring_cell(picked, choice, full, settings.arguments(), period)
        state.put("at", at)
        state.put("cell", (0, 0, 0, *cell))
        state.put("part", choice)
    return full


def staged(
    state: address.State, chosen: pictures.Chosen, settings: controls.Settings
) -> tuple[ConvTrace, part.Part]:
    """Return the convolution of the part that stands on the stage, and the part."""
    pixels = chosen.in_tones(state["colour"])
    choice = "c64" if state["picture"] == pictures.PAINTED else state["part"]
    piece = part.take(pixels, choice, state["at"], part.period(settings.arguments()))
    x = planes(piece.pixels)
    trace = conv_trace(x, settings.weight(x.shape[1]), settings.bias_array, **settings.arguments())
    return trace, piece


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("conv2d", FIELDS)
    seen = news("conv2d")
    controls.take_news(state, 2, seen)
    pictures.take_paint(state, seen)
    band = st.container(key="band", horizontal=True, vertical_alignment="bottom", gap="small")
    chosen = pictures.current(state)
    fault, kept = chosen.fault, "notices.kept"
    try:
        settings = controls.settings(state, 2)
        full = convolved(state, chosen, settings)
        st.session_state[WHOLE], kept = (full, chosen), "notices.kept_stage"
        st.session_state[GOOD] = *staged(state, chosen, settings), full, chosen, settings
    except WindowError as error:
        fault = notices.fault_of(error)
        if GOOD not in st.session_state:  # a link asks for it: there is the picture at least
            full = convolved(state, chosen, PLAIN)
            st.session_state.setdefault(WHOLE, (full, chosen))
            st.session_state[GOOD] = *staged(state, chosen, PLAIN), full, chosen, PLAIN
    trace, piece, full, shown, settings = st.session_state[GOOD]
    state.save()
    notices.line(words, state, trace, fault, kept=kept)
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
        controls.more(state, words, 2, channels=np.atleast_3d(chosen.in_tones(state["colour"])).shape[2])
    with right:
        whole, shown = st.session_state[WHOLE]
        preview = shown.preview
        # Where the part was refused the stage shows one of other settings, which has no place in this whole.
        marks = part.outlines(piece, preview.shape, trace, whole) if whole is full else {}
        size = "×".join(str(cells) for cells in shown.pixels.shape[:2])
        picture = np.atleast_3d(preview).transpose(2, 0, 1)
        show(overview(whole, words, picture=picture, note=size, marks=marks), key="conv2d_whole", aspect=1.5)
    lessons.convolution(words, state, trace, settings)


page()
