"""What stands in a spectrum: its frequencies in order, the wave of each, and the strongest waves together."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True)
class Rebuilt:
    """An array put together from its strongest waves: `values`, and their `share` of the sum of squares.

    `waves` is how many were taken and `of` how many there are; a frequency and its opposite are one wave.
    """

    values: NDArray[Any]
    share: float
    waves: int
    of: int


def frequencies(size: int) -> NDArray[np.int64]:
    """The frequencies of a transform of `size` numbers in order, 0 in the middle: full turns along the axis.

    >>> frequencies(4), frequencies(5)
    (array([-1,  0,  1,  2]), array([-2, -1,  0,  1,  2]))
    """
    return np.arange(size) - (size - 1) // 2


def whole_spectrum(half: NDArray[Any], size: Sequence[int]) -> NDArray[Any]:
    """All frequencies (..., *n), each axis in the order of `frequencies`, of a spectrum kept by half.

    `half` (..., *n[:-1], n_last // 2 + 1) is what np.fft.rfftn gives for real numbers: at opposite
    frequencies their spectrum is conjugate.

    >>> whole_spectrum(np.fft.rfft([1.0, 2.0, 0.0, 0.0]), (4,)).round(9)
    array([ 1.+2.j,  3.+0.j,  1.-2.j, -1.+0.j])
    """
    rank = len(size)
    inner = tuple(range(half.ndim - rank, half.ndim))
    negative = (size[-1] - 1) // 2
    # Of what is left out, the last column is frequency -1: the first of the half that is not 0.
    mirrored = half[..., negative:0:-1].conj()
    for axis in inner[:-1]:
        mirrored = np.roll(np.flip(mirrored, axis), 1, axis)
    whole = np.concatenate([half, mirrored], axis=-1)
    return np.roll(whole, [(n - 1) // 2 for n in size], inner)


def half_in_order(half: NDArray[Any], size: Sequence[int]) -> NDArray[Any]:
    """The half itself with every axis but the last in the order of `frequencies`; the last begins at 0.

    >>> half_in_order(np.arange(8).reshape(4, 2), (4, 2))[:, 0]
    array([6, 0, 2, 4])
    """
    inner = tuple(range(half.ndim - len(size), half.ndim - 1))
    return np.roll(half, [(n - 1) // 2 for n in size[:-1]], inner)


def wave(half: NDArray[Any], size: Sequence[int], frequency: Sequence[int]) -> NDArray[Any]:
    """What a frequency and its opposite hold of an array of real numbers (*n), given its half spectrum.

    The sum of all waves is the array: the inverse transform, one wave at a time.

    >>> half = np.fft.rfft([1.0, 2.0, 0.0, 3.0])
    >>> np.sum([wave(half, (4,), (f,)) for f in range(3)], axis=0).round(9) + 0.0
    array([1., 2., 0., 3.])
    """
    place = [f % n for f, n in zip(frequency, size, strict=True)]
    opposite = [-f % n for f, n in zip(frequency, size, strict=True)]
    if place[-1] >= half.shape[-1]:
        place, opposite = opposite, place
    weight = half[tuple(place)]
    turns: Any = 0.0
    for axis, (at, n) in enumerate(zip(place, size, strict=True)):
        steps = np.arange(n) * (at / n)
        turns = turns + steps.reshape(-1, *[1] * (len(size) - 1 - axis))
    both = 1 if place == opposite else 2
    made: NDArray[Any] = (weight * np.exp(2j * np.pi * turns)).real * (both / prod(size))
    return made


def strongest(half: NDArray[Any], size: Sequence[int], waves: int) -> Rebuilt:
    """The array (*n) put together from so many of its waves, the strongest first (at most all of them).

    Their share of the sum of squares follows from Parseval's theorem; of nothing but zeros it is 1.

    >>> rebuilt = strongest(np.fft.rfft([5.0, 5.0, 5.0, 1.0]), (4,), 1)
    >>> rebuilt.values, rebuilt.of
    (array([4., 4., 4., 4.]), 3)
    """
    whole = whole_spectrum(half, size)
    whole = np.roll(whole, [-((n - 1) // 2) for n in size], tuple(range(len(size))))
    own = np.arange(prod(size)).reshape(size)
    opposite = own
    for axis in range(len(size)):
        opposite = np.roll(np.flip(opposite, axis), 1, axis)
    pairs = np.minimum(own, opposite).reshape(-1)
    power = (np.abs(whole) ** 2).reshape(-1).astype(np.float64)
    strength = np.bincount(pairs, power, prod(size))
    firsts = np.unique(pairs)
    order = firsts[np.argsort(-strength[firsts], kind="stable")]
    taken = order[:waves]
    kept = np.isin(pairs, taken).reshape(size)
    values = np.fft.ifftn(np.where(kept, whole, 0)).real
    total = float(power.sum())
    return Rebuilt(values, float(strength[taken].sum()) / total if total else 1.0, len(taken), len(firsts))


def spectra_bytes(weight_shape: Sequence[int], size: Sequence[int], dtype: DTypeLike = np.float32) -> int:
    """How many bytes the spectra of all kernels (O, C / groups, *kernel) take at transforms of `size`.

    >>> round(spectra_bytes((64, 64, 3, 3), (224, 224)) / 1e6)
    829
    """
    half = (*size[:-1], size[-1] // 2 + 1)
    return prod(weight_shape[:2]) * prod(half) * 2 * np.dtype(dtype).itemsize
