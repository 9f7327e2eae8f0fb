"""Receptive fields as a scene: a cell of any layer, and what it goes back to, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from conv_core import WindowError, conv, max_pool
from conv_core.stacks import StackLayer
from conv_view.scene import (
    Act,
    Arithmetic,
    Layout,
    Link,
    Panel,
    Quantised,
    Relation,
    Scale,
    Scene,
    Unseen,
    View,
)
from conv_view.text import Words

Style = Literal["mean", "edges"]
Maps = tuple[NDArray[Any], ...]

EXACT = 64  # the side up to which a map travels with its numbers; a larger one shows its colours
MOST_SHOWN = 6


class LayerError(ValueError):
    """What is wrong with one layer of a stack (counted from 0); `cause` is the `WindowError`."""

    def __init__(self, layer: int, cause: WindowError) -> None:
        super().__init__(f"layer {layer}: {cause}")
        self.layer, self.cause = layer, cause


class TooManyLayersError(ValueError):
    """A stack of one's own of `count` layers, more than MOST_SHOWN."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} layers, at most {MOST_SHOWN}")
        self.count = count


@dataclass(frozen=True, eq=False)
class Grown:
    """A stack that was run on a picture: `maps` holds the picture (H, W) and every layer's map.

    `shown` are the numbers of the layers on the stage, counted from 0, in order.
    """

    layers: tuple[StackLayer, ...]
    maps: Maps
    shown: tuple[int, ...]

    @property
    def sizes(self) -> tuple[tuple[int, ...], ...]:
        """The sizes of the picture and of every layer's map."""
        return tuple(each.shape for each in self.maps)

    def place(self, cell: Sequence[int]) -> tuple[int, tuple[int, int]]:
        """Return a layer and a position in it: -1 stands for the last layer and for the middle of a map.

        >>> grown = Grown((StackLayer("1", "conv", 3),), (np.zeros((9, 8)), np.zeros((7, 6))), (0,))
        >>> grown.place((-1, -1, 2)), grown.place((5, 99, 99))
        ((0, (3, 2)), (0, (6, 5)))
        """
        last = len(self.layers) - 1
        layer = last if not 0 <= cell[0] <= last else cell[0]
        if layer not in self.shown:
            layer = self.shown[-1]
        rows, cols = (
            size // 2 if at < 0 else min(at, size - 1)
            for at, size in zip(cell[1:], self.maps[layer + 1].shape, strict=True)
        )
        return layer, (rows, cols)


def grow(picture: NDArray[np.uint8], layers: Sequence[StackLayer], style: Style) -> Maps:
    """Return the picture (H, W) and the map of every layer, float32; `LayerError` where a layer does not fit.

    "mean" takes the mean in every window, padding counted as zeros: then a cell is the mean of its field,
    each pixel weighted by its paths. "edges" takes an oriented kernel and ReLU, and maxima in pools.
    """
    maps: list[NDArray[Any]] = [picture]
    for number, layer in enumerate(layers):
        x = maps[-1][None, None].astype(np.float32)
        try:
            maps.append(_run(x, layer, style, number)[0, 0])
        except WindowError as error:
            raise LayerError(number, error) from error
    return tuple(maps)


def _run(x: NDArray[np.float32], layer: StackLayer, style: Style, number: int) -> NDArray[np.float32]:
    how: dict[str, Any] = {
        "stride": layer.stride,
        "padding": layer.padding,
        "dilation": layer.dilation,
    }
    shape = (1, 1, layer.kernel, layer.kernel)
    if layer.kind == "pool" and 2 * layer.padding > layer.kernel:
        pad, kernel = layer.padding, layer.kernel
        raise WindowError("pool_padding", axis=0, before=pad, after=pad, kernel=kernel)
    if style == "mean":
        return conv(x, np.full(shape, layer.kernel**-2, np.float32), **how)
    if layer.kind == "pool":
        return max_pool(x, layer.kernel, **how)
    y = conv(x, _oriented(layer.kernel, number), **how)
    # One channel dies easily; where nothing would be left the opposite kernel is as good.
    y = np.maximum(y if y.max() > 0 else -y, 0)
    return y * np.float32(255 / (float(y.max()) or 1.0))


