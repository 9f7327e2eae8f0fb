"""The controls of the gradient that a way back begins with: its kind, its one cell, its seed, its text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_view import given_gradient
from conv_view.address import Choice, Field, Int, Ints, Numbers, State
from conv_view.given_gradient import KINDS, ONE, RANDOM, TYPED, GradientTextError
from conv_view.stage.component import Seen
from conv_view.text import Words

MOST_CELLS = 768  # three channels of 16 x 16
PLACE = (0, 1, 1)


def fields(kind: str, kinds: Sequence[str] = KINDS) -> tuple[Field, ...]:
    """Return the fields of a gradient for the address; `kind` is the one of `kinds` that it begins with."""
    return (
        Choice("dy_kind", kind, tuple(kinds)),
        Ints("dy_at", PLACE, 0, 255, length=3),
        Int("dy_seed", 0, 0, 999),
        Numbers("dy", (1.0,), longest=MOST_CELLS, limit=1e6, goes_with="dy_shape"),
        Ints("dy_shape", (1, 1, 1), 1, 255, length=3),
    )


def array(state: State, shape: Sequence[int]) -> NDArray[np.float32]:
    """Return the gradient that the fields ask for, of an output of `shape` (1, O, *out).

    What was typed has the shape that it was typed in.
    """
    kind = state["dy_kind"]
    if kind == TYPED:
        return np.asarray(state["dy"], np.float32).reshape(1, *state["dy_shape"])
    return given_gradient.given(kind, shape, place=state["dy_at"], seed=state["dy_seed"])


def take_edit(state: State, seen: Seen, panel: str, shape: Sequence[int]) -> None:
    """Keep a gradient that was typed into a panel of the stage, as (O, *out) or as (O, positions)."""
    if seen.edit is None or seen.edit["panel"] != panel or len(seen.edit["values"]) != int(np.prod(shape)):
        return
    put(state, np.asarray(seen.edit["values"], np.float32).reshape(shape))


def put(state: State, grad: NDArray[np.float32]) -> None:
    """Make this gradient (1, O, rows, columns) the typed one."""
    state.put("dy", tuple(grad.ravel().tolist()))
    state.put("dy_shape", grad.shape[1:])
    state.put("dy_kind", TYPED)


def menu(state: State, words: Words, shown: Callable[[], NDArray[Any]], *, width: int = 150) -> None:
    """Show the menu of kinds; the first typed one begins with what `shown` returns."""
    field, before = state.fields["dy_kind"], state["dy_kind"]
    assert isinstance(field, Choice)

    def begin() -> None:
        if state["dy_kind"] == TYPED and before != TYPED and state["dy"] == state.fields["dy"].default:
            put(state, np.asarray(shown(), np.float32))

    st.selectbox(
        words["gradient.label"],
        field.options,
        key=state.key("dy_kind"),
        format_func=lambda name: words[f"gradient.kinds.{name}"],
        on_change=begin,
        width=width,
    )


def details(state: State, words: Words, shown: Callable[[], NDArray[Any]]) -> None:
    """Show, among what is rarer, the place of the one cell, the seed, and the gradient as text."""
    if state["dy_kind"] == ONE:
        _place(state, words, shown().shape)
    if state["dy_kind"] == RANDOM:
        st.number_input(words["gradient.seed"], 0, 999, key=state.key("dy_seed"))
    key, fault = f"{state.page}_dy_text", f"{state.page}_dy_fault"

    def written() -> str:
        # What was typed stays to be mended, also where its shape keeps it from the stage.
        return given_gradient.write(array(state, ()) if state["dy_kind"] == TYPED else shown())

    def take() -> None:
        st.session_state[fault] = None
        if st.session_state[key] == written():
            return  # a box that opens or closes may send what it was given: that is no edit
        try:
            put(state, given_gradient.read(st.session_state[key]))
        except GradientTextError as error:
            st.session_state[fault] = error

    if not st.session_state.get(fault):
        st.session_state[key] = written()
    st.text_area(words["gradient.text"], key=key, on_change=take, help=words["gradient.text_help"])
    if wrong := st.session_state.get(fault):
        st.markdown(f":red[:material/error: {words.say(f'gradient.faults.{wrong.code}', **wrong.numbers)}]")


def _place(state: State, words: Words, shape: Sequence[int]) -> None:
    places = [min(at, size - 1) for at, size in zip(state["dy_at"], shape[1:], strict=True)]
    for number, (column, name) in enumerate(zip(st.columns(3), ("channel", "row", "column"), strict=True)):
        key = f"{state.page}_dy_at_{name}"
        st.session_state[key] = places[number]

        def moved(number: int = number, key: str = key) -> None:
            places[number] = int(st.session_state[key])
            state.put("dy_at", tuple(places))

        column.number_input(words[f"gradient.at.{name}"], 0, shape[number + 1] - 1, key=key, on_change=moved)
