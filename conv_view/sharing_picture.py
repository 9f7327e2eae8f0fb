"""What one hidden number of each of the three networks reads, as numbers for the picture that shows it."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from conv_core.nets import KINDS
from conv_view.mnist import digits
from conv_view.sharing_facts import COUNTS, recorded
from conv_view.stage.bundle import palette
from conv_view.text import Words
from conv_view.weights import weights

SIDE, KERNEL, STRIDE, ACROSS = 28, 5, 2, 12
SHOWN = 4  # which of the held-out digits
LEVELS = 127


@cache
def hidden(kind: str) -> NDArray[np.float32]:
    """The numbers (12, 12) that a network's map has for the digit in the picture, before the ReLU.

    >>> hidden("convolutional").shape
    (12, 12)
    """
    kept = weights("sharing")
    x = picture() * np.float32(1 / 255)
    if kind == "fully":
        read = np.broadcast_to(x.ravel(), (ACROSS**2, SIDE**2))
    else:
        windows = sliding_window_view(x, (KERNEL, KERNEL))[::STRIDE, ::STRIDE]
        read = windows.reshape(ACROSS**2, KERNEL**2)
    weight = kept[kind].reshape(len(kept[kind]), -1)
    made: NDArray[np.float32] = ((read * weight).sum(axis=1) + kept[f"{kind} bias"]).astype(np.float32)
    return made.reshape(ACROSS, ACROSS)


def picture() -> NDArray[np.uint8]:
    """The digit that is read, (28, 28)."""
    found: NDArray[np.uint8] = digits()[1].images[SHOWN]
    return found


def data(words: Words, cell: tuple[int, int], *, dark: bool) -> dict[str, Any]:
    """All that the picture shows: numbers, colours and words; `cell` is the hidden number to begin with."""
    theme = "dark" if dark else "light"
    return {
        "digit": _packed(picture()),
        "cell": list(cell),
        "nets": [_net(kind) | _words(words, kind) for kind in KINDS],
        "diverging": palette()["diverging"][theme],
        "window": palette()["roles"]["window"],
        "dark": dark,
        "keyboard": words["sharing.picture.keyboard"],
    }


@cache
def _net(kind: str) -> dict[str, Any]:
    """A network's weights as 8-bit numbers with a scale for each set, its biases and its numbers."""
    real = weights("sharing")[kind]
    most = np.abs(real).max(axis=(1, 2))
    return {
        "kind": kind,
        "side": real.shape[1],
        "weights": _packed(np.rint(real / most[:, None, None] * LEVELS).astype(np.int8)),
        "most": [round(float(value), 5) for value in most],
        "values": [round(float(value), 4) for value in hidden(kind).ravel()],
        "biases": [round(float(value), 4) for value in weights("sharing")[f"{kind} bias"]],
    }


def _words(words: Words, kind: str) -> dict[str, str]:
    (curve,) = (each for each in recorded(COUNTS[0]) if each.kind == kind)
    return {
        "title": words[f"sharing.kinds.{kind}"],
        "parameters": words.say("sharing.picture.parameters", count=f"{curve.parameters:,}"),
        "reads": words[f"sharing.picture.reads.{kind}"],
        "by": words[f"sharing.picture.by.{kind}"],
        "makes": words["sharing.picture.makes"],
        "told": words[f"sharing.picture.told.{kind}"],
    }


def _packed(values: NDArray[Any]) -> str:
    return b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")
