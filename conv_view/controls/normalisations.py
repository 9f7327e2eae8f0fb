"""The normalisation at hand: batch norm of a few pictures, responses across channels, softmax of scores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import (
    batch_norm,
    batch_norm_backward,
    batch_statistics,
    conv,
    kernel,
    local_response_norm,
    relu,
    running_statistics,
    softmax,
    softmax_backward,
)
from conv_view import layer_code, part, samples
from conv_view.address import State
from conv_view.controls import activations, notices, pictures, signals
from conv_view.controls import convolution as controls
from conv_view.curves import histogram, written
from conv_view.pictures import reduce, to_grey
from conv_view.signals import parse_numbers
from conv_view.stage.component import show
from conv_view.stories import normalisation
from conv_view.text import Words

BANK = ("identity", "sobel_x", "sobel_y", "laplacian", "box", "sharpen", "emboss", "gaussian")
CHANNELS = 3  # of batch norm: the chosen kernel and two others
MOST_SCORES = 12


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


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores (n,) and their softmax."""

    given: NDArray[np.float32]
    shares: NDArray[np.float32]


def normalised(
    state: State, chosen: pictures.Chosen, settings: controls.Settings
) -> Batch | Responses | Scores:
    """Return what the fields ask for; raises WindowError, or SignalError for scores that are none."""
    match state["norm"]:
        case "batch":
            return _batch(state, chosen, settings)
        case "response":
            return _responses(state, chosen, settings)
        case _:
            # A link whose scores are none asks with settings that are plain, and gets the usual ones.
            usual = settings is activations.PLAIN
            text = state.fields["scores"].default if usual else signals.written(state, "scores")
            given = parse_numbers(text, MOST_SCORES)
            return Scores(given, softmax(given, axis=0))


def _batch(state: State, chosen: pictures.Chosen, settings: controls.Settings) -> Batch:
    others = [name for name in samples.PICTURES if name != chosen.name]
    pixels = [chosen.pixels, *(samples.picture(name) for name in others[: state["batch"] - 1])]
    names = bank(state["kernel"])[:CHANNELS]
    before = _maps(_squares(pixels, state["part"]), names, state["kernel"], settings)
    training = state["statistics"] == "training"
    mean, variance = batch_statistics(before) if training else _running(state, before)
    gamma, beta, epsilon = state["gamma"], state["beta"], float(state["epsilon"])
    normal = batch_norm(before, mean, variance, epsilon=epsilon)
    after = batch_norm(before, mean, variance, *_all(len(names), gamma, beta), epsilon=epsilon)
    return Batch(before, normal, after, mean, variance, names, gamma, beta, epsilon, training)


