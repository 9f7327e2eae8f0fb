"""The page of what is done to a feature map: its fields, what its three parts share, and the activations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

import conv_core
from conv_core import ACTIVATIONS, KERNELS, ConvTrace, conv_trace, kernel
from conv_view import layer_code, part
from conv_view.address import Choice, Field, Flag, Int, Ints, Number, State, Text
from conv_view.controls import convolution as controls
from conv_view.controls import notices, pictures
from conv_view.curves import curve, histogram, written
from conv_view.pictures import to_grey
from conv_view.stage.component import show
from conv_view.stories.activation import activation
from conv_view.text import Words

SUBJECTS = ("activation", "normalisation", "addition")
PARTS = ("c8", "c12", "c16", "c24", "w16", "w24", "w32")
NORMS = ("batch", "response", "softmax")
EPSILONS = ("0.00001", "0.001", "0.1", "10", "1000")
#: What a slope is held against: below this share of the function's steepest the cell hardly learns.
FLAT = 0.05
STEEPEST = {"relu": 1.0, "leaky_relu": 1.0, "tanh": 1.0, "sigmoid": 0.25}
LAYERS = 10
STAGES = (
    "activations",
    "activations_batch",
    "activations_response",
    "activations_scores",
    "activations_sum",
)
#: What a link that asks for the impossible shows instead.
PLAIN = controls.Settings(kernel("sobel_x"), (1, 1), "same", (1, 1), "replicate", 0.0, False)


def fields() -> tuple[Field, ...]:
    """Return the fields of the page for the address."""
    seconds = tuple(one.name for one in KERNELS if 2 in one.ranks and one.name != "custom")
    # With zeros around it a picture's border would outshine what is in it.
    usual = {"mode": "replicate"}
    window = [
        replace(field, default=usual.get(field.name, field.default))  # type: ignore[type-var]
        for field in controls.fields(2, padding="same")
        if field.name != "cell"
    ]
    return (
        Choice("subject", SUBJECTS[0], SUBJECTS),
        *pictures.fields("cat"),
        Choice("part", "w24", PARTS),
        *window,
        Choice("function", "relu", tuple(ACTIVATIONS)),
        Number("leak", 0.1, 0.0, 1.0),
        Choice("values", "unit", ("unit", "bytes")),
        Choice("norm", NORMS[0], NORMS),
        Int("batch", 3, 1, 4),
        Choice("statistics", "training", ("training", "inference")),
        Int("seen", 10, 0, 100),
        Number("momentum", 0.1, 0.0, 1.0),
        Choice("epsilon", EPSILONS[0], EPSILONS),
        Number("gamma", 1.0, -100.0, 100.0),
        Number("beta", 0.0, -100.0, 100.0),
        Int("neighbours", 5, 1, 9),
        Number("alpha", 1e-4, 0.0, 1.0),
        Number("power", 0.75, 0.0, 4.0),
        Number("k", 2.0, 0.1, 100.0),
        Text("scores", "2 1 0.1 -1", 200),
        Choice("second", "none", ("none", *seconds)),
        Number("factor", 0.5, -2.0, 2.0),
        Flag("after", True),
        # The last act: the story begins before it, with the convolutions.
        Ints("cell", (2, 0, 0, 13, 9), 0, 10**6, length=5, quiet=True),
    )


def memory(state: State) -> str:
    """Return the key under which the visitor's session keeps what this part computed last without a fault."""
    return (
        f"activations:good:{state['subject']}:{state['norm'] if state['subject'] == 'normalisation' else ''}"
    )


def has_picture(state: State) -> bool:
    """Tell whether the part of the page that is shown begins with a picture."""
    return state["subject"] != "normalisation" or state["norm"] != "softmax"


def choose_subject(state: State, words: Words) -> None:
    """Show which of the three the page is about, and which of the normalisations."""
    with st.container(key="band_subject", horizontal=True, gap="medium"):
        _choose(state, words, "subject", SUBJECTS)
        if state["subject"] == "normalisation":
            _choose(state, words, "norm", NORMS)


def _choose(state: State, words: Words, name: str, options: tuple[str, ...]) -> None:
    st.segmented_control(
        words[f"activations.{name}"],
        options,
        key=state.key(name),
        required=True,
        format_func=lambda option: words[f"activations.{name}s.{option}"],
        label_visibility="collapsed",
    )


def choose_part(state: State, words: Words) -> None:
    """Show which part of the picture stands on the stage."""
    st.selectbox(
        words["picture.part"],
        PARTS,
        key=state.key("part"),
        format_func=lambda name: words.say(f"picture.parts.{name[0]}", size=name[1:]),
        width=140,
    )


def plane(pixels: NDArray[np.uint8], choice: str, values: str = "bytes") -> NDArray[np.float32]:
    """Return a part of a picture in grey as (1, 1, H, W), from 0 to 255, or to 1 where `values` is "unit"."""
    grey = to_grey(part.take(pixels, choice).pixels)[None, None].astype(np.float32)
    return grey / np.float32(255) if values == "unit" else grey


def convolve(x: NDArray[np.float32], settings: controls.Settings) -> ConvTrace:
    """Return the convolution of a batch with one channel."""
    return conv_trace(x, settings.weight(1), settings.bias_array, **settings.arguments())


