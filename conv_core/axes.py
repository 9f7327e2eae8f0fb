"""Arguments that are given once for all axes, or once per axis, in the one form the rest works with."""

from collections.abc import Sequence
from operator import index
from typing import Any, TypeAlias

from conv_core.errors import WindowError

PerAxis: TypeAlias = int | Sequence[int]
"""A whole number for every axis, or one for each."""

Pairs: TypeAlias = tuple[tuple[int, int], ...]
"""Cells added (before, after) along each axis."""

Padding: TypeAlias = int | str | Sequence[int] | Sequence[tuple[int, int]]
"""Anything that says how much padding there is: see `parse_padding`."""

SAME = ("same", "same_lower")
PADDING_WORDS = ("valid", *SAME)


def length_of(value: Any) -> int | None:
    """How many axes an argument was given for, or None if it was given once for all of them.

    >>> length_of((3, 3)), length_of(3), length_of("same")
    (2, None, None)
    """
    if isinstance(value, str) or not hasattr(value, "__len__") or getattr(value, "shape", None) == ():
        return None
    return len(value)


def whole(name: str, value: Any) -> int:
    """A whole number out of any kind of integer; `WindowError` for anything else."""
    try:
        return index(value)
    except TypeError:
        raise WindowError("not_an_integer", name=name, value=repr(value)) from None


def per_axis(name: str, value: Any, rank: int) -> tuple[int, ...]:
    """One whole number per axis; `WindowError` if they are of another number or kind.

    >>> per_axis("stride", 2, rank=3), per_axis("stride", (1, 2), rank=2)
    ((2, 2, 2), (1, 2))
    """
    given = length_of(value)
    if given is None:
        return (whole(name, value),) * rank
    if given != rank:
        raise WindowError("axes_count", name=name, given=given, rank=rank)
    return tuple([whole(name, entry) for entry in value])


def at_least_one(code: str, name: str, values: tuple[int, ...]) -> tuple[int, ...]:
    """The same values; `WindowError` for the first axis with less than 1."""
    for axis, value in enumerate(values):
        if value < 1:
            raise WindowError(code, axis=axis, **{name: value})
    return values


def parse_padding(value: Any, rank: int) -> Pairs | str:
    """(before, after) per axis, or one of the two words that need the input's size: same, same_lower.

    Takes an integer, one per axis, pairs, or a mixture of the last two, and "valid" for none at all.

    >>> parse_padding(1, rank=2)
    ((1, 1), (1, 1))
    >>> parse_padding((2, (0, 1)), rank=2)
    ((2, 2), (0, 1))
    >>> parse_padding("valid", rank=1), parse_padding("same", rank=1)
    (((0, 0),), 'same')
    """
    if isinstance(value, str):
        if value not in PADDING_WORDS:
            raise WindowError("padding_word", value=repr(value), known=", ".join(PADDING_WORDS))
        return ((0, 0),) * rank if value == "valid" else value
    given = length_of(value)
    if given is None:
        entries: Sequence[Any] = (value,) * rank
    elif given != rank:
        raise WindowError("axes_count", name="padding", given=given, rank=rank)
    else:
        entries = value
    pairs = tuple([_pair(entry) for entry in entries])
    for axis, (before, after) in enumerate(pairs):
        if before < 0 or after < 0:
            raise WindowError("padding_negative", axis=axis, before=before, after=after)
    return pairs


def padded_sizes(spatial: Sequence[int], pads: Pairs) -> tuple[int, ...]:
    """The sizes with what is added before and after along each axis.

    >>> padded_sizes((5, 6), ((1, 1), (0, 2)))
    (7, 8)
    """
    return tuple([size + before + after for size, (before, after) in zip(spatial, pads, strict=True)])


def _pair(entry: Any) -> tuple[int, int]:
    if length_of(entry) is None:
        both = whole("padding", entry)
        return both, both
    before, after = per_axis("padding", entry, rank=2)
    return before, after
