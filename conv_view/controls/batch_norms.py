"""The batch norm at hand: feature maps of a few pictures, their statistics, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import (
    batch_norm,
    batch_norm_backward,
    batch_statistics,
    running_statistics,
)
from conv_view import layer_code, samples
from conv_view.address import State
from conv_view.controls import behind, layers, pictures
from conv_view.controls import convolution as controls
from conv_view.controls.feature_maps import bank, maps, squares
from conv_view.curves import histogram
from conv_view.digits import bracketed, percent, signed, told, written
from conv_view.stage.component import show
from conv_view.stories import normalisation
from conv_view.text import Words

KEY = "activations_batch"
CHANNELS = 3  # of batch norm: the chosen kernel and two others


@dataclass(frozen=True, eq=False)
class Batch:
    """Feature maps (N, C, H, W) before batch norm, without and with gamma and beta, and its statistics."""

    before: NDArray[np.float32]
    normal: NDArray[np.float32]
    after: NDArray[np.float32]
    mean: NDArray[np.float32]
    variance: NDArray[np.float32]
    channels: tuple[str, ...]
    gamma: float
    beta: float
    epsilon: float
    training: bool
    seen: int
    begun: float  # how much of the running statistics is still what they began with


def compute(state: State, chosen: pictures.Chosen, settings: controls.Settings) -> Batch:
    """Return what the fields ask for; raises WindowError."""
    others = [name for name in samples.PICTURES if name != chosen.name]
    pixels = [chosen.pixels, *(samples.picture(name) for name in others[: state["batch"] - 1])]
    names = bank(state["kernel"])[:CHANNELS]
    before = maps(squares(pixels, state["part"]), names, state["kernel"], settings)
    training = state["statistics"] == "training"
    mean, variance = batch_statistics(before) if training else _running(state, before)
    gamma, beta, epsilon = state["gamma"], state["beta"], float(state["epsilon"])
    normal = batch_norm(before, mean, variance, epsilon=epsilon)
    after = batch_norm(before, mean, variance, *_all(len(names), gamma, beta), epsilon=epsilon)
    return Batch(before, normal, after, mean, variance, names, gamma, beta, epsilon, training,
                 state["seen"], (1 - state["momentum"]) ** state["seen"])  # fmt: skip


def _running(state: State, before: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the running statistics after the batch was seen so often; as in torch they begin at 0 and 1."""
    mean, variance = np.zeros(before.shape[1], np.float32), np.ones(before.shape[1], np.float32)
    for _ in range(state["seen"]):
        mean, variance = running_statistics(mean, variance, before, momentum=state["momentum"])
    return mean, variance


def _all(channels: int, *values: float) -> list[NDArray[np.float32]]:
    """Return the same value for all channels, for each of the values."""
    return [np.full(channels, value, np.float32) for value in values]


def band(state: State, words: Words) -> None:
    """Show the controls of batch norm."""
    controls.kernel_menu(state, words, 2)
    st.slider(words["activations.batch"], 1, 4, key=state.key("batch"), width=80)
    st.segmented_control(
        words["activations.statistics"],
        ("training", "inference"),
        key=state.key("statistics"),
        required=True,
        format_func=lambda name: words[f"activations.kinds.{name}"],
    )
    if state["statistics"] == "inference":
        st.slider(words["activations.seen"], 0, 100, key=state.key("seen"), width=100)
    st.selectbox(words["activations.epsilon"], layers.EPSILONS, key=state.key("epsilon"), width=96)
    room = behind.behind(words["controls.more"], "activations_more_batch", ":material/tune:")
    if room is not None:
        with room:
            st.number_input(words["activations.gamma"], -100.0, 100.0, step=0.5, key=state.key("gamma"))
            st.number_input(words["activations.beta"], -100.0, 100.0, step=0.5, key=state.key("beta"))
            st.number_input(words["activations.momentum"], 0.0, 1.0, step=0.05, key=state.key("momentum"))


