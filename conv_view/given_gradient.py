"""The gradient that a way back begins with: all ones, one cell, whole numbers by a seed, typed; as text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

ONES, ONE, RANDOM, ERROR, TYPED = KINDS = ("ones", "one", "random", "error", "typed")
MOST = 3  # the largest whole number that a seed draws
MOST_TEXT = 6000


class GradientTextError(ValueError):
    """A text that holds no gradient: `code` says why, `numbers` fill the sentence."""

    def __init__(self, code: str, **numbers: object) -> None:
        super().__init__(code)
        self.code, self.numbers = code, numbers


def given(
    kind: str, shape: Sequence[int], *, place: Sequence[int] = (), seed: int = 0
) -> NDArray[np.float32]:
    """Return a gradient (1, O, *out): "ones", "one" at `place` (o, *p, moved inside), or "random" by `seed`.

    >>> given("one", (1, 1, 2, 2), place=(0, 9, 0)).tolist()
    [[[[0.0, 0.0], [1.0, 0.0]]]]
    """
    if kind == RANDOM:
        return np.random.default_rng(seed).integers(-MOST, MOST + 1, shape).astype(np.float32)
    if kind == ONES:
        return np.ones(shape, np.float32)
    grad = np.zeros(shape, np.float32)
    grad[(0, *(min(at, size - 1) for at, size in zip(place, shape[1:], strict=True)))] = 1
    return grad


def read(text: str) -> NDArray[np.float32]:
    r"""Return the gradient (1, O, rows, columns) that a text holds; GradientTextError where it holds none.

    Cells stand apart by spaces or commas, rows by line breaks or semicolons, channels by empty lines.

    >>> read("1 0 −1; 2 0 −2").shape, read("1 2\n\n3 4").tolist()
    ((1, 1, 2, 3), [[[[1.0, 2.0]], [[3.0, 4.0]]]])
    """
    plain = unicodedata.normalize("NFKC", text[:MOST_TEXT]).replace("−", "-").strip()
    parts = [
        [re.split(r"[\s,]+", row.strip(" ,\t")) for row in re.split(r"[;\n]", part) if row.strip(" ,\t")]
        for part in re.split(r"\n\s*\n", plain)
    ]
    if not parts[0]:
        raise GradientTextError("empty")
    first: Any = parts[0]
    for part in parts:
        for number, row in enumerate(part, 1):
            if len(row) != len(first[0]):
                raise GradientTextError("ragged", row=number, given=len(row), expected=len(first[0]))
        if len(part) != len(first):
            raise GradientTextError("rows", given=len(part), expected=len(first))
    return np.array([[[[_cell(token) for token in row] for row in part] for part in parts]], np.float32)


def write(grad: NDArray[Any]) -> str:
    r"""Return a gradient (1, O, rows, columns) as the text that `read` reads.

    >>> write(np.array([[[[1.0, -0.5]], [[0.0, 2.0]]]], np.float32))
    '1  -0.5\n\n0  2'
    """
    return "\n\n".join(
        "\n".join("  ".join(f"{cell:.7g}" for cell in row) for row in part) for part in grad[0]
    )


def _cell(token: str) -> float:
    try:
        number = float(token)
    except ValueError as error:
        raise GradientTextError("cell", token=token[:24]) from error
    if not abs(number) <= 1e6:
        raise GradientTextError("cell", token=token[:24])
    return number
