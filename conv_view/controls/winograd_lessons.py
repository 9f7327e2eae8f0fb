"""What the page about Winograd's filtering tells: the line above its stage, and the chapters below it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from conv_view import winograd_code
from conv_view.address import State
from conv_view.controls import winograd_counts, winograd_error, winograd_layers, winograd_why
from conv_view.controls.chapters import opened
from conv_view.controls.winograd import AUTO, Shown, is_crowded
from conv_view.digits import told
from conv_view.text import Words
from conv_view.winograd_tile import Followed


def formula(words: Words, tile: Followed) -> str:
    """Return the name of the tile, and its multiplications beside those of the direct sums, as LaTeX."""
    m, r, n, rank = tile.m, tile.r, tile.n, tile.rank
    parts = (
        words.say("winograd.formula", name=tile.name, m=m, r=r, n=n),
        words.say("winograd.formula_products", products=_power(n, rank), count=n**rank),
        words.say(
            "winograd.formula_direct",
            terms=rf"{_power(m, rank)}\cdot{_power(r, rank)}",
            count=(m * r) ** rank,
        ),
    )
    return r" $\quad$ ".join(f"${part}$" for part in parts)


def _power(size: int, rank: int) -> str:
    return r"\cdot".join([str(size)] * rank)


def remark(words: Words, tile: Followed, focus: str) -> None:
    """Say which cells the tile reads, what of it is kept, and how far it is from the direct sums."""
    m, n = tile.m, tile.n
    starts = [at * m for at in tile.tile]
    place = ", ".join(str(at + 1) for at in tile.tile)
    numbers = {
        "place": f"({place})" if tile.rank == 2 else place,
        "tiles": " × ".join(map(str, tile.tiles)),
        "m": m,
        "shared": tile.r - 1,
        "left": starts[-1],
        "right": starts[-1] + n - 1,
        "top": starts[0],
        "bottom": starts[0] + n - 1,
        "row": tile.row,
    }
    said = [words.say(f"winograd.remark.tile_{tile.rank}", **numbers)]
    kept = int(np.prod(tile.inside))
    if kept < m**tile.rank:
        said.append(words.say("winograd.remark.ragged", kept=kept, made=m**tile.rank))
    most = float(np.abs(tile.steps["difference"]).max())
    key = "differ" if most else "same"
    said.append(words.say(f"winograd.remark.{key}", difference=told(most, 2)))
    st.markdown(words.together(said))
    notes = [words["winograd.remark.roles"]]
    if is_crowded(tile) and focus in (AUTO, "all"):
        key = "fitting" if focus == AUTO else "crowded"
        notes.append(words.say(f"winograd.remark.{key}", focus=words["winograd.focus"]))
    st.caption(words.together(notes))


def chapters(words: Words, state: State, shown: Shown) -> None:
    """Show the chapters below the stage; only the open one is computed."""
    opened(words, state, "winograd.tabs.{}", CHAPTERS)(words, state, shown)


def _code(words: Words, state: State, shown: Shown) -> None:
    st.markdown(words["winograd.code.text"])
    st.code(winograd_code.numpy(shown.tile), language="python")


CHAPTERS: dict[str, Callable[[Words, State, Shown], None]] = {
    "why": winograd_why.show,
    "counts": winograd_counts.show,
    "channels": winograd_layers.channels,
    "depthwise": winograd_layers.depthwise,
    "growing": winograd_layers.growing,
    "error": winograd_error.show,
    "code": _code,
}
