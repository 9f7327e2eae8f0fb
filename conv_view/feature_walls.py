"""Feature maps as walls: their order, a page of them, one over the picture, and filters as pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from conv_view.feature_nets import is_flat, seen
from conv_view.pictures import averaged
from conv_view.stage.bundle import palette

A_PAGE, A_GRID, MOST_GRID = 64, 1024, 1280
LONGEST = 40
"""Cells along a side of a map on the wall; larger maps are averaged there."""

BY_INDEX, BY_STRENGTH = "index", "strength"
SORTS = (BY_INDEX, BY_STRENGTH)


@dataclass(frozen=True, eq=False)
class Maps:
    """What a layer gives, (C, H, W), or (F,) where it gives single numbers."""

    layer: str
    values: NDArray[np.float32]
    _made: dict[bytes, NDArray[np.float32]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, layer: str, given: NDArray[np.float32]) -> Maps:
        """The maps of the one picture that went through, (1, C, *spatial) or (1, F).

        >>> Maps.of("pool", np.zeros((1, 5, 1, 1), np.float32)).is_flat
        True
        """
        return cls(layer, given[0].reshape(-1) if is_flat(given.shape) else given[0])

    @property
    def is_flat(self) -> bool:
        """Whether they are single numbers."""
        return self.values.ndim == 1

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def strengths(self) -> NDArray[np.float32]:
        """The mean of the absolute values of each map."""
        absolute = np.abs(self.values)
        return np.asarray(absolute if self.is_flat else absolute.mean(axis=(1, 2)))

    @cached_property
    def reach(self) -> float:
        """What the colours of the wall reach to: all but one value in 200 are within it."""
        absolute = np.abs(self.values).ravel()
        some = absolute[:: max(1, absolute.size // 100_000)]
        return float(np.quantile(some, 0.995)) or float(absolute.max()) or 1.0

    def order(self, sort: str) -> NDArray[np.int64]:
        """The numbers of the maps in the order of SORTS."""
        if sort == BY_STRENGTH:
            return np.argsort(-self.strengths, kind="stable")
        return np.arange(len(self))

    @property
    def a_page(self) -> int:
        """How many are shown together."""
        if not self.is_flat:
            return A_PAGE
        return len(self) if len(self) <= MOST_GRID else A_GRID

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-len(self) // self.a_page)

    def page(self, sort: str, number: int) -> NDArray[np.int64]:
        """The numbers of the maps on a page."""
        return self.order(sort)[number * self.a_page : (number + 1) * self.a_page]

    def small(self, shown: NDArray[np.int64]) -> NDArray[np.float32]:
        """Some maps as they are on the wall, at most LONGEST a side; of the last ones a copy is kept."""
        key = shown.tobytes()
        if key not in self._made:
            self._made.clear()
            self._made[key] = self._averaged(shown)
        return self._made[key]

    def _averaged(self, shown: NDArray[np.int64]) -> NDArray[np.float32]:
        values: NDArray[np.floating] = self.values[shown]
        for axis in (1, 2):
            if values.shape[axis] > LONGEST:
                values = np.moveaxis(averaged(np.moveaxis(values, axis, 0), LONGEST), 0, axis)
        return np.asarray(values, np.float32)

    def strongest(self, number: int) -> tuple[int, ...]:
        """Where a map is largest, (row, column), of several places the middlemost; of a number nothing."""
        if self.is_flat:
            return ()
        absolute = np.abs(self.values[number])
        places = np.argwhere(absolute == absolute.max())
        # Activations that are cut off are alike at many places: the one in the middle has no padding.
        far = np.abs(places - (np.array(absolute.shape) - 1) / 2).sum(axis=1)
        return tuple(int(place) for place in places[far.argmin()])


def across(count: int) -> int:
    """How many of so many single numbers stand in a row, at most 64, so that no row stays short.

    >>> across(1000), across(1024), across(10)
    (50, 64, 10)
    """
    return next(size for size in range(min(64, count), 0, -1) if count % size == 0)


def over(pixels: NDArray[np.uint8], values: NDArray[np.float32], side: int) -> NDArray[np.uint8]:
    """A picture in grey with a map (H, W) on it in the two colours of signed values, uint8 (3, side, side).

    >>> over(np.zeros((8, 8), np.uint8), np.eye(2, dtype=np.float32), 4).shape
    (3, 4, 4)
    """
    low, _, high = [_rgb(colour) for colour in palette()["diverging"]["light"]]
    grey = seen(pixels, side).astype(np.float32).mean(axis=0)
    rows, columns = ((np.arange(side) * size) // side for size in values.shape)
    large = values[rows][:, columns]
    share = 0.8 * np.minimum(1, np.abs(large) / (float(np.abs(values).max()) or 1.0))
    colour = np.where(large[None] > 0, high[:, None, None], low[:, None, None])
    mixed = (1 - share) * grey * 0.9 + share * colour
    return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)


def _rgb(colour: str) -> NDArray[np.float32]:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.float32)
