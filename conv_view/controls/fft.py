"""The controls of a convolution through the Fourier transform, and what the page tells about its stage."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import KERNELS, kernel
from conv_view import address
from conv_view.address import Choice, Int, Ints, State
from conv_view.controls import convolution, fft_small, picture_menus, pictures
from conv_view.controls.convolution import NARROW, WIDE
from conv_view.pictures import square
from conv_view.spectral import ROOMS, Spectral, spectral
from conv_view.stage.component import Seen
from conv_view.stories.fft import FOLLOWS
from conv_view.text import Words

SIDES = ("8", "10", "12", "13", "16", "20", "24", "27", "32")
MOST_TILE = 40
MOST_WAVES = 400
NOWHERE = (0,)  # no place was looked at yet
PLAIN = kernel("identity")
_OWN = ("kernel", "cells", "cells_shape")


def fields() -> tuple[address.Field, ...]:
    """Return the fields for the address."""
    named = {f"{one.name}_{parameter.name}" for one in KERNELS for parameter in one.parameters}
    kernels = [
        field
        for field in convolution.fields(2, kernel_name="gaussian")
        if field.name in named or field.name in _OWN
    ]
    return (
        *pictures.fields("cat"),
        Choice("side", "24", SIDES),
        Choice("room", "none", ROOMS),
        Int("tile", 8, 1, MOST_TILE),
        Choice("follow", "frequencies", FOLLOWS),
        *kernels,
        *fft_small.fields(),
        Int("waves", 10, 1, MOST_WAVES),
        Ints("which", (0, 0), 0, 99, length=2),
        Ints("at", NOWHERE, 0, 10**6, longest=4, quiet=True),
        Ints("cell", NOWHERE, 0, 10**6, longest=4, quiet=True),
    )


def place(state: State) -> str:
    """Return the name of the value that holds the place on the stage: each way to follow has its own."""
    return "at" if state["follow"] == "frequencies" else "cell"


def take_news(state: State, seen: Seen) -> None:
    """Keep where the stage rests, and a kernel that was typed on it as the custom one."""
    if seen.cell is not None and len(seen.cell) == len(("act", "row", "column", "part")):
        state.put(place(state), seen.cell)
    if seen.edit is not None and seen.edit["panel"] == "kernel":
        cells = np.asarray(seen.edit["values"], np.float32).reshape(seen.edit["shape"])
        convolution.put_kernel(state, cells[0, 0])


def take_tile(state: State, seen: Seen, shown: Spectral) -> bool:
    """Go to the tile that makes a picked output, or that begins last before a picked pixel; tell whether."""
    if seen.pick is None or shown.room != "tiles":
        return False
    cell = seen.pick["cell"][-2:]
    which = tuple(
        min(at // step, count - 1)
        for at, step, count in zip(cell, shown.stages.step, shown.tiles, strict=True)
    )
    state.put("which", which)
    return True


def cells_of(state: State, chosen: pictures.Chosen) -> NDArray[np.uint8]:
    """Return the picture as the transform takes it: its middle square in grey, so that spectra are square."""
    if chosen.name == pictures.PAINTED:
        return chosen.grey
    return square(chosen.grey, int(state["side"]))


def transformed(state: State, chosen: pictures.Chosen, known: Spectral | None) -> Spectral:
    """Return the convolution as chosen, `known` itself where it is that; `WindowError` without room."""
    weight = convolution.chosen_kernel(state, 2)
    weight = weight if weight.ndim == 2 else weight[0]
    return spectral(cells_of(state, chosen), weight, state["room"], state["tile"], state["which"], known)


def usual(state: State, chosen: pictures.Chosen) -> Spectral:
    """Return the picture as it is, for a link that asks for what cannot be."""
    return spectral(cells_of(state, chosen), PLAIN)


def band(state: State, words: Words, chosen: pictures.Chosen) -> None:
    """Show what everyone changes: picture, kernel, room, and what is followed."""
    pictures.choose(state, words)
    painted = chosen.name == pictures.PAINTED
    picture_menus.side(
        state, words["fft.side"], SIDES, lambda side: words.say("fft.cells", side=side), painted=painted,
        width=NARROW,
    )  # fmt: skip
    convolution.kernel_menu(state, words, 2)
    _size(state, words)
    st.selectbox(
        words["fft.room"],
        ROOMS,
        key=state.key("room"),
        format_func=lambda room: words[f"fft.rooms.{room}"],
        width=WIDE + 40,
    )
    if state["room"] == "tiles":
        st.slider(words["fft.tile"], 2, MOST_TILE, key=state.key("tile"), width=NARROW)
    st.segmented_control(
        words["fft.follow"],
        FOLLOWS,
        key=state.key("follow"),
        required=True,
        format_func=lambda name: words[f"fft.follows.{name}"],
    )
    convolution.more(state, words, 2, window=False, bias=False, size=False)


def _size(state: State, words: Words) -> None:
    """Show the size of a kernel that has one to choose."""
    name = state["kernel"]
    chosen = next(one for one in KERNELS if one.name == name)
    for parameter in chosen.parameters:
        if parameter.name == "size":
            st.slider(
                words["controls.parameters.size"],
                int(parameter.low),
                15,
                step=parameter.step,
                key=state.key(f"{name}_size"),
                width=NARROW,
            )


def lengths(words: Words, seen: Spectral) -> str:
    """Return how long the transforms are, with the numbers of both axes, as LaTeX."""
    parts = []
    for axis, name in enumerate(("y", "x")):
        whole, span, length = seen.picture.shape[axis], seen.kernel.shape[axis], seen.size[axis]
        label = words[f"controls.sizes.{name}"]
        parts.append(
            {
                "none": rf"${label}\;N=\mathbf{{{length}}}$",
                "linear": rf"${label}\;N={whole}+{span}-1=\mathbf{{{length}}}$",
                "tiles": rf"${label}\;\Big\lceil\tfrac{{{whole}-{span}+1}}{{{length}-{span}+1}}\Big\rceil"
                rf"=\mathbf{{{seen.tiles[axis]}}}$",
            }[seen.room]
        )
    return r" $\quad$ ".join(parts)


def frequency_of(state: State, seen: Spectral) -> tuple[int, int]:
    """Return the frequency that is looked at, in full turns down and across."""
    rows, columns = seen.halves[0].shape
    first = (seen.size[0] - 1) // 2
    at = (0, first, 1) if state["at"] == NOWHERE else state["at"]
    return min(at[1], rows - 1) - first, min(at[2], columns - 1)


def start(state: State, seen: Spectral) -> tuple[int, ...]:
    """Return where the stage shall stand: where it was, or at a wave of one turn, or at the first cell."""
    at: tuple[int, ...] = state[place(state)]
    if at != NOWHERE:
        return at
    return (0, (seen.size[0] - 1) // 2, 1, 0) if state["follow"] == "frequencies" else (0, 0, 0, 0)
