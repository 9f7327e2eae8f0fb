"""The controls of the race, and the layer and the choices that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from conv_view.address import Choice, Field, Int, State
from conv_view.controls import behind, notices
from conv_view.known_layers import LAYERS, OWN, Layer, Setup, macs, output_size
from conv_view.race_costs import QUANTITIES, Entry, entries
from conv_view.race_curves import AXES
from conv_view.text import Words

MS = ("auto", "2", "4", "6")
TILES = ("auto", "8", "16", "32", "64", "128", "256")
LIMITS = {  # of a layer of one's own: from, what it begins with, to
    "channels": (1, 16, 2048),
    "outputs": (1, 16, 2048),
    "kernel": (1, 3, 31),
    "size": (1, 32, 1024),
    "stride": (1, 1, 16),
    "padding": (0, 1, 31),
    "dilation": (1, 1, 16),
    "groups": (1, 1, 2048),
}
BEGINS = "vgg3_2"


@dataclass(frozen=True)
class Asked:
    """What is compared: a layer under its name, and what each engine costs on it."""

    name: str
    setup: Setup
    rows: tuple[Entry, ...]


def fields() -> tuple[Field, ...]:
    """Return the fields for the address."""
    own = (Int(name, begins, low, high) for name, (low, begins, high) in LIMITS.items())
    return (
        Choice("layer", BEGINS, (*LAYERS, OWN)),
        *own,
        Choice("m", "auto", MS),
        Choice("tile", "auto", TILES),
        Choice("axis", "kernel", tuple(AXES)),
        Choice("quantity", "multiplies", QUANTITIES),
    )


def asked(state: State) -> Asked:
    """Return what the fields ask for; raises WindowError for a layer that cannot be."""
    name = state["layer"]
    layer = Layer(**{field: state[field] for field in LIMITS}) if name == OWN else LAYERS[name]
    numbers = (None if state[field] == "auto" else int(state[field]) for field in ("m", "tile"))
    setup = Setup(layer, *numbers)
    return Asked(name, setup, entries(setup))


def usual() -> Asked:
    """Return what is shown while a link asks for the impossible."""
    setup = Setup(LAYERS[BEGINS])
    return Asked(BEGINS, setup, entries(setup))


def band(state: State, words: Words, measure: Callable[[], None]) -> None:
    """Show the choice of a layer, its own numbers, what `measure` shows, and the axis of the curves."""
    st.selectbox(
        words["race.layer"],
        (*LAYERS, OWN),
        key=state.key("layer"),
        format_func=lambda name: words[f"layers.{name}"],
        width=176,
    )
    if state["layer"] == OWN:
        for name, (low, _, high) in LIMITS.items():
            st.number_input(words[f"race.own.{name}"], low, high, key=state.key(name), width=72)
    measure()
    st.segmented_control(
        words["race.axis"],
        tuple(AXES),
        key=state.key("axis"),
        required=True,
        format_func=lambda name: words[f"race.axes.{name}"],
    )
    _more(state, words)


def _more(state: State, words: Words) -> None:
    room = behind.more(words, state.page)
    if room is None:
        return
    with room:
        _choice(state, words, "m", MS, "{0} × {0}")
        _choice(state, words, "tile", TILES, "{0} × {0}")
        st.selectbox(
            words["race.quantity"],
            QUANTITIES,
            key=state.key("quantity"),
            format_func=lambda name: words[f"race.quantities.{name}"],
        )


def _choice(state: State, words: Words, name: str, options: tuple[str, ...], form: str) -> None:
    st.selectbox(
        words[f"race.{name}"],
        options,
        key=state.key(name),
        format_func=lambda option: words["race.by_itself"] if option == "auto" else form.format(option),
    )


def shape(words: Words, layer: Layer) -> str:
    """Return the layer in one line: its shapes, and the multiplications of its definition."""
    return words.say(
        "race.shape",
        channels=layer.channels,
        size=layer.size,
        outputs=layer.outputs,
        out=output_size(layer),
        kernel=layer.kernel,
        stride=layer.stride,
        padding=layer.padding,
        dilation=layer.dilation,
        groups=layer.groups,
        macs=f"{macs(layer):,}",
    )


def line(words: Words, layer: Layer, ended: str) -> str:
    """Return the line above the stage: the layer, and whether a measurement ended before its end."""
    return f"{shape(words, layer)}  :material/info: {ended}" if ended else shape(words, layer)


def faults(words: Words, state: State, rows: tuple[Entry, ...]) -> dict[str, str]:
    """Return for each engine that cannot why not, and which can."""
    return {
        row.engine: notices.sentence(words, state.page, notices.fault_of(row.fault), 2)
        for row in rows
        if row.fault is not None
    }
