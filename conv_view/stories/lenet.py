"""LeNet-5 reading one digit as a scene: the drawing, the input, and what every layer makes of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conv_core.nets.lenet import AMPLITUDE
from conv_view.lenet import NAME, Reading
from conv_view.scene import Layout, Panel, Scale, Scene, View
from conv_view.stories.lenet_acts import C5_GRID, F6_GRID, acts
from conv_view.text import Words
from conv_view.weights import weights

DIGITS = tuple("0123456789")
_MAPS = View(1, 2, 0, "strip")
_FLAT = View(0, 1)
_UNSEEN = View(0, 1)  # of what no layout shows: weights, read by the arithmetic alone


def reading(shown: Reading, drawing: NDArray[np.uint8], words: Words, *, drawn: bool) -> Scene:
    """Return the scene of what was read, beside the reader's own `drawing` uint8 (28, 28).

    `drawn` tells whether that is what was read, and not one of the held-out digits.
    """
    called = ("drawing", "scores", "probabilities", "powers", "total")
    say = {key: words[f"lenet.stage.{key}"] for key in called}
    squashed = Scale("diverging", -AMPLITUDE, AMPLITUDE)
    input_title = words["lenet.stage.input_drawn" if drawn else "lenet.stage.input_picked"]
    powers = np.exp(shown.scores - shown.scores.max())
    panels = [
        Panel(
            "drawing", say["drawing"], "plain", drawing.astype(np.float32), _FLAT, Scale("grey", 0, 255),
            edit="paint", pen=True, place=words["lenet.place.drawing"],
        ),
        Panel(
            "input", input_title, "window", shown.nodes["input"], View(1, 2), Scale("grey", -0.1, 1.175),
            place=words["lenet.place.input"],
        ),
    ]  # fmt: skip
    panels += [
        Panel(
            layer.lower(), layer, "output", shown.map(layer), _MAPS, squashed,
            place=layer + "[{0}; {1}, {2}]",
        )
        for layer in ("C1", "S2", "C3", "S4")
    ]  # fmt: skip
    # A unit is called by the first of its row and how far it lies behind that.
    panels += [
        Panel(
            layer.lower(), layer, "output", shown.map(layer).reshape(grid), _FLAT, squashed,
            labels={0: [str(row * grid[1]) for row in range(grid[0])]},
            place=layer + "[{0} + {1}]", note=str(grid[0] * grid[1]),
        )
        for layer, grid in (("C5", C5_GRID), ("F6", F6_GRID))
    ]  # fmt: skip
    for name, values, scale in (
        ("scores", shown.scores, Scale.diverging(shown.scores)),
        ("probabilities", shown.probabilities, Scale.counts(shown.probabilities)),
    ):
        panels.append(
            Panel(
                name, say[name], "output", values[None], _FLAT, scale, labels={1: DIGITS},
                place=words[f"lenet.place.{name}"], note="10",
            )
        )  # fmt: skip
    panels.append(Panel("powers", say["powers"], "plain", powers[None], _UNSEEN))
    panels.append(Panel("total", say["total"], "plain", powers.sum(keepdims=True)[:, None], _UNSEEN))
    panels.extend(_parameters(words))
    return Scene(
        tuple(panels), acts(words), _layout(), words.language, words["lenet.stage.label"],
        {"layers": True, "share": 0.62, "tall": 2.6},
    )  # fmt: skip


def _parameters(words: Words) -> list[Panel]:
    """What the arithmetic multiplies with and adds; those of C5 stay behind, they are most of all."""
    own = weights(NAME)
    made = []
    for layer in ("C1", "S2", "C3", "S4", "F6", "output"):
        name = "scores" if layer == "output" else layer.lower()
        weight = own[f"{layer}.weight"]
        weight = weight[:, None] if weight.ndim == 1 else weight
        title = words.say("lenet.stage.weight", layer=layer)
        made.append(Panel(f"{name}_weight", title, "kernel", weight, _last_two(weight.ndim)))
        bias = own[f"{layer}.bias"][:, None]
        made.append(Panel(f"{name}_bias", words["stage.bias"], "kernel", bias, _UNSEEN))
    return made


def _last_two(rank: int) -> View:
    return View(rank - 2, rank - 1)


def _layout() -> Layout:
    return {
        "wide": {
            "row": [
                {
                    "column": [{"panel": "drawing", "weight": 6}, {"panel": "input", "weight": 4}],
                    "weight": 2.7,
                },
                {"column": [{"panel": "c1", "weight": 6}, {"panel": "s2", "weight": 4}], "weight": 3.2},
                {"column": [{"panel": "c3", "weight": 6}, {"panel": "s4", "weight": 4}], "weight": 3},
                {
                    "column": [
                        {"row": ["c5", "f6"], "weight": 4.4},
                        {"panel": "scores", "weight": 2},
                        {"panel": "probabilities", "weight": 2},
                    ],
                    "weight": 3.6,
                },
            ]
        },
        "narrow": {
            "column": [
                {"panel": "drawing", "height": 340},
                {"panel": "probabilities", "height": 78},
                {"panel": "input", "height": 260},
                {"panel": "c1", "height": 250},
                {"panel": "s2", "height": 250},
                {"panel": "c3", "height": 250},
                {"panel": "s4", "height": 200},
                {"row": [{"panel": "c5", "height": 200}, {"panel": "f6", "height": 200}]},
                {"panel": "scores", "height": 78},
            ]
        },
    }
