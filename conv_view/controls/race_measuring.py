"""Measuring on the race's page: the button, the progress, and the results that a session keeps.

A thread works (conv_view/race_track.py); the page looks at it a few times a second, from the end of its run,
which any change of a control interrupts and begins anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from conv_core import WindowError
from conv_view.race_costs import Entry, entries
from conv_view.race_curves import AXES, at
from conv_view.race_layers import Setup
from conv_view.race_run import BRISK, THOROUGH, Reference, Stopped, Timing, measure, too_large
from conv_view.race_track import Race, Task
from conv_view.race_words import name, point
from conv_view.text import Words

RACE, RESULTS = "race:race", "race:results"
SECONDS = 0.2
Key = tuple[Any, ...]


@dataclass
class Running:
    """A race and what it is about: the key of its results, and the axis if it is a curve."""

    race: Race
    key: Key
    axis: str = ""


def results(key: Key) -> dict[Any, Timing]:
    """Return what this session has measured under a key so far; the same dictionary every time."""
    kept: dict[Key, dict[Any, Timing]] = st.session_state.setdefault(RESULTS, {})
    return kept.setdefault(key, {})


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


def stop() -> None:
    """Stop the measurement after the run it is in."""
    now: Running | None = st.session_state.get(RACE)
    if now is not None:
        now.race.stop()


def progress(words: Words, now: Running) -> Callable[[], None]:
    """Show how far a measurement is, and return what shows it again."""
    with st.container(key="notice_progress"):
        place = st.empty()

    def tell() -> None:
        race = now.race
        place.progress(race.done / max(len(race.tasks), 1), text=_far(words, now))

    tell()
    return tell


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


def ended(words: Words) -> str:
    """Return what is to be said of the last measurement, if it did not come to its end."""
    last: Running | None = st.session_state.get(RACE)
    if last is None or not (last.race.stopped or last.race.failure):
        return ""
    if last.race.failure:
        return words.say("race.progress.failed", why=type(last.race.failure).__name__)
    return words.say("race.progress.stopped", done=last.race.done, count=len(last.race.tasks))


def button(words: Words, setup: Setup, rows: tuple[Entry, ...]) -> None:
    """Show the button that measures the layer, or the one that stops what is measured."""
    if running() is not None:
        st.button(words["race.stop"], icon=":material/stop_circle:", key="race_stop", on_click=stop)
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


def follow(now: Running, tell: Callable[[], None], redraw: Callable[[], None] | None) -> None:
    """Look at a measurement until it is over, and then run the page once more.

    `tell` shows how far it is, at every look; `redraw` what was measured, once something more was.
    """
    seen = (0, "")
    for _ in _turns():
        if not _is_watched():
            return
        now.race.beat()
        if now.race.finished:
            break
        tell()
        at = (now.race.done, str(now.race.current))
        if redraw is not None and at != seen:
            redraw()
        seen = at
    if now.race.finished:
        context = get_script_run_ctx()
        alone = context is not None and bool(context.fragment_ids_this_run)
        st.rerun(scope="fragment" if alone else "app")


def _turns() -> Iterator[None]:
    while True:
        yield
        time.sleep(SECONDS)


def _is_watched() -> bool:
    """Tell whether the visitor is still there; a page that nobody looks at lets the measurement end."""
    context = get_script_run_ctx()
    if context is None or not exists():
        return True
    return get_instance().is_active_session(context.session_id)


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
    kept = results(key)
    kept.clear()
    race = Race(tasks, results=kept)
    st.session_state[RACE] = Running(race, key, axis)
    race.start()
