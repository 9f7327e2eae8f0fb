"""Winograd's filtering as a scene: one tile through its transforms, cell by cell, to the outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from conv_view.digits import signs
from conv_view.scene import Act, Arithmetic, Edit, Layout, Panel, Relation, Role, Scale, Scene, View
from conv_view.stories.convolution import picture_scale
from conv_view.stories.winograd_acts import acts_of
from conv_view.text import Words
from conv_view.winograd_tile import Followed

#: What can be looked at alone, larger: the panels of each part, row by row.
FOCUSES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "all": (
        ("BT", "d", "BTd", "V", "M", "Y"),
        ("G", "kernel", "Gg", "U", "AT", "ATM", "direct", "difference"),
    ),
    "data": (("BT", "d", "BTd", "V"),),
    "kernel": (("G", "kernel", "Gg", "U"),),
    "product": (("U", "V", "M"),),
    "inverse": (("M", "AT", "ATM", "Y"), ("d", "kernel", "direct", "difference")),
}
_LEAST = 2.2  # columns whose room a title takes
#: How wide a column is: by how long numbers in it may be, whatever they are, so that no panel ever moves.
_WIDTHS = {"difference": 1.9, "AT": 0.8, "d": 0.8, "BTd": 1.15, "V": 1.2, "M": 1.2, "ATM": 1.15, "Y": 1.3}
_MOST_ACROSS = 12  # columns that a phone has room for
_LONGEST = 7  # signs of a fraction; longer ones are written as decimals

_ROLES: Mapping[str, Role] = {
    "d": "window", "BTd": "window", "V": "window",
    "kernel": "kernel", "Gg": "kernel", "U": "kernel",
    "M": "plain", "ATM": "output", "Y": "output", "direct": "output",
    "BT": "copy", "G": "copy", "AT": "copy", "difference": "wrong", "minus": "output",
}  # fmt: skip
_TITLES = {
    "BT": "Bᵀ", "d": "d", "BTd": "Bᵀd", "V": "V", "G": "G", "kernel": "g", "Gg": "Gg", "U": "U", "M": "M",
    "AT": "Aᵀ", "ATM": "AᵀM", "Y": "Y", "difference": "Δ", "minus": "−",
}  # fmt: skip
_MADE = {
    1: {"V": "= Bᵀd", "U": "= Gg", "M": "= U ⊙ V", "Y": "= AᵀM"},
    2: {"V": "= BᵀdB", "U": "= GgGᵀ", "M": "= U ⊙ V", "Y": "= AᵀMA"},
}

#: What the steps of an act compute.
_FORMULAS: Mapping[int, Mapping[str, str]] = {
    1: {"data": "V = Bᵀ·d", "kernel": "U = G·g", "product": "M = U ⊙ V", "inverse": "Y = Aᵀ·M"},
    2: {
        "data": "Bᵀd = Bᵀ·d", "data2": "V = Bᵀd·B", "kernel": "Gg = G·g", "kernel2": "U = Gg·Gᵀ",
        "product": "M = U ⊙ V", "inverse": "AᵀM = Aᵀ·M", "inverse2": "Y = AᵀM·A",
    },
}  # fmt: skip


def following(tile: Followed, words: Words, *, focus: str = "all", edit_kernel: bool = True) -> Scene:
    """Return the scene of one tile; `focus` is one of FOCUSES, and shows that part of the way alone."""
    rows = [[name for name in row if name in _known(tile)] for row in FOCUSES[focus]]
    shown = [name for row in rows for name in row]
    there = {*shown, "minus"}
    acts = tuple(
        replace(act, told=_told(act, tile.rank, words))
        for act in acts_of(tile)
        if all(each.panel in there for each in act.relations)
    )
    roomy = tile.rank == 1 or focus != "all"
    panels = tuple(_panel(tile, name, words, edit_kernel=edit_kernel, roomy=roomy) for name in shown)
    if "difference" in shown:
        panels = (*panels, _panel(tile, "minus", words, edit_kernel=False, roomy=False))
    label = words.say("winograd.stage.label", name=tile.name)
    # Rows of matrices need no more height than their cells can use.
    options = {"pending": True, "aspect": 0.3 if len(rows) == 1 else 0.4}
    return Scene(panels, acts, _layout(panels, rows), words.language, label, options)


def overview(tile: Followed, picture: np.ndarray, words: Words) -> Scene:
    """Return the scene beside the stage: the picture (1 or 3, H, W) with the tile outlined, above the result.

    A cell of either can be picked. The last tiles may reach beyond the picture, into zeros. Along one axis
    the tile lies in the row `tile.row` of the picture.
    """
    rgb, output = len(picture) == 3, tile.stages.output[0, 0]
    beyond = tuple((0, more) for more in tile.beyond)
    starts = tuple(at * tile.m for at in tile.tile)
    read, made = [[(start, size) for start in starts] for size in (tile.n, tile.m)]
    made = [(start, size) for start, size in zip(starts, tile.inside, strict=True)]
    if tile.rank == 1:
        output, beyond = output[None], ((0, 0), *beyond)
        read, made = [(tile.row, 1), *read], [(0, 1), *made]
    scale = Scale("rgb", 0, 255) if rgb else picture_scale(picture)
    if rgb:  # a picture in colours has no margin: there the zeros are black
        picture, beyond = np.pad(picture, ((0, 0), *beyond)), ((0, 0),) * tile.rank
    panels = (
        Panel(
            "picture", words["winograd.stage.tiles"], "window", picture, View(1, 2), scale,
            margin=((0, 0), *beyond), mark=((0, len(picture)), *read), note=_count(tile),
        ),
        Panel(
            "output", words["stage.output"], "output", output, View(0, 1), picture_scale(output),
            mark=tuple(made),
        ),
    )  # fmt: skip
    # Nothing plays here: the act names the result, whose cells are pointed at.
    still = Act(
        output.shape, (), (Relation("output", (0, 0), ((1, 0), (0, 1)), ((), ())),), Arithmetic((), "output")
    )
    layout: Layout = {"wide": {"column": ["picture", "output"]}}
    if tile.rank == 1:
        layout = {"wide": {"column": [{"panel": "picture", "weight": 3}, {"panel": "output", "weight": 1}]}}
    options = {"pick": True, "hint": words["winograd.stage.pick"]}
    return Scene(panels, (still,), layout, words.language, words["winograd.stage.tiles"], options)


def _count(tile: Followed) -> str:
    return "×".join(map(str, tile.tiles))


def _known(tile: Followed) -> dict[str, np.ndarray[Any, Any]]:
    return {**tile.matrices, **tile.steps}


def _panel(tile: Followed, name: str, words: Words, *, edit_kernel: bool, roomy: bool) -> Panel:
    values, title = _known(tile)[name], _TITLES.get(name, "")
    if name == "direct":
        title = words["winograd.stage.direct"]
    stacked = values.ndim == 3
    exact = name == "difference" and not values.any()
    edit: Edit | None = "type" if name == "kernel" and edit_kernel else None
    return Panel(
        name,
        title,
        _ROLES[name],
        values,
        View(1, 2, 0) if stacked else View(0, 1),
        _scale(name, values),
        edit=edit,
        note="= 0" if exact else _MADE[tile.rank].get(name) or "×".join(map(str, values.shape[-2:])),
        labels={0: _points(tile)} if name in ("BT", "G") and roomy else {},
        # Numbers of many digits want wide cells; stacked ones keep their squares.
        stretch=not stacked,
        texts=_fractions(tile, name),
    )


def _fractions(tile: Followed, name: str) -> tuple[str, ...]:
    """Return the cells of a constant matrix as the fractions that they are; nothing where decimals do."""
    if name not in tile.matrices:
        return ()
    exact = tile.stages.matrices[0][list(tile.matrices).index(name)].ravel()
    told = tuple(signs(str(value)) for value in exact)
    whole = all(value == int(value) for value in exact)
    return () if whole or max(map(len, told)) > _LONGEST else told


def _scale(name: str, values: np.ndarray) -> Scale:
    if name == "difference" and np.abs(values).max() < 1:
        return Scale("diverging", -1.0, 1.0)  # in whose colours a rounding error is nothing
    return picture_scale(values) if name == "d" else Scale.diverging(values)


def _told(act: Act, rank: int, words: Words) -> str:
    """Return the sentence of an act's steps: which part of the way it is, and what is multiplied by what."""
    part = words[f"winograd.stage.parts.{act.name.rstrip('2')}"]
    formula = _FORMULAS[rank].get(act.name, "")
    if act.name in ("direct", "difference"):
        formula = words[f"winograd.stage.formulas.{act.name}"]
    return words.say("winograd.stage.told", part=part, formula=formula)


