"""What padding, stride and dilation do to a grid, as scenes: one window, both kinds of "same", a stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np

from conv_core import ConvTrace, Window, path_counts, unread
from conv_view.scene import Act, Arithmetic, Layout, Panel, Relation, Scale, Scene, View, extremes
from conv_view.stories.convolution import convolution
from conv_view.text import Words


def window(trace: ConvTrace, words: Words, *, paint: bool = False, numbered: bool = False) -> Scene:
    """Return the scene of a convolution whose padding says where it comes from and which rows are left out.

    `numbered` input is drawn on a scale of its own instead of that of pictures; `paint` makes it editable.
    """
    scene = convolution(trace, words, paint=paint)
    # On a phone the grid gets all of the width, so that its numbers can be read there too.
    narrow: Layout = {"column": ["input", {"row": ["patch", "kernel", "products"]}, "output"]}
    return replace(
        scene,
        panels=_with_input(scene, trace, numbered=numbered),
        layout={"wide": scene.layout["wide"], "narrow": narrow},
    )


def placed(trace: ConvTrace, words: Words, *, numbered: bool = False) -> Scene:
    """Return the scene of an input and its output alone: where the windows stand, at a glance."""
    scene = convolution(trace, words, edit_kernel=False)
    panels = tuple(
        panel
        for panel in _with_input(scene, trace, numbered=numbered)
        if panel.name in ("input", "kernel", "output")
    )
    row: Layout = {"row": [{"panel": "input", "weight": 5}, {"panel": "output", "weight": 4}]}
    return replace(scene, panels=panels, layout={"wide": row, "narrow": row}, options={"pick": True})


def gridding(windows: Sequence[Window], position: tuple[int, int], size: int, words: Words) -> Scene:
    """Return the scene of the paths from a square input through a stack to one cell of its last layer.

    The input shows by how many paths each of its cells arrives; what lies in the field and is never read is
    crossed out, the field is outlined. Picking a cell of the last layer asks for its paths. The windows have
    stride 1 and keep the size.
    """
    spatial = (size, size)
    down, across = path_counts(windows, -1, position, spatial)
    counts = np.multiply.outer(down, across)
    chosen = np.zeros(spatial, np.uint8)
    chosen[position] = 1
    panels = (
        Panel(
            "paths", words["parameters.stage.paths"], "window", counts, View(0, 1), Scale.counts(counts),
            crossed=unread(windows, -1, position, spatial), mark=hull(down, across),
        ),
        Panel(
            "last", words["parameters.stage.last"], "output", chosen, View(0, 1), Scale.counts(chosen),
            mark=tuple((place, 1) for place in position),
        ),
    )  # fmt: skip
    taps = tuple(kernel for window in windows for kernel in window.kernel)
    relations = (
        Relation("last", (0, 0), ((1, 0), (0, 1)), ((0,) * len(taps),) * 2),
        Relation("paths", _origin(windows, spatial), ((1, 0), (0, 1)), _reach(windows)),
    )
    act = Act(spatial, taps, relations, Arithmetic((), "last"))
    row: Layout = {"row": [{"panel": "paths", "weight": 7}, {"panel": "last", "weight": 3}]}
    label = words["parameters.stage.gridding"]
    options = {"pick": True, "hint": words["stage.pick_last"]}
    return Scene(panels, (act,), {"wide": row, "narrow": row}, words.language, label, options)


def hull(*counts: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Return where a field begins and how many cells it spans, axis by axis, from its numbers of paths.

    >>> hull(np.array([0, 2, 0, 1, 0]))
    ((1, 3),)
    """
    found = []
    for along in counts:
        read = np.flatnonzero(along)
        found.append((int(read[0]), int(read[-1] - read[0] + 1)))
    return tuple(found)


def unread_padded(trace: ConvTrace) -> tuple[tuple[int, ...], ...]:
    """Return the rows and columns that no window reads, per axis, counted from the padding's first."""
    missed = trace.window.unread(trace.x.shape[2:])
    return tuple(
        tuple((along + before).tolist()) for along, (before, _) in zip(missed, trace.pads, strict=True)
    )


def _with_input(scene: Scene, trace: ConvTrace, *, numbered: bool) -> tuple[Panel, ...]:
    missed = unread_padded(trace)
    changes: dict[str, object] = {"unread": ((), *missed) if any(missed) else ()}
    if numbered:
        changes["scale"] = Scale("grey", 0.0, max(1.0, extremes(trace.x)[1]))
    return tuple(
        replace(panel, **changes) if panel.name == "input" else panel  # type: ignore[arg-type]
        for panel in scene.panels
    )


def _origin(windows: Sequence[Window], spatial: tuple[int, int]) -> tuple[int, ...]:
    """Return where the field of cell (0, 0) begins; all strides are 1, so the paddings add up."""
    return tuple(-sum(window.pads(spatial)[axis][0] for window in windows) for axis in range(2))


def _reach(windows: Sequence[Window]) -> tuple[tuple[int, ...], ...]:
    """Return by how much a tap of each layer moves along each axis: two terms a layer, rows and columns."""
    width = 2 * len(windows)
    starts = accumulate([2] * (len(windows) - 1), initial=0)
    rows = [[0] * width, [0] * width]
    for start, window in zip(starts, windows, strict=True):
        for axis in range(2):
            rows[axis][start + axis] = window.dilation[axis]
    return tuple(tuple(row) for row in rows)
