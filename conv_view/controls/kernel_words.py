"""The kernel as text, to be changed or pasted over."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from conv_view.address import State
from conv_view.controls.notices import Fault
from conv_view.text import Words


def kernel_as_text(
    state: State,
    words: Words,
    written: Callable[[], str],
    take: Callable[[str], Fault | None],
    *,
    help_text: str,
    height: int | None = None,
) -> None:
    """Show what `written` returns; what is typed goes to `take`, and stays where that finds a fault in it."""
    key, fault = f"{state.page}_kernel_text", f"{state.page}_kernel_fault"

    def read() -> None:
        typed = st.session_state[key]
        # A box that opens or closes may send what it was given: that is no edit.
        st.session_state[fault] = None if typed == written() else take(typed)

    if not st.session_state.get(fault):
        st.session_state[key] = written()
    st.text_area(words["controls.kernel_text"], height=height, key=key, on_change=read, help=help_text)
    if wrong := st.session_state.get(fault):
        st.markdown(f":red[:material/error: {words.say(wrong[0], **wrong[1])}]")
