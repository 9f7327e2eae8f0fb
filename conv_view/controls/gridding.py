"""The gridding effect: two stacks of dilated layers side by side, and what a cell of each never reads."""

from __future__ import annotations

from functools import reduce
from math import gcd

import numpy as np
import streamlit as st

from conv_core import Window, path_counts, receptive_field, unread
from conv_view.address import Field, Int, Ints, State
from conv_view.digits import percent
from conv_view.stage.component import news, show
from conv_view.stories.parameters import gridding
from conv_view.text import Words

STACKS = {"a": (2, 2, 2), "b": (1, 2, 5)}
MOST_LAYERS, MOST_RATE, MOST_KERNEL = 3, 6, 4
SMALLEST = 9
CENTRE = (-1, -1)


def fields() -> tuple[Field, ...]:
    """Return the fields of both stacks for the address."""
    rates = [
        Int(f"rate_{stack}{layer}", rate, 1, MOST_RATE)
        for stack, defaults in STACKS.items()
        for layer, rate in enumerate(defaults, 1)
    ]
    return (
        Int("layers", MOST_LAYERS, 2, MOST_LAYERS),
        Int("taps", 3, 2, MOST_KERNEL),
        *rates,
        Ints("of", CENTRE, -1, 200, length=2, quiet=True),
    )


def stack_of(state: State, name: str) -> tuple[Window, ...]:
    """Return the layers of a stack: square dilated windows that keep the size."""
    rates = [state[f"rate_{name}{layer}"] for layer in range(1, state["layers"] + 1)]
    return tuple(Window((state["taps"],) * 2, 1, "same", rate) for rate in rates)


def side_of(stacks: list[tuple[Window, ...]]) -> int:
    """Return the side of an input that has room for the field of either stack around its middle."""
    sides = [receptive_field(windows, (SMALLEST,) * 2)[-1].size[0] for windows in stacks]
    return max(SMALLEST, max(sides) + 1 - max(sides) % 2)


def band(state: State, words: Words) -> None:
    """Show what both stacks share."""
    st.slider(words["parameters.gridding.layers"], 2, MOST_LAYERS, key=state.key("layers"), width=130)
    st.slider(words["parameters.gridding.taps"], 2, MOST_KERNEL, key=state.key("taps"), width=130)


def stages(state: State, words: Words) -> None:
    """Show both stacks, each below its own rates, and say what is read and what never."""
    for name in STACKS:
        pick = news(f"parameters_{name}").pick
        if pick:
            state.put("of", tuple(pick["cell"]))
    columns = st.columns(2, gap="large")
    for half, name in zip(columns, STACKS, strict=True):
        with half.container(key=f"band_rates_{name}", horizontal=True, gap="small"):
            for layer in range(1, state["layers"] + 1):
                st.slider(
                    words.say("parameters.gridding.rate", layer=layer),
                    1,
                    MOST_RATE,
                    key=state.key(f"rate_{name}{layer}"),
                    width=150,
                )
    stacks = [stack_of(state, name) for name in STACKS]
    side = side_of(stacks)
    row, column = (side // 2 if at < 0 else min(at, side - 1) for at in state["of"])
    for half, name, windows in zip(columns, STACKS, stacks, strict=True):
        with half:
            show(gridding(windows, (row, column), side, words), key=f"parameters_{name}", aspect=0.62)
            st.markdown(_told(words, windows, (row, column), side))


def _told(words: Words, windows: tuple[Window, ...], place: tuple[int, int], side: int) -> str:
    down, across = path_counts(windows, -1, place, (side, side))
    read = int(np.count_nonzero(down) * np.count_nonzero(across))
    never = int(unread(windows, -1, place, (side, side)).sum())
    rates = [window.dilation[0] for window in windows]
    shared = reduce(gcd, rates)
    key = "whole" if not never else "shared" if shared > 1 else "gaps"
    spans = [int(np.flatnonzero(along)[-1] - np.flatnonzero(along)[0] + 1) for along in (down, across)]
    return words.say(
        "parameters.gridding.told",
        rates=", ".join(map(str, rates)),
        field=" × ".join(map(str, spans)),
        cells=read + never,
        read=read,
        never=never,
        share=percent(never / (read + never)),
        paths=f"{int(down.sum()) * int(across.sum()):,}",
    ) + " " + words.say(f"parameters.gridding.{key}", shared=shared, taps=windows[0].kernel[0])  # fmt: skip
