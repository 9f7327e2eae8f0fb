"""Channels of a picture, weights by a seed, what a reader types, and the ways to compute one thing twice."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.signal import correlate2d

from conv_core import conv, conv_trace
from conv_view import channel_code, channels
from conv_view.separable import SIDE, count_of, separable
from conv_view.stories.channels import channels as story
from conv_view.stories.convolution import convolution
from conv_view.text import words
from tests import wire

PICTURE = np.random.default_rng(5).integers(0, 256, (9, 11, 3)).astype(np.uint8)
GROUPINGS = [(3, 3, 1), (3, 6, 3), (4, 8, 2), (6, 6, 3), (8, 16, 8), (8, 8, 1)]


@pytest.mark.parametrize("count", channels.COUNTS)
def test_the_channels_are_whole_numbers_of_a_byte_and_begin_with_the_picture(count):
    x = channels.maps(PICTURE, count)
    assert (x.shape, x.dtype) == ((1, count, 9, 11), np.float32)
    assert np.array_equal(x[0, :3], PICTURE.transpose(2, 0, 1))
    assert np.array_equal(x, np.clip(np.rint(x), 0, 255))
    assert np.array_equal(x, channels.maps(PICTURE, 8)[:, :count])


def test_a_map_is_the_amount_of_a_quarter_of_sobel():
    grey = np.random.default_rng(1).integers(0, 256, (7, 8)).astype(np.uint8)
    sobel = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    expected = np.rint(np.abs(correlate2d(np.pad(grey.astype(float), 1, mode="edge"), sobel, "valid")) / 4)
    assert np.array_equal(channels.maps(grey, 6)[0, 4], expected)
    assert np.array_equal(channels.maps(grey, 6)[0, 0], grey)


@pytest.mark.parametrize(("count", "filters", "groups"), GROUPINGS)
@pytest.mark.parametrize("size", channels.SIZES)
@pytest.mark.parametrize("kind", channels.KINDS)
def test_weights_have_the_shape_that_the_groups_ask_for(kind, size, count, filters, groups):
    weight = channels.weights(kind, 3, count, filters, groups, size)
    assert (weight.shape, weight.dtype) == ((filters, count // groups, size, size), np.float32)
    assert np.abs(weight).sum((2, 3)).min() >= (0 if kind == channels.NAMED else 1)


@pytest.mark.parametrize("seed", [0, 7, 999])
def test_random_weights_are_small_whole_numbers_that_answer_an_even_area_with_nothing(seed):
    weight = channels.weights(channels.RANDOM, seed, 8, 16, 1, 3)
    assert set(np.unique(weight)) == {-2, -1, 0, 1, 2}
    assert not weight.sum((2, 3)).any()
    assert np.array_equal(weight, channels.weights(channels.RANDOM, seed, 8, 16, 1, 3))
    assert not np.array_equal(weight, channels.weights(channels.RANDOM, seed + 1, 8, 16, 1, 3))


@pytest.mark.parametrize(("count", "filters", "groups"), GROUPINGS)
def test_a_filter_keeps_its_weights_for_what_it_still_reads(count, filters, groups):
    dense = channels.weights(channels.RANDOM, 4, count, filters, 1, 3)
    grouped = channels.weights(channels.RANDOM, 4, count, filters, groups, 3)
    for number in range(filters):
        among = list(channels.read_by(number, count, filters, groups))
        assert np.array_equal(grouped[number], dense[number, among])


def test_every_divisor_is_a_step_from_dense_to_depthwise():
    for count in channels.COUNTS:
        for times in range(1, channels.MOST_FILTERS // count + 1):
            assert channels.steps(count, count * times) == [
                at for at in range(1, count + 1) if count % at == 0
            ]


@pytest.mark.parametrize(("count", "filters", "groups"), GROUPINGS)
def test_partial_sums_add_up_to_the_output(count, filters, groups):
    x = channels.maps(PICTURE, count)
    weight = channels.weights(channels.RANDOM, 2, count, filters, groups, 3)
    trace = conv_trace(x, weight, groups=groups, padding=1, stride=2)
    for index in range(0, len(trace), 7):
        sums, value = channels.partial_sums(trace, index)
        _, number, row, column = trace[index].out
        among = channels.read_by(number, count, filters, groups)
        padded = np.pad(x[0], ((0, 0), (1, 1), (1, 1)))
        windows = padded[list(among), 2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
        assert sums == (windows * weight[number]).sum((1, 2)).tolist()
        assert value == trace.output[0, number, row, column] == sum(sums)


@pytest.mark.parametrize(("count", "filters", "groups"), GROUPINGS)
def test_pointwise_is_a_matrix_product(count, filters, groups):
    x = channels.maps(PICTURE, count)
    weight = channels.weights(channels.RANDOM, 1, count, filters, groups, 1)
    matrix = channels.as_matrix(weight, groups)
    assert matrix.shape == (filters, count)
    assert np.count_nonzero(matrix) == weight.size
    assert np.array_equal(np.einsum("oc,chw->ohw", matrix, x[0]), conv(x, weight, groups=groups)[0])


@pytest.mark.parametrize(("count", "filters"), [(3, 3), (4, 16), (6, 12), (8, 8), (4, 1)])
@pytest.mark.parametrize(("stride", "padding"), [(1, 1), (2, 0), (3, 1)])
def test_separable_takes_the_share_of_the_formula_and_computes_what_a_dense_one_can(
    count, filters, stride, padding
):
    x = channels.maps(PICTURE, count)
    both = separable(x, filters, channels.RANDOM, 6, stride=stride, padding=padding)
    # By hand: a weight a parameter, a product for each weight at each place.
    _, _, height, width = both.pointwise.shape
    dense, lone, mixing = filters * count * SIDE**2, count * SIDE**2, filters * count
    assert [one.parameters for one in both.counts.values()] == [dense, lone, mixing]
    assert [one.multiplies for one in both.counts.values()] == [
        number * height * width for number in (dense, lone, mixing)
    ]
    assert both.shares == (both.formula, both.formula)
    assert both.formula == Fraction(lone + mixing, dense)
    assert both.difference == 0
    depthwise = np.stack(
        [
            correlate2d(np.pad(one, padding), weight[0], "valid")[::stride, ::stride]
            for one, weight in zip(x[0], both.depthwise.weight, strict=True)
        ]
    )
    expected = np.einsum("oc,chw->ohw", both.pointwise.weight[:, :, 0, 0], depthwise)
    assert np.array_equal(both.pointwise.output[0], expected)


def test_groups_divide_the_counts():
    dense = count_of((1, 8, 9, 9), (16, 8, 3, 3), (1, 16, 9, 9), padding=1)
    for groups in (2, 4, 8):
        ours = count_of((1, 8, 9, 9), (16, 8 // groups, 3, 3), (1, 16, 9, 9), padding=1, groups=groups)
        assert (ours.parameters * groups, ours.multiplies * groups) == (dense.parameters, dense.multiplies)


def test_typed_weights_outlive_a_change_of_groups():
    dense = channels.weights(channels.RANDOM, 0, 4, 4, 1, 3)
    edited = dense.copy()
    edited[2, 3, 0, 1], edited[2, 0, 1, 1] = 9, -7.5
    cells = channels.typed(dense, edited, 1, (0.0,))
    assert np.array_equal(channels.changed(dense, 1, cells), edited)
    depth = channels.weights(channels.RANDOM, 0, 4, 4, 2, 3)
    grouped = channels.changed(depth, 2, cells)
    # Filter 2 reads channels 2 and 3 now: what was typed for channel 3 is there, for channel 0 it waits.
    assert grouped[2, 1, 0, 1] == 9
    assert np.count_nonzero(grouped != depth) == 1
    again = grouped.copy()
    again[2, 1, 0, 1] = 5
    cells = channels.typed(grouped, again, 2, cells)
    edited[2, 3, 0, 1] = 5
    assert np.array_equal(channels.changed(dense, 1, cells), edited)


@pytest.mark.parametrize(
    "nonsense", [(0.0,), (1.0, 2.0), (99, 0, 0, 0, 5.0), (0, -3, 0, 0, 1.0), (0, 0, 9, 9, 1.0)]
)
def test_typed_weights_that_fit_nowhere_change_nothing(nonsense):
    weight = channels.weights(channels.RANDOM, 0, 4, 4, 2, 3)
    assert np.array_equal(channels.changed(weight, 2, nonsense), weight)


@pytest.mark.parametrize(("count", "filters", "groups"), GROUPINGS)
def test_every_step_of_the_story_reads_the_slices_of_its_group(count, filters, groups):
    weight = channels.weights(channels.RANDOM, 8, count, filters, groups, 3)
    trace = conv_trace(channels.maps(PICTURE, count)[..., :5, :6], weight, groups=groups, stride=2, padding=1)
    header = wire.decode(story(trace, words("en")).to_bytes())
    plain = wire.decode(convolution(trace, words("en"), signed=True).to_bytes())
    assert header["acts"] == plain["acts"]
    assert header["panels"].keys() == plain["panels"].keys()
    (act,) = header["acts"]
    terms = list(wire.indices(act["terms"]))
    for number, index in enumerate(wire.indices(act["shape"])):
        step = trace[number]
        total = 0.0
        for term in terms:
            read = wire.cell(wire.relation(act, "input"), index, term)
            weighed = wire.cell(wire.relation(act, "kernel"), index, term)
            assert read[0] in channels.read_by(step.out[1], count, filters, groups)
            assert weighed[0] == step.out[1]
            total += wire.value(header["panels"]["input"], read) * wire.value(
                header["panels"]["kernel"], weighed
            )
        result = wire.cell(wire.relation(act, "output"), index, terms[0])
        assert (0, *result) == step.out
        assert wire.value(header["panels"]["output"], result) == total == step.value


@pytest.mark.parametrize(("count", "filters", "groups"), GROUPINGS)
def test_the_code_names_the_groups_and_runs(count, filters, groups, capsys):
    x = channels.maps(PICTURE, count)
    weight = channels.weights(channels.RANDOM, 0, count, filters, groups, 3)
    trace = conv_trace(x, weight, groups=groups, padding=1, stride=2)
    space: dict = {}
    exec(channel_code.numpy(trace), space)
    assert capsys.readouterr().out.strip() == str(trace.shape[1:])
    # The same code with this picture and these weights instead of its random ones.
    code = channel_code.numpy(trace)
    for name, made in (("x", x[0]), ("weight", weight)):
        space[f"_{name}"] = made
        code = code.replace(f"{name} = np.random.rand{made.shape}", f"{name} = _{name}")
    exec(code, space)
    assert np.array_equal(space["y"], trace.output[0])
    assert f"groups={groups}" in channel_code.pytorch(trace)
    keras = channel_code.keras(trace)
    compile(keras, "keras", "exec")
    compile(channel_code.pytorch(trace), "torch", "exec")
    assert ("DepthwiseConv2D" in keras) == (groups == count)
    assert f"SeparableConv2D({filters}, 3" in keras
