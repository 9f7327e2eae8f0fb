"""Pooling against plain loops, and each of its traps by itself."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_core import (
    Window,
    WindowError,
    adaptive_avg_pool,
    adaptive_bounds,
    avg_pool,
    global_avg_pool,
    global_max_pool,
    lp_pool,
    max_pool,
    max_unpool,
)
from tests import oracle_pool
from tests.core.cases import FLOATS, INTEGERS
from tests.core.sliding import pools

TOLERANCE = {"float16": 1e-3, "float32": 1e-6, "float64": 1e-14}


def line(*values, dtype=float):
    return np.array(values, dtype)[None, None]


def check_maximum(case):
    output, indices = max_pool(case.x, case.kernel, **case.keywords, return_indices=True)
    expected = case.expected(lambda read: oracle_pool.maximum(read, case.spatial))
    assert output.dtype == case.x.dtype
    assert indices.dtype == np.int64
    assert output.shape == indices.shape == expected.shape
    for place, (value, flat) in np.ndenumerate(expected):
        assert output[place] == value or value != value
        assert np.isnan(output[place]) == (value != value)
        assert indices[place] == flat
    assert np.array_equal(output, max_pool(case.x, case.kernel, **case.keywords), equal_nan=True)


@settings(max_examples=150)
@given(case=pools(FLOATS, special=True))
def test_maxima_of_floats_and_where_they_are(case):
    check_maximum(case)


@settings(max_examples=100)
@given(case=pools(INTEGERS))
def test_maxima_of_integers_keep_their_type(case):
    check_maximum(case)


@settings(max_examples=150)
@given(case=pools(FLOATS), include=st.booleans())
def test_averages_agree_with_plain_loops(case, include):
    output = avg_pool(case.x, case.kernel, **case.keywords, count_include_pad=include)
    expected = case.expected(lambda read: oracle_pool.average(read, include))
    assert output.dtype == case.x.dtype
    assert output.shape == expected.shape
    for place, (value, magnitude) in np.ndenumerate(expected):
        assert abs(float(output[place]) - value) <= TOLERANCE[case.x.dtype.name] * (magnitude + 1e-30)


@settings(max_examples=150)
@given(case=pools(FLOATS), p=st.sampled_from((1, 1.5, 2, 3)))
def test_norms_agree_with_plain_loops(case, p):
    output = lp_pool(case.x, p, case.kernel, **case.keywords)
    expected = case.expected(lambda read: oracle_pool.norm(read, p))
    assert output.dtype == case.x.dtype
    for place, value in np.ndenumerate(expected):
        assert abs(float(output[place]) - value) <= 2 * TOLERANCE[case.x.dtype.name] * (value + 1e-30)


@given(case=pools(INTEGERS))
def test_averages_and_norms_of_integers_are_float64(case):
    assert avg_pool(case.x, case.kernel, **case.keywords).dtype == np.float64
    assert lp_pool(case.x, 2, case.kernel, **case.keywords).dtype == np.float64


# Each trap by itself.


def test_what_hangs_over_is_not_in_the_divisor_but_explicit_padding_is():
    x = line(6, 6, 6, 6, 6)
    # Padded 0 6 6 6 6 6 0. Windows of 3: [0 6 6], [6 6 6], [6 6 0]; of 4: [0 6 6 6], [6 6 6 6], [6 6 0 -].
    assert avg_pool(x, 3, stride=2, padding=1)[0, 0].tolist() == [4, 6, 4]
    assert avg_pool(x, 4, stride=2, padding=1, ceil_mode=True)[0, 0].tolist() == [4.5, 6, 4]
    assert avg_pool(x, 4, stride=2, ceil_mode=True)[0, 0].tolist() == [6, 6]
    assert avg_pool(x, 4, stride=2, padding=1, ceil_mode=True, count_include_pad=False)[0, 0].tolist() == [
        6,
        6,
        6,
    ]


def test_a_window_that_starts_in_the_padding_behind_the_input_is_dropped():
    window = Window(2, stride=2, padding=1, ceil_mode=True)
    # 0 a b c 0: windows at -1, 1 and 3, of which the last begins behind the input.
    assert window.output_shape((3,)) == (2,)
    assert max_pool(line(1, 2, 3), 2, stride=2, padding=1, ceil_mode=True)[0, 0].tolist() == [1, 3]
    assert window.output_shape((4,)) == (3,)


def test_a_window_may_hang_over_even_if_it_is_the_only_one():
    assert max_pool(np.arange(4.0).reshape(1, 1, 2, 2), 3, stride=2, ceil_mode=True).tolist() == [[[[3]]]]
    with pytest.raises(WindowError, match="spans 3, but the padded input is 2"):
        max_pool(np.ones((1, 1, 2, 2)), 3, stride=2)
    with pytest.raises(WindowError, match="spans 3, but the padded input is 1"):
        max_pool(np.ones((1, 1, 1, 2)), 3, stride=2, ceil_mode=True)


def test_maxima_are_padded_with_minus_infinity_and_averages_with_zeros():
    x = line(-3, -2, -1)
    assert max_pool(x, 3, stride=1, padding=1)[0, 0].tolist() == [-2, -1, -1]
    assert avg_pool(x, 3, stride=1, padding=1)[0, 0].tolist() == [-5 / 3, -2, -1]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "bool", "float32"])
def test_padding_is_never_the_maximum_not_even_of_the_lowest_numbers(dtype):
    lowest = {"int8": -128, "uint8": 0, "bool": False, "float32": -np.inf}[dtype]
    values, indices = max_pool(
        line(lowest, lowest, lowest, dtype=dtype), 3, stride=1, padding=1, return_indices=True
    )
    assert values[0, 0].tolist() == [lowest] * 3
    assert indices[0, 0].tolist() == [0, 0, 1]


def test_of_equal_maxima_the_first_counts():
    x = np.array([[1, 5, 5], [5, 5, 1], [0, 0, 0]])[None, None]
    assert max_pool(x, 2, stride=1, return_indices=True)[1][0, 0].tolist() == [[1, 1], [3, 4]]


def test_nan_wins_and_of_several_the_last_is_found_as_in_torch():
    nan = float("nan")
    values, indices = max_pool(line(1, nan, 3, nan, 2, 0, 0, 0), 4, return_indices=True)
    assert np.array_equal(values[0, 0], [nan, 2], equal_nan=True)
    assert indices[0, 0].tolist() == [3, 4]
    assert np.isnan(avg_pool(line(1, nan, 3, 4), 2))[0, 0].tolist() == [True, False]
    assert np.isnan(lp_pool(line(1, nan, 3, 4), 2, 2))[0, 0].tolist() == [True, False]


def test_padding_is_at_most_half_the_window():
    assert max_pool(line(1, 2, 3), 2, stride=1, padding=1).shape == (1, 1, 4)
    for kernel, padding in ((1, 1), (2, 2), (3, 2), (3, (0, 2))):
        with pytest.raises(WindowError, match="more than half of a pooling window"):
            max_pool(np.ones((1, 1, 9)), kernel, padding=[padding] if isinstance(padding, tuple) else padding)


def test_padding_by_a_word_keeps_the_size_whatever_the_dilation():
    x = np.arange(7.0)[None, None]
    assert max_pool(x, 3, stride=1, padding="same", dilation=3).shape == x.shape
    assert avg_pool(x, 3, stride=2, padding="same").shape == (1, 1, 4)


def test_norms_are_of_absolute_values_as_in_onnx():
    assert lp_pool(line(-3, 4), 3, 2)[0, 0, 0] == pytest.approx((27 + 64) ** (1 / 3))
    assert lp_pool(line(-3, 4), 1, 2)[0, 0, 0] == 7


def test_a_norm_is_not_scaled_up_where_the_window_hangs_over():
    # torch gives 4 * (2 / 1) ** (1 / 2) for the last of these.
    assert lp_pool(line(3, 4, 4), 2, 2, ceil_mode=True)[0, 0].tolist() == [5, 4]


def test_without_a_stride_windows_lie_side_by_side():
    x = np.arange(12.0).reshape(1, 1, 3, 4)
    assert np.array_equal(max_pool(x, (3, 2)), max_pool(x, (3, 2), stride=(3, 2)))


def test_the_divisor_counts_the_cells_of_a_dilated_window():
    # Cells -1, 1 and 3: two of three are input.
    assert avg_pool(line(6, 6, 6, 6), 3, stride=9, padding=1, dilation=2)[0, 0].tolist() == [4]
    assert avg_pool(line(6, 6, 6, 6), 3, stride=9, padding=1, dilation=2, count_include_pad=False)[
        0, 0
    ].tolist() == [6]


def test_infinities_make_no_noise():
    with np.errstate(all="raise"):
        assert avg_pool(line(np.inf, -np.inf), 1)[0, 0].tolist() == [np.inf, -np.inf]
        assert np.isnan(avg_pool(line(np.inf, -np.inf), 2)[0, 0, 0])
        assert lp_pool(line(1e200, 1), 2, 2)[0, 0, 0] == np.inf


# Whole inputs.


@given(case=pools(("float64", "int16")))
def test_global_pooling_is_reducing(case):
    axes = tuple(range(2, case.x.ndim))
    assert np.array_equal(global_max_pool(case.x), case.x.max(axes, keepdims=True))
    assert np.allclose(global_avg_pool(case.x), case.x.mean(axes, keepdims=True), atol=1e-14)
    flat = case.x.reshape(*case.x.shape[:2], -1)
    values, indices = global_max_pool(case.x, return_indices=True)
    assert np.array_equal(indices.ravel(), flat.argmax(2).ravel())
    assert values.shape == indices.shape == (*case.x.shape[:2], *[1] * (case.x.ndim - 2))


def test_a_window_as_large_as_a_picture_takes_no_longer_than_a_small_one():
    x = np.random.default_rng(0).random((1, 3, 512, 512), np.float32)
    started = time.perf_counter()
    global_max_pool(x, return_indices=True)
    assert abs(float(global_avg_pool(x)[0, 0, 0, 0]) - x[0, 0].mean(dtype=np.float64)) < 1e-6
    assert time.perf_counter() - started < 1.5


@given(case=pools(("float64",)), outs=st.tuples(*[st.integers(1, 6)] * 3))
def test_adaptive_averages_agree_with_counting(case, outs):
    outs = outs[: case.x.ndim - 2]
    output = adaptive_avg_pool(case.x, outs)
    assert output.shape == (*case.x.shape[:2], *outs)
    for place in np.ndindex(*output.shape):
        cells = []
        for count, size, p in zip(outs, case.spatial, place[2:], strict=True):
            # A cell belongs to position p if [cell, cell + 1) meets [p, p + 1) * size / count.
            cells.append(
                [c for c in range(size) if c * count < (p + 1) * size and (c + 1) * count > p * size]
            )
        mean = case.x[place[:2]][np.ix_(*cells)].mean()
        assert abs(output[place] - mean) <= 1e-14


def test_adaptive_windows_cover_everything():
    for size in range(1, 9):
        for count in range(1, 9):
            bounds = adaptive_bounds(size, count)
            assert bounds[0][0] == 0
            assert bounds[-1][1] == size
            assert all(begin < end for begin, end in bounds)


# Unpooling.


@given(case=pools(("float64", "int64")))
def test_unpooling_puts_maxima_back_where_they_were(case):
    if case.keywords["ceil_mode"] or max(case.keywords["dilation"]) > 1:
        return
    keywords = {name: case.keywords[name] for name in ("stride", "padding")}
    values, indices = max_pool(case.x, case.kernel, **keywords, return_indices=True)
    back = max_unpool(values, indices, case.kernel, **keywords, output_size=case.spatial)
    found = np.zeros(case.x.shape, bool)
    np.put_along_axis(
        found.reshape(*case.x.shape[:2], -1), indices.reshape(*case.x.shape[:2], -1), True, axis=2
    )
    assert back.dtype == case.x.dtype
    assert np.array_equal(back, np.where(found, case.x, 0))


def test_unpooling_gives_the_smallest_input_or_the_size_asked_for():
    values, indices = line(5, 7), line(1, 2, dtype=int)
    assert max_unpool(values, indices, 2).tolist() == [[[0, 5, 7, 0]]]
    assert max_unpool(values, indices, 2, output_size=5).tolist() == [[[0, 5, 7, 0, 0]]]
    assert max_unpool(values, indices, 3, stride=2, padding=1).shape == (1, 1, 3)
    # An input of one cell may still be right where the smallest one has none.
    assert max_unpool(line(5), line(0, dtype=int), 2, stride=3, padding=1, output_size=1).tolist() == [[[5]]]
