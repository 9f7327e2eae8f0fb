"""The registry's hand in the browser: which changes of the URL are worth a press of Back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import streamlit as st

_LISTENER = st.components.v2.component(
    "convscope_address", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


def mount(quiet: Iterable[str], opened: Mapping[str, object] | None) -> None:
    """Mount it, once a full run; it takes no room.

    Changes of the `quiet` names alone make no history entry. `opened` is the page last switched to:
    its `path` and the `query` it gets, the path that was `left`, and the `run`, higher for each switch.
    """
    _LISTENER(key="address_listener", data={"quiet": sorted(quiet), "opened": opened}, height=1)
