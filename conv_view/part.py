"""Which part of a picture or a volume stands on the stage: a crop as it is, or the whole picture, reduced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from conv_core import Window, WindowError
from conv_view.pictures import crop, reduce

CROPS = (8, 12, 16, 24, 32, 48, 64)
WHOLES = (24, 32, 64, 128, 224)
PARTS = (*(f"c{size}" for size in CROPS), *(f"w{size}" for size in WHOLES))
CENTRED = (-1, -1)
# At the far border a crop may be this much shorter, so that it can begin where the picture's windows do
# whatever the stride; one less than the longest stride that the controls offer.
SHORTER = 4


class Slid(Protocol):
    """What a window has been slid over: a convolution, a pooling."""

    @property
    def x(self) -> NDArray[Any]:
        """The input (N, C, *spatial)."""

    @property
    def window(self) -> Window:
        """The window."""

    @property
    def pads(self) -> tuple[tuple[int, int], ...]:
        """The padding (before, after), axis by axis."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The output's shape (N, O, *out)."""

    @property
    def output(self) -> NDArray[Any]:
        """The output."""


@dataclass(frozen=True, eq=False)
class Part:
    """Pixels for the stage, and where in the whole they begin, axis by axis (None where it was reduced)."""

    pixels: NDArray[np.uint8]
    at: tuple[int, ...] | None


def take(
    pixels: NDArray[np.uint8], choice: str, at: Sequence[int] = CENTRED, period: Sequence[int] = (1, 1)
) -> Part:
    """Return the part of a picture that `choice`, one of PARTS, names.

    A crop begins at `at` (top, left), in the middle where that is negative. It is never larger than the
    picture and never leaves it; at the far border it may be up to SHORTER rows or columns smaller, and
    its sides differ from the picture's by multiples of `period`.

    >>> take(np.zeros((100, 90), np.uint8), "c24", (90, -1)).at
    (76, 33)
    >>> take(np.zeros((100, 50), np.uint8), "w32").pixels.shape
    (32, 16)
    """
    size = int(choice[1:])
    if choice[0] == "w":
        return Part(reduce(pixels, longest=size), None)
    (height, width), (top, left) = _box(pixels.shape[:2], size, at, period)
    return Part(crop(pixels, top, left, height, width), (top, left))


def shortened(part: Part, choice: str, whole: Sequence[int]) -> bool:
    """Tell whether a crop of a picture of shape `whole` has less than `choice` asks for, as `take` has it.

    >>> pixels = np.zeros((100, 91), np.uint8)
    >>> shortened(take(pixels, "c16", period=(2, 2)), "c16", pixels.shape)
    True
    """
    sides = zip(part.pixels.shape[:2], whole[:2], strict=True)
    return part.at is not None and any(side < min(int(choice[1:]), extent) for side, extent in sides)


def block(voxels: NDArray[np.uint8], size: int, at: Sequence[int], period: Sequence[int] = (1, 1, 1)) -> Part:
    """Return a cube of a volume (D, H, W) as a view, `size` to a side, or less as in `take`.

    It begins at `at`, in the middle of an axis where that is negative, and never leaves the volume.

    >>> cube = block(np.zeros((5, 64, 52), np.uint8), 12, (-1, 60, 3))
    >>> cube.pixels.shape, cube.at
    ((5, 12, 12), (0, 52, 3))
    """
    sides, starts = _box(voxels.shape, size, at, period)
    where = tuple(slice(start, start + side) for start, side in zip(starts, sides, strict=True))
    return Part(voxels[where], starts)


def period(arguments: Mapping[str, Any]) -> tuple[int, ...]:
    """Return by multiples of what a crop's sides shall differ from the whole's, for arguments of `conv`.

    "same" pads by the size's remainder after strides: with the remainder a crop has the whole's padding.
    """
    return tuple(stride if isinstance(arguments["padding"], str) else 1 for stride in arguments["stride"])


def _side(extent: int, size: int, period: int) -> int:
    return extent if extent <= size else size - (size - extent) % period


