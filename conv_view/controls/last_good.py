"""What a page last computed without a fault: it stays on screen while what is asked for is impossible."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from conv_core import WindowError

T = TypeVar("T")

KEPT = "notices.kept"


def last_good(
    key: str,
    compute: Callable[[], T],
    usual: Callable[[], T],
    told: str,
    errors: type[ValueError] | tuple[type[ValueError], ...] = WindowError,
) -> tuple[T, ValueError | None, str]:
    """Return what `compute` makes; where it raises one of `errors`, what it last made, and the error.

    It is kept in the visitor's session under `key`. A fresh link has nothing that was made before: then it is
    what `usual` makes, until something else was made. The third is the key of what is to be said of that:
    `told` of the usual, KEPT of what was last made, nothing where there was no error.
    """
    plain = f"{key}:usual"
    try:
        st.session_state[key] = compute()
    except errors as error:
        if key not in st.session_state:
            st.session_state[key], st.session_state[plain] = usual(), True
        return st.session_state[key], error, told if st.session_state.get(plain) else KEPT
    st.session_state[plain] = False
    return st.session_state[key], None, ""