def _points(tile: Followed) -> tuple[str, ...]:
    """Return the points that the rows of G and B^T belong to; A^T holds their powers."""
    powers = tile.stages.matrices[0][0][1]
    return (*[signs(str(powers[at])) for at in range(tile.n - 1)], "∞")


def _layout(panels: Sequence[Panel], rows: Sequence[Sequence[str]]) -> Layout:
    across = {panel.name: max(_LEAST, _width(panel)) for panel in panels}
    wide = [{"row": [{"panel": name, "weight": across[name]} for name in row]} for row in rows]
    # On a phone two or three stand side by side.
    narrow: list[Layout] = []
    line: list[Layout] = []
    used = 0.0
    for name in [name for row in rows for name in row]:
        if line and used + across[name] > _MOST_ACROSS:
            narrow.append({"row": line})
            line, used = [], 0.0
        line.append({"panel": name, "weight": across[name]})
        used += across[name]
    narrow.append({"row": line})
    return {"wide": {"column": wide}, "narrow": {"column": narrow}}


def _width(panel: Panel) -> float:
    values = panel.values
    assert isinstance(values, np.ndarray)
    share = _WIDTHS.get(panel.name, 1)
    if panel.name == "BT":
        share = 0.75 if np.array_equal(values, np.rint(values)) else 1.45  # fractions are long
    return share * values.shape[-1]
