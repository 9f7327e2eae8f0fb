"""A small matrix of fractions times the vectors along one axis, with no operation that can be spared."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Term = tuple[Fraction, Any]


def along(matrix: NDArray[Any], values: NDArray[Any], axis: int) -> NDArray[Any]:
    """`matrix` (rows, n) of fractions applied to `values` (..., n, ...) along `axis`, in their own type.

    Zeros are passed over, 1 and -1 multiply nothing, terms with one factor are summed before they are
    multiplied, and what belongs to a point and to its negative is shared: their rows differ only in the sign
    of every other entry, so that both are made of one even and one odd part (of columns: the inputs' sum and
    difference). Object arrays stay exact.

    >>> from conv_core.methods.toom_cook import winograd_matrices
    >>> along(winograd_matrices(2, 3)[2], np.array([1.0, 2.0, 3.0, 4.0]), 0)
    array([-2.,  5.,  1.,  2.])
    """
    vectors = list(np.moveaxis(values, axis, 0))
    pairs = _mirrored(matrix.T)
    rows = _by_columns(matrix, vectors, pairs) if pairs else _by_rows(matrix, vectors)
    return np.stack([np.asarray(row, values.dtype) for row in rows], axis=axis)


def along_all(matrices: Sequence[NDArray[Any]], values: NDArray[Any]) -> NDArray[Any]:
    """One matrix for each of the last axes: nested, as a transform of two axes is one of rows and columns."""
    for place, matrix in enumerate(matrices):
        values = along(matrix, values, values.ndim - len(matrices) + place)
    return values


def _mirrored(matrix: NDArray[Any]) -> list[tuple[int, int]]:
    """Pairs of rows, one the other with the sign of every other entry changed (and perhaps of all)."""
    signs = np.array([(-1) ** place for place in range(matrix.shape[1])], object)
    pairs, free = [], list(range(len(matrix)))
    while free:
        first = free.pop(0)
        if not (matrix[first] * (signs - 1)).any() or not (matrix[first] * (signs + 1)).any():
            continue  # all even or all odd: nothing to share
        turned = matrix[first] * signs
        for second in free:
            if (matrix[second] == turned).all() or (matrix[second] == -turned).all():
                pairs.append((first, second))
                free.remove(second)
                break
    return pairs


def _by_rows(matrix: NDArray[Any], vectors: list[Any]) -> list[Any]:
    partner = dict(_mirrored(matrix))
    rows: dict[int, Any] = {}
    for place, row in enumerate(matrix):
        if place in rows:
            continue
        terms = list(zip(row, vectors, strict=True))
        if place not in partner:
            rows[place] = _sum(terms)
            continue
        even, odd = _sum(terms[0::2]), _sum(terms[1::2])
        rows[place] = even + odd
        other = matrix[partner[place]]
        same = all(other[0::2] == row[0::2])
        rows[partner[place]] = even - odd if same else odd - even
    return [rows[place] for place in range(len(matrix))]


def _by_columns(matrix: NDArray[Any], vectors: list[Any], pairs: list[tuple[int, int]]) -> list[Any]:
    paired = {place for pair in pairs for place in pair}
    both = [
        (first, vectors[first] + vectors[second], vectors[first] - vectors[second]) for first, second in pairs
    ]
    seconds = dict(pairs)
    rows = []
    for row in matrix:
        terms = [(row[place], each) for place, each in enumerate(vectors) if place not in paired]
        terms += [(row[at], total if row[at] == row[seconds[at]] else rest) for at, total, rest in both]
        rows.append(_sum(terms))
    return rows


def _sum(terms: Sequence[Term]) -> Any:
    """The sum of factor * vector, with one multiplication for each size of factor other than 1."""
    sizes: dict[Fraction, list[Term]] = {}
    for factor, vector in terms:
        if factor:
            sizes.setdefault(abs(factor), []).append((factor, vector))
    total: Any = None
    for size, group in sizes.items():
        group = sorted(group, key=lambda term: term[0] < 0)
        negative = group[0][0] < 0
        part = group[0][1]
        for factor, vector in group[1:]:
            part = part + vector if (factor < 0) == negative else part - vector
        if size != 1:
            part = part * _number(size, part)
        if total is None:
            total = -part if negative else part
            continue
        total = total - part if negative else total + part
    return 0 * terms[0][1] if total is None else total


def _number(factor: Fraction, like: Any) -> Any:
    """A factor as a number of an array's type; objects take the fraction itself."""
    dtype = getattr(like, "dtype", None)
    return factor if dtype is None or dtype.kind == "O" else dtype.type(float(factor))
