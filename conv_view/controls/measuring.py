"""Measuring on a page: the progress, the stop, and the results that a session keeps.

A thread works (conv_view/measuring.py); the browser asks a few times a second for the part of the page that
grows, and that asking is what keeps the thread at work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from conv_view.measuring import Measurement, Task
from conv_view.text import Words

LAST, RESULTS, AGAIN = "measuring:last", "measuring:results", "measuring:again"
SECONDS = 0.4
Key = tuple[Any, ...]
"""What is measured: the name of the page, and what else tells one measurement from another."""


@dataclass(frozen=True)
class Kept:
    """A measurement of this session and what it is about: the key of its results."""

    measurement: Measurement
    key: Key


def results(key: Key) -> dict[Any, Any]:
    """Return what this session has measured under a key so far."""
    kept: dict[Key, dict[Any, Any]] = st.session_state.setdefault(RESULTS, {})
    return dict(kept.get(key, {}))


def last(page: str) -> Kept | None:
    """Return the measurement that was last begun on a page, be it over or not."""
    kept: dict[str, Kept] = st.session_state.setdefault(LAST, {})
    return kept.get(page)


def running(page: str) -> Kept | None:
    """Return the measurement of a page that is under way, if there is one."""
    now = last(page)
    return None if now is None or now.measurement.finished or now.measurement.stopped else now


def start(key: Key, tasks: Sequence[Task]) -> None:
    """Begin to measure; what this session still measures, on whatever page, is stopped."""
    stop()
    st.session_state.pop(AGAIN, None)
    measurement = Measurement(tasks)
    st.session_state.setdefault(RESULTS, {})[key] = measurement.results
    st.session_state.setdefault(LAST, {})[key[0]] = Kept(measurement, key)
    measurement.start()


def stop() -> None:
    """Stop what is measured after the run it is in."""
    kept: dict[str, Kept] = st.session_state.get(LAST, {})
    for page in kept:
        now = running(page)
        if now is not None:
            now.measurement.stop()
            st.session_state[AGAIN] = True


def stop_button(words: Words, key: str) -> None:
    """Show the button that stops what is measured."""
    st.button(words["measuring.stop"], icon=":material/stop_circle:", key=key, on_click=stop)


def progress(words: Words, now: Kept, far: Callable[[Any], str]) -> None:
    """Show how far a measurement is; `far` says it in words, given the key of the task that runs."""
    one = now.measurement
    if one.ahead:
        text = words.say("measuring.waits", ahead=one.ahead)
    else:
        at = one.current
        text = words["measuring.begins"] if at is None else far(at)
    name = "_".join(part for part in now.key if isinstance(part, str))
    with st.container(key=f"notice_progress_{name}"):
        st.progress(one.share, text=text)


def failed(words: Words, kept: Kept) -> str:
    """Return the sentence that a measurement was given up, if it was."""
    why = kept.measurement.failure
    return words.say("measuring.failed", why=type(why).__name__) if why else ""


def watched(now: Kept | None, draw: Callable[[], None]) -> None:
    """Have `draw` show something, again and again while `now` is under way.

    While a script runs, a click waits for its end; so the page is not kept running, but run in part, often.
    """
    if now is None:
        draw()
        return

    @st.fragment(run_every=SECONDS)
    def look() -> None:
        now.measurement.beat()
        if now.measurement.finished:
            st.rerun()
        draw()

    look()


def begin_again() -> None:
    """Run the whole page once after a stop: only then does the browser cease to ask for a part of it."""
    context = get_script_run_ctx()
    if st.session_state.pop(AGAIN, False) and context is not None and context.fragment_ids_this_run:
        st.rerun()
