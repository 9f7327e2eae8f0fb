"""What stands below the race: its curves, the parts of the counts, and how everything is counted."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

import streamlit as st

from conv_core import WindowError
from conv_view.address import State
from conv_view.controls import measuring, race_measuring
from conv_view.controls.chapters import FIRST, opened
from conv_view.controls.race import Asked
from conv_view.digits import in_bytes, percent
from conv_view.known_layers import Layer, Setup
from conv_view.race_costs import PARTS, Entry, entries
from conv_view.race_curve_words import along
from conv_view.race_curves import AXES, cannot, counted, current, timed
from conv_view.race_lines import chart, power
from conv_view.race_phrases import amount, duration, factor, full_name, joined, point
from conv_view.race_run import ALIKE, BRISK, LIMIT_BYTES
from conv_view.text import Words

CHAPTERS = ("curves", "parts", "formulas")
TILES = (2, 4, 6, 8, 10, 12)


def shows(state: State, setup: Setup, now: measuring.Kept) -> bool:
    """Tell whether a measurement is to be seen among the chapters: the curves that are open are its own."""
    is_open = state["chapter"] in (FIRST, CHAPTERS[0])
    return is_open and now.key == race_measuring.key(setup, state["axis"])


def chapters(state: State, words: Words, shown: Asked) -> None:
    """Show the chapters below the stage; only the open one is computed."""
    shows: tuple[Callable[[], object], ...] = (
        lambda: curves(state, words, shown.setup),
        lambda: _parts(words, shown),
        lambda: st.markdown(words["race.formulas.text"]),
    )
    opened(words, state, "race.chapters.{}", dict(zip(CHAPTERS, shows, strict=True)))()


def curves(state: State, words: Words, setup: Setup) -> None:
    """Show a quantity by formula and the measured time along an axis, each with who wins where."""
    axis, quantity = state["axis"], state["quantity"]
    st.markdown(words[f"race.curves.{_range_key(setup.layer, axis)}"])
    left, right = st.columns(2, gap="medium")
    with left:
        title = words.say("race.curves.by_formula", quantity=words[f"race.quantities.{quantity}"])
        st.markdown(f"**{title}**")
        values = counted(setup, axis, quantity)
        st.html(_drawn(words, setup, axis, values, title, lambda value: f"{int(value):,}", power))
        st.markdown(along(words, values, axis, quantity))
    with right:
        st.markdown(f"**{words['race.curves.measured']}**")
        now = race_measuring.running()
        mine = now if now is not None and now.key == race_measuring.key(setup, axis) else None
        measuring.watched(mine, partial(_measured, words, setup, axis))
        if mine is not None:
            measuring.stop_button(words, "race_stop_curve")
            return
        st.button(
            words["race.curves.measure"],
            icon=":material/timer:",
            key="race_measure_curve",
            on_click=race_measuring.curve,
            args=(setup, axis),
            disabled=now is not None or not race_measuring.can(setup, axis),
        )


def _measured(words: Words, setup: Setup, axis: str) -> None:
    """Show the times along an axis, as far as they are measured, and how far that is."""
    found = measuring.results(race_measuring.key(setup, axis))
    now = race_measuring.running()
    if now is not None and now.key == race_measuring.key(setup, axis):
        race_measuring.progress(words, now)
    values = timed(found, axis)
    rough = {(engine, AXES[axis].index(value)) for (value, engine), one in found.items() if not one.runs}
    st.html(_drawn(words, setup, axis, values, words["race.curves.measured"], duration, duration, rough))
    if found:
        unable = cannot(counted(setup, axis, "multiplies"), AXES[axis])
        st.markdown(along(words, values, axis, "time", alike=ALIKE, unable=unable))
    _points(words, axis, "estimated", sorted({value for (value, _), one in found.items() if not one.runs}))
    _points(words, axis, "skipped", race_measuring.skipped(setup, axis))


def _points(words: Words, axis: str, key: str, values: list[int]) -> None:
    if values:
        listed = joined(words, "comma", (point(words, axis, value) for value in values))
        st.caption(words.say(f"race.curves.{key}", points=listed, limit=in_bytes(LIMIT_BYTES)))


def _drawn(
    words: Words,
    setup: Setup,
    axis: str,
    values: dict[str, list[float | None]],
    title: str,
    said: Callable[[float], str],
    tick: Callable[[float], str],
    rough: Collection[tuple[str, int]] = (),
) -> str:
    here = current(setup.layer, axis)
    hint = words.say("race.curves.hint", count=len(AXES[axis]), runs=BRISK.runs)
    return chart(
        words,
        values,
        [str(value) for value in AXES[axis]],
        label=f"{title}: {words[f'race.axes.{axis}']}",
        said=said,
        tick=tick,
        here=AXES[axis].index(here) if here in AXES[axis] else None,
        empty=words.say("race.curves.empty", hint=hint),
        rough=rough,
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
        st.markdown(_by_tile_text(words, shown.setup.layer, tiles))
        body = [
            f"| {full_name(words, row, shown.setup.layer)} | {amount(words, row.value('multiplies') or 0)} "
            f"| {amount(words, row.value('adds') or 0)} | {percent(row.transform_share)} "
            f"| {percent(row.part_share('inverse'))} |"
            for row in tiles
        ]
        st.markdown("\n".join([words["race.parts.tiles_head"], *body]))


def _by_tile_text(words: Words, layer: Layer, tiles: list[Entry]) -> str:
    """Say which tile leaves the fewest operations, and what becomes of the transforms."""
    total = {row.tile: (row.value("multiplies") or 0) + (row.value("adds") or 0) for row in tiles}
    best = min(tiles, key=lambda row: total[row.tile])
    key = "tiles_turn" if best is not tiles[-1] else "tiles_fall"
    return words.say(
        f"race.parts.{key}",
        best=full_name(words, best, layer),
        times=factor(total[tiles[-1].tile] / total[best.tile]),
        last=full_name(words, tiles[-1], layer),
        first_share=percent(tiles[0].transform_share),
        best_share=percent(best.transform_share),
        last_share=percent(tiles[-1].transform_share),
    )


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
