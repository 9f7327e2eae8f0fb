"""Measuring on the race's page: the button, the progress, and the results that a session keeps.

A thread works (conv_view/race_track.py); the browser asks a few times a second for the part of the page that
grows, and that asking is what keeps the thread at work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from conv_core import WindowError
from conv_view.race_costs import Entry, entries
from conv_view.race_curves import AXES, at
from conv_view.race_layers import Setup
from conv_view.race_phrases import name, point
from conv_view.race_run import BRISK, THOROUGH, Reference, Stopped, Timing, measure, too_large
from conv_view.race_track import Race, Task
from conv_view.text import Words

RACE, RESULTS, AGAIN = "race:race", "race:results", "race:again"
SECONDS = 0.4
Key = tuple[Any, ...]


@dataclass
class Running:
    """A race and what it is about: the key of its results, and the axis if it is a curve."""

    race: Race
    key: Key
    axis: str = ""


def results(key: Key) -> dict[Any, Timing]:
    """Return what this session has measured under a key so far."""
    kept: dict[Key, dict[Any, Timing]] = st.session_state.setdefault(RESULTS, {})
    return dict(kept.get(key, {}))


def running() -> Running | None:
    """Return the measurement that is under way, if there is one."""
    now: Running | None = st.session_state.get(RACE)
    if now is None or now.race.finished or now.race.stopped:
        return None
    return now


def refused(setup: Setup, rows: tuple[Entry, ...]) -> dict[str, int]:
    """Return for each engine that would need too much memory how many bytes."""
    needs = {row.engine: too_large(setup, row.engine) for row in rows if row.cost}
    return {engine: needed for engine, needed in needs.items() if needed is not None}


def bars(setup: Setup, rows: tuple[Entry, ...]) -> None:
    """Begin to measure every engine that can and may."""
    refusals, shared = refused(setup, rows), _Shared()
    _start(
        (setup,),
        [
            (row.engine, partial(_timed, setup, row.engine, shared))
            for row in rows
            if row.cost and row.engine not in refusals
        ],
    )


def curve(setup: Setup, axis: str) -> None:
    """Begin to measure every engine along an axis, the smallest layers first."""
    shared, tasks = _Shared(), []
    for value in AXES[axis]:
        here = replace(setup, layer=at(setup.layer, axis, value))
        tasks += [
            ((value, engine), partial(_timed, here, engine, shared, brisk=True))
            for engine, needed in _needs(here).items()
            if needed is None
        ]
    _start((setup, axis), tasks, axis)


def skipped(setup: Setup, axis: str) -> list[int]:
    """Return the points of an axis where some engine would need too much memory."""
    points = AXES[axis]
    return [
        value for value in points if any(_needs(replace(setup, layer=at(setup.layer, axis, value))).values())
    ]


def can(setup: Setup, axis: str) -> bool:
    """Tell whether anything along an axis can be measured."""
    layers = (replace(setup, layer=at(setup.layer, axis, value)) for value in AXES[axis])
    return any(None in _needs(each).values() for each in layers)


def stop() -> None:
    """Stop the measurement after the run it is in."""
    now: Running | None = st.session_state.get(RACE)
    if now is not None:
        now.race.stop()
        st.session_state[AGAIN] = True


def progress(words: Words, now: Running) -> None:
    """Show how far a measurement is."""
    race = now.race
    with st.container(key=f"notice_progress_{now.axis}"):
        st.progress(race.done / max(len(race.tasks), 1), text=_far(words, now))


def _far(words: Words, now: Running) -> str:
    race, count = now.race, len(now.race.tasks)
    if race.ahead:
        return words.say("race.progress.waits", ahead=race.ahead)
    at = race.current
    if at is None:
        return words["race.progress.begins"]
    if not now.axis:
        return words.say("race.progress.bars", engine=name(words, at), done=race.done, count=count)
    value, engine = at
    where = point(words, now.axis, value)
    return words.say(
        "race.progress.curve", engine=name(words, engine), point=where, done=race.done, count=count
    )


def ended(words: Words, setup: Setup) -> str:
    """Return what is to be said of the last measurement, if it was of this and did not come to its end."""
    last: Running | None = st.session_state.get(RACE)
    if last is None or last.key[0] != setup or not (last.race.stopped or last.race.failure):
        return ""
    if last.race.failure:
        return words.say("race.progress.failed", why=type(last.race.failure).__name__)
    return words.say("race.progress.stopped", done=last.race.done, count=len(last.race.tasks))


def button(words: Words, setup: Setup, rows: tuple[Entry, ...]) -> None:
    """Show the button that measures the layer, or the one that stops what is measured."""
    if running() is not None:
        stop_button(words, "race_stop")
        return
    able = [row.engine for row in rows if row.cost]
    st.button(
        words["race.measure"],
        icon=":material/timer:",
        key="race_measure",
        help=words.say("race.measure_help", runs=THOROUGH.runs),
        on_click=bars,
        args=(setup, rows),
        disabled=len(refused(setup, rows)) == len(able),
    )


def stop_button(words: Words, key: str) -> None:
    """Show the button that stops what is measured."""
    st.button(words["race.stop"], icon=":material/stop_circle:", key=key, on_click=stop)


def watched(now: Running | None, draw: Callable[[], None]) -> None:
    """Have `draw` show something, again and again while `now` is under way.

    While a script runs, a click waits for its end; so the page is not kept running, but run in part, often.
    """
    if now is None:
        draw()
        return

    @st.fragment(run_every=SECONDS)
    def look() -> None:
        now.race.beat()
        if now.race.finished:
            st.rerun()
        draw()

    look()


def begin_again() -> None:
    """Run the whole page once after a stop: only then does the browser cease to ask for a part of it."""
    context = get_script_run_ctx()
    if st.session_state.pop(AGAIN, False) and context is not None and context.fragment_ids_this_run:
        st.rerun()


class _Shared:
    """The numbers of one layer, made when they are first asked for and kept until another layer's are."""

    def __init__(self) -> None:
        self._of: Reference | None = None

    def reference(self, setup: Setup) -> Reference:
        if self._of is None or self._of.layer != setup.layer:
            self._of = None  # before the next are made
            self._of = Reference(setup.layer)
        return self._of


def _timed(
    setup: Setup, engine: str, shared: _Shared, stopped: Stopped, *, brisk: bool = False
) -> Timing | None:
    reference = shared.reference(setup)
    if brisk:
        return measure(setup, engine, reference, stopped, pace=BRISK, error=False)
    return measure(setup, engine, reference, stopped)


def _needs(setup: Setup) -> dict[str, int | None]:
    """Return for each engine that can the bytes that are too many, or None."""
    try:
        rows = entries(setup)
    except WindowError:
        return {}
    return {row.engine: too_large(setup, row.engine, error=False) for row in rows if row.cost}


def _start(key: Key, tasks: Sequence[Task], axis: str = "") -> None:
    stop()
    st.session_state.pop(AGAIN, None)
    race = Race(tasks)
    st.session_state.setdefault(RESULTS, {})[key] = race.results
    st.session_state[RACE] = Running(race, key, axis)
    race.start()
