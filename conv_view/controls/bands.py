"""The row of controls above the stage, and when it is sent: after the stage, once the page stands."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


class Band:
    """The row of controls of a page: made where it stands, then `fill`, the stage, `after_stage`.

    On a change the stage is sent first: it is what the reader waits for, and the values of the controls were
    read before. A page that comes up is sent from the top, so that nothing on it moves.
    """

    def __init__(self) -> None:
        self._row = st.container(key="band", horizontal=True, vertical_alignment="bottom", gap="small")
        self._waiting: Callable[[], None] | None = None

    def fill(self, controls: Callable[[], None]) -> None:
        """Have `controls` called inside the row: now, or in `after_stage`."""
        context = get_script_run_ctx()
        if context is not None and context.fragment_ids_this_run:
            self._waiting = controls
            return
        with self._row:
            controls()

    def after_stage(self) -> None:
        """Fill the row, unless it was filled before the stage."""
        if self._waiting is not None:
            with self._row:
                self._waiting()
            self._waiting = None
