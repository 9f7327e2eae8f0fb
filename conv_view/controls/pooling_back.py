"""The lesson of the way back: in short, and the way to the page that follows it number by number."""

from __future__ import annotations

import numpy as np
import streamlit as st

from conv_view.address import State
from conv_view.controls.pooling import Shown
from conv_view.digits import told
from conv_view.text import Words

PAGE = "backward_pooling"
# What is this page's own: its part of the picture, its place, its chapters.
_OWN = ("colour", "part", "at", "nan", "cell", "shift", "chapter")


def show(words: Words, state: State, shown: Shown) -> None:
    """Say where a gradient goes, how much of one made of ones arrives, and where that can be watched."""
    trace = shown.trace
    st.markdown(words[f"pooling.back.text_{trace.kind}"])
    grad = np.ones(trace.shape, np.float32)
    back = shown.settings.backward(grad, trace.x)
    sums = {
        "given": told(float(grad.sum(dtype=np.float64))),
        "arrived": told(float(back.sum(dtype=np.float64))),
    }
    st.markdown(words.say("pooling.back.sums", **sums))
    st.page_link(
        f"pages/{PAGE}.py",
        label=words["pooling.back.open"],
        icon=":material/open_in_new:",
        query_params=query(state),
    )


def query(state: State) -> dict[str, str]:
    """Return what a link to the page of the way back carries: the picture and the same windows."""
    # These are told always, for the other page begins with others.
    always = ("picture", "window", "stride")
    return {
        name: field.write(state[name])
        for name, field in state.fields.items()
        if name not in _OWN and (name in always or state[name] != field.default)
    }
