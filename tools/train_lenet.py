"""Trains LeNet-5 on handwritten digits with conv_core alone, and writes its weights and a report.

Run from the repository's folder: `.venv/bin/python -m tools.train_lenet`

8,000 digits, each time distorted anew, 2,000 held out that are looked at once, after the last step: nothing
is chosen by them. Everything is drawn from one seed, so that the same NumPy on the same processor gives the
same weights; other processors sum in another order, and differ in the last digits and so, after some
thousand steps, in which digits are missed.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import SGD, Graph, cross_entropy, cross_entropy_backward
from conv_core.nets import lenet5, lenet5_input
from conv_view.mnist import digits
from conv_view.weights import FOLDER
from tools.distort import distorted

SEED, EPOCHS, BATCH = 1998, 80, 64
LARGEST_RATE, MOMENTUM, DECAY = 0.04, 0.9, 1e-4
WARM_UP = 500  # steps
GAIN = 1.0
SHAPE = (1, 1, 32, 32)


def main() -> None:
    """Trains, measures, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    chosen = parser.parse_args()
    training, held_out = digits()
    begun = time.perf_counter()
    graph, params, curve = trained(training.images, training.labels, chosen.seed, chosen.epochs)
    seconds = time.perf_counter() - begun
    right = int((answers(graph, params, held_out.images) == held_out.labels).sum())
    known = int((answers(graph, params, training.images) == training.labels).sum())
    report = {
        "network": graph.name,
        "parameters": sum(row.parameters for row in graph.summary(SHAPE)),
        "training digits": len(training),
        "held-out digits": len(held_out),
        "split": "the first 8,000 and the last 2,000 of assets/data/digits.npz, an order drawn from seed 5",
        "seed": chosen.seed,
        "epochs": chosen.epochs,
        "batch": BATCH,
        "optimiser": f"SGD, momentum {MOMENTUM}, weight decay {DECAY}, rate {LARGEST_RATE} falling to 0",
        "held-out right": right,
        "held-out accuracy": right / len(held_out),
        "training accuracy": known / len(training),
        "seconds": round(seconds, 1),
        "numpy": np.__version__,
        "loss by epoch": [round(loss, 4) for loss in curve],
    }
    print(f"held out: {right} of {len(held_out)} right, {seconds:.0f} seconds")
    if not chosen.dry:
        write(params, report)


def trained(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], seed: int, epochs: int
) -> tuple[Graph, dict[str, NDArray[Any]], list[float]]:
    """LeNet-5 after that many times through the digits, and the mean loss of each."""
    graph, rng = lenet5(), np.random.default_rng(seed)
    params = graph.initial(SHAPE, seed=seed, gain=GAIN)
    descent = SGD(LARGEST_RATE, MOMENTUM, DECAY)
    steps = epochs * (len(images) // BATCH)
    curve, step = [], 0
    for epoch in range(epochs):
        order, total = rng.permutation(len(images)), 0.0
        for first in range(0, len(images) - BATCH + 1, BATCH):
            chosen = order[first : first + BATCH]
            x = lenet5_input(distorted(images[chosen].astype(np.float32), rng))
            descent.lr = rate(step, steps)
            activations = graph.forward(x, params, training=True)
            scores = activations[graph.output]
            total += cross_entropy(scores, labels[chosen])
            grad = cross_entropy_backward(scores, labels[chosen])
            back = graph.backward(grad, activations, params, training=True, by_input=False)
            descent.step(params, back.params)
            step += 1
        curve.append(total / (len(images) // BATCH))
        print(f"epoch {epoch + 1:3} of {epochs}: loss {curve[-1]:.4f}", flush=True)
    return graph, params, curve


def rate(step: int, steps: int) -> float:
    """The learning rate: up in a line, then down along a cosine."""
    if step < WARM_UP:
        return LARGEST_RATE * (step + 1) / WARM_UP
    return LARGEST_RATE * (1 + np.cos(np.pi * (step - WARM_UP) / max(steps - WARM_UP, 1))) / 2


def answers(graph: Graph, params: dict[str, NDArray[Any]], images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The digit that each picture is taken for."""
    scores = [
        graph.forward(lenet5_input(images[first : first + 500]), params)[graph.output]
        for first in range(0, len(images), 500)
    ]
    return np.concatenate(scores).argmax(axis=1)


def write(params: dict[str, NDArray[Any]], report: dict[str, Any], folder: Path = FOLDER) -> None:
    """The weights in one file, the report beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, Any] = {name: params[name] for name in sorted(params)}
    np.savez_compressed(folder / "lenet5.npz", **rows)
    (folder / "lenet5.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
