"""The controls of the way back through a convolution: which fields live in the link, and what they mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import WindowError
from conv_view import digits, few_numbers
from conv_view.address import Choice, Field, Ints, Number, Numbers, State
from conv_view.controls import convolution, given_gradient
from conv_view.controls.convolution import WIDE
from conv_view.given_gradient import ONE, ONES, RANDOM, TYPED
from conv_view.samples import PICTURES
from conv_view.stage.component import Seen
from conv_view.stories.backward import FULL, LENGTHS, PANELS, SPREAD, STORIES
from conv_view.text import Words
from conv_view.way_back import ARRAYS, BIAS, SAME, TARGETS, WEIGHT, Case, case_of

SIDES = ("4", "5", "6", "7", "8")
IMAGES = (*few_numbers.MADE, *PICTURES, TYPED)
MOST_CELL = 1e4  # of the input, so that sums stay readable
FOLLOWED = (0, 0)
ERROR = "error"
USUAL = "notices.usual.backward"
LOSSES = (ERROR, ONE, ONES, RANDOM, TYPED)


def fields() -> tuple[Field, ...]:
    """Return the fields for the address, beside that of the chapters."""
    return (
        Choice("story", SPREAD, STORIES),
        Choice("image", few_numbers.MADE[0], IMAGES),
        Choice("side", "5", SIDES),
        Numbers("x", (0.0,), longest=64, limit=MOST_CELL, goes_with="x_shape"),
        Ints("x_shape", (1, 1), 1, 8, length=2),
        *given_gradient.fields(ERROR, LOSSES),
        Choice("target", SAME, TARGETS),
        *convolution.fields(2, without=("cell",)),
        Ints("cell", (0, 0, 0), 0, 10**6, longest=5, quiet=True),
        # The cell whose gradient is followed below the stage.
        Choice("of", WEIGHT, ARRAYS),
        Ints("at", FOLLOWED, 0, 10**3, length=2),
        Number("rate", 0.01, 0.0, 10.0),
    )


def numbers(state: State) -> NDArray[np.float64]:
    """Return the input (H, W)."""
    if state["image"] == TYPED:
        return np.asarray(state["x"], np.float64).reshape(state["x_shape"])
    return few_numbers.numbers(state["image"], int(state["side"]))


def computed(state: State) -> Case:
    """Return what the fields ask for; `WindowError` where that cannot be."""
    settings = convolution.settings(state, 2)
    grad = None
    if state["dy_kind"] != ERROR:

        def grad(shape: tuple[int, ...]) -> NDArray[Any]:
            return given_gradient.array(state, shape)

    case = case_of(
        numbers(state),
        settings.weight(1)[0, 0],
        settings.bias,
        settings.arguments(),
        grad,
        state["target"],
        state["dy_kind"],
    )
    if state["story"] == FULL:
        case.back.scattered  # noqa: B018 - padding that copies has no such story, and is refused here
    return case


def usual(state: State) -> tuple[Case, str]:
    """Return what is shown for a link that asks for what cannot be, and the key of what is said of it.

    That is the sum of the output as the loss; and where the chosen kernel does not fit, one that does.
    """
    settings = convolution.settings(state, 2)
    x, weight = numbers(state), settings.weight(1)[0, 0]
    try:
        return case_of(x, weight, settings.bias, settings.arguments(), np.ones, kind=ONES), USUAL
    except WindowError:
        x = few_numbers.numbers(few_numbers.MADE[0], 5)
        return case_of(x, np.ones((3, 3)), 0.0, {}, np.ones, kind=ONES), f"{USUAL}_ones"


def take_news(state: State, seen: Seen) -> None:
    """Keep the place where the stage rests, and what was typed on it: a kernel, an input or a gradient."""
    if seen.cell is not None and len(seen.cell) == 1 + LENGTHS[state["story"]]:
        state.put("cell", seen.cell)
    if seen.pick is not None:
        _follow(state, seen.pick)
    if seen.edit is None:
        return
    values = np.asarray(seen.edit["values"], np.float32).reshape(seen.edit["shape"])
    name = seen.edit["panel"]
    if name == "kernel":
        convolution.put_kernel(state, np.flip(values) if state["flip"] else values)
    elif name == "grad":
        given_gradient.put(state, values[None, None])
    elif name == "input":
        state.put("x", tuple(np.clip(values, -MOST_CELL, MOST_CELL).ravel().tolist()))
        state.put("x_shape", values.shape)
        state.put("image", TYPED)


def _follow(state: State, pick: dict[str, Any]) -> None:
    """Follow the gradient that was clicked on the stage."""
    name, cell = pick["panel"], pick["cell"]
    if state["story"] == FULL:
        name = "input_grad" if name == "output" else ""
    if name in PANELS and all(at >= 0 for at in cell):
        state.put("of", PANELS[name])
        state.put("at", tuple(cell[-2:]))


def story(state: State, words: Words) -> None:
    """Show what is watched: one output at a time, dX cell by cell, dW weight by weight."""

    def begin() -> None:
        state.put("cell", (0,) * (1 + LENGTHS[state["story"]]))

    # On a phone a band is pushed sideways.
    with st.container(key="band_backward", width="content"):
        st.segmented_control(
            words["backward.story"],
            STORIES,
            key=state.key("story"),
            required=True,
            format_func=lambda name: words[f"backward.stories.{name}"],
            on_change=begin,
            label_visibility="collapsed",
        )


def band(state: State, words: Words, case: Case) -> None:
    """Show the controls above the stage."""
    _image(state, words)
    convolution.kernel_menu(state, words, 2)
    convolution.window_band(state, words, 2)
    _loss(state, words, case)
    if state["dy_kind"] == ERROR:
        st.selectbox(
            words["backward.target"],
            TARGETS,
            key=state.key("target"),
            format_func=lambda name: words[f"backward.targets.{name}"],
            width=WIDE + 6,
        )
    convolution.more(state, words, 2, lambda: given_gradient.details(state, words, lambda: case.grad))


def _loss(state: State, words: Words, case: Case) -> None:
    before = state["dy_kind"]

    def begin() -> None:
        if state["dy_kind"] == TYPED and before != TYPED and state["dy"] == state.fields["dy"].default:
            given_gradient.put(state, case.grad.astype(np.float32))

    st.selectbox(
        words["backward.loss_menu"],
        LOSSES,
        key=state.key("dy_kind"),
        format_func=lambda name: words[f"backward.losses.{name}"],
        on_change=begin,
        width=WIDE,
    )


def _image(state: State, words: Words) -> None:
    before = numbers(state)

    def begin() -> None:
        if state["image"] == TYPED and state["x"] == state.fields["x"].default:
            state.put("x", tuple(before.ravel().tolist()))
            state.put("x_shape", before.shape)

    st.selectbox(
        words["backward.image"],
        IMAGES,
        key=state.key("image"),
        format_func=lambda name: (
            words[f"picture.names.{name}"] if name in PICTURES else words[f"backward.images.{name}"]
        ),
        on_change=begin,
        width=WIDE,
    )
    st.selectbox(
        words["backward.side"],
        SIDES,
        key=state.key("side"),
        format_func="{0}×{0}".format,
        disabled=state["image"] == TYPED,
        width=78,
    )


def loss_line(words: Words, state: State, case: Case) -> str:
    """Return the loss in words and numbers, and what its gradient by an output is."""
    rows, columns = case.grad.shape[2:]
    values = {"rows": rows, "columns": columns, "loss": digits.told(case.loss, 6)}
    if case.kind == ONE:
        i, j = np.argwhere(case.grad[0, 0])[0] if case.grad.any() else (0, 0)
        values |= {"i": int(i), "j": int(j)}
    if case.kind == ERROR:
        values |= {"target": words[f"backward.targets.{state['target']}"]}
    return words.say(f"backward.loss.{case.kind}", **values)


def followed(state: State, case: Case) -> tuple[str, tuple[int, ...]]:
    """Return which gradient is followed below the stage, and the cell of it (row, column)."""
    name = state["of"]
    return name, (0, 0) if name == BIAS else case.place(name, state["at"])[2:]
