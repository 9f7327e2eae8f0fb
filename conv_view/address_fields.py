"""The kinds of values that a link can carry, each with its own short text; no Streamlit in here."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

WHOLE = re.compile(r"-?[0-9]{1,9}")
DECIMAL = re.compile(r"-?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(e-?[0-9]{1,2})?")
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
# A link escapes neither of these, nor minus and point.
SEPARATOR, TIMES = "_", "~"

Cell = TypeVar("Cell", int, float)


class Field(ABC):
    """One named value of a page, its default, and the text it has in a link."""

    name: str
    default: Any
    # A quiet value is part of the link, but changing it alone makes no entry for the browser's Back.
    quiet: bool = False

    def read(self, text: str) -> Any:
        """Parse what stood in an address; raises ValueError on anything that `write` would not write."""
        return self._parse(text)

    def write(self, value: Any) -> str:
        """The text of a legal value, such that `read` gives the same value back."""
        return self._text(value)

    def tidy(self, value: Any) -> Any:
        """Make a legal value of whatever a session holds: a cleared widget's None, a choice that is gone."""
        try:
            return self._fit(value)
        except (TypeError, ValueError, OverflowError):
            return self.default

    @abstractmethod
    def _parse(self, text: str) -> Any: ...

    @abstractmethod
    def _fit(self, value: Any) -> Any: ...

    def _text(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True)
class Int(Field):
    """A whole number from low to high, both included.

    >>> Int("stride", 1, low=1, high=8).read("3")
    3
    """

    name: str
    default: int
    low: int
    high: int
    quiet: bool = False

    def _parse(self, text: str) -> int:
        return _between(_whole(text), self.low, self.high)

    def _fit(self, value: Any) -> int:
        return min(max(int(value), self.low), self.high)


@dataclass(frozen=True)
class Number(Field):
    """A decimal number from low to high, kept as the nearest float32.

    >>> Number("sigma", 1.0, low=0.1, high=8).write(2.5)
    '2.5'
    """

    name: str
    default: float
    low: float
    high: float

    def _parse(self, text: str) -> float:
        return _between(_decimal(text), self.low, self.high)

    def _text(self, value: float) -> str:
        return _shortest(value)

    def _fit(self, value: Any) -> float:
        return min(max(_single(value), self.low), self.high)


@dataclass(frozen=True)
class Flag(Field):
    """A switch, "1" or "0" in a link.

    >>> Flag("flip").write(True)
    '1'
    """

    name: str
    default: bool = False

    def _parse(self, text: str) -> bool:
        if text not in ("0", "1"):
            raise ValueError(text)
        return text == "1"

    def _text(self, value: bool) -> str:
        return "1" if value else "0"

    def _fit(self, value: Any) -> bool:
        return self.default if value is None else bool(value)


@dataclass(frozen=True)
class Choice(Field):
    """One of a few options, by its own name.

    >>> Choice("mode", "zeros", ("zeros", "reflect")).tidy("gone")
    'zeros'
    """

    name: str
    default: str
    options: tuple[str, ...]

    def _parse(self, text: str) -> str:
        if text not in self.options:
            raise ValueError(text)
        return text

    def _fit(self, value: Any) -> str:
        return self._parse(value)


@dataclass(frozen=True)
class Text(Field):
    r"""A line of free text of at most `longest` characters; a longer one is cut, control characters go.

    >>> Text("sentence", longest=5).tidy("one\ntwo")
    'one t'
    """

    name: str
    default: str = ""
    longest: int = 300

    def _parse(self, text: str) -> str:
        if len(text) > self.longest:
            raise ValueError(text)
        return self._fit(text)

    def _fit(self, value: Any) -> str:
        return CONTROL.sub(" ", value)[: self.longest]


@dataclass(frozen=True)
class Ints(Field):
    """A row of whole numbers from low to high; `length` fixes how many, else there are 1 to `longest`.

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

    def _parse(self, text: str) -> tuple[int, ...]:
        cells = _unpack(text, _whole, self.length or self.longest)
        return _counted([_between(cell, self.low, self.high) for cell in cells], self.length, self.longest)

    def _text(self, value: Sequence[int]) -> str:
        return _pack(str(cell) for cell in value)

    def _fit(self, value: Any) -> tuple[int, ...]:
        return _counted(
            [min(max(int(cell), self.low), self.high) for cell in value], self.length, self.longest
        )


@dataclass(frozen=True)
class Numbers(Field):
    """A row of finite numbers that come back as exactly the same float32 values, as kernel cells must.

    `length` fixes how many, else there are 1 to `longest`; no number is further from zero than `limit`.

    >>> kernel = Numbers("kernel", (1.0,) * 4)
    >>> kernel.write((-1, 0.1, 0.1, 0.1)), kernel.read("1~3_-.5")
    ('-1_0.1~3', (1.0, 1.0, 1.0, -0.5))
    """

    name: str
    default: tuple[float, ...]
    length: int | None = None
    longest: int = 147
    limit: float = 1e9

    def _parse(self, text: str) -> tuple[float, ...]:
        return self._fit(_unpack(text, _decimal, self.length or self.longest))

    def _text(self, value: Sequence[float]) -> str:
        return _pack(_shortest(cell) for cell in value)

    def _fit(self, value: Any) -> tuple[float, ...]:
        cells = [_between(_single(cell), -self.limit, self.limit) for cell in value]
        return _counted(cells, self.length, self.longest)


def _whole(text: str) -> int:
    if not WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _decimal(text: str) -> float:
    if not DECIMAL.fullmatch(text):
        raise ValueError(text)
    return _single(text)


def _single(value: Any) -> float:
    number = float(value)
    if not abs(number) < 3.4e38:  # NaN compares false
        raise ValueError(value)
    return float(np.float32(number))


def _shortest(value: float) -> str:
    """The shortest text that reads back as the same float32; without the plus sign, which a link escapes."""
    if value == int(value) and abs(value) < 1e7:
        return str(int(value))
    return str(np.float32(value)).removesuffix(".0").replace("e+", "e")


def _between(value: Cell, low: float, high: float) -> Cell:
    if not low <= value <= high:
        raise ValueError(value)
    return value


def _counted(cells: list[Cell], length: int | None, longest: int) -> tuple[Cell, ...]:
    if not 1 <= len(cells) <= longest or length not in (None, len(cells)):
        raise ValueError(len(cells))
    return tuple(cells)


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
        repeat = _whole(count) if times else 1
        # Before multiplying: "0~999999999" must not fill the memory.
        if not 1 <= repeat <= most - len(cells):
            raise ValueError(text)
        cells += [parse(cell)] * repeat
    return cells
