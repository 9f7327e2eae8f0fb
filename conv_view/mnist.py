"""The handwritten digits that networks are trained on and shown with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Where they come from and under which licence is told in assets/THIRD_PARTY.md.
FILE = Path(__file__).resolve().parent.parent / "assets" / "data" / "digits.npz"

SIDE = 28
TRAINING = 8000


@dataclass(frozen=True, eq=False)
class Digits:
    """Pictures uint8 (n, 28, 28), bright on dark, and which digit each shows, uint8 (n,); both read-only."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)


@cache
def digits() -> tuple[Digits, Digits]:
    """8,000 digits to train on, and 2,000 that are held out: no picture is in both.

    The file's order is a shuffle from a fixed seed (tools/build_digits.py) and the split a cut in it, so
    the digits are not equally frequent in either part
    (LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998).

    >>> training, held_out = digits()
    >>> training.images.shape, held_out.images.shape
    ((8000, 28, 28), (2000, 28, 28))
    """
    with np.load(FILE, allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]
    images.setflags(write=False)
    labels.setflags(write=False)
    return Digits(images[:TRAINING], labels[:TRAINING]), Digits(images[TRAINING:], labels[TRAINING:])
