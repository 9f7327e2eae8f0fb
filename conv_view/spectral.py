"""A convolution through the Fourier transform, as the page of it tells it: one transform, or one tile."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from conv_core import FftStages, Window, conv, conv_stages, method_error
from conv_core.spectra import half_in_order, whole_spectrum

Room = Literal["none", "linear", "tiles"]
ROOMS: tuple[Room, ...] = get_args(Room)


@dataclass(frozen=True, eq=False)
class Spectral:
    """A picture (H, W) and a kernel (h, w), float32, and all that the transform makes of them.

    The transforms are as long as the picture ("none"), have `room` for the kernel ("linear"), or are those of
    tiles; `tile` is the row and the column of the one that is looked at, (0, 0) where there is one alone.
    """

    picture: NDArray[np.float32]
    kernel: NDArray[np.float32]
    room: Room
    stages: FftStages
    tile: tuple[int, int] = (0, 0)

    @property
    def size(self) -> tuple[int, int]:
        """The lengths of the transforms."""
        return self.stages.size[0], self.stages.size[1]

    @property
    def tiles(self) -> tuple[int, int]:
        """How many tiles there are, down and across."""
        return self.stages.input_tiles.shape[2], self.stages.input_tiles.shape[3]

    @property
    def begin(self) -> tuple[int, int]:
        """Where the tile begins in the picture, and with it the outputs that it makes."""
        down, across = (at * step for at, step in zip(self.tile, self.stages.step, strict=True))
        return down, across

    @cached_property
    def own(self) -> NDArray[np.float32]:
        """The cells of the picture that the transform holds; all others of it are zeros."""
        where = tuple(
            slice(begin, begin + length) for begin, length in zip(self.begin, self.size, strict=True)
        )
        return self.picture[where]

    @property
    def before(self) -> tuple[int, int]:
        """By how many cells the result begins before the picture: where the circle is cut open."""
        if self.room != "linear":
            return 0, 0
        down, across = (span - 1 for span in self.kernel.shape)
        return down, across

    def sources(self, axis: int) -> NDArray[np.int64]:
        """Which own cell stands at each place around the circle that a window reads along an axis; -1 is 0.

        The places begin `before` the picture, and end where the last window does.
        """
        length, span, own = self.size[axis], self.kernel.shape[axis], self.own.shape[axis]
        before = self.before[axis]
        around = np.arange(-before, length - before + span - 1) % length
        return np.where(around < own, around, -1)

    @cached_property
    def spectra(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """The halves of the spectra of the tile, of the kernel (conjugated), and of their product."""
        stages = self.stages
        return (
            stages.input_spectra[0, 0][self.tile],
            stages.kernel_spectra[0, 0],
            stages.products[0, 0][self.tile],
        )

    @cached_property
    def halves(self) -> tuple[NDArray[Any], ...]:
        """The same with their rows in the order of frequencies, 0 in the middle."""
        return tuple(half_in_order(each, self.size) for each in self.spectra)

    @cached_property
    def wholes(self) -> tuple[NDArray[Any], ...]:
        """The same with all their frequencies, 0 in the middle."""
        return tuple(whole_spectrum(each, self.size) for each in self.spectra)

    @cached_property
    def result(self) -> NDArray[np.float32]:
        """What comes back from the product (*size): from where the circle is cut open, all around it."""
        around = self.stages.output_tiles[0, 0][self.tile]
        return np.roll(around, self.before, (0, 1))

    @property
    def kept(self) -> tuple[tuple[int, int], ...]:
        """Where the cells that count begin in the result, and how many there are, axis by axis."""
        if self.room == "linear":
            return tuple((0, length) for length in self.size)
        total = self.stages.output.shape[2:]
        return tuple(
            (0, min(step, count - begin))
            for step, count, begin in zip(self.stages.step, total, self.begin, strict=True)
        )

    @cached_property
    def went_around(self) -> NDArray[np.bool_]:
        """Which cells of the result are not the convolution's: their windows read over its end."""
        crossed = np.ones(self.size, bool)
        crossed[tuple(slice(first, first + count) for first, count in self.kept)] = False
        return crossed

    @property
    def output(self) -> NDArray[np.float32]:
        """The convolution of the picture: what is kept of all tiles, or with room all of the result."""
        return self.result if self.room == "linear" else self.stages.output[0, 0]

    @cached_property
    def circular(self) -> float:
        """The largest difference between the result and a convolution whose padding goes around."""
        filled = np.zeros(self.size, np.float32)
        filled[tuple(slice(cells) for cells in self.own.shape)] = self.own
        pads = tuple(
            (before, span - 1 - before) for before, span in zip(self.before, self.kernel.shape, strict=True)
        )
        same = self._convolved(filled, padding=pads, padding_mode="circular")
        return float(np.abs(self.result - same).max())

    @cached_property
    def linear(self) -> float:
        """The largest difference between the output and the convolution of the picture as it always is."""
        pads = tuple((before, before) for before in self.before)
        return float(np.abs(self.output - self._convolved(self.picture, padding=pads)).max())

    @cached_property
    def rounding(self) -> float:
        """How far the transform in float32 is from float64, as a share of the largest value; 0 of zeros."""
        if not self.kernel.any() or not self.picture.any():
            return 0.0
        weight = self.kernel[None, None]
        return method_error(self.picture[None, None], weight, method="fft", tile=self.size)

    def _convolved(self, cells: NDArray[np.float32], **how: Any) -> NDArray[np.float32]:
        made: NDArray[np.float32] = conv(cells[None, None], self.kernel[None, None], method="im2col", **how)
        return made[0, 0]


