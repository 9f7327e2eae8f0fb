"""The controls of the network that reads digits: which digit, what was drawn, and which layer is watched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core.nets.lenet import C3_TABLE
from conv_view.address import Choice, Field, Int, Ints, State
from conv_view.digits import percent
from conv_view.drawn import DrawingError, DrawingField, centred, decode, encode
from conv_view.lenet import Reading, missed, read
from conv_view.mnist import SIDE, digits
from conv_view.stage.component import Seen
from conv_view.stories.lenet_acts import ACTS, place
from conv_view.text import Words

PICKED, DRAWN = "picked", "drawn"
FIRST_DIGIT = 18
MOST_TERMS, ON_A_PAGE = 400, 12  # products in the sum of a cell of C5; those written out at a time
FOLLOWS = (ACTS.index("softmax"),)  # a place without an index: the stage stands at the answer, whatever it is
CONNECTED = ACTS.index("C3")


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on the stage: what was read, and the number of the held-out digit, if it is one."""

    reading: Reading
    index: int | None

    @property
    def label(self) -> int | None:
        """Which digit it is, where that is known."""
        return None if self.index is None else int(digits()[1].labels[self.index])


def fields() -> tuple[Field, ...]:
    """Return the fields for the address."""
    return (
        Choice("source", PICKED, (PICKED, DRAWN)),
        Int("digit", FIRST_DIGIT, 0, len(digits()[1]) - 1),
        DrawingField("drawing"),
        Int("map", 0, 0, len(C3_TABLE) - 1),
        Int("page", 1, 1, -(-MOST_TERMS // ON_A_PAGE)),
        Ints("cell", FOLLOWS, 0, 32, longest=4, quiet=True),
    )


def take_news(state: State, seen: Seen) -> None:
    """Keep the place where the stage rests, and what was drawn on it."""
    if seen.cell is not None:
        state.put("cell", seen.cell)
        if seen.cell[0] == CONNECTED:
            state.put("map", seen.cell[1])
    if seen.edit is not None and seen.edit["panel"] == "drawing":
        cells = np.asarray(seen.edit["values"], float)
        if cells.size == SIDE * SIDE:
            ink = np.rint(np.clip(np.nan_to_num(cells), 0, 255)).astype(np.uint8).reshape(SIDE, SIDE)
            state.put("drawing", encode(ink))
            state.put("source", DRAWN)


def computed(state: State) -> Shown:
    """Return what the network makes of the digit that is asked for; `DrawingError` where nothing is drawn."""
    if state["source"] == DRAWN:
        return Shown(read(centred(drawing(state))), None)
    return usual(state)


def usual(state: State) -> Shown:
    """Return what it makes of the held-out digit."""
    index = state["digit"]
    return Shown(read(digits()[1].images[index]), index)


def drawing(state: State) -> NDArray[np.uint8]:
    """Return what was drawn, uint8 (28, 28); an empty sheet where the text in the session is none."""
    try:
        return decode(state["drawing"])
    except DrawingError:
        return decode("")


def cell(state: State, shown: Shown) -> tuple[int, ...]:
    """Return where the stage stands: at the answer, until the reader goes elsewhere."""
    at: tuple[int, ...] = tuple(state["cell"])
    return (*at, shown.reading.answer) if at == FOLLOWS else at


def band(state: State, words: Words) -> None:
    """Show the controls above the stage."""
    st.segmented_control(
        words["lenet.source"],
        (PICKED, DRAWN),
        key=state.key("source"),
        required=True,
        format_func=lambda name: words[f"lenet.sources.{name}"],
    )
    st.number_input(
        words["lenet.digit"],
        0,
        len(digits()[1]) - 1,
        step=1,
        key=state.key("digit"),
        on_change=lambda: state.put("source", PICKED),
        width=150,
    )
    st.button(
        words["lenet.next_missed"],
        icon=":material/skip_next:",
        key="lenet_next_missed",
        on_click=lambda: pick(state, _next_missed(state["digit"])),
    )
    st.button(
        words["lenet.clear"], icon=":material/ink_eraser:", key="lenet_clear", on_click=lambda: _clear(state)
    )


def pick(state: State, index: int) -> None:
    """Put a held-out digit on the stage."""
    state.put("digit", index)
    state.put("source", PICKED)


def _next_missed(index: int) -> int:
    found = [one.index for one in missed()]
    return next((at for at in found if at > index), found[0])


def _clear(state: State) -> None:
    state.put("drawing", "")
    state.put("source", DRAWN)


def layers(state: State, words: Words) -> None:
    """Show at which layer the stage stands, and go to the one that is chosen."""
    key = f"{state.page}_layer"
    st.session_state[key] = ACTS[min(state["cell"][0], len(ACTS) - 1)]

    def go() -> None:
        name = st.session_state[key]
        state.put("cell", FOLLOWS if name == "softmax" else start(name, state["map"]))

    # On a phone a band is pushed sideways.
    with st.container(key="band_lenet", width="content"):
        st.segmented_control(
            words["lenet.layer"],
            ACTS,
            key=key,
            required=True,
            format_func=lambda name: words.get(f"lenet.acts.{name}", name),
            on_change=go,
            label_visibility="collapsed",
        )


def start(name: str, chosen: int) -> tuple[int, ...]:
    """Return the place at which a layer is looked at first: in the middle of a map, where the digit is.

    >>> start("C3", 5), start("F6", 5)
    ((2, 5, 4, 4), (5, 0, 0))
    """
    middle = {"C1": (0, 13, 13), "S2": (0, 6, 6), "C3": (chosen, 4, 4), "S4": (0, 2, 2)}
    return place(name, *middle.get(name, ()))


def answer(words: Words, shown: Shown) -> str:
    """Return what is read, how sure of it, what comes next, and whether that is right."""
    found = shown.reading
    first, second = found.ranked[:2]
    said = [
        words.say(
            "lenet.answer",
            digit=first,
            sure=percent(float(found.probabilities[first])),
            next=second,
            next_sure=percent(float(found.probabilities[second])),
        )
    ]
    if shown.label is not None:
        key = "lenet.right" if shown.label == first else "lenet.wrong"
        said.append(words.say(key, index=shown.index, label=shown.label))
    return words.together(said)


def faults(error: ValueError | None) -> tuple[tuple[str, dict[str, object]], ...]:
    """Return what is to be said of a drawing that is none."""
    return ((f"lenet.faults.{error.code}", error.numbers),) if isinstance(error, DrawingError) else ()
