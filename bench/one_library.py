"""Time one library on every layer, and print the medians as JSON: `python -m bench.one_library auto im2col`.

Either torch alone or methods of the core: their thread pools would slow each other in one process.
"""

from __future__ import annotations

import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from conv_view.known_layers import LAYERS, Layer

SECONDS = 0.7
LEAST, MOST = 3, 60


def main() -> None:
    """Time the methods that the command line names."""
    times = {
        name: {method: _median(_prepared(layer, method)) for method in sys.argv[1:]}
        for name, layer in LAYERS.items()
    }
    print(json.dumps(times))


def _prepared(layer: Layer, method: str) -> Callable[[], object] | None:
    """A call that convolves this layer, or None where the method cannot."""
    rng = np.random.default_rng(0)
    x, weight = (rng.uniform(-1, 1, shape).astype(np.float32) for shape in layer.shapes)
    where = layer.keywords
    if method == "torch":
        # By name, for torch is no requirement of the project and has no business in its type check.
        torch = importlib.import_module("torch")
        torch.set_num_threads(2)
        torch.set_grad_enabled(False)
        given, kernels = torch.from_numpy(x), torch.from_numpy(weight)
        return lambda: torch.nn.functional.conv2d(given, kernels, **where)
    from conv_core import WindowError, conv

    try:
        conv(x[:, :, : layer.kernel, : layer.kernel], weight, method=method, **(where | {"padding": 0}))
    except WindowError:
        return None
    return lambda: conv(x, weight, method=method, **where)


def _median(call: Callable[[], object] | None) -> float | None:
    if call is None:
        return None
    call()
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(times) < LEAST or (time.perf_counter() < end and len(times) < MOST):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


if __name__ == "__main__":
    main()
