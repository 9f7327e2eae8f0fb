"""The lesson of the way back: a gradient routed to the maximum, or spread over the window; max unpooling."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import PoolTrace, WindowError, max_unpool
from conv_view.address import State
from conv_view.controls.notices import fault_of, sentence
from conv_view.controls.pooling import GRADIENTS, Shown
from conv_view.digits import told
from conv_view.pooled import gradient
from conv_view.stage.component import news
from conv_view.stage.component import show as show_stage
from conv_view.stories.pooling import way_back
from conv_view.text import Words

MOST_SIDE = 16  # cells of a side on the way back, where every window has a table of its own


def show(words: Words, state: State, shown: Shown) -> None:
    """Show where a gradient goes, step by step, and the maxima sent back to their places."""
    if (seen := news("pooling_back")).cell is not None:
        state.put("back_cell", seen.cell)
    trace = shown.trace
    st.markdown(words[f"pooling.back.text_{trace.kind}"])
    st.segmented_control(
        words["pooling.back.gradient"],
        GRADIENTS,
        key=state.key("gradient"),
        required=True,
        format_func=lambda name: words[f"pooling.back.{name}"],
    )
    if max(trace.x.shape[2:]) > MOST_SIDE:
        top, left = ((size - MOST_SIDE) // 2 if size > MOST_SIDE else 0 for size in trace.x.shape[2:])
        x = trace.x[..., top : top + MOST_SIDE, left : left + MOST_SIDE]
        try:
            trace = shown.settings.trace(x)
        except WindowError as error:
            st.markdown(f":red[:material/error:] {sentence(words, state.page, fault_of(error), 2)}")
            return
        st.caption(words.say("pooling.back.cut", rows=x.shape[2], columns=x.shape[3]))
    grad = gradient(trace.shape, state["gradient"], tuple(state["cell"][2:]))
    back = shown.settings.backward(grad, trace.x)
    unpooled, refused = _unpooled(words, state, trace)
    show_stage(
        way_back(trace, grad, back, words, unpooled=unpooled),
        key="pooling_back",
        cell=state["back_cell"],
        aspect=0.42,
    )
    sums = {
        "given": told(float(grad.sum(dtype=np.float64))),
        "arrived": told(float(back.sum(dtype=np.float64))),
    }
    st.markdown(words.say("pooling.back.sums", **sums) + " " + refused)


def _unpooled(words: Words, state: State, trace: PoolTrace) -> tuple[NDArray[np.float32] | None, str]:
    """Return every maximum back in its place, and a sentence about it."""
    if trace.argmax is None:
        return None, words["pooling.back.no_place"]
    window = trace.window
    try:
        unpooled = max_unpool(
            trace.output, trace.argmax, window.kernel, stride=window.stride, padding=window.padding,
            output_size=trace.x.shape[2:],
        )  # fmt: skip
    except WindowError as error:
        why = sentence(words, state.page, fault_of(error), 2)
        return None, words.say("pooling.back.refused", why=why)
    return unpooled, words["pooling.back.unpool"]
