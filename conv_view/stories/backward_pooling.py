"""The way back through a pooling as a scene: each output's gradient, routed to its maximum or shared out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import PoolTrace
from conv_view.pooled import shares, unread
from conv_view.scene import Act, Arithmetic, Layout, Panel, Relation, Scale, Scene, View
from conv_view.stories.pooling import edges, reach, straight
from conv_view.text import Words

_LENS, _VIEW = View(0, 1), View(1, 2, 0)
SLOW = 2  # steps a second at first


def backward(
    trace: PoolTrace,
    grad: NDArray[Any],
    back: NDArray[Any],
    words: Words,
    *,
    paint: bool = False,
) -> Scene:
    """Return the scene of a gradient (N, C, *out) on its way to the input, where `back` is what it becomes.

    Each step takes the gradient of one output, times the derivative of that output by every cell of its
    window, and adds the products where the window lies. Of a maximum all derivatives but one are zero, and
    what is zero is not followed.
    """
    derivative = shares(trace)[0]
    panels = (
        Panel(
            "input", words["backward_pooling.stage.input"], "window", trace.x[0], _VIEW, _scale(trace.x[0]),
            margin=edges(trace), fill=-np.inf if trace.kind == "max" else 0.0,
            edit="paint" if paint else None, unread=((), *unread(trace)),
            place=words["backward_pooling.place.input"],
        ),
        Panel(
            "output", words[f"backward_pooling.stage.output_{trace.kind}"], "output", trace.output[0], _VIEW,
            _scale(trace.output[0]), place=words["backward_pooling.place.output"],
        ),
        Panel(
            "gradient", words["backward_pooling.stage.gradient"], "gradient", grad[0], _VIEW,
            Scale.diverging(grad), edit="type", place=words["backward_pooling.place.gradient"],
        ),
        Panel(
            "share", words["backward_pooling.stage.share"], "kernel", derivative, View(3, 4),
            Scale.diverging(derivative), place=words["backward_pooling.place.share"],
        ),
        Panel("products", words["stage.products"], "plain", ("gradient", "share"), _LENS),
        Panel(
            "back", words["backward_pooling.stage.back"], "gradient", back[0], _VIEW, Scale.diverging(back),
            margin=edges(trace), fill=np.nan, place=words["backward_pooling.place.back"],
        ),
    )  # fmt: skip
    options = {"speed": SLOW, "aspect": 0.4}
    label = words["backward_pooling.stage.label"]
    return Scene(panels, (_act(trace, words),), _layout(), words.language, label, options)


def _act(trace: PoolTrace, words: Words) -> Act:
    """Return the timeline: (channels, *out) steps over (*kernel) terms."""
    kernel = trace.window.kernel
    still, none = (0,) * 3, ((0, 0),) * 3
    window = reach(trace)
    relations = (
        Relation("gradient", still, straight(3), none),
        Relation("output", still, straight(3), none),
        Relation("share", (0,) * 5, (*straight(3), still, still), (*none, (1, 0), (0, 1))),
        Relation("back", *window),
        Relation("input", *window),
    )
    return Act(
        (trace.shape[1], *trace.shape[2:]),
        kernel,
        relations,
        Arithmetic(("gradient", "share"), "back", routes="share" if trace.kind == "max" else None),
        "way back",
        told=words[f"backward_pooling.told.{trace.kind}"],
        frames=tuple(
            Relation(name, *window, over=kernel) for name in ("input", "back") if trace.kind == "max"
        ),
        pointed={
            name: words[f"backward_pooling.pointed.{name}"]
            for name in ("back", "back_none", "input", "input_none", "output", "output_none")
        },
    )


def _layout() -> Layout:
    return {
        "wide": {
            "row": [
                {"panel": "input", "weight": 4},
                {"column": ["output", "gradient"], "weight": 2.4},
                {"column": ["share", "products"], "weight": 2.4},
                {"panel": "back", "weight": 4},
            ]
        },
        "narrow": {
            "column": [
                {"row": ["input", "back"]},
                {"row": ["output", "gradient"]},
                {"row": ["share", "products"]},
            ]
        },
    }


def _scale(values: NDArray[Any]) -> Scale:
    """Return grey up to the largest value, for the pixels here are small numbers as often as not."""
    most = float(values.max(initial=0))
    return Scale("grey", 0, most or 1.0) if values.min(initial=0) >= 0 else Scale.diverging(values)
