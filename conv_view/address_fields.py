"""The kinds of values that a link can carry, each with its own short text; no Streamlit in here."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

WHOLE = re.compile(r"-?[0-9]{1,9}")
DECIMAL = re.compile(r"-?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(e-?[0-9]{1,2})?")
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")

Cell = TypeVar("Cell", int, float)
Takes = tuple[str, dict[str, object]]


class Field(ABC):
    """One named value of a page, its default, and the text it has in a link."""

    name: str
    default: Any
    # A quiet value is part of the link, but changing it alone makes no entry for the browser's Back.
    quiet: bool = False
    # The name of another field, if any, without which the value says nothing.
    goes_with: str = ""

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

    def at_odds(self, values: Mapping[str, Any]) -> Takes | None:
        """Return what the value would have to be to agree with the one that it goes with, if it does not."""
        return self._at_odds(values)

    def takes(self) -> Takes:
        """What a link may say: the key of its text in notices.takes, and the numbers in that."""
        return self._takes()

    def _at_odds(self, values: Mapping[str, Any]) -> Takes | None:
        return None

    @abstractmethod
    def _takes(self) -> Takes: ...

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

    def _takes(self) -> Takes:
        return "whole", {"low": self.low, "high": self.high}

    def _parse(self, text: str) -> int:
        return between(whole(text), self.low, self.high)

    def _fit(self, value: Any) -> int:
        return min(max(int(value), self.low), self.high)


@dataclass(frozen=True)
class Number(Field):
    """A decimal number from low to high.

    >>> Number("sigma", 1.0, low=0.1, high=8).write(2.5)
    '2.5'
    """

    name: str
    default: float
    low: float
    high: float

    def _takes(self) -> Takes:
        return "number", {"low": plain(str(self.low)), "high": plain(str(self.high))}

    def _parse(self, text: str) -> float:
        return between(decimal(text), self.low, self.high)

    def _text(self, value: float) -> str:
        return plain(repr(value))

    def _fit(self, value: Any) -> float:
        return min(max(finite(value), self.low), self.high)


@dataclass(frozen=True)
class Flag(Field):
    """A switch, "1" or "0" in a link.

    >>> Flag("flip").write(True)
    '1'
    """

    name: str
    default: bool = False

    def _takes(self) -> Takes:
        return "options", {"options": "0, 1"}

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

    def _takes(self) -> Takes:
        return "options", {"options": ", ".join(filter(None, self.options))}

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

    def _takes(self) -> Takes:
        return "text", {"longest": self.longest}

    def _parse(self, text: str) -> str:
        if len(text) > self.longest:
            raise ValueError(text)
        return self._fit(text)

    def _fit(self, value: Any) -> str:
        return CONTROL.sub(" ", value)[: self.longest]


def whole(text: str) -> int:
    """Parse a whole number of at most nine digits; raises ValueError."""
    if not WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def decimal(text: str) -> float:
    """Parse a finite decimal number, also with an exponent; raises ValueError."""
    if not DECIMAL.fullmatch(text):
        raise ValueError(text)
    return finite(text)


def finite(value: Any) -> float:
    """Convert to a finite float; raises ValueError or TypeError."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def plain(number: str) -> str:
    """Shorten the text of a number: no point where none is needed, no plus sign, which a link would escape.

    >>> plain("2.0"), plain("1e+20")
    ('2', '1e20')
    """
    return number.removesuffix(".0").replace("e+", "e")


def between(value: Cell, low: float, high: float) -> Cell:
    """Return the value if it is from low to high; raises ValueError."""
    if not low <= value <= high:
        raise ValueError(value)
    return value
