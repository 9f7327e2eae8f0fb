"""Charts of the page about Winograd's filtering, made anew only when what they show has changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from conv_view import figures
from conv_view.text import Words

KEPT = "winograd:figures"  # in the visitor's session: the last figure of each chart, and what it was made of


def plot(name: str, words: Words, of: Hashable, make: Callable[..., Any]) -> None:
    """Show the figure that `make(dark=...)` makes of `of`; a slider that changes neither makes none anew."""
    dark = st.context.theme.type == "dark"
    kept: dict[str, tuple[Hashable, Any]] = st.session_state.setdefault(KEPT, {})
    asked = (of, words.language, dark)
    if name not in kept or kept[name][0] != asked:
        kept[name] = asked, make(dark=dark)
    figure = kept[name][1]
    st.plotly_chart(
        figure, theme=None, key=f"winograd_{name}", config=figures.CONFIG, alt=figure.layout.title.text
    )
