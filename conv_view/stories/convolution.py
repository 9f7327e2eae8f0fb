"""Convolution at any rank as a scene: a window glides over the input, every product in view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from conv_core import ConvTrace
from conv_view.part import Slid
from conv_view.scene import (
    Act,
    Arithmetic,
    Kind,
    Layout,
    Panel,
    Quantised,
    Relation,
    Scale,
    Scene,
    View,
    extremes,
)
from conv_view.text import Words

#: Widths relative to each other; the middle column holds the arithmetic of the step.
_LENSES = ("patch", "kernel", "products")
FEW = 64  # cells of a whole result that travel as numbers, and can be read; more are colours
LARGE = 5  # cells a side from which a kernel is large


def convolution(
    trace: ConvTrace,
    words: Words,
    *,
    signal: bool = False,
    colours: bool = False,
    edit_kernel: bool = True,
    paint: bool = False,
    labels: Mapping[int, Sequence[str]] | None = None,
    signed: bool = False,
) -> Scene:
    """Return the scene of one traced convolution (the first picture of the batch).

    `signal` draws rows as curves; `colours` tints three input channels red,
    green and blue; `paint` makes the input editable; `labels` names cells of the input by axis;
    `signed` shows the output on the diverging scale even where none of its values is negative.
    """
    x, weight, output = trace.x[0], trace.weight, trace.output[0]
    kind: Kind = "signal" if signal else "grid"
    pads = ((0, 0), *trace.pads)
    panels = [
        Panel(
            "input", words["stage.input"], "window", x, view_of(x.ndim), kind=kind,
            scale=Scale("channels", 0, 255) if colours else picture_scale(x),
            margin=pads, sources=(None, *trace.sources), edit="paint" if paint else None, labels=labels or {},
        ),
        Panel(
            "kernel", words["stage.kernel"], "kernel", weight, _kernel_view(weight.ndim),
            scale=Scale.diverging(weight), edit="type" if edit_kernel else None,
        ),
        Panel("output", words["stage.output"], "output", output, view_of(output.ndim), kind=kind,
              scale=Scale.diverging(output) if signed else picture_scale(output)),
        Panel("patch", words["stage.patch"], "window", ("input",), view_of(x.ndim, strip=True)),
        Panel("products", words["stage.products"], "plain", ("input", "kernel"), view_of(x.ndim, strip=True)),
    ]  # fmt: skip
    if trace.bias is not None:
        panels.append(
            Panel(
                "bias",
                words["stage.bias"],
                "kernel",
                trace.bias[:, None],
                View(0, 1),
                scale=Scale.diverging(trace.bias),
            )
        )
    layout = (
        _rows_layout()
        if x.ndim == 2
        else _columns_layout(_strip(weight.shape[1], weight), max(weight.shape[2:]))
    )
    return Scene(tuple(panels), (act(trace),), layout, words.language, words["stage.convolution"])


def overview(
    trace: Slid,
    words: Words,
    *,
    picture: np.ndarray | None = None,
    note: str = "",
    marks: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    hint: str = "stage.pick",
) -> Scene:
    """Return the scene of a whole result whose cells can be picked, below a small `picture` (1 or 3, H, W).

    Of a volume the `picture` is the volume itself (D, H, W): not reduced, its cells and the result's light
    each other. `note` is what stands beside the picture's name instead of its size. `marks` outlines the part
    that is on the stage, by panel: (start, size) axis by axis. `hint` is the key of what picking does.
    """
    output = trace.output[0]
    marks = marks or {}
    panels = [
        Panel(
            "output", words["stage.result"], "output",
            Quantised.of(output) if output.size > FEW and np.isfinite(output).all() else output,
            view_of(output.ndim),
            scale=picture_scale(output), mark=tuple(marks.get("output", ())),
        )
    ]  # fmt: skip
    terms: tuple[int, ...] = ()
    relations = [_straight("output", output.ndim)]
    if picture is not None:
        volume = output.ndim == 4
        view, title = (view_of(3), "stage.volume") if volume else (View(1, 2), "stage.picture")
        scale = Scale("rgb" if len(picture) == 3 and not volume else "grey", 0, 255)
        mark = tuple(marks.get("picture", ()))
        panels.append(Panel("picture", words[title], "window", picture, view, scale, mark=mark, note=note))
        if volume:
            terms = trace.window.kernel
            relations = [_straight("output", output.ndim, len(terms)), _reach("picture", trace)]
    whole = Act(output.shape, terms, tuple(relations), Arithmetic((), "output"))
    stacked = {"column": [panel.name for panel in reversed(panels)]}
    layout: Layout = {"wide": stacked, "narrow": stacked}
    options = {"pick": True, "hint": words[hint]}
    return Scene(tuple(panels), (whole,), layout, words.language, words["stage.result"], options)


def act(trace: ConvTrace) -> Act:
    """Return the timeline: (groups, filters of a group, *output) steps over (C / groups, *kernel) terms."""
    _, filters, *positions = trace.shape
    _, channels, *kernel = trace.weight.shape
    rank, own = len(kernel), filters // trace.groups
    before = [pad[0] for pad in trace.pads]
    none = (0,) * (rank + 1)
    relations = [
        Relation(
            "input",
            (0, *(-b for b in before)),
            ((channels, 0, *none[1:]), *diagonal(trace.window.stride, 2)),
            ((1, *none[1:]), *diagonal(trace.window.dilation, 1)),
        ),
        Relation(
            "kernel",
            (0, *none),
            ((own, 1, *none[1:]), *((0, 0, *none[1:]) for _ in range(rank + 1))),
            (none, *diagonal((1,) * (rank + 1), 0)),
        ),
        Relation(
            "output",
            (0, *none[1:]),
            ((own, 1, *none[1:]), *diagonal((1,) * rank, 2)),
            ((0,) * (rank + 1),) * (rank + 1),
        ),
    ]
    if trace.bias is not None:
        relations.append(Relation("bias", (0, 0), ((own, 1, *none[1:]), (0, 0, *none[1:])), (none, none)))
    return Act(
        (trace.groups, own, *positions),
        (channels, *kernel),
        tuple(relations),
        Arithmetic(("input", "kernel"), "output", "bias" if trace.bias is not None else None),
        "convolution",
    )


def picture_scale(values: np.ndarray) -> Scale:
    """Return grey for values that are never negative, as a picture's are, else the diverging scale."""
    low, high = extremes(values)
    if low >= 0:
        return Scale("grey", 0.0, max(high, 1e-9 if high <= 1 else 255.0))
    return Scale.diverging(values)


