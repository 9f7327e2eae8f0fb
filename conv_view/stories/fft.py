"""Convolution through the Fourier transform as a scene: spectra, their product, and the way back."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

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
    Unseen,
    View,
)
from conv_view.spectral import Spectral
from conv_view.stories.convolution import diagonal, picture_scale
from conv_view.text import Words

Follow = Literal["frequencies", "cells"]
FOLLOWS: tuple[Follow, ...] = get_args(Follow)

#: Of the numbers of a spectrum a few are far larger than all others; up to this share of them colours differ.
_ORDINARY = 97
_MANY = 1300  # cells
_PLAIN = View(0, 1)
PARTS = ("real", "imaginary")


def transform(seen: Spectral, words: Words, follow: Follow, *, paint: bool = False) -> Scene:
    """Return the scene of one transform: its spectra frequency by frequency, or its result cell by cell.

    Of every frequency the real part of the product is followed, then of every one the imaginary part; of
    every cell the sum that came back, its window going around the circle which the transform makes of the
    picture.
    """
    panels = [*_cells(seen, words, paint=paint), *_spectra(seen, words)]
    if follow == "frequencies":
        # Its numbers are those of the other way to follow; the spectra's travel here, and they are many.
        panels = [_light(panel) if panel.name == "result" else panel for panel in panels]
        panels += _numbers(seen, words)
        acts: tuple[Act, ...] = tuple(by_frequency(seen, words, part) for part in PARTS)
    else:
        panels += [
            Panel("patch", words["stage.patch"], "window", ("input",), _PLAIN),
            Panel("products", words["stage.products"], "plain", ("input", "kernel"), _PLAIN),
        ]
        acts = (by_cell(seen),)
    layout = _layout(follow, output=seen.room != "linear")
    return Scene(tuple(panels), acts, layout, words.language, words["fft.stage.label"])


def by_frequency(seen: Spectral, words: Words, part: str) -> Act:
    """Return the act over (rows, columns, 1) of one of PARTS of the half spectra; its terms are (1, 2).

    With a + bi of the picture and c + di of the kernel, conjugated, it is (ac - bd) + (bc + ad)i: of the
    three numbers b, a, -b that are held for the picture the imaginary part reads the first two, the real one
    the last two, and c, d stand against them.
    """
    rows, columns = seen.halves[0].shape
    middle = (seen.size[1] - 1) // 2
    first, still = (seen.size[0] - 1) // 2, (0, 0)
    which = PARTS.index(part)
    result = ("y", "yi")[which]
    place = ((1, 0, 0), (0, 1, 0))
    # The wave's full turns, as a place that can be told: it has no panel on the stage.
    turns = Relation("turns", (-first, 0), place, (still, still))
    relations = (
        Relation("x", (1 - which, 0, 0), ((0, 0, 0), *place), ((0, 1), still, still)),
        Relation("w", (0, 0, 0), ((0, 0, 0), *place), ((0, 1), still, still)),
        Relation(result, (0, 0), place, (still, still)),
        *(Relation(name, (0, middle), place, (still, still)) for name in ("xs", "ws", "ys")),
        turns,
    )
    arithmetic = Arithmetic(("x", "w"), result)
    return Act(
        (rows, columns, 1),
        (1, 2),
        relations,
        arithmetic,
        "frequencies" if which == 0 else part,
        told=words[f"fft.stage.told_{part}"],
    )


def by_cell(seen: Spectral) -> Act:
    """Return the act over the cells of the result (rows, columns, 1), each a window's sum over (h, w) terms.

    Of a tile among several only the cells that are kept are steps.
    """
    terms = seen.kernel.shape
    counts = tuple(count for _, count in seen.kept) if seen.room == "tiles" else seen.size
    shift = diagonal((1, 1), 0)
    step = tuple((*row, 0) for row in shift)
    still = (0, 0)
    relations = [
        Relation("input", (0, *(-before for before in seen.before)), ((0, 0, 0), *step), (still, *shift)),
        Relation("kernel", (0, 0, 0, 0), ((0, 0, 0),) * 4, (still, still, *shift)),
        Relation("result", (0, 0), step, (still, still)),
    ]
    if seen.room != "linear":
        relations.append(Relation("output", seen.begin, step, (still, still)))
    return Act((*counts, 1), terms, tuple(relations), Arithmetic(("input", "kernel"), "result"), "cells")


def _cells(seen: Spectral, words: Words, *, paint: bool) -> list[Panel]:
    """Return what is no spectrum: the picture on its circle, the zero-filled kernel, the results."""
    reach = tuple(
        (before, len(seen.sources(axis)) - before - cells)
        for axis, (before, cells) in enumerate(zip(seen.before, seen.own.shape, strict=True))
    )
    zeros = tuple((0, length - span) for length, span in zip(seen.size, seen.kernel.shape, strict=True))
    tiles = seen.room == "tiles"
    title = words.say("fft.stage.tile", row=seen.tile[0] + 1, column=seen.tile[1] + 1) if tiles else None
    around = words.say("fft.stage.goes_around", size="×".join(map(str, seen.own.shape)))
    output = seen.output
    scale = picture_scale(output)
    panels = [
        Panel(
            "input", title or words["stage.picture"], "copy" if tiles else "window", seen.own[None],
            View(1, 2), picture_scale(seen.picture),
            margin=((0, 0), *reach), sources=(None, seen.sources(0), seen.sources(1)),
            edit="paint" if paint and not tiles else None,
            note=around if seen.room == "none" else "",
        ),
        Panel(
            "kernel", words["fft.stage.kernel"], "kernel", seen.kernel[None, None], View(2, 3),
            Scale.diverging(seen.kernel), margin=((0, 0), (0, 0), *zeros), edit="type",
            note="×".join(map(str, seen.size)),
        ),
        Panel(
            "result", words[f"fft.stage.result.{seen.room}"], "output", seen.result, _PLAIN, scale,
            crossed=seen.went_around, mark=seen.kept if seen.went_around.any() else (),
        ),
    ]  # fmt: skip
    if seen.room != "linear":
        # Outputs that the circle has and the picture has not: cut off, and the margin says where.
        beyond = [(0, span - 1) for span in seen.kernel.shape] if seen.room == "none" else []
        where = tuple(
            (begin + first, count) for begin, (first, count) in zip(seen.begin, seen.kept, strict=True)
        )
        panels.append(
            Panel(
                "output", words["stage.output"], "output", output, _PLAIN, scale,
                margin=tuple(beyond), fill=math.nan, mark=where if tiles else (),
            )
        )  # fmt: skip
    return panels


def _spectra(seen: Spectral, words: Words) -> list[Panel]:
    """Return the three spectra as they are looked at: by the logarithm of their magnitudes."""
    roles: dict[str, Role] = {"xs": "window", "ws": "kernel", "ys": "output"}
    return [
        Panel(
            name,
            words[f"fft.stage.{name}"],
            role,
            magnitudes(whole),
            _PLAIN,
            _log_scale(whole),
            note=words["fft.stage.conjugated"] if name == "ws" else "",
        )
        for (name, role), whole in zip(roles.items(), seen.wholes, strict=True)
    ]


def _numbers(seen: Spectral, words: Words) -> list[Panel]:
    """Return the numbers behind the spectra, of which a step reads two and two, and the lenses for them."""
    x, w, y = seen.halves
    factors = (("x", "window", (x.imag, x.real, -x.imag)), ("w", "kernel", (w.real, w.imag)))
    panels = [
        Panel(name, words[f"fft.stage.{name}"], role, np.stack(parts), View(1, 2), ordinary(np.stack(parts)))  # type: ignore[arg-type]
        for name, role, parts in factors
    ]
    product = np.stack([y.real, y.imag])
    return [
        *panels,
        Panel("y", words["fft.stage.y"], "output", product[0], _PLAIN, ordinary(product)),
        Panel("yi", words["fft.stage.yi"], "output", product[1], _PLAIN, ordinary(product)),
        Panel("turns", words["fft.stage.turns"], "plain", Unseen(seen.size), _PLAIN),
        Panel("read", words["fft.stage.read"], "window", ("x",), _PLAIN),
        Panel("against", words["fft.stage.against"], "kernel", ("w",), _PLAIN),
        Panel("products", words["stage.products"], "plain", ("x", "w"), _PLAIN),
    ]


def _light(panel: Panel) -> Panel:
    """Return a panel as colours alone where it has many cells."""
    values = panel.values
    if isinstance(values, np.ndarray) and values.size > _MANY:
        return replace(panel, values=Quantised.of(values))
    return panel


def magnitudes(spectrum: NDArray[Any]) -> Quantised:
    """Return log(1 + |spectrum|): the strong frequencies are hundreds of times as strong as the weak ones."""
    return Quantised.of(np.log1p(np.abs(spectrum)).astype(np.float32))


def _log_scale(spectrum: NDArray[Any]) -> Scale:
    return Scale("grey", 0.0, float(np.log1p(np.abs(spectrum).max())) or 1.0)


def ordinary(values: NDArray[np.floating[Any]]) -> Scale:
    """Return the diverging scale of all but the few largest numbers, which have its last colours.

    >>> ordinary(np.arange(101.0)).high
    97.0
    """
    reach = float(np.percentile(np.abs(values), _ORDINARY)) or float(np.abs(values).max()) or 1.0
    return Scale("diverging", -reach, reach)


def _layout(follow: Follow, *, output: bool) -> Layout:
    back: dict[str, Any] = {"column": ["result", "output"] if output else ["result"], "weight": 5}
    pictures: dict[str, Any] = {"column": ["input", "kernel"], "weight": 4}
    spectra: dict[str, Any] = {"column": ["xs", "ws"], "weight": 4}
    if follow == "frequencies":
        read: dict[str, Any] = {"column": ["read", "against", "products"], "weight": 2}
        product: dict[str, Any] = {"column": ["ys", "y", "yi"], "weight": 5}
        middle: list[Any] = [spectra, read, product]
        small: list[Any] = [
            {"row": read["column"]},
            {"row": [{"column": ["y", "yi"]}, {"column": ["ys", *back["column"]]}]},
        ]
    else:
        middle = [spectra, {"column": ["ys", "patch", "products"], "weight": 4}]
        small = [{"row": ["patch", "products", "ys"]}, {"row": back["column"]}]
    return {
        "wide": {"row": [pictures, *middle, back]},
        "narrow": {
            "column": [
                {"row": ["input", "xs"]},
                {"row": ["kernel", "ws"]},
                *small,
            ]
        },
    }
