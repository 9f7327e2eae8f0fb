"""Hold the gradients of convolution against PyTorch's autograd, over thousands of random configurations.

    somewhere/bin/python -m tools.compare_torch 3000 1

takes how many, and a seed; that Python needs torch and numpy (tools/record_golden.py tells how). Ranks 1 to
3, stride, dilation, groups, batch, padding in numbers, as "same" and of every mode, float32 and float64. It
prints the worst error of each type, and fails if one is beyond what is promised. An error is a difference as
part of what was summed: of the same gradient of the absolute values.
"""

import sys
from collections import Counter

import numpy as np

from conv_core import conv_backward
from tools.golden_backward import gradients
from tools.golden_book import Dice, torch

PROMISED = {"float32": 1e-5, "float64": 1e-10}
PARTS = ("x", "weight", "bias")
SIZES = {1: 60, 2: 16, 3: 8}
MOST_CHANNELS = 5


def main() -> None:
    """Compare as many as the command line says."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    torch.set_num_threads(1)
    dice = Dice(seed)
    worst: dict[tuple[str, str], float] = {}
    compared: Counter[str] = Counter()
    refused = 0
    while compared.total() < count:
        try:
            arrays, keywords, theirs = gradients(dice, SIZES, MOST_CHANNELS)
        except (RuntimeError, ValueError):
            # What torch refuses is no case: a window that does not fit, too much padding.
            refused += 1
            continue
        ours = conv_backward(*arrays, **keywords)
        sizes = conv_backward(*[np.abs(array.astype(np.float64)) for array in arrays], **keywords)
        dtype = arrays[0].dtype.name
        compared[dtype] += 1
        for part, expected in zip(PARTS, theirs, strict=True):
            error = largest(getattr(ours, part), expected.numpy(), getattr(sizes, part))
            if not error <= PROMISED[dtype]:
                print(f"beyond what is promised: {dtype}, {part}, {error:.1e}, {keywords}")
            worst[dtype, part] = max(worst.get((dtype, part), 0.0), error)
    print(f"seed {seed}; {refused} configurations were refused by torch and are not counted")
    for dtype, number in sorted(compared.items()):
        each = ", ".join(f"{part} {worst[dtype, part]:.1e}" for part in PARTS)
        print(f"{dtype}: {number} configurations, worst error {each} (promised {PROMISED[dtype]:.0e})")
    if any(not error <= PROMISED[dtype] for (dtype, _), error in worst.items()):
        sys.exit(1)


def largest(ours: np.ndarray, theirs: np.ndarray, sizes: np.ndarray) -> float:
    """The largest difference as part of what was summed; where nothing was, any difference is too large."""
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return float("inf")
    apart = np.abs(ours.astype(np.float64) - theirs)
    apart[apart > 0] /= np.maximum(sizes[apart > 0], np.finfo(np.float64).tiny)
    return float(np.nan_to_num(apart, nan=np.inf).max())


if __name__ == "__main__":
    main()
