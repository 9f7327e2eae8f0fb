"""im2col as a scene: patches become columns, kernels rows; the product; and the columns added back."""

from __future__ import annotations

from math import nan

from conv_view.digits import in_bytes, told
from conv_view.scene import Layout, Panel, Scale, Scene, View
from conv_view.stories.convolution import picture_scale, view_of
from conv_view.stories.im2col_acts import divide, fold, gemm, unfold
from conv_view.text import Words
from conv_view.unfolded import Unfolded

LEVELS = ("dot", "row", "tile")
STORIES = ("unfold", *LEVELS, "back")
LOW = 150  # pixels of three colours side by side on a phone
SLOW = 1  # steps a second at first: a patch is seen flying


def forward(shown: Unfolded, words: Words, level: str = "dot", *, paint: bool = False) -> Scene:
    """Return the scene of unfolding and of the product, watched at one of LEVELS."""
    trace, x = shown.trace, shown.trace.x[0]
    strip = len(x) > 1
    output = trace.output[0]
    # Where sums grow, a sum on the way may be larger than every result.
    scale = picture_scale(output) if level == "dot" else picture_scale(shown.partial)
    panels = (
        Panel(
            "input", words["stage.input"], "window", x, view_of(3, strip=strip), _pixels(shown),
            margin=((0, 0), *trace.pads), sources=(None, *trace.sources), edit="paint" if paint else None,
            unread=_unread(shown), note=_size(shown),
        ),
        _columns(shown, words),
        Panel(
            "rows", words["im2col.stage.rows"], "kernel", shown.rows, View(0, 1),
            Scale.diverging(shown.rows), edit="type", stretch=True,
        ),
        Panel(
            "product", words["im2col.stage.product"], "output", shown.product, View(0, 1),
            scale, labels={0: [str(number) for number in range(len(output))]}, stretch=True,
        ),
        Panel(
            "output", words["im2col.stage.output"], "output", output, view_of(3), scale,
            same="product",
        ),
        _copies(shown, words),
    )  # fmt: skip
    acts = (unfold(shown, words), gemm(shown, words, level))
    options = {"pending": True, "speed": SLOW}
    return Scene(
        panels, acts, _layout(len(x), len(output)), words.language, words["im2col.stage.label"], options
    )


def backward(shown: Unfolded, words: Words) -> Scene:
    """Return the scene of the way back: the columns added to a picture, and divided by the copies."""
    trace, folded = shown.trace, shown.folded
    strip = len(folded) > 1
    panels = (
        _columns(shown, words),
        Panel(
            "folded", words["im2col.stage.folded"], "gradient", folded, view_of(3, strip=strip),
            picture_scale(folded), margin=((0, 0), *trace.pads), sources=(None, *trace.sources), fill=nan,
        ),
        _copies(shown, words),
        Panel(
            "restored", words["im2col.stage.restored"], "window", shown.restored,
            view_of(3, strip=strip), _pixels(shown), unread=_own_unread(shown),
        ),
    )  # fmt: skip
    layout: Layout = {
        "wide": {
            "row": [
                {"panel": "columns", "weight": 8},
                {"panel": "folded", "weight": 6 if strip else 4.2},
                {"column": ["copies", "restored"], "weight": 3 if strip else 2.6},
            ]
        },
        "narrow": {"column": ["columns", "folded", {"row": ["copies", "restored"]}]},
    }
    options = {"pending": True, "speed": SLOW}
    acts = (fold(shown, words), divide(shown, words))
    return Scene(panels, acts, layout, words.language, words["im2col.stage.back_label"], options)


def _columns(shown: Unfolded, words: Words) -> Panel:
    trace, weighs = shown.trace, shown.memory
    _, channels, *_ = trace.x.shape
    height, width = trace.window.kernel
    down, across = trace.shape[2:]
    hues = [f"{words[f'im2col.hues.{at}']} " for at in range(channels)] if channels > 1 else [""]
    rows = [f"{hue}{a},{b}" for hue in hues for a in range(height) for b in range(width)]
    labels = {0: rows, 1: [f"{i},{j}" for i in range(down) for j in range(across)]}
    return Panel(
        "columns", words["im2col.stage.columns"], "copy", shown.columns, View(0, 1),
        picture_scale(shown.columns), labels=labels, stretch=True,
        note=words.say(
            "im2col.stage.weight", rows=shown.columns.shape[0], columns=shown.columns.shape[1],
            bytes=in_bytes(weighs.columns), ratio=told(weighs.ratio, 3),
        ),
    )  # fmt: skip


def _size(shown: Unfolded) -> str:
    sizes = shown.trace.x.shape[2 if shown.trace.x.shape[1] == 1 else 1 :]
    return f"{'×'.join(map(str, sizes))} · {in_bytes(shown.memory.input)}"


def _copies(shown: Unfolded, words: Words) -> Panel:
    return Panel(
        "copies", words["im2col.stage.copies"], "plain", shown.copies, View(0, 1),
        Scale.counts(shown.copies), margin=shown.trace.pads, fill=nan,
    )  # fmt: skip


def _pixels(shown: Unfolded) -> Scale:
    x = shown.trace.x[0]
    return Scale("channels", 0, 255) if len(x) == 3 else picture_scale(x)


def _unread(shown: Unfolded) -> tuple[list[int], ...]:
    missed = shown.trace.window.unread(shown.spatial)
    return ([], *[[int(at) + before for at in axis] for axis, (before, _) in zip(
        missed, shown.trace.pads, strict=True
    )])  # fmt: skip


def _own_unread(shown: Unfolded) -> tuple[list[int], ...]:
    """The rows and the columns of the picture itself that nothing reads, not even through the padding."""
    return (
        [],
        *[
            [at for at, count in enumerate(shown.copies.max(axis=1 - axis)) if count == 0]
            for axis in range(2)
        ],
    )


def _layout(channels: int, filters: int) -> Layout:
    """Return kernel rows beside products, columns above them; of three colours the pictures at the left."""
    low = 0.3 + 0.25 * filters
    middle: Layout = {
        "column": [{"panel": "columns", "weight": 4}, {"panel": "product", "weight": low}],
        "weight": 8,
    }
    rows = {"panel": "rows", "weight": low}
    if channels > 1:
        pictures = {"column": [{"panel": "input", "weight": 1.3}, {"row": ["output", "copies"]}], "weight": 4}
        sides: list[Layout] = [{"column": [pictures, rows], "weight": 5}, middle]
    else:
        left: Layout = {"column": [{"panel": "input", "weight": 4}, rows], "weight": 3}
        sides = [left, middle, {"column": ["output", "copies"], "weight": 2.3}]
    narrow: list[str | Layout] = [{"row": ["input", "output"]}, "columns", "rows", "product"]
    narrow.append({"row": ["copies", {"column": []}]})
    if channels > 1:
        narrow = [
            {"panel": "input", "height": LOW},
            {"row": ["output", "copies"]},
            "columns",
            "rows",
            "product",
        ]
    return {"wide": {"row": sides}, "narrow": {"column": narrow}}
