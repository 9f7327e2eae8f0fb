"""Cases that tools/record_golden.py recorded with PyTorch: our function, its arguments, torch's arrays."""

import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "golden"
TOLERANCE = {"float32": 1e-5, "float64": 1e-12}


class Golden:
    """One pair of files; `cases` are as they stand in it, `array` gives the numbers that they name."""

    def __init__(self, ending=""):
        self.cases = json.loads((FOLDER / f"cases{ending}.json").read_text(encoding="utf-8"))["cases"]
        with np.load(FOLDER / f"arrays{ending}.npz", allow_pickle=False) as stored:
            self.rows = dict(stored)

    def array(self, place):
        """(type, begin, shape) of the numbers; with a fourth entry they are hundredths, of that type."""
        if place is None:
            return None
        name, begin, shape, *real = place
        found = self.rows[name][begin : begin + int(np.prod(shape))].reshape(shape)
        return (found / 100).astype(real[0]) if real else found

    def given(self, case):
        return [self.array(place) for place in case["arrays"]]

    def expected(self, case):
        return [self.array(place) for place in case["expected"]]
