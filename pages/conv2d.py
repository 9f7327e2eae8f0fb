"""Convolution in two dimensions: a picture, a kernel, and every number between them."""

import numpy as np
import streamlit as st

from conv_core import ConvTrace, conv_trace, kernel
from conv_view import address, part, text
from conv_view.controls import chapters, lessons, notices, pictures
from conv_view.controls import convolution as controls
from conv_view.controls.bands import Band
from conv_view.controls.last_good import KEPT, last_good
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
    chapters.field(*lessons.LESSONS),
)


def planes(pixels: np.ndarray) -> np.ndarray:
    """Return a picture (H, W) or (H, W, 3) as float32 (1, channels, H, W)."""
    return np.atleast_3d(pixels).transpose(2, 0, 1)[None].astype(np.float32, order="C")


Staged = tuple[ConvTrace, part.Part, ConvTrace, pictures.Chosen, controls.Settings]


def convolved(
    state: address.State, chosen: pictures.Chosen, settings: controls.Settings
) -> tuple[ConvTrace, pictures.Chosen]:
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
    return full, chosen


def staged(
    state: address.State, chosen: pictures.Chosen, settings: controls.Settings, full: ConvTrace
) -> Staged:
    """Return the convolution of the part that stands on the stage, the part, and what both are taken from."""
    pixels = chosen.in_tones(state["colour"])
    choice = "c64" if state["picture"] == pictures.PAINTED else state["part"]
    piece = part.take(pixels, choice, state["at"], part.period(settings.arguments()))
    x = planes(piece.pixels)
    trace = conv_trace(x, settings.weight(x.shape[1]), settings.bias_array, **settings.arguments())
    return trace, piece, full, chosen, settings


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("conv2d", FIELDS)
    seen = news("conv2d")
    controls.take_news(state, 2, seen)
    pictures.take_paint(state, seen)
    band = Band()
    chosen = pictures.current(state)
    (whole, pictured), refused, _ = last_good(
        WHOLE,
        lambda: convolved(state, chosen, controls.settings(state, 2)),
        lambda: convolved(state, chosen, PLAIN),
        "",
    )

    def on_stage() -> Staged:
        if refused:
            raise refused
        return staged(state, chosen, controls.settings(state, 2), whole)

    (trace, piece, full, shown, settings), error, kept = last_good(
        GOOD,
        on_stage,
        lambda: staged(state, chosen, PLAIN, whole if refused else convolved(state, chosen, PLAIN)[0]),
        "notices.usual.conv2d" if refused else "notices.plain_stage",
    )
    if kept == KEPT and not refused:
        kept = "notices.kept_stage"
    state.save()

    def fill() -> None:
        pictures.choose(state, words)
        pictures.colour_and_part(state, words, chosen)
        controls.kernel_menu(state, words, 2)
        controls.window_band(state, words, 2)
        controls.more(state, words, 2, channels=np.atleast_3d(chosen.in_tones(state["colour"])).shape[2])

    band.fill(fill)
    notices.line(words, state, trace, *notices.faults_of(error), chosen.fault, kept=kept)
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
        if not error:
            pictures.tell_shortened(words, state, shown, piece)
    band.after_stage()
    with right:
        preview = pictured.preview
        # Where the part was refused the stage shows one of other settings, which has no place in this whole.
        marks = part.outlines(piece, preview.shape, trace, whole) if whole is full else {}
        size = "×".join(str(cells) for cells in pictured.pixels.shape[:2])
        picture = np.atleast_3d(preview).transpose(2, 0, 1)
        show(overview(whole, words, picture=picture, note=size, marks=marks), key="conv2d_whole", aspect=1.5)
    lessons.convolution(words, state, trace, settings)


page()
