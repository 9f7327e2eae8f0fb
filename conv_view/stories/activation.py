"""A feature map and what an activation makes of it, cell by cell: a convolution, then the function."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from conv_core import ConvTrace
from conv_view.scene import Act, Arithmetic, Layout, Panel, Relation, Scale, Scene, Then, View
from conv_view.stories.convolution import act, convolution
from conv_view.text import Words

PLANES = View(1, 2, 0)  # of (C, H, W): the channels are stacked

#: An act of one step a cell, over an array (C, H, W): a leading axis more, so that a place in it has the form
#: of a place in a convolution (groups, filters, rows, columns).
_BY_CELL = ((0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))

_THENS: tuple[Then, ...] = get_args(Then)
#: What stands for the function in the printed sum: its name around x, or else a product.
_ARITHMETIC: dict[str, Arithmetic] = {
    name: Arithmetic(("output",), "after", addends=True, then=name) for name in _THENS
}
# A line through the origin on either side, so the value is the slope times x.
_ARITHMETIC["leaky_relu"] = Arithmetic(("output", "slope"), "after")


def by_cell(name: str, panels: tuple[str, ...], arithmetic: Arithmetic, shape: tuple[int, ...]) -> Act:
    """Return the act that goes through arrays of one `shape` (C, H, W) cell by cell, all of them together."""
    relations = tuple(Relation(panel, (0, 0, 0), _BY_CELL, ((), (), ())) for panel in panels)
    return Act((1, *shape), (), relations, arithmetic, name)


def convolved(
    trace: ConvTrace, words: Words, titles: dict[str, str], *, paint: bool = False, edit_kernel: bool = True
) -> tuple[Panel, ...]:
    """Return the panels of a convolution without its lenses, under other `titles`."""
    scene = convolution(trace, words, paint=paint, edit_kernel=edit_kernel, signed=True)
    return tuple(
        replace(panel, title=titles.get(panel.name, panel.title))
        for panel in scene.panels
        if panel.name not in ("patch", "products")
    )


def activation(
    trace: ConvTrace,
    name: str,
    after: NDArray[np.floating],
    slope: NDArray[np.floating],
    words: Words,
    *,
    paint: bool = False,
) -> Scene:
    """Return the scene of a convolution and an activation of its output (the first picture of the batch).

    `name` is one of conv_core.ACTIVATIONS, `after` its value and `slope` its derivative at every cell of
    `trace.output`, of the same shape.
    """
    values, slopes = after[0], slope[0]
    before = trace.output[0]
    titles = {"input": words["stage.picture"], "output": words["activations.stage.before"]}
    panels = (
        *convolved(trace, words, titles, paint=paint),
        Panel(
            "after", words[f"activations.stage.{name}"], "output", values, PLANES,
            scale_of(name, before),
        ),
        Panel(
            "slope", words["activations.stage.slope"], "gradient", slopes, PLANES,
            Scale("grey", 0.0, 0.25 if name == "sigmoid" else 1.0),
        ),
    )  # fmt: skip
    # The feature map is what this act starts from; green is for what it makes.
    panels = tuple(replace(panel, role="window") if panel.name == "output" else panel for panel in panels)
    cells = by_cell(
        "activation",
        ("output", "after", "slope"),
        _ARITHMETIC[name],
        before.shape,
    )
    return Scene(panels, (act(trace), cells), _layout(), words.language, words["activations.stage.label"])


def scale_of(name: str, before: NDArray[Any]) -> Scale:
    """Return the whole range of a function that has one, else the scale of what it was applied to."""
    if name == "sigmoid":
        return Scale("grey", 0.0, 1.0)
    return Scale("diverging", -1.0, 1.0) if name == "tanh" else Scale.diverging(before)


def _layout() -> Layout:
    return {
        "wide": {
            "row": [
                {
                    "column": [{"panel": "input", "weight": 3}, {"panel": "kernel", "weight": 2}],
                    "weight": 4,
                },
                {"panel": "output", "weight": 7},
                {"panel": "after", "weight": 7},
                {"panel": "slope", "weight": 5},
            ]
        },
        "narrow": {
            "column": [
                {"row": [{"panel": "output", "weight": 1}, {"panel": "after", "weight": 1}]},
                {
                    "row": [
                        {"panel": "input", "weight": 1},
                        {"panel": "kernel", "weight": 1},
                        {"panel": "slope", "weight": 1},
                    ]
                },
            ]
        },
    }
