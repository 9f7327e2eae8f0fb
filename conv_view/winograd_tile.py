"""One tile followed through Winograd's filtering: every matrix between the picture and the outputs."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import WindowError, WinogradStages, conv, conv_stages
from conv_core.methods.transforms import along

MOST_POINT = 1000  # numerator and denominator of a point
ENDLESS = ("∞", "inf", "infinity")


@dataclass(frozen=True, eq=False)
class Followed:
    """A picture (1, C, *spatial) and a kernel (1, C, *r), all their stages, and which tile is looked at."""

    x: NDArray[np.float32]
    weight: NDArray[np.float32]
    stages: WinogradStages
    tile: tuple[int, ...]
    points: tuple[Fraction, ...] | None = None
    row: int = 0  # along one axis, of which row of the picture the signal is

    @property
    def rank(self) -> int:
        """Along how many axes the kernel slides."""
        return len(self.tile)

    @property
    def m(self) -> int:
        """Outputs of a tile along an axis."""
        return self.stages.m[0]

    @property
    def r(self) -> int:
        """Taps of the kernel along an axis."""
        return self.stages.r[0]

    @property
    def n(self) -> int:
        """Cells of a tile along an axis."""
        return self.m + self.r - 1

    @property
    def channels(self) -> int:
        """Channels of the picture."""
        return self.x.shape[1]

    @property
    def tiles(self) -> tuple[int, ...]:
        """How many tiles there are along each axis."""
        return self.stages.input_tiles.shape[2 : 2 + self.rank]

    @cached_property
    def matrices(self) -> dict[str, NDArray[np.float64]]:
        """A^T, G and B^T as numbers."""
        return {
            name: each.astype(np.float64)
            for name, each in zip(("AT", "G", "BT"), self.stages.matrices[0], strict=True)
        }

    @cached_property
    def steps(self) -> dict[str, NDArray[Any]]:
        """What the acts of the story show, by panel; channels first where there are several.

        Along one axis the vectors stand upright, as one column each.
        """
        collect, evaluate, prepare = self.stages.matrices[0]
        stages, at = self.stages, (slice(None), *self.tile)
        tile, weight, products = stages.input_tiles[0][at], self.weight[0], stages.products[0, 0][self.tile]
        outputs = stages.output_tiles[0, 0][self.tile]
        found = {
            "d": tile,
            "V": stages.data_tiles[0][at],
            "kernel": weight,
            "U": stages.kernel_tiles[0],
            "M": products,
            "Y": outputs,
            "direct": self.direct,
            "minus": -self.direct,
            "difference": outputs.astype(np.float64) - self.direct,
        }
        if self.rank == 2:
            found |= {
                "BTd": along(prepare, tile, 1),
                "Gg": along(evaluate, weight, 1),
                "ATM": along(collect, products, 0),
            }
        # A single channel needs no axis of its own, a vector wants to be a column.
        flat = {
            name: each[0] if each.ndim > self.rank and len(each) == 1 else each
            for name, each in found.items()
        }
        return {name: each[..., None] for name, each in flat.items()} if self.rank == 1 else flat

    @cached_property
    def direct(self) -> NDArray[np.float64]:
        """The outputs of the tile as sums of products, in float64; of a ragged tile those outside too."""
        at = (slice(None), *self.tile)
        tile = self.stages.input_tiles[0][at][None].astype(np.float64)
        return conv(tile, self.weight.astype(np.float64), method="direct")[0, 0]

    @property
    def inside(self) -> tuple[int, ...]:
        """How many outputs of the tile lie inside the result along each axis: fewer than m at its end."""
        out = self.stages.output.shape[2:]
        return tuple([min(self.m, size - self.m * at) for size, at in zip(out, self.tile, strict=True)])

    @property
    def beyond(self) -> tuple[int, ...]:
        """How many cells the last tile reaches beyond the picture along each axis."""
        return tuple(
            [
                max(0, count * self.m + self.r - 1 - size)
                for count, size in zip(self.tiles, self.x.shape[2:], strict=True)
            ]
        )

    @property
    def name(self) -> str:
        """F(2, 3), or F(2 × 2, 3 × 3)."""
        return named(self.m, self.r, self.rank)


def named(m: int, r: int, rank: int) -> str:
    """Return how the literature calls a tile of m outputs and a kernel of r taps along each axis.

    >>> named(4, 3, 2)
    'F(4×4, 3×3)'
    """
    return f"F({'×'.join([str(m)] * rank)}, {'×'.join([str(r)] * rank)})"


def follow(
    x: NDArray[np.float32],
    weight: NDArray[np.float32],
    m: int,
    tile: Sequence[int],
    points: tuple[Fraction, ...] | None = None,
    row: int = 0,
) -> Followed:
    """Return the stages of a picture (1, C, *spatial) and a kernel (1, C, *r), looking at one tile.

    A `tile` below 0 along an axis is the middle one, one beyond the last is the last. `WindowError` for a
    kernel that does not fit the picture and for points that cannot be used.
    """
    stages = conv_stages(x, weight, method="winograd", m=m, points=points)
    tiles = stages.input_tiles.shape[2 : 2 + len(stages.m)]
    at = tuple(
        [count // 2 if place < 0 else min(place, count - 1) for place, count in zip(tile, tiles, strict=True)]
    )
    return Followed(x, weight, stages, at, points, row)


def read_points(text: str, needed: int) -> tuple[Fraction, ...] | None:
    """Return the points that a text names, None for an empty one; `WindowError` for what names none.

    Fractions stand apart by spaces or commas; a last ∞ may be written, it is there in any case.

    >>> read_points("0, 1 −1, 1/2 ∞", 4)
    (Fraction(0, 1), Fraction(1, 1), Fraction(-1, 1), Fraction(1, 2))
    """
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace("、", " ").replace(",", " ").split()
    if plain and plain[-1].lower() in ENDLESS:
        plain.pop()
    if not plain:
        return None
    try:
        points = [Fraction(each) for each in plain]
    except (ValueError, ZeroDivisionError):
        raise WindowError("winograd_points", needed=needed, given=" ".join(plain)) from None
    if len(points) != needed or len(set(points)) != needed:
        raise WindowError("winograd_points", needed=needed, given=", ".join(map(str, points)))
    for point in points:
        if max(abs(point.numerator), point.denominator) > MOST_POINT:
            raise PointError(point=str(point), most=MOST_POINT)
    return tuple(points)


class PointError(ValueError):
    """A point whose powers leave the numbers behind: `numbers` fill its sentence."""

    def __init__(self, **numbers: object) -> None:
        super().__init__("winograd.point_large")
        self.numbers = numbers


class TapsError(ValueError):
    """A kernel that does not have the taps that the tile is made for: `numbers` fill its sentence."""

    def __init__(self, **numbers: object) -> None:
        super().__init__("winograd.taps")
        self.numbers = numbers


def verified(matrices: tuple[NDArray[Any], NDArray[Any], NDArray[Any]]) -> int:
    """Return on how many pairs of basis vectors (AT, G, BT) are the convolution, in exact fractions.

    Both sides are linear in the data and in the filter: what holds for all n * r pairs holds for all
    numbers. Returns 0 as soon as one pair disagrees.

    >>> from conv_core import winograd_matrices
    >>> verified(winograd_matrices(2, 3))
    12
    """
    AT, G, BT = matrices
    (m, n), r = AT.shape, G.shape[1]
    for tap in range(r):
        for cell in range(n):
            made = [sum(AT[i, k] * G[k, tap] * BT[k, cell] for k in range(n)) for i in range(m)]
            if made != [int(i + tap == cell) for i in range(m)]:
                return 0
    return prod((n, r))
