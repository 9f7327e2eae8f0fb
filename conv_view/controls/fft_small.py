"""Why small kernels do not pay: operations by formula, and times measured here, over the kernel's size."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import conv_cost, fft_parts
from conv_view import figures
from conv_view.address import Choice, Field, State
from conv_view.controls import measuring
from conv_view.controls.fft_charts import Curve, curves
from conv_view.controls.pictures import Chosen
from conv_view.digits import percent, told
from conv_view.fft_times import ALIKE, ROUNDS, crossing, settled, spread, tasks, times
from conv_view.pictures import square
from conv_view.text import Words

CHANNELS = ("1", "4", "16", "64")
SIDE = 128  # pixels of the picture that is measured on
LARGEST = 31
PAGE = "fft"


def fields() -> tuple[Field, ...]:
    """Return the field for the address."""
    return (Choice("channels", "1", CHANNELS),)


@cache
def by_formula(channels: int, side: int) -> dict[str, Curve]:
    """Return multiplications and additions for each output value over the kernel's size, by method.

    A picture (channels, side, side) is convolved to as many channels at its own size; "cached" is the
    transform without that of the kernels, which is the same for every picture.

    >>> by_formula(1, 16)["direct"][1]
    (2, 7.0)
    """
    shape, outputs = (1, channels, side, side), channels * side**2
    lines: dict[str, list[tuple[int, float]]] = {"direct": [], "fft": [], "cached": []}
    for size in range(1, LARGEST + 1):
        weight = (channels, channels, size, size)
        plain = conv_cost(shape, weight, padding="same", method="direct")
        parts = fft_parts(shape, weight, padding="same")
        through = parts.multiplies + parts.adds
        kernels = parts.kernel.multiplies + parts.kernel.adds
        for name, count in (
            ("direct", plain.multiplies + plain.adds),
            ("fft", through),
            ("cached", through - kernels),
        ):
            lines[name].append((size, count / outputs))
    return dict(lines)


def crossings(channels: int) -> tuple[int | None, int | None]:
    """Return from which kernel on the transform costs less, with the kernels' own transforms and without."""
    lines = by_formula(channels, SIDE)
    return crossing(lines["fft"], [lines["direct"]]), crossing(lines["cached"], [lines["direct"]])


def show(words: Words, state: State, chosen: Chosen) -> None:
    """Show both, one beside the other: what the formulas count, and what was measured."""
    channels = int(state["channels"])
    st.markdown(words["fft.small.text"])
    st.segmented_control(words["fft.small.channels"], CHANNELS, key=state.key("channels"), required=True)
    dark = st.context.theme.type == "dark"
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{words['fft.small.formula']}**")
        lines = by_formula(channels, SIDE)
        through, cached = crossings(channels)
        _chart(words, lines, words["fft.small.operations"], dark=dark, at=through, key="fft_operations")
        st.markdown(_told(words, "counted", through) + " " + _told(words, "cached", cached))
        st.markdown(_table(words))
    with right:
        st.markdown(f"**{words['fft.small.measured']}**")
        _measured(words, channels, chosen, dark=dark)


def _measured(words: Words, channels: int, chosen: Chosen, *, dark: bool) -> None:
    """Show what was measured, or is being measured, and the button that begins or ends it."""
    now = measuring.running(PAGE)
    if now is not None:
        measuring.stop_button(words, "fft_stop")
    else:
        label, icon = words["fft.small.measure"], ":material/timer:"
        st.button(label, icon=icon, key="fft_measure", on_click=_begin, args=(channels, chosen))
    measuring.watched(now, partial(_times, words, dark))


def _begin(channels: int, chosen: Chosen) -> None:
    picture = _picture(chosen, channels)
    measuring.start((PAGE, picture.shape[-1], channels), tasks(picture))


