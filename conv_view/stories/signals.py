"""Convolution of signals as scenes: curves one above the other, and words as columns of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import floor, log10
from unicodedata import east_asian_width

from conv_core import ConvTrace
from conv_view.scene import Act, Arithmetic, Layout, Panel, Relation, Scale, Scene, View
from conv_view.stories.convolution import convolution
from conv_view.text import Words

OUTSIDE = "·"  # stands for a word where a window reaches into the padding

Mark = tuple[tuple[float, float], ...]


def curves(trace: ConvTrace, words: Words, *, draw: bool = False) -> Scene:
    """Return the scene of a convolved signal (1, 1, n): its curve, the step, the curve of the output.

    `draw` lets the reader draw the input.
    """
    scene = convolution(trace, words, signal=True)
    x = scene.panel("input")
    scale = Scale.diverging(trace.x)
    if draw:
        scale = Scale("diverging", -round_up(scale.high), round_up(scale.high))
    drawn = replace(x, scale=scale, edit="draw" if draw else None)
    output = replace(scene.panel("output"), scale=Scale.diverging(trace.output))
    layout = _CURVES if trace.weight.shape[-1] <= _MOST_IN_ROW else _WIDE_CURVES
    return _with(scene, layout, input=drawn, output=output)


def sentence(trace: ConvTrace, words: Words, tokens: Sequence[str]) -> Scene:
    """Return the scene of a filter (1, size, k) over word vectors (1, size, n), labelled."""
    scene = convolution(trace, words, labels={1: tokens}, signed=True)
    seen = [joined(window) for window in windows(trace, tokens)]
    output = replace(scene.panel("output"), labels={1: seen})
    return _with(scene, _SENTENCE, output=output)


def whole(trace: ConvTrace, words: Words, marks: Mapping[str, Mark]) -> Scene:
    """Return the scene of a whole signal above its whole result, whose samples can be picked.

    `marks` outlines the stretch that is on the stage, by panel ("signal", "output"): (start, size).
    """
    arrays = {"signal": trace.x[0], "output": trace.output[0]}
    titles = {"signal": words["conv1d.whole"], "output": words["stage.result"]}
    panels = tuple(
        Panel(
            name,
            titles[name],
            "output" if name == "output" else "window",
            values,
            View(0, 1),
            scale=Scale.diverging(values),
            kind="signal",
            mark=((0, 1), *marks[name]) if marks.get(name) else (),
        )
        for name, values in arrays.items()
    )
    straight = Relation("output", (0, 0), ((1, 0), (0, 1)), ((), ()))
    act = Act(trace.output[0].shape, (), (straight,), Arithmetic((), "output"))
    layout: Layout = {"wide": {"column": list(arrays)}, "narrow": {"column": list(arrays)}}
    options = {"pick": True, "hint": words["stage.pick_sample"]}
    return Scene(panels, (act,), layout, words.language, words["stage.result"], options)


def windows(trace: ConvTrace, tokens: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the words that each output reads; padding that copies a word reads that word.

    >>> import numpy as np
    >>> from conv_core import conv_trace
    >>> windows(conv_trace(np.zeros((1, 2, 3)), np.zeros((1, 2, 2)), padding=[(1, 0)]), ["a", "b", "c"])
    [('·', 'a'), ('a', 'b'), ('b', 'c')]
    """
    padded = [tokens[source] if source >= 0 else OUTSIDE for source in trace.sources[0]]
    (stride,), (dilation,), (k,) = trace.window.stride, trace.window.dilation, trace.window.kernel
    return [tuple(padded[at * stride + tap * dilation] for tap in range(k)) for at in range(trace.shape[2])]


def joined(tokens: Sequence[str]) -> str:
    """Return words as they are written in a row: with spaces, but for those of Chinese and Japanese.

    >>> joined(["very", "good"]), joined(["非", "常", "好"])
    ('very good', '非常好')
    """
    text = ""
    for token in tokens:
        spaced = text and not (_is_wide(text[-1]) and _is_wide(token[0]))
        text += (" " if spaced else "") + token
    return text


def _is_wide(letter: str) -> bool:
    return east_asian_width(letter) in "WF"


def round_up(reach: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, 50 ..., so that drawing seldom changes the scale.

    >>> round_up(9.0), round_up(0.3), round_up(20.0)
    (10.0, 0.5, 20.0)
    """
    power = 10.0 ** floor(log10(reach))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= reach * (1 - 1e-6))


def _with(scene: Scene, layout: Layout, **panels: Panel) -> Scene:
    """Return a scene with other panels in the place of those that have their names, in another layout."""
    return replace(scene, panels=tuple(panels.get(each.name, each) for each in scene.panels), layout=layout)


_LENSES = ["patch", "kernel", "products"]
_CURVES: Layout = {
    "wide": {
        "column": [
            {"panel": "input", "weight": 4},
            {"row": _LENSES, "weight": 3},
            {"panel": "output", "weight": 4},
        ]
    },
    "narrow": {"column": ["input", {"row": _LENSES}, "output"]},
}
# Beside each other on a phone, cells of a wider kernel would be too small for numbers.
_WIDE_CURVES: Layout = {**_CURVES, "narrow": {"column": ["input", *_LENSES, "output"]}}
_MOST_IN_ROW = 4
_SENTENCE: Layout = {
    "wide": {
        "row": [
            {"column": [{"panel": "input", "weight": 5}, {"panel": "output", "weight": 2}], "weight": 7},
            {"row": _LENSES, "weight": 5},
        ]
    },
    "narrow": {"column": ["input", "output", {"row": _LENSES}]},
}
