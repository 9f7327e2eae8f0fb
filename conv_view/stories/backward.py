"""The way back through a convolution as three scenes: output by output, by input cell, by weight."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import numpy as np
from numpy.typing import NDArray

from conv_view.scene import Act, Arithmetic, Layout, Panel, Relation, Role, Scale, Scene, View, extremes
from conv_view.stories.convolution import convolution, diagonal
from conv_view.text import Words
from conv_view.way_back import Case

SPREAD, FULL, WEIGHTS = STORIES = ("spread", "full", "weights")
PANELS = {"input_grad": "input", "weight_grad": "weight", "bias_grad": "bias"}
LENGTHS = {SPREAD: 2, FULL: 4, WEIGHTS: 2}  # of an index into the story's timeline

_STRAIGHT, _STILL = ((1, 0), (0, 1)), ((0, 0), (0, 0))


def scene(case: Case, words: Words, story: str) -> Scene:
    """Return one of STORIES."""
    return {SPREAD: spread, FULL: full, WEIGHTS: weights}[story](case, words)


def spread(case: Case, words: Words) -> Scene:
    """Return the story of one output at a time: what its gradient adds to dX, to dW and to db."""
    gradients = case.gradients
    panels = (
        _kernel(case, words, edit=True),
        _given(case, words),
        _input(case, words),
        _gradient("input_grad", "dX", gradients["input"][0, 0], words, pads=case.trace.pads,
                  sources=case.trace.sources),
        _gradient("weight_grad", "dW", gradients["weight"][0, 0], words),
        _gradient("bias_grad", "db", gradients["bias"][None], words, place="db"),
        Panel("to_input", words["backward.stage.to_input"], "plain", ("grad", "kernel"), View(0, 1)),
        Panel("to_weight", words["backward.stage.to_weight"], "plain", ("input", "grad"), View(0, 1)),
    )  # fmt: skip
    layout: Layout = {
        "wide": {
            "row": [
                {"column": ["grad", {"panel": "bias_grad", "weight": 0.5}], "weight": 3.2},
                {"column": ["kernel", "to_input"], "weight": 2.6},
                {"panel": "input_grad", "weight": 4.6},
                {"panel": "input", "weight": 4.6},
                {"column": ["to_weight", "weight_grad"], "weight": 2.6},
            ]
        },
        "narrow": {
            "column": [
                {"row": ["grad", "kernel", "bias_grad"]},
                {"row": ["input", "input_grad"]},
                {"row": ["to_input", "to_weight", "weight_grad"]},
            ]
        },
    }
    return _scene(panels, _spread(case, words), layout, words, SPREAD)


def full(case: Case, words: Words) -> Scene:
    """Return the story of dX cell by cell: a correlation over the stuffed gradient with the turned kernel."""
    made = convolution(case.back.scattered.stuffed, words, edit_kernel=False, signed=True)
    named: dict[str, tuple[str, Role]] = {
        "input": (words["backward.stage.stuffed"], "gradient"),
        "kernel": (words["backward.stage.turned"], "kernel"),
        "output": ("dX", "gradient"),
        "patch": (words["backward.stage.window"], "gradient"),
    }
    panels = []
    for panel in made.panels:
        title, role = named.get(panel.name, (panel.title, panel.role))
        place = {"output": "dX[{1}, {2}]", "input": "D[{1}, {2}]"}.get(panel.name, "")
        scale = Scale.diverging(panel.values) if isinstance(panel.values, np.ndarray) else panel.scale
        panels.append(replace(panel, title=title, role=role, place=place, scale=scale))
    (act,) = made.acts
    pointed = {"input": words["backward.pointed.stuffed"], "kernel": words["backward.pointed.turned"]}
    acts = (replace(act, told=words["backward.told.full"], pointed=pointed),)
    label = words["backward.stories.full"]
    return replace(made, panels=tuple(panels), acts=acts, label=label, options={"follow": True})


def weights(case: Case, words: Words) -> Scene:
    """Return the story of dW weight by weight: the cells of X that a weight met, times their gradients."""
    panels = (
        _given(case, words),
        _input(case, words),
        _kernel(case, words),
        _gradient("weight_grad", "dW", case.gradients["weight"][0, 0], words),
        Panel("products", words["stage.products"], "plain", ("input", "grad"), View(0, 1)),
    )
    layout: Layout = {
        "wide": {
            "row": [
                {"panel": "input", "weight": 5},
                {"panel": "grad", "weight": 3.6},
                {"panel": "products", "weight": 3.6},
                {"column": ["weight_grad", "kernel"], "weight": 3},
            ]
        },
        "narrow": {
            "column": [
                {"row": ["input", "weight_grad"]},
                {"row": ["grad", "products"]},
                {"row": ["kernel", {"column": []}]},
            ]
        },
    }
    return _scene(panels, _weights(case, words), layout, words, WEIGHTS)


def _spread(case: Case, words: Words) -> Act:
    """Return the timeline of all outputs (*out) over the kernel's cells, into three results at once."""
    out, kernel = case.grad.shape[2:], case.trace.window.kernel
    window = _reach(case)
    relations = (
        Relation("grad", (0, 0), _STRAIGHT, _STILL),
        Relation("kernel", (0, 0), _STILL, _STRAIGHT),
        Relation("input_grad", *window),
        Relation("input", *window),
        Relation("weight_grad", (0, 0), _STILL, _STRAIGHT),
        Relation("bias_grad", (0, 0), _STILL, _STILL),
    )
    told = words["backward.told.spread"]
    pointed = {name: words[f"backward.pointed.{name}"] for name in ("kernel", "input")}
    by_weight = Act(
        out, kernel, relations, Arithmetic(("input", "grad"), "weight_grad"), "dW", told, pointed=pointed
    )
    by_bias = Act(
        out,
        (),
        (Relation("grad", (0, 0), _STRAIGHT, ((), ())), Relation("bias_grad", (0, 0), _STILL, ((), ()))),
        Arithmetic(("grad",), "bias_grad"),
        "db",
        told,
        pointed={"bias_grad": words["backward.pointed.bias_grad"]},
    )
    return Act(
        out,
        kernel,
        relations,
        Arithmetic(("grad", "kernel"), "input_grad"),
        SPREAD,
        told,
        pointed=pointed,
        also=(by_weight, by_bias),
    )


