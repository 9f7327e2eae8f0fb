"""Sums of products as LaTeX: with the names of the cells, with their numbers, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from conv_view.digits import written

IN_A_LINE = 6
MOST_NAMED = 9  # products that are written with the names of their cells
FIGURES = 6


def number(value: float) -> str:
    """Return a number with up to six figures.

    >>> number(-2 / 3), number(4.0)
    ('-0.666667', '4')
    """
    return written(value, FIGURES)


def sum_of(left: str, names: Sequence[str], factors: Sequence[Sequence[float]], total: float) -> str:
    r"""Return `left` as the sum of products, by name and by number, and their `total`, as aligned LaTeX.

    The total is told to be equal only where the printed products make the printed total.

    >>> sum_of("x", ["a b", "c d"], [(2.0, 3.0), (1.0, -4.0)], 2.0)
    '\\begin{aligned}x&=a b+c d\\\\&=2\\cdot 3+1\\cdot (-4)\\\\&=\\mathbf{2}\\end{aligned}'
    """
    if not names:
        return rf"{left}=\mathbf{{{number(total)}}}"
    named = [*names]
    if len(named) > MOST_NAMED:
        named = [*named[: MOST_NAMED - 2], r"\dots", named[-1]]
    products = [_product(term) for term in factors]
    printed = sum(float(np.prod([float(number(factor)) for factor in term])) for term in factors)
    # Half of the last figure that a number is printed with.
    equal = abs(printed - float(number(total))) <= 1e-9 * max(1.0, abs(total))
    sign = "=" if equal else r"\approx "
    lines = [*_lines(named, "="), *_lines(products, "="), rf"&{sign}\mathbf{{{number(total)}}}"]
    return rf"\begin{{aligned}}{left}" + r"\\".join(lines) + r"\end{aligned}"


def matrix(values: NDArray[np.float64]) -> str:
    r"""Return a matrix as LaTeX.

    >>> matrix(np.array([[1.0, -0.5]]))
    '\\begin{bmatrix}1&-0.5\\end{bmatrix}'
    """
    rows = r"\\".join("&".join(written(cell) for cell in row) for row in values)
    return rf"\begin{{bmatrix}}{rows}\end{{bmatrix}}"


def _product(factors: Sequence[float]) -> str:
    first, *others = (number(factor) for factor in factors)
    return r"\cdot ".join([_guarded(first), *(_guarded(other) for other in others)])


def _guarded(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def _lines(terms: Sequence[str], sign: str) -> list[str]:
    parts = ["+".join(terms[at : at + IN_A_LINE]) for at in range(0, len(terms), IN_A_LINE)]
    return [rf"&{sign}{parts[0]}", *(rf"&\quad+{part}" for part in parts[1:])]