def place(state: State, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the cell of an array of `shape` that the stage stands at, nearest to it where it has grown.

    `shape` ends in the axes of a place on the stage, of which there are four.
    """
    return tuple(min(at, size - 1) for at, size in zip(state["cell"][-len(shape) :], shape, strict=True))


def tabs(state: State, words: Words, shown: dict[str, Callable[[], None]]) -> None:
    """Show the tabs below a stage; only the open one is computed."""
    titles = [words[f"activations.tabs.{name}"] for name in shown]
    made = st.tabs(titles, key=f"activations_{'_'.join(shown)}", on_change="rerun")
    for tab, lesson in zip(made, shown.values(), strict=True):
        if tab.open:
            with tab:
                lesson()


def drawing(svg: str) -> str:
    """Return a drawing for `st.markdown`: `st.html` would throw it away as unsafe.

    Whatever words are in it are escaped where it is made.
    """
    return f"<div>{svg}</div>"


def code(snippets: dict[str, str]) -> None:
    """Show code, library by library."""
    for column, (name, snippet) in zip(st.columns(len(snippets)), snippets.items(), strict=True):
        column.markdown(f"**{name}**")
        column.code(snippet, language="python")


# ---- the activations


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


def activated(state: State, chosen: pictures.Chosen, settings: controls.Settings) -> Activated:
    """Return what the fields ask for; raises WindowError."""
    name, leak = state["function"], state["leak"]
    trace = convolve(plane(chosen.pixels, state["part"], state["values"]), settings)
    forward, derivative = functions(name, leak)
    paint = paintable(chosen, trace) and state["values"] == "bytes"
    return Activated(trace, name, leak, forward(trace.output), derivative(trace.output), paint)


def paintable(chosen: pictures.Chosen, trace: ConvTrace) -> bool:
    """Tell whether the whole painted grid stands on the stage, so that it can be painted there."""
    return chosen.name == pictures.PAINTED and trace.x.shape[2:] == chosen.pixels.shape


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


def stage(state: State, words: Words, shown: Activated, fault: notices.Fault | None) -> None:
    """Show the feature map before and after, the slope, and the function as a curve."""
    trace = shown.trace
    at = place(state, trace.shape)
    x, y, slope = (float(values[at]) for values in (trace.output, shown.after, shown.slope))
    formula = words[f"activations.formulas.{shown.name}"]
    numbers = {"x": written(x), "y": written(y), "slope": written(slope)}
    notices.line(words, state, words.say("activations.cell", formula=formula, **numbers), fault)
    left, right = st.columns([4, 1.2], gap="medium")
    with left:
        scene = activation(trace, shown.name, shown.after, shown.slope, words, paint=shown.paint)
        show(scene, key="activations", cell=state["cell"], aspect=0.36)
    with right, st.container(key="activations_curve"):
        name = words[f"activations.functions.{shown.name}"]
        label = words.say("activations.curve_label", name=name, x=written(x), y=written(y))
        names = (name, words["activations.slope"])
        drawn = curve(*functions(shown.name, shown.leak), trace.output, x, label=label, names=names)
        st.markdown(drawing(drawn), unsafe_allow_html=True)
        st.markdown(words.say("activations.curve", **_shares(shown)))
    tabs(
        state,
        words,
        {
            "values": partial(_values, words, shown),
            "gradient": partial(_gradient, words, shown),
            "formulas": partial(_formulas, words),
            "code": partial(code, layer_code.activation(shown.name, shown.leak)),
        },
    )


def _shares(shown: Activated) -> dict[str, str]:
    slope = shown.slope
    flat = slope < FLAT * STEEPEST[shown.name]
    mean = float(slope.mean())
    return {
        "flat": written(100 * float(flat.mean()), 3),
        "limit": written(FLAT * STEEPEST[shown.name]),
        "mean": written(mean, 3),
        "zeros": written(100 * float((shown.after == 0).mean()), 3),
        "layers": str(LAYERS),
        "left": f"{mean**LAYERS:.2g}",
        "steepest": written(STEEPEST[shown.name] ** LAYERS, 2),
    }


def _values(words: Words, shown: Activated) -> None:
    columns = st.columns(2, gap="large")
    pairs = (("before", shown.trace.output, "window"), ("after", shown.after, "output"))
    for column, (name, values, role) in zip(columns, pairs, strict=True):
        title = words[f"activations.{name}"]
        column.markdown(f"**{title}**")
        column.markdown(drawing(histogram(values, role, label=title)), unsafe_allow_html=True)
        mean, deviation = (written(float(each)) for each in (values.mean(), values.std()))
        column.markdown(words.say("activations.spread", mean=mean, deviation=deviation))


def _formulas(words: Words) -> None:
    st.markdown(words["activations.formulas_all"])


def _gradient(words: Words, shown: Activated) -> None:
    left, right = st.columns(2, gap="large")
    left.markdown(words.say("activations.gradient", **_shares(shown)))
    right.markdown(f"**{words['activations.stage.slope']}**")
    drawn = histogram(shown.slope, "gradient", label=words["activations.stage.slope"])
    right.markdown(drawing(drawn), unsafe_allow_html=True)
