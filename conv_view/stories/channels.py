"""Convolution over many channels as a scene: more room for the lenses, the more channels a filter reads."""

from __future__ import annotations

from dataclasses import replace

from conv_core import ConvTrace
from conv_view.scene import Layout, Scene
from conv_view.stories.convolution import convolution
from conv_view.text import Words

_LENSES = ("patch", "kernel", "products")
_STACK = 5  # width of a stack of maps beside that of the lenses
# On a projector of 1280 pixels the panels share this width, and a cell of this width has room for a number.
_WIDTH, _CELL = 864, 22
_MOST_SHARE = 0.645  # just enough for 8 slices of 3 x 3 there, and what is left for the maps


def channels(trace: ConvTrace, words: Words, *, colours: bool = False, edit_kernel: bool = True) -> Scene:
    """Return the scene of a grouped convolution of one picture: the output on the diverging scale.

    `colours` tints three channels red, green and blue. The lenses hold the slices that a filter reads side
    by side, and their column widens with them, so that the numbers in their cells can be read.
    """
    scene = convolution(trace, words, colours=colours, edit_kernel=edit_kernel, signed=True)
    _, reads, _, side = trace.weight.shape
    return replace(scene, layout=_layout(reads, side))


def _layout(reads: int, side: int) -> Layout:
    across = reads * (side + 0.5) - 0.5
    middle = {"column": [{"panel": name, "weight": 1} for name in _LENSES]}
    share = min(_MOST_SHARE, across * _CELL / _WIDTH)
    widened = max(3.0, 2 * _STACK * share / (1 - share))
    lenses = list(_LENSES)
    return {
        "wide": {
            "row": [
                {"panel": "input", "weight": _STACK},
                {**middle, "weight": widened},
                {"panel": "output", "weight": _STACK},
            ]
        },
        "narrow": {
            "column": [
                {"row": [{"panel": "input", "weight": 1}, {"panel": "output", "weight": 1}], "weight": 5},
                {"row": lenses, "weight": 3} if across < 4 else {"column": lenses, "weight": 6},
            ]
        },
    }
