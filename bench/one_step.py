"""Time one training step of LeNet-5 in one library, as JSON: `python -m bench.one_step core` or `torch`.

The forward pass, the loss, the gradients and the step of SGD with momentum, for a batch of 64.
"""

from __future__ import annotations

import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

BATCH, RATE, MOMENTUM = 64, 0.01, 0.9
SECONDS = 3.0


def main() -> None:
    """Time what the command line names."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((BATCH, 1, 32, 32)).astype(np.float32)
    labels = rng.integers(0, 10, BATCH)
    step = {"core": _core, "torch": _torch}[sys.argv[1]](x, labels)
    for _ in range(5):
        step()
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        begun = time.perf_counter()
        step()
        times.append(time.perf_counter() - begun)
    print(json.dumps(statistics.median(times)))


def _core(x: np.ndarray, labels: np.ndarray) -> Callable[[], None]:
    from conv_core import SGD, cross_entropy_backward
    from conv_core.nets import lenet5

    graph, descent = lenet5(), SGD(RATE, MOMENTUM)
    params = graph.initial(x.shape, gain=1.0)

    def step() -> None:
        found = graph.forward(x, params, training=True)
        grad = cross_entropy_backward(found[graph.output], labels)
        descent.step(params, graph.backward(grad, found, params, training=True, by_input=False).params)

    return step


def _torch(x: np.ndarray, labels: np.ndarray) -> Callable[[], None]:
    # By name, for torch is no requirement of the project and has no business in its type check.
    torch = importlib.import_module("torch")
    nn, functional = torch.nn, torch.nn.functional
    from conv_core.nets.lenet import AMPLITUDE, C3_TABLE, SLOPE

    torch.set_num_threads(2)
    mask = torch.zeros(16, 6, 1, 1)
    for kernel, row in enumerate(C3_TABLE):
        mask[kernel, list(row)] = 1
    convolutions = [nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.Conv2d(16, 120, 5)]
    samples = [nn.Parameter(torch.ones(2, channels, 1, 1)) for channels in (6, 16)]
    rows = [nn.Linear(120, 84), nn.Linear(84, 10)]
    learnt = [*samples, *[one for layer in (*convolutions, *rows) for one in layer.parameters()]]
    descent = torch.optim.SGD(learnt, RATE, momentum=MOMENTUM)
    given, wanted = torch.from_numpy(x), torch.from_numpy(labels)

    def squash(values: Any) -> Any:
        return AMPLITUDE * torch.tanh(SLOPE * values)

    def step() -> None:
        maps = squash(convolutions[0](given))
        maps = squash(functional.avg_pool2d(maps, 2) * samples[0][0] + samples[0][1])
        third = convolutions[1]
        maps = squash(functional.conv2d(maps, third.weight * mask, third.bias))
        maps = squash(functional.avg_pool2d(maps, 2) * samples[1][0] + samples[1][1])
        maps = squash(convolutions[2](maps)).flatten(1)
        scores = rows[1](squash(rows[0](maps)))
        descent.zero_grad()
        functional.cross_entropy(scores, wanted).backward()
        descent.step()

    return step


if __name__ == "__main__":
    main()
