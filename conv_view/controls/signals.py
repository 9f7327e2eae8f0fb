"""Choosing a signal: an electrocardiogram, a simple shape, or numbers that are typed or drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_view import samples
from conv_view.address import Choice, Field, Int, State, Text
from conv_view.controls import convolution as controls
from conv_view.part import SHORTER, Part
from conv_view.signals import SHAPES, SignalError, parse_numbers, shape
from conv_view.stage.component import Seen
from conv_view.text import Words

ECG, TYPED, SENTENCE = "ecg", "typed", "sentence"
SOURCES = (ECG, *SHAPES, TYPED, SENTENCE)
STRETCHES = ("32", "64", "128", "256", "512", "1024")
LENGTHS = ("8", "16", "32", "64", "128")
MOST_NUMBERS = 128
LONGEST = 1500  # letters of typed numbers, so that a link can hold them
NUMBERS = "0 1 2 4 2 1 0 0 -3 -3 0 0 1 0 1 0 1 0 2 5 9 5 2 0"
BEGIN = 140  # a beat of the heart is in view from here


@dataclass(frozen=True, eq=False)
class Chosen:
    """The samples on the stage, float32 (n,), and the whole signal that they are a stretch of, if any.

    `draw` tells that the reader may draw them.
    """

    samples: NDArray[np.float32]
    whole: NDArray[np.float32] | None = None
    at: int = 0
    draw: bool = False

    @property
    def part(self) -> Part:
        """Return the stretch as the part of something larger."""
        return Part(self.samples, (self.at,))  # type: ignore[arg-type]


def fields() -> tuple[Field, ...]:
    """Return the fields of a signal for the address."""
    return (
        Choice("source", ECG, SOURCES),
        Choice("stretch", "128", STRETCHES),
        Int("at", BEGIN, 0, 1023, quiet=True),
        Choice("length", "32", LENGTHS),
        Text("numbers", NUMBERS, LONGEST),
    )


def current(state: State) -> Chosen:
    """Return the signal that the state names; raises SignalError for numbers that cannot be used."""
    match state["source"]:
        case "ecg":
            whole = samples.ecg()
            size = int(state["stretch"])
            at = min(state["at"], last_start(state))
            return Chosen(whole[at : at + size], whole, at)
        case "typed":
            return Chosen(parse_numbers(written(state, "numbers"), MOST_NUMBERS), draw=True)
        case name:
            return Chosen(shape(name, int(state["length"])))


def last_start(state: State) -> int:
    """Return where the stretch begins at the latest.

    A sample that was picked may have brought a stretch that is up to SHORTER samples shorter, so that it
    begins where the whole's windows do; see `part.bring`.
    """
    last = len(samples.ecg()) - int(state["stretch"])
    return state["at"] if last < state["at"] <= last + SHORTER else last


def usual() -> Chosen:
    """Return a signal to look at while none can be shown."""
    return Chosen(parse_numbers(NUMBERS))


def written(state: State, name: str) -> str:
    """Return a text as it was typed; raises SignalError where it is longer than a link would keep."""
    text = str(st.session_state.get(state.key(name), state[name]))
    longest = state.fields[name].longest  # type: ignore[attr-defined]
    if len(text) > longest:
        raise SignalError("signal_letters", count=len(text), limit=longest)
    return text


def choose(state: State, words: Words) -> None:
    """Show the menu of everything that can be slid over, and what belongs to a signal that is chosen."""
    st.selectbox(
        words["conv1d.source"],
        SOURCES,
        key=state.key("source"),
        format_func=lambda name: words[f"conv1d.sources.{name}"],
        on_change=lambda: state.put("cell", (0, 0, 0, 0)),
        width=160,
    )
    match state["source"]:
        case "ecg":
            size = int(state["stretch"])
            st.selectbox(words["conv1d.stretch"], STRETCHES, key=state.key("stretch"), width=96)
            if size < len(samples.ecg()):
                last = last_start(state)
                state.within("at", 0, last)
                st.slider(words["conv1d.at"], 0, last, key=state.key("at"), width=120)
        case "typed":
            st.text_input(
                words["conv1d.numbers"],
                key=state.key("numbers"),
                help=words.say("conv1d.numbers_help", most=MOST_NUMBERS),
                width=280,
            )
        case name if name in SHAPES:
            st.selectbox(words["conv1d.length"], LENGTHS, key=state.key("length"), width=96)


def take_news(state: State, seen: Seen) -> None:
    """Keep the place where the stage rests, a kernel that was typed on it, and a signal that was drawn."""
    controls.take_news(state, 1, seen)
    if seen.edit is not None and seen.edit["panel"] == "input" and state["source"] == TYPED:
        state.put("numbers", " ".join(short(value) for value in seen.edit["values"]))


def short(value: float) -> str:
    """Return a number with three digits, without an exponent where none is needed.

    >>> short(-1 / 3), short(123456.0), short(-0.0)
    ('-0.333', '123456', '0')
    """
    number = float(value)
    if number == 0:
        return "0"
    decimals = max(0, 2 - int(np.floor(np.log10(abs(number)))))
    text = f"{number:.{min(decimals, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def lesson(words: Words) -> None:
    """Say where a convolution along one axis is used."""
    st.markdown(words["conv1d.use.text"])
