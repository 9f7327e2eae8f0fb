"""What PyTorch computed for 500 cases, recorded by tools/record_golden.py, computed again without it."""

from collections import Counter

import numpy as np
import pytest

import conv_core
from tests.core.golden import FOLDER, TOLERANCE, Golden

GOLDEN = Golden()
CASES = GOLDEN.cases
array = GOLDEN.array

# These are linear in their first array, so the same sum of absolute values is what a rounding is a part of.
LINEAR = ("conv", "conv_transpose", "avg_pool", "avg_pool_backward", "adaptive_avg_pool")


def results(function, arrays, keywords):
    """What our function returns, as a list of arrays whatever it returns."""
    output = getattr(conv_core, function)(*arrays, **keywords)
    if hasattr(output, "__dataclass_fields__"):
        return [getattr(output, name) for name in output.__dataclass_fields__]
    return list(output) if isinstance(output, tuple) else [output]


def magnitudes(function, arrays, keywords, expected):
    if function in LINEAR:
        return results(function, [None if one is None else np.abs(one) for one in arrays], keywords)
    return [np.max(np.abs(one), where=np.isfinite(one), initial=1e-30) for one in expected]


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: f"{n}-{CASES[n]['function']}")
def test_torch_said_the_same(number):
    case = CASES[number]
    arrays, expected = GOLDEN.given(case), GOLDEN.expected(case)
    found = results(case["function"], arrays, case["keywords"])
    sizes = magnitudes(case["function"], arrays, case["keywords"], expected)
    assert len(found) == len(expected)
    for ours, theirs, size in zip(found, expected, sizes, strict=True):
        assert ours.shape == theirs.shape
        assert ours.dtype == theirs.dtype
        if theirs.dtype.kind == "i":
            assert np.array_equal(ours, theirs)
            continue
        finite = np.isfinite(theirs)
        assert np.array_equal(ours[~finite], theirs[~finite], equal_nan=True)
        differences = np.abs(ours[finite] - theirs[finite])
        assert np.all(differences <= TOLERANCE[theirs.dtype.name] * np.broadcast_to(size, ours.shape)[finite])


def test_there_are_500_and_every_operation_is_among_them():
    assert len(CASES) == 500
    count = Counter(case["function"] for case in CASES)
    assert count["conv"] >= 100
    assert count["conv_transpose"] >= 100
    assert count["max_pool"] + count["max_pool_backward"] >= 80
    assert {name for name in count if not name.endswith("_backward")} >= {
        "avg_pool",
        "lp_pool",
        "adaptive_avg_pool",
        "max_unpool",
        "batch_norm",
        "running_statistics",
        "local_response_norm",
        "relu",
        "softmax",
    }
    ranks = Counter(len(case["arrays"][0][2]) - 2 for case in CASES if case["function"].startswith("conv"))
    assert set(ranks) == {1, 2, 3}


def test_the_traps_are_among_them():
    """Overhang, windows dropped at the end, output padding with and without padding, equals, NaN."""
    pools = [case for case in CASES if "ceil_mode" in case["keywords"]]
    assert sum(case["keywords"]["ceil_mode"] for case in pools) > 40
    dropped = 0
    for case in pools:
        keywords = case["keywords"]
        spatial = case["arrays"][-1][2][2:]
        kernel, step = keywords["kernel"], keywords["stride"] or keywords["kernel"]
        apart = keywords.get("dilation", [1] * len(kernel))
        for size, k, s, d, p in zip(spatial, kernel, step, apart, keywords["padding"], strict=True):
            span = d * (k - 1) + 1
            room = size + 2 * p - span
            dropped += keywords["ceil_mode"] and room % s > 0 and (room // s + 1) * s >= size + p
    assert dropped > 3
    transposed = [case["keywords"] for case in CASES if case["function"] == "conv_transpose"]
    for padded in (True, False):
        assert any(
            bool(p) == padded and added
            for one in transposed
            for p, added in zip(one["padding"], one["output_padding"], strict=True)
        )
    assert any(
        added >= s
        for one in transposed
        for added, s in zip(one["output_padding"], one["stride"], strict=True)
    )
    rough = [array(case["arrays"][-1]) for case in CASES if case["function"].startswith("max_pool")]
    assert sum(bool(np.isnan(one).any()) for one in rough) > 10
    assert sum(bool(np.isneginf(one).any()) for one in rough) > 10


def test_the_files_are_small():
    # 500 cases of layers, and as many of the way back.
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_000_000
