"""Transposed convolution against plain loops, as the adjoint of conv, and as a convolution over zeros."""

import numpy as np
import pytest
from hypothesis import given, settings

from conv_core import Window, conv, conv_transpose, conv_transpose_trace, zero_stuffed
from tests.core.cases import FLOATS, INTEGERS, cases
from tests.core.sliding import slopes, transposes
from tests.core.test_conv import TOLERANCE


@settings(max_examples=200)
@given(case=transposes(FLOATS))
def test_floats_agree_with_plain_loops(case):
    result = conv_transpose(*case.arguments, **case.keywords)
    values, magnitudes, _ = case.expected()
    assert result.dtype == case.x.dtype
    assert result.shape == values.shape
    difference = np.abs(result.astype(float) - values.astype(float))
    assert np.all(difference <= TOLERANCE[case.x.dtype.name] * (magnitudes.astype(float) + 1e-30))


@settings(max_examples=150)
@given(case=transposes(INTEGERS))
def test_integers_are_exact(case):
    result = conv_transpose(*case.arguments, **case.keywords)
    assert result.dtype == np.int64
    assert np.array_equal(result.astype(object), case.expected()[0])


@settings(max_examples=200)
@given(case=cases(["float64"]))
def test_it_is_the_adjoint_of_conv_with_the_output_padding_that_restores_the_size(case):
    if case.keywords["padding_mode"] != "zeros":
        return
    keywords = {name: case.keywords[name] for name in ("stride", "padding", "dilation", "groups")}
    output = conv(case.x, case.weight, **keywords)
    window = Window(case.weight.shape[2:], *[keywords[name] for name in ("stride", "padding", "dilation")])
    if case.keywords["padding"] in ("same", "same_lower"):
        smallest = [(count - 1) * step + 1 for count, step in zip(output.shape[2:], case.stride, strict=True)]
    else:
        smallest = []
        for count, step, span, pair in zip(
            output.shape[2:], case.stride, window.span, case.pads, strict=True
        ):
            # May be 0 or less; then the missing cells are all output padding.
            smallest.append((count - 1) * step + span - sum(pair))
    missing = [size - least for size, least in zip(case.x.shape[2:], smallest, strict=True)]
    assert all(0 <= more < step for more, step in zip(missing, case.stride, strict=True))
    grad = np.random.default_rng(1).standard_normal(output.shape)
    back = conv_transpose(grad, case.weight, **keywords, output_padding=missing)
    assert back.shape == case.x.shape
    scale = np.abs(conv(np.abs(case.x), np.abs(case.weight), **keywords) * grad).sum()
    assert abs((output * grad).sum() - (case.x * back).sum()) <= 1e-13 * scale


@settings(max_examples=25)
@given(case=cases(["float64"]))
def test_it_is_the_gradient_of_conv(case):
    if case.keywords["padding_mode"] != "zeros" or case.x.size > 60:
        return
    keywords = {name: case.keywords[name] for name in ("stride", "dilation", "groups")}
    function = lambda x: conv(x, case.weight, padding=case.pads, **keywords)  # noqa: E731
    output = function(case.x)
    grad = np.random.default_rng(1).standard_normal(output.shape)
    window = Window(case.weight.shape[2:], case.stride, case.pads, case.dilation)
    steps = [step - 1 for step in window.stride]
    largest = window.input_shape(output.shape[2:], steps)
    missing = [
        step - (high - size) for step, high, size in zip(steps, largest, case.x.shape[2:], strict=True)
    ]
    back = conv_transpose(grad, case.weight, padding=case.pads, output_padding=missing, **keywords)
    assert np.allclose(back, slopes(function, case.x, grad), atol=1e-7)


@settings(max_examples=200)
@given(case=transposes(["float64", "int64"]))
def test_an_ordinary_convolution_over_stuffed_zeros_gives_the_same(case):
    stuffed = zero_stuffed(*case.arguments, **case.keywords)
    result = conv(*stuffed.arguments, **stuffed.keywords)
    expected = conv_transpose(*case.arguments, **case.keywords)
    assert result.shape == expected.shape
    if result.dtype == np.int64:
        assert np.array_equal(result, expected)
    else:
        magnitudes = case.expected()[1].astype(float)
        assert np.all(np.abs(result - expected) <= 1e-14 * (magnitudes + 1e-30))
    for axis, (places, step) in enumerate(zip(stuffed.origins, case.keywords["stride"], strict=True)):
        assert len(places) == case.x.shape[2 + axis]
        kept = places >= 0
        assert np.array_equal(np.diff(places[kept]), np.full(max(kept.sum() - 1, 0), step))
    kept = np.ix_(*[np.flatnonzero(places >= 0) for places in stuffed.origins])
    there = np.ix_(*[places[places >= 0] for places in stuffed.origins])
    assert np.array_equal(stuffed.x[(..., *there)], case.x[(..., *kept)])
    assert np.count_nonzero(stuffed.x) == np.count_nonzero(case.x[(..., *kept)])


def test_output_padding_shows_what_padding_would_have_cut_off_and_else_nothing():
    x, weight = np.array([[[1, 2]]]), np.array([[[1, 10, 100]]])
    assert conv_transpose(x, weight, stride=2).tolist() == [[[1, 10, 102, 20, 200]]]
    assert conv_transpose(x, weight, stride=2, padding=1).tolist() == [[[10, 102, 20]]]
    assert conv_transpose(x, weight, stride=2, padding=1, output_padding=1).tolist() == [[[10, 102, 20, 200]]]
    assert conv_transpose(x, weight, stride=2, output_padding=1).tolist() == [[[1, 10, 102, 20, 200, 0]]]
    assert conv_transpose(x, weight, [7], stride=2, output_padding=1)[0, 0, -1] == 7


