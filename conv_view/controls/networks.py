"""The controls of the page of networks: which one, its picture, and what is selected in picture and table."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from conv_view import network_diagram
from conv_view.address import Choice, Field, Int, State, Text
from conv_view.controls import notices
from conv_view.network_words import told, total_line
from conv_view.networks import (
    BEGINS,
    NETWORKS,
    Net,
    Selection,
    SizeError,
    load,
    smallest_side,
    usual_side,
    variants,
)
from conv_view.stage.bundle import palette
from conv_view.text import Words

MOST_SIDE = 2048
USUAL = 0  # a side that a link does not say: the one that the network was made for
LONGEST = 60  # letters of a layer's name
ROWS = ("all", "open")
PICTURE = "networks_picture"
SEEN = "networks:seen"  # in the visitor's session: what was last acted upon
SIDE = "networks_side"
KEY = {"weights": "kernel", "window": "window", "copy": "copy", "sum": "output", "cellwise": "plain"}

_HERE = Path(network_diagram.__file__)
_picture = st.components.v2.component(
    "convscope_network",
    html='<div class="net"></div>',
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def fields() -> tuple[Field, ...]:
    """Return the fields for the address."""
    return (
        Choice("network", BEGINS, NETWORKS),
        Choice("variant", "paper", variants(BEGINS)),
        Int("side", USUAL, USUAL, MOST_SIDE),
        Text("at", "", LONGEST),
        Choice("rows", ROWS[0], ROWS),
    )


def asked(state: State) -> Net:
    """Return the network that the fields ask for; raises SizeError for an input that is too small."""
    state.among("variant", variants(state["network"]))
    return load(state["network"], state["variant"], _side(state))


def usual(state: State) -> Net:
    """Return what is shown for an impossible link: the network for the input that it was made for."""
    return load(state["network"], state["variant"], usual_side(state["network"], state["variant"]))


def _side(state: State) -> int:
    made_for = usual_side(state["network"], state["variant"])
    return int(state["side"]) or made_for


def faults_of(words: Words, state: State, error: ValueError | None) -> tuple[notices.Fault, ...]:
    """Return what to say of an input that a network cannot take: which layer it ends at, and why."""
    if not isinstance(error, SizeError):
        return notices.faults_of(error)
    why = notices.sentence(words, state.page, notices.fault_of(error.cause), rank=2)
    least = smallest_side(state["network"], state["variant"])
    numbers = {"layer": error.layer, "side": _side(state), "sentence": why, "least": least}
    return (("networks.fault", numbers),)


def band(state: State, words: Words) -> None:
    """Show the choice of a network, of its variant and of the input's size."""
    st.selectbox(
        words["networks.network"],
        NETWORKS,
        key=state.key("network"),
        format_func=lambda name: words[f"networks.names.{name}"],
        on_change=lambda: state.put("side", USUAL),
        width=170,
    )
    st.selectbox(
        words["networks.variant"],
        variants(state["network"]),
        key=state.key("variant"),
        format_func=lambda name: words[f"networks.variants.{name}"],
        on_change=lambda: state.put("side", USUAL),
        width=140,
    )
    if st.session_state.get(SIDE) != _side(state):
        st.session_state[SIDE] = _side(state)
    st.number_input(
        words["networks.side"], 1, MOST_SIDE, key=SIDE, on_change=_take_side, args=(state,), width=130
    )


def _take_side(state: State) -> None:
    side = st.session_state[SIDE]
    is_usual = side == usual_side(state["network"], state["variant"])
    state.put("side", USUAL if is_usual or side is None else side)


def take_news(state: State) -> None:
    """Select what was clicked in the picture or in the table since the last run."""
    seen: dict[str, Any] = st.session_state.setdefault(SEEN, {"pick": None, "rows": [], "table": 0})
    picked = (st.session_state.get(PICTURE) or {}).get("pick")
    if picked and picked != seen["pick"]:
        seen["pick"] = picked
        state.put("at", str(picked["at"]))
        return
    table = st.session_state.get(table_key())
    marks = list(table["selection"]["rows"]) if table else seen["rows"]
    if marks != seen["rows"] and seen.get("names"):
        names, seen["rows"] = seen["names"], marks
        state.put("at", names[marks[0]] if marks and marks[0] < len(names) else seen["block"])


def table_key() -> str:
    """Return the key of the table: another one once something else than the reader's click moves its mark."""
    return f"networks_table_{st.session_state[SEEN]['table']}"


@dataclass(frozen=True)
class Shown:
    """The rows of the table: the layers' names, None where it is all of the network, and which is marked."""

    names: tuple[str, ...]
    only: tuple[str, ...] | None
    marked: Any


def rows(state: State, net: Net, selection: Selection, language: str) -> Shown:
    """Return the rows that the table shows, and see to it that it marks the one that is selected."""
    part = state["rows"] == "open" or selection.block in net.heads
    only = selection.opened.nodes if part else None
    names = only or tuple([row.name for row in net.rows])
    seen = st.session_state[SEEN]
    marks = [names.index(selection.layer)] if selection.layer in names else []
    shown = (names, language)
    if seen.get("shown") != shown or seen["rows"] != marks:
        seen |= {"table": seen["table"] + 1, "rows": marks, "shown": shown}
    seen |= {"names": names, "block": selection.opened.at}
    return Shown(names, only, {"selection": {"rows": marks, "columns": [], "cells": []}})


def line(words: Words, net: Net) -> str:
    """Return the line above the picture: the network and its totals."""
    return total_line(words, net)


def picture(state: State, words: Words, net: Net, selection: Selection) -> None:
    """Show the network, its key and a sentence about what is selected."""
    marks = st.session_state[SEEN]["rows"]
    with st.container(key="networks_diagram"):
        _picture(
            key=PICTURE,
            data={
                "svg": network_diagram.diagram(net, state["at"], words.language),
                "table": table_key(),
                "row": marks[0] if marks else -1,
            },
            on_pick_change=_nothing,
        )
    st.html(_legend(words))
    with st.container(key="networks_told"):
        st.markdown(told(words, net, selection))


def _legend(words: Words) -> str:
    roles = palette()["roles"]
    marks = "".join(
        f'<span style="white-space:nowrap"><i style="display:inline-block;width:.85em;height:.85em;'
        f'border-radius:2px;margin-right:.4em;vertical-align:-.08em;background:{roles[role]}"></i>'
        f"{escape(words[f'networks.key.{name}'])}</span>"
        for name, role in KEY.items()
    )
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;font-size:.82rem;opacity:.9">'
        f"{marks}<span>{escape(words['networks.key.size'])}</span>"
        f"<span>{escape(words['networks.hint'])}</span></div>"
    )


def _nothing() -> None:
    """A state of a component exists once a callback is named for it; the page reads it on the rerun."""
