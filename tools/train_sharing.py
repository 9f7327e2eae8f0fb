"""Trains a fully connected, a locally connected and a convolutional network on few and on many digits.

Run from the repository's folder: `.venv/bin/python -m tools.train_sharing`

Each learns the first 500, then the first 5,000 digits, nothing distorted, with the same optimiser, batch and
number of steps, and is asked for the 2,000 held-out digits after every epoch; nothing is chosen by them. What
comes out is written to assets/weights/sharing.json. It is for looking at, so of the weights only those are
kept, in assets/weights/sharing.npz, that the numbers of one map read the picture with, learned from few
digits, as 8-bit numbers: (144 numbers or 1 for all, height, width) for each kind.
"""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import Adam, cross_entropy
from conv_core.nets import KINDS, shared
from conv_view.mnist import Digits, digits
from conv_view.sharing_run import BATCH, RATE, learn, prepared
from conv_view.weights import FOLDER, SCALE

COUNTS = (500, 5000)
SEED, STEPS, SHOWN, MAP = 7, 3000, 30, 0
SIDE, KERNEL, CELLS = 28, 5, 144  # of the picture and of a window; the numbers of a map


def main() -> None:
    """Trains all six and writes what became of them."""
    training, held_out = digits()
    runs: list[dict[str, Any]] = []
    kept: dict[str, NDArray[Any]] = {}
    for count in COUNTS:
        few = Digits(training.images[:count], training.labels[:count])
        for kind in KINDS:
            begun = time.perf_counter()
            run, params = trained(kind, few, held_out)
            run["seconds"] = round(time.perf_counter() - begun, 1)
            runs.append(run)
            if count == COUNTS[0]:
                kept |= one_map(kind, params)
            print(f"{kind:14} {count:5}: {run['training'][-1]:.4f} and {run['held out'][-1]:.4f}", flush=True)
    told = {
        "seed": SEED,
        "batch": BATCH,
        "optimiser": f"Adam, rate {RATE}",
        "held-out digits": len(held_out),
        "runs": runs,
    }
    (FOLDER / "sharing.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    np.savez_compressed(FOLDER / "sharing.npz", **kept)  # type: ignore[arg-type]


def trained(
    kind: str, training: Digits, held_out: Digits, steps: int = STEPS
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """One network from its seed: its accuracy at `SHOWN` moments, and its loss; and its parameters."""
    graph, rng = shared(kind), np.random.default_rng(SEED)
    shape = (1, *(graph.input_size or ()))
    params, adam = graph.initial(shape, seed=SEED), Adam(RATE)
    x, labels = prepared(training.images), training.labels
    curve: dict[str, list[float]] = {"step": [], "loss": [], "training": [], "held out": []}
    for step in range(steps + 1):
        if step % (steps // SHOWN) == 0:
            curve["step"].append(step)
            scores = graph.forward(x, params)[graph.output]
            curve["loss"].append(round(cross_entropy(scores, labels), 5))
            curve["training"].append(float((scores.argmax(axis=1) == labels).mean()))
            others = graph.forward(prepared(held_out.images), params)[graph.output]
            curve["held out"].append(float((others.argmax(axis=1) == held_out.labels).mean()))
        chosen = rng.choice(len(labels), BATCH, replace=False)
        learn(graph, params, adam, x[chosen], labels[chosen])
    learnt = sum(row.parameters for row in graph.summary(shape))
    return {"kind": kind, "digits": len(labels), "parameters": learnt, **curve}, params


def one_map(kind: str, params: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The weights that the numbers of one map read the picture with, in 8 bits, with scale and biases."""
    weight, bias = params["hidden.weight"], params["hidden.bias"]
    if kind == "locally":  # (position, term, filter)
        weight, bias = weight[..., MAP], bias[:, MAP]
    elif kind == "convolutional":
        weight, bias = weight[MAP], bias[MAP : MAP + 1]
    else:  # a row for every number, map by map
        weight, bias = weight[CELLS * MAP : CELLS * (MAP + 1)], bias[CELLS * MAP : CELLS * (MAP + 1)]
    side = SIDE if kind == "fully" else KERNEL
    real = weight.reshape(-1, side, side)
    scale = np.abs(real).max(axis=(1, 2)) / 127
    stored = np.rint(real / scale[:, None, None]).astype(np.int8)
    return {kind: stored, kind + SCALE: scale.astype(np.float32), f"{kind} bias": bias}


if __name__ == "__main__":
    main()
