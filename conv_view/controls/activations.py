"""The activation at hand: a feature map, what a function makes of it, and where its gradient vanishes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

import conv_core
from conv_core import ACTIVATIONS, ConvTrace
from conv_view import layer_code
from conv_view.address import State
from conv_view.controls import convolution as controls
from conv_view.controls import layers, pictures
from conv_view.curves import curve, histogram
from conv_view.digits import percent, told, written
from conv_view.stage.component import show
from conv_view.stories.activation import activation
from conv_view.text import Words

KEY = "activations"
#: What a slope is held against: below this share of the function's steepest the cell hardly learns.
FLAT = 0.05
STEEPEST = {"relu": 1.0, "leaky_relu": 1.0, "tanh": 1.0, "sigmoid": 0.25}
LAYERS = 10


@dataclass(frozen=True, eq=False)
class Activated:
    """A convolution, a function of its output, and the function's slope there."""

    trace: ConvTrace
    name: str
    leak: float
    after: NDArray[np.floating]
    slope: NDArray[np.floating]
    paint: bool


def functions(name: str, leak: float) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return an activation and its derivative as functions of x."""
    more = {"slope": leak} if name == "leaky_relu" else {}
    forward = partial(getattr(conv_core, name), **more)
    backward = partial(getattr(conv_core, f"{name}_backward"), **more)
    return forward, lambda x: backward(np.ones_like(x), x)


def compute(state: State, chosen: pictures.Chosen, settings: controls.Settings) -> Activated:
    """Return what the fields ask for; raises WindowError."""
    name, leak = state["function"], state["leak"]
    trace = layers.convolve(layers.plane(chosen.pixels, state["part"], state["values"]), settings)
    forward, derivative = functions(name, leak)
    paint = layers.paintable(chosen, trace) and state["values"] == "bytes"
    return Activated(trace, name, leak, forward(trace.output), derivative(trace.output), paint)


def band(state: State, words: Words) -> None:
    """Show the controls of the activations."""
    controls.kernel_menu(state, words, 2)
    st.selectbox(
        words["activations.values"],
        ("unit", "bytes"),
        key=state.key("values"),
        format_func=lambda name: words[f"activations.ranges.{name}"],
        width=96,
    )
    st.segmented_control(
        words["activations.function"],
        tuple(ACTIVATIONS),
        key=state.key("function"),
        required=True,
        format_func=lambda name: words[f"activations.functions.{name}"],
    )
    if state["function"] == "leaky_relu":
        st.number_input(words["activations.leak"], 0.0, 1.0, step=0.05, key=state.key("leak"), width=96)
    controls.more(state, words, 2)


def stage(state: State, words: Words, shown: Activated, line: Callable[[str], None]) -> None:
    """Show the feature map before and after, the slope, and the function as a curve."""
    trace = shown.trace
    at = layers.place(state, trace.shape)
    x, y, slope = (float(values[at]) for values in (trace.output, shown.after, shown.slope))
    formula = words[f"activations.formulas.{shown.name}"]
    numbers = {"x": written(x), "y": written(y), "slope": written(slope)}
    line(words.say("activations.cell", formula=formula, **numbers))
    left, right = st.columns([4, 1.2], gap="medium")
    with left:
        scene = activation(trace, shown.name, shown.after, shown.slope, words, paint=shown.paint)
        show(scene, key=KEY, cell=state["cell"], aspect=0.36)
    with right, st.container(key="activations_curve"):
        name = words[f"activations.functions.{shown.name}"]
        label = words.say("activations.curve_label", name=name, x=written(x), y=written(y))
        names = (name, words["activations.slope"])
        drawn = curve(*functions(shown.name, shown.leak), trace.output, x, label=label, names=names)
        st.markdown(layers.drawing(drawn), unsafe_allow_html=True)
        st.markdown(words.say("activations.curve", **_shares(shown)))
    layers.tabs(
        state,
        words,
        {
            "values": partial(_values, words, shown),
            "gradient": partial(_gradient, words, shown),
            "formulas": partial(_formulas, words),
            "code": partial(layers.code, layer_code.activation(shown.name, shown.leak)),
        },
    )


def _shares(shown: Activated) -> dict[str, str]:
    slope = shown.slope
    flat = slope < FLAT * STEEPEST[shown.name]
    mean = float(slope.mean())
    return {
        "flat": percent(float(flat.mean())),
        "limit": told(FLAT * STEEPEST[shown.name]),
        "mean": told(mean, 3),
        "layers": str(LAYERS),
        "left": told(mean**LAYERS, 2),
        "steepest": told(STEEPEST[shown.name] ** LAYERS, 2),
    }


def _values(words: Words, shown: Activated) -> None:
    columns = st.columns(2, gap="large")
    pairs = (("before", shown.trace.output, "window"), ("after", shown.after, "output"))
    for column, (name, values, role) in zip(columns, pairs, strict=True):
        title = words[f"activations.{name}"]
        column.markdown(f"**{title}**")
        column.markdown(layers.drawing(histogram(values, role, label=title)), unsafe_allow_html=True)
        mean, deviation = (told(float(each)) for each in (values.mean(), values.std()))
        column.markdown(words.say("activations.spread", mean=mean, deviation=deviation))


def _formulas(words: Words) -> None:
    st.markdown(words["activations.formulas_all"])


def _gradient(words: Words, shown: Activated) -> None:
    left, right = st.columns(2, gap="large")
    left.markdown(words.say("activations.gradient", **_shares(shown)))
    right.markdown(f"**{words['activations.stage.slope']}**")
    drawn = histogram(shown.slope, "gradient", label=words["activations.stage.slope"])
    right.markdown(layers.drawing(drawn), unsafe_allow_html=True)
