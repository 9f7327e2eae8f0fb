"""The controls of a pooling: which fields live in the link, the widgets that hold them, what they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import PoolTrace
from conv_view import address, part
from conv_view.address import Choice, Flag, Int, Ints, Number, State
from conv_view.controls import behind, pictures
from conv_view.controls.convolution import MOST_SIDE, NARROW
from conv_view.digits import told
from conv_view.pictures import to_grey
from conv_view.pooled import DIRECTIONS, KINDS, Pooling
from conv_view.stage.component import Seen
from conv_view.text import Words

AXES = ("y", "x")
MOST_WINDOW = 8
MOST_DILATION = 4
MOST_POWER = 12.0
ITS_SIZE = "window"  # the stride of windows that lie side by side
WHOLE = "whole"  # a window as large as the map
WINDOWS = (*(str(size) for size in range(1, MOST_WINDOW + 1)), WHOLE)
STRIDES = (ITS_SIZE, *(str(size) for size in range(1, MOST_WINDOW + 1)))
PADDINGS = ("0", "1", "2", "3", "4", "same", "same_lower", "sides")
USUAL = {"halves": ("2", ITS_SIZE), "alexnet": ("3", "2"), "blur": ("3", "1"), WHOLE: (WHOLE, ITS_SIZE)}
PLAIN = Pooling("max", (2, 2), (2, 2))


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on screen: the pooling of the part on the stage and of the whole picture."""

    settings: Pooling
    trace: PoolTrace
    full: PoolTrace
    piece: part.Part
    chosen: pictures.Chosen


def fields() -> tuple[address.Field, ...]:
    """Return the fields of the page for the address."""
    by_axis = [
        field
        for axis in AXES
        for field in (
            Int(f"window_{axis}", 2, 1, MOST_WINDOW),
            Choice(f"stride_{axis}", ITS_SIZE, STRIDES),
            Int(f"dilation_{axis}", 1, 1, MOST_DILATION),
            Int(f"before_{axis}", 0, 0, MOST_SIDE),
            Int(f"after_{axis}", 0, 0, MOST_SIDE),
        )
    ]
    return (
        *pictures.fields("cat"),
        Choice("colour", "grey", ("grey", "rgb")),
        Choice("part", "c16", part.PARTS),
        Ints("at", part.CENTRED, -1, 4096, length=2, quiet=True),
        Choice("kind", "max", KINDS),
        Number("p", 2.0, 1.0, MOST_POWER),
        Choice("window", "2", WINDOWS),
        Choice("stride", ITS_SIZE, STRIDES),
        Choice("padding", "0", PADDINGS),
        Int("dilation", 1, 1, MOST_DILATION),
        Flag("ceil"),
        Flag("count_pad", True),
        Flag("nan"),
        Flag("by_axis"),
        *by_axis,
        Ints("cell", (0,) * 4, 0, 10**6, length=4, quiet=True),
        Choice("shift", "right", tuple(DIRECTIONS)),
    )


def settings(state: State) -> Pooling:
    """Return what the fields say now."""
    if state["window"] == WHOLE:
        return Pooling(state["kind"], (1, 1), (1, 1), power=state["p"], whole=True)
    names = [f"_{axis}" for axis in AXES] if state["by_axis"] else ["", ""]
    window = tuple(int(state[f"window{axis}"]) for axis in names)
    stride = tuple(
        size if state[f"stride{axis}"] == ITS_SIZE else int(state[f"stride{axis}"])
        for axis, size in zip(names, window, strict=True)
    )
    padding: Any = state["padding"]
    if padding == "sides":
        padding = [(state[f"before_{axis}"], state[f"after_{axis}"]) for axis in AXES]
    elif padding.isdigit():
        padding = int(padding)
    return Pooling(
        state["kind"],
        (window[0], window[1]),
        (stride[0], stride[1]),
        padding,
        (state[f"dilation{names[0]}"], state[f"dilation{names[1]}"]),
        state["p"],
        state["ceil"],
        state["count_pad"],
    )


