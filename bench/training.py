"""One training step of LeNet-5 against torch, in turns, each library in a process of its own."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator

from bench.engines import THREADS, torch_python
from bench.house import ROOT
from bench.table import Row

ROUNDS = 3
BOUND = 3.0


def training() -> Iterator[Row]:
    """Time a step of both: medians of rounds, as a ratio."""
    rival = torch_python()
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_timed(sys.executable, "core"))
        if rival is not None:
            theirs.append(_timed(rival, "torch"))
    mine = statistics.median(ours)
    if not theirs:
        print("torch is not installed here (TORCH_PYTHON may name an interpreter that has it): no ratio")
        yield Row("a training step of LeNet-5, batch 64", mine * 1e3, "ms")
        return
    torch = statistics.median(theirs)
    note = f"{mine * 1e3:.1f} ms against {torch * 1e3:.1f}"
    yield Row("a training step of LeNet-5, batch 64 / torch", mine / torch, "x", BOUND, note=note)


def _timed(python: str, library: str) -> float:
    code = [python, "-m", "bench.one_step", library]
    done = subprocess.run(
        code, cwd=ROOT, env={**os.environ, **THREADS}, capture_output=True, text=True, check=True
    )
    return float(json.loads(done.stdout))
