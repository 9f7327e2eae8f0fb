"""Numbers that count: what is computed with them is computed, and every operation is noted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass
class Tally:
    """How many multiplications and additions (subtractions among them) were done."""

    multiplies: int = 0
    adds: int = 0


class Number:
    """A number that notes in a tally each operation it takes part in.

    What costs nothing is not noted: to change a sign, to multiply by a constant 0, 1 or -1, to add a
    constant 0.
    """

    __slots__ = ("tally", "value")

    def __init__(self, value: Any, tally: Tally) -> None:
        self.value, self.tally = value, tally

    def __mul__(self, other: Any) -> "Number":
        if isinstance(other, Number):
            self.tally.multiplies += 1
            return Number(self.value * other.value, self.tally)
        if other not in (0, 1, -1):
            self.tally.multiplies += 1
        return Number(self.value * other, self.tally)

    __rmul__ = __mul__

    def __add__(self, other: Any) -> "Number":
        if isinstance(other, Number):
            self.tally.adds += 1
            return Number(self.value + other.value, self.tally)
        if other != 0:
            self.tally.adds += 1
        return Number(self.value + other, self.tally)

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Number":
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> "Number":
        return (-self).__add__(other)

    def __neg__(self) -> "Number":
        return Number(-self.value, self.tally)

    def __repr__(self) -> str:
        return f"Number({self.value!r})"


def numbers(values: ArrayLike, tally: Tally) -> NDArray[Any]:
    """An object array of numbers that count in `tally`.

    >>> tally = Tally()
    >>> (numbers([1, 2, 3], tally) * numbers([4, 5, 6], tally)).sum().value, tally
    (32, Tally(multiplies=3, adds=2))
    """
    given = np.asarray(values)
    made = np.empty(given.shape, object)
    for place in np.ndindex(*given.shape):
        made[place] = Number(given[place].item(), tally)
    return made


def plain(values: NDArray[Any]) -> NDArray[Any]:
    """The values of an array of numbers that count, as floats.

    >>> plain(numbers([1, 2], Tally()))
    array([1., 2.])
    """
    made = [each.value if isinstance(each, Number) else each for each in values.flat]
    return np.array(made, float).reshape(values.shape)