def _times(words: Words, dark: bool) -> None:
    """Show the times of what was last measured, as far as they are known, and how far that is."""
    kept = measuring.last(PAGE)
    if kept is None:
        st.caption(words.say("fft.small.none", side=SIDE))
        return
    one = kept.measurement
    if not one.finished and not one.stopped:
        share = percent(one.share)
        measuring.progress(words, kept, lambda at: words.say("fft.small.progress", share=share))
    results = dict(one.results)
    lines = times(results)
    if any(lines.values()):
        whole = one.finished and one.share == 1
        at, clear = settled(results) if whole else (None, False)
        best, worst = (_milliseconds(each) for each in (lines, times(results, -1)))
        _chart(
            words, best, words["fft.small.milliseconds"], dark=dark, at=at, key="fft_seconds", slowest=worst
        )
        st.markdown(_said(words, kept, results, at, clear=clear))
        st.caption(words.say("fft.small.how", rounds=ROUNDS))
    if one.failure:
        st.markdown(measuring.failed(words, kept))


def _milliseconds(lines: Mapping[str, Curve]) -> dict[str, Curve]:
    return {name: [(size, 1e3 * taken) for size, taken in line] for name, line in lines.items()}


def _picture(chosen: Chosen, channels: int) -> NDArray[np.float32]:
    """Return the picture in so many channels (1, C, side, side): itself, shifted further in each."""
    grey = square(chosen.grey, SIDE).astype(np.float32)
    return np.stack([np.roll(grey, 7 * channel, 1) for channel in range(channels)])[None]


def _chart(
    words: Words,
    lines: Mapping[str, Curve],
    up: str,
    *,
    dark: bool,
    at: int | None,
    key: str,
    slowest: Mapping[str, Curve] | None = None,
) -> None:
    figure = curves(
        lines,
        {name: words[f"fft.small.names.{name}"] for name in lines},
        across=words["fft.small.across"],
        up=up,
        dark=dark,
        crossing=at,
        crossing_name=words.say("fft.small.crossing", size=at),
        slowest=slowest,
    )
    st.plotly_chart(figure, theme=None, key=key, config=figures.CONFIG, alt=up)


def _told(words: Words, kind: str, size: int | None) -> str:
    if size is None:
        return words.say(f"fft.small.never.{kind}", most=LARGEST)
    return words.say(f"fft.small.from.{kind}", size=size)


def _table(words: Words) -> str:
    """Return from which kernel on the transform pays, by the number of channels."""
    never = words.say("fft.small.larger", most=LARGEST)
    rows = [
        [count, *(never if size is None else f"{size}×{size}" for size in crossings(int(count)))]
        for count in CHANNELS
    ]
    heads = [words[f"fft.small.table.{name}"] for name in ("channels", "counted", "cached")]
    lines = [f"| {' | '.join(heads)} |", "|---:|---:|---:|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _said(
    words: Words, kept: measuring.Kept, results: Mapping[Any, float], at: int | None, *, clear: bool
) -> str:
    """Return what the measured times say, in words; nothing is concluded from a part of them."""
    lines, apart = times(results), spread(results)
    ours, others = dict(lines["fft"]), dict(lines["im2col"])
    _, side, channels = kept.key
    if not ours:
        return ""
    said = [words.say("fft.small.of_1" if channels == 1 else "fft.small.of", side=side, channels=channels)]
    one = kept.measurement
    if one.stopped or not one.finished or one.share < 1:
        over = one.stopped or one.finished
        return words.together([*said, words["fft.small.stopped" if over else "fft.small.under_way"]])
    if not clear:
        said.append(words["fft.small.unclear"])
    else:
        key = "never" if at is None else "from"
        said.append(words.say(f"fft.small.{key}.measured", size=at, most=max(ours)))
    common = [
        size
        for size in ours
        if size in others and max(apart[method, size] for method in ("fft", "im2col")) < ALIKE
    ]
    if common:
        size = max(common)
        ratio = others[size] / ours[size]
        way = "faster" if ratio > 1 else "slower"
        said.append(words.say(f"fft.small.{way}", size=size, ratio=told(max(ratio, 1 / ratio), 2)))
    most = max(apart.values())
    if most > ALIKE:
        said.append(words.say("fft.small.spread", times=told(most, 2)))
    return words.together(said)
