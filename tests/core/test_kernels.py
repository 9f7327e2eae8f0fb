"""Named kernels: what they are and what they do to a picture."""

import numpy as np
import pytest
from scipy import ndimage

from conv_core import KERNELS, conv, kernel

EVERY = [(named.name, rank) for named in KERNELS for rank in named.ranks]
SLOPES = [one for one in EVERY if one[0].startswith(("sobel", "prewitt"))]
AXES = {"x": -1, "y": -2, "z": -3}


def test_the_order_of_the_menu_stays():
    assert [named.name for named in KERNELS] == [
        *("identity", "box", "gaussian", "sharpen", "emboss", "sobel_x", "sobel_y", "sobel_z"),
        *("laplacian", "prewitt_x", "prewitt_y", "gabor", "difference", "custom"),
    ]


@pytest.mark.parametrize(("name", "rank"), EVERY)
def test_each_is_float32_of_its_rank(name, rank):
    values = kernel(name, rank=rank)
    assert values.dtype == np.float32
    assert values.ndim == rank
    assert np.isfinite(values).all()


@pytest.mark.parametrize(("name", "rank"), EVERY)
def test_every_parameter_takes_its_whole_range(name, rank):
    (named,) = [one for one in KERNELS if one.name == name]
    for parameter in named.parameters:
        assert parameter.low <= parameter.default <= parameter.high
        low, high = [
            kernel(name, rank=rank, **{parameter.name: one}) for one in (parameter.low, parameter.high)
        ]
        assert np.isfinite(low).all()
        assert np.isfinite(high).all()
        if parameter.is_whole:
            assert low.shape == (parameter.low,) * rank
            assert high.shape == (parameter.high,) * rank


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_what_keeps_the_brightness_and_what_takes_it_away(rank):
    for name in ("identity", "box", "gaussian", "sharpen"):
        assert kernel(name, rank=rank).sum() == pytest.approx(1)
    assert kernel("laplacian", rank=rank).sum() == 0


def test_the_textbook_matrices():
    assert kernel("sharpen").tolist() == [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    assert kernel("emboss").tolist() == [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]
    assert kernel("laplacian").tolist() == [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    assert kernel("sobel_y").tolist() == [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    assert kernel("prewitt_x").tolist() == [[-1, 0, 1]] * 3
    assert kernel("identity").tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert kernel("sobel_x", size=5)[2].tolist() == [-6, -12, 0, 12, 6]


@pytest.mark.parametrize(("name", "rank"), SLOPES)
def test_slopes_are_positive_where_it_grows_brighter_along_their_axis(name, rank):
    axis = AXES[name[-1]]
    for along in range(-rank, 0):
        ramp = np.indices((5,) * rank)[along].astype(np.float32)
        answer = conv(ramp[None, None], kernel(name, rank=rank)[None, None])
        assert (answer > 0).all() if along == axis else (answer == 0).all()


@pytest.mark.parametrize("name", ["sobel", "prewitt", "laplace"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_scipy_means_the_same(name, rank):
    x = np.random.default_rng(rank).random((7,) * rank)
    ours = "laplacian" if name == "laplace" else f"{name}_x"
    inner = (slice(1, -1),) * rank
    expected = getattr(ndimage, name)(x)[inner]
    assert np.allclose(conv(x[None, None], kernel(ours, rank=rank)[None, None])[0, 0], expected)


def test_the_difference_is_numpys():
    x = np.random.default_rng(0).random(9)
    assert np.allclose(conv(x[None, None], kernel("difference", rank=1)[None, None])[0, 0], np.diff(x))


def test_a_gaussian_falls_off_as_its_formula_says():
    line = kernel("gaussian", rank=1, size=7, sigma=1.5)
    assert line[5] / line[3] == pytest.approx(np.exp(-(2**2) / (2 * 1.5**2)))
    assert np.allclose(kernel("gaussian", size=7, sigma=1.5), np.outer(line, line))


def test_gabor_answers_to_waves_across_its_angle():
    size, wavelength = 21, 5.0
    y, x = np.mgrid[:size, :size] - size // 2
    for angle in (0, 30, 90, 135):
        turn = np.deg2rad(angle)
        wave = np.cos(2 * np.pi * (x * np.cos(turn) + y * np.sin(turn)) / wavelength)
        answers = {
            one: (kernel("gabor", size=size, angle=one, wavelength=wavelength, sigma=3) * wave).sum()
            for one in (0, 30, 90, 135)
        }
        assert max(answers, key=answers.get) == angle


def test_gabor_at_phase_90_is_odd_and_at_0_even():
    even, odd = kernel("gabor", angle=20), kernel("gabor", angle=20, phase=90)
    assert np.allclose(even, even[::-1, ::-1])
    assert np.allclose(odd, -odd[::-1, ::-1], atol=1e-6)


def test_a_custom_kernel_is_taken_as_it_is():
    assert kernel("custom", values=[[1, -2.5]]).tolist() == [[1, -2.5]]
    assert kernel("custom", rank=1, values=["3", True]).tolist() == [3, 1]
    assert kernel("custom", rank=3).shape == (3, 3, 3)
