"""Convolution against the oracle, against SciPy, and at the edges of what numbers can be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from conv_core import Window, WindowError, conv
from conv_core.methods import direct, im2col
from conv_core.plan import plan
from tests.core.cases import FLOATS, INTEGERS, cases, numbers

TOLERANCE = {"float16": 1e-3, "float32": 1e-6, "float64": 1e-14}
# Those that compute the very sums; the transforms are held to their own bounds in test_transform_methods.py.
EXACT = (direct, im2col)
NAMES = ("auto", *[method.NAME for method in EXACT])


def error(actual, expected, magnitudes):
    """Differences as part of what was summed: where a sum cancels, the sum itself is no measure."""
    return np.max(np.abs(actual.astype(float) - expected.astype(float)) / (magnitudes.astype(float) + 1e-300))


@pytest.mark.parametrize("method", NAMES)
@settings(max_examples=500)
@given(case=cases(FLOATS))
def test_floats_agree_with_plain_loops(method, case):
    result = conv(*case.arguments, **case.keywords, method=method)
    expected, magnitudes = case.expected()
    assert result.shape == expected.shape
    assert result.dtype == case.x.dtype
    assert error(result, expected, magnitudes) <= TOLERANCE[case.x.dtype.name]


@pytest.mark.parametrize("method", NAMES)
@settings(max_examples=500)
@given(case=cases(INTEGERS))
def test_integers_are_exact(method, case):
    result = conv(*case.arguments, **case.keywords, method=method)
    assert result.dtype == np.int64
    assert np.array_equal(result.astype(object), case.expected()[0])


@given(case=cases(), block=st.integers(1, 400))
def test_the_size_of_a_block_changes_nothing(case, block):
    whole = im2col.BLOCK_BYTES
    expected = conv(*case.arguments, **case.keywords, method="direct")
    try:
        im2col.BLOCK_BYTES = block
        result = conv(*case.arguments, **case.keywords, method="im2col")
    finally:
        im2col.BLOCK_BYTES = whole
    assert np.allclose(result.astype(float), expected.astype(float), atol=2e-3)


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", ["float64", "int64"])
def test_scipy_says_the_same(rank, dtype):
    generator = np.random.default_rng(rank)
    x = numbers(generator, (1, 3, *range(5, 5 + rank)), dtype)
    weight = numbers(generator, (1, 3, *range(2, 2 + rank)), dtype)
    expected = correlate(x[0], weight[0], mode="valid", method="direct")
    assert np.allclose(conv(x, weight), expected[None])


@pytest.mark.parametrize("word", ["same", "same_lower"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 5, 9])
def test_same_gives_the_size_divided_by_the_stride_rounded_up(word, stride, size):
    result = conv(np.ones((1, 1, size)), np.ones((1, 1, 4)), stride=stride, padding=word)
    assert result.shape == (1, 1, -(-size // stride))


def test_scipy_and_same_lower_centre_an_even_kernel_alike():
    x, weight = np.arange(1.0, 8.0), np.array([1.0, 10.0, 100.0, 1000.0])
    ours = conv(x[None, None], weight[None, None], padding="same_lower")[0, 0]
    assert np.array_equal(ours, correlate(x, weight, mode="same"))


@pytest.mark.parametrize("method", NAMES)
def test_only_windows_that_see_a_nan_become_nan(method):
    x = np.ones((1, 1, 6, 6), np.float32)
    x[0, 0, 1, 1] = np.nan
    result = conv(x, np.zeros((2, 1, 3, 3), np.float32), method=method)
    expected = np.zeros((4, 4), bool)
    expected[:2, :2] = True
    assert np.array_equal(np.isnan(result[0, 0]), expected)
    assert np.array_equal(np.isnan(result[0, 1]), expected)


@pytest.mark.parametrize("method", NAMES)
@pytest.mark.filterwarnings("error")
def test_infinities_come_out_without_a_warning(method):
    x = np.array([[[np.inf, 1, 1, -np.inf, np.inf]]], np.float32)
    result = conv(x, np.ones((1, 1, 2), np.float32), [1], method=method)
    assert np.array_equal(result[0, 0], [np.inf, 3, -np.inf, np.nan], equal_nan=True)


@pytest.mark.filterwarnings("error")
def test_float16_is_summed_in_float32_and_overflows_to_infinity():
    ones = np.ones((1, 1, 4096), np.float16)
    assert conv(ones, ones, [1])[0, 0, 0] == np.float16(4097)
    assert conv(ones * 100, ones)[0, 0, 0] == np.inf


@pytest.mark.parametrize(
    ("x", "weight", "bias", "result"),
    [
        ("float32", "float64", None, "float64"),
        ("float16", "float32", None, "float32"),
        ("uint8", "float32", None, "float32"),
        ("int64", "float32", "float32", "float64"),
        ("float32", "float32", "float64", "float32"),
        ("float32", "int8", "int64", "float32"),
        ("uint8", "int8", "int16", "int64"),
        ("bool", "bool", None, "int64"),
        ("int32", "int32", "float32", "float64"),
    ],
)
def test_mixed_types_follow_numpy_and_the_bias_follows_them(x, weight, bias, result):
    biases = None if bias is None else np.ones(1, bias)
    assert conv(np.ones((1, 1, 3), x), np.ones((1, 1, 2), weight), biases).dtype == result


def test_integers_are_used_up_to_the_very_last_one():
    limit = 2**63 - 1
    x = np.array([[[limit - 7]]])
    assert conv(x, np.ones((1, 1, 1), int), [7])[0, 0, 0] == limit
    with pytest.raises(WindowError) as caught:
        conv(x, np.ones((1, 1, 1), int), [8])
    assert caught.value.code == "integers_too_large"
    assert caught.value.numbers == {"limit": limit, "reach": limit + 1}


@pytest.mark.parametrize(
    ("x", "weight"),
    [
        (np.uint64(2**63), np.int64(1)),
        (np.int64(1), np.uint64(2**63)),
        (np.int64(-(2**63)), np.int64(1)),
        (np.int64(2**32), np.int64(-(2**31))),
        (np.int64(0), np.uint64(2**64 - 1)),
    ],
)
def test_integers_that_might_not_fit_are_refused(x, weight):
    with pytest.raises(WindowError) as caught:
        conv(np.full((1, 1, 1), x), np.full((1, 1, 1), weight))
    assert caught.value.code == "integers_too_large"


def test_uint64_that_fits_is_exact():
    assert conv(np.full((1, 1, 1), 2**62, np.uint64), np.ones((1, 1, 1), np.uint64))[0, 0, 0] == 2**62


@given(case=cases())
def test_arguments_are_left_alone_and_need_not_be_contiguous(case):
    x = np.asfortranarray(case.x)
    x.flags.writeable = case.weight.flags.writeable = False
    plain = conv(*case.arguments, **case.keywords)
    assert np.array_equal(conv(x, *case.arguments[1:], **case.keywords), plain)
    assert not np.shares_memory(plain, case.x)
    assert plain.flags.writeable


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize(
    "geometry", [{}, {"stride": 2}, {"dilation": 2, "padding": 1}, {"stride": 3, "padding": 2}]
)
def test_each_channel_with_a_kernel_of_its_own(rank, geometry):
    generator = np.random.default_rng(rank)
    x = generator.random((2, 5, *(11, 9, 10)[:rank]))
    weight = generator.random((5, 1, *(3, 2, 4)[:rank]))
    together = conv(x, weight, groups=5, method="im2col", **geometry)
    assert np.allclose(conv(np.asfortranarray(x), weight, groups=5, method="direct", **geometry), together)
    for channel in range(5):
        alone = conv(x[:, channel : channel + 1], weight[channel : channel + 1], method="direct", **geometry)
        assert np.allclose(together[:, channel : channel + 1], alone)


def test_the_input_may_be_nested_lists_and_of_any_byte_order():
    assert conv([[[1, 2, 3]]], [[[1, 1]]]).tolist() == [[[3, 5]]]
    big = np.arange(4, dtype=">f4").reshape(1, 1, 4)
    assert np.array_equal(conv(big, big[..., :2]), [[[1, 2, 3]]])


def test_a_pointwise_kernel_mixes_channels_only():
    generator = np.random.default_rng(0)
    x, weight = generator.random((2, 6, 5, 4)), generator.random((4, 3, 1, 1))
    expected = np.einsum("ngchw,goc->ngohw", x.reshape(2, 2, 3, 5, 4), weight.reshape(2, 2, 3))
    assert np.allclose(conv(x, weight, groups=2), expected.reshape(2, 4, 5, 4))


@pytest.mark.parametrize("method", EXACT)
@given(case=cases())
def test_stages_end_in_what_run_returns(method, case):
    planned = plan(*case.arguments, **case.keywords)
    operands = planned.operands()
    stages = method.stages(*operands, planned.window, planned.groups)
    run = method.run(*operands, planned.window, planned.groups)
    assert np.allclose(stages.output, run, atol=1e-5)
    assert method.supports(planned.window)


def test_the_columns_of_im2col_hold_one_window_each():
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    stages = im2col.stages(x, np.ones((1, 1, 2, 2)), Window((2, 2)), 1)
    assert stages.columns[0, 0].T.tolist() == [[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]
    assert stages.rows.shape == (1, 1, 4)
