"""The controls of im2col and its product: which fields live in the link, and what they mean together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_view.address import Choice, Field, Ints, State
from conv_view.controls import convolution, filter_rows, picture_menus, pictures
from conv_view.controls.convolution import NARROW, WIDE
from conv_view.controls.filter_rows import MOST_FILTERS
from conv_view.digits import in_bytes, told
from conv_view.pictures import square
from conv_view.stage.component import Seen, last_seen
from conv_view.stories.im2col import STORIES
from conv_view.stories.im2col_acts import start
from conv_view.text import Words
from conv_view.unfolded import Unfolded, unfolded

SIDES = ("4", "5", "6", "7", "8", "9", "10")
GROUPS = ("1", "3")


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on the stage: the matrices, the picture they come from, and the whole of it."""

    small: Unfolded
    chosen: pictures.Chosen


def fields() -> tuple[Field, ...]:
    """Return the fields for the address."""
    return (
        *pictures.fields("cat"),
        Choice("colour", "grey", ("grey", "rgb")),
        Choice("side", "6", SIDES),
        Choice("story", "unfold", STORIES),
        *filter_rows.fields(),
        Choice("groups", "1", GROUPS),
        *convolution.fields(2, without=("cell", "bias")),
        Ints("cell", (0, 0, 0), 0, 10**6, longest=6, quiet=True),
    )


def take_news(state: State, seen: Seen) -> None:
    """Keep the place where the stage rests, and weights that were typed on it."""
    if seen.cell is not None:
        state.put("cell", seen.cell)
    elif last_seen(state.page).cell is None and state["cell"] == state.fields["cell"].default:
        state.put("cell", start(state["story"]))  # a link to a story that names no place in it
    filter_rows.take_edit(state, seen, weight(state), int(state["groups"]))


def weight(state: State) -> NDArray[np.float32]:
    """Return the filters (O, C / groups, kh, kw) as chosen, with what was typed into them."""
    count = 3 if state["colour"] == "rgb" else 1
    return filter_rows.weight(state, count, int(state["groups"]))


def computed(state: State, chosen: pictures.Chosen) -> Shown:
    """Return what the fields ask for; `WindowError` where that cannot be."""
    return _shown(state, chosen, weight(state), convolution.settings(state, 2).arguments())


def usual(state: State, chosen: pictures.Chosen) -> Shown:
    """Return what is shown for a link that asks for what cannot be."""
    kernels = convolution.chosen_kernel(state, 2, "sobel_x")
    count = 3 if state["colour"] == "rgb" else 1
    return _shown(state, chosen, np.repeat(kernels[None, None], count, 1), {}, grouped=False)


def _shown(
    state: State,
    chosen: pictures.Chosen,
    weights: NDArray[np.float32],
    arguments: dict[str, object],
    *,
    grouped: bool = True,
) -> Shown:
    pixels = chosen.in_tones(state["colour"])
    if pixels.ndim == 2 and state["colour"] == "rgb":
        pixels = np.repeat(pixels[..., None], 3, 2)  # a grey picture is its own red, green and blue
    few = pixels if chosen.name == pictures.PAINTED else square(pixels, int(state["side"]))
    x = np.atleast_3d(few).transpose(2, 0, 1)[None].astype(np.float32, order="C")
    groups = int(state["groups"]) if grouped else 1
    return Shown(unfolded(x, weights, groups=groups, **arguments), chosen)


def story(state: State, words: Words) -> None:
    """Show what is watched: the columns being filled, the product at one of its levels, the way back."""

    def begin() -> None:
        state.put("cell", start(state["story"]))

    # On a phone a band is pushed sideways.
    with st.container(key="band_im2col", width="content"):
        st.segmented_control(
            words["im2col.story"],
            STORIES,
            key=state.key("story"),
            required=True,
            format_func=lambda name: words[f"im2col.stories.{name}"],
            on_change=begin,
            label_visibility="collapsed",
        )


def band(state: State, words: Words, chosen: pictures.Chosen) -> None:
    """Show the controls above the stage."""
    pictures.choose(state, words)
    st.selectbox(
        words["picture.colour"],
        ("grey", "rgb"),
        key=state.key("colour"),
        format_func=lambda name: words[f"picture.colours.{name}"],
        width=WIDE - 26,
    )
    painted = chosen.name == pictures.PAINTED
    picture_menus.side(state, words["im2col.side"], SIDES, "{0}×{0}".format, painted=painted, width=80)
    convolution.kernel_menu(state, words, 2)
    st.slider(words["im2col.filters"], 1, MOST_FILTERS, key=state.key("filters"), width=NARROW - 12)
    convolution.window_band(state, words, 2)
    convolution.more(state, words, 2, lambda: _groups(state, words), bias=False)


def _groups(state: State, words: Words) -> None:
    def divide() -> None:
        if state["groups"] != "1":  # each group makes filters of its own
            state.put("filters", MOST_FILTERS)
            state.put("colour", "rgb")

    st.segmented_control(
        words["im2col.groups"],
        GROUPS,
        key=state.key("groups"),
        required=True,
        on_change=divide,
        help=words["im2col.groups_help"],
    )


def sentence(words: Words, shown: Unfolded) -> str:
    """Return what the columns cost on the stage: bytes, how many times the input, copies of a pixel."""
    weighs, counts = shown.memory, shown.copies
    rows, positions = shown.columns.shape
    numbers = {
        "rows": rows,
        "positions": positions,
        "columns": in_bytes(weighs.columns),
        "input": in_bytes(weighs.input),
        "ratio": told(weighs.ratio, 3),
        "least": int(counts.min()),
        "most": int(counts.max()),
        "mean": told(float(counts.mean()), 3),
    }
    said = words.say("im2col.memory.here", **numbers)
    lost = int((counts == 0).sum())
    return words.together([said, words.say("im2col.memory.lost", count=lost) if lost else ""])


def back_sentence(words: Words, shown: Unfolded) -> str:
    """Return whether the way back gives the picture, and by how much it misses it."""
    read = shown.copies > 0
    difference = np.abs(shown.restored - shown.trace.x[0])[:, read]
    lost = int((~read).sum())
    parts = [words.say("im2col.back.restored", difference=told(float(difference.max(initial=0)), 2))]
    if lost:
        parts.append(words.say("im2col.back.lost", count=lost))
    return words.together(parts)
