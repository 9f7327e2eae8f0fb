"""The controls of the page on sharing, the picture of what a hidden number reads, and the recorded curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from conv_core.nets import KINDS
from conv_view import figures, sharing_picture
from conv_view.address import Choice, Field, Int, Ints, State
from conv_view.sharing_facts import (
    COUNTS,
    Curve,
    by_data,
    certainty,
    gaps,
    ranking,
    recorded,
    share,
    thrift,
)
from conv_view.sharing_figures import recorded as chart
from conv_view.text import Words

FEW, MOST_FEW = 50, 500
STEPS, MOST_STEPS = 100, 600
MOST_SEED = 999
PICTURE = "sharing_picture"
SEEN = "sharing:seen"  # in the visitor's session: the click that was last acted upon

_HERE = Path(sharing_picture.__file__)
_picture = st.components.v2.component(
    "convscope_sharing",
    html='<div class="nets"></div>',
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def fields() -> tuple[Field, ...]:
    """Return the fields for the address."""
    most = sharing_picture.ACROSS - 1
    return (
        Choice("digits", str(COUNTS[0]), tuple(map(str, COUNTS))),
        Choice("kind", KINDS[-1], KINDS),
        Int("few", 200, FEW, MOST_FEW),
        Int("steps", 300, STEPS, MOST_STEPS),
        Int("seed", 7, 0, MOST_SEED),
        Ints("cell", (5, 6), 0, most, length=2),
    )


def take_news(state: State) -> None:
    """Keep which hidden number was clicked since the last run."""
    picked: dict[str, Any] | None = (st.session_state.get(PICTURE) or {}).get("pick")
    if picked and picked != st.session_state.get(SEEN):
        st.session_state[SEEN] = picked
        state.put("cell", tuple(picked["cell"]))


def band(state: State, words: Words) -> None:
    """Show the choice of how many digits were learned."""
    st.segmented_control(
        words["sharing.digits"],
        tuple(map(str, COUNTS)),
        key=state.key("digits"),
        required=True,
        format_func=lambda count: f"{int(count):,}",
        help=words["sharing.digits_help"],
    )


def picture(state: State, words: Words) -> None:
    """Show what one hidden number of each network reads."""
    with st.container(key="sharing_reads"):
        _picture(
            key=PICTURE,
            data=sharing_picture.data(words, tuple(state["cell"]), dark=_dark()),
            on_pick_change=_nothing,
        )


def charts(words: Words, curves: tuple[Curve, ...]) -> None:
    """Show the recorded accuracy of each network over its steps, below what it reads."""
    with st.container(key="sharing_charts"):
        for column, curve in zip(st.columns(len(curves), gap="medium"), curves, strict=True):
            label = words.say(
                "sharing.chart.label",
                kind=words[f"sharing.kinds.{curve.kind}"],
                training=share(curve.last.training),
                held_out=share(curve.last.held_out),
            )
            with column:
                st.plotly_chart(
                    chart(words, curve, dark=_dark()),
                    theme=None,
                    key=f"sharing_chart_{curve.kind}",
                    config=figures.CONFIG,
                    alt=label,
                )
    st.caption(words["sharing.chart.note"])


def told(words: Words, count: int) -> str:
    """Return what the recorded trainings say, as a list."""
    curves = recorded(count)
    said = [
        words.together([ranking(words, curves), certainty(words, curves)]),
        gaps(words, curves),
        thrift(words, curves),
        by_data(words),
    ]
    return "\n".join(f"- {each}" for each in said)


def _dark() -> bool:
    return bool(st.context.theme.type == "dark")


def _nothing() -> None:
    """A state of a component exists once a callback is named for it; the page reads it on the rerun."""
