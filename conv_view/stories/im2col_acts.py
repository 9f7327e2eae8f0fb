"""The acts of im2col: patches copied into columns, the product, the columns added back and divided.

Every relation is affine in the indices of the timeline: row = c * kh * kw + a * kw + b of the column matrix,
column = i * width + j, pixel = i * stride + a * dilation - padding and the same across. An index is named
here by one letter: g a group, o a filter of it, i and j a position of the output, c a channel, a and b a cell
of the kernel, t a tile along j and u the column in it.
"""

from __future__ import annotations

from collections.abc import Mapping

from conv_view.scene import Act, Arithmetic, Relation
from conv_view.text import Words
from conv_view.unfolded import Unfolded

Axis = tuple[int, Mapping[str, int]]  # where it begins, and how far each index moves it


def unfold(shown: Unfolded, words: Words) -> Act:
    """Return the act in which each patch is copied into its column: (OH, OW) steps over (C, kh, kw)."""
    channels, out, kernel = shown.trace.x.shape[1], shown.trace.shape[2:], shown.trace.window.kernel
    return Act(
        tuple(out),
        (channels, *kernel),
        _relations(shown, "ij", "cab", "input", "columns", "copies"),
        Arithmetic(("input",), "columns", reduce="copy"),
        "unfold",
        words["im2col.told.unfold"],
        ("input", "columns"),
    )


def gemm(shown: Unfolded, words: Words, level: str) -> Act:
    """Return the act of the product: by dot products, by rows of the column matrix, or by tiles."""
    trace = shown.trace
    filters, reads, *kernel = trace.weight.shape
    out, groups = tuple(trace.shape[2:]), trace.groups
    own = filters // groups
    arithmetic = Arithmetic(("rows", "columns"), "product")
    if level == "dot":
        shape, terms, letters = (groups, own, *out), (reads, *kernel), ("goij", "cab")
    elif level == "row":
        shape, terms, letters = (groups, own, reads, *kernel), out, ("gocab", "ij")
    elif reads > 1:  # a tile takes one channel after the other
        shape, terms, letters = _tiles(shown, reads), (own, shown.tile, *kernel), ("gitc", "ouab")
    else:  # or, of a single channel, one row of the kernel after the other
        shape, terms, letters = _tiles(shown, kernel[0]), (own, shown.tile, kernel[1]), ("gita", "oub")
    names = ("rows", "columns", "product", "output", "input")
    relations = _relations(shown, *letters, *names)
    return Act(shape, terms, relations, arithmetic, level, words[f"im2col.told.{level}"])


def fold(shown: Unfolded, words: Words) -> Act:
    """Return the act in which each column is added back: (OH, OW) steps over (C, kh, kw)."""
    channels, out, kernel = shown.trace.x.shape[1], shown.trace.shape[2:], shown.trace.window.kernel
    return Act(
        tuple(out),
        (channels, *kernel),
        _relations(shown, "ij", "cab", "columns", "folded", "copies"),
        Arithmetic(("columns",), "folded"),
        "fold",
        words["im2col.told.fold"],
        ("columns", "folded"),
    )


def divide(shown: Unfolded, words: Words) -> Act:
    """Return the act in which each sum is divided by its copies: (C, H, W) steps."""
    straight = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    none = ((), (), ())
    relations = (
        Relation("folded", (0, 0, 0), straight, none),
        Relation("copies", (0, 0), straight[1:], none[1:]),
        Relation("restored", (0, 0, 0), straight, none),
    )
    arithmetic = Arithmetic(("folded",), "restored", reduce="mean", divisor="copies")
    return Act(shown.folded.shape, (), relations, arithmetic, "divide", words["im2col.told.divide"])


def start(story: str) -> tuple[int, ...]:
    """Return the place at which a story begins: the act, then the step's index.

    >>> start("back"), start("dot")
    ((0, 0, 0), (1, 0, 0, 0, 0))
    """
    lengths = {"dot": 4, "row": 5, "tile": 4}
    return (1, *[0] * lengths[story]) if story in lengths else (0, 0, 0)


def axes(shown: Unfolded) -> dict[str, tuple[Axis, ...]]:
    """Return, for every panel, how the indices of a timeline move each of its axes."""
    trace = shown.trace
    filters, reads, height, width = trace.weight.shape
    cells, across, own = height * width, trace.shape[3], filters // trace.groups
    (down, right), (apart_y, apart_x) = trace.window.stride, trace.window.dilation
    (top, _), (left, _) = trace.pads
    place = {"c": cells, "a": width, "b": 1}
    position = {"i": across, "j": 1, "t": shown.tile, "u": 1}
    channel: Axis = (0, {"g": reads, "c": 1})
    pixel: tuple[Axis, ...] = (
        (-top, {"i": down, "a": apart_y}),
        (-left, {"j": right, "b": apart_x, "t": right * shown.tile, "u": right}),
    )
    made: Axis = (0, {"g": own, "o": 1})
    return {
        "input": (channel, *pixel),
        "folded": (channel, *pixel),
        "copies": pixel,
        "columns": ((0, {"g": reads * cells, **place}), (0, position)),
        "rows": (made, (0, place)),
        "product": (made, (0, position)),
        "output": (made, (0, {"i": 1}), (0, {"j": 1, "t": shown.tile, "u": 1})),
    }


def related(
    moved: Mapping[str, tuple[Axis, ...]], steps: str, terms: str, *panels: str
) -> tuple[Relation, ...]:
    """Return the relations of a timeline over the indices `steps`, and `terms` in each, to some panels."""
    return tuple(
        Relation(
            name,
            tuple(begin for begin, _ in moved[name]),
            tuple(tuple(by.get(letter, 0) for letter in steps) for _, by in moved[name]),
            tuple(tuple(by.get(letter, 0) for letter in terms) for _, by in moved[name]),
        )
        for name in panels
    )


def _relations(shown: Unfolded, steps: str, terms: str, *panels: str) -> tuple[Relation, ...]:
    return related(axes(shown), steps, terms, *panels)


def _tiles(shown: Unfolded, deep: int) -> tuple[int, ...]:
    down, across = shown.trace.shape[2:]
    return (shown.trace.groups, down, across // shown.tile, deep)
