"""The controls of a kernel that learns, and what the page tells about its descent."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import KERNELS, kernel
from conv_core.learning import GROWTH
from conv_view.address import Choice, Field, Int, Ints, Number, State, Text
from conv_view.controls import convolution, picture_menus, pictures
from conv_view.controls.convolution import NARROW, WIDE
from conv_view.controls.notices import Fault
from conv_view.digits import percent, told, written
from conv_view.learned import VALUES, Asked, Learned, learned, read_rate
from conv_view.pictures import square
from conv_view.stage.component import Seen
from conv_view.text import Words, literal

SIDES = ("12", "16", "20", "24")
BATCHES = ("all", "1", "4", "16", "64")
SHARES = (0.1, 0.5, 0.95, 1.1)  # of the largest rate
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
    """Show buttons that set the rate to a share of the largest one."""
    texts = {share: written(share * shown.largest_rate, 3) for share in SHARES}
    key = f"{state.page}_share"
    now = next((share for share, text in texts.items() if text == state["rate"].strip()), None)
    if key not in st.session_state or st.session_state[key] != now:  # else it would be drawn anew each time
        st.session_state[key] = now

    def take() -> None:
        if (share := st.session_state[key]) is not None:
            state.put("rate", texts[share])

    with st.container(key="learn_shares", horizontal=True, vertical_alignment="center", width="content"):
        st.caption(words["learn.set_to"], width="content")
        st.segmented_control(
            words["learn.share"],
            SHARES,
            key=key,
            format_func=percent,
            on_change=take,
            label_visibility="collapsed",
            width="content",
        )


def bound(words: Words, shown: Learned) -> str:
    """Return the largest rate that converges with its numbers in place, as LaTeX."""
    momentum, steepest = shown.trail.momentum, float(shown.curve.values[-1])
    upper = f"2\\cdot(1+{written(momentum)})" if momentum else "2"
    return (
        rf"$\text{{{words['learn.bound']}}}\;\tfrac{{{upper}}}{{{written(steepest)}}}"
        rf"=\mathbf{{{written(shown.largest_rate)}}}$"
    )


def stopped(shown: Learned) -> Fault | None:
    """Return what is to be said of a descent that was stopped."""
    trail = shown.trail
    if trail.diverged is None:
        return None
    why = "burst" if len(trail) < trail.diverged else "by_batch" if shown.share < 1 else "diverged"
    numbers = {
        "step": trail.diverged,
        "times": told(GROWTH),
        "start": told(trail.losses[0], 3),
        "loss": told(trail.losses[-1], 3),
        "rate": told(trail.lr, 3),
        "largest": told(shown.largest_rate),
    }
    return f"learn.stopped.{why}", dict(numbers)


def ending(words: Words, shown: Learned) -> str:
    """Return where the descent has come to, and what it would do with more steps."""
    trail = shown.trail
    change = trail.losses[-1] / (trail.losses[0] or 1.0)
    hundredth = trail.reached(0.01)
    grown = change > 1
    parts = [
        words.say(
            "learn.grown" if grown else "learn.ending",
            steps=len(trail),
            share=percent(change),
            times=told(change, 3),
            distance=told(trail.distances[-1], 3),
            rate=told(trail.lr, 3),
            of_largest=percent(shown.share),
        )
    ]
    if hundredth is not None:
        parts.append(words.say("learn.hundredth", step=hundredth))
    elif not grown:
        parts.append(words["learn.not_yet"])
    if shown.share > 1 and trail.diverged is None:
        parts.append(words["learn.beyond"])
    return words.together(parts)
