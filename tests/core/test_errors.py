"""Every fault has a code of its own, a sentence, and the numbers in it."""

import pickle
import string

import numpy as np
import pytest

from conv_core import MESSAGES, Window, WindowError, conv, conv_cost, conv_trace, kernel, pad, source_indices
from tests.core.faults import FAULTS as MORE_FAULTS
from tests.core.faults_backward import FAULTS as BACKWARD_FAULTS
from tests.core.faults_graph import FAULTS as GRAPH_FAULTS
from tests.core.faults_learning import FAULTS as LEARNING_FAULTS
from tests.core.faults_methods import FAULTS as METHOD_FAULTS
from tests.core.faults_unfold import FAULTS as UNFOLD_FAULTS


def ones(*shape, dtype=float):
    return np.ones(shape, dtype)


def slide(x=(1, 1, 5, 5), weight=(1, 1, 3, 3), bias=None, **keywords):
    return conv(np.ones(x), np.ones(weight), bias, **keywords)


FAULTS = [
    ("axes_count", lambda: Window((3, 3), stride=(1, 1, 1)), {"name": "stride", "given": 3, "rank": 2}),
    ("axes_count", lambda: slide(padding=(1, 1, 1)), {"name": "padding", "given": 3, "rank": 2}),
    ("axes_count", lambda: slide(padding=((1, 2, 3), 1)), {"given": 3, "rank": 2}),
    ("axes_count", lambda: pad(ones(2), ((1, 1), (1, 1))), {"given": 2, "rank": 1}),
    ("axes_count", lambda: kernel("custom", values=[1, 2]), {"given": 1, "rank": 2}),
    ("not_an_integer", lambda: slide(stride=1.5), {"name": "stride", "value": "1.5"}),
    ("not_an_integer", lambda: slide(dilation=("a", 1)), {"name": "dilation", "value": "'a'"}),
    ("not_an_integer", lambda: slide(padding=None), {"name": "padding", "value": "None"}),
    ("not_an_integer", lambda: slide(stride="2"), {"value": "'2'"}),
    ("not_an_integer", lambda: slide(groups=1.0), {"name": "groups", "value": "1.0"}),
    ("not_an_integer", lambda: kernel("box", size=2.5), {"value": "2.5"}),
    ("window_rank", lambda: Window(()), {"rank": 0}),
    ("kernel_size", lambda: Window((3, 0)), {"axis": 1, "kernel": 0}),
    ("kernel_size", lambda: slide(weight=(1, 1, 0, 3)), {"axis": 0, "kernel": 0}),
    ("stride_size", lambda: slide(stride=(1, 0)), {"axis": 1, "stride": 0}),
    ("stride_size", lambda: slide(stride=-2), {"axis": 0, "stride": -2}),
    ("dilation_size", lambda: slide(dilation=0), {"axis": 0, "dilation": 0}),
    ("padding_negative", lambda: slide(padding=-1), {"axis": 0, "before": -1, "after": -1}),
    ("padding_negative", lambda: slide(padding=(0, (1, -2))), {"axis": 1, "before": 1, "after": -2}),
    ("padding_negative", lambda: source_indices(3, -1, 0, "zeros"), {"before": -1}),
    ("padding_word", lambda: slide(padding="full"), {"value": "'full'"}),
    (
        "kernel_too_large",
        lambda: slide(dilation=(4, 1), padding=1),
        {"axis": 0, "kernel": 3, "dilation": 4, "span": 9, "padded": 7},
    ),
    ("kernel_too_large", lambda: slide(x=(1, 1, 5, 2)), {"axis": 1, "span": 3, "padded": 2}),
    ("spatial_rank", lambda: Window(3).output_shape((7, 7)), {"rank": 1, "given": 2}),
    ("spatial_rank", lambda: Window((3, 3)).read(ones(4)), {"rank": 2, "given": 1}),
    ("axis_empty", lambda: slide(x=(1, 1, 5, 0), padding=3), {"axis": 1, "size": 0}),
    ("axis_empty", lambda: source_indices(0, 1, 0, "replicate"), {"size": 0}),
    ("position_outside", lambda: Window(3).start((5,), (7,)), {"axis": 0, "position": 5, "count": 5}),
    ("position_outside", lambda: Window(3).cells((-1,), (7,)), {"position": -1}),
    (
        "patches_shape",
        lambda: Window(3).fold(ones(4, 3), (7,)),
        {"given": (4, 3), "expected": (5, 3)},
    ),
    ("padding_mode", lambda: slide(padding_mode="mirror"), {"value": "'mirror'"}),
    ("padding_mode", lambda: pad(ones(3), ((1, 1),), "edge"), {"value": "'edge'"}),
    (
        "padding_reflect",
        lambda: slide(padding=(1, 5), padding_mode="reflect"),
        {"axis": 1, "size": 5, "limit": 4, "before": 5, "after": 5},
    ),
    (
        "padding_circular",
        lambda: slide(padding=((0, 6), 0), padding_mode="circular"),
        {"axis": 0, "size": 5, "before": 0, "after": 6},
    ),
    ("not_an_array", lambda: conv([[[1, 2], [3]]], ones(1, 1, 1)), {"name": "input"}),
    ("not_an_array", lambda: kernel("custom", values=[[1, 2], [3]]), {"name": "kernel"}),
    ("not_an_array", lambda: kernel("custom", values=[[]]), {"name": "kernel"}),
    ("dtype", lambda: conv("a picture", ones(1, 1, 1)), {"name": "input", "dtype": "<U9"}),
    ("dtype", lambda: conv(ones(1, 1, 3, dtype=complex), ones(1, 1, 1)), {"dtype": "complex128"}),
    ("dtype", lambda: conv(ones(1, 1, 3), [[["x1"]]]), {"name": "weight"}),
    ("dtype", lambda: conv(ones(1, 1, 3), ones(1, 1, 1), [None]), {"name": "bias", "dtype": "object"}),
    ("dtype", lambda: conv(ones(1, 1, 3, dtype=np.longdouble), ones(1, 1, 1)), {}),
    ("input_rank", lambda: slide(x=(5, 5)), {"given": 2}),
    ("weight_rank", lambda: slide(weight=(1, 3, 3)), {"given": 3, "rank": 2, "expected": 4}),
    ("bias_shape", lambda: slide(bias=[1.0, 2.0]), {"given": (2,), "outputs": 1}),
    ("bias_shape", lambda: slide(bias=1.0), {"given": (), "outputs": 1}),
    ("batch_empty", lambda: slide(x=(0, 1, 5, 5)), {"batch": 0}),
    ("channels_empty", lambda: slide(x=(1, 0, 5, 5), weight=(1, 0, 3, 3)), {"channels": 0}),
    ("outputs_empty", lambda: slide(weight=(0, 1, 3, 3)), {"outputs": 0}),
    ("groups_size", lambda: slide(groups=0), {"groups": 0}),
    ("groups_input", lambda: slide(x=(1, 3, 5, 5), groups=2), {"channels": 3, "groups": 2}),
    (
        "groups_output",
        lambda: slide(x=(1, 4, 5, 5), weight=(3, 2, 3, 3), groups=2),
        {"outputs": 3, "groups": 2},
    ),
    (
        "weight_channels",
        lambda: slide(x=(1, 4, 5, 5), weight=(2, 4, 3, 3), groups=2),
        {"given": 4, "channels": 4, "groups": 2, "expected": 2},
    ),
    (
        "integers_too_large",
        lambda: conv(np.full((1, 1, 2), 2**62), ones(1, 1, 2, dtype=int)),
        {"limit": 2**63 - 1, "reach": 2**63},
    ),
    ("array_too_large", lambda: slide(padding=2**40), {}),
    ("array_too_large", lambda: conv_cost((1, 1, 2**62), (1, 1, 1)), {"shape": (1, 1, 2**62)}),
    ("method", lambda: slide(method="magic"), {"value": "'magic'"}),
    ("kernel_name", lambda: kernel("sobel"), {"value": "'sobel'"}),
    ("kernel_rank", lambda: kernel("gabor", rank=3), {"rank": 3, "known": "2"}),
    ("kernel_parameter", lambda: kernel("box", sigma=2), {"parameter": "'sigma'", "known": "size"}),
    ("kernel_parameter", lambda: kernel("emboss", size=5), {"known": "none"}),
    ("kernel_range", lambda: kernel("gaussian", sigma=0), {"parameter": "sigma", "low": 0.1, "high": 20.0}),
    ("kernel_range", lambda: kernel("gaussian", sigma=np.nan), {"given": "nan"}),
    ("kernel_range", lambda: kernel("gaussian", sigma="wide"), {"given": "'wide'"}),
    ("kernel_even", lambda: kernel("sobel_x", size=4), {"given": 4}),
    ("kernel_cell", lambda: kernel("custom", values=[[1, np.nan]]), {"position": (0, 1), "given": "nan"}),
    ("kernel_cell", lambda: kernel("custom", values=[["one"]]), {"position": (0, 0), "given": "'one'"}),
    ("kernel_cell", lambda: kernel("custom", values=[[1e39]]), {"given": "1e+39"}),
    *MORE_FAULTS,
    *BACKWARD_FAULTS,
    *GRAPH_FAULTS,
    *LEARNING_FAULTS,
    *UNFOLD_FAULTS,
    *METHOD_FAULTS,
]
WITHOUT_DIGITS = {
    "resize_word",
    "learning_flat",
    "reduction",
    "graph_node",
    "shared_kind",
    "deep_shortcut",
    "cell_node",
    "cell_kind",
    "net_variant",
    "graph_twice",
    "graph_unknown",
    "not_an_integer",
    "padding_word",
    "padding_mode",
    "method",
    "kernel_name",
    "kernel_parameter",
    "pool_kind",
    "activation",
}