def spectral(
    picture: NDArray[Any],
    kernel: NDArray[np.float32],
    room: Room = "none",
    length: int = 8,
    tile: tuple[int, int] = (0, 0),
    known: Spectral | None = None,
) -> Spectral:
    """Return a convolution through transforms of the picture's own size, with room, or of tiles of `length`.

    Of a `tile` that is not there, it is the last along that axis. What was `known` before is returned itself
    where nothing of it changed, with all that was worked out of it. Raises `WindowError` where the kernel
    does not fit into the picture, or into a tile.

    >>> seen = spectral(np.ones((6, 6)), np.ones((3, 3), np.float32))
    >>> seen.size, int(seen.went_around.sum()), seen.output.shape
    ((6, 6), 20, (4, 4))
    """
    x = np.asarray(picture, np.float32)
    # Before a length is made of it: the kernel has to fit.
    Window(kernel.shape).output_shape(x.shape)
    size = {
        "none": x.shape,
        "linear": tuple(n + span - 1 for n, span in zip(x.shape, kernel.shape, strict=True)),
        "tiles": (length, length),
    }[room]
    if known is not None and _same(known, x, kernel, room, size):
        stages, kernel = known.stages, known.kernel
        if known.tile == _inside(stages, tile):
            return known
    else:
        stages = conv_stages(x[None, None], kernel[None, None], method="fft", tile=size)
    return Spectral(x, kernel, room, stages, _inside(stages, tile))


def _same(
    known: Spectral, picture: NDArray[Any], kernel: NDArray[Any], room: Room, size: tuple[int, ...]
) -> bool:
    """Tell whether what is known was made of the same arrays by the same transforms."""
    return (
        known.room == room
        and known.size == size
        and np.array_equal(known.picture, picture)
        and np.array_equal(known.kernel, kernel)
    )


def _inside(stages: FftStages, tile: tuple[int, int]) -> tuple[int, int]:
    """Return the tile, or the last one along each axis where there are not as many."""
    down, across = (min(at, most - 1) for at, most in zip(tile, stages.input_tiles.shape[2:4], strict=True))
    return down, across
