"""What recordings of PyTorch have in common: random cases from a seed, and the files that they go into.

`cases.json` names for each case one of our functions, its keywords, its arrays and the arrays torch gave;
`arrays.npz` holds the numbers of all of them in one row per type.
"""

import importlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

# By name, for torch is no requirement of the project and has no business in its type check.
torch = importlib.import_module("torch")

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "golden"
DTYPES = (np.float32, np.float64)
NAN, INF = float("nan"), float("inf")

Arrays = list[np.ndarray | None]


class Book:
    """Cases in the order in which they are recorded, and the numbers of their arrays."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.cases: list[dict[str, Any]] = []
        self.rows: dict[str, list[np.ndarray]] = {}
        self.used: dict[str, int] = {}

    def enter(self, function: str, arrays: Arrays, keywords: dict[str, Any], *expected: Any) -> None:
        """One call of ours, and what torch gave for it."""
        self.cases.append(
            {
                "function": function,
                "arrays": [None if array is None else self._keep(array) for array in arrays],
                "keywords": keywords,
                "expected": [self._keep(one.detach().numpy()) for one in expected],
            }
        )

    def _keep(self, array: np.ndarray) -> list[Any]:
        """[type, where it begins in the row of that type, shape]."""
        name = array.dtype.name
        begin = self.used.get(name, 0)
        self.rows.setdefault(name, []).append(array.ravel())
        self.used[name] = begin + array.size
        return [name, begin, list(array.shape)]

    def write(self, ending: str = "") -> None:
        """Both files, with an ending to their names."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        head = {"torch": str(torch.__version__).partition("+")[0], "seed": self.seed}
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in self.cases)
        text = f'{json.dumps(head)[:-1]}, "cases": [\n{lines}\n]}}\n'
        (FOLDER / f"cases{ending}.json").write_text(text, encoding="utf-8")
        rows: dict[str, Any] = {name: np.concatenate(row) for name, row in self.rows.items()}
        np.savez_compressed(FOLDER / f"arrays{ending}.npz", **rows)
        size = sum((FOLDER / name).stat().st_size for name in (f"cases{ending}.json", f"arrays{ending}.npz"))
        print(f"{len(self.cases)} cases, {size / 1000:.0f} KB in {FOLDER.name}/")


class Dice:
    """Random sizes and numbers, from one seed."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.default_rng(seed)
        self.dtype: type = DTYPES[0]

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return int(self.generator.integers(low, high + 1))

    def axes(self, rank: int, low: int, high: int) -> list[int]:
        """One for each axis."""
        return [self.between(low, high) for _ in range(rank)]

    def flag(self) -> bool:
        """Heads or tails."""
        return self.between(0, 1) == 1

    def array(self, shape: list[int], *, rough: bool = False) -> np.ndarray:
        """Numbers in [-1, 1]; rough ones come in steps, so that there are equals, with some NaN and inf."""
        values = self.generator.uniform(-1, 1, shape)
        if rough:
            values = np.round(values * 3)
            values[self.generator.random(shape) < 0.04] = NAN
            values[self.generator.random(shape) < 0.1] = -INF
        return values.astype(self.dtype)

    def settle(self) -> int:
        """Choose the type of the next case, and give it a rank."""
        self.dtype = DTYPES[self.between(0, 1)]
        return self.between(1, 3)


def tensor(array: np.ndarray | None, *, watch: bool = False) -> Any:
    """A copy for torch, which may record its gradient."""
    return None if array is None else torch.from_numpy(array.copy()).requires_grad_(watch)


Plan = Sequence[tuple[Callable[[Dice, Book], None], int]]


def record(plan: Plan, dice: Dice, book: Book) -> None:
    """As many cases of each kind as the plan says."""
    for enter, count in plan:
        wanted = len(book.cases) + count
        while len(book.cases) < wanted:
            try:
                enter(dice, book)
            except (RuntimeError, ValueError):
                # What torch refuses is no case: a window that does not fit, too much padding.
                continue
            if 0 in [size for one in book.cases[-1]["expected"] for size in one[2]]:
                book.cases.pop()
