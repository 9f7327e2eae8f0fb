"""A residual block as a scene: the convolutions that make F(x), then x + F(x), cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from conv_core import AddTrace, ConvTrace
from conv_view.scene import Act, Arithmetic, Layout, Panel, Scale, Scene, Then, extremes
from conv_view.stories.activation import PLANES, by_cell, convolved, scale_of
from conv_view.stories.convolution import act as convolving
from conv_view.text import Words


def addition(
    trace: AddTrace,
    layers: Sequence[ConvTrace],
    words: Words,
    *,
    paint: bool = False,
    edit_kernel: bool = True,
) -> Scene:
    """Return the scene of a residual block whose F(x) one or two convolutions make (first of the batch).

    The first of `layers` reads x, the second max(0, the output of the first); the output of the last is
    `trace.fx`. One act a convolution, the addition last. Raises ValueError for another number of layers, and
    for an activation that the printed sum does not know.
    """
    if not 1 <= len(layers) <= 2:
        raise ValueError(f"F(x) is made by one or two convolutions, not by {len(layers)}")
    # `Arithmetic` itself refuses an activation that it has no way to print.
    then = cast("Then | None", trace.activation)
    adding = Arithmetic(("input", "residual"), "output", addends=True, then=then)
    first, last = layers[0], layers[-1]
    panels = [*convolved(first, words, _titles(words, "first"), paint=paint, edit_kernel=edit_kernel)]
    names = {"output": "residual"}
    acts = [_act(first, names, words["activations.stage.first"])]
    if last is not first:
        # The hidden map stands where the second convolution reads it, and so with that one's padding.
        acts = [_act(first, {"output": "hidden"}, words["activations.stage.first"], then=True)]
        names = {"input": "hidden", "kernel": "kernel2", "bias": "bias2", "output": "residual"}
        second = convolved(last, words, _titles(words, "second"), edit_kernel=False)
        panels = [panel for panel in panels if panel.name != "output"]
        panels += [replace(panel, name=names[panel.name]) for panel in second]
        acts.append(_act(last, names, words["activations.stage.second"]))
    panels = [replace(panel, name="residual") if panel.name == "output" else panel for panel in panels]
    result = trace.output[0]
    title = f"sum_{trace.activation}" if trace.activation else "sum"
    panels.append(Panel("output", words[f"activations.stage.{title}"], "output", result, PLANES))
    panels = [_seen(panel, trace) for panel in panels]
    acts.append(by_cell("addition", ("input", "residual", "output"), adding, result.shape))
    layout = _layout(len(layers))
    return Scene(tuple(panels), tuple(acts), layout, words.language, words["activations.stage.block"])


def _seen(panel: Panel, trace: AddTrace) -> Panel:
    """Return a panel in colours that compare: x and the sum in the same ones."""
    if panel.name == "residual":
        return replace(panel, role="window", scale=Scale.diverging(trace.fx[0]))
    if panel.name == "output" and trace.activation in ("tanh", "sigmoid"):
        return replace(panel, scale=scale_of(trace.activation, trace.sum))
    if panel.name in ("input", "output"):
        both = np.stack([trace.x[0], trace.output[0] if trace.activation == "relu" else trace.sum[0]])
        # Both are pictures, and what F(x) makes of a few cells is not to darken all the others.
        picture = Scale("grey", 0.0, 255.0)
        return replace(panel, scale=picture if extremes(both)[0] >= 0 else Scale.diverging(both))
    return panel


def _titles(words: Words, which: str) -> dict[str, str]:
    kernel = words[f"activations.stage.kernel_{which}"]
    if which == "second":
        return {"input": words["activations.stage.hidden"], "kernel": kernel, "output": "F(x)"}
    return {"input": "x", "kernel": kernel, "output": "F(x)"}


def _act(trace: ConvTrace, names: Mapping[str, str], name: str, *, then: bool = False) -> Act:
    """Return a convolution's act over panels of other `names`."""
    act = convolving(trace)
    relations = tuple(
        replace(relation, panel=names.get(relation.panel, relation.panel)) for relation in act.relations
    )
    arithmetic = act.arithmetic
    arithmetic = replace(
        arithmetic,
        factors=tuple(names.get(factor, factor) for factor in arithmetic.factors),
        result=names[arithmetic.result],
        bias=None if arithmetic.bias is None else names.get(arithmetic.bias, arithmetic.bias),
        then="relu" if then else None,
    )
    return replace(act, relations=relations, arithmetic=arithmetic, name=name)


def _layout(layers: int) -> Layout:
    middle: list[dict[str, object]] = [{"panel": "kernel", "weight": 2}]
    if layers == 2:
        middle += [{"panel": "hidden", "weight": 4}, {"panel": "kernel2", "weight": 2}]
    kernels = ["kernel", "kernel2"] if layers == 2 else ["kernel"]
    return {
        "wide": {
            "row": [
                {"panel": "input", "weight": 6},
                {"column": middle, "weight": 3},
                {"panel": "residual", "weight": 6},
                {"panel": "output", "weight": 6},
            ]
        },
        "narrow": {
            "column": [
                {"row": [{"panel": "input", "weight": 1}, {"panel": "residual", "weight": 1}]},
                {"row": [{"panel": "output", "weight": 1}, {"column": kernels, "weight": 1}]},
                *([{"row": ["hidden"]}] if layers == 2 else []),
            ]
        },
    }