def planes(state: State, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a picture as float32 (1, channels, H, W), with a NaN in its middle if that is asked for."""
    if state["colour"] == "grey" or pixels.ndim == 2:
        x = to_grey(pixels)[None, None].astype(np.float32)
    else:
        x = np.ascontiguousarray(pixels.transpose(2, 0, 1))[None].astype(np.float32)
    if state["nan"]:
        x[..., x.shape[2] // 2, x.shape[3] // 2] = np.nan
    return x


def pooled(state: State, chosen: pictures.Chosen, settings: Pooling, *picks: Seen) -> Shown:
    """Return the pooling of the whole and of its part on the stage, with the window of a cell just picked.

    Raises WindowError for what cannot be pooled.
    """
    whole = planes(state, chosen.pixels)
    full = settings.trace(whole)
    period = part.period(settings.arguments())
    for seen in picks:
        if seen.pick and not settings.whole:  # its only window is over everything, wherever it was picked
            _bring(state, seen.pick, full, settings, period, chosen)
    choice = "c64" if chosen.name == pictures.PAINTED else state["part"]
    piece = part.take(chosen.pixels, choice, state["at"], period)
    small = planes(state, piece.pixels)
    if piece.at is not None:  # cut out of the whole, so that a NaN stays where it is
        rows, columns = (
            slice(start, start + size) for start, size in zip(piece.at, small.shape[2:], strict=True)
        )
        small = whole[..., rows, columns]
    return Shown(settings, settings.trace(small), full, piece, chosen)


def _bring(
    state: State,
    pick: dict[str, Any],
    full: PoolTrace,
    settings: Pooling,
    period: tuple[int, ...],
    chosen: pictures.Chosen,
) -> None:
    """Bring the window of a cell that was picked, in a whole result or in the picture, onto the stage."""
    picked = tuple(pick["cell"][1:])
    if pick["panel"] == "picture":
        picked = part.output_at(picked, chosen.preview.shape, full)
    choice = state["part"] if state["part"].startswith("c") else "c16"
    at, cell = part.bring_cell(picked, choice, full, settings.arguments(), period)
    state.put("at", at)
    state.put("cell", (0, 0, *cell))
    state.put("part", choice)


def band(state: State, words: Words) -> None:
    """Show the kind, the window, its stride and the padding: what everyone moves."""
    st.selectbox(
        words["pooling.kind"],
        KINDS,
        key=state.key("kind"),
        format_func=lambda name: kind_name(words, name, state["p"]),
        width=112,
    )
    whole = state["window"] == WHOLE
    fixed = whole or state["by_axis"]
    st.select_slider(
        words["pooling.window"],
        WINDOWS,
        key=state.key("window"),
        format_func=lambda name: words["pooling.whole"] if name == WHOLE else name,
        disabled=state["by_axis"] and not whole,
        width=NARROW,
    )
    _stride(words["controls.stride"], state.key("stride"), words, disabled=fixed)
    st.selectbox(
        words["controls.padding"],
        PADDINGS,
        key=state.key("padding"),
        format_func=lambda name: (
            words[f"controls.paddings.{name}"] if not name.isdigit() or name == "0" else name
        ),
        disabled=whole,
        width=112,
    )


def more(state: State, words: Words, extra: Callable[[], None] | None = None) -> None:
    """Show everything else behind one button, a page's own first."""
    room = behind.more(words, state.page)
    if room is None:
        return
    whole = state["window"] == WHOLE
    with room:
        if extra:
            extra()
        if state["kind"] == "lp":
            st.number_input(words["pooling.power"], 1.0, MOST_POWER, step=1.0, key=state.key("p"))
        st.slider(
            words["controls.dilation"],
            1,
            MOST_DILATION,
            key=state.key("dilation"),
            disabled=state["by_axis"] or whole,
        )
        for name in ("ceil", "count_pad", "nan"):
            if name not in state.fields:
                continue
            st.toggle(
                words[f"pooling.{name}"],
                key=state.key(name),
                help=words[f"pooling.{name}_help"],
                disabled=whole and name != "nan",
            )
        st.toggle(
            words["pooling.by_axis"],
            key=state.key("by_axis"),
            on_change=_same_on_all,
            args=(state,),
            disabled=whole,
        )
        if state["by_axis"]:
            _axis_rows(state, words)
        if state["padding"] == "sides":
            _side_rows(state, words)


def kind_name(words: Words, kind: str, power: float) -> str:
    """Return what a kind is called, a norm with its p."""
    name = words[f"pooling.kinds.{kind}"]
    return f"{name}, p = {told(power)}" if kind == "lp" else name


def use(state: State, name: str) -> None:
    """Set up one of the usual poolings."""
    if name == WHOLE:
        state.put("kind", "avg")
    state.put("by_axis", False)
    state.put("dilation", 1)
    state.put("padding", "0")
    window, stride = USUAL[name]
    state.put("window", window)
    state.put("stride", stride)


def _stride(label: str, key: str, words: Words, *, disabled: bool = False) -> None:
    st.selectbox(
        label,
        STRIDES,
        key=key,
        format_func=lambda name: words["pooling.its_size"] if name == ITS_SIZE else name,
        disabled=disabled,
        width=112,
    )


def _same_on_all(state: State) -> None:
    if state["by_axis"]:
        for axis in AXES:
            for name in ("window", "stride", "dilation"):
                size = state[name]
                state.put(f"{name}_{axis}", int(size) if name == "window" else size)


def _axis_rows(state: State, words: Words) -> None:
    for axis in AXES:
        label = words[f"controls.axes.{axis}"]
        window, stride, dilation = st.columns(3)
        window.slider(
            words.say("pooling.window_of", axis=label), 1, MOST_WINDOW, key=state.key(f"window_{axis}")
        )
        with stride:
            _stride(words.say("controls.stride_of", axis=label), state.key(f"stride_{axis}"), words)
        dilation.slider(
            words.say("controls.dilation_of", axis=label), 1, MOST_DILATION, key=state.key(f"dilation_{axis}")
        )


def _side_rows(state: State, words: Words) -> None:
    for axis in AXES:
        for column, side in zip(st.columns(2), ("before", "after"), strict=True):
            label = words[f"controls.sides.{side}_{axis}"]
            column.number_input(label, 0, MOST_SIDE, key=state.key(f"{side}_{axis}"))
