from pathlib import Path

import numpy as np
import pytest

from conv_view import samples
from conv_view.pictures import PictureError

ASSETS = Path(samples.__file__).parent.parent / "assets"


@pytest.mark.parametrize("name", samples.PICTURES)
def test_every_picture_is_small_and_cannot_be_written_to(name):
    pixels = samples.picture(name)
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 2 or pixels.shape[2] == 3
    assert max(pixels.shape[:2]) <= 512
    assert np.ptp(pixels) > 100
    assert samples.picture(name) is pixels
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 0


def test_grey_and_colour_are_kept_apart():
    grey = {name for name in samples.PICTURES if samples.picture(name).ndim == 2}
    assert grey == {"camera", "brick", "text", "horse"}


def test_an_unknown_picture_is_refused_by_name():
    with pytest.raises(PictureError, match="no picture called") as caught:
        samples.picture("../../etc/passwd")
    assert (caught.value.code, caught.value.numbers) == ("picture_unknown", {"name": "../../etc/passwd"})


def test_ecg_is_the_published_signal():
    signal = samples.ecg()
    assert signal.dtype == np.float32
    assert signal.shape == (1024,)
    # The first samples as PyWavelets prints them in its own documentation.
    assert signal[:4].tolist() == [-86, -87, -87, -89]
    assert not signal.flags.writeable
    # Three heartbeats stand out.
    assert np.count_nonzero((signal[1:] > 150) & (signal[:-1] <= 150)) == 3


def test_brain_stands_upright():
    voxels = samples.brain()
    assert voxels.dtype == np.uint8
    assert voxels.shape == (53, 64, 52)
    assert voxels.max() == 255
    assert not voxels.flags.writeable
    inside = voxels > 40
    assert not inside[0].any() or inside[0].sum() < inside[-8].sum()
    area = inside.sum(axis=(1, 2))
    # Brain stem and cerebellum below are smaller than the slices through the hemispheres.
    assert area[:12].max() < area[20:40].min()
    # The cerebellum lies low and at the back, so below the middle of a low slice.
    rows = np.arange(64)
    low = inside[6].sum(axis=1)
    assert (low * rows).sum() / low.sum() > 36
    # The halves mirror each other, apart from at most one column of shift.
    shifts = [
        np.abs(voxels.astype(int) - np.roll(voxels[:, :, ::-1], by, axis=2)).mean() for by in (-1, 0, 1)
    ]
    assert min(shifts) < 8


def test_all_that_is_shipped_is_credited_and_small():
    credits = (ASSETS / "THIRD_PARTY.md").read_text(encoding="utf-8")
    files = [path for folder in ("pictures", "signals", "volumes") for path in (ASSETS / folder).iterdir()]
    assert {path.stem for path in files} == {*samples.PICTURES, "ecg", "brain"}
    assert [path.name for path in files if path.name not in credits] == []
    assert sum(path.stat().st_size for path in files) < 1_000_000
