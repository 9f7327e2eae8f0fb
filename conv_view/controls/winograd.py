"""The controls of the page about Winograd's filtering: its fields, its widgets, and the tile they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import WindowError, kernel
from conv_view import part
from conv_view.address import Choice, Field, Ints, Numbers, State, Text
from conv_view.controls import notices, pictures
from conv_view.controls.notices import Fault
from conv_view.controls.winograd_kernel import (
    CELLS,
    CUSTOM,
    MOST_WEIGHT,
    NAMES,
    begin,
    begin_own,
    chosen_kernel,
    fits,
    rank_of,
    take_kernel,
)
from conv_view.stage.component import Seen
from conv_view.stories.winograd import FOCUSES
from conv_view.text import Words
from conv_view.winograd_layers import LAYERS
from conv_view.winograd_tile import Followed, PointError, TapsError, follow, read_points

RANKS = ("1", "2")
OUTPUTS = ("2", "3", "4", "6")
TAPS = ("2", "3", "5")
PARTS = ("c8", "c12", "c16", "c24", "w24", "w32")
OWN = "own"
AUTO = "auto"
CROWDED = 8  # cells of a tile along an axis from which on not all matrices have room for their numbers
POWERS = tuple(str(2**power) for power in range(11))
ERRORS = (WindowError, TapsError, PointError)


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on screen: the tile that is followed, and the part of the picture (1 or 3, H, W) it lies in."""

    tile: Followed
    picture: NDArray[np.float32]
    chosen: pictures.Chosen


def fields() -> tuple[Field, ...]:
    """Return the fields of the page for the address."""
    own: list[Field] = []
    for rank in (1, 2):
        own += [
            Choice(f"kernel{rank}", "emboss" if rank == 2 else CUSTOM, NAMES[rank]),
            Numbers(f"cells{rank}", CELLS[rank], longest=25, limit=MOST_WEIGHT),
        ]
    return (
        *pictures.fields("cat"),
        Choice("colour", "grey", ("grey", "rgb")),
        Choice("part", "w24", PARTS),
        Choice("rank", "2", RANKS),
        Choice("m", "2", OUTPUTS),
        Choice("r", "3", TAPS),
        *own,
        Text("points", "", 80),
        Choice("focus", AUTO, (AUTO, *FOCUSES)),
        Ints("tile", (-1, -1), -1, 4096, length=2, quiet=True),
        Ints("cell", (0,) * 4, 0, 10**6, length=4, quiet=True),
        Choice("layer", "vgg1_2", (*LAYERS, OWN)),
        Choice("grown", "vgg1_1", (*LAYERS, OWN)),  # of few channels: there the turn is steep
        Choice("channels", "16", POWERS),
        Choice("filters", "16", POWERS),
    )


def focus_of(state: State, tile: Followed) -> str:
    """Return what stands on the stage: the choice, or all of a small tile and the data of a large one."""
    if state["focus"] != AUTO:
        return str(state["focus"])
    return "data" if is_crowded(tile) else "all"


def is_crowded(tile: Followed) -> bool:
    """Return whether all steps at once would leave the numbers no room."""
    return tile.rank == 2 and tile.n >= CROWDED


def followed(state: State, chosen: pictures.Chosen) -> Shown:
    """Return the tile that the fields lead to; raises one of ERRORS where there is none."""
    rank, m, taps = rank_of(state), int(state["m"]), int(state["r"])
    points = read_points(state["points"], m + taps - 2)
    return _followed(state, chosen, chosen_kernel(state, rank), rank, m, points)


def usual(state: State, chosen: pictures.Chosen) -> Shown:
    """Return what a link shows that asks for the impossible."""
    return _followed(state, chosen, kernel("emboss"), 2, 2, None)


def _followed(
    state: State, chosen: pictures.Chosen, cells: NDArray[np.float32], rank: int, m: int, points: Any
) -> Shown:
    choice = "c64" if chosen.name == pictures.PAINTED else state["part"]
    pixels = part.take(chosen.in_tones("grey" if rank == 1 else state["colour"]), choice).pixels
    picture = np.atleast_3d(pixels).transpose(2, 0, 1).astype(np.float32)
    if rank == 2:
        weight = np.repeat(cells[None, None], len(picture), 1)
        return Shown(follow(picture[None], weight, m, state["tile"], points), picture, chosen)
    row, place = state["tile"]
    row = picture.shape[1] // 2 if row < 0 else min(row, picture.shape[1] - 1)
    tile = follow(picture[:, row][None], cells[None, None], m, (place,), points, row)
    return Shown(tile, picture, chosen)


def take_news(state: State, seen: Seen, beside: Seen) -> None:
    """Keep the place where the stage rests, a kernel that was typed on it, and the tile that was picked."""
    if seen.cell is not None:
        state.put("cell", seen.cell)
    if seen.edit is not None and seen.edit["panel"] == "kernel":
        take_kernel(state, seen.edit)
    if beside.pick is None:
        return
    rank, m = rank_of(state), int(state["m"])
    *_, row, col = beside.pick["cell"]
    if rank == 2:
        state.put("tile", (row // m, col // m))
    elif beside.pick["panel"] == "picture":
        state.put("tile", (row, col // m))
    else:
        state.put("tile", (state["tile"][0], col // m))


def band(state: State, words: Words) -> None:
    """Show the picture, one axis or two, the size of the tile and the kernel."""
    pictures.choose(state, words)
    st.segmented_control(
        words["winograd.rank"],
        RANKS,
        key=state.key("rank"),
        required=True,
        format_func=lambda rank: words[f"winograd.ranks.{rank}"],
        on_change=lambda: begin(state),
    )
    for name, options in (("m", OUTPUTS), ("r", TAPS)):
        st.segmented_control(
            words[f"winograd.{name}"],
            options,
            key=state.key(name),
            required=True,
            on_change=lambda: begin(state),
            help=words[f"winograd.{name}_help"],
        )
    rank, taps = rank_of(state), int(state["r"])
    now = state[f"kernel{rank}"]
    st.selectbox(
        words["controls.kernel"],
        [name for name in NAMES[rank] if fits(name, rank, taps) or name == now],
        key=state.key(f"kernel{rank}"),
        format_func=lambda name: words[f"controls.kernels.{name}"],
        on_change=lambda: begin_own(state, rank, now),
        width=146,
    )
    st.selectbox(
        words["winograd.focus"],
        (AUTO, *FOCUSES),
        key=state.key("focus"),
        format_func=lambda name: words[f"winograd.focuses.{name}"],
        on_change=lambda: state.put("cell", (0,) * 4),
        width=170,
    )


def fault_of(words: Words, error: ValueError) -> Fault:
    """Return what to say of an error: the text's key, and the numbers in it."""
    if isinstance(error, PointError):
        return "winograd.point_large", error.numbers
    if isinstance(error, TapsError):
        name = words[f"controls.kernels.{error.numbers['name']}"]
        return "winograd.taps", error.numbers | {"name": name}
    return notices.fault_of(error)
