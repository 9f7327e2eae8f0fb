"""The weights that come with the app, and what is told about how they were made."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "weights"


@cache
def weights(name: str) -> dict[str, NDArray[Any]]:
    """The parameters of a trained network by their names, read-only: one copy serves every visitor.

    >>> weights("lenet5")["C1.weight"].shape
    (6, 1, 5, 5)
    """
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        found = {key: file[key] for key in file.files}
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
