"""Why the gradient is dilated by the stride: the same input and kernel with stride 1 and with stride 2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import WindowError, conv
from conv_view.address import State
from conv_view.controls import given_gradient
from conv_view.digits import alike, told
from conv_view.given_gradient import TYPED
from conv_view.scene import Act, Arithmetic, Panel, Relation, Scale, Scene, View
from conv_view.stage.component import show
from conv_view.stories.backward import shade
from conv_view.text import Words
from conv_view.way_back import BIAS, WEIGHT, Case, case_of, keywords

SIDE_BY_SIDE = (1, 2)


def stride(words: Words, state: State, case: Case) -> None:
    """Show which cells of X one weight meets at two strides, and what comes out without the dilation."""
    window = case.trace.window
    here = max(window.stride)
    strides = SIDE_BY_SIDE if here in SIDE_BY_SIDE else (1, here)
    st.markdown(words.say("backward.stride.text", stride=strides[-1]))
    compared = [one for each in strides if (one := _at(state, case, each)) is not None]
    for column, one in zip(st.columns(len(compared)), compared, strict=True):
        with column:
            st.markdown(words.say("backward.stride.title", stride=one.stride))
            show(_scene(one, words), key=f"backward_stride_{one.stride}", aspect=0.42, share=0.3)
            st.markdown(_told(words, one))
    st.markdown(
        words.say("backward.stride.dilation", dilation=alike(window.dilation), stride=alike(window.stride))
    )


@dataclass(frozen=True, eq=False)
class _Compared:
    stride: int
    case: Case
    dilated: NDArray[np.float64]


def _at(state: State, case: Case, stride: int) -> _Compared | None:
    """Return the case at another stride; a typed gradient that does not fit there gives way to ones."""
    trace = case.trace
    given = case.grad

    def grad(shape: tuple[int, ...]) -> NDArray[Any]:
        if shape == given.shape:
            return given
        return np.ones(shape) if state["dy_kind"] == TYPED else given_gradient.array(state, shape)

    try:
        one = case_of(
            trace.x[0, 0],
            trace.weight[0, 0],
            float(case.given[BIAS][0]),
            keywords(trace) | {"stride": stride},
            grad if case.target is None else None,
            state["target"],
        )
    except WindowError:
        return None
    rows, columns = one.grad.shape[2:]
    dilated = np.zeros(((rows - 1) * stride + 1, (columns - 1) * stride + 1))
    dilated[::stride, ::stride] = one.grad[0, 0]
    return _Compared(stride, one, dilated)


def _scene(one: _Compared, words: Words) -> Scene:
    """Return the dilated gradient beside X; a cell of it lights the cell of X that the first weight meets."""
    x, pads = one.case.trace.x[0, 0], one.case.trace.pads
    panels = (
        Panel(
            "dilated", words.say("backward.stride.dilated", stride=one.stride), "gradient", one.dilated,
            View(0, 1), Scale.diverging(one.dilated), place="dY",
        ),
        Panel(
            "input", "X", "window", x, View(0, 1), shade(x), margin=pads,
            sources=one.case.trace.sources,
        ),
    )  # fmt: skip
    act = Act(
        one.dilated.shape,
        (),
        (
            Relation("dilated", (0, 0), ((1, 0), (0, 1)), ((), ())),
            Relation("input", (-pads[0][0], -pads[1][0]), ((1, 0), (0, 1)), ((), ())),
        ),
        Arithmetic((), "dilated"),
    )
    layout = {"wide": {"row": ["dilated", "input"]}, "narrow": {"row": ["dilated", "input"]}}
    options = {"pick": True, "hint": words["backward.stride.hint"]}
    return Scene(panels, (act,), layout, words.language, words["backward.tabs.stride"], options)


def _told(words: Words, one: _Compared) -> str:
    """Say how large the result is with the dilation, after cropping, and without it."""
    trace = one.case.trace
    correlated = one.case.back.correlated
    forgotten = conv(correlated.x, correlated.weight, stride=trace.window.dilation)
    kernel, full, wrong = trace.window.kernel, correlated.output.shape[2:], forgotten.shape[2:]
    sizes = {
        "kernel": kernel,
        "full": full,
        "wrong": wrong,
        "out": trace.shape[2:],
        "wide": one.dilated.shape,
    }
    numbers = {name: "×".join(map(str, size)) for name, size in sizes.items()}
    numbers["dilation"] = alike(trace.window.dilation)
    is_one = one.case.grad.size == 1
    by_one = "_by_one" if max(trace.window.dilation) == 1 else ""
    said = [
        words.say(f"backward.stride.here{'_one' if is_one else ''}", stride=one.stride, **numbers),
        words.say(f"backward.stride.moved{by_one}", **numbers),
    ]
    if tuple(full) != tuple(kernel):
        said.append(words.say("backward.stride.cropped", **numbers))
    if one.stride > 1 and not is_one:
        said.append(_wrong(words, one, forgotten[:, 0], numbers))
    return words.together(said)


def _wrong(words: Words, one: _Compared, forgotten: NDArray[np.float64], numbers: dict[str, str]) -> str:
    """Say what comes out without the dilation, at the first weight where that is another number."""
    right = one.case.gradients[WEIGHT][0, 0]
    is_sized = numbers["wrong"] != numbers["full"]
    for place in np.ndindex(right.shape):
        told_right, told_amiss = told(float(right[place])), told(float(forgotten[0][place]))
        if told_right != told_amiss:
            key = "wrong" if is_sized else "wrong_numbers"
            cell = f"W[{place[0]}, {place[1]}]"
            return words.say(
                f"backward.stride.{key}", cell=cell, right=told_right, amiss=told_amiss, **numbers
            )
    return words.say("backward.stride.wrong_size", **numbers) if is_sized else ""
