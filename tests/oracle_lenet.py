"""LeNet-5 in plain loops from its paper and the shipped weights; shares nothing with the code."""

from functools import cache
from pathlib import Path

import numpy as np
from scipy.signal import correlate

ROOT = Path(__file__).resolve().parent.parent

# Table I of the paper, row by row of S2: which maps of C3 read it.
TABLE = [
    "X...XXX..XXXX.XX",
    "XX...XXX..XXXX.X",
    "XXX...XXX..X.XXX",
    ".XXX..XXXX..X.XX",
    "..XXX..XXXX.XX.X",
    "...XXX..XXXX.XXX",
]


@cache
def weights():
    with np.load(ROOT / "assets" / "weights" / "lenet5.npz") as file:
        return {name: file[name].astype(np.float64) for name in file.files}


@cache
def held_out():
    with np.load(ROOT / "assets" / "data" / "digits.npz") as file:
        return file["images"][8000:], file["labels"][8000:]


def squash(a):
    return 1.7159 * np.tanh(2 * a / 3)


def convolved(maps, name, reads):
    made = []
    for kernel, bias in zip(weights()[f"{name}.weight"], weights()[f"{name}.bias"], strict=True):
        total = sum(correlate(maps[at], kernel[at], mode="valid") for at in reads(len(made)))
        made.append(squash(total + bias))
    return np.array(made)


def sampled(maps, name):
    made = np.zeros((len(maps), maps.shape[1] // 2, maps.shape[2] // 2))
    for at, row, column in np.ndindex(*made.shape):
        window = maps[at, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        made[at, row, column] = window.sum() * weights()[f"{name}.weight"][at] + weights()[f"{name}.bias"][at]
    return squash(made)


def layers(digit):
    """What every layer gives for a digit (28, 28) from 0 to 255, by the names of the stage's panels."""
    found = {"input": np.full((1, 32, 32), -0.1)}
    found["input"][0, 2:30, 2:30] += np.asarray(digit, float) * 1.275 / 255
    found["c1"] = convolved(found["input"], "C1", lambda made: [0])
    found["s2"] = sampled(found["c1"], "S2")
    found["c3"] = convolved(found["s2"], "C3", reads)
    found["s4"] = sampled(found["c3"], "S4")
    found["c5"] = convolved(found["s4"], "C5", lambda made: range(16)).reshape(10, 12)
    found["f6"] = squash(weights()["F6.weight"] @ found["c5"].ravel() + weights()["F6.bias"]).reshape(7, 12)
    found["scores"] = (weights()["output.weight"] @ found["f6"].ravel() + weights()["output.bias"])[None]
    powers = np.exp(found["scores"])
    found["probabilities"] = powers / powers.sum()
    return found


def reads(made):
    """The maps of S2 that a map of C3 reads."""
    return [at for at in range(6) if TABLE[at][made] == "X"]
