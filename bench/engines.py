"""The engines of the core against torch, layer by layer, each library in a process of its own.

torch is no requirement of the project: it is looked for in this interpreter, and else in the one that the
environment variable TORCH_PYTHON names.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from math import exp, log

from bench.house import ROOT
from bench.table import Row
from conv_view.known_layers import LAYERS
from conv_view.text import words

ROUNDS = 5
METHODS = ("auto", "direct", "im2col", "fft", "winograd")
DENSE_BOUND, DEPTHWISE_BOUND, AUTO_BOUND = 1.15, 8.0, 1.2

# Both libraries get two threads, whatever the machine has.
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "2")

Times = dict[str, dict[str, float | None]]


def engines() -> Iterator[Row]:
    """Time every method on every layer, in turn with torch: medians of rounds, as ratios."""
    rival = torch_python()
    ours: list[Times] = []
    theirs: list[Times] = []
    for number in range(ROUNDS):
        # Direct convolution takes a thousand times torch's time; once is enough to know.
        asked = METHODS if number == 0 else ("auto", "im2col", "winograd")
        ours.append(_timed(sys.executable, asked))
        if rival is not None:
            theirs.append(_timed(rival, ("torch",)))
    if rival is None:
        print("torch is not installed here (TORCH_PYTHON may name an interpreter that has it): no ratios")
    ratios = []
    for key, layer in LAYERS.items():
        name = words("en")[f"layers.{key}"]
        of_auto = _median(ours, key, "auto")
        if theirs:
            torch = _median(theirs, key, "torch")
            ratio = of_auto / torch
            bound = DEPTHWISE_BOUND if layer.groups > 1 else None
            note = f"{of_auto * 1e3:.2f} ms against {torch * 1e3:.2f}"
            yield Row(f"auto / torch, {name}", ratio, "x", bound, note=note)
            if layer.groups == 1:
                ratios.append(ratio)
            for method in METHODS[1:]:
                if (other := _median(ours, key, method)) < float("inf"):
                    yield Row(f"  {method} / torch, {name}", other / torch, "x")
        quickest = min(_median(ours, key, method) for method in METHODS[1:])
        yield Row(f"auto / the quickest single method, {name}", of_auto / quickest, "x", AUTO_BOUND)
    if ratios:
        mean = exp(statistics.mean(map(log, ratios)))
        yield Row("auto / torch, geometric mean of the seven dense layers", mean, "x", DENSE_BOUND)


def _median(rounds: list[Times], name: str, method: str) -> float:
    found = [each[name][method] for each in rounds if each[name].get(method) is not None]
    return statistics.median([one for one in found if one is not None]) if found else float("inf")


def _timed(python: str, methods: tuple[str, ...]) -> Times:
    code = [python, "-m", "bench.one_library", *methods]
    done = subprocess.run(
        code, cwd=ROOT, env={**os.environ, **THREADS}, capture_output=True, text=True, check=True
    )
    times: Times = json.loads(done.stdout)
    return times


def torch_python() -> str | None:
    """The interpreter that has torch, or None."""
    if importlib.util.find_spec("torch"):
        return sys.executable
    return os.environ.get("TORCH_PYTHON")
