"""Why Winograd's filtering works: polynomials, the points at which they are evaluated, a proof by trying."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from conv_view.address import State
from conv_view.controls.winograd import Shown
from conv_view.digits import told
from conv_view.text import Words
from conv_view.winograd_tile import Followed, verified


def show(words: Words, state: State, shown: Shown) -> None:
    """Show the polynomial view with the matrices of the chosen tile, and check them."""
    tile = shown.tile
    m, r, n = tile.m, tile.r, tile.n
    AT, G, BT = matrices = tile.stages.matrices[0]
    left, right = st.columns([1, 1.15], gap="large")
    with left:
        st.markdown(words.say("winograd.why.polynomial", m=m, r=r, n=n, direct=m * r))
        st.markdown(words.say("winograd.why.transposed", m=m, n=n))
        if tile.rank == 2:
            sizes = {"products": n * n, "direct": m * m * r * r}
            st.markdown(words.say("winograd.why.nested", n=n, m=m, r=r, **sizes))
    with right:
        st.markdown(words[f"winograd.why.formula_{tile.rank}"])
        for name, each in (("A^T", AT), ("G", G), ("B^T", BT)):
            st.markdown(f"$$\n{name}={matrix(each)}\n$$")
    st.markdown(_table(words, tile))
    pairs = verified(matrices)
    if not pairs:
        st.markdown(words["winograd.why.wrong"])
        return
    st.markdown(words.say("winograd.why.verified", cells=n, taps=r, pairs=pairs))


def _table(words: Words, tile: Followed) -> str:
    """Return a row a point: what it is divided by, its rows of G and B^T, its column of A^T."""
    AT, G, BT = tile.stages.matrices[0]
    taps = tile.weight[0, 0] if tile.rank == 1 else tile.weight[0, 0, tile.r // 2]
    heads = [words[f"winograd.why.row_{name}"] for name in ("point", "norm", "g", "value", "bt", "at")]
    rows = []
    for j in range(tile.n):
        ends = j == tile.n - 1
        value = sum(float(part) * float(tap) for part, tap in zip(G[j], taps, strict=True))
        norm = "" if ends else f"${fraction(1 / G[j, 0])}$"
        rows.append(
            [
                r"$\infty$" if ends else f"${fraction(_point(AT, j))}$",
                norm,
                _row(list(G[j])),
                told(value),
                _row(list(BT[j])),
                _row(list(AT[:, j])),
            ]
        )
    table = [heads, ["---"] * len(heads), *rows]
    which = words[f"winograd.why.kernel_{'whole' if tile.rank == 1 else 'middle'}"]
    values = ", ".join(told(float(tap)) for tap in taps)
    note = words.say("winograd.why.kernel_row", which=which, values=values)
    turned = float(1 / G[0, 0]) != float(_norm(tile))
    notes = words.together([note, words["winograd.why.sign"] if turned else ""])
    return "\n".join(f"| {' | '.join(row)} |" for row in table) + f"\n\n{notes}"


def _point(AT: NDArray[Any], j: int) -> Fraction:
    """Return the point of a column of A^T, which holds its powers; with a single output there is only 1."""
    return Fraction(AT[1, j])


def _norm(tile: Followed) -> Fraction:
    """Return the product of the first point's distances to the others."""
    AT = tile.stages.matrices[0][0]
    points = [_point(AT, j) for j in range(tile.n - 1)]
    product = Fraction(1)
    for other in points[1:]:
        product *= points[0] - other
    return product


def _row(values: Sequence[Fraction]) -> str:
    return "$(" + r",\; ".join(fraction(value) for value in values) + ")$"


def matrix(values: NDArray[Any]) -> str:
    r"""Return a matrix of fractions as LaTeX.

    >>> import numpy as np
    >>> print(matrix(np.array([[Fraction(1, 2), Fraction(-1)]], object)))
    \def\arraystretch{1.35}\left[\begin{matrix}\tfrac{1}{2}&-1\end{matrix}\right]
    """
    rows = r"\\".join("&".join(fraction(value) for value in row) for row in values)
    kind = "matrix" if values.shape[1] < 7 else "smallmatrix"
    return rf"\def\arraystretch{{1.35}}\left[\begin{{{kind}}}{rows}\end{{{kind}}}\right]"


def fraction(value: Any) -> str:
    r"""Return a fraction as LaTeX.

    >>> print(fraction(Fraction(-1, 6)), fraction(Fraction(4)))
    -\tfrac{1}{6} 4
    """
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    sign = "-" if exact < 0 else ""
    return rf"{sign}\tfrac{{{abs(exact.numerator)}}}{{{exact.denominator}}}"
