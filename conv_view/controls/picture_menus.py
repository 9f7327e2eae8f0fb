"""Menus of what is made of a picture: its colours, the part of it on the stage, how far it is reduced."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from conv_view.address import State
from conv_view.part import PARTS
from conv_view.text import Words

COLOURS = ("grey", "rgb")


def colour(state: State, words: Words, *, plain: bool) -> None:
    """Show how the picture's channels are used; a `plain` one has a single channel."""
    st.segmented_control(
        words["picture.colour"],
        COLOURS,
        key=state.key("colour"),
        required=True,
        format_func=lambda name: words[f"picture.colours.{name}"],
        disabled=plain,
    )


def part(
    state: State,
    words: Words,
    parts: Sequence[str] = PARTS,
    *,
    painted: bool = False,
    width: int | None = None,
) -> None:
    """Show which of some `parts` of the picture stands on the stage; one that was `painted` has no parts."""
    st.selectbox(
        words["picture.part"],
        parts,
        key=state.key("part"),
        format_func=lambda name: words.say(f"picture.parts.{name[0]}", size=name[1:]),
        disabled=painted,
        width=width or "stretch",
    )


def side(
    state: State, label: str, sides: Sequence[str], named: Callable[[str], str], *, painted: bool, width: int
) -> None:
    """Show how many cells a side the picture is reduced to; what was `painted` keeps its own."""
    st.selectbox(label, sides, key=state.key("side"), format_func=named, disabled=painted, width=width)
