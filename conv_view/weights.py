"""The weights that come with the app, and what is told about how they were made."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCALE = ":scale"
"""Behind the name of an array of 8-bit numbers: the name of its scales, one for each output channel."""

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "weights"


@cache
def weights(name: str) -> dict[str, NDArray[Any]]:
    """The parameters of a trained network by their names, read-only: one copy serves every visitor.

    >>> weights("lenet5")["C1.weight"].shape
    (6, 1, 5, 5)
    """
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        stored = {key: file[key] for key in file.files}
    found = {key: _real(key, stored) for key in stored if not key.endswith(SCALE)}
    for values in found.values():
        values.setflags(write=False)
    return found


@cache
def report(name: str) -> dict[str, Any]:
    """How a network was trained and how well it does, as its training wrote it.

    >>> report("lenet5")["held-out digits"]
    2000
    """
    told: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return told


@cache
def class_names(name: str) -> tuple[str, ...]:
    """The names of a data set's classes, in the order of a network's scores.

    >>> class_names("imagenet")[281]
    'tabby'
    """
    return tuple((FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines())


def _real(key: str, stored: dict[str, NDArray[Any]]) -> NDArray[Any]:
    """An array in float32, out of 8-bit numbers and their scales where it is stored so."""
    values = stored[key].astype(np.float32)
    if key + SCALE in stored:
        values *= stored[key + SCALE].reshape(-1, *[1] * (values.ndim - 1))
    return values
