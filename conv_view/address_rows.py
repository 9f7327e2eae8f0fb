"""Rows of numbers in a link: kernel cells, a grid, a position; no Streamlit in here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from conv_view.address_fields import Cell, Field, Takes, between, decimal, finite, plain, whole

# A link escapes neither of these, nor minus and point.
SEPARATOR, TIMES = "_", "~"
FLOAT32_MOST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Ints(Field):
    """A row of whole numbers from low to high; `length` fixes how many, else from `shortest` to `longest`.

    >>> Ints("grid", (0,) * 6, low=0, high=255, length=6).write((0, 0, 0, 255, 7, 7))
    '0~3_255_7_7'
    """

    name: str
    default: tuple[int, ...]
    low: int
    high: int
    length: int | None = None
    longest: int = 1024
    quiet: bool = False
    shortest: int = 1

    def _takes(self) -> Takes:
        return "whole_row", {
            "count": _counts(self.length, self.shortest, self.longest), "low": self.low, "high": self.high
        }  # fmt: skip

    def _parse(self, text: str) -> tuple[int, ...]:
        cells = _unpack(text, whole, self.length or self.longest)
        return self._count([between(cell, self.low, self.high) for cell in cells])

    def _text(self, value: Sequence[int]) -> str:
        return _pack(str(cell) for cell in value)

    def _fit(self, value: Any) -> tuple[int, ...]:
        return self._count([min(max(int(cell), self.low), self.high) for cell in value])

    def _count(self, cells: list[int]) -> tuple[int, ...]:
        return _counted(cells, self.length, self.shortest, self.longest)


@dataclass(frozen=True)
class Numbers(Field):
    """A row of finite numbers that come back as exactly the same float32 values, as kernel cells must.

    `length` fixes how many, else there are 1 to `longest`; no number is further from zero than `limit`.
    `goes_with` is the name of the field, if any, that says how many there are axis by axis.

    >>> kernel = Numbers("kernel", (1.0,) * 4)
    >>> kernel.write((-1, 0.1, 0.1, 0.1)), kernel.read("1~3_-.5")
    ('-1_0.1~3', (1.0, 1.0, 1.0, -0.5))
    """

    name: str
    default: tuple[float, ...]
    length: int | None = None
    longest: int = 147
    limit: float = 1e9
    goes_with: str = ""

    def _takes(self) -> Takes:
        most = f"{self.limit:.0f}"
        return "row", {"count": _counts(self.length, 1, self.longest), "low": f"-{most}", "high": most}

    def _at_odds(self, values: Mapping[str, Any]) -> Takes | None:
        if not self.goes_with or len(values[self.name]) == (count := prod(values[self.goes_with])):
            return None
        return "shape", {"count": count, "shape": "×".join(map(str, values[self.goes_with]))}

    def _parse(self, text: str) -> tuple[float, ...]:
        return self._fit(_unpack(text, decimal, self.length or self.longest))

    def _text(self, value: Sequence[float]) -> str:
        return _pack(_shortest(cell) for cell in value)

    def _fit(self, value: Any) -> tuple[float, ...]:
        cells = [between(_single(cell), -self.limit, self.limit) for cell in value]
        return _counted(cells, self.length, 1, self.longest)


def _single(value: Any) -> float:
    """The nearest float32, as a float; raises ValueError where that is infinite."""
    number = finite(value)
    if abs(number) > FLOAT32_MOST:
        raise ValueError(value)
    return float(np.float32(number))


def _shortest(value: float) -> str:
    """The shortest text that reads back as the same float32."""
    return str(int(value)) if value == int(value) and abs(value) < 1e7 else plain(str(np.float32(value)))


def _counted(cells: list[Cell], length: int | None, shortest: int, longest: int) -> tuple[Cell, ...]:
    if len(cells) != length and (length is not None or not shortest <= len(cells) <= longest):
        raise ValueError(len(cells))
    return tuple(cells)


def _counts(length: int | None, shortest: int, longest: int) -> str:
    return str(length) if length is not None else f"{shortest}–{longest}"


def _pack(cells: Iterable[str]) -> str:
    """Join the cells; three or more equal neighbours become "cell~count"."""
    runs: list[tuple[str, int]] = []
    for cell in cells:
        if runs and runs[-1][0] == cell:
            runs[-1] = (cell, runs[-1][1] + 1)
        else:
            runs.append((cell, 1))
    return SEPARATOR.join(
        f"{cell}{TIMES}{count}" if count > 2 else SEPARATOR.join([cell] * count) for cell, count in runs
    )


def _unpack(text: str, parse: Callable[[str], Cell], most: int) -> list[Cell]:
    cells: list[Cell] = []
    for part in text.split(SEPARATOR, most):
        cell, times, count = part.partition(TIMES)
        repeat = whole(count) if times else 1
        # Before multiplying: "0~999999999" must not fill the memory.
        if not 1 <= repeat <= most - len(cells):
            raise ValueError(text)
        cells += [parse(cell)] * repeat
    return cells
