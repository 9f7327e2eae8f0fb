"""One output value on its way through each of four engines, as formulas with the numbers in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from conv_core.spectra import frequencies, whole_spectrum
from conv_view.digits import bracketed, written
from conv_view.four_ways import Ways

FEW = 3  # products in a line that are written large
MOST_TOLD = 9  # numbers of a vector that are all written out
WAVES = 3  # terms of the inverse transform that are written out beside the constant


def sliding(ways: Ways, place: Sequence[int]) -> str:
    r"""Return the sum over the window, product by product, as LaTeX.

    >>> from conv_view.four_ways import four_ways
    >>> ones = np.ones((1, 1, 2, 2), np.float32)
    >>> print(sliding(four_ways(ones, 2 * ones, m=2), (0, 0)))
    \begin{aligned}&2\cdot1+2\cdot1\\&+2\cdot1+2\cdot1=\mathbf{8}\end{aligned}
    """
    patch = ways.direct.windows[(0, 0, *place)].ravel()
    weight = ways.trace.weight[0, 0].ravel()
    terms = [
        rf"{_factor(w, at)}\cdot{bracketed(x)}" for at, (w, x) in enumerate(zip(weight, patch, strict=True))
    ]
    across = ways.trace.window.kernel[1]
    lines = ["+".join(terms[first : first + across]) for first in range(0, len(terms), across)]
    lines = [lines[0], *[f"+{line}" for line in lines[1:]]]
    result = _result(ways, "direct", place)
    return _aligned([*lines, result], "", small=True) if across > FEW else _aligned(lines, result)


def row_by_column(ways: Ways, place: Sequence[int]) -> str:
    """Return the kernel's row times one column of the column matrix, as LaTeX."""
    column = ways.im2col.columns[0, 0][:, _flat(ways, place)]
    row = ways.im2col.rows[0, 0]
    lines = [_row(_ends(row)), rf"\cdot\,{_row(_ends(column))}^{{\top}}"]
    return _aligned(lines, _result(ways, "im2col", place))


