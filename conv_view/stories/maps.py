"""Feature maps as scenes: a page of a layer's maps, and one of them over the picture; cells can be picked."""

from __future__ import annotations

import numpy as np

from conv_view.feature_walls import Maps, across, over
from conv_view.scene import Act, Arithmetic, Layout, Panel, Quantised, Relation, Scale, Scene, View
from conv_view.text import Words

MOST_EXACT = 4096
OVER = 112  # cells along a side of the picture under a map, a multiple of the sides of most maps
NARROW_HEIGHT = 330


def wall(maps: Maps, shown: np.ndarray, chosen: int, words: Words, *, first: int = 0) -> Scene:
    """Return the scene of the maps whose numbers are `shown`, the chosen one marked.

    `first` of the order are on pages before.
    """
    scale = Scale("diverging", -maps.reach, maps.reach)
    numbers = [str(number) for number in shown]
    at = int(np.flatnonzero(shown == chosen)[0]) if chosen in shown else None
    if maps.is_flat:
        columns = across(len(shown))
        values = maps.values[shown].reshape(-1, columns)
        in_order = bool((np.diff(shown) == 1).all())
        start = int(shown[0]) if in_order else first + 1
        firsts = [str(start + row * columns) for row in range(len(values))]
        mark: tuple[tuple[int, int], ...] = () if at is None else ((at // columns, 1), (at % columns, 1))
        place = words[f"maps.place.{'unit' if in_order else 'rank'}_at"]
        panel = Panel("wall", words["maps.wall.units"], "output", values, View(0, 1), scale, mark=mark,
                      labels={0: firsts}, place=place)  # fmt: skip
    else:
        small = maps.small(shown)
        rows, columns = small.shape[1:]
        mark = () if at is None else ((at, 1), (0, rows), (0, columns))
        panel = Panel(
            "wall", words["maps.wall.title"], "output", Quantised.between(small, -maps.reach, maps.reach),
            View(1, 2, 0, "strip"), scale, labels={0: numbers}, mark=mark, place=words["maps.place.map"],
        )  # fmt: skip
    hint = words["maps.wall.hint_units" if maps.is_flat else "maps.wall.hint"]
    return _picked((panel,), words, words["maps.wall.label"], hint)


def large(maps: Maps, chosen: int, at: tuple[int, ...], pixels: np.ndarray, side: int, words: Words) -> Scene:
    """Return the scene of one map, over the picture and by itself, with the cell marked that is looked at."""
    values = maps.values[chosen]
    side = min(side, OVER)
    mark = tuple((place, 1) for place in at)
    shown = values if values.size <= MOST_EXACT else Quantised.of(values)
    here = tuple(
        (place * side // size, max(1, side // size)) for place, size in zip(at, values.shape, strict=True)
    )
    panels = (
        Panel("over", words["maps.large.over"], "window", over(pixels, values, side), View(1, 2),
              Scale("rgb", 0, 255), mark=here),
        Panel("map", words.say("maps.large.title", number=chosen), "output", shown, View(0, 1),
              Scale.diverging(values), mark=mark, place=words["maps.place.cell"]),
    )  # fmt: skip
    return _picked(panels, words, words["maps.large.label"], words["maps.large.hint"])


def _picked(panels: tuple[Panel, ...], words: Words, label: str, hint: str) -> Scene:
    last = panels[-1]
    rank = 3 if last.view.stack is not None else 2
    straight = tuple(tuple(int(row == column) for column in range(rank)) for row in range(rank))
    shape = tuple(last.values.values.shape if isinstance(last.values, Quantised) else last.values.shape)  # type: ignore[union-attr]
    act = Act(
        shape, (), (Relation(last.name, (0,) * rank, straight, ((),) * rank),), Arithmetic((), last.name)
    )
    row: Layout = {"row": [panel.name for panel in panels]}
    narrow = row if last.view.stack is None else {"panel": last.name, "height": NARROW_HEIGHT}
    options = {"pick": True, "hint": hint, "share": 0.36, "aspect": 0.9}
    return Scene(panels, (act,), {"wide": row, "narrow": narrow}, words.language, label, options)
