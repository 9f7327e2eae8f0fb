"""Trains a fully connected, a locally connected and a convolutional network on few and on many digits.

Run from the repository's folder: `.venv/bin/python -m tools.train_sharing`

Each learns the first 500, then the first 5,000 digits, nothing distorted, with the same optimiser, batch and
number of steps, and is asked for the 2,000 held-out digits after every epoch; nothing is chosen by them. What
comes out is written to assets/weights/sharing.json: it is for looking at, no weights are kept.
"""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import Adam, Graph, cross_entropy, cross_entropy_backward
from conv_core.nets import KINDS, shared
from conv_view.mnist import Digits, digits
from conv_view.weights import FOLDER

COUNTS = (500, 5000)
SEED, BATCH, STEPS, RATE, SHOWN = 7, 50, 3000, 1e-3, 30


def main() -> None:
    """Trains all six and writes what became of them."""
    training, held_out = digits()
    runs = []
    for count in COUNTS:
        few = Digits(training.images[:count], training.labels[:count])
        for kind in KINDS:
            begun = time.perf_counter()
            run = trained(kind, few, held_out)
            run["seconds"] = round(time.perf_counter() - begun, 1)
            runs.append(run)
            print(f"{kind:14} {count:5}: {run['training'][-1]:.4f} and {run['held out'][-1]:.4f}", flush=True)
    told = {
        "seed": SEED,
        "batch": BATCH,
        "optimiser": f"Adam, rate {RATE}",
        "held-out digits": len(held_out),
        "runs": runs,
    }
    (FOLDER / "sharing.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def trained(kind: str, training: Digits, held_out: Digits, steps: int = STEPS) -> dict[str, Any]:
    """One network from its seed: accuracy on both sets at `SHOWN` moments of the training, and its loss."""
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
        _learn(graph, params, adam, x[chosen], labels[chosen])
    learnt = sum(row.parameters for row in graph.summary(shape))
    return {"kind": kind, "digits": len(labels), "parameters": learnt, **curve}


def prepared(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pictures (n, 28, 28) as (n, 1, 28, 28) from 0 to 1."""
    return (images[:, None] * np.float32(1 / 255)).astype(np.float32)


def _learn(
    graph: Graph,
    params: dict[str, NDArray[Any]],
    adam: Adam,
    x: NDArray[np.float32],
    labels: NDArray[np.uint8],
) -> None:
    found = graph.forward(x, params, training=True)
    grad = cross_entropy_backward(found[graph.output], labels)
    adam.step(params, graph.backward(grad, found, params, training=True, by_input=False).params)


if __name__ == "__main__":
    main()
