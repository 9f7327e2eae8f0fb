"""The controls of the page about padding, stride and dilation: a small grid and every number of a window."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import ConvTrace, conv_trace
from conv_view import samples
from conv_view.address import Choice, Field, Flag, Int, Ints, Numbers, State
from conv_view.controls import behind
from conv_view.controls.convolution import MODES, MOST_DILATION, MOST_STRIDE, PADDINGS, Settings
from conv_view.controls.pictures import painted
from conv_view.painted import LONGEST_SIDE, GridField, encode_painted
from conv_view.pictures import crop, reduce, to_grey
from conv_view.stage.component import Seen
from conv_view.text import Words

NUMBERED, PAINTED = "numbers", "painted"
CONTENTS = (NUMBERED, PAINTED, *samples.PICTURES)
MOST_KERNEL = 7
MOST_SIDE = 48  # so much padding keeps the size of the largest grid with the longest stride
AXES = ("y", "x")
SLIDER, NUMBER = 84, 64
LIMITS = {"kernel": MOST_KERNEL, "stride": MOST_STRIDE, "dilation": MOST_DILATION}


def fields() -> tuple[Field, ...]:
    """Return the fields of the page's grid and window for the address."""
    own = [Int(name, {"kernel": 3, "stride": 3}.get(name, 1), 1, most) for name, most in LIMITS.items()]
    by_axis = [
        field
        for axis in AXES
        for field in (
            Int(f"size_{axis}", 9, 1, LONGEST_SIDE),
            *(Int(f"{one.name}_{axis}", one.default, 1, one.high) for one in own),
            Int(f"before_{axis}", 0, 0, MOST_SIDE),
            Int(f"after_{axis}", 0, 0, MOST_SIDE),
        )
    ]
    return (
        Choice("content", NUMBERED, CONTENTS),
        GridField("grid"),
        *own,
        Flag("by_axis"),
        *by_axis,
        Choice("padding", "1", PADDINGS),
        Choice("mode", "reflect", MODES),
        Numbers("cells", (1.0,), longest=MOST_KERNEL**2, limit=1e6),
        Ints("cell", (0,) * 5, 0, 10**6, length=5, quiet=True),
    )


def take_news(state: State, seen: Seen) -> None:
    """Keep the place where the stage rests, a kernel that was typed on it, and a grid that was painted."""
    if seen.cell is not None:
        state.put("cell", seen.cell)
    if seen.edit is None:
        return
    values = np.asarray(seen.edit["values"], float).reshape(seen.edit["shape"])
    if seen.edit["panel"] == "kernel":
        state.put("cells", tuple(values.ravel().tolist()))
    elif seen.edit["panel"] == "input":
        state.put("grid", encode_painted(np.clip(np.rint(values[0]), 0, 255).astype(np.uint8)))


def traced(state: State, padding: str | None = None) -> ConvTrace:
    """Return the convolution that the fields describe, with another `padding` if one is given.

    Raises WindowError where it is impossible.
    """
    chosen = settings(state)
    arguments = chosen.arguments() | ({"padding": padding} if padding else {})
    return conv_trace(grid(state)[None, None], chosen.weight(1), **arguments)


def usual(state: State) -> ConvTrace:
    """Return something to look at while what a link asks for is impossible: the grid under a single cell."""
    return conv_trace(grid(state)[None, None], np.ones((1, 1, 1, 1), np.float32))


