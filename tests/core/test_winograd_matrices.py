"""The matrices of F(m, r): exact, as published, and for any points."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conv_core import winograd_matrices

# Lavin and Gray 2016, section 4.1 and 4.3, written out; those of F(2, 3) with the signs wincnn prints.
F23 = (
    [[1, 1, 1, 0], [0, 1, -1, 1]],
    [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]],
    [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]],
)
F43 = (
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
    [
        ["1/4", 0, 0],
        ["-1/6", "-1/6", "-1/6"],
        ["-1/6", "1/6", "-1/6"],
        ["1/24", "1/12", "1/6"],
        ["1/24", "-1/12", "1/6"],
        [0, 0, 1],
    ],
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ],
)


@pytest.mark.parametrize(("m", "published"), [(2, F23), (4, F43)])
def test_the_published_matrices(m, published):
    for ours, theirs in zip(winograd_matrices(m, 3), published, strict=True):
        assert ours.tolist() == [[Fraction(cell) for cell in row] for row in theirs]


def is_correlation(matrices, m, r):
    """Whether the matrices are right for every pair of basis vectors, and so, by linearity, for all."""
    AT, G, BT = matrices
    n = m + r - 1
    for place in range(n):
        for tap in range(r):
            data = [Fraction(int(cell == place)) for cell in range(n)]
            taps = [Fraction(int(cell == tap)) for cell in range(r)]
            left = [sum(G[j][k] * taps[k] for k in range(r)) for j in range(n)]
            right = [sum(BT[j][i] * data[i] for i in range(n)) for j in range(n)]
            made = [sum(AT[i][j] * left[j] * right[j] for j in range(n)) for i in range(m)]
            if made != [int(output + tap == place) for output in range(m)]:
                return False
    return True


@pytest.mark.parametrize("m", [1, 2, 3, 4, 6, 8, 12])
@pytest.mark.parametrize("r", [1, 2, 3, 5])
def test_they_are_exact_on_all_basis_pairs(m, r):
    assert is_correlation(winograd_matrices(m, r), m, r)


@given(
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    seed=st.lists(st.fractions(-5, 5, max_denominator=6), min_size=7, max_size=7, unique=True),
)
def test_any_distinct_points_will_do(sizes, seed):
    m, r = sizes
    assert is_correlation(winograd_matrices(m, r, seed[: m + r - 2]), m, r)


def test_a_caller_may_write_into_what_it_is_given():
    first = winograd_matrices(2, 3)[0]
    first[0, 0] = 99
    assert winograd_matrices(2, 3)[0][0, 0] == 1


def test_the_filter_of_the_matrices_is_numpys_correlation():
    AT, G, BT = (np.array(matrix, float) for matrix in winograd_matrices(4, 5))
    rng = np.random.default_rng(0)
    data, taps = rng.normal(size=8), rng.normal(size=5)
    assert np.allclose(AT @ ((G @ taps) * (BT @ data)), np.correlate(data, taps, "valid"), atol=1e-12)
