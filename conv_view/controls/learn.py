"""The controls of a kernel that learns: which fields live in the link, and what they ask for."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import KERNELS, kernel
from conv_view.address import Choice, Field, Int, Ints, Number, State, Text
from conv_view.controls import convolution, picture_menus, pictures
from conv_view.controls.convolution import NARROW, WIDE
from conv_view.digits import percent, written
from conv_view.learned import VALUES, Asked, Learned, learned, read_rate
from conv_view.pictures import square
from conv_view.stage.component import Seen
from conv_view.text import Words, literal

SIDES = ("12", "16", "20", "24")
BATCHES = ("all", "1", "4", "16", "64")
SHARES = (0.1, 0.5, 0.95, 1.1)  # of the largest rate
FEW_SHARES = (0.02, 0.1, 0.3, 0.95)  # where a step sees a few patches, which can be steeper than all
FEWEST, MOST_STEPS, MOST_LARGE = 10, 300, 150
LARGE = 7  # cells a side from which on kernels weigh more than what they make
MOST_SEED = 999


def fields() -> tuple[Field, ...]:
    """Return the fields for the address."""
    named = {f"{one.name}_{parameter.name}" for one in KERNELS for parameter in one.parameters}
    kept = named | {"kernel", "cells", "cells_shape"}
    return (
        *pictures.fields("cat"),
        Choice("side", "24", SIDES),
        Choice("values", "standard", VALUES),
        *[field for field in convolution.fields(2) if field.name in kept],
        Text("rate", "0.02", 24),
        Number("momentum", 0.0, 0.0, 0.99),
        Choice("batch", "all", BATCHES),
        Int("steps", 80, FEWEST, MOST_STEPS),
        Int("seed", 0, 0, MOST_SEED),
        Ints("weight", (0, 0), 0, 14, length=2),
        Ints("cell", (0, 0), 0, MOST_STEPS, length=2, quiet=True),
    )


def take_news(state: State, seen: Seen) -> None:
    """Keep where the stage rests, and a target that was typed on it as the custom kernel."""
    if seen.cell is not None:
        state.put("cell", seen.cell)
    if seen.edit is not None and seen.edit["panel"] == "target":
        cells = np.asarray(seen.edit["values"], np.float32).reshape(seen.edit["shape"])
        convolution.put_kernel(state, cells)


def target(state: State) -> NDArray[np.float32]:
    """Return the kernel that is to be learned."""
    cells = convolution.chosen_kernel(state, 2)
    return cells if cells.ndim == 2 else cells[0]


def computed(state: State, chosen: pictures.Chosen, known: Learned | None) -> Learned:
    """Return the descent that the fields ask for; `WindowError` where there is none."""
    aim = target(state)
    most = MOST_LARGE if max(aim.shape) > LARGE else MOST_STEPS
    try:
        rate = read_rate(state["rate"])
    except ValueError as error:
        error.numbers["given"] = literal(str(error.numbers["given"]))  # type: ignore[attr-defined]
        raise
    batch = None if state["batch"] == "all" else int(state["batch"])
    asked = Asked(rate, state["momentum"], min(most, state["steps"]), batch, state["seed"])
    return learned(_cells(state, chosen), state["values"], aim, asked, known)


def usual(state: State, chosen: pictures.Chosen) -> Learned:
    """Return what is shown for a link that asks for what cannot be."""
    pixels = _cells(state, chosen)
    if pixels.min() == pixels.max() or min(pixels.shape) < 3:
        pixels = np.arange(144, dtype=np.uint8).reshape(12, 12)
    return learned(pixels, "standard", kernel("sobel_x"), Asked(0.02, 0.0, 80, None, 0))


def _cells(state: State, chosen: pictures.Chosen) -> NDArray[np.uint8]:
    return chosen.grey if chosen.name == pictures.PAINTED else square(chosen.grey, int(state["side"]))


def band(state: State, words: Words, chosen: pictures.Chosen) -> None:
    """Show the controls above the stage."""
    pictures.choose(state, words)
    st.selectbox(
        words["learn.values"],
        VALUES,
        key=state.key("values"),
        format_func=lambda name: words[f"learn.of_values.{name}"],
        help=words["learn.values_help"],
        width=WIDE - 6,
    )
    convolution.kernel_menu(state, words, 2, words["learn.target"])
    st.text_input(words["learn.rate"], key=state.key("rate"), width=NARROW + 8)
    st.slider(words["learn.momentum"], 0.0, 0.99, step=0.01, key=state.key("momentum"), width=NARROW)
    st.selectbox(
        words["learn.batch"],
        BATCHES,
        key=state.key("batch"),
        format_func=lambda name: words[f"learn.batches.{name}"],
        width=WIDE + 6,
    )
    most = MOST_LARGE if max(target(state).shape) > LARGE else MOST_STEPS
    state.within("steps", FEWEST, most)
    st.slider(words["learn.steps"], FEWEST, most, step=10, key=state.key("steps"), width=NARROW)

    def rest() -> None:
        left, right = st.columns(2)
        with left:
            painted = chosen.name == pictures.PAINTED
            picture_menus.side(
                state, words["learn.side"], SIDES, "{0}×{0}".format, painted=painted, width=WIDE
            )
        right.number_input(words["learn.seed"], 0, MOST_SEED, step=1, key=state.key("seed"))

    convolution.more(state, words, 2, rest, window=False, bias=False)


def shares(state: State, words: Words, shown: Learned) -> None:
    """Show buttons that set the rate to a share of the largest one, which is that of the whole picture."""
    few = shown.trail.drawn is not None
    offered = FEW_SHARES if few else SHARES
    texts = {share: written(share * shown.largest_rate, 3) for share in offered}
    key = f"{state.page}_share"
    now = next((share for share, text in texts.items() if text == state["rate"].strip()), None)
    if key not in st.session_state or st.session_state[key] != now:  # else it would be drawn anew each time
        st.session_state[key] = now

    def take() -> None:
        if (share := st.session_state[key]) is not None:
            state.put("rate", texts[share])

    with st.container(key="learn_shares", horizontal=True, vertical_alignment="center", width="content"):
        st.caption(words["learn.set_to_whole" if few else "learn.set_to"], width="content")
        st.segmented_control(
            words["learn.share"],
            offered,
            key=key,
            format_func=percent,
            on_change=take,
            label_visibility="collapsed",
            width="content",
        )
