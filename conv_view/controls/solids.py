"""The volume and the result as surfaces that can be turned; there is no Plotly until they are looked at."""

from __future__ import annotations

import streamlit as st

from conv_core import ConvTrace
from conv_view import figures
from conv_view.address import Field, Int, State
from conv_view.text import Words

HEIGHT = 210


def fields() -> tuple[Field, ...]:
    """Return the fields of the surfaces for the address: their level, in percent of the largest value."""
    return (Int("level", 40, 5, 95),)


def show(words: Words, state: State, whole: ConvTrace) -> None:
    """Show the surfaces of the input and of the result, one below the other."""
    dark = st.context.theme.type == "dark"
    st.slider(
        words["conv3d.solid.level"],
        5,
        95,
        key=state.key("level"),
        format="%d %%",
        help=words["conv3d.solid.level_help"],
    )
    for name, values in (("input", whole.x[0, 0]), ("result", whole.output[0, 0])):
        figure = figures.solid(
            values,
            level=state["level"] / 100,
            title=words[f"conv3d.solid.{name}"],
            dark=dark,
            height=HEIGHT,
        )
        st.plotly_chart(
            figure,
            theme=None,
            key=f"conv3d_solid_{name}",
            config=figures.CONFIG,
            alt=words[f"conv3d.solid.{name}"],
        )
