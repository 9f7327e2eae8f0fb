"""The matrices of Winograd's minimal filtering, made by Toom and Cook's method over exact fractions."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import count, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.axes import whole
from conv_core.errors import WindowError

Matrices = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]


def points(number: int) -> tuple[Fraction, ...]:
    """The first points at which polynomials are evaluated: 0, then small fractions with short binary digits.

    0, 1, -1, 2, -2, 1/2, -1/2 as in the literature; then 4 with -1/4, 3/4 with -4/3 and so on: a point beside
    its negative reciprocal keeps the entries of the matrices even, and with them the rounding errors small
    (Barabasz et al. 2018, section 5; of some twenty orders tried this had the least error from m = 8 on).

    >>> [str(point) for point in points(9)]
    ['0', '1', '-1', '2', '-2', '1/2', '-1/2', '4', '-1/4']
    """
    return tuple(islice(_all_points(), number))


def _all_points() -> Iterator[Fraction]:
    yield Fraction(0)
    yield from map(Fraction, ("1", "-1", "2", "-2", "1/2", "-1/2"))
    for size in map(Fraction, ("4", "3/4", "-4", "-3/4", "3/2", "-3/2")):
        yield from (size, -1 / size)
    for whole_number in count(3):
        if whole_number != 4:
            for size in (Fraction(whole_number), Fraction(-whole_number)):
                yield from (size, -1 / size)


def winograd_matrices(m: int, r: int, points: Sequence[Fraction | int] | None = None) -> Matrices:
    """The matrices (AT, G, BT) of F(m, r): m outputs of a filter of r taps with m + r - 1 products.

    Object arrays of exact fractions: AT (m, n), G (n, r), BT (n, n), with n = m + r - 1, such that
    AT @ ((G @ g) * (BT @ d)) is the correlation of the data d (n,) with the filter g (r,). `points` are the
    n - 1 distinct numbers at which the polynomials are evaluated; the last one is always infinity.
    `WindowError` for sizes below 1, and for points that are too few, too many or not distinct.

    Transposed Toom-Cook: G evaluates the filter's polynomial, AT is the transpose of evaluating the other
    factor, BT the transpose of interpolation (Lavin and Gray 2016, section 4.1; Barabasz et al. 2018,
    equation 8). Row j of BT holds the coefficients of M(x) / (x - a_j), the last one those of M(x), the
    product of all (x - a_j); row j of G is divided by what the former is at a_j.

    >>> AT, G, BT = winograd_matrices(2, 3)
    >>> [[str(cell) for cell in row] for row in BT]
    [['1', '0', '-1', '0'], ['0', '1', '1', '0'], ['0', '-1', '1', '0'], ['0', '-1', '0', '1']]
    """
    outputs, taps = whole("m", m), whole("r", r)
    if outputs < 1 or taps < 1:
        raise WindowError("winograd_size", m=outputs, r=taps)
    size = outputs + taps - 1
    at = _checked(points, size - 1)
    found = _matrices(outputs, taps, at)
    return tuple([matrix.copy() for matrix in found])  # type: ignore[return-value]


def _checked(given: Sequence[Fraction | int] | None, needed: int) -> tuple[Fraction, ...]:
    if given is None:
        return points(needed)
    try:
        at = tuple([Fraction(point) for point in given])
    except (TypeError, ValueError, OverflowError):
        raise WindowError("winograd_points", needed=needed, given=str(list(given))) from None
    if len(at) != needed or len(set(at)) != needed:
        raise WindowError("winograd_points", needed=needed, given=", ".join(map(str, at)))
    return at


@cache
def _matrices(m: int, r: int, at: tuple[Fraction, ...]) -> Matrices:
    n = m + r - 1
    AT = np.full((m, n), Fraction(0), object)
    G = np.full((n, r), Fraction(0), object)
    BT = np.full((n, n), Fraction(0), object)
    for j, point in enumerate(at):
        others = [other for other in at if other != point]
        basis = _product(others)
        scale = _value(basis, point)
        # Both rows may change their sign together; the papers print the first of BT with a positive start.
        sign = -1 if j == 0 and basis[0] < 0 else 1
        AT[:, j] = [point**i for i in range(m)]
        G[j] = [sign * point**k / scale for k in range(r)]
        BT[j, : n - 1] = [sign * coefficient for coefficient in basis]
    AT[m - 1, n - 1] = Fraction(1)
    G[n - 1, r - 1] = Fraction(1)
    BT[n - 1] = _product(at)
    return AT, G, BT


def _product(roots: Sequence[Fraction]) -> list[Fraction]:
    """Coefficients, the constant first, of the product of all (x - root)."""
    coefficients = [Fraction(1)]
    for root in roots:
        shifted = [Fraction(0), *coefficients]
        coefficients = [
            high - root * low for high, low in zip(shifted, [*coefficients, Fraction(0)], strict=True)
        ]
    return coefficients


def _value(coefficients: Sequence[Fraction], at: Fraction) -> Fraction:
    return sum((c * at**power for power, c in enumerate(coefficients)), Fraction(0))
