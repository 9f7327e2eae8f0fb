"""The residual block at hand: one or two convolutions, a factor, the addition, and what it all shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import AddTrace, ConvTrace, add_trace, conv_transpose, kernel, relu, relu_backward, unpad
from conv_view import layer_code
from conv_view.address import State
from conv_view.controls import convolution as controls
from conv_view.controls import layers as parts
from conv_view.controls import pictures
from conv_view.curves import histogram
from conv_view.digits import bracketed, written
from conv_view.stage.component import Seen, show
from conv_view.stories.addition import addition
from conv_view.text import Words

KEY = "activations_sum"


@dataclass(frozen=True, eq=False)
class Block:
    """An addition and the convolutions that made its F(x), the factor in the weights of the last."""

    trace: AddTrace
    layers: tuple[ConvTrace, ...]
    paint: bool


def compute(state: State, chosen: pictures.Chosen, settings: controls.Settings) -> Block:
    """Return what the fields ask for; raises WindowError where x and F(x) have different shapes."""
    x = parts.plane(chosen.pixels, state["part"])
    factor, second = np.float32(state["factor"]), state["second"]
    # In the weights, so that the products on the stage add up to F(x) as it is added.
    if second == "none":
        scaled = replace(settings, kernel=settings.kernel * factor, bias=settings.bias * float(factor))
        layers: tuple[ConvTrace, ...] = (parts.convolve(x, scaled),)
    else:
        first = parts.convolve(x, settings)
        last = replace(settings, kernel=kernel(second) * factor, bias=0.0)
        layers = (first, parts.convolve(relu(first.output), last))
    trace = add_trace(x, layers[-1].output, "relu" if state["after"] else None)
    return Block(trace, layers, parts.paintable(chosen, layers[0]))


def take_news(state: State, seen: Seen) -> None:
    """Keep the place and what was typed on the stage, where a kernel has the factor in its cells."""
    edit, factor = seen.edit, state["factor"]
    if edit is not None and edit["panel"] == "kernel" and state["second"] == "none":
        cells = [value / factor for value in edit["values"]] if factor else None
        seen = replace(seen, edit={**edit, "values": cells} if cells else None)
    controls.take_news(state, 2, seen)


def band(state: State, words: Words) -> None:
    """Show the controls of the block."""
    controls.kernel_menu(state, words, 2)
    options = state.fields["second"].options  # type: ignore[attr-defined]
    st.selectbox(
        words["activations.second"],
        options,
        key=state.key("second"),
        format_func=lambda name: (
            words["activations.none"] if name == "none" else words[f"controls.kernels.{name}"]
        ),
        width=120,
    )
    st.slider(words["activations.factor"], -2.0, 2.0, step=0.05, key=state.key("factor"), width=110)
    st.selectbox(
        words["controls.padding"],
        controls.PADDINGS,
        key=state.key("padding"),
        format_func=lambda name: words.get(f"controls.paddings.{name}", name),
        width=104,
    )
    st.toggle(words["activations.after_relu"], key=state.key("after"))
    controls.more(state, words, 2)


def stage(state: State, words: Words, shown: Block, line: Callable[[str], None]) -> None:
    """Show x, F(x) and their sum, and what it means."""
    trace = shown.trace
    at = parts.place(state, trace.shape)
    x, f, total, result = (float(a[at]) for a in (trace.x, trace.fx, trace.sum, trace.output))
    said = words.say(
        "activations.addition" if trace.activation else "activations.addition_plain",
        x=written(x),
        f=bracketed(f),
        sum=written(total),
        result=written(result),
    )
    line(said)
    # With the factor 0 every cell of the kernel is 0, and typing into them would change nothing.
    typed = bool(state["factor"]) or len(shown.layers) > 1
    scene = addition(trace, shown.layers, words, paint=shown.paint, edit_kernel=typed)
    show(scene, key=KEY, cell=state["cell"], aspect=0.29)
    parts.tabs(
        state,
        words,
        {
            "why": partial(_why, words, shown),
            "back": partial(_back, words, shown),
            "sums": partial(_sums, words, shown),
            "code": partial(parts.code, layer_code.residual(len(shown.layers), trace.activation is not None)),
        },
    )


def _why(words: Words, shown: Block) -> None:
    trace = shown.trace
    if not trace.fx.any():
        same = bool(np.array_equal(trace.output, trace.x))
        st.markdown(words["activations.zero_same" if same else "activations.zero_cut"])
    else:
        cut = int((trace.sum < 0).sum()) if trace.activation else 0
        st.markdown(
            words.say(
                "activations.why",
                share=written(float(np.abs(trace.fx).mean()), 3),
                x=written(float(np.abs(trace.x).mean()), 3),
                cut=f"{cut:,}",
                cells=f"{trace.sum.size:,}",
            )
        )
    st.markdown(words["activations.why_learn"])


def _back(words: Words, shown: Block) -> None:
    """Show what of a gradient of ones reaches x by the shortcut and through the convolutions."""
    trace = shown.trace
    ones = np.ones_like(trace.output)
    arriving = relu_backward(ones, trace.sum) if trace.activation else ones
    st.markdown(words.say("activations.back", passed=f"{int(arriving.sum()):,}", cells=f"{ones.size:,}"))
    through = _through(shown.layers, arriving)
    if through is not None:
        means = (float(np.abs(each).mean()) for each in (arriving, through))
        shortcut, branch = (written(mean, 3) for mean in means)
        st.markdown(words.say("activations.back_numbers", shortcut=shortcut, branch=branch))


def _through(layers: tuple[ConvTrace, ...], gradient: NDArray[Any]) -> NDArray[Any] | None:
    """Return a gradient behind the convolutions; None where strides skip cells."""
    for layer in reversed(layers):
        window = layer.window
        if max(window.stride) > 1:
            return None
        padded = conv_transpose(gradient, layer.weight, dilation=window.dilation)
        gradient = unpad(padded, layer.pads, layer.padding_mode)
        if layer is not layers[0]:
            gradient = relu_backward(gradient, layers[0].output)
    return gradient


def _sums(words: Words, shown: Block) -> None:
    trace = shown.trace
    arrays = (("x", trace.x, "window"), ("F(x)", trace.fx, "window"), ("x + F(x)", trace.sum, "output"))
    for column, (name, values, role) in zip(st.columns(3, gap="large"), arrays, strict=True):
        column.markdown(f"**{name}**")
        drawn = parts.drawing(histogram(values, role, label=name))
        column.markdown(drawn, unsafe_allow_html=True)
