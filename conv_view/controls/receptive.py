"""The controls of the receptive field page: which stack of layers, and the layers of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core.stacks import STACKS, StackLayer, stack
from conv_view.address import Choice, Field, Int, Ints, State
from conv_view.controls import behind, notices
from conv_view.pictures import crop, reduce
from conv_view.stack_text import (
    MOST_DILATION,
    MOST_KERNEL,
    MOST_PADDING,
    MOST_STRIDE,
    StackField,
    read_stack,
    write_stack,
)
from conv_view.stage.component import Seen
from conv_view.stories.receptive import MOST_SHOWN, Grown, LayerError, Style, TooManyLayersError
from conv_view.text import Words

OWN = "own"
SIDES = ("12", "16", "24", "32", "48", "64")
STYLES: tuple[Style, ...] = ("mean", "edges")
LAST = (-1, -1, -1)  # the last layer's middle cell
_NUMBERS = (
    ("kernel", 1, MOST_KERNEL),
    ("stride", 1, MOST_STRIDE),
    ("padding", 0, MOST_PADDING),
    ("dilation", 1, MOST_DILATION),
)


def fields() -> tuple[Field, ...]:
    """Return the fields for the address, beside those of the picture."""
    return (
        Choice("stack", OWN, (OWN, *(each.name for each in STACKS))),
        StackField("layers", "c3p1_c3p1_m2s2_c3p1"),
        Choice("side", "48", SIDES),
        Choice("style", "mean", STYLES),
        Int("also", -1, -1, 99),
        Ints("cell", LAST, -1, 10**6, length=3, quiet=True),
    )


def layers_of(state: State) -> tuple[StackLayer, ...]:
    """Return the layers that are named or built."""
    return read_stack(state["layers"]) if state["stack"] == OWN else stack(state["stack"]).layers


def landmarks_of(state: State) -> tuple[str, ...]:
    """Return the layers that stand for a network on the stage."""
    return () if state["stack"] == OWN else stack(state["stack"]).landmarks


def is_network(state: State) -> bool:
    """Tell whether the stack is too long to be built here: then it brings the size of its picture."""
    return state["stack"] != OWN and len(stack(state["stack"]).layers) > MOST_SHOWN


def fault_of(words: Words, error: ValueError) -> notices.Fault:
    """Return what to say of a stack that cannot be shown: which of its layers is at fault, and why."""
    if isinstance(error, TooManyLayersError):
        return "receptive.too_many", {"limit": MOST_SHOWN, "count": error.count}
    if isinstance(error, LayerError):
        why = notices.sentence(words, "receptive", notices.fault_of(error.cause), rank=2)
        return "receptive.fault", {"layer": error.layer + 1, "sentence": why}
    return notices.fault_of(error)


def sized(state: State, grey: NDArray[np.uint8], *, painted: bool) -> NDArray[np.uint8]:
    """Return the picture as the layers read it: reduced, or the square in its middle for a network."""
    if not is_network(state):
        return grey if painted else reduce(grey, longest=int(state["side"]))
    size, side = stack(state["stack"]).size, min(grey.shape)
    square = crop(grey, (grey.shape[0] - side) // 2, (grey.shape[1] - side) // 2, side, side)
    if side >= size:
        return reduce(square, height=size, width=size)
    nearest = np.arange(size) * side // size
    return square[np.ix_(nearest, nearest)]


def titles(layers: Sequence[StackLayer], words: Words) -> list[str]:
    """Return what the layers are called: by their names in a network, else by their numbers."""
    return [
        words.say("receptive.layer", number=layer.name) if layer.name.isdigit() else layer.name
        for layer in layers
    ]


def window_of(layer: StackLayer, words: Words, *, short: bool = False) -> str:
    """Return a window in brief: its kind (no "conv" where `short`), its size, and what is not usual."""
    kind = "" if short and layer.kind == "conv" else words[f"receptive.kinds.{layer.kind}"] + " "
    text = f"{kind}{layer.kernel}×{layer.kernel}"
    for letter, value, usual in (("s", layer.stride, 1), ("p", layer.padding, 0), ("d", layer.dilation, 1)):
        text += f" {letter}{value}" if value != usual else ""
    return text


def take_news(state: State, seen: Seen, grown: Grown | None) -> None:
    """Keep the cell on which the stage rests, its layer counted among all layers."""
    if seen.cell is None or grown is None:
        return
    act, *position = seen.cell
    if act < len(grown.shown):
        state.put("cell", (grown.shown[act], *position))


def stack_menu(state: State, words: Words) -> None:
    """Show the menu of stacks."""
    st.selectbox(
        words["receptive.stack"],
        (OWN, *(each.name for each in STACKS)),
        key=state.key("stack"),
        format_func=lambda name: words[f"receptive.stacks.{name}"],
        on_change=_begin_again,
        args=(state,),
        width=150,
    )


def builder(state: State, words: Words) -> None:
    """Show a button a layer, which opens its numbers, and one that adds a layer; of a network, its layers."""
    layers = layers_of(state)
    if is_network(state):
        others = [number for number, layer in enumerate(layers) if layer.name not in landmarks_of(state)]
        state.among("also", [-1, *others])
        st.selectbox(
            words["receptive.also"],
            [-1, *others],
            key=state.key("also"),
            format_func=lambda at: words["receptive.also_none"] if at < 0 else layers[at].name,
            on_change=lambda: state.put("cell", (state["also"], -1, -1)),
            width=168,
        )
        return
    for number, layer in enumerate(layers):
        with st.container(width="content", gap=None, key=f"{state.page}_chip{number}"):
            st.caption(window_of(layer, words, short=True))
            # Its label is part of what it is: one that followed the numbers would close it under the reader.
            label = words.say("receptive.layer", number=number + 1)
            room = behind.behind(label, f"{state.page}_layer{number}")
        if room is not None:
            with room:
                _numbers(state, words, layers, number)
    if len(layers) < MOST_SHOWN:
        st.button(
            words["receptive.add"],
            icon=":material/add:",
            key=f"{state.page}_add",
            on_click=lambda: _rebuild(state, (*layers, StackLayer("", "conv", 3, padding=1))),
        )


def more(state: State, words: Words, *, painted: bool) -> None:
    """Show what is rarer behind one button: the size of the picture, and what the layers compute."""
    room = behind.more(words, state.page)
    if room is None:
        return
    with room:
        st.selectbox(
            words["receptive.side"],
            SIDES,
            key=state.key("side"),
            format_func=lambda side: words.say("receptive.longest", side=side),
            disabled=painted or is_network(state),
        )
        st.segmented_control(
            words["receptive.style"],
            STYLES,
            key=state.key("style"),
            required=True,
            format_func=lambda style: words[f"receptive.styles.{style}"],
        )


def _numbers(state: State, words: Words, layers: Sequence[StackLayer], number: int) -> None:
    layer = layers[number]
    keys = {name: f"{state.page}_layer{number}_{name}" for name in ("kind", *(row[0] for row in _NUMBERS))}

    def change() -> None:
        values = {name: st.session_state[key] for name, key in keys.items()}
        _rebuild(state, (*layers[:number], replace(layer, **values), *layers[number + 1 :]))

    for name, key in keys.items():
        if st.session_state.get(key) != getattr(layer, name):
            st.session_state[key] = getattr(layer, name)
    st.segmented_control(
        words["receptive.kind"],
        ("conv", "pool"),
        key=keys["kind"],
        required=True,
        format_func=lambda kind: words[f"receptive.kinds.{kind}"],
        on_change=change,
    )
    for name, low, high in _NUMBERS:
        st.slider(words[f"receptive.{name}"], low, high, key=keys[name], on_change=change)
    st.button(
        words["receptive.remove"],
        icon=":material/delete:",
        key=f"{state.page}_layer{number}_remove",
        on_click=lambda: _rebuild(state, (*layers[:number], *layers[number + 1 :])),
        disabled=len(layers) == 1,
    )


def _rebuild(state: State, layers: Sequence[StackLayer]) -> None:
    """Make these layers the reader's own; where their number changes, the last one is looked at."""
    if len(layers) != len(layers_of(state)):
        state.put("cell", LAST)
    state.put("layers", write_stack(layers))
    state.put("stack", OWN)


def _begin_again(state: State) -> None:
    state.put("cell", LAST)
    state.put("also", -1)
