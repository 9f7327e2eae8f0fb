"""Receptive fields: what of the input a cell of a later layer sees, and by how many paths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from conv_core.axes import length_of, per_axis, whole
from conv_core.errors import WindowError
from conv_core.window import Window

Layer: TypeAlias = Window | Mapping[str, Any]
"""A layer is what slides in it: a `Window`, or a table of the window's arguments (and whatever else)."""

Lines: TypeAlias = tuple[NDArray[Any], ...]
"""One array per axis."""


@dataclass(frozen=True)
class Field:
    """The receptive field of the cells of one layer, per axis, in cells of the input.

    Every cell sees `size` cells (from the first to the last it reads), neighbours' fields begin `stride`
    apart, and the field of cell 0 begins at -`padding`; that of cell p at p * stride - padding.
    """

    size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]

    def start(self, position: Sequence[int]) -> tuple[int, ...]:
        """Where the field of the cell at this position begins in the input; negative is in its padding.

        >>> Field(size=(3,), stride=(2,), padding=(1,)).start((4,))
        (7,)
        """
        return tuple(
            [p * s - before for p, s, before in zip(position, self.stride, self.padding, strict=True)]
        )


class HasFields(Protocol):
    """A network that knows the fields of its nodes: `Graph`."""

    @property
    def input_size(self) -> tuple[int, ...] | None:
        """What it was made for, (C, *spatial)."""

    def fields(self, input_shape: Sequence[int]) -> dict[str, Field | None]:
        """The field of every node, by name."""


@overload
def receptive_field(
    layers: Sequence[Layer], input_size: Sequence[int] | None = None
) -> tuple[Field, ...]: ...
@overload
def receptive_field(
    layers: HasFields, input_size: Sequence[int] | None = None
) -> dict[str, Field | None]: ...
def receptive_field(
    layers: Sequence[Layer] | HasFields, input_size: Sequence[int] | None = None
) -> tuple[Field, ...] | dict[str, Field | None]:
    """The field of every layer, in their order: size, effective stride and effective padding per axis.

    Of a `Graph` the fields of its nodes, by name: the least box around all paths, None where the whole input
    is seen or where paths disagree about the stride; `input_size` is then (C, *spatial).

    size = 1 + sum of dilation * (kernel - 1) * (product of the strides before), stride = product of the
    strides, padding = sum of before * (product of the strides before). `input_size` is only needed where a
    layer pads by "same". `WindowError` without layers, and for what is no layer
    (Araujo, Norris, Sim: Computing receptive fields of convolutional neural networks, Distill, 2019,
    "Single-path networks").

    >>> receptive_field([Window(3, padding=1), {"kernel": 2, "stride": 2}, Window(3)])[-1]
    Field(size=(8,), stride=(2,), padding=(1,))
    """
    if not isinstance(layers, Sequence):
        made_for = layers.input_size if input_size is None else tuple(input_size)
        if made_for is None:
            raise WindowError("graph_size", count=0)
        return layers.fields((1, *made_for))
    windows = as_windows(layers, input_size)
    sizes = None if input_size is None else layer_sizes(windows, input_size)
    rank = windows[0].rank
    size, stride, padding = (1,) * rank, (1,) * rank, (0,) * rank
    fields = []
    for index, window in enumerate(windows):
        before = [pair[0] for pair in _pads(window, index, None if sizes is None else sizes[index])]
        size = tuple([s + (k - 1) * jump for s, k, jump in zip(size, window.span, stride, strict=True)])
        padding = tuple([p + b * jump for p, b, jump in zip(padding, before, stride, strict=True)])
        stride = tuple([jump * s for jump, s in zip(stride, window.stride, strict=True)])
        fields.append(Field(size, stride, padding))
    return tuple(fields)


