"""The controls of a transposed convolution, and what the page tells below its stage."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd
from typing import Any

import numpy as np
import streamlit as st

from conv_core import TransposeTrace, Window, conv, conv_transpose
from conv_view import code, digits
from conv_view.address import Choice, Field, Int, State
from conv_view.controls.chapters import opened
from conv_view.controls.convolution import NARROW
from conv_view.controls.listings import listings
from conv_view.stage.component import Seen
from conv_view.text import Words

SIDES = ("3", "4", "5", "6", "8", "12", "16")
STORIES = ("scatter", "stuffed")
MOST_STRIDE, MOST_PAD, MOST_ADDED, MOST_DILATION = 4, 4, 3, 3


def fields() -> tuple[Field, ...]:
    """Return the fields for the address, beside those of the picture and of the kernel."""
    return (
        Choice("story", "scatter", STORIES),
        Choice("side", "5", SIDES),
        Int("step_by", 2, 1, MOST_STRIDE),
        Int("cut", 1, 0, MOST_PAD),
        Int("added", 0, 0, MOST_ADDED),
        Int("apart", 1, 1, MOST_DILATION),
    )


def arguments(state: State) -> dict[str, int]:
    """Return the keywords of `conv_transpose`."""
    return {
        "stride": state["step_by"],
        "padding": state["cut"],
        "output_padding": state["added"],
        "dilation": state["apart"],
    }


def story(state: State, words: Words) -> None:
    """Show which of the two stories is told."""
    st.segmented_control(
        words["transposed.story"],
        STORIES,
        key=state.key("story"),
        required=True,
        format_func=lambda name: words[f"transposed.stories.{name}"],
    )


def side(state: State, words: Words, *, painted: bool) -> None:
    """Show how many cells of the picture are scattered."""
    st.selectbox(
        words["transposed.side"],
        SIDES,
        key=state.key("side"),
        format_func=lambda side: words.say("transposed.longest", side=side),
        disabled=painted,
    )


def numbers(state: State, words: Words) -> None:
    """Show stride, padding, output_padding and dilation."""
    for name, low, high in (
        ("step_by", 1, MOST_STRIDE),
        ("cut", 0, MOST_PAD),
        ("added", 0, MOST_ADDED),
        ("apart", 1, MOST_DILATION),
    ):
        st.slider(words[f"transposed.{name}"], low, high, key=state.key(name), width=NARROW)


def take_pick(state: State, seen: Seen, trace: TransposeTrace) -> None:
    """Go to the step that makes a picked output cell, or of scattering to the first that reaches it."""
    if seen.pick is None or seen.pick["panel"] != "overlaps":
        return
    place = tuple(seen.pick["cell"])
    if any(not 0 <= at < size for at, size in zip(place, trace.shape[2:], strict=True)):
        return  # the stage has moved on
    if state["story"] == "stuffed":
        state.put("cell", (0, 0, 0, *place))
    elif reaching := trace.reaching(place):
        state.put("cell", (0, 0, 0, *min(source for source, _ in reaching)))


def size_formula(words: Words, trace: TransposeTrace) -> str:
    """Return the output size with the numbers in it, as LaTeX (torch.nn.ConvTranspose2d's formula)."""
    parts = []
    for axis, name in enumerate(("y", "x")):
        window, (before, after) = trace.window, trace.pads[axis]
        parts.append(
            rf"${words[f'controls.sizes.{name}']}\;({trace.x.shape[axis + 2]}-1)\cdot{window.stride[axis]}"
            rf"-{before}-{after}+{window.dilation[axis]}\cdot({window.kernel[axis]}-1)"
            rf"+{trace.output_padding[axis]}+1=\mathbf{{{trace.shape[axis + 2]}}}$"
        )
    return r" $\quad$ ".join(parts)


def stuffed_text(words: Words, trace: TransposeTrace) -> str:
    """Say what makes an ordinary convolution give the same: zeros between and around, the kernel turned."""
    zeros = trace.window.stride[0] - 1
    between = words.say(
        "transposed.stuffed.zeros_1" if zeros == 1 else "transposed.stuffed.zeros", count=zeros
    )
    before, after = trace.stuffing.padding[0]
    # Of a padding that is wider than the kernel's reach nothing is left to surround the cells with.
    reach = trace.window.span[0] - 1
    key = "text" if reach >= trace.pads[0][0] else "cut"
    return words.say(f"transposed.stuffed.{key}", between=between, before=before, after=after)


def lessons(words: Words, state: State, trace: TransposeTrace) -> None:
    """Show the chapters below the stage; only the open one is computed."""
    opened(words, state, "transposed.tabs.{}", CHAPTERS)(words, trace)


def _checkerboard(words: Words, trace: TransposeTrace) -> None:
    counts = trace.overlaps
    low, high = int(counts.min()), int(counts.max())
    inner = counts[counts.shape[0] // 4 : -(counts.shape[0] // 4) or None]
    inner = inner[:, counts.shape[1] // 4 : -(counts.shape[1] // 4) or None]
    even = bool(inner.size) and int(inner.min()) == int(inner.max())
    stride, dilation = trace.window.stride[0], trace.window.dilation[0]
    said = words.say(
        "transposed.checkerboard.even" if even else "transposed.checkerboard.uneven",
        low=low,
        high=high,
        inner_low=int(inner.min()) if inner.size else low,
        inner_high=int(inner.max()) if inner.size else high,
        kernel=trace.window.kernel[0],
        stride=stride,
    )
    if not even:
        # The taps stand `dilation` apart: only where that has no divisor in common with the stride do they
        # come past every one of the `stride` places that a cell can have between two input cells.
        way = "size" if gcd(stride, dilation) == 1 else "none"
        said = f"{said} {words.say(f'transposed.checkerboard.{way}', stride=stride, dilation=dilation)}"
    st.markdown(words["transposed.checkerboard.text"])
    st.markdown(said)


def _adjoint(words: Words, trace: TransposeTrace) -> None:
    """Hold <conv(y), x> against <y, conv_transpose(x)> for a fixed y, on the numbers of the stage."""
    plain = conv_transpose(trace.x.astype(np.float64), trace.weight.astype(np.float64), **_keywords(trace))
    other = np.random.default_rng(0).integers(-3, 4, plain.shape).astype(np.float64)
    forward = conv(
        other,
        trace.weight.astype(np.float64),
        stride=trace.window.stride,
        padding=trace.pads,
        dilation=trace.window.dilation,
    )
    left, right = float((forward * trace.x).sum()), float((other * plain).sum())
    st.markdown(words["transposed.adjoint.text"])
    sums = {"left": digits.told(left, 6), "right": digits.told(right, 6)}
    st.markdown(words.say("transposed.adjoint.numbers", **sums))


def _added(words: Words, trace: TransposeTrace) -> None:
    window, rows, more = trace.window, trace.shape[2], trace.output_padding[0]
    stride, least = window.stride[0], rows - more
    sizes = [str(least + extra) for extra in range(stride)]
    told = words.say(
        "transposed.output_padding.text" if stride > 1 else "transposed.output_padding.one",
        stride=stride,
        sizes=", ".join(sizes),
        back=trace.x.shape[2],
    )
    if more:
        # Rows that no input cell reaches, as counted by the core; they can only be the last ones.
        empty = int((trace.overlaps[least:] == 0).all(axis=1).sum())
        told += " " + words.say(
            "transposed.output_padding.here", more=more, real=more - empty, empty=empty, rows=rows
        )
    if more >= stride:
        back = Window(window.kernel, stride, trace.pads, window.dilation).output_shape(trace.shape[2:])[0]
        told += " " + words.say("transposed.output_padding.beyond", more=more, back=back, rows=rows)
    st.markdown(told)


def _code(words: Words, trace: TransposeTrace) -> None:
    listings({"**PyTorch**": code.pytorch_transposed(trace), "**conv_core**": code.core_transposed(trace)})


def _keywords(trace: TransposeTrace) -> dict[str, Any]:
    return {
        "stride": trace.window.stride,
        "padding": tuple(before for before, _ in trace.pads),
        "output_padding": trace.output_padding,
        "dilation": trace.window.dilation,
    }


CHAPTERS: dict[str, Callable[[Words, TransposeTrace], None]] = {
    "checkerboard": _checkerboard,
    "adjoint": _adjoint,
    "added": _added,
    "code": _code,
}
