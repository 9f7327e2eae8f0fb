"""What is rarer on the page about Winograd's filtering, behind one button: points, part, kernel as text."""

from __future__ import annotations

import streamlit as st

from conv_core import WindowError
from conv_view.address import State
from conv_view.controls import behind, picture_menus, pictures
from conv_view.controls.kernel_words import kernel_as_text
from conv_view.controls.notices import Fault
from conv_view.controls.winograd import PARTS, fault_of
from conv_view.controls.winograd_kernel import CUSTOM, chosen_kernel, put_kernel, rank_of, taps_error
from conv_view.kernel_text import read_kernel, write_kernel
from conv_view.text import Words
from conv_view.winograd_tile import TapsError


def more(state: State, words: Words, chosen: pictures.Chosen) -> None:
    """Show the points, the channels, the part of the picture and the kernel as text, behind one button."""
    room = behind.more(words, state.page)
    if room is None:
        return
    with room:
        m, taps = int(state["m"]), int(state["r"])
        st.text_input(
            words["winograd.points"],
            key=state.key("points"),
            help=words.say("winograd.points_help", count=m + taps - 2),
            placeholder=words["winograd.points_usual"],
        )
        if rank_of(state) == 2:
            picture_menus.colour(state, words, plain=chosen.pixels.ndim == 2)
        picture_menus.part(state, words, PARTS, painted=chosen.name == pictures.PAINTED)
        _kernel_text(state, words)


def _kernel_text(state: State, words: Words) -> None:
    rank = rank_of(state)

    def take(text: str) -> Fault | None:
        taps = int(state["r"])
        try:
            cells = read_kernel(text, rank)
            if set(cells.shape) != {taps}:
                raise taps_error(CUSTOM, "×".join(map(str, cells.shape)), taps, rank)
        except (WindowError, TapsError) as error:
            return fault_of(words, error)
        put_kernel(state, cells, rank)
        return None

    def written() -> str:
        try:
            return write_kernel(chosen_kernel(state, rank))
        except (WindowError, TapsError):
            return ""

    kernel_as_text(state, words, written, take, help_text=words["controls.kernel_text_help"])
