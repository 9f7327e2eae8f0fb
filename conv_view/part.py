"""Which part of a picture or a volume stands on the stage: a crop as it is, or the whole picture, reduced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import ConvTrace, Window
from conv_view.pictures import crop, reduce

CROPS = (8, 12, 16, 24, 32, 48, 64)
WHOLES = (24, 32, 64, 128, 224)
PARTS = (*(f"c{size}" for size in CROPS), *(f"w{size}" for size in WHOLES))
CENTRED = (-1, -1)


@dataclass(frozen=True, eq=False)
class Part:
    """Pixels for the stage, and where in the whole they begin, axis by axis (None where it was reduced)."""

    pixels: NDArray[np.uint8]
    at: tuple[int, ...] | None


def take(pixels: NDArray[np.uint8], choice: str, at: Sequence[int] = CENTRED) -> Part:
    """Return the part of a picture that `choice`, one of PARTS, names.

    A crop begins at `at` (top, left), in the middle where that is negative. It is never larger than the
    picture and never leaves it.

    >>> take(np.zeros((100, 90), np.uint8), "c24", (90, -1)).at
    (76, 33)
    >>> take(np.zeros((100, 50), np.uint8), "w32").pixels.shape
    (32, 16)
    """
    size = int(choice[1:])
    if choice[0] == "w":
        return Part(reduce(pixels, longest=size), None)
    (height, width), (top, left) = _box(pixels.shape[:2], size, at)
    return Part(crop(pixels, top, left, height, width), (top, left))


def block(voxels: NDArray[np.uint8], size: int, at: Sequence[int]) -> Part:
    """Return a cube of a volume (D, H, W) as a view, `size` to a side, or less where the volume is smaller.

    It begins at `at`, in the middle of an axis where that is negative, and never leaves the volume.

    >>> cube = block(np.zeros((5, 64, 52), np.uint8), 12, (-1, 60, 3))
    >>> cube.pixels.shape, cube.at
    ((5, 12, 12), (0, 52, 3))
    """
    sides, starts = _box(voxels.shape, size, at)
    where = tuple(slice(start, start + side) for start, side in zip(starts, sides, strict=True))
    return Part(voxels[where], starts)


def _box(whole: Sequence[int], size: int, at: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the sides of a crop and where it begins."""
    sides = tuple(min(size, extent) for extent in whole)
    starts = tuple(
        (extent - side) // 2 if start < 0 else min(start, extent - side)
        for start, extent, side in zip(at, whole, sides, strict=True)
    )
    return sides, starts


def bring(
    cell: int, whole: int, part: int, span: int, stride: int, before: tuple[int, int]
) -> tuple[int, int]:
    """Return where a crop begins, along an axis, to hold an output's window, and which output that is in it.

    `before` is the padding in front of the whole picture and of the crop. The crop begins where its windows
    coincide with the picture's: a window then reads the same cells and its numbers are the same.

    >>> bring(50, whole=100, part=24, span=3, stride=1, before=(0, 0))
    (39, 11)
    """
    start = cell * stride - before[0]
    shift = (before[1] - before[0]) % stride
    wanted = max(0, min(whole - part, start + span // 2 - part // 2))
    begin = wanted - (wanted - shift) % stride
    if begin < 0:
        begin += stride
    return begin, (start + before[1] - begin) // stride


def outlines(
    part: Part, preview: Sequence[int], trace: ConvTrace, whole: ConvTrace
) -> dict[str, tuple[tuple[float, float], ...]]:
    """Return where a crop lies in a preview of the whole, and its outputs in the whole result.

    Each is (start, size) axis by axis; nothing where the whole is on the stage.
    """
    if part.at is None or trace.x.shape[2:] == whole.x.shape[2:]:
        return {}
    result, picture = [], []
    for axis, start in enumerate(part.at):
        stride, before = whole.window.stride[axis], whole.pads[axis][0]
        first = min(max(0, -(-(start + before) // stride)), whole.shape[axis + 2] - 1)
        result.append((first, min(trace.shape[axis + 2], whole.shape[axis + 2] - first)))
        scale = preview[axis] / whole.x.shape[axis + 2]
        picture.append((start * scale, trace.x.shape[axis + 2] * scale))
    return {"output": tuple(result), "picture": tuple(picture)}


def output_at(cell: Sequence[int], preview: Sequence[int], whole: ConvTrace) -> tuple[int, ...]:
    """Return the place of the output whose window is around a cell of the preview, at any rank."""
    found = []
    for axis in range(len(whole.pads)):
        window = whole.window
        middle = (cell[axis] + 0.5) * whole.x.shape[axis + 2] / preview[axis]
        start = middle + whole.pads[axis][0] - window.span[axis] / 2
        found.append(max(0, min(whole.shape[axis + 2] - 1, round(start / window.stride[axis]))))
    return tuple(found)


def bring_cell(
    cell: Sequence[int], choice: str, whole: ConvTrace, arguments: Mapping[str, Any]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return where a crop begins that holds the window of an output cell of the whole result.

    `cell` is that output's place, axis by axis; its place in the crop's result is returned second.
    `arguments` are those of `conv`; their padding may depend on the size, so it is asked for both.
    """
    size = int(choice[1:])
    window = whole.window
    part = tuple(min(size, extent) for extent in whole.x.shape[2:])
    pads = Window(window.kernel, window.stride, arguments["padding"], window.dilation).pads(part)
    brought = [
        bring(
            cell[axis],
            whole.x.shape[axis + 2],
            part[axis],
            window.span[axis],
            window.stride[axis],
            (whole.pads[axis][0], pads[axis][0]),
        )
        for axis in range(len(whole.pads))
    ]
    return tuple(start for start, _ in brought), tuple(place for _, place in brought)
