"""Winograd and Fourier: against plain loops, stage by stage, and within the errors that are published."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from conv_core import Window, WindowError, conv, conv_stages, winograd_matrices
from conv_core.methods import fft, transformed_kernels, winograd, winograd_blocks
from conv_core.methods.transforms import along
from tests.core.cases import cases

# Mean error of F(m, 3) in float32 as published (Barabasz et al. 2018), and how far above it ours may be.
PUBLISHED = {2: 7.7e-8, 4: 3.3e-7, 6: 8.8e-7, 8: 7.4e-6, 10: 3.2e-5, 12: 2.0e-4}
MEAN_FACTOR = 4


def off(actual, expected):
    expected = expected.astype(float)
    return np.max(np.abs(actual.astype(float) - expected)) / max(np.abs(expected).max(), 1e-30)


@settings(max_examples=150)
@given(case=cases(("float32",)), tile=st.one_of(st.none(), st.integers(0, 6)))
def test_the_fourier_method_agrees_with_plain_loops(case, tile):
    expected, _ = case.expected()
    result = conv(*case.arguments, **case.keywords, method="fft")
    assert result.dtype == np.float32
    # A transform sums everything, also what no output of this stride shows.
    reach = np.abs(case.x).max() * np.abs(case.weight).sum() + 1
    assert np.max(np.abs(result - expected.astype(float))) <= 1e-6 * reach
    spans = [d * (k - 1) + 1 for k, d in zip(case.weight.shape[2:], case.dilation, strict=True)]
    options = {} if tile is None else {"tile": tuple(span + tile for span in spans)}
    staged = conv_stages(*case.arguments[:2], **case.keywords, method="fft", **options).output
    if case.bias is not None:
        staged = staged + case.bias.reshape(-1, *[1] * case.rank)
    assert np.allclose(staged, result, atol=1e-5)


@settings(max_examples=150)
@given(case=cases(("float32", "float64")), m=st.sampled_from((None, 1, 2, 3, 4)))
def test_winograd_agrees_with_plain_loops(case, m):
    # A step of 1 over neighbours, with the padding as pairs: what "same" adds follows the stride.
    case.keywords |= {"stride": 1, "dilation": 1, "padding": case.pads}
    case.stride = case.dilation = (1,) * case.rank
    expected, magnitudes = case.expected()
    planned = conv_stages(*case.arguments[:2], **case.keywords, method="winograd", m=m)
    result = planned.output
    if case.bias is not None:
        result = result + case.bias.reshape(-1, *[1] * case.rank)
    bound = {"float32": 1e-5, "float64": 1e-13}[case.x.dtype.name]
    assert np.max(np.abs(result - expected.astype(float))) <= bound * magnitudes.astype(float).max() + 1e-30
    quick = conv(*case.arguments, **case.keywords, method="winograd")
    assert quick.dtype == case.x.dtype
    assert np.max(np.abs(quick - expected.astype(float))) <= bound * magnitudes.astype(float).max() + 1e-30


@pytest.mark.parametrize("block", [1, 3000])
@pytest.mark.parametrize("m", [(2, 2), (4, 4), (6, 6), (1, 3)])
@pytest.mark.parametrize("groups", [1, 2])
def test_blocks_of_tiles_and_ragged_edges_change_nothing(monkeypatch, block, m, groups):
    rng = np.random.default_rng(3)
    x = rng.uniform(-1, 1, (2, 4, 13, 10)).astype(np.float32)
    weight = rng.uniform(-1, 1, (6, 4 // groups, 3, 3)).astype(np.float32)
    monkeypatch.setattr(winograd_blocks, "BLOCK_BYTES", block)
    made = winograd.run(x, weight, Window((3, 3)), groups, m=m)
    assert off(made, conv(x.astype(float), weight, groups=groups, method="direct")) < 1e-5


def test_every_stage_of_winograd_by_matrix_products():
    rng = np.random.default_rng(1)
    x, weight = rng.normal(size=(1, 2, 7, 6)), rng.normal(size=(3, 2, 3, 3))
    made = conv_stages(x, weight, padding=1, method="winograd", m=4)
    AT, G, BT = (np.array(matrix, float) for matrix in winograd_matrices(4, 3))
    padded = np.pad(x, ((0, 0), (0, 0), (1, 6), (1, 6)))
    assert made.input_tiles.shape == (1, 2, 2, 2, 6, 6)
    for row in range(2):
        for col in range(2):
            tile = padded[0, :, 4 * row : 4 * row + 6, 4 * col : 4 * col + 6]
            assert np.array_equal(made.input_tiles[0, :, row, col], tile)
            data = np.array([BT @ each @ BT.T for each in tile])
            assert np.allclose(made.data_tiles[0, :, row, col], data)
            for o in range(3):
                kernels = np.array([G @ each @ G.T for each in weight[o]])
                assert np.allclose(made.kernel_tiles[o], kernels)
                product = (kernels * data).sum(0)
                assert np.allclose(made.products[0, o, row, col], product)
                assert np.allclose(made.output_tiles[0, o, row, col], AT @ product @ AT.T)
    for o in range(3):
        full = sum(correlate(np.pad(x[0, c], 1), weight[o, c], "valid") for c in range(2))
        assert np.allclose(made.output[0, o], full)


def test_winograd_is_exact_on_fractions():
    rng = np.random.default_rng(0)
    x = np.array([Fraction(int(n)) for n in rng.integers(-9, 9, 49)], object).reshape(1, 1, 7, 7)
    weight = np.array([Fraction(int(n)) for n in rng.integers(-9, 9, 9)], object).reshape(1, 1, 3, 3)
    made = winograd.stages(x, weight, Window((3, 3)), 1, m=4)
    expected = correlate(x[0, 0].astype(int), weight[0, 0].astype(int), "valid")
    assert made.output[0, 0].tolist() == expected.tolist()


@pytest.mark.parametrize("m", sorted(PUBLISHED))
def test_the_error_grows_with_the_tile_as_published(m):
    rng = np.random.default_rng(m)
    x, weight = rng.uniform(-1, 1, (1, 8, 48, 48)), rng.uniform(-1, 1, (8, 8, 3, 3))
    exact = conv(x, weight, method="direct")
    made = conv_stages(x.astype(np.float32), weight.astype(np.float32), method="winograd", m=m).output
    mean = np.abs(made - exact).sum() / np.abs(exact).sum()
    assert 0.2 * PUBLISHED[m] < mean < MEAN_FACTOR * PUBLISHED[m]


@pytest.mark.parametrize(("m", "r"), [(2, 3), (4, 3), (6, 3), (2, 5), (4, 5)])
def test_transforms_share_what_they_can_and_stay_the_matrix_product(m, r):
    rng = np.random.default_rng(0)
    for matrix in winograd_matrices(m, r):
        values = rng.normal(size=(3, matrix.shape[1], 2))
        expected = np.einsum("ij,ajb->aib", matrix.astype(float), values)
        assert np.allclose(along(matrix, values, 1), expected)


def test_what_went_around_the_circle_is_not_kept():
    x, weight = np.arange(1.0, 9.0), np.array([1.0, 10.0, 100.0])
    made = conv_stages(x[None, None], weight[None, None], method="fft", tile=8)
    circle = [sum(weight[t] * x[(p + t) % 8] for t in range(3)) for p in range(8)]
    assert np.allclose(made.output_tiles[0, 0, 0], circle)
    assert np.allclose(made.output[0, 0], circle[:6])


def test_the_spectra_are_the_sums_over_waves():
    rng = np.random.default_rng(5)
    x, weight = rng.normal(size=(1, 1, 6, 8)), rng.normal(size=(1, 1, 3, 2))
    made = conv_stages(x, weight, method="fft", tile=(6, 8))

    def spectrum(values, sign):
        rows, cols = np.indices(values.shape)
        return np.array(
            [
                [(values * np.exp(sign * 2j * np.pi * (u * rows / 6 + v * cols / 8))).sum() for v in range(5)]
                for u in range(6)
            ]
        )

    data, kernel = spectrum(x[0, 0], -1), spectrum(weight[0, 0], 1)
    assert np.allclose(made.input_spectra[0, 0, 0, 0], data)
    assert np.allclose(made.kernel_spectra[0, 0], kernel)
    assert np.allclose(made.products[0, 0, 0, 0], data * kernel)


def test_the_fourier_method_keeps_to_its_memory(monkeypatch):
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, (1, 4, 60, 50)).astype(np.float32)
    weight = rng.uniform(-1, 1, (6, 2, 5, 5)).astype(np.float32)
    expected = conv(x, weight, groups=2, stride=2, method="im2col")
    monkeypatch.setattr(fft, "BLOCK_BYTES", 40_000)
    assert off(conv(x, weight, groups=2, stride=2, method="fft"), expected) < 1e-5


def test_kernels_are_transformed_once_and_again_when_they_change(monkeypatch):
    monkeypatch.setattr(transformed_kernels, "_KEPT", type(transformed_kernels._KEPT)())
    seen = []
    real = winograd_blocks._kernels
    monkeypatch.setattr(winograd_blocks, "_kernels", lambda *given: seen.append(1) or real(*given))
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, (1, 3, 12, 12)).astype(np.float32)
    weight = rng.uniform(-1, 1, (4, 3, 3, 3)).astype(np.float32)
    first = conv(x, weight, method="winograd")
    assert np.array_equal(conv(x, weight.copy(), method="winograd"), first)
    assert len(seen) == 1
    weight[2, 1, 0, 2] += 1
    changed = conv(x, weight, method="winograd")
    assert len(seen) == 2
    assert off(changed, conv(x, weight, method="direct")) < 1e-5


def test_what_is_kept_of_kernels_is_bounded(monkeypatch):
    monkeypatch.setattr(transformed_kernels, "_KEPT", type(transformed_kernels._KEPT)())
    monkeypatch.setattr(transformed_kernels, "LIMIT_BYTES", 1000)
    for number in range(20):
        weight = np.full((1, 1, 3, 3), number, np.float32)
        transformed_kernels.kept(weight, "tested", lambda: np.zeros(20, np.float32))
        held = transformed_kernels._KEPT.values()
        assert sum(one.nbytes + other.nbytes for one, other in held) <= 1000
    large = np.zeros((1, 1, 30, 30), np.float32)
    assert transformed_kernels.kept(large, "tested", lambda: np.ones(5)).sum() == 5


@pytest.mark.parametrize("method", ["fft", "winograd"])
def test_whole_numbers_are_refused_and_auto_takes_them(method):
    ones = np.ones((1, 1, 5, 5), int)
    with pytest.raises(WindowError) as caught:
        conv(ones, ones[..., :3, :3], method=method)
    assert caught.value.code == "method_type"
    assert conv(ones, ones[..., :3, :3]).dtype == np.int64
