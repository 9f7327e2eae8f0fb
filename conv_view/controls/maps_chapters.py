"""Depth below the stage of feature maps: the calculation, the filter, and where the weights come from."""

from __future__ import annotations

import numpy as np
import streamlit as st

from conv_core.layers import Conv
from conv_view.address import State
from conv_view.cell_sums import calculation
from conv_view.controls.chapters import opened
from conv_view.controls.maps import Shown
from conv_view.digits import told
from conv_view.filter_pictures import colours, sheet, signed
from conv_view.passage import SEED
from conv_view.text import Words, literal

CHAPTERS = ("sums", "filter", "weights")
FIRST_LAYER = 3  # channels of a picture, which a filter can be shown in
MOST_KERNELS = 64
WIDEST = 900


def chapters(words: Words, state: State, shown: Shown) -> None:
    """Show the chapters, and the open one."""
    shows = {"sums": _sums, "filter": _filter, "weights": _weights}
    opened(words, state, "maps.chapters.{}", shows)(words, state, shown)


def _sums(words: Words, state: State, shown: Shown) -> None:
    act, index = state["step"]
    st.html(calculation(shown.parts, words, index if act == 0 else 0))
    st.caption(words["maps.sums.note"])


def _filter(words: Words, state: State, shown: Shown) -> None:
    story = shown.parts.story
    layer = shown.net.graph[story.node].layer
    if not isinstance(layer, Conv):
        st.markdown(words.say("maps.filter.none", layer=literal(story.node)))
        return
    weights = np.asarray(shown.passage.params[f"{story.node}.weight"])
    number = story.place[1]
    rows, columns = weights.shape[2:]
    if weights.shape[1] == FIRST_LAYER and story.source == ("input",):
        pictures, per_row, marked = colours(weights), min(len(weights), 16), number
        said = words.say("maps.filter.colours", count=len(weights), number=number, size=f"{rows} × {columns}")
    else:
        strengths = np.abs(weights[number]).sum(axis=(1, 2))
        strongest = np.argsort(-strengths, kind="stable")[:MOST_KERNELS]
        pictures, per_row, marked = signed(weights[number][strongest]), min(len(strongest), 16), None
        key = "kernels_one" if weights.shape[1] == 1 else "kernels"
        said = words.say(
            f"maps.filter.{key}", number=number, count=f"{weights.shape[1]:,}", shown=len(strongest),
            size=f"{rows} × {columns}", most=told(float(np.abs(weights[number]).max()), 3),
        )  # fmt: skip
    scale = max(2, min(24, (WIDEST // per_row - 2) // columns))
    st.markdown(said)
    st.image(sheet(pictures, per_row, scale, marked), output_format="PNG")


def _weights(words: Words, state: State, shown: Shown) -> None:
    if shown.net.trained:
        st.markdown(words[f"maps.weights.{shown.net.name}"])
    else:
        st.markdown(words.say("maps.weights.untrained", seed=SEED))
    st.markdown(
        words.say("maps.weights.given", given=words[f"maps.given.{_given(shown)}"], side=shown.net.side)
    )


def _given(shown: Shown) -> str:
    return shown.net.name if shown.net.trained else "imagenet"