def stage(state: State, words: Words, shown: Batch, line: Callable[[str], None]) -> None:
    """Show the batch on the stage, the formula with its numbers above, and what it means below."""
    samples_, channels, *_ = shown.before.shape
    channel, sample, *at = layers.place(state, (channels, samples_, *shown.before.shape[2:]))
    cell = (sample, channel, *at)
    said = words.say(
        "activations.batch_formula",
        x=written(float(shown.before[cell])),
        mean=signed(-float(shown.mean[channel])),
        variance=written(float(shown.variance[channel])),
        epsilon=written(shown.epsilon),
        gamma=bracketed(shown.gamma),
        beta=signed(shown.beta),
        y=written(float(shown.after[cell])),
        channel=words[f"controls.kernels.{shown.channels[channel]}"],
    )
    line(said)
    names = [words[f"controls.kernels.{name}"] for name in shown.channels]
    # Of a value of 1 around the mean 0, what is left is one over the deviation.
    ones = np.ones((1, channels), np.float32)
    deviation = 1 / batch_norm(ones, np.zeros_like(shown.mean), shown.variance, epsilon=shown.epsilon)[0]
    more = {}
    if (shown.gamma, shown.beta) != (1.0, 0.0):
        gamma, beta = _all(channels, shown.gamma, shown.beta)
        more = {"after": shown.after, "gamma": gamma, "beta": beta}
    scene = normalisation.batch(shown.before, shown.normal, shown.mean, deviation, words, names, **more)
    show(scene, key=KEY, cell=state["cell"], aspect=0.3)
    snippets = layer_code.batch_norm(channels, shown.epsilon, state["momentum"], shown.training)
    layers.tabs(
        state,
        words,
        {
            "statistics": partial(_statistics, words, shown),
            "batch_back": partial(_back, words, shown),
            "code": partial(layers.code, snippets),
        },
    )


def _statistics(words: Words, shown: Batch) -> None:
    means, variances = batch_statistics(shown.before)
    after_mean, after_variance = batch_statistics(shown.after)
    heads = [words[f"activations.heads.{name}"] for name in ("channel", "mean", "variance", "used", "after")]
    rows = [
        f"| {words[f'controls.kernels.{name}']} | {told(means[at])} | {told(variances[at])} "
        f"| {told(shown.mean[at])}, {told(shown.variance[at])} "
        f"| {told(_rounded(after_mean[at]))}, {told(after_variance[at])} |"
        for at, name in enumerate(shown.channels)
    ]
    st.markdown("\n".join([f"| {' | '.join(heads)} |", "|---|---:|---:|---:|---:|", *rows]))
    kind = "training" if shown.training else "inference"
    count = shown.before.size // shown.before.shape[1]
    numbers = {"count": f"{count:,}", "less": f"{count - 1:,}", "pictures": len(shown.before)}
    numbers |= {"seen": shown.seen, "begun": percent(shown.begun)}
    said = [words.say(f"activations.statistics_{key}", **numbers) for key in _what_of(shown, kind)]
    st.markdown(words.together(said))
    for column, at in zip(st.columns(len(shown.channels), gap="large"), range(len(means)), strict=True):
        name = words[f"controls.kernels.{shown.channels[at]}"]
        column.markdown(f"**{name}**")
        for values, role in ((shown.before, "window"), (shown.after, "output")):
            drawn = layers.drawing(histogram(values[:, at], role, label=name))
            column.markdown(drawn, unsafe_allow_html=True)


def _what_of(shown: Batch, kind: str) -> tuple[str, ...]:
    """Return the keys of what is said about the statistics."""
    one = "_one" if len(shown.before) == 1 else ""
    if shown.training:
        return (f"{kind}{one}",)
    return kind, f"{kind}_seen" + ("_one" if shown.seen == 1 else ""), f"{kind}_batch{one}"


def _back(words: Words, shown: Batch) -> None:
    """Show what of a gradient in one cell comes back, with the batch's own statistics and with given ones."""
    gradient = np.zeros_like(shown.before)
    gradient[0, 0, 0, 0] = 1
    gamma = np.full(shown.before.shape[1], shown.gamma, np.float32)
    own = batch_norm_backward(gradient, shown.before, weight=gamma, epsilon=shown.epsilon).x[:, 0]
    given = batch_norm_backward(
        gradient, shown.before, shown.mean, shown.variance, gamma, epsilon=shown.epsilon
    ).x[:, 0]
    st.markdown(
        words.say(
            "activations.batch_back",
            cells=f"{np.count_nonzero(own):,}",
            given=f"{np.count_nonzero(given):,}",
            total=told(abs(float(own.sum(dtype=np.float64))), 1),
        )
    )


def _rounded(value: float) -> float:
    """Return 0 for what is nothing but rounding."""
    return 0.0 if abs(value) < 1e-5 else float(value)
