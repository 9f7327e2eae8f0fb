"""Counts by formula against counts by counting."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given

from conv_core import Wiring, conv, conv_cost, sharing
from conv_core.methods import transformed_kernels
from conv_core.methods.workspace import release
from tests.core.cases import cases


def geometry_of(case):
    return {name: case.keywords[name] for name in ("stride", "padding", "dilation", "groups")}


@given(case=cases(["float32"]))
def test_connections_are_the_pairs_that_are_really_joined(case):
    case.keywords["padding_mode"] = "zeros"
    counts = sharing(case.x.shape, case.weight.shape, **geometry_of(case), bias=case.bias is not None)
    # With ones for input and weights, an output counts the cells it is joined to.
    joined = conv(np.ones(case.x.shape, int), np.ones(case.weight.shape, int), **case.keywords)[0]
    biases = 0 if case.bias is None else joined.size
    assert counts.local == Wiring(joined.sum(), joined.sum() + biases)
    assert counts.shared == Wiring(
        joined.sum(), case.weight.size + (0 if case.bias is None else case.bias.size)
    )
    assert counts.dense == Wiring(case.x[0].size * joined.size, case.x[0].size * joined.size + biases)


def test_lenets_first_layer():
    counts = sharing((1, 1, 32, 32), (6, 1, 5, 5), bias=True)
    assert counts.shared == Wiring(connections=117_600, parameters=156)
    # LeCun and others count the bias as one more connection of every cell: 122,304.
    assert counts.shared.connections + 6 * 28 * 28 == 122_304


def test_counting_does_not_go_through_the_pairs():
    counts = sharing((1, 512, 10_000, 10_000), (512, 512, 3, 3), padding=1)
    assert counts.shared.connections == (3 * 10_000 - 2) ** 2 * 512 * 512


@pytest.mark.parametrize("method", ["direct", "im2col"])
@given(case=cases(["float32"]))
def test_operations_are_one_per_term(method, case):
    cost = conv_cost(
        case.x.shape, case.weight.shape, **geometry_of(case), bias=case.bias is not None, method=method
    )
    case.keywords["padding_mode"] = "zeros"
    cells, terms = conv(*case.arguments, **case.keywords).size, case.weight[0].size
    assert cost.multiplies == cells * terms
    assert cost.adds == cells * (terms - 1 + (case.bias is not None))


def test_the_macs_of_vggs_and_alexnets_convolutions():
    assert conv_cost((1, 64, 224, 224), (64, 64, 3, 3), padding=1).multiplies == 1_849_688_064
    assert conv_cost((1, 3, 227, 227), (96, 3, 11, 11), stride=4).multiplies == 105_415_200


@pytest.mark.parametrize("method", ["im2col", "direct"])
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize(("size", "kernel"), [(128, 3), (160, 1), (100, 5)])
def test_the_workspace_is_what_is_really_allocated(method, padding, size, kernel):
    x = np.ones((1, 4, size, size), np.float32)
    weight = np.ones((2, 4, kernel, kernel), np.float32)
    if method == "direct":
        x = x[..., :20, :20].copy()
    within_a_few_kilobytes(x, weight, padding=padding, method=method)


@pytest.mark.parametrize("stride", [1, 2])
def test_the_workspace_of_a_depthwise_convolution_and_of_sorted_rows(stride):
    x = np.ones((1, 64, 80, 80), np.float32)
    weight = np.ones((64, 1, 3, 3), np.float32)
    within_a_few_kilobytes(x, weight, groups=64, method="im2col", stride=stride)
    within_a_few_kilobytes(x[:, :8], weight[:8].repeat(8, 1), method="im2col", stride=stride)


@pytest.mark.parametrize(("channels", "size", "factor"), [(16, 64, 0.3), (64, 28, 0.3)])
def test_the_workspace_of_a_fourier_convolution_is_about_what_it_takes(channels, size, factor):
    x = np.ones((1, channels, size, size), np.float32)
    weight = np.ones((32, channels, 3, 3), np.float32)
    tracemalloc.start()
    output = conv(x, weight, method="fft")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    expected = conv_cost(x.shape, weight.shape, method="fft").workspace
    assert abs(peak - output.nbytes - expected) < factor * expected


def test_the_workspace_of_winograd_is_what_is_really_allocated():
    x = np.ones((1, 32, 60, 60), np.float32)
    weight = np.ones((48, 32, 3, 3), np.float32)
    within_a_few_kilobytes(x, weight, 60_000, method="winograd", kept=transformed_kernels._KEPT)


def within_a_few_kilobytes(x, weight, few=20_000, kept=None, **keywords):
    conv(x, weight, **keywords)
    release()  # else the first time has made all the room there is to make
    if kept is not None:
        kept.clear()
    tracemalloc.start()
    output = conv(x, weight, **keywords)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    expected = conv_cost(x.shape, weight.shape, **keywords).workspace
    # A few kilobytes of Python's own come on top.
    assert expected <= peak - output.nbytes + 512
    assert peak - output.nbytes <= expected + few
