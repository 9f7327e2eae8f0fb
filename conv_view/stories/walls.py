"""Walls: whole results side by side, as small pictures whose cells light each other and can be picked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from conv_view.scene import Act, Arithmetic, Layout, Panel, Quantised, Relation, Role, Scale, Scene, View
from conv_view.stories.convolution import picture_scale
from conv_view.text import Words

MOST_EXACT = 4096  # cells that travel as numbers; more are colours only


def wall(
    results: Mapping[str, tuple[str, NDArray[np.float32]]],
    words: Words,
    label: str,
    *,
    picture: tuple[str, NDArray[np.uint8]] | None = None,
    role: Role = "output",
    scale: Scale | None = None,
) -> Scene:
    """Return the scene of `results`, (title, values (C, H, W)) by panel name, beside the `picture` (C, H, W).

    Results of the first one's shape light each other. Three channels are shown as colours, others on `scale`
    or on one of their own.
    """
    shape = next(iter(results.values()))[1].shape
    straight = tuple(tuple(int(row == column) for column in range(3)) for row in range(3))
    panels, relations = [], []
    if picture is not None:
        title, pixels = picture
        kind = "rgb" if len(pixels) == 3 else "grey"
        panels.append(Panel("picture", title, "window", pixels, View(1, 2), Scale(kind, 0, 255)))  # type: ignore[arg-type]
    for name, (title, values) in results.items():
        panels.append(_panel(name, title, values, role, scale))
        if values.shape == shape:
            relations.append(Relation(name, (0, 0, 0), straight, ((),) * 3))
    act = Act(shape, (), tuple(relations), Arithmetic((), next(iter(results))))
    names = [panel.name for panel in panels]
    layout: Layout = {
        "wide": {"row": [*names]},
        "narrow": {"column": [{"row": names[at : at + 2]} for at in range(0, len(names), 2)]},
    }
    # Beside the picture a cell stands for a window of it, which can be brought onto the stage.
    options = {"pick": True, **({"hint": words["stage.pick"]} if picture else {})}
    return Scene(tuple(panels), (act,), layout, words.language, label, options)


def _panel(name: str, title: str, values: NDArray[np.float32], role: Role, scale: Scale | None) -> Panel:
    finite = bool(np.isfinite(values).all())
    if len(values) == 3 and finite:
        most = max(255.0, float(values.max()))
        colours = np.clip(values * (255 / most) + 0.5, 0, 255).astype(np.uint8)
        return Panel(name, title, role, colours, View(1, 2), Scale("rgb", 0, 255))
    shown = values if values.size <= MOST_EXACT or not finite else Quantised.of(values)
    view = View(1, 2, 0) if len(values) > 1 else View(1, 2)
    return Panel(name, title, role, shown, view, scale or picture_scale(values))
