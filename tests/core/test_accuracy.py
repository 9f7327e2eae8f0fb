"""Operations counted one by one, errors against float64, and what "auto" chooses."""

import numpy as np
import pytest

from conv_core import conv, conv_cost, conv_stages, counted, fft_parts, method_error, winograd_parts
from conv_core.methods import choose
from conv_core.window import Window


def case(groups=1, size=(9, 7), kernel=3, channels=4, filters=6):
    rng = np.random.default_rng(0)
    x = rng.integers(1, 9, (2, channels, *size)).astype(float)
    return x, rng.integers(1, 9, (filters, channels // groups, *[kernel] * len(size))).astype(float)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("method", ["direct", "im2col"])
@pytest.mark.parametrize("geometry", [{}, {"stride": 2, "padding": 1}, {"dilation": 2, "padding": (2, 1)}])
def test_what_direct_and_im2col_really_do_is_their_formula(method, groups, geometry):
    x, weight = case(groups)
    tally = counted(x, weight, method=method, groups=groups, **geometry)
    cost = conv_cost(x.shape, weight.shape, method=method, groups=groups, **geometry)
    assert (tally.multiplies, tally.adds) == (cost.multiplies, cost.adds)


@pytest.mark.parametrize("m", [1, 2, (4, 2), 6])
@pytest.mark.parametrize(("groups", "kernel"), [(1, 3), (2, 3), (1, 2), (4, 5)])
def test_what_winograd_really_does_is_its_formula(m, groups, kernel):
    x, weight = case(groups, kernel=kernel, filters=8)
    tally = counted(x, weight, method="winograd", groups=groups, padding=1, m=m)
    cost = conv_cost(x.shape, weight.shape, method="winograd", groups=groups, padding=1, m=m)
    parts = winograd_parts(x.shape, weight.shape, groups=groups, padding=1, m=m)
    assert (tally.multiplies, tally.adds) == (cost.multiplies, cost.adds)
    assert (parts.multiplies, parts.adds) == (cost.multiplies, cost.adds)


@pytest.mark.parametrize("shape", [((11,), 3), ((5, 6, 4), 2)])
def test_winograd_is_counted_at_any_rank(shape):
    size, kernel = shape
    x, weight = case(1, size, kernel, 2, 2)
    tally = counted(x, weight, method="winograd", m=2)
    cost = conv_cost(x.shape, weight.shape, method="winograd", m=2)
    assert (tally.multiplies, tally.adds) == (cost.multiplies, cost.adds)


def test_the_published_operations_of_a_tile():
    # Lavin and Gray 2016, section 4: additions for data and inverse; F(2x2, 3x3) in a grid of 3 x 3 tiles.
    for m, multiplications, data, inverse in ((2, 16, 32, 24), (4, 36, 144, 100)):
        size = 3 * m + 2
        parts = winograd_parts((1, 5, size, size), (7, 5, 3, 3), m=m)
        assert parts.products.multiplies == multiplications * 9 * 5 * 7
        assert parts.data.adds == data * 9 * 5
        assert parts.inverse.adds == inverse * 9 * 7


def test_the_parts_of_a_fourier_convolution():
    parts = fft_parts((1, 3, 14, 14), (5, 3, 3, 3), tile=16, padding=1)
    # 16 * 9 frequencies; a complex product is 4 multiplications and 2 additions, 3 channels are summed.
    assert parts.products.multiplies == 16 * 9 * 3 * 5 * 4
    assert parts.products.adds == 16 * 9 * 5 * (3 * 2 + 2 * 2)
    # 2.5 n log2 n operations for n = 256 real numbers.
    assert parts.data.multiplies + parts.data.adds == 3 * 2.5 * 256 * 8
    assert parts.kernel.multiplies == 5 * parts.data.multiplies
    assert 3 * parts.inverse.adds == 5 * parts.data.adds
    cost = conv_cost((1, 3, 14, 14), (5, 3, 3, 3), padding=1, method="fft", tile=16)
    assert (cost.multiplies, cost.adds) == (parts.multiplies, parts.adds)


def test_errors_by_method_and_type():
    rng = np.random.default_rng(1)
    x, weight = rng.uniform(-1, 1, (1, 8, 20, 20)), rng.uniform(-1, 1, (8, 8, 3, 3))
    single = {method: method_error(x, weight, method=method) for method in ("direct", "im2col", "fft")}
    assert all(0 < each < 1e-6 for each in single.values())
    half = method_error(x, weight, method="winograd", m=2, dtype=np.float16)
    assert 1e-4 < half < 1e-1
    assert method_error(x, weight, method="winograd", m=4) < 1e-5
    assert np.isnan(method_error(x * 1000, weight, method="winograd", m=8, dtype=np.float16))
    given, kernels = x.astype(np.float32), weight.astype(np.float32)
    made = conv(given, kernels, method="winograd").astype(float)
    exact = conv(given.astype(float), kernels.astype(float), method="direct")
    assert 0 < np.max(np.abs(made - exact)) / np.max(np.abs(exact)) < 1e-5


@pytest.mark.parametrize("method", ["direct", "im2col", "winograd", "fft"])
def test_the_mean_error_is_that_of_all_outputs_together(method):
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (1, 4, 20, 20)).astype(np.float32)
    weight = rng.uniform(-1, 1, (8, 4, 3, 3)).astype(np.float32)
    made = conv_stages(x, weight, method=method).output.astype(float)
    exact = conv(x.astype(float), weight.astype(float), method="direct")
    expected = np.abs(made - exact).sum() / np.abs(exact).sum()
    assert method_error(x, weight, method=method, mean=True) == pytest.approx(expected, rel=1e-6)
    assert method_error(0 * x, weight, method=method, mean=True) == 0


def test_nothing_is_off_by_nothing():
    nothing = np.zeros((1, 1, 5, 5))
    assert method_error(nothing, np.ones((1, 1, 3, 3)), method="winograd") == 0
    assert method_error(nothing, np.ones((1, 1, 3, 3)), method="im2col") == 0


def chosen(x, weight, groups=1, dtype=np.float32, **geometry):
    return choose("auto", Window(weight[2:], **geometry), x, weight, groups, dtype).NAME


def test_auto_takes_what_suits():
    layer = ((1, 256, 58, 58), (256, 256, 3, 3))
    assert chosen(*layer) == "winograd"
    assert chosen(*layer, dtype=np.float64) == "im2col"
    assert chosen(*layer, dtype=np.int64) == "im2col"
    assert chosen(*layer, stride=2) == "im2col"
    assert chosen((1, 256, 56, 56), (64, 256, 1, 1)) == "im2col"
    assert chosen((1, 256, 58, 58), (256, 1, 3, 3), 256) == "im2col"
    assert chosen((1, 512, 16, 16), (512, 512, 3, 3)) == "winograd"
    assert chosen((1, 3, 226, 226), (64, 3, 3, 3)) == "im2col"
    assert chosen((1, 512, 9), (512, 512, 3)) == "im2col"
    assert chosen((1, 1, 12, 12), (1, 1, 3, 3)) == "im2col"


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e38])
@pytest.mark.filterwarnings("error")
def test_auto_smears_nothing_that_is_not_finite(bad):
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (1, 128, 30, 30)).astype(np.float32)
    weight = rng.uniform(-1, 1, (128, 128, 3, 3)).astype(np.float32)
    assert chosen(x.shape, weight.shape) == "winograd"
    x[0, 5, 10, 10] = bad
    expected = conv(x, weight, method="im2col")
    found = conv(x, weight)
    assert np.array_equal(np.isfinite(found), np.isfinite(expected))
    assert np.isfinite(found).sum() >= 128 * (784 - 9)
    one = np.isfinite(found) & (np.abs(expected) < 1e6)
    assert np.allclose(found[one], expected[one], atol=1e-4)


def test_one_pixel_of_nan_is_told_from_sums_that_overflow():
    x = np.full((1, 128, 30, 30), 1e22, np.float32)
    weight = np.full((128, 128, 3, 3), 1e-3, np.float32)
    assert np.allclose(conv(x, weight) / 1e22, 128 * 9e-3, rtol=1e-4)