def entry(ways: Ways, place: Sequence[int]) -> tuple[str, str, str, str]:
    """Return as LaTeX a tile's transforms, their products, and the two rows of A^T that make a cell of them.

    Four formulas: U, V, their product M, and the cell as a row of A^T times M times a row of A^T. For a
    convolution that Winograd's filtering takes.
    """
    stages = ways.winograd
    assert stages is not None
    tile = tuple(at // size for at, size in zip(place, stages.m, strict=True))
    inner = tuple(at % size for at, size in zip(place, stages.m, strict=True))
    data, products = stages.data_tiles[(0, 0, *tile)], stages.products[(0, 0, *tile)]
    left, right = (
        np.array([float(each) for each in stages.matrices[axis][0][inner[axis]]]) for axis in (0, 1)
    )
    return (
        rf"U=G\,g\,G^{{\top}}={_matrix(stages.kernel_tiles[0, 0])}",
        rf"V=B^{{\top}}d\,B={_matrix(data)}",
        rf"M=U\odot V={_matrix(products)}",
        _aligned(
            [
                rf"\big(A^{{\top}}M\,A\big)_{{{inner[0]},{inner[1]}}}={_row(map(written, left))}\cdot M",
                rf"\cdot\,{_row(map(written, right))}^{{\top}}",
            ],
            _result(ways, "winograd", place),
        ),
    )


def from_waves(ways: Ways, place: Sequence[int]) -> tuple[str, int]:
    """Return the inverse transform at one place: the constant, the strongest waves, all others; and how many.

    A frequency and its opposite are one wave: their terms are conjugate, and make twice the real part.
    """
    stages = ways.fft
    n = stages.size
    at = [cell * stride for cell, stride in zip(place, ways.trace.window.stride, strict=True)]
    spectrum = whole_spectrum(stages.products[0, 0, 0, 0].astype(complex), n)
    down, across = (frequencies(size) for size in n)
    turns = np.exp(2j * np.pi * np.add.outer(down * at[0] / n[0], across * at[1] / n[1]))
    shares = (spectrum * turns).real / np.prod(n)
    middle = tuple((size - 1) // 2 for size in n)
    constant = float(shares[middle])
    waves = _waves(shares, down, across)
    waves.sort(key=lambda wave: -abs(wave[1]))
    named = waves[:WAVES]
    rest = sum(share for _, share in waves[WAVES:])
    parts = [rf"\underbrace{{{_short(constant)}}}_{{(0,0)}}"]
    for (row, col), share in named:
        parts.append(rf"\underbrace{{{_short(share, sign=True)}}}_{{\pm({row},{col})}}")
    if len(waves) > WAVES:
        parts.append(rf"\underbrace{{{_short(rest, sign=True)}}}_{{\ldots}}")
    total = int(np.prod(n))
    lines = [rf"\frac{{1}}{{{total}}}\sum_{{k}}\hat{{Y}}_k\,e^{{2\pi i\,k\cdot p/n}}", "=" + "".join(parts)]
    return _aligned(lines, _result(ways, "fft", place, about=True)), max(0, len(waves) - WAVES)


def _waves(
    shares: NDArray[np.float64], down: NDArray[np.int64], across: NDArray[np.int64]
) -> list[tuple[tuple[int, int], float]]:
    """Pair each frequency with its opposite; alone stay the constant, left out here, and what is its own."""
    found: dict[tuple[int, int], float] = {}
    sizes = len(down), len(across)
    for (row, col), share in np.ndenumerate(shares):
        place = int(down[row]), int(across[col])
        if place == (0, 0):
            continue
        down_to, right_to = (
            -at if -at in range(int(each[0]), int(each[-1]) + 1) else size - at
            for at, each, size in zip(place, (down, across), sizes, strict=True)
        )
        key = max(place, (down_to, right_to))
        found[key] = found.get(key, 0.0) + float(share)
    return list(found.items())


def _flat(ways: Ways, place: Sequence[int]) -> int:
    return int(np.ravel_multi_index(tuple(place), ways.trace.shape[2:]))


def _result(ways: Ways, engine: str, place: Sequence[int], *, about: bool = False) -> str:
    value = ways.output(engine)[tuple(place)]
    return rf"{chr(92) + 'approx' if about else '='}\mathbf{{{written(value, 9)}}}"


def _factor(weight: float, at: int) -> str:
    return bracketed(weight) if at else written(weight)


def _aligned(lines: Sequence[str], result: str, *, small: bool = False) -> str:
    """A formula in several lines that begin below each other, the result at the end of the last."""
    inner = r"\\".join(f"&{line}" for line in lines)
    return (r"\footnotesize" if small else "") + rf"\begin{{aligned}}{inner}{result}\end{{aligned}}"


def _ends(values: NDArray[np.floating]) -> list[str]:
    """The numbers of a vector, of a long one those at its ends."""
    told = [written(value, 3) for value in values]
    return told if len(told) <= MOST_TOLD else [*told[:3], r"\cdots", *told[-2:]]


def _short(value: float, *, sign: bool = False) -> str:
    return f"{value:{'+' if sign else ''}z.2f}"


def _row(cells: Iterable[str]) -> str:
    return rf"\begin{{pmatrix}}{'&'.join(cells)}\end{{pmatrix}}"


def _matrix(values: NDArray[np.floating]) -> str:
    large = len(values) > FEW + 1
    decimals = 2 if np.abs(values).max() >= 10 else 4
    told = [[_rounded(value, decimals) if large else written(value) for value in row] for row in values]
    rows = r"\\".join("&".join(row) for row in told)
    size = r"\footnotesize" if large else ""
    return rf"{size}\begin{{pmatrix}}{rows}\end{{pmatrix}}"


def _rounded(value: float, decimals: int) -> str:
    """A number with at most so many decimals, so that the columns of a large matrix stay narrow."""
    return f"{value:z.{decimals}f}".rstrip("0").rstrip(".")