@pytest.mark.parametrize(("code", "fault", "numbers"), FAULTS, ids=[f"{one[0]}" for one in FAULTS])
def test_the_fault_is_named_with_its_numbers(code, fault, numbers):
    with pytest.raises(WindowError) as caught:
        fault()
    error = caught.value
    assert error.code == code
    assert {name: error.numbers[name] for name in numbers} == numbers
    assert str(error) == MESSAGES[code].format(**error.numbers)
    for value in numbers.values():
        assert str(value) in str(error)
    if code not in WITHOUT_DIGITS | {"not_an_array", "dtype"}:
        assert any(letter in string.digits for letter in str(error))


def test_every_code_is_provoked():
    assert {code for code, _, _ in FAULTS} == set(MESSAGES)


@pytest.mark.parametrize(("code", "fault", "numbers"), FAULTS, ids=[f"{one[0]}" for one in FAULTS])
def test_sentences_use_every_number_they_are_given(code, fault, numbers):
    with pytest.raises(WindowError) as caught:
        fault()
    used = {name for _, name, _, _ in string.Formatter().parse(MESSAGES[code]) if name}
    assert used == set(caught.value.numbers)


def test_it_is_a_value_error_and_survives_pickling():
    error = WindowError("stride_size", axis=1, stride=0)
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, ValueError)
    assert (again.code, again.numbers, str(again)) == (error.code, error.numbers, str(error))


def test_the_trace_refuses_at_once_what_conv_refuses():
    with pytest.raises(WindowError, match="stride is at least 1, not 0"):
        conv_trace(ones(1, 1, 3), ones(1, 1, 2), stride=0)
    trace = conv_trace(np.full((1, 1, 2), 2**62), ones(1, 1, 2, dtype=int))
    with pytest.raises(WindowError, match="could reach"):
        trace[0]
