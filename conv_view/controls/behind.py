"""Rooms behind a button: what is rarer, and what takes much room."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from conv_view.text import Words


def behind(label: str, key: str, icon: str | None = None) -> DeltaGenerator | None:
    """Show a button and return the room behind it while that is open.

    What stands in it is made only then: a value that a widget is given while it is out of sight never reaches
    it.
    """
    popover = st.popover(label, icon=icon, width="content", key=key, on_change="rerun")
    return popover if popover.open else None


def more(words: Words, page: str) -> DeltaGenerator | None:
    """Show the button behind which a page has what is rarer; return the room there while it is open."""
    return behind(words["controls.more"], f"{page}_more", ":material/tune:")