def _box(
    whole: Sequence[int], size: int, at: Sequence[int], period: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the sides of a crop and where it begins."""
    sides, starts = [], []
    for start, extent, step in zip(at, whole, period, strict=True):
        side = _side(extent, size, step)
        last = extent - side
        if start < 0:
            start = last // 2
        elif not last < start <= last + SHORTER or last == 0:
            start = min(start, last)
        starts.append(start)
        sides.append(min(side, extent - start))
    return tuple(sides), tuple(starts)


def bring(cell: int, whole: int, size: int, window: Window, before: int) -> tuple[int, int]:
    """Return where a crop of `size` begins, along an axis, to hold an output's window, and its place in it.

    `window` has this one axis, `before` is the padding in front of the whole. The crop begins where its
    windows coincide with the whole's: the window then reads the same cells and its numbers are the same.
    Where no crop does (the window spans more than the crop, or goes around), it is the nearest place.

    >>> bring(50, whole=100, size=24, window=Window(3), before=0)
    (39, 11)
    """
    (stride,), (span,), size = window.stride, window.span, min(size, whole)
    start = cell * stride - before
    last = whole - size
    wanted = max(0, min(last, start + span // 2 - size // 2))
    for begin in sorted(range(last + (SHORTER if last else 0) + 1), key=lambda begin: abs(begin - wanted)):
        end = min(whole, begin + size)
        if not ((begin <= start or begin == 0) and (start + span <= end or end == whole)):
            continue
        place, rest = divmod(start + window.pads((end - begin,))[0][0] - begin, stride)
        if rest == 0 and 0 <= place < _count(window, end - begin):
            return begin, place
    place = (start + window.pads((size,))[0][0] - wanted) // stride
    return wanted, max(0, min(_count(window, size) - 1, place))


def _count(window: Window, size: int) -> int:
    try:
        return window.output_shape((size,))[0]
    except WindowError:
        return 0


def outlines(
    part: Part, preview: Sequence[int], trace: Slid, whole: Slid
) -> dict[str, tuple[tuple[float, float], ...]]:
    """Return where a crop lies in a preview of the whole, and its outputs in the whole result.

    Each is (start, size) axis by axis; nothing where the whole is on the stage.
    """
    if part.at is None or trace.x.shape[2:] == whole.x.shape[2:]:
        return {}
    result, picture = [], []
    for axis, start in enumerate(part.at):
        ahead = start + whole.pads[axis][0] - trace.pads[axis][0]
        most = whole.shape[axis + 2]
        place = round(ahead / whole.window.stride[axis])
        first = min(max(0, place), most - 1)
        result.append((first, max(1, min(most, place + trace.shape[axis + 2]) - first)))
        scale = preview[axis] / whole.x.shape[axis + 2]
        picture.append((start * scale, trace.x.shape[axis + 2] * scale))
    return {"output": tuple(result), "picture": tuple(picture)}


def output_at(cell: Sequence[int], preview: Sequence[int], whole: Slid) -> tuple[int, ...]:
    """Return the place of the output whose window is around a cell of the preview, at any rank."""
    found = []
    for axis in range(len(whole.pads)):
        window = whole.window
        middle = (cell[axis] + 0.5) * whole.x.shape[axis + 2] / preview[axis]
        start = middle + whole.pads[axis][0] - window.span[axis] / 2
        found.append(max(0, min(whole.shape[axis + 2] - 1, round(start / window.stride[axis]))))
    return tuple(found)


def bring_cell(
    cell: Sequence[int],
    choice: str,
    whole: Slid,
    arguments: Mapping[str, Any],
    period: Sequence[int] | None = None,
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return where a crop begins that holds the window of an output cell of the whole result.

    `cell` is that output's place, axis by axis; its place in the crop's result is returned second.
    `arguments` are those of `conv`; their padding may depend on the size, so it is asked for both. `period`
    is the one that the crop will be taken with.
    """
    size = int(choice[1:])
    window = whole.window
    padding = Window(window.kernel, window.stride, arguments["padding"], window.dilation).padding
    brought = []
    for axis, place in enumerate(cell):
        own = padding if isinstance(padding, str) else (padding[axis],)
        along = Window(
            (window.kernel[axis],),
            window.stride[axis],
            own,
            window.dilation[axis],
            ceil_mode=window.ceil_mode,
        )
        extent = whole.x.shape[axis + 2]
        side = _side(extent, size, period[axis] if period else 1)
        brought.append(bring(place, extent, side, along, whole.pads[axis][0]))
    return tuple(start for start, _ in brought), tuple(place for _, place in brought)