def grid(state: State) -> NDArray[np.float32]:
    """Return the grid (rows, columns): counted cell by cell from 1, painted, or out of a picture."""
    rows, columns = state["size_y"], state["size_x"]
    if state["content"] == NUMBERED:
        return np.arange(1, rows * columns + 1, dtype=np.float32).reshape(rows, columns)
    if state["content"] == PAINTED:
        cells, drawn = np.zeros((rows, columns), np.float32), painted(state["grid"])[:rows, :columns]
        cells[: drawn.shape[0], : drawn.shape[1]] = drawn
        return cells
    grey = to_grey(samples.picture(state["content"]))
    # As small as it can be and still hold the grid, so that there is something to recognise in it.
    needed = max(rows / grey.shape[0], columns / grey.shape[1])
    small = reduce(grey, longest=max(rows, columns, round(needed * max(grey.shape))))
    top, left = (max(0, have - want) // 2 for have, want in zip(small.shape, (rows, columns), strict=True))
    return crop(small, top, left, min(rows, small.shape[0]), min(columns, small.shape[1])).astype(np.float32)


def settings(state: State) -> Settings:
    """Return what the fields say about the window now."""
    kernel, stride, dilation = (per_axis(state, name) for name in LIMITS)
    padding: Any = state["padding"]
    if padding == "sides":
        padding = [(state[f"before_{axis}"], state[f"after_{axis}"]) for axis in AXES]
    elif padding.isdigit():
        padding = int(padding)
    # Typed cells belong to a kernel of their size; one of another size begins with ones.
    cells = np.asarray(state["cells"], np.float32)
    weights = cells.reshape(kernel) if cells.size == np.prod(kernel) else np.ones(kernel, np.float32)
    return Settings(weights, stride, padding, dilation, state["mode"], 0.0, False)


def per_axis(state: State, name: str) -> tuple[int, int]:
    """Return the kernel, stride or dilation for rows and for columns."""
    if state["by_axis"]:
        return state[f"{name}_y"], state[f"{name}_x"]
    return state[name], state[name]


def use(state: State, pads: tuple[tuple[int, int], ...], stride: int | None = None) -> None:
    """Make these the padding of each side, with another stride if one is given."""
    if stride is not None:
        for name in ("stride", *(f"stride_{axis}" for axis in AXES)):
            state.put(name, stride)
    state.put("padding", "sides")
    for axis, (before, after) in zip(AXES, pads, strict=True):
        state.put(f"before_{axis}", before)
        state.put(f"after_{axis}", after)


def band(state: State, words: Words) -> None:
    """Show the grid's content, the window's numbers, and what is needed of the rest."""
    st.selectbox(
        words["parameters.content"],
        CONTENTS,
        key=state.key("content"),
        format_func=lambda name: (
            words["parameters.numbers"] if name == NUMBERED else words[f"picture.names.{name}"]
        ),
        width=124,
    )
    for name, most in LIMITS.items():
        if not state["by_axis"]:
            st.slider(words[f"parameters.{name}"], 1, most, key=state.key(name), width=SLIDER)
            continue
        for axis in AXES:
            label = f"{words[f'parameters.{name}']} {axis}"
            st.slider(label, 1, most, key=state.key(f"{name}_{axis}"), width=SLIDER)
    st.selectbox(
        words["controls.padding"],
        PADDINGS,
        key=state.key("padding"),
        format_func=lambda name: (
            words[f"controls.paddings.{name}"] if not name.isdigit() or name == "0" else name
        ),
        on_change=_begin_sides,
        args=(state,),
        width=124,
    )
    if state["padding"] == "sides":
        for name, side in zip(_sides(), ("top", "bottom", "left", "right"), strict=True):
            st.number_input(
                words[f"parameters.sides.{side}"], 0, MOST_SIDE, key=state.key(name), width=NUMBER
            )
    st.selectbox(
        words["controls.mode"],
        MODES,
        key=state.key("mode"),
        format_func=lambda name: words[f"controls.modes.{name}"],
        width=150,
    )
    _more(state, words)


def _more(state: State, words: Words) -> None:
    room = behind.more(words, state.page)
    if room is None:
        return
    with room:
        st.toggle(words["parameters.by_axis"], key=state.key("by_axis"), on_change=_same, args=(state,))
        for axis in AXES:
            st.slider(words[f"parameters.size_{axis}"], 1, LONGEST_SIDE, key=state.key(f"size_{axis}"))
        if st.button(words["parameters.ones"], icon=":material/restart_alt:"):
            state.put("cells", (1.0,))
            st.rerun(scope="fragment")


def _same(state: State) -> None:
    if state["by_axis"]:
        for name in LIMITS:
            for axis in AXES:
                state.put(f"{name}_{axis}", state[name])


def _begin_sides(state: State) -> None:
    """Begin with the padding that was there, so that choosing "each side" changes nothing by itself."""
    good = st.session_state.get(f"{state.page}:good")
    if state["padding"] == "sides" and good and not any(state[name] for name in _sides()):
        use(state, good[0].pads)


def _sides() -> tuple[str, ...]:
    return tuple(f"{side}_{axis}" for axis in AXES for side in ("before", "after"))
