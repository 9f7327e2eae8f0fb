"""The choice of what stands below the stage: it looks like tabs, for a tenth of what tabs cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import streamlit as st

from conv_view.address import Choice, State
from conv_view.text import Words

Shows = TypeVar("Shows", bound=Callable[..., object])

FIRST = ""  # the value of the first chapter, whichever it is: what a link does not say


def field(*names: str, called: str = "chapter") -> Choice:
    """Return the field of a page's address for the one of its chapters that is open, by its name.

    >>> field("why", "code").write("code")
    'code'
    """
    return Choice(called, FIRST, (FIRST, *names))


def chapter(state: State, titles: Mapping[str, str], label: str, *, called: str = "chapter") -> str:
    """Show the titles side by side, by the chapters' names, and return the name of the one that is open.

    Each st.tabs takes the browser as long to draw again as ten menus, and it is drawn again with every change
    of what it holds: a move of any slider. `label` is for those who do not see it; `called` is the name of
    the page's `field`, which holds what is open. A chapter that is not there now gives way to the first.
    """
    first, *others = titles
    asked = state[called]
    if state.among(called, (FIRST, *others)) != asked:
        state.save()  # the page may have done so already, with what is not open
    st.segmented_control(
        label,
        (FIRST, *others),
        key=state.key(called),
        required=True,
        format_func=lambda name: titles[name or first],
        label_visibility="collapsed",
    )
    return str(state[called] or first)


def opened(words: Words, state: State, titles: str, shows: Mapping[str, Shows]) -> Shows:
    """Show the titles of chapters side by side and return what shows the one that is open.

    `titles` is the key of a chapter's title among the words, with {} for the chapter's name.
    """
    return shows[
        chapter(state, {name: words[titles.format(name)] for name in shows}, words["lessons.chapters"])
    ]
