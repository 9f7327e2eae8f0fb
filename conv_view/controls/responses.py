"""Local response normalisation at hand: channels that damp each other, after the paper and after PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import conv, local_response_norm, relu
from conv_view import layer_code
from conv_view.address import State
from conv_view.controls import convolution as controls
from conv_view.controls import layers, pictures
from conv_view.controls.feature_maps import bank, maps, squares
from conv_view.digits import written
from conv_view.stage.component import show
from conv_view.stories import normalisation
from conv_view.text import Words

KEY = "activations_response"


@dataclass(frozen=True, eq=False)
class Responses:
    """Rectified maps (1, C, H, W), and their normalisation after the paper and after torch."""

    before: NDArray[np.float32]
    paper: NDArray[np.float32]
    torch: NDArray[np.float32]
    squares: NDArray[np.float32]
    size: int
    alpha: float
    beta: float
    k: float


def compute(state: State, chosen: pictures.Chosen, settings: controls.Settings) -> Responses:
    """Return what the fields ask for; raises WindowError."""
    # As in the paper, where it comes after the activation.
    names = responding(state["kernel"])
    before = relu(maps(squares([chosen.pixels], state["part"]), names, state["kernel"], settings))
    size, alpha, beta, k = (state[name] for name in ("neighbours", "alpha", "power", "k"))
    values = {"alpha": alpha, "beta": beta, "k": k}
    paper = local_response_norm(before, size, **values)
    torch = local_response_norm(before, size, **values, divide_alpha=True)
    return Responses(before, paper, torch, _summed(before**2, size), size, alpha, beta, k)


def _summed(squares: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Return the sums over `size` neighbouring channels: at every pixel a convolution of them with ones."""
    along = np.moveaxis(squares, 1, -1)
    sums = conv(
        along.reshape(-1, 1, along.shape[-1]),
        np.ones((1, 1, size), np.float32),
        padding=((size // 2, (size - 1) // 2),),
    )
    return np.moveaxis(sums.reshape(along.shape), -1, 1)


def responding(first: str) -> tuple[str, ...]:
    """Return the kernels of the channels that damp each other: those of `bank`, the picture itself in front.

    >>> responding("box")[:3]
    ('identity', 'box', 'sobel_x')
    """
    return tuple(sorted(bank(first), key=lambda name: name != "identity"))


def band(state: State, words: Words) -> None:
    """Show the controls of local response normalisation."""
    controls.kernel_menu(state, words, 2)
    st.slider(words["activations.neighbours"], 1, 9, key=state.key("neighbours"), width=110)
    for name, most, step, form in (
        ("alpha", 1.0, 1e-4, "%.5f"),
        ("power", 4.0, 0.05, "%.2f"),
        ("k", 100.0, 0.5, "%.1f"),
    ):
        low = 0.1 if name == "k" else 0.0
        st.number_input(
            words[f"activations.{name}"], low, most, step=step, format=form, key=state.key(name), width=110
        )


def stage(state: State, words: Words, shown: Responses, line: Callable[[str], None]) -> None:
    """Show the channels on the stage, both formulas with their numbers above, and how they differ."""
    before, paper, torch = (each[0] for each in (shown.before, shown.paper, shown.torch))
    cell = layers.place(state, before.shape)
    said = words.say(
        "activations.response_formula",
        x=written(float(before[cell])),
        squares=written(float(shown.squares[0][cell])),
        k=written(shown.k),
        alpha=written(shown.alpha),
        size=shown.size,
        beta=written(shown.beta),
        paper=written(float(paper[cell])),
        torch=written(float(torch[cell])),
    )
    line(said)
    scene = normalisation.responses(before, shown.squares[0], paper, torch, shown.size, words)
    show(scene, key=KEY, cell=state["cell"], aspect=0.31)
    snippets = layer_code.local_response_norm(shown.size, shown.alpha, shown.beta, shown.k)
    layers.tabs(
        state,
        words,
        {
            "conventions": partial(_conventions, words, shown),
            "channels": partial(_channels, words, state["kernel"]),
            "code": partial(layers.code, snippets),
        },
    )


def _conventions(words: Words, shown: Responses) -> None:
    apart = np.abs(shown.paper - shown.torch)
    at = np.unravel_index(int(apart.argmax()), apart.shape)
    st.markdown(
        words.say(
            "activations.conventions",
            most=written(float(apart.max())),
            place=", ".join(str(int(each)) for each in at[1:]),
            paper=written(float(shown.paper[at])),
            torch=written(float(shown.torch[at])),
            alpha=written(shown.alpha),
            times=written(shown.alpha * shown.size),
            size=shown.size,
        )
    )


def _channels(words: Words, first: str) -> None:
    names = (f"{at}: {words[f'controls.kernels.{name}']}" for at, name in enumerate(responding(first)))
    st.markdown(words.say("activations.channels", names=" · ".join(names)))
