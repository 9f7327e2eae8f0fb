"""The five steps of the way back, each with the numbers on the stage."""

from __future__ import annotations

import streamlit as st

from conv_view.address import State
from conv_view.controls.backward import followed, loss_line
from conv_view.digits import alike, told
from conv_view.stories.backward import FULL, LENGTHS, WEIGHTS
from conv_view.text import Words
from conv_view.way_back import BIAS, INPUT, WEIGHT, Case
from conv_view.written_sums import matrix, number, sum_of


def steps(words: Words, state: State, case: Case) -> None:
    """Show the steps one below the other: dY, db, dW, dX, and the update."""
    gradients, window = case.gradients, case.trace.window
    said = {"stride": alike(window.stride), "dilation": alike(window.dilation)}

    _title(words, 1)
    st.markdown(words.together([words["backward.steps.text_1"], loss_line(words, state, case)]))
    st.latex(rf"dY={matrix(case.grad[0, 0])}")

    _title(words, 2)
    st.markdown(words["backward.steps.text_2"])
    parts = case.parts(BIAS, (0, 0))
    names = [f"dY_{{{part.out[0]},{part.out[1]}}}" for part in parts]
    st.latex(sum_of("db", names, [(part.grad,) for part in parts], float(gradients[BIAS][0])))

    _title(words, 3, WEIGHTS, state)
    st.markdown(words.say("backward.steps.text_3", **said))
    st.latex(rf"dW={matrix(gradients[WEIGHT][0, 0])}")

    _title(words, 4, FULL if case.trace.padding_mode == "zeros" else "", state)
    st.markdown(words.together([words.say("backward.steps.text_4", **said), _padding(words, case)]))
    st.latex(rf"dX={matrix(gradients[INPUT][0, 0])}")

    _title(words, 5)
    st.markdown(words["backward.steps.text_5"])
    _update(words, state, case)


def _padding(words: Words, case: Case) -> str:
    """Return what becomes of the part of the full correlation that falls on padding, where there is any."""
    if not any(size for pair in case.trace.pads for size in pair):
        return ""
    return words[f"backward.steps.text_4_{'cut' if case.trace.padding_mode == 'zeros' else 'copied'}"]


def _title(words: Words, step: int, story: str = "", state: State | None = None) -> None:
    def begin() -> None:
        assert state is not None
        state.put("story", story)
        state.put("cell", (0,) * (1 + LENGTHS[story]))

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{step}. {words[f'backward.steps.title_{step}']}**", width="content")
        if story and state is not None:
            label = words["backward.steps.watch"]
            st.button(label, key=f"{state.page}_watch_{story}", on_click=begin, type="tertiary")


def _update(words: Words, state: State, case: Case) -> None:
    st.number_input(
        words["backward.steps.rate"], 0.0, 10.0, step=0.01, format="%g", key=state.key("rate"), width=160
    )
    rate = state["rate"]
    after, loss = case.updated(rate)
    weight, by_weight = case.trace.weight[0, 0], case.gradients[WEIGHT][0, 0]
    st.latex(
        rf"W-{number(rate)}\cdot dW={matrix(weight)}-{number(rate)}\cdot{matrix(by_weight)}"
        rf"={matrix(after[0, 0])}"
    )
    name, at = followed(state, case)
    if name == WEIGHT:
        row, column = at
        st.latex(
            rf"W_{{{row},{column}}}\leftarrow {number(weight[row, column])}-{number(rate)}\cdot"
            rf"({number(by_weight[row, column])})={number(after[0, 0, row, column])}"
        )
    before = case.loss
    way = "less" if loss < before else "more" if loss > before else "same"
    told_losses = {"before": told(before, 6), "after": told(loss, 6)}
    st.markdown(words.say(f"backward.steps.{way}", rate=told(rate), **told_losses))