def _weights(case: Case, words: Words) -> Act:
    """Return the timeline of all weights (*kernel) over the outputs: stride and dilation change places."""
    origin, stride, dilation = _reach(case)
    relations = (
        Relation("input", origin, dilation, stride),
        Relation("grad", (0, 0), _STILL, _STRAIGHT),
        Relation("weight_grad", (0, 0), _STRAIGHT, _STILL),
        Relation("kernel", (0, 0), _STRAIGHT, _STILL),
    )
    return Act(
        case.trace.window.kernel,
        case.grad.shape[2:],
        relations,
        Arithmetic(("input", "grad"), "weight_grad"),
        WEIGHTS,
        words["backward.told.weights"],
        pointed={name: words[f"backward.pointed.{name}_met"] for name in ("grad", "input")},
    )


def _reach(case: Case) -> tuple[tuple[int, int], tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """Return where the first window begins, how outputs move it, and how the kernel's cells lie in it."""
    window, ((top, _), (left, _)) = case.trace.window, case.trace.pads
    return (-top, -left), diagonal(window.stride, 0), diagonal(window.dilation, 0)


def _given(case: Case, words: Words) -> Panel:
    grad = case.grad[0, 0]
    return Panel(
        "grad", "dY", "gradient", grad, View(0, 1), Scale.diverging(grad), edit="type", place="dY[{0}, {1}]"
    )


def _input(case: Case, words: Words) -> Panel:
    x = case.trace.x[0, 0]
    missed = case.trace.window.unread(x.shape)
    unread = tuple(
        [int(at) + before for at in axis] for axis, (before, _) in zip(missed, case.trace.pads, strict=True)
    )
    return Panel(
        "input", "X", "window", x, View(0, 1), shade(x), margin=case.trace.pads, sources=case.trace.sources,
        edit="type", unread=unread, place="X[{0}, {1}]",
    )  # fmt: skip


def _kernel(case: Case, words: Words, *, edit: bool = False) -> Panel:
    weight = case.trace.weight[0, 0]
    return Panel(
        "kernel", "W", "kernel", weight, View(0, 1), Scale.diverging(weight), edit="type" if edit else None,
        place="W[{0}, {1}]",
    )  # fmt: skip


def _gradient(
    name: str,
    title: str,
    values: NDArray[np.float64],
    words: Words,
    *,
    pads: tuple[tuple[int, int], ...] = (),
    sources: tuple[NDArray[np.int64], ...] = (),
    place: str = "",
) -> Panel:
    copied = any((axis >= 0).sum() > size for axis, size in zip(sources, values.shape, strict=False))
    return Panel(
        name, title, "gradient", values, View(0, 1), Scale.diverging(values), margin=pads, fill=nan,
        # What falls on padding that is a copy goes to the cell that it copies.
        sources=sources if copied else (),
        place=place or f"{title}[{{0}}, {{1}}]",
    )  # fmt: skip


def shade(values: NDArray[np.float64]) -> Scale:
    """Return grey up to the largest value, however small that is; signed numbers show their sign."""
    low, high = extremes(values)
    return Scale("grey", 0.0, high or 1.0) if low >= 0 else Scale.diverging(values)


def _scene(panels: tuple[Panel, ...], act: Act, layout: Layout, words: Words, story: str) -> Scene:
    label = words[f"backward.stories.{story}"]
    return Scene(panels, (act,), layout, words.language, label, {"follow": True})
