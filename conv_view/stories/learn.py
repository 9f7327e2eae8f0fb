"""A kernel that learns as a scene: one step of the stage is one step of descent."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import Trail
from conv_view.scene import (
    Act,
    Arithmetic,
    Layout,
    Panel,
    Quantised,
    Relation,
    Role,
    Scale,
    Scene,
    View,
    extremes,
)
from conv_view.text import Words

STEPS = View(1, 2)  # of (steps, rows, columns): the first axis follows the step
BEYOND = 2.0  # an output is told up to this many times the largest of the target's


def descent(trail: Trail, pixels: NDArray[np.uint8], words: Words, *, paint: bool = False) -> Scene:
    """Return the scene of a descent on a picture.

    `pixels` (H, W) are what the trail's input was made of; with `paint` they can be changed on the stage.
    """
    reach = BEYOND * max(map(abs, extremes(trail.wanted))) or 1.0
    shown = Scale.diverging(trail.wanted)
    weights = Scale.diverging(np.concatenate([trail.target[None], trail.kernels[:1]]))
    panels = [
        _moving("kernel", "kernel", _exact(trail.kernels), weights, words),
        _moving("gradient", "gradient", _exact(trail.gradients), _slopes(trail), words),
        Panel("target", words["learn.stage.target"], "kernel", _exact(trail.target), View(0, 1), weights,
              edit="type"),
        Panel("loss", words["learn.stage.loss"], "plain", _exact(trail.losses)[None], View(0, 1),
              Scale.log(trail.losses), kind="signal", note=words["learn.stage.log"],
              place=words["learn.stage.place"]),
        Panel("input", words["stage.picture"], "window", pixels[None], View(1, 2), Scale("grey", 0, 255),
              edit="paint" if paint else None),
        _moving("output", "output", Quantised.between(trail.outputs, -reach, reach), shown, words),
        Panel("wanted", words["learn.stage.wanted"], "output", _exact(trail.wanted), View(0, 1), shown),
        _moving("difference", "plain", Quantised.between(trail.outputs - trail.wanted, -reach, reach),
                shown, words),
    ]  # fmt: skip
    moving = ["output", "difference"]
    if trail.drawn is not None:
        panels.append(_moving("drawn", "copy", _drawn(trail), Scale("counts", 0, 1), words))
        moving.append("drawn")
    told = "diverged" if trail.diverged is not None else "step"
    act = Act(
        (len(trail) + 1,),
        trail.target.shape,
        (
            _weights("kernel"),
            _weights("gradient"),
            Relation("target", (0, 0), ((0,), (0,)), ((1, 0), (0, 1))),
            Relation("loss", (0, 0), ((0,), (1,)), ((0, 0), (0, 0))),
            *(Relation(name, (0, 0, 0), ((1,), (0,), (0,)), ((0,),) * 3, over=(0,)) for name in moving),
        ),
        Arithmetic((), "loss"),
        "descent",
        told=words[f"learn.stage.told.{told}"].replace("{last}", str(len(trail))),
    )
    return Scene(
        tuple(panels),
        (act,),
        _layout("drawn" in moving),
        words.language,
        words["learn.stage.label"],
        {"tall": 1.9},
    )


def _moving(name: str, role: Role, values: NDArray[Any] | Quantised, scale: Scale, words: Words) -> Panel:
    """Return a panel of (steps, rows, cols) that shows the step's; its cells are told without the step."""
    title = words[f"learn.stage.{name}"]
    shape = (values.values if isinstance(values, Quantised) else values).shape
    note, place = "×".join(map(str, shape[1:])), f"{title}[{{1}}, {{2}}]"
    return Panel(name, title, role, values, STEPS, scale, note=note, place=place)


def _weights(panel: str) -> Relation:
    return Relation(panel, (0, 0, 0), ((1,), (0,), (0,)), ((0, 0), (1, 0), (0, 1)))


def _exact(values: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)


def _slopes(trail: Trail) -> Scale:
    """Return a scale for the gradients: the first one's, or of those of batches, which jump, nearly all's."""
    largest = np.abs(trail.gradients).max(axis=(1, 2))
    return Scale.diverging(largest[:1] if trail.drawn is None else np.quantile(largest, 0.9, keepdims=True))


def _drawn(trail: Trail) -> NDArray[np.uint8]:
    """Return, for every step, 1 where an output cell was among those that it saw."""
    assert trail.drawn is not None
    seen = np.zeros((len(trail.drawn), trail.wanted.size), np.uint8)
    np.put_along_axis(seen, trail.drawn, 1, axis=1)
    return seen.reshape(-1, *trail.wanted.shape)


def _layout(drawn: bool) -> Layout:
    pictures = ["input", *(["drawn"] if drawn else []), "output", "wanted", "difference"]
    return {
        "wide": {
            "column": [
                {"row": ["kernel", "gradient", "target", {"panel": "loss", "weight": 2 if drawn else 1.6}]},
                {"row": pictures},
            ]
        },
        "narrow": {
            "column": [
                {"row": ["kernel", "gradient", "target"]},
                {"panel": "loss", "height": 150},
                {"row": ["output", "wanted", "difference"]},
                {"row": ["input", "drawn"] if drawn else ["input", {"column": [], "weight": 2}]},
            ]
        },
    }