def test_output_padding_may_reach_the_stride_if_it_is_below_the_dilation():
    x, weight = np.array([[[1, 2]]]), np.array([[[1, 10]]])
    assert conv_transpose(x, weight, dilation=3, output_padding=2).tolist() == [[[1, 2, 0, 10, 20, 0, 0]]]


def test_padding_may_cut_into_the_input():
    x, weight = np.array([[[1, 2, 3]]]), np.array([[[1]]])
    assert conv_transpose(x, weight, padding=1).tolist() == [[[2]]]
    stuffed = zero_stuffed(x, weight, padding=1)
    assert (stuffed.x.tolist(), stuffed.padding, stuffed.origins[0].tolist()) == (
        [[[2]]],
        ((0, 0),),
        [-1, 0, -1],
    )


def test_same_is_the_adjoint_of_conv_with_same():
    x, weight = np.arange(7.0)[None, None], np.array([[[1.0, 10.0, 100.0, 1000.0]]])
    output = conv(x, weight, stride=3, padding="same")
    back = conv_transpose(output, weight, stride=3, padding="same", output_padding=0)
    assert back.shape == x.shape
    assert (output * output).sum() == (x * back).sum()


def test_a_nan_reaches_its_window_only():
    x = np.ones((1, 1, 4), np.float32)
    x[0, 0, 1] = np.nan
    result = conv_transpose(x, np.zeros((1, 1, 2), np.float32), stride=2)
    assert np.isnan(result)[0, 0].tolist() == [False, False, True, True, False, False, False, False]


def test_half_precision_is_summed_in_single():
    x = np.ones((1, 4096, 1), np.float16)
    assert conv_transpose(x, np.ones((4096, 1, 1), np.float16), [1])[0, 0, 0] == np.float16(4097)


@settings(max_examples=100)
@given(case=transposes(["float64", "int64"]))
def test_steps_add_up_to_the_output(case):
    trace = conv_transpose_trace(*case.arguments, **case.keywords)
    expected = conv_transpose(*case.arguments, **case.keywords)
    assert np.array_equal(trace.output, expected)
    assert trace.shape == expected.shape
    assert len(trace) == case.x.size
    total = np.zeros_like(expected)
    if case.bias is not None:
        total += case.bias.reshape(-1, *[1] * trace.window.rank)
    middle = len(trace) // 2
    for index, step in enumerate(trace):
        assert step.index == index
        assert step.value == case.x[step.cell] == case.x.flat[index]
        assert np.array_equal(step.products, step.value * case.weight[step.cell[1]])
        first, end = step.channels
        for tap in np.ndindex(*trace.window.kernel):
            place = [s + t * d for s, t, d in zip(step.start, tap, trace.window.dilation, strict=True)]
            stays = all(0 <= p < size for p, size in zip(place, expected.shape[2:], strict=True))
            assert step.inside[tap] == stays
            if stays:
                total[(step.cell[0], slice(first, end), *place)] += step.products[(slice(None), *tap)]
        if index == middle:
            assert np.allclose(trace.partial(index), total, atol=1e-12)
    assert np.allclose(expected, total, atol=1e-12)


@settings(max_examples=100)
@given(case=transposes(["int64"]))
def test_overlaps_count_who_reaches_a_cell(case):
    trace = conv_transpose_trace(*case.arguments, **case.keywords)
    counts = case.expected()[2]
    channels = case.x.shape[1] // trace.groups
    assert np.array_equal(trace.overlaps * channels, counts[0, 0])
    for place in np.ndindex(*trace.overlaps.shape):
        reaching = trace.reaching(place)
        assert len(set(reaching)) == len(reaching) == trace.overlaps[place]
        for cell, tap in reaching:
            index = np.ravel_multi_index((0, 0, *cell), case.x.shape)
            step = trace[index]
            reached = [s + t * d for s, t, d in zip(step.start, tap, trace.window.dilation, strict=True)]
            assert tuple(reached) == place


def test_a_kernel_that_the_stride_does_not_divide_makes_a_checkerboard():
    board = conv_transpose_trace(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), stride=2).overlaps
    assert board[2:5, 2:5].tolist() == [[4, 2, 4], [2, 1, 2], [4, 2, 4]]
    even = conv_transpose_trace(np.ones((1, 1, 4, 4)), np.ones((1, 1, 4, 4)), stride=2, padding=1).overlaps
    assert set(even[1:-1, 1:-1].ravel().tolist()) == {4}


def test_the_other_story_is_a_trace_of_conv():
    trace = conv_transpose_trace(np.array([[[1, 2, 3]]]), np.array([[[1, 10]]]), stride=2)
    assert [step.value for step in trace.stuffed] == trace.output[0, 0].tolist()
    assert trace.stuffed[1].products.tolist() == [[10, 0]]
    assert trace.stuffing.origins[0].tolist() == [0, 2, 4]
    assert trace.stuffed.x is trace.stuffing.x


def test_the_trace_computes_nothing_until_it_is_asked(monkeypatch):
    trace = conv_transpose_trace(np.ones((1, 1, 2000, 2000)), np.ones((1, 1, 3, 3)), stride=2)
    assert trace[-1].start == (3998, 3998)
    assert "output" not in vars(trace)
    assert trace.partial(-1).max() == 0
    for beyond in (4_000_000, -4_000_001):
        with pytest.raises(IndexError, match=f"step {beyond} of 4000000"):
            trace[beyond]
