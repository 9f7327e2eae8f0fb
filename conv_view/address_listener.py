"""The registry's hand in the browser: which changes of the URL are worth a press of Back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

_LISTENER = st.components.v2.component(
    "convscope_address", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


def mount(quiet: Iterable[str]) -> None:
    """Mount it, once a full run, taking no room; changes of the `quiet` names alone make no history entry."""
    _LISTENER(key="address_listener", data={"quiet": sorted(quiet)}, height=1)