def _straight(panel: str, rank: int, terms: int = 0) -> Relation:
    return Relation(panel, (0,) * rank, diagonal((1,) * rank, 0), ((0,) * terms,) * rank)


def _reach(panel: str, trace: Slid) -> Relation:
    """Return what a step (filter, *position) reads of a panel that holds the first channel alone."""
    before = tuple(-pad[0] for pad in trace.pads)
    return Relation(panel, before, diagonal(trace.window.stride, 1), diagonal(trace.window.dilation, 0))


def diagonal(strides: Sequence[int], shift: int) -> tuple[tuple[int, ...], ...]:
    """Return one row an axis: its stride at its own index, after `shift` leading indices."""
    width = len(strides) + shift
    return tuple(
        tuple(stride if column == axis + shift else 0 for column in range(width))
        for axis, stride in enumerate(strides)
    )


def view_of(ndim: int, *, strip: bool = False) -> View:
    """Return rows and columns on the last two axes and slices on the one before (channels, or depth)."""
    arrange = "strip" if strip else "stack"
    if ndim == 2:
        return View(0, 1)
    return View(ndim - 2, ndim - 1, ndim - 3, arrange)  # type: ignore[arg-type]


def _kernel_view(ndim: int) -> View:
    """Return the view of a weight array; its first axis, the filters, follows the step."""
    return View(1, 2) if ndim == 3 else view_of(ndim, strip=True)


def _strip(channels: int, weight: np.ndarray) -> bool:
    """Tell whether the lenses hold several slices and want a wider column."""
    return channels > 1 or weight.ndim == 5


def _columns_layout(wide_lenses: bool, kernel: int) -> Layout:
    """Return input, lenses and output side by side; a large kernel gets room for its numbers."""
    middle: Layout = {"column": list(_LENSES)}
    large = kernel >= LARGE and not wide_lenses
    if large:
        middle = {"column": [{"row": ["patch", "kernel"]}, {"row": ["products", {"column": []}]}]}
    weight = 6 if large else 5 if wide_lenses else 3
    return {
        "wide": {
            "row": [
                {"panel": "input", "weight": 5},
                {**middle, "weight": weight},
                {"panel": "output", "weight": 5},
            ]
        },
        "narrow": {
            "column": [
                {"row": [{"panel": "input", "weight": 1}, {"panel": "output", "weight": 1}], "weight": 5},
                {
                    **({"column": list(_LENSES)} if wide_lenses else {"row": list(_LENSES)}),
                    "weight": 6 if wide_lenses else 3,
                },
            ]
        },
    }


def _rows_layout() -> Layout:
    return {
        "wide": {
            "column": [
                {"panel": "input", "weight": 4},
                {"row": list(_LENSES), "weight": 3},
                {"panel": "output", "weight": 4},
            ]
        }
    }
