"""The channels of a picture and the filters that read them: maps computed by the core, weights by a seed."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import ConvTrace, conv, kernel
from conv_view.pictures import to_grey

#: Every channel there is, in order; of C channels the first C are taken.
NAMES = ("r", "g", "b", "blur", "edges_x", "edges_y", "laplacian", "wide_blur")
COUNTS = (3, 4, 6, 8)
MOST_FILTERS = 16
SIZES = (1, 3)
RANDOM, NAMED = "random", "named"
KINDS = (RANDOM, NAMED)
#: Which kernel filter after filter holds where they are named, by the kernel's size.
ROUND = {
    3: ("sobel_x", "sobel_y", "laplacian", "emboss", "prewitt_x", "prewitt_y", "sharpen", "identity"),
    1: ("mean", "difference"),
}
# What the cells of a random kernel are drawn from, without putting back.
_CELLS = {3: (-2, -1, -1, 0, 0, 0, 1, 1, 2), 1: (-2, -1, 1, 2)}
_MAPS: dict[str, tuple[str, dict[str, Any], float]] = {
    "blur": ("gaussian", {"size": 5, "sigma": 1.0}, 1.0),
    "edges_x": ("sobel_x", {}, 0.25),
    "edges_y": ("sobel_y", {}, 0.25),
    "laplacian": ("laplacian", {}, 0.25),
    "wide_blur": ("gaussian", {"size": 9, "sigma": 2.0}, 1.0),
}


def maps(pixels: NDArray[np.uint8], count: int) -> NDArray[np.float32]:
    """Return the first `count` channels of a picture (H, W) or (H, W, 3) as whole numbers (1, count, H, W).

    After red, green and blue come maps of the grey picture: a kernel's response, scaled to the picture's own
    range, its sign dropped as many networks drop it, and rounded. A grey picture is its own red, green, blue.

    >>> maps(np.full((4, 4), 7, np.uint8), 6)[0, :, 2, 2].tolist()
    [7.0, 7.0, 7.0, 7.0, 0.0, 0.0]
    """
    height, width = pixels.shape[:2]
    colours = np.broadcast_to(pixels if pixels.ndim == 3 else pixels[..., None], (height, width, 3))
    found = np.empty((1, count, height, width), np.float32)
    found[0, :3] = colours.transpose(2, 0, 1)[:count]
    grey = to_grey(pixels).astype(np.float32)[None, None]
    for at, name in enumerate(NAMES[3:count], 3):
        made_by, parameters, scale = _MAPS[name]
        weight = kernel(made_by, **parameters)[None, None]
        response = conv(grey, weight, padding="same", padding_mode="replicate")
        found[0, at] = np.clip(np.rint(np.abs(response[0, 0]) * np.float32(scale)), 0, 255)
    return found


def steps(channels: int, filters: int) -> list[int]:
    """Return every number of groups that divides both, from dense (1) on.

    >>> steps(6, 12)
    [1, 2, 3, 6]
    """
    both = gcd(channels, filters)
    return [groups for groups in range(1, both + 1) if both % groups == 0]


def kept(groups: int, before: int, channels: int, filters: int) -> int:
    """Return the groups to go on with where the channels changed: depthwise stays so, else the nearest below.

    >>> kept(4, before=4, channels=6, filters=6), kept(4, before=8, channels=6, filters=6)
    (6, 3)
    """
    possible = steps(channels, filters)
    if groups > 1 and groups == before:
        return possible[-1]
    return max(step for step in possible if step <= groups or step == 1)


def weights(kind: str, seed: int, channels: int, filters: int, groups: int, size: int) -> NDArray[np.float32]:
    """Return the weight (filters, channels / groups, size, size) of a kind in KINDS.

    Random ones are whole numbers from -2 to 2 that depend on the seed, the filter and the channel alone: what
    a filter keeps when the groups change has the same weights. Each nine add up to 0, so that an even area
    answers with 0. Groups that do not divide leave the shape to be refused by `conv`.

    >>> dense, depthwise = (weights("random", 1, 4, 4, groups, 3) for groups in (1, 4))
    >>> bool((dense[2, 2] == depthwise[2, 0]).all())
    True
    """
    reads = max(1, channels // groups)
    if kind == NAMED:
        return np.stack([_named(size, number, reads) for number in range(filters)])
    random = np.random.default_rng((seed, size))
    cells = np.tile(_CELLS[size], (MOST_FILTERS * len(NAMES), 1))
    everything = random.permuted(cells, axis=1)[:, : size * size]
    everything = everything.reshape(MOST_FILTERS, len(NAMES), size, size)
    own = max(1, filters // groups)
    first = [min(number // own * reads, len(NAMES) - reads) for number in range(filters)]
    return np.stack([everything[number, at : at + reads] for number, at in enumerate(first)]).astype(
        np.float32
    )


def named(size: int, number: int, reads: int) -> str:
    """Return which kernel the filter of this number holds where they are named.

    A pointwise filter that reads one channel has nothing to mix and passes it on.

    >>> named(3, 9, reads=4), named(1, 0, reads=4), named(1, 0, reads=1)
    ('sobel_y', 'mean', 'identity')
    """
    if size == 1 and reads == 1:
        return "identity"
    return ROUND[size][number % len(ROUND[size])]


def read_by(number: int, channels: int, filters: int, groups: int) -> range:
    """Return the channels that a filter reads.

    >>> list(read_by(3, channels=6, filters=6, groups=3))
    [2, 3]
    """
    reads = channels // groups
    first = number // (filters // groups) * reads
    return range(first, first + reads)


def partial_sums(trace: ConvTrace, index: int) -> tuple[list[float], float]:
    """Return, for one step, the sum of the products of each channel that it reads, and the step's value.

    >>> from conv_core import conv_trace
    >>> x = np.arange(8.0).reshape(1, 2, 2, 2)
    >>> partial_sums(conv_trace(x, np.ones((1, 2, 2, 2))), 0)
    ([6.0, 22.0], 28.0)
    """
    step = trace[index]
    by_channel = step.products.reshape(len(step.products), -1).sum(axis=1)
    return [float(one) for one in by_channel], float(step.value)


def as_matrix(weight: NDArray[np.float32], groups: int) -> NDArray[np.float32]:
    """Return a pointwise weight (O, C / groups, 1, 1) as the matrix (O, C): zeros outside of the groups.

    >>> as_matrix(np.ones((2, 1, 1, 1), np.float32), groups=2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    filters, reads = weight.shape[:2]
    matrix = np.zeros((filters, reads * groups), weight.dtype)
    for number in range(filters):
        among = read_by(number, reads * groups, filters, groups)
        matrix[number, among.start : among.stop] = weight[number, :, 0, 0]
    return matrix


def composed(depthwise: NDArray[np.float32], pointwise: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the dense weight (O, C, *kernel) that does what (C, 1, *kernel) and then (O, C, 1, 1) do."""
    return pointwise * depthwise[None, :, 0]


def changed(weight: NDArray[np.float32], groups: int, cells: Sequence[float]) -> NDArray[np.float32]:
    """Return a weight with the cells that a reader typed: filter, channel, row, column, value, and so on.

    The channel is counted among all. A cell that no filter reads now waits until one does.

    >>> changed(np.zeros((2, 1, 1, 1), np.float32), 2, (1, 1, 0, 0, 5, 1, 0, 0, 0, 9)).ravel().tolist()
    [0.0, 5.0]
    """
    filters, reads = weight.shape[:2]
    weight = weight.copy()
    for (number, channel, row, column), value in _by_place(cells).items():
        if not 0 <= number < filters:
            continue
        slot = channel - read_by(number, reads * groups, filters, groups).start
        if 0 <= slot < reads and 0 <= row < weight.shape[2] and 0 <= column < weight.shape[3]:
            weight[number, slot, row, column] = value
    return weight


def typed(
    before: NDArray[np.float32], after: NDArray[np.float32], groups: int, cells: Sequence[float]
) -> tuple[float, ...]:
    """Return the cells of `changed`, with what differs between two weights of one shape added to them.

    >>> typed(np.zeros((2, 1, 1, 1)), np.array([0, 7.0]).reshape(2, 1, 1, 1), 2, ())
    (1, 1, 0, 0, 7.0)
    """
    filters, reads = before.shape[:2]
    found = _by_place(cells)
    for number, slot, row, column in np.argwhere(before != after).tolist():
        channel = read_by(number, reads * groups, filters, groups).start + slot
        found[(number, channel, row, column)] = float(after[number, slot, row, column])
    return tuple(number for place, value in found.items() for number in (*place, value))


def _by_place(cells: Sequence[float]) -> dict[tuple[int, ...], float]:
    return {
        tuple(int(place) for place in cells[at : at + 4]): cells[at + 4] for at in range(0, len(cells) - 4, 5)
    }


def _named(size: int, number: int, reads: int) -> NDArray[np.float32]:
    name = named(size, number, reads)
    if size > 1:
        return np.repeat(kernel(name)[None], reads, 0)
    row = np.full(reads, 1 / reads, np.float32)
    if name == "difference":
        row = np.zeros(reads, np.float32)
        row[0], row[-1] = 1, -1
    return row[:, None, None]
