"""What the stories have in common: one step a cell of an array, looked up when it is asked for."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from math import prod
from typing import Generic, TypeVar

import numpy as np

Step = TypeVar("Step")


class Steps(ABC, Generic[Step]):
    """A sequence of steps, in the order of an array's memory, that computes nothing until it is indexed.

    Any step costs the same, forwards or back; negative indices count from the end, and beyond it is an
    `IndexError`.
    """

    @property
    @abstractmethod
    def _cells(self) -> tuple[int, ...]:
        """The shape of the array that has a step a cell."""

    @abstractmethod
    def _step(self, index: int, place: tuple[int, ...]) -> Step:
        """The step with this number, of the cell at this place."""

    def __len__(self) -> int:
        return prod(self._cells)

    def __iter__(self) -> Iterator[Step]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> Step:
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"step {index} of {count}")
        index %= count
        return self._step(index, tuple(int(at) for at in np.unravel_index(index, self._cells)))
