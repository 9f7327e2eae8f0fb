"""Code side by side, library by library."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st


def listings(snippets: Mapping[str, str], *, wrap: bool = False) -> None:
    """Show snippets of Python under their titles, one beside the other."""
    for column, (title, snippet) in zip(st.columns(len(snippets)), snippets.items(), strict=True):
        column.markdown(title)
        column.code(snippet, language="python", wrap_lines=wrap)
