"""What the parts of the page about activations share: fields, the choice of a part, the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import ACTIVATIONS, KERNELS, ConvTrace, conv_trace, kernel
from conv_view import part
from conv_view.address import Choice, Field, Flag, Int, Ints, Number, State, Text
from conv_view.controls import convolution as controls
from conv_view.controls import picture_menus, pictures
from conv_view.controls.chapters import field, opened
from conv_view.controls.listings import listings
from conv_view.pictures import to_grey
from conv_view.text import Words

SUBJECTS = ("activation", "normalisation", "addition")
PARTS = ("c8", "c12", "c16", "c24", "w16", "w24", "w32")
NORMS = ("batch", "response", "softmax")
# Of all parts of the page: each has some of them.
CHAPTERS = (
    "values", "gradient", "formulas", "statistics", "batch_back", "conventions", "channels", "jacobian",
    "why", "back", "sums", "code",
)  # fmt: skip
EPSILONS = ("0.00001", "0.001", "0.1", "10", "1000")
#: What a link that asks for the impossible shows instead.
PLAIN = controls.Settings(kernel("sobel_x"), (1, 1), "same", (1, 1), "replicate", 0.0, False)


def fields() -> tuple[Field, ...]:
    """Return the fields of the page for the address."""
    seconds = tuple(one.name for one in KERNELS if 2 in one.ranks and one.name != "custom")
    # With zeros around it a picture's border would outshine what is in it.
    usual = {"mode": "replicate"}
    window = [
        replace(one, default=usual.get(one.name, one.default))  # type: ignore[type-var]
        for one in controls.fields(2, padding="same", without=("cell",))
    ]
    return (
        Choice("subject", SUBJECTS[0], SUBJECTS),
        *pictures.fields("cat"),
        Choice("part", "w24", PARTS),
        *window,
        Choice("function", "relu", tuple(ACTIVATIONS)),
        Number("leak", 0.1, 0.0, 1.0),
        Choice("values", "unit", ("unit", "bytes")),
        Choice("norm", NORMS[0], NORMS),
        Int("batch", 3, 1, 4),
        Choice("statistics", "training", ("training", "inference")),
        Int("seen", 10, 0, 100),
        Number("momentum", 0.1, 0.0, 1.0),
        Choice("epsilon", EPSILONS[0], EPSILONS),
        Number("gamma", 1.0, -100.0, 100.0),
        Number("beta", 0.0, -100.0, 100.0),
        Int("neighbours", 5, 1, 9),
        Number("alpha", 1e-4, 0.0, 1.0),
        Number("power", 0.75, 0.0, 4.0),
        Number("k", 2.0, 0.1, 100.0),
        Text("scores", "2 1 0.1 -1", 200),
        Choice("second", "none", ("none", *seconds)),
        Number("factor", 0.5, -2.0, 2.0),
        Flag("after", True),
        # The last act: the story begins before it, with the convolutions.
        Ints("cell", (2, 0, 0, 13, 9), 0, 10**6, length=5, quiet=True),
        field(*CHAPTERS),
    )


def part_of(state: State) -> str:
    """Return which part of the page is shown: a subject, or the name of a normalisation."""
    return str(state["norm"] if state["subject"] == "normalisation" else state["subject"])


def choose_subject(state: State, words: Words) -> None:
    """Show which of the three the page is about, and which of the normalisations."""
    with st.container(key="band_subject", horizontal=True, gap="medium"):
        _choose(state, words, "subject", SUBJECTS)
        if state["subject"] == "normalisation":
            _choose(state, words, "norm", NORMS)


def _choose(state: State, words: Words, name: str, options: tuple[str, ...]) -> None:
    st.segmented_control(
        words[f"activations.{name}"],
        options,
        key=state.key(name),
        required=True,
        format_func=lambda option: words[f"activations.{name}s.{option}"],
        label_visibility="collapsed",
    )


def choose_part(state: State, words: Words) -> None:
    """Show which part of the picture stands on the stage."""
    picture_menus.part(state, words, PARTS, width=140)


def plane(pixels: NDArray[np.uint8], choice: str, values: str = "bytes") -> NDArray[np.float32]:
    """Return a part of a picture in grey as (1, 1, H, W), from 0 to 255, or to 1 where `values` is "unit"."""
    grey = to_grey(part.take(pixels, choice).pixels)[None, None].astype(np.float32)
    return grey / np.float32(255) if values == "unit" else grey


def convolve(x: NDArray[np.float32], settings: controls.Settings) -> ConvTrace:
    """Return the convolution of a batch with one channel."""
    return conv_trace(x, settings.weight(1), settings.bias_array, **settings.arguments())


def paintable(chosen: pictures.Chosen, trace: ConvTrace) -> bool:
    """Tell whether the whole painted grid stands on the stage, so that it can be painted there."""
    return chosen.name == pictures.PAINTED and trace.x.shape[2:] == chosen.pixels.shape


def place(state: State, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the cell of an array of `shape` that the stage stands at, nearest to it where it has grown.

    `shape` ends in the axes of a place on the stage, of which there are four.
    """
    return tuple(min(at, size - 1) for at, size in zip(state["cell"][-len(shape) :], shape, strict=True))


def tabs(state: State, words: Words, shown: dict[str, Callable[[], None]]) -> None:
    """Show the chapters below a stage; only the open one is computed."""
    opened(words, state, "activations.tabs.{}", shown)()


def drawing(svg: str) -> str:
    """Return a drawing for `st.markdown`: `st.html` would throw it away as unsafe.

    Whatever words are in it are escaped where it is made.
    """
    return f"<div>{svg}</div>"


def code(snippets: dict[str, str]) -> None:
    """Show code, library by library."""
    listings({f"**{name}**": snippet for name, snippet in snippets.items()})
