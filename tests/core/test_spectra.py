"""Spectra: their order, their waves and what the strongest of them make, against sums written out."""

import cmath
from itertools import product
from math import pi

import numpy as np
import pytest

from conv_core import conv_stages
from conv_core.spectra import (
    frequencies,
    half_in_order,
    spectra_bytes,
    strongest,
    wave,
    whole_spectrum,
)

SIZES = [(1,), (2,), (5,), (8,), (4, 6), (5, 3), (7, 4), (1, 5), (3, 4, 5)]


def picture(size):
    return np.random.default_rng(prod_of(size)).normal(size=size)


def prod_of(size):
    return int(np.prod(size))


def at(x, frequency):
    """The sum that defines one number of a spectrum."""
    total = 0
    for place in np.ndindex(x.shape):
        turns = sum(f * p / n for f, p, n in zip(frequency, place, x.shape, strict=True))
        total += x[place] * cmath.exp(-2j * pi * turns)
    return total


def grid(size):
    return product(*[[int(f) for f in frequencies(n)] for n in size])


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_spectrum_stands_in_order(size):
    x = picture(size)
    whole = whole_spectrum(np.fft.rfftn(x), size)
    assert whole.shape == size
    for place, frequency in zip(np.ndindex(size), grid(size), strict=True):
        assert whole[place] == pytest.approx(at(x, frequency), abs=1e-9)


@pytest.mark.parametrize("size", SIZES)
def test_the_half_is_the_right_half_of_the_whole(size):
    half = np.fft.rfftn(picture(size))
    kept = half_in_order(half, size)
    assert np.allclose(kept, whole_spectrum(half, size)[..., (size[-1] - 1) // 2 :])


@pytest.mark.parametrize("size", SIZES)
def test_leading_axes_are_left_alone(size):
    x = np.stack([picture(size), -2 * picture(size)])
    half = np.fft.rfftn(x, axes=tuple(range(1, 1 + len(size))))
    for one, also in zip(half, whole_spectrum(half, size), strict=True):
        assert np.allclose(whole_spectrum(one, size), also)
    for one, also in zip(half, half_in_order(half, size), strict=True):
        assert np.allclose(half_in_order(one, size), also)


@pytest.mark.parametrize("size", SIZES)
def test_the_waves_of_all_frequencies_add_up_to_the_picture(size):
    x = picture(size)
    half = np.fft.rfftn(x)
    total, seen = np.zeros(size), set()
    for frequency in grid(size):
        place = tuple(f % n for f, n in zip(frequency, size, strict=True))
        opposite = tuple(-f % n for f, n in zip(frequency, size, strict=True))
        one = wave(half, size, frequency)
        assert np.allclose(one, wave(half, size, opposite))
        if opposite not in seen:
            seen.add(place)
            total += one
    assert np.allclose(total, x)
    assert strongest(half, size, 1).of == len(seen)


@pytest.mark.parametrize("size", SIZES)
def test_the_strongest_waves_keep_what_they_say(size):
    x = picture(size)
    half = np.fft.rfftn(x)
    shares = []
    for count in range(1, strongest(half, size, 1).of + 1):
        rebuilt = strongest(half, size, count)
        assert rebuilt.waves == count
        assert (rebuilt.values**2).sum() / (x**2).sum() == pytest.approx(rebuilt.share)
        # What is left out is at right angles to what is kept.
        assert (rebuilt.values * (x - rebuilt.values)).sum() == pytest.approx(0, abs=1e-9)
        shares.append(rebuilt.share)
    gains = np.diff([0, *shares])
    assert (gains[1:] <= gains[:-1] + 1e-12).all()
    assert np.allclose(strongest(half, size, 10**6).values, x)
    assert shares[-1] == pytest.approx(1)


def test_of_zeros_nothing_is_missing():
    rebuilt = strongest(np.zeros((4, 3), complex), (4, 4), 2)
    assert rebuilt.share == 1
    assert not rebuilt.values.any()


@pytest.mark.parametrize(("tile", "dtype"), [(8, np.float32), (9, np.float64), (12, np.float32)])
def test_the_bytes_are_those_that_the_spectra_take(tile, dtype):
    x, weight = np.ones((1, 3, 12, 12), dtype), np.ones((5, 3, 3, 3), dtype)
    stages = conv_stages(x, weight, method="fft", tile=tile)
    assert stages.kernel_spectra.nbytes == spectra_bytes(weight.shape, (tile, tile), dtype)