def _running(state: State, before: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the running statistics after the batch was seen so often; as in torch they begin at 0 and 1."""
    mean, variance = np.zeros(before.shape[1], np.float32), np.ones(before.shape[1], np.float32)
    for _ in range(state["seen"]):
        mean, variance = running_statistics(mean, variance, before, momentum=state["momentum"])
    return mean, variance


def _responses(state: State, chosen: pictures.Chosen, settings: controls.Settings) -> Responses:
    # As in the paper, where it comes after the activation.
    names = responding(state["kernel"])
    before = relu(_maps(_squares([chosen.pixels], state["part"]), names, state["kernel"], settings))
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


def bank(first: str) -> tuple[str, ...]:
    """Return the names of eight kernels, a chosen one first.

    >>> bank("box")[:3], len(bank("gabor"))
    (('box', 'identity', 'sobel_x'), 8)
    """
    return (first, *(name for name in BANK if name != first))[: len(BANK)]


def responding(first: str) -> tuple[str, ...]:
    """Return the kernels of the channels that damp each other: those of `bank`, the picture itself in front.

    >>> responding("box")[:3]
    ('identity', 'box', 'sobel_x')
    """
    return tuple(sorted(bank(first), key=lambda name: name != "identity"))


def _squares(pixels: list[NDArray[np.uint8]], choice: str) -> NDArray[np.float32]:
    """Return the same part of several pictures as one batch (N, 1, size, size), from 0 to 255."""
    size = min(int(choice[1:]), *(side for each in pixels for side in each.shape[:2]))
    parts = []
    for each in pixels:
        side = size if choice[0] == "c" else min(each.shape[:2])
        square = part.take(to_grey(each), f"c{side}").pixels
        parts.append(reduce(square, height=size, width=size))
    return np.stack(parts)[:, None].astype(np.float32)


def _maps(
    x: NDArray[np.float32], names: tuple[str, ...], chosen: str, settings: controls.Settings
) -> NDArray[np.float32]:
    """Return the feature maps of a batch by named kernels, of which the chosen one is as it was set."""
    # Padded so that kernels of any size make maps of one.
    arguments = {**settings.arguments(), "padding": "same"}
    maps = [
        conv(x, settings.weight(1), settings.bias_array, **arguments)
        if name == chosen
        else conv(x, kernel(name)[None, None], **arguments)
        for name in names
    ]
    return np.concatenate(maps, axis=1)


def _all(channels: int, *values: float) -> list[NDArray[np.float32]]:
    """Return the same value for all channels, for each of the values."""
    return [np.full(channels, value, np.float32) for value in values]


# ---- the controls


def band(state: State, words: Words) -> None:
    """Show the controls of the normalisation that is chosen."""
    match state["norm"]:
        case "batch":
            _batch_band(state, words)
        case "response":
            _response_band(state, words)
        case _:
            st.text_input(
                words["activations.scores"],
                key=state.key("scores"),
                help=words.say("activations.scores_help", most=MOST_SCORES),
                width=320,
            )


def _batch_band(state: State, words: Words) -> None:
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
    st.selectbox(words["activations.epsilon"], activations.EPSILONS, key=state.key("epsilon"), width=96)
    popover = st.popover(
        words["controls.more"],
        icon=":material/tune:",
        width="content",
        key="activations_more_batch",
        on_change="rerun",
    )
    if popover.open:
        with popover:
            st.number_input(words["activations.gamma"], -100.0, 100.0, step=0.5, key=state.key("gamma"))
            st.number_input(words["activations.beta"], -100.0, 100.0, step=0.5, key=state.key("beta"))
            st.number_input(words["activations.momentum"], 0.0, 1.0, step=0.05, key=state.key("momentum"))


def _response_band(state: State, words: Words) -> None:
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


# ---- what is shown


def stage(state: State, words: Words, shown: Batch | Responses | Scores, fault: notices.Fault | None) -> None:
    """Show the normalisation on the stage, its numbers in the formula above, and what it means below."""
    match shown:
        case Batch():
            _batch_stage(state, words, shown, fault)
        case Responses():
            _response_stage(state, words, shown, fault)
        case Scores():
            _score_stage(state, words, shown, fault)


def _batch_stage(state: State, words: Words, shown: Batch, fault: notices.Fault | None) -> None:
    samples_, channels, *_ = shown.before.shape
    channel, sample, *at = activations.place(state, (channels, samples_, *shown.before.shape[2:]))
    cell = (sample, channel, *at)
    said = words.say(
        "activations.batch_formula",
        x=written(float(shown.before[cell])),
        mean=_signed(-float(shown.mean[channel])),
        variance=written(float(shown.variance[channel])),
        epsilon=written(shown.epsilon),
        gamma=_bracketed(shown.gamma),
        beta=_signed(shown.beta),
        y=written(float(shown.after[cell])),
        channel=words[f"controls.kernels.{shown.channels[channel]}"],
    )
    notices.line(words, state, said, fault)
    names = [words[f"controls.kernels.{name}"] for name in shown.channels]
    # Of a value of 1 around the mean 0, what is left is one over the deviation.
    ones = np.ones((1, channels), np.float32)
    deviation = 1 / batch_norm(ones, np.zeros_like(shown.mean), shown.variance, epsilon=shown.epsilon)[0]
    more = {}
    if (shown.gamma, shown.beta) != (1.0, 0.0):
        gamma, beta = _all(channels, shown.gamma, shown.beta)
        more = {"after": shown.after, "gamma": gamma, "beta": beta}
    scene = normalisation.batch(shown.before, shown.normal, shown.mean, deviation, words, names, **more)
    show(scene, key="activations_batch", cell=state["cell"], aspect=0.36)
    snippets = layer_code.batch_norm(channels, shown.epsilon, state["momentum"], shown.training)
    activations.tabs(
        state,
        words,
        {
            "statistics": partial(_statistics, words, shown),
            "batch_back": partial(_batch_back, words, shown),
            "code": partial(activations.code, snippets),
        },
    )


def _statistics(words: Words, shown: Batch) -> None:
    means, variances = batch_statistics(shown.before)
    after_mean, after_variance = batch_statistics(shown.after)
    heads = [words[f"activations.heads.{name}"] for name in ("channel", "mean", "variance", "used", "after")]
    rows = [
        f"| {words[f'controls.kernels.{name}']} | {_told(means[at])} | {_told(variances[at])} "
        f"| {_told(shown.mean[at])}, {_told(shown.variance[at])} "
        f"| {_told(_rounded(after_mean[at]))}, {_told(after_variance[at])} |"
        for at, name in enumerate(shown.channels)
    ]
    st.markdown("\n".join([f"| {' | '.join(heads)} |", "|---|---:|---:|---:|---:|", *rows]))
    kind = "training" if shown.training else "inference"
    count = shown.before.size // shown.before.shape[1]
    st.markdown(words.say(f"activations.statistics_{kind}", count=f"{count:,}", pictures=len(shown.before)))
    for column, at in zip(st.columns(len(shown.channels), gap="large"), range(len(means)), strict=True):
        name = words[f"controls.kernels.{shown.channels[at]}"]
        column.markdown(f"**{name}**")
        for values, role in ((shown.before, "window"), (shown.after, "output")):
            drawn = activations.drawing(histogram(values[:, at], role, label=name))
            column.markdown(drawn, unsafe_allow_html=True)


def _batch_back(words: Words, shown: Batch) -> None:
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
            total=f"{abs(float(own.sum(dtype=np.float64))):.0e}",
        )
    )


def _response_stage(state: State, words: Words, shown: Responses, fault: notices.Fault | None) -> None:
    before, paper, torch = (each[0] for each in (shown.before, shown.paper, shown.torch))
    cell = activations.place(state, before.shape)
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
    notices.line(words, state, said, fault)
    scene = normalisation.responses(before, shown.squares[0], paper, torch, shown.size, words)
    show(scene, key="activations_response", cell=state["cell"], aspect=0.44)
    snippets = layer_code.local_response_norm(shown.size, shown.alpha, shown.beta, shown.k)
    activations.tabs(
        state,
        words,
        {
            "conventions": partial(_conventions, words, shown),
            "channels": partial(_channels, words, state["kernel"]),
            "code": partial(activations.code, snippets),
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


def _score_stage(state: State, words: Words, shown: Scores, fault: notices.Fault | None) -> None:
    given, shares = shown.given, shown.shares
    (at,) = activations.place(state, given.shape)
    # The largest share belongs to exp(0) = 1, so all exponentials and their sum follow from the shares.
    exponentials, total = shares / shares.max(), float(1 / shares.max())
    said = words.say(
        "activations.softmax_formula",
        x=written(float(given[at])),
        most=_signed(-float(given.max())),
        total=written(total),
        share=written(float(shares[at])),
        sum=written(float(shares.sum())),
    )
    notices.line(words, state, said, fault)
    left, right = st.columns([3, 1.4], gap="large")
    with left:
        scene = normalisation.scores(given, exponentials, total, shares, words)
        show(scene, key="activations_scores", cell=state["cell"], aspect=0.4)
    with right:
        _shift(words, shown)
    activations.tabs(
        state,
        words,
        {
            "jacobian": partial(_jacobian, words, shown),
            "code": partial(activations.code, layer_code.softmax()),
        },
    )


def _shift(words: Words, shown: Scores) -> None:
    best = int(shown.given.argmax())
    moved = softmax(shown.given + np.float32(100), axis=0)
    st.markdown(
        words.say(
            "activations.shift",
            best=best,
            share=written(100 * float(shown.shares[best]), 3),
            apart=f"{float(np.abs(moved - shown.shares).max()):.0e}",
        )
    )


def _jacobian(words: Words, shown: Scores) -> None:
    """Show by how much each share grows with each score: the backward pass of every unit gradient."""
    count = len(shown.given)
    rows = softmax_backward(np.eye(count, dtype=np.float32), np.tile(shown.given, (count, 1)))
    heads = " | ".join(f"x[{at}]" for at in range(count))
    body = [f"| y[{at}] | {' | '.join(_told(value, 3) for value in row)} |" for at, row in enumerate(rows)]
    st.markdown("\n".join([f"| | {heads} |", "|---|" + "---:|" * count, *body]))
    st.markdown(words["activations.jacobian"])


def _told(value: float, figures: int = 4) -> str:
    """Return a number for a text: with a minus sign of its own, where a formula makes one of a hyphen."""
    return written(value, figures).replace("-", "−")


def _signed(value: float) -> str:
    """Return a number with its sign in front, to be written after another."""
    text = written(value)
    return text if text.startswith("-") else f"+{text}"


def _bracketed(value: float) -> str:
    text = written(value)
    return f"({text})" if text.startswith("-") else text


def _rounded(value: float) -> float:
    """Return 0 for what is nothing but rounding."""
    return 0.0 if abs(value) < 1e-5 else float(value)