def _oriented(size: int, number: int) -> NDArray[np.float32]:
    """Return a small wave (1, 1, size, size) at an angle that every layer has for itself."""
    across = np.linspace(-1, 1, size) if size > 1 else np.zeros(1)
    angle = 2.4 * number  # the golden angle: no two layers look the same way
    along = np.add.outer(across * np.sin(angle), across * np.cos(angle))
    weight = np.exp(-np.add.outer(across**2, across**2)) * np.cos(2 * along + 0.9)
    return weight.astype(np.float32)[None, None]


def choose_shown(layers: Sequence[StackLayer], landmarks: Sequence[str], also: int) -> tuple[int, ...]:
    """Return which layers stand on the stage: all of few, else the landmarks and the one that is asked for.

    >>> layers = [StackLayer(str(number), "conv", 3) for number in range(8)]
    >>> choose_shown(layers, ("2", "7"), 4), choose_shown(layers[:3], (), -1)
    ((2, 4, 7), (0, 1, 2))
    """
    if len(layers) <= MOST_SHOWN:
        return tuple(range(len(layers)))
    return tuple(number for number, layer in enumerate(layers) if layer.name in landmarks or number == also)


def fields(grown: Grown, titles: Sequence[str], words: Words) -> Scene:
    """Return the scene: the picture, the maps that are shown, and the links from each layer to the one below.

    `titles` are the layers' names. The timeline goes through the cells of every map that is shown.
    """
    panels = [
        _panel(grown, 0, words["receptive.picture"]),
        *(_panel(grown, number + 1, title) for number, title in enumerate(titles)),
    ]
    acts = [_act(number + 1, grown.maps[number + 1].shape) for number in grown.shown]
    links = [_link(number + 1, layer) for number, layer in enumerate(grown.layers)]
    names = [name_of(number + 1) for number in grown.shown]
    return Scene(
        tuple(panels), tuple(acts), _layout(names), words.language, words["receptive.label"], {}, tuple(links)
    )


def name_of(level: int) -> str:
    """Return the name of a panel: 0 is the picture, then the layers counted from 1."""
    return f"layer{level}" if level else "input"


def _panel(grown: Grown, level: int, title: str) -> Panel:
    values = grown.maps[level]
    name, view = name_of(level), View(0, 1)
    above = grown.layers[level] if level < len(grown.layers) else None
    margin = ((above.padding, above.padding),) * 2 if above else ()
    if level and level - 1 not in grown.shown:
        return Panel(name, title, "output", Unseen(values.shape), view, margin=margin)
    unread: tuple[list[int], ...] = ()
    if above:
        missed = above.window.unread(values.shape)
        unread = tuple((axis + above.padding).tolist() for axis in missed) if any(map(len, missed)) else ()
    large = level and max(values.shape) > EXACT
    return Panel(
        name, title, "output" if level else "window", Quantised.of(values) if large else values, view,
        Scale("grey", 0.0, max(255.0, float(values.max()))), margin=margin, unread=unread,
    )  # fmt: skip


def _act(level: int, shape: tuple[int, ...]) -> Act:
    straight = Relation(name_of(level), (0, 0), ((1, 0), (0, 1)), ((), ()))
    return Act(shape, (), (straight,), Arithmetic((), name_of(level)), name_of(level))


def _link(level: int, layer: StackLayer) -> Link:
    stride, dilation, before = layer.stride, layer.dilation, -layer.padding
    window = Relation(
        name_of(level - 1), (before, before), ((stride, 0), (0, stride)), ((dilation, 0), (0, dilation))
    )
    return Link(name_of(level), window, (layer.kernel, layer.kernel))


def _layout(names: Sequence[str]) -> Layout:
    """Return the picture beside the maps, these in two rows where there are many."""
    narrow: list[Any] = ["input"]
    narrow += [{"row": list(names[at : at + 2])} for at in range(0, len(names), 2)]
    if len(names) <= 3:
        wide: Layout = {"row": [{"panel": "input", "weight": 1.3}, *names]}
    else:
        half = (len(names) + 1) // 2
        rows = {"column": [{"row": list(names[:half])}, {"row": list(names[half:])}], "weight": half}
        wide = {"row": [{"panel": "input", "weight": 1.7}, rows]}
    return {"wide": wide, "narrow": {"column": narrow}}
