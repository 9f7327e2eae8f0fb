"""Room that is used again is never seen from outside, and never shared between threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from conv_core import conv
from conv_core.methods.workspace import LARGEST_BYTES, borrow, release

LAYERS = (
    {"padding": 1},
    {"padding": 1, "stride": 2, "method": "im2col"},
    {"padding": 1, "method": "winograd"},
    {"groups": 8},
    {"groups": 8, "padding": 1, "stride": 2},
)


@pytest.mark.parametrize("keywords", LAYERS)
def test_a_result_is_not_touched_by_the_next(keywords):
    rng = np.random.default_rng(0)
    weight = rng.uniform(-1, 1, (8, 8 // keywords.get("groups", 1), 3, 3)).astype(np.float32)
    first, second = rng.uniform(-1, 1, (2, 1, 8, 20, 20)).astype(np.float32)
    result = conv(first, weight, **keywords)
    kept = result.copy()
    other = conv(second, weight, **keywords)
    assert np.array_equal(result, kept)
    assert not np.shares_memory(result, other)
    assert np.array_equal(conv(first, weight, **keywords), kept)


def test_threads_do_not_disturb_each_other():
    rng = np.random.default_rng(1)
    weight = rng.uniform(-1, 1, (8, 8, 3, 3)).astype(np.float32)
    pictures = rng.uniform(-1, 1, (24, 1, 8, 24, 24)).astype(np.float32)

    def work(picture):
        return [conv(picture, weight, padding=1, method=method) for method in ("im2col", "winograd", "fft")]

    alone = [work(picture) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(work, pictures))
    for one, other in zip(alone, together, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_large_rooms_and_objects_are_not_kept():
    release()
    large = borrow("tested", (LARGEST_BYTES + 1,), np.uint8)
    assert not np.shares_memory(large, borrow("tested", (LARGEST_BYTES + 1,), np.uint8))
    assert borrow("tested", (2,), object).tolist() == [None, None]
    small = borrow("tested", (10,), np.float32)
    assert np.shares_memory(small, borrow("tested", (4,), np.float64))
    release()
    assert not np.shares_memory(small, borrow("tested", (10,), np.float32))
