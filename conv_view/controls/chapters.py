"""The choice of what stands below the stage: it looks like tabs, for a tenth of what tabs cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import streamlit as st

from conv_view.text import Words

Shows = TypeVar("Shows", bound=Callable[..., None])


def chapter(titles: Sequence[str], label: str, *, key: str) -> int:
    """Show the titles side by side and return the number of the one that is open.

    Each st.tabs takes the browser as long to draw again as ten menus, and it is drawn again with every change
    of what it holds: a move of any slider. `label` is for those who do not see it.
    """
    place = f"{key}_at"
    if st.session_state.get(key) not in titles:  # the first time, or after a change of language
        st.session_state[key] = titles[min(st.session_state.get(place, 0), len(titles) - 1)]
    opened = st.segmented_control(label, titles, key=key, required=True, label_visibility="collapsed")
    st.session_state[place] = titles.index(opened)
    return int(st.session_state[place])


def opened(words: Words, titles: str, shows: Mapping[str, Shows], *, key: str) -> Shows:
    """Show the titles of chapters side by side and return what shows the one that is open.

    `titles` is the key of a chapter's title among the words, with {} for the chapter's name.
    """
    at = chapter([words[titles.format(name)] for name in shows], words["lessons.chapters"], key=key)
    return list(shows.values())[at]
