"""The gradients of convolution against plain loops, SciPy, differences, and as adjoints."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import convolve, correlate

from conv_core import (
    WindowError,
    conv,
    conv_backward,
    cross_entropy,
    cross_entropy_backward,
    finite_differences,
    mse_loss,
    mse_loss_backward,
    tanh,
    tanh_backward,
)
from tests.core.backward_cases import ways_back
from tests.core.cases import FLOATS, INTEGERS
from tests.core.test_conv import TOLERANCE, error

PARTS = ("x", "weight", "bias")


def parts(gradients):
    return [getattr(gradients, name) for name in PARTS]


@settings(max_examples=300)
@given(case=ways_back(FLOATS))
def test_floats_agree_with_plain_loops(case):
    found = parts(conv_backward(*case.arguments, **case.keywords))
    for ours, sums, shape in zip(found, case.expected(), shapes(case), strict=True):
        assert ours.shape == shape
        assert ours.dtype == case.grad.dtype
        # A half's own steps do not get smaller than this one.
        smallest = 1e-7 if ours.dtype == np.float16 else 0
        assert error(ours, sums.values, sums.magnitudes + smallest) <= TOLERANCE[ours.dtype.name]


@settings(max_examples=200)
@given(case=ways_back(INTEGERS))
def test_integers_are_exact(case):
    found = parts(conv_backward(*case.arguments, **case.keywords))
    for ours, sums in zip(found, case.expected(), strict=True):
        assert ours.dtype == np.int64
        assert np.array_equal(ours.astype(object), sums.values)


def shapes(case):
    _, x, weight = case.arguments
    return x.shape, weight.shape, (len(weight),)


def stuffed(array, apart):
    """Zeros between the cells of the trailing axes."""
    lead = array.ndim - len(apart)
    sizes = [(n - 1) * step + 1 for n, step in zip(array.shape[lead:], apart, strict=True)]
    wide = np.zeros((*array.shape[:lead], *sizes))
    wide[(..., *[slice(None, None, step) for step in apart])] = array
    return wide


@pytest.mark.parametrize("rank", [1, 2, 3])
@settings(max_examples=40)
@given(data=st.data())
def test_scipy_says_the_same_with_zeros_stuffed_between_the_gradients(rank, data):
    each = lambda low, high: data.draw(st.tuples(*[st.integers(low, high)] * rank))  # noqa: E731
    kernel, stride, dilation = each(1, 3), each(1, 3), each(1, 2)
    before, after, more = each(0, 2), each(0, 2), each(0, 4)
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    sizes = [max(1, s + m - b - a) for s, m, b, a in zip(spans, more, before, after, strict=True)]
    generator = np.random.default_rng(data.draw(st.integers(0, 99)))
    x, weight = generator.uniform(-1, 1, (2, 2, *sizes)), generator.uniform(-1, 1, (3, 2, *kernel))
    pads = tuple(zip(before, after, strict=True))
    keywords = {"stride": stride, "padding": pads, "dilation": dilation}
    grad = generator.uniform(-1, 1, conv(x, weight, **keywords).shape)
    found = conv_backward(grad, x, weight, **keywords)

    wide, spread = stuffed(grad, stride), stuffed(weight, dilation)
    padded = np.pad(x, ((0, 0), (0, 0), *pads))
    inside = tuple(slice(b, b + n) for b, n in zip(before, sizes, strict=True))
    for n in range(2):
        for c in range(2):
            full = sum(convolve(wide[n, o], spread[o, c], mode="full", method="direct") for o in range(3))
            whole = np.zeros(padded.shape[2:])
            whole[tuple(slice(size) for size in full.shape)] = full
            assert np.allclose(found.x[n, c], whole[inside], atol=1e-13)
    taps = tuple(slice(0, d * k, d) for d, k in zip(dilation, kernel, strict=True))
    for o in range(3):
        for c in range(2):
            moved = sum(correlate(padded[n, c], wide[n, o], mode="valid", method="direct") for n in range(2))
            cropped = moved[taps][tuple(slice(k) for k in kernel)]
            assert np.allclose(found.weight[o, c], cropped, atol=1e-13)


@settings(max_examples=200)
@given(case=ways_back(["float64"]))
def test_input_and_weight_gradients_are_adjoint_to_the_same_convolution(case):
    """<conv(x, w), g> = <x, dx> = <w, dw>, as it is linear in each; also for what padding copies."""
    grad, x, weight = case.arguments
    output = conv(x, weight, **case.keywords)
    found = conv_backward(*case.arguments, **case.keywords)
    scale = (np.abs(grad) * conv(np.abs(x), np.abs(weight), **case.keywords)).sum()
    forth = (output * grad).sum()
    assert abs((x * found.x).sum() - forth) <= 1e-14 * scale
    assert abs((weight * found.weight).sum() - forth) <= 1e-14 * scale
    assert np.allclose(found.bias, grad.sum(axis=(0, *range(2, grad.ndim))), atol=1e-14 * grad.size)


@settings(max_examples=40)
@given(case=ways_back(["float64"]))
def test_finite_differences_say_the_same(case):
    """The loss is at most quadratic in any one number, so differences are exact but for rounding."""
    grad, x, weight = case.arguments
    bias = np.linspace(-1, 1, len(weight))
    target = conv(x, weight, bias, **case.keywords) - grad

    def loss(x=x, weight=weight, bias=bias):
        return mse_loss(conv(x, weight, bias, **case.keywords), target, reduction="sum")

    back = mse_loss_backward(target + grad, target, reduction="sum")
    found = parts(conv_backward(back, x, weight, **case.keywords))
    generator = np.random.default_rng(0)
    for at, name, ours in zip((x, weight, bias), PARTS, found, strict=True):
        flat = generator.permutation(at.size)[:12]
        places = [tuple(np.unravel_index(one, at.shape)) for one in flat]
        tried = finite_differences(
            lambda value, name=name: loss(**{name: value}), at, step=0.25, places=places
        )
        bound = 1e-12 * (1 + loss())
        assert all(abs(tried[place] - ours[place]) <= bound for place in places)


def test_two_layers_and_a_loss_follow_the_chain_rule():
    generator = np.random.default_rng(4)
    x = generator.uniform(-1, 1, (3, 2, 9, 8))
    first, second = generator.uniform(-1, 1, (4, 1, 3, 3)), generator.uniform(-1, 1, (5, 4, 4, 3))
    labels = [4, 0, 2]
    narrow = {"stride": 2, "padding": 1, "groups": 2, "padding_mode": "reflect"}

    def forward(first, second):
        before = conv(x, first, **narrow)
        return before, tanh(before), conv(tanh(before), second, padding=((0, 0), (0, 0)), dilation=(1, 1))

    def loss(first, second):
        scores = forward(first, second)[2]
        return cross_entropy(scores.reshape(3, -1), labels)

    before, hidden, scores = forward(first, second)
    back = cross_entropy_backward(scores.reshape(3, -1), labels).reshape(scores.shape)
    last = conv_backward(back, hidden, second)
    begin = conv_backward(tanh_backward(last.x, before), x, first, **narrow)
    by_second = finite_differences(lambda weight: loss(first, weight), second, step=1e-5)
    by_first = finite_differences(lambda weight: loss(weight, second), first, step=1e-5)
    assert np.allclose(last.weight, by_second, rtol=1e-8, atol=1e-9)
    assert np.allclose(begin.weight, by_first, rtol=1e-8, atol=1e-9)


@settings(max_examples=60)
@given(case=ways_back(["float64", "int64"]), block=st.integers(1, 400))
def test_the_size_of_a_block_changes_nothing(case, block):
    module = sys.modules[conv_backward.__module__]
    whole = module.BLOCK_BYTES
    expected = conv_backward(*case.arguments, **case.keywords)
    try:
        module.BLOCK_BYTES = block
        result = conv_backward(*case.arguments, **case.keywords)
    finally:
        module.BLOCK_BYTES = whole
    assert np.allclose(result.weight, expected.weight, atol=1e-12)


@settings(max_examples=60)
@given(case=ways_back(FLOATS + INTEGERS))
def test_arguments_are_left_alone_and_need_not_be_contiguous(case):
    strange = [np.asfortranarray(array) for array in case.arguments]
    for array in (*strange, *case.arguments):
        array.flags.writeable = False
    for ours, plain in zip(
        parts(conv_backward(*strange, **case.keywords)),
        parts(conv_backward(*case.arguments, **case.keywords)),
        strict=True,
    ):
        assert np.allclose(ours.astype(float), plain.astype(float), atol=2e-3)
        assert ours.flags.writeable
        assert ours.flags.c_contiguous
        assert not any(np.shares_memory(ours, array) for array in strange)


def test_every_group_and_every_sample_has_a_way_back_of_its_own():
    generator = np.random.default_rng(1)
    x, weight = generator.random((3, 6, 7, 8)), generator.random((9, 2, 3, 2))
    keywords = {"stride": (2, 1), "padding": 1, "padding_mode": "circular"}
    grad = generator.random(conv(x, weight, groups=3, **keywords).shape)
    together = conv_backward(grad, x, weight, groups=3, **keywords)
    for group in range(3):
        some, few = slice(3 * group, 3 * group + 3), slice(2 * group, 2 * group + 2)
        alone = conv_backward(grad[:, some], x[:, few], weight[some], **keywords)
        assert np.allclose(together.x[:, few], alone.x)
        assert np.allclose(together.weight[some], alone.weight)
        assert np.allclose(together.bias[some], alone.bias)
    each = [conv_backward(grad[n : n + 1], x[n : n + 1], weight, groups=3, **keywords) for n in range(len(x))]
    assert np.allclose(together.x, np.concatenate([one.x for one in each]))
    assert np.allclose(together.weight, sum(one.weight for one in each))
    assert np.allclose(together.bias, sum(one.bias for one in each))


def test_cells_that_the_stride_drops_have_no_gradient():
    back = conv_backward(np.ones((1, 1, 2)), np.ones((1, 1, 7)), np.ones((1, 1, 2)), stride=3)
    assert back.x[0, 0].tolist() == [1, 1, 0, 1, 1, 0, 0]


def test_what_padding_copied_comes_back_to_where_it_was_copied_from():
    grad, x, weight = np.array([[[1.0, 10, 100, 1000]]]), np.ones((1, 1, 2)), np.ones((1, 1, 1))
    back = {
        mode: conv_backward(grad, x, weight, padding=1, padding_mode=mode).x[0, 0].tolist()
        for mode in ("zeros", "reflect", "replicate", "circular")
    }
    assert back == {
        "zeros": [10, 100],
        "reflect": [1010, 101],
        "replicate": [11, 1100],
        "circular": [1010, 101],
    }


@pytest.mark.filterwarnings("error")
def test_a_nan_or_an_infinity_goes_back_through_its_own_window_only():
    grad = np.ones((1, 2, 4), np.float32)
    grad[0, 0, 1] = np.nan
    grad[0, 1, 3] = np.inf
    back = conv_backward(grad, np.ones((1, 1, 5), np.float32), np.ones((2, 1, 2), np.float32))
    assert np.isnan(back.x[0, 0]).tolist() == [False, True, True, False, False]
    assert np.isinf(back.x[0, 0]).tolist() == [False, False, False, True, True]
    assert np.isnan(back.weight[0]).all()
    assert np.isinf(back.weight[1]).all()
    assert np.array_equal(back.bias, [np.nan, np.inf], equal_nan=True)


@pytest.mark.filterwarnings("error")
def test_float16_is_summed_in_float32_and_overflows_to_infinity():
    many = np.ones((1, 1, 4096), np.float16)
    one = np.ones((1, 1, 1), np.float16)
    grad = many.copy()
    grad[..., 0] = 2
    back = conv_backward(grad, many, one)
    # Steps of one would have stopped at 2048.
    assert back.weight[0, 0, 0] == back.bias[0] == np.float16(4096)
    beyond = conv_backward(many * 100, many, one * 1000)
    assert beyond.x[0, 0, 0] == beyond.weight[0, 0, 0] == beyond.bias[0] == np.inf


@pytest.mark.parametrize(
    ("grad", "x", "weight", "result"),
    [
        ("float32", "float32", "float64", "float64"),
        ("float64", "float32", "float32", "float64"),
        ("float32", "uint8", "float32", "float32"),
        ("float16", "float32", "float32", "float32"),
        # The convolution of two integers is int64, and that with float32 is float64.
        ("float32", "uint8", "int8", "float64"),
        ("uint8", "int8", "int16", "int64"),
        ("bool", "bool", "bool", "int64"),
    ],
)
def test_mixed_types_follow_numpy(grad, x, weight, result):
    back = conv_backward(np.ones((1, 1, 2), grad), np.ones((1, 1, 3), x), np.ones((1, 1, 2), weight))
    assert [one.dtype for one in parts(back)] == [result] * 3


LIMIT = 2**63 - 1


@pytest.mark.parametrize("beyond", [False, True])
@pytest.mark.parametrize(
    ("grad", "x", "weight", "keywords", "part"),
    [
        # Seven taps of one kernel meet in the cell in the middle.
        ([[1] * 7], [1] * 13, [[LIMIT // 7]] * 7, {}, "x"),
        # Seven kernels meet in one cell.
        ([[1]] * 7, [1], [[LIMIT // 7]], {"kernels": 7}, "x"),
        # One cell stands in the padding another six times.
        ([[1] * 7], [1], [[LIMIT // 7]], {"padding": 3, "padding_mode": "replicate"}, "x"),
        ([[LIMIT // 7] * 7], [1] * 7, [[1]], {}, "weight"),
        ([[LIMIT // 7] * 7], [0] * 7, [[0]], {}, "bias"),
    ],
)
def test_integers_are_used_up_to_the_very_last_one(grad, x, weight, keywords, part, beyond):
    """7 divides the limit, so the sums may just reach it; one more is refused."""
    assert LIMIT % 7 == 0
    keywords = dict(keywords)
    kernels = keywords.pop("kernels", 1)
    grads, inputs = np.array(grad)[None], np.array(x)[None, None]
    weights = np.tile(np.array(weight).reshape(1, 1, -1), (kernels, 1, 1))
    if beyond:
        # The largest array is the one that fills the sums.
        largest = max((grads, inputs, weights), key=lambda array: int(array.max()))
        largest.flat[0] += 1
        with pytest.raises(WindowError) as caught:
            conv_backward(grads, inputs, weights, **keywords)
        assert caught.value.code == "integers_too_large"
        return
    back = conv_backward(grads, inputs, weights, **keywords)
    assert int(np.abs(getattr(back, part)).max()) == LIMIT
