"""The controls of the way back by matrices: which fields live in the link, and what they mean together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import ConvTrace, conv_trace
from conv_view.address import Choice, Field, Ints, State
from conv_view.controls import convolution, filter_rows, given_gradient, picture_menus, pictures
from conv_view.controls.convolution import NARROW
from conv_view.digits import told
from conv_view.gemm_backward import TARGETS, Matrices, matrices, squared_error, target
from conv_view.given_gradient import ONE, ONES, RANDOM, TYPED
from conv_view.pictures import square
from conv_view.stage.component import Seen
from conv_view.stories.backward_matrices import ACTS, start
from conv_view.text import Words

SIDES = ("3", "4", "5", "6", "7", "8", "9", "10")
LEVELS = ("9", "255")
WHOLE_RANGE = 255


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on the stage: the matrices, and the picture they come from."""

    small: Matrices
    chosen: pictures.Chosen


def fields() -> tuple[Field, ...]:
    """Return the fields for the address."""
    return (
        *pictures.fields("cat"),
        Choice("colour", "grey", ("grey", "rgb")),
        Choice("side", "5", SIDES),
        Choice("levels", "9", LEVELS),
        *filter_rows.fields(2),
        *convolution.fields(2, without=("cell", "bias")),
        *given_gradient.fields(RANDOM, (ONES, ONE, RANDOM, *TARGETS, TYPED)),
        Ints("cell", start("forward"), 0, 10**6, longest=6, quiet=True),
    )


def take_news(state: State, seen: Seen, shape: tuple[int, ...] | None) -> None:
    """Keep the place where the stage rests, and what was typed on it; `shape` is of the gradient there."""
    if seen.cell is not None:
        state.put("cell", seen.cell)
    filter_rows.take_edit(state, seen, filter_rows.weight(state, _count(state)))
    if shape is not None:
        given_gradient.take_edit(state, seen, "grads", shape)


def computed(state: State, chosen: pictures.Chosen) -> Shown:
    """Return what the fields ask for; `WindowError` where that cannot be."""
    arguments = convolution.settings(state, 2).arguments()
    return _shown(state, chosen, filter_rows.weight(state, _count(state)), arguments)


def usual(state: State, chosen: pictures.Chosen) -> Shown:
    """Return what is shown for a link that asks for what cannot be: Sobel x and a gradient of ones."""
    kernels = np.repeat(convolution.chosen_kernel(state, 2, "sobel_x")[None, None], _count(state), 1)
    x = np.arange(25, dtype=np.float32).reshape(1, 1, 5, 5)
    try:
        trace = _trace(state, chosen, kernels, {})
    except ValueError:  # a painted picture that is smaller than the kernel
        trace = conv_trace(x, kernels[:, :1])
    return Shown(matrices(trace, np.ones(trace.shape, np.float32)), chosen)


def _count(state: State) -> int:
    return 3 if state["colour"] == "rgb" else 1


def _trace(
    state: State, chosen: pictures.Chosen, weights: NDArray[np.float32], arguments: dict[str, Any]
) -> ConvTrace:
    pixels = chosen.in_tones(state["colour"])
    if pixels.ndim == 2 and state["colour"] == "rgb":
        pixels = np.repeat(pixels[..., None], 3, 2)  # a grey picture is its own red, green and blue
    painted = chosen.name == pictures.PAINTED
    few = pixels if painted else square(pixels, int(state["side"]))
    x = np.atleast_3d(few).transpose(2, 0, 1)[None].astype(np.float32, order="C")
    # A painted grid stays as it is, for what the brush has left on the stage is what is kept.
    return conv_trace(x if painted else levelled(x, int(state["levels"])), weights, **arguments)


def levelled(x: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """Return pixels as they are, or from the darkest to the brightest as whole numbers from 0 to `most`.

    >>> levelled(np.array([40, 90, 140], np.float32), 9).tolist()
    [0.0, 4.0, 9.0]
    """
    if most == WHOLE_RANGE:
        return x
    low, high = float(x.min()), float(x.max())
    return np.rint((x - low) * (most / ((high - low) or 1.0))).astype(np.float32)


def _shown(
    state: State, chosen: pictures.Chosen, weights: NDArray[np.float32], arguments: dict[str, Any]
) -> Shown:
    trace = _trace(state, chosen, weights, arguments)
    wanted = target(trace, state["dy_kind"]) if state["dy_kind"] in TARGETS else None
    grad = given_gradient.array(state, trace.shape) if wanted is None else squared_error(trace, wanted)
    return Shown(matrices(trace, grad, wanted), chosen)


def acts(state: State, words: Words) -> None:
    """Show which product the stage stands at, and go to the beginning of the one that is chosen."""
    key = f"{state.page}_act"
    at = ACTS[min(state["cell"][0], len(ACTS) - 1)]
    st.session_state[key] = at

    # On a phone a band is pushed sideways.
    with st.container(key="band_backward_matrices", width="content"):
        st.segmented_control(
            words["backward_matrices.act"],
            ACTS,
            key=key,
            required=True,
            format_func=lambda name: words[f"backward_matrices.acts.{name}"],
            on_change=lambda: state.put("cell", start(st.session_state[key])),
            label_visibility="collapsed",
        )


def band(state: State, words: Words, shown: Shown) -> None:
    """Show the controls above the stage."""
    pictures.choose(state, words)
    painted = shown.chosen.name == pictures.PAINTED
    picture_menus.side(
        state, words["backward_matrices.side"], SIDES, "{0}×{0}".format, painted=painted, width=80
    )
    convolution.kernel_menu(state, words, 2)
    st.slider(
        words["backward_matrices.filters"],
        1,
        filter_rows.MOST_FILTERS,
        key=state.key("filters"),
        width=NARROW - 12,
    )
    convolution.window_band(state, words, 2, dilation=False)
    given_gradient.menu(state, words, lambda: shown.small.grad, width=172)
    convolution.more(state, words, 2, lambda: _rarer(state, words, shown), bias=False)


def _rarer(state: State, words: Words, shown: Shown) -> None:
    given_gradient.details(state, words, lambda: shown.small.grad)
    convolution.dilation_slider(state, words)
    st.segmented_control(
        words["backward_matrices.levels"],
        LEVELS,
        key=state.key("levels"),
        required=True,
        format_func=lambda name: words[f"backward_matrices.levels_of.{name}"],
    )
    st.segmented_control(
        words["picture.colour"],
        ("grey", "rgb"),
        key=state.key("colour"),
        required=True,
        format_func=lambda name: words[f"picture.colours.{name}"],
    )


def sentence(words: Words, shown: Matrices) -> str:
    """Return the shapes and the costs on the stage, and the loss where there is one."""
    forward, back = shown.costs
    terms, positions = shown.columns.shape
    numbers = {
        "filters": len(shown.rows),
        "terms": terms,
        "positions": positions,
        "products": f"{back.multiplies:,}",
        "forward": f"{forward.multiplies:,}",
        "pixels": f"{shown.x_grad.size:,}",
        "folds": f"{back.fold.adds:,}",
    }
    said = [words.say("backward_matrices.here", **numbers)]
    if shown.target is not None:
        said.append(words.say("backward_matrices.loss", loss=told(shown.loss, 6)))
    return words.together(said)
