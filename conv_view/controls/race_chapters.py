"""What stands below the race: its curves, the parts of the counts, and how everything is counted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from conv_core import WindowError
from conv_view.address import State
from conv_view.controls import race_measuring as measuring
from conv_view.controls.chapters import chapter
from conv_view.controls.race import Asked
from conv_view.digits import percent
from conv_view.race_costs import PARTS, Entry, entries
from conv_view.race_curves import ALIKE, AXES, counted, current, timed
from conv_view.race_layers import Layer, Setup
from conv_view.race_lines import chart, power
from conv_view.race_run import BRISK, LIMIT_BYTES
from conv_view.race_words import along, amount, close, duration, full_name, point
from conv_view.text import Words

TILES = (2, 4, 6, 8)


def chapters(state: State, words: Words, shown: Asked) -> Callable[[], None] | None:
    """Show the chapters below the stage; return what draws the measured curves again while they grow."""
    titles = [words[f"race.chapters.{name}"] for name in ("curves", "parts", "formulas")]
    opened = chapter(titles, words["lessons.chapters"], key=f"{state.page}_lessons")
    if opened == 0:
        return curves(state, words, shown.setup)
    if opened == 1:
        _parts(words, shown)
    else:
        st.markdown(words["race.formulas.text"])
    return None


def curves(state: State, words: Words, setup: Setup) -> Callable[[], None]:
    """Show a quantity by formula and the measured time along an axis, each with who wins where."""
    axis, quantity = state["axis"], state["quantity"]
    st.markdown(words[f"race.curves.{_range_key(setup.layer, axis)}"])
    left, right = st.columns(2, gap="medium")
    with left:
        title = words.say("race.curves.by_formula", quantity=words[f"race.quantities.{quantity}"])
        st.markdown(f"**{title}**")
        values = counted(setup, axis, quantity)
        st.html(_drawn(words, setup, axis, values, title, lambda value: f"{int(value):,}", power))
        st.markdown(close(words, along(words, values, AXES[axis], axis, quantity)))
    with right:
        st.markdown(f"**{words['race.curves.measured']}**")
        place = st.empty()
        draw = partial(_measured, place, words, setup, axis)
        draw()
    return draw


def _measured(place: st.delta_generator.DeltaGenerator, words: Words, setup: Setup, axis: str) -> None:
    found = measuring.results((setup, axis))
    now = measuring.running()
    busy = now is not None and now.key == (setup, axis)
    with place.container():
        values = timed(found, axis)
        title = words["race.curves.measured"]
        st.html(_drawn(words, setup, axis, values, title, duration, duration))
        if found:
            st.markdown(close(words, along(words, values, AXES[axis], axis, "time", alike=ALIKE)))
        told = [value for (value, _), one in found.items() if not one.runs]
        _points(words, axis, "estimated", sorted(set(told)))
        _points(words, axis, "skipped", measuring.skipped(setup, axis))
        if not busy:
            st.button(
                words["race.curves.measure"],
                icon=":material/timer:",
                key="race_measure_curve",
                help=words.say("race.curves.hint", count=len(AXES[axis]), runs=BRISK.runs),
                on_click=measuring.curve,
                args=(setup, axis),
                disabled=now is not None,
            )


def _points(words: Words, axis: str, key: str, values: list[int]) -> None:
    if values:
        listed = words["race.comma"].join(point(words, axis, value) for value in values)
        st.caption(words.say(f"race.curves.{key}", points=listed, limit=f"{LIMIT_BYTES:,}"))


def _drawn(
    words: Words,
    setup: Setup,
    axis: str,
    values: dict[str, list[float | None]],
    title: str,
    said: Callable[[float], str],
    tick: Callable[[float], str],
) -> str:
    here = current(setup.layer, axis)
    return chart(
        words,
        values,
        [str(value) for value in AXES[axis]],
        label=f"{title}: {words[f'race.axes.{axis}']}",
        said=said,
        tick=tick,
        here=AXES[axis].index(here) if here in AXES[axis] else None,
        empty=words["race.curves.empty"],
    )


def _range_key(layer: Layer, axis: str) -> str:
    if axis == "kernel" and not layer.keeps_size:
        return "kernel_fixed"
    if axis == "channels" and layer.is_depthwise:
        return "channels_depthwise"
    return "channels_groups" if axis == "channels" and layer.groups > 1 else axis


def _parts(words: Words, shown: Asked) -> None:
    """Show the operations part by part, and how they go with the size of Winograd's tile."""
    rows = [row for row in shown.rows if row.parts]
    if not rows:
        st.markdown(words["race.parts.none"])
        return
    lines = [words["race.parts.head"]]
    for row in rows:
        cells = [
            f"{sum(part):,} ({percent(row.part_share(name))})"
            for name, part in zip(PARTS, row.parts, strict=True)
        ]
        total = sum(sum(part) for part in row.parts)
        lines.append(f"| {full_name(words, row, shown.setup.layer)} | {' | '.join(cells)} | {total:,} |")
    st.markdown(words["race.parts.text"])
    st.markdown("\n".join(lines))
    tiles = _by_tile(shown.setup.layer)
    if tiles:
        st.markdown(words["race.parts.tiles_text"])
        body = [
            f"| {full_name(words, row, shown.setup.layer)} | {amount(words, row.value('multiplies') or 0)} "
            f"| {amount(words, row.value('adds') or 0)} | {percent(row.transform_share)} "
            f"| {percent(row.part_share('inverse'))} |"
            for row in tiles
        ]
        st.markdown("\n".join([words["race.parts.tiles_head"], *body]))


def _by_tile(layer: Layer) -> list[Entry]:
    """Return Winograd's costs for every size of its tile."""
    found = []
    for m in TILES:
        try:
            row = next(row for row in entries(Setup(layer, m=m)) if row.engine == "winograd")
        except WindowError:
            continue
        if row.cost:
            found.append(row)
    return found