def layer_sizes(layers: Sequence[Layer], input_size: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The spatial sizes of the input and of every layer's output; `WindowError` where a window does not fit.

    >>> layer_sizes([Window(3), Window(2, stride=2)], (9,))
    ((9,), (7,), (3,))
    """
    windows = as_windows(layers, input_size)
    sizes = [per_axis("input_size", input_size, windows[0].rank)]
    for window in windows:
        sizes.append(window.output_shape(sizes[-1]))
    return tuple(sizes)


def field_of(
    layers: Sequence[Layer],
    layer: int,
    position: Sequence[int] | None,
    input_size: Sequence[int],
) -> Lines:
    """Which cells of the input a cell of a layer reads: per axis their coordinates, int64, in order.

    `layer` counts from 0, or from the end if it is negative; position None asks for all cells of the layer
    together. Exactly the cells that are read (dilation leaves some out), without padding: they are a grid,
    every combination of one coordinate from each axis. `WindowError` for a layer or a position that is not
    there.

    >>> field_of([Window(3, dilation=2), Window(3, dilation=2)], -1, (0,), (9,))[0]
    array([0, 2, 4, 6, 8])
    """
    return field_levels(layers, layer, position, input_size)[0]


def field_levels(
    layers: Sequence[Layer], layer: int, position: Sequence[int] | None, input_size: Sequence[int]
) -> tuple[Lines, ...]:
    """The same at every level on the way: of the input first, then of each layer up to `layer` itself.

    >>> [level[0].tolist() for level in field_levels([Window(3), Window(2, stride=2)], 1, (1,), (7,))]
    [[2, 3, 4, 5], [2, 3], [1]]
    """
    return tuple(
        [
            tuple([np.flatnonzero(counts != 0).astype(np.int64) for counts in level])
            for level in path_levels(layers, layer, position, input_size)
        ]
    )


def path_counts(
    layers: Sequence[Layer],
    layer: int,
    position: Sequence[int] | None,
    input_size: Sequence[int],
) -> Lines:
    """By how many paths every cell of the input arrives at a cell of a layer, per axis (*size).

    A path takes one kernel cell in every layer; the number of a cell is the product of those of its
    coordinates, so the counts are kept per axis. They are exact: int64, or Python's integers where that is
    too narrow. With equal weights they are the shape of the effective receptive field
    (Luo, Li, Urtasun, Zemel: Understanding the effective receptive field in deep convolutional neural
    networks, 2016, section 2). `layer`, `position` and `WindowError` as in `field_of`.

    >>> path_counts([Window(3), Window(3)], -1, (0,), (6,))[0]
    array([1, 2, 3, 2, 1, 0])
    """
    return path_levels(layers, layer, position, input_size)[0]


def path_levels(
    layers: Sequence[Layer], layer: int, position: Sequence[int] | None, input_size: Sequence[int]
) -> tuple[Lines, ...]:
    """The same at every level on the way: at the input first, then at each layer up to `layer` itself."""
    windows = as_windows(layers, input_size)
    count = len(windows)
    if not -count <= whole("layer", layer) < count:
        raise WindowError("layer_index", layer=layer, count=count)
    windows = windows[: whole("layer", layer) % count + 1]
    sizes = layer_sizes(windows, input_size)
    axes = [
        _axis_levels(windows, sizes, axis, None if position is None else _place(position, axis, sizes[-1]))
        for axis in range(windows[0].rank)
    ]
    return tuple([tuple([axis[level] for axis in axes]) for level in range(len(sizes))])


def unread(
    layers: Sequence[Layer],
    layer: int,
    position: Sequence[int] | None,
    input_size: Sequence[int],
) -> NDArray[np.bool]:
    """Cells between the first and the last that a cell of a layer reads, which it never reads (*input_size).

    Stacked layers of one dilation leave a grid of them. `layer`, `position` and `WindowError` as in
    `field_of`.

    >>> unread([Window(3, dilation=2), Window(3, dilation=2)], -1, (0,), (10,)).astype(int)
    array([0, 1, 0, 1, 0, 1, 0, 1, 0, 0])
    >>> unread([Window(3), Window(3, dilation=2)], -1, (0,), (10,)).any()
    np.False_
    """
    hull, read = np.ones((), bool), np.ones((), bool)
    counted = path_counts(layers, layer, position, input_size)
    for counts in counted:
        arrives = np.asarray(counts != 0, bool)
        between = np.logical_or.accumulate(arrives) & np.logical_or.accumulate(arrives[::-1])[::-1]
        hull, read = np.logical_and.outer(hull, between), np.logical_and.outer(read, arrives)
    return hull & ~read


def as_windows(layers: Sequence[Layer], input_size: Sequence[int] | None = None) -> tuple[Window, ...]:
    """The layers as windows of one rank; `WindowError` for no layers, and for what is none.

    The rank is that of the input, or the first that a table with a sequence in it, or a window of more than
    one axis, gives; a window of one axis stands for all axes.
    """
    if not len(layers):
        raise WindowError("layer_none", count=0)
    ranks = [_rank(index, layer) for index, layer in enumerate(layers)]
    rank = (None if input_size is None else length_of(input_size)) or max(ranks)
    windows = []
    for layer in layers:
        if not isinstance(layer, Window):
            windows.append(_window(layer, rank))
        elif layer.rank == rank:
            windows.append(layer)
        elif layer.rank == 1:
            padding = layer.padding if isinstance(layer.padding, str) else layer.padding * rank
            windows.append(
                Window(
                    layer.kernel * rank,
                    layer.stride * rank,
                    padding,
                    layer.dilation * rank,
                    ceil_mode=layer.ceil_mode,
                )
            )
        else:
            raise WindowError("spatial_rank", rank=layer.rank, given=rank)
    return tuple(windows)


def _rank(index: int, layer: Layer) -> int:
    if isinstance(layer, Window):
        return layer.rank
    if not isinstance(layer, Mapping) or "kernel" not in layer:
        raise WindowError("layer_kind", layer=index)
    return _window(layer, None).rank


def _window(layer: Mapping[str, Any], rank: int | None) -> Window:
    known = ("kernel", "stride", "padding", "dilation", "ceil_mode")
    return Window(**{name: layer[name] for name in known if name in layer}, rank=rank)


def _pads(window: Window, index: int, size: tuple[int, ...] | None) -> tuple[tuple[int, int], ...]:
    if not isinstance(window.padding, str):
        return window.padding
    if size is None:
        raise WindowError("layer_same", layer=index)
    return window.pads(size)


def _place(position: Sequence[int], axis: int, sizes: tuple[int, ...]) -> int:
    places = per_axis("position", position, len(sizes))
    if not 0 <= places[axis] < sizes[axis]:
        raise WindowError("position_outside", axis=axis, position=places[axis], count=sizes[axis])
    return places[axis]


def _axis_levels(
    windows: tuple[Window, ...], sizes: tuple[tuple[int, ...], ...], axis: int, place: int | None
) -> list[NDArray[Any]]:
    """The number of paths to every cell of one axis, from the input up to the layer that is asked about."""
    # Python's own integers: a deep stack soon has more paths than int64 counts.
    counts = np.zeros(sizes[-1][axis], object)
    counts[slice(None) if place is None else place] = 1
    levels = [counts]
    for window, size in zip(reversed(windows), reversed(sizes[:-1]), strict=True):
        along = Window(window.kernel[axis], window.stride[axis], 0, window.dilation[axis])
        before, after = window.edges(size)[axis]
        patches = np.repeat(counts[:, None], along.kernel[0], axis=1)
        counts = along.fold(patches, (before + size[axis] + after,))[before : before + size[axis]]
        levels.append(counts)
    return [_narrow(level) for level in reversed(levels)]


def _narrow(counts: NDArray[Any]) -> NDArray[Any]:
    return counts.astype(np.int64) if max(counts) <= np.iinfo(np.int64).max else counts
