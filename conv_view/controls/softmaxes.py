"""The softmax at hand, of scores that are typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import softmax, softmax_backward
from conv_view import layer_code
from conv_view.address import State
from conv_view.controls import convolution as controls
from conv_view.controls import layers, pictures, signals
from conv_view.digits import percent, signed, told, written
from conv_view.signals import parse_numbers
from conv_view.stage.component import show
from conv_view.stories import normalisation
from conv_view.text import Words

KEY = "activations_scores"
MOST_SCORES = 12


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores (n,) and their softmax."""

    given: NDArray[np.float32]
    shares: NDArray[np.float32]


def compute(state: State, chosen: pictures.Chosen, settings: controls.Settings) -> Scores:
    """Return what the fields ask for; raises SignalError for scores that are none."""
    # A link whose scores are none asks with settings that are plain, and gets the usual ones.
    usual = settings is layers.PLAIN
    given = parse_numbers(
        state.fields["scores"].default if usual else signals.written(state, "scores"), MOST_SCORES
    )
    return Scores(given, softmax(given, axis=0))


def band(state: State, words: Words) -> None:
    """Show the scores, to be typed."""
    st.text_input(
        words["activations.scores"],
        key=state.key("scores"),
        help=words.say("activations.scores_help", most=MOST_SCORES),
        width=320,
    )


def stage(state: State, words: Words, shown: Scores, line: Callable[[str], None]) -> None:
    """Show the scores on the stage, step by step, and what of them counts."""
    given, shares = shown.given, shown.shares
    (at,) = layers.place(state, given.shape)
    # The largest share belongs to exp(0) = 1, so all exponentials and their sum follow from the shares.
    exponentials, total = shares / shares.max(), float(1 / shares.max())
    said = words.say(
        "activations.softmax_formula",
        x=written(float(given[at])),
        most=signed(-float(given.max())),
        total=written(total),
        share=written(float(shares[at])),
        sum=written(float(shares.sum())),
    )
    line(said)
    left, right = st.columns([3, 1.4], gap="large")
    with left:
        scene = normalisation.scores(given, exponentials, total, shares, words)
        show(scene, key=KEY, cell=state["cell"], aspect=0.4)
    with right:
        _shift(words, shown)
    layers.tabs(
        state,
        words,
        {
            "jacobian": partial(_jacobian, words, shown),
            "code": partial(layers.code, layer_code.softmax()),
        },
    )


def _shift(words: Words, shown: Scores) -> None:
    best = int(shown.given.argmax())
    moved = softmax(shown.given + np.float32(100), axis=0)
    st.markdown(
        words.say(
            "activations.shift",
            best=best,
            share=percent(float(shown.shares[best])),
            apart=told(float(np.abs(moved - shown.shares).max()), 1),
        )
    )


def _jacobian(words: Words, shown: Scores) -> None:
    """Show by how much each share grows with each score: the backward pass of every unit gradient."""
    count = len(shown.given)
    rows = softmax_backward(np.eye(count, dtype=np.float32), np.tile(shown.given, (count, 1)))
    heads = " | ".join(f"x[{at}]" for at in range(count))
    body = [f"| y[{at}] | {' | '.join(told(value, 3) for value in row)} |" for at, row in enumerate(rows)]
    st.markdown("\n".join([f"| | {heads} |", "|---|" + "---:|" * count, *body]))
    st.markdown(words["activations.jacobian"])
