"""What the app brings along to look at: gallery pictures, an electrocardiogram and a brain."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conv_view.pictures import PictureError, read_picture

# Where each comes from and under which licence is told in assets/THIRD_PARTY.md.
ASSETS = Path(__file__).resolve().parent.parent / "assets"

PICTURES = ("astronaut", "cat", "coffee", "rocket", "camera", "brick", "text", "retina", "horse")


@cache
def picture(name: str) -> NDArray[np.uint8]:
    """A gallery picture by its name in PICTURES: uint8 (H, W, 3) or (H, W), at most 512 pixels, read-only.

    Raises PictureError for a name that is not in the gallery.

    >>> picture("cat").shape
    (300, 451, 3)
    """
    if name not in PICTURES:
        raise PictureError("picture_unknown", name=name)
    return read_picture((ASSETS / "pictures" / f"{name}.jpg").read_bytes()).pixels


@cache
def ecg() -> NDArray[np.float32]:
    """An electrocardiogram: float32 (1024,), read-only, in the recorder's own whole steps (no known unit).

    >>> ecg().shape, float(ecg().min()), float(ecg().max())
    ((1024,), -112.0, 250.0)
    """
    signal = np.load(ASSETS / "signals" / "ecg.npy", allow_pickle=False).astype(np.float32)
    signal.setflags(write=False)
    return signal


@cache
def brain() -> NDArray[np.uint8]:
    """The average of 152 brains by magnetic resonance: uint8 (depth, rows, columns), read-only.

    Depth runs from the bottom of the head to its top; in a slice the front is at the top and the person's
    left is on the left.

    >>> brain().ndim, brain().dtype
    (3, dtype('uint8'))
    """
    with np.load(ASSETS / "volumes" / "brain.npz", allow_pickle=False) as file:
        voxels: NDArray[np.uint8] = file["voxels"]
    voxels.setflags(write=False)
    return voxels
