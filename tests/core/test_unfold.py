"""Columns of windows against plain loops, and the way back as their exact adjoint."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conv_core import col2im, conv, copies, im2col
from tests import oracle
from tests.core.cases import cases, numbers

UNFOLDED = ("stride", "padding", "dilation", "padding_mode")


def keywords_of(case):
    return {name: case.keywords[name] for name in UNFOLDED}


def listed(case):
    """[(row, column, cell or None)] of one sample, by walking: channel, tap and position in their order."""
    _, channels, *spatial = case.x.shape
    kernel = case.weight.shape[2:]
    starts = [
        oracle.positions(before + size + after, taps, step, apart)
        for size, taps, step, apart, (before, after) in zip(
            spatial, kernel, case.stride, case.dilation, case.pads, strict=True
        )
    ]
    found = []
    rows = list(product(range(channels), *[range(size) for size in kernel]))
    places = list(product(*starts))
    for row, (channel, *tap) in enumerate(rows):
        for column, place in enumerate(places):
            cell = [
                oracle.source(start + t * apart - before, size, case.keywords["padding_mode"])
                for start, t, apart, (before, _), size in zip(
                    place, tap, case.dilation, case.pads, spatial, strict=True
                )
            ]
            found.append((row, column, None if None in cell else (channel, *cell)))
    return found, (len(rows), len(places))


@given(cases())
def test_every_column_is_the_window_that_a_loop_reads(case):
    found, shape = listed(case)
    columns = im2col(case.x, case.weight.shape[2:], **keywords_of(case))
    assert columns.dtype == case.x.dtype
    expected = np.zeros((case.x.shape[0], *shape), case.x.dtype)
    for row, column, cell in found:
        if cell is not None:
            expected[:, row, column] = case.x[(slice(None), *cell)]
    np.testing.assert_array_equal(columns, expected)


@given(cases(dtypes=("int8", "uint8", "int64", "bool")), st.integers(0, 2**32 - 1))
def test_the_way_back_is_the_adjoint_to_the_last_integer(case, seed):
    x = case.x.astype(np.int64)
    kernel, keywords = case.weight.shape[2:], keywords_of(case)
    columns = im2col(x, kernel, **keywords)
    grad = numbers(np.random.default_rng(seed), columns.shape, "int64")
    back = col2im(grad, x.shape[2:], kernel, **keywords)
    assert back.shape == x.shape
    assert back.dtype == np.int64
    assert (columns * grad).sum() == (x * back).sum()


@given(cases(dtypes=("float32", "float64")), st.integers(0, 2**32 - 1))
def test_the_way_back_adds_what_a_loop_adds(case, seed):
    found, shape = listed(case)
    grad = numbers(np.random.default_rng(seed), (case.x.shape[0], *shape), case.x.dtype)
    expected = np.zeros(case.x.shape, np.float64)
    counts = np.zeros(case.x.shape[1:], np.int64)
    for row, column, cell in found:
        if cell is not None:
            expected[(slice(None), *cell)] += grad[:, row, column]
            counts[cell] += 1
    kernel, keywords = case.weight.shape[2:], keywords_of(case)
    back = col2im(grad, case.x.shape[2:], kernel, **keywords)
    assert back.dtype == case.x.dtype
    np.testing.assert_allclose(back, expected, rtol=0, atol=1e-5 * max(1, counts.max()))
    for channel in counts:
        np.testing.assert_array_equal(copies(case.x.shape[2:], kernel, **keywords), channel)


@given(cases(dtypes=("int8", "int32", "bool")))
def test_dividing_by_the_copies_gives_the_input_back(case):
    kernel, keywords = case.weight.shape[2:], keywords_of(case)
    columns = im2col(case.x, kernel, **keywords)
    back = col2im(columns, case.x.shape[2:], kernel, **keywords)
    counts = copies(case.x.shape[2:], kernel, **keywords)
    np.testing.assert_array_equal(back, case.x.astype(np.int64) * counts)


@given(cases(dtypes=("int8", "int32")))
def test_rows_times_columns_is_the_convolution(case):
    groups = case.keywords["groups"]
    columns = im2col(case.x, case.weight.shape[2:], **keywords_of(case)).astype(np.int64)
    apart = columns.reshape(len(columns), groups, -1, columns.shape[2])
    rows = case.weight.reshape(groups, len(case.weight) // groups, -1).astype(np.int64)
    convolved = conv(case.x, case.weight, **case.keywords)
    np.testing.assert_array_equal((rows @ apart).reshape(convolved.shape), convolved)


def test_half_precision_is_summed_in_single_precision():
    # 2049 ones: float16 stops counting at 2048.
    columns = np.ones((1, 2050, 1), np.float16)
    assert col2im(columns, 2050, 2050)[0, 0].tolist() == [1.0] * 2050
    many = np.ones((1, 4, 2047), np.float16) * 600
    back = col2im(many, 2050, 4)
    assert back.dtype == np.float16
    assert back[0, 0, 100] == 2400


def test_whole_numbers_for_all_axes_and_one_for_each_mean_the_same():
    x = np.arange(2 * 3 * 6 * 6).reshape(2, 3, 6, 6)
    columns = im2col(x, 3, stride=2, padding=1)
    np.testing.assert_array_equal(columns, im2col(x, (3, 3), stride=(2, 2), padding=((1, 1), (1, 1))))
    back = col2im(columns, (6, 6), 3, stride=2, padding=1)
    np.testing.assert_array_equal(back, col2im(columns, 6, (3, 3), stride=2, padding=1))
    assert copies(6, 3).shape == (6,)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "float16"])
def test_a_copy_is_contiguous_and_its_own(dtype):
    x = np.ones((1, 1, 4, 4), dtype)
    columns = im2col(x, 1)
    assert columns.flags.c_contiguous
    assert columns.flags.writeable
    columns[:] = 0
    assert x.all()
