"""Beside the stage of a Fourier transform: one wave and what the strongest of them make; or all the tiles."""

from __future__ import annotations

import numpy as np

from conv_core.spectra import Rebuilt, wave
from conv_view.digits import percent, signs
from conv_view.scene import Act, Arithmetic, Layout, Panel, Quantised, Relation, Scale, Scene, View
from conv_view.spectral import Spectral
from conv_view.stories.convolution import picture_scale
from conv_view.text import Words

_STRAIGHT = ((1, 0), (0, 1))
_FEW = 1300  # cells that travel as numbers; more are colours only


def waves(seen: Spectral, frequency: tuple[int, int], rebuilt: Rebuilt, words: Words) -> Scene:
    """Return the wave of a frequency (down, across), above the picture that the strongest waves make."""
    one = wave(seen.spectra[0], seen.size, frequency).astype(np.float32)
    values = rebuilt.values.astype(np.float32)
    title = words.say("fft.stage.wave", down=signs(str(frequency[0])), across=frequency[1])
    panels = (
        Panel("wave", title, "window", one, View(0, 1), Scale.diverging(one)),
        Panel(
            "rebuilt", words.say("fft.stage.rebuilt", waves=rebuilt.waves), "plain",
            values if values.size <= _FEW else Quantised.of(values), View(0, 1),
            Scale("grey", 0.0, max(255.0, float(seen.picture.max()))), note=percent(rebuilt.share),
        ),
    )  # fmt: skip
    return _beside(panels, one.shape, words["fft.stage.waves"], words, "")


def tiles(seen: Spectral, words: Words) -> Scene:
    """Return the picture and its output, the tile at hand outlined; a tile can be picked in either."""
    cells = tuple(zip(seen.begin, seen.own.shape, strict=True))
    made = tuple((begin, count) for begin, (_, count) in zip(seen.begin, seen.kept, strict=True))
    panels = (
        Panel(
            "whole", words["stage.picture"], "copy", seen.picture, View(0, 1), picture_scale(seen.picture),
            mark=cells,
        ),
        Panel(
            "made", words["stage.output"], "output", seen.output, View(0, 1), picture_scale(seen.output),
            mark=made,
        ),
    )  # fmt: skip
    return _beside(panels, seen.picture.shape, words["fft.stage.tiles"], words, words["fft.stage.pick"])


def _beside(panels: tuple[Panel, ...], shape: tuple[int, ...], label: str, words: Words, hint: str) -> Scene:
    names = [panel.name for panel in panels]
    alike = [panel for panel in panels if getattr(panel.values, "shape", shape) == shape]
    # Only what has a cell at every place of the first can be lit together with it.
    relations = tuple(Relation(panel.name, (0, 0), _STRAIGHT, ((), ())) for panel in alike)
    if any(isinstance(panel.values, Quantised) for panel in panels):
        relations = tuple(Relation(name, (0, 0), _STRAIGHT, ((), ())) for name in names)
    act = Act(shape, (), relations, Arithmetic((), names[0]))
    layout: Layout = {"wide": {"column": [*names]}, "narrow": {"column": [*names]}}
    options = {"pick": True, **({"hint": hint} if hint else {})}
    return Scene(panels, (act,), layout, words.language, label, options)
