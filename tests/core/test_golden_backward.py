"""What PyTorch's autograd and its optimizers gave, recorded by tools/golden_backward.py, without it."""

from collections import Counter

import numpy as np
import pytest

import conv_core
from conv_core import conv_backward
from tests.core.golden import FOLDER, TOLERANCE, Golden

GOLDEN = Golden("_backward")
CASES = GOLDEN.cases


def numbers(*functions):
    """A parameter for each case of these functions."""
    chosen = [number for number, case in enumerate(CASES) if case["function"] in functions]
    return pytest.mark.parametrize("number", chosen)


def gradients(arrays, keywords):
    back = conv_backward(*arrays, **keywords)
    return back.x, back.weight, back.bias


@numbers("conv_backward")
def test_autograd_gave_the_same_gradients(number):
    """As part of what was summed: the same gradients of the absolute values."""
    case = CASES[number]
    arrays = GOLDEN.given(case)
    sizes = gradients([np.abs(array) for array in arrays], case["keywords"])
    found = gradients(arrays, case["keywords"])
    for ours, theirs, size in zip(found, GOLDEN.expected(case), sizes, strict=True):
        assert ours.shape == theirs.shape
        assert ours.dtype == theirs.dtype
        assert np.all(np.abs(ours - theirs) <= TOLERANCE[theirs.dtype.name] * size)


@numbers("mse_loss", "cross_entropy")
def test_losses_and_their_gradients_are_the_same(number):
    case = CASES[number]
    (first, second), (loss, slopes) = GOLDEN.given(case), GOLDEN.expected(case)
    found = getattr(conv_core, case["function"])(first, second, **case["keywords"])
    back = getattr(conv_core, f"{case['function']}_backward")(first, second, **case["keywords"])
    near = TOLERANCE[first.dtype.name]
    # A sure sample's loss is a difference of numbers of the size of its scores.
    scale = float(loss) if case["function"] == "mse_loss" else float(np.abs(first).max())
    assert abs(found - float(loss)) <= near * scale
    assert back.dtype == slopes.dtype
    assert back.shape == slopes.shape
    assert np.all(np.abs(back - slopes) <= near * (np.abs(slopes).max() + 1e-30))


@numbers("SGD", "Adam")
def test_descents_take_the_same_way(number):
    case = CASES[number]
    start, *grads = GOLDEN.given(case)
    params = {"w": start.copy()}
    optimizer = getattr(conv_core, case["function"])(**case["keywords"])
    for grad, place in zip(grads, GOLDEN.expected(case), strict=True):
        optimizer.step(params, {"w": grad})
        assert params["w"].dtype == place.dtype
        size = np.maximum(np.abs(place), np.abs(start)) + 1
        assert np.all(np.abs(params["w"] - place) <= TOLERANCE[place.dtype.name] * size)


def test_there_are_500_gradients_of_every_rank_type_and_padding():
    count = Counter(case["function"] for case in CASES)
    assert count["conv_backward"] == 500
    assert count["SGD"] + count["Adam"] == 40
    assert min(count[name] for name in ("SGD", "Adam", "mse_loss", "cross_entropy")) >= 10
    ways = [case for case in CASES if case["function"] == "conv_backward"]
    for kinds in (
        Counter(len(case["arrays"][1][2]) - 2 for case in ways),
        Counter(case["arrays"][1][3] for case in ways),
        Counter(case["keywords"]["groups"] for case in ways),
        Counter(max(case["keywords"]["stride"]) for case in ways),
        Counter(max(case["keywords"]["dilation"]) for case in ways),
    ):
        assert min(kinds.values()) > 50
        assert len(kinds) >= 2
    modes = Counter(case["keywords"].get("padding_mode", "own") for case in ways)
    assert min(modes[name] for name in ("own", *conv_core.MODES)) > 15
    assert sum(case["keywords"]["padding"] == "same" for case in ways) > 30


def test_cells_that_the_stride_drops_are_among_them():
    dropped = 0
    for case in CASES:
        if case["function"] == "conv_backward" and max(case["keywords"]["stride"]) > 1:
            x, weight = case["arrays"][1][2], case["arrays"][2][2]
            keywords = case["keywords"]
            pads = [one if isinstance(one, list) else [one, one] for one in keywords["padding"]]
            dropped += any(
                (size + sum(pair) - apart * (taps - 1) - 1) % step
                for size, pair, apart, taps, step in zip(
                    x[2:], pads, keywords["dilation"], weight[2:], keywords["stride"], strict=True
                )
            )
    assert dropped > 50


def test_the_files_are_small():
    assert sum(path.stat().st_size for path in FOLDER.glob("*_backward.*")) < 600_000
