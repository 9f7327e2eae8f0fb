"""Kernels as the rows of a matrix: several filters made of one kernel, and weights typed into their cells."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_view import channels
from conv_view.address import Field, Int, Numbers, State
from conv_view.controls import convolution
from conv_view.stage.component import Seen
from conv_view.unfolded import filters

MOST_FILTERS = 3
MOST_EDITS = 40
NOTHING = (0.0,)


def fields(count: int = 1) -> tuple[Field, ...]:
    """Return the fields of `count` filters at first, beside those of a convolution."""
    return (
        Int("filters", count, 1, MOST_FILTERS),
        # What was typed on the stage: filter, channel, row, column, value, and so on.
        Numbers("edits", NOTHING, longest=5 * MOST_EDITS, limit=1e6),
    )


def weight(state: State, count: int, groups: int = 1) -> NDArray[np.float32]:
    """Return the filters (O, C / groups, kh, kw) over `count` channels, with what was typed into them."""
    reads = max(1, count // groups)
    kernels = convolution.settings(state, 2).weight(reads)[0]
    return channels.changed(filters(kernels, state["filters"]), min(groups, count), state["edits"])


def take_edit(state: State, seen: Seen, before: NDArray[np.float32], groups: int = 1) -> None:
    """Keep weights that were typed on the stage into the rows `before`, until another kernel is chosen."""
    signature = tuple(state[name] for name in ("kernel", "cells", "cells_shape", "flip"))
    known = f"{state.page}:kernel"
    if st.session_state.setdefault(known, signature) != signature:
        # What was typed into the kernel before this one has no place in it.
        st.session_state[known] = signature
        state.put("edits", NOTHING)
    if seen.edit is None or seen.edit["panel"] != "rows":
        return
    after = np.asarray(seen.edit["values"], np.float32)
    if after.size != before.size:
        return  # the stage has moved on
    edits = channels.typed(before, after.reshape(before.shape), groups, state["edits"])
    state.put("edits", edits[-5 * MOST_EDITS :] or NOTHING)
