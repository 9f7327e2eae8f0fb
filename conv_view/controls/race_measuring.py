"""Measuring on the race's page: which engines run on which layers, and what is said meanwhile."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from conv_core import WindowError
from conv_view.controls import measuring
from conv_view.controls.measuring import Kept, Key
from conv_view.known_layers import Setup
from conv_view.race_costs import Entry, entries
from conv_view.race_curves import AXES, at
from conv_view.race_phrases import name, point
from conv_view.race_run import (
    BRISK,
    LIMIT_BYTES,
    THOROUGH,
    Need,
    Reference,
    Stopped,
    Timing,
    measure,
    needed,
    too_large,
)
from conv_view.text import Words

PAGE = "race"


def key(setup: Setup, axis: str = "") -> Key:
    """Return what the results of a layer are kept under, or those of a curve along an axis."""
    return (PAGE, setup, axis) if axis else (PAGE, setup)


def running() -> Kept | None:
    """Return the race that is under way, if there is one."""
    return measuring.running(PAGE)


def refused(setup: Setup, rows: tuple[Entry, ...]) -> dict[str, Need]:
    """Return for each engine that would need too much memory what it needs."""
    needs = {row.engine: too_large(setup, row.engine) for row in rows if row.cost}
    return {engine: need for engine, need in needs.items() if need is not None}


def alone(setup: Setup, rows: tuple[Entry, ...]) -> dict[str, int]:
    """Return for each engine that is timed but not compared how many bytes that would take altogether."""
    needs = {row.engine: needed(setup, row.engine) for row in rows if row.cost}
    return {engine: need.whole for engine, need in needs.items() if need.own <= LIMIT_BYTES < need.whole}


def bars(setup: Setup, rows: tuple[Entry, ...]) -> None:
    """Begin to measure every engine that can and may."""
    refusals, shared = refused(setup, rows), _Shared()
    measuring.start(
        key(setup),
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
            for engine, need in _needs(here).items()
            if need is None
        ]
    measuring.start(key(setup, axis), tasks)


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


def progress(words: Words, now: Kept) -> None:
    """Show how far a race is."""
    one = now.measurement
    counts = {"done": one.done, "count": len(one.tasks)}

    def far(at: Any) -> str:
        if len(now.key) == 2:
            return words.say("race.progress.bars", engine=name(words, at), **counts)
        value, engine = at
        where = point(words, now.key[2], value)
        return words.say("race.progress.curve", engine=name(words, engine), point=where, **counts)

    measuring.progress(words, now, far)


def ended(words: Words, setup: Setup) -> str:
    """Return what is to be said of the last race, if it was of this and did not come to its end."""
    last = measuring.last(PAGE)
    if last is None or last.key[1] != setup:
        return ""
    one = last.measurement
    if one.failure or not one.stopped:
        return measuring.failed(words, last)
    return words.say("race.progress.stopped", done=one.done, count=len(one.tasks))


def button(words: Words, setup: Setup, rows: tuple[Entry, ...]) -> None:
    """Show the button that measures the layer, or the one that stops what is measured."""
    if running() is not None:
        measuring.stop_button(words, "race_stop")
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
    return measure(setup, engine, reference, stopped, error=needed(setup, engine).whole <= LIMIT_BYTES)


def _needs(setup: Setup) -> dict[str, Need | None]:
    """Return for each engine that can what it needs, if that is too much, or None."""
    try:
        rows = entries(setup)
    except WindowError:
        return {}
    return {row.engine: too_large(setup, row.engine) for row in rows if row.cost}
