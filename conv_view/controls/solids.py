"""The volume and the result as surfaces that can be turned; there is no Plotly until they are looked at."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import ConvTrace
from conv_view import figures
from conv_view.address import Field, Int, Ints, State
from conv_view.text import Words

HEIGHT = 210
WATCHER = "conv3d_watcher"


def fields() -> tuple[Field, ...]:
    """Return the fields of the surfaces: level in percent of the largest value, eye in hundredths."""
    eye = tuple(round(100 * at) for at in figures.EYE)
    return Int("level", 40, 5, 95), Ints("eye", eye, -1000, 1000, length=3, quiet=True)


def show(words: Words, state: State, whole: ConvTrace) -> None:
    """Show the surfaces of the input and of the result, one below the other."""
    seen = st.session_state.get(WATCHER) or {}
    if seen.get("eye"):
        state.put("eye", tuple(round(100 * at) for at in seen["eye"]))
    dark = seen.get("dark", st.context.theme.type == "dark")
    st.slider(
        words["conv3d.solid.level"],
        5,
        95,
        key=state.key("level"),
        format="%d %%",
        help=words["conv3d.solid.level_help"],
    )
    with st.container(key="conv3d_solids"):
        for name, values in (("input", whole.x[0, 0]), ("result", whole.output[0, 0])):
            title = words[f"conv3d.solid.{name}"]
            st.plotly_chart(
                _figure(words, state, name, values, dark),
                theme=None,
                key=f"conv3d_solid_{name}",
                config=figures.CONFIG,
                alt=title,
            )
    _watcher()(
        key=WATCHER,
        data={"dark": dark, "within": ".st-key-conv3d_solids"},
        height=1,
        on_eye_change=_nothing,
        on_dark_change=_nothing,
    )


def _figure(words: Words, state: State, name: str, values: NDArray[Any], dark: bool) -> Any:
    """Return the figure of before where nothing but the view of it has changed: a new one would flicker."""
    kept = st.session_state.setdefault(f"conv3d_solid:{name}", {})
    wanted = (crc32(np.ascontiguousarray(values).data), values.shape, state["level"], words.language, dark)
    if kept.get("of") != wanted:
        eye = tuple(at / 100 for at in state["eye"])
        kept["figure"] = figures.solid(
            values,
            level=state["level"] / 100,
            title=words.say("conv3d.solid.at", title=words[f"conv3d.solid.{name}"], value="{value}"),
            axes={axis: words[f"notices.axes.{axis}"] for axis in "xyz"},
            dark=dark,
            height=HEIGHT,
            eye=eye,
        )
        kept["of"] = wanted
    return kept["figure"]


@cache
def _watcher() -> Callable[..., Any]:
    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return st.components.v2.component("convscope_solids", js=script)


def _nothing() -> None:
    """A state of a component exists once a callback is named for it; the page reads it on the rerun."""
