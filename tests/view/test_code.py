"""The code that a page offers runs, and computes what is on screen.

PyTorch and Keras need not be here: the code meets stand-ins that know their calls, their layouts and what
they refuse, and compute with the plain loops of the oracle. Where PyTorch is installed it has the last word.
"""

import ast
import contextlib
import importlib.util
import io
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_core import conv_trace
from conv_view import code
from tests import oracle
from tests.core.cases import cases

HAS_TORCH = importlib.util.find_spec("torch") is not None


def plain_conv(x, weight, bias, stride, dilation, groups):
    """An unpadded convolution by the oracle, as float64."""
    no_pads = ((0, 0),) * len(stride)
    cells = oracle.conv(x, weight, bias, stride, no_pads, dilation, groups, "zeros")
    out = np.empty(tuple(np.max(list(cells), axis=0) + 1))
    for place, (value, _) in cells.items():
        out[place] = value
    return out


def per_axis(value, rank):
    return (value,) * rank if isinstance(value, int) else tuple(value)


class Torch:
    """The few calls of PyTorch that the code makes, strict about what it is given."""

    def __init__(self, x):
        self.x = x

    def rand(self, *shape):
        assert shape == self.x.shape
        return self.x.astype(np.float32)

    @staticmethod
    def tensor(values):
        return np.array(values, np.float32)

    @staticmethod
    def pad(x, sides, mode):
        rank = x.ndim - 2
        assert len(sides) == 2 * rank
        pairs = [(0, 0), (0, 0), *[sides[2 * axis : 2 * axis + 2] for axis in reversed(range(rank))]]
        known = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
        return np.pad(x, pairs, known[mode])

    def convolve(self, rank):
        def convNd(x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1):  # noqa: N802
            assert x.ndim == weight.ndim == rank + 2
            assert x.dtype == weight.dtype == np.float32
            x = np.pad(x, [(0, 0), (0, 0), *[(side, side) for side in per_axis(padding, rank)]])
            return plain_conv(x, weight, bias, per_axis(stride, rank), per_axis(dilation, rank), groups)

        return convNd

    def modules(self):
        torch, nn, functional = (ModuleType(name) for name in ("torch", "torch.nn", "torch.nn.functional"))
        torch.nn, nn.functional = nn, functional
        torch.rand, torch.tensor, functional.pad = self.rand, self.tensor, self.pad
        for rank in (1, 2, 3):
            setattr(functional, f"conv{rank}d", self.convolve(rank))
        return {"torch": torch, "torch.nn": nn, "torch.nn.functional": functional}


class Layer:
    """A Keras convolution: channels last, kernels (*kernel, C / groups, O)."""

    def __init__(
        self, rank, filters, *, kernel_size, strides, padding, dilation_rate=1, groups=1, use_bias=True
    ):
        self.rank, self.filters, self.kernel_size = rank, filters, kernel_size
        self.strides, self.dilation = per_axis(strides, rank), per_axis(dilation_rate, rank)
        self.groups, self.use_bias = groups, use_bias
        assert padding == "valid"
        if max(self.strides) > 1 and max(self.dilation) > 1:
            raise ValueError("strides > 1 not supported in conjunction with dilation_rate > 1")

    def build(self, shape):
        self.channels = shape[-1]

    def set_weights(self, weights):
        assert len(weights) == 1 + self.use_bias
        assert weights[0].shape == (*self.kernel_size, self.channels // self.groups, self.filters)
        assert {each.dtype.name for each in weights} == {"float32"}
        self.kernel, self.bias = weights[0], weights[1] if self.use_bias else None

    def __call__(self, x):
        assert x.ndim == self.rank + 2
        weight = np.moveaxis(self.kernel, (-1, -2), (0, 1))
        y = plain_conv(np.moveaxis(x, -1, 1), weight, self.bias, self.strides, self.dilation, self.groups)
        return np.moveaxis(y, 1, -1)


def keras_modules():
    keras = ModuleType("keras")
    keras.layers = SimpleNamespace()
    for rank in (1, 2, 3):
        setattr(
            keras.layers,
            f"Conv{rank}D",
            lambda filters, rank=rank, **options: Layer(rank, filters, **options),
        )
    return {"keras": keras}


def run(text, modules, random=None):
    """Execute code with these modules to import, and return what it names and prints."""
    names, printed, original = {}, io.StringIO(), np.random.rand
    before = {name: sys.modules.pop(name) for name in modules if name in sys.modules}
    sys.modules.update(modules)
    np.random.rand = random or original
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(text, "code on the page", "exec"), names)
    finally:
        np.random.rand = original
        for name in modules:
            del sys.modules[name]
        sys.modules.update(before)
    return names, printed.getvalue()


def bound(case):
    """How far float32 may be off, cell by cell: the sum of the absolute products times a few roundings."""
    _, magnitudes = case.expected()
    return magnitudes.astype(float) * 1e-6


def of(case):
    return conv_trace(*case.arguments, **case.keywords)


@settings(max_examples=60)
@given(case=cases(("float32", "int8")))
def test_the_pytorch_code_computes_the_output(case):
    trace = of(case)
    names, _ = run(code.pytorch(trace), Torch(case.x).modules())
    assert names["y"].shape == trace.shape
    assert (np.abs(names["y"] - trace.output) <= bound(case)).all()
    assert np.array_equal(names["weight"], case.weight)


@settings(max_examples=60)
@given(case=cases(("float32", "int8")))
def test_the_keras_code_computes_the_output(case):
    trace = of(case)
    x_last = np.moveaxis(case.x, 1, -1).astype(np.float32)

    def random(*shape):
        assert shape == x_last.shape
        return x_last.copy()

    names, _ = run(code.keras(trace), keras_modules(), random)
    y = np.moveaxis(names["y"], -1, 1)
    assert y.shape == trace.shape
    assert (np.abs(y - trace.output) <= bound(case)).all()


@settings(max_examples=60)
@given(case=cases(("float32", "float64", "int32", "uint8")), data=st.data())
def test_the_numpy_code_prints_the_value_on_screen(case, data):
    trace = of(case)
    index = data.draw(st.integers(0, len(trace) - 1))
    names, printed = run(code.numpy_step(trace, index), {})
    step = trace[index]
    assert np.array_equal(names["window"], step.patch)
    assert np.array_equal(names["kernel"], step.weights)
    assert names["bias"] == step.bias
    assert np.dtype(trace.output.dtype).type(printed) == step.value


def literals(text):
    """Every nested list of numbers in the code."""
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.List)]
    values = []
    for node in found:
        with contextlib.suppress(ValueError):
            values.append(np.array(ast.literal_eval(node), np.float32))
    return values


@pytest.mark.parametrize("odd", [0.1, 1 / 9, 1e-7, 123456.78, 1e6, -0.5, 2.0**-126, 16777217.0, 3.4e38])
def test_weights_come_back_as_the_same_float32(odd):
    weight = np.array([odd, -odd, 0, 1], np.float32).reshape(1, 1, 2, 2)
    trace = conv_trace(np.zeros((1, 1, 3, 3), np.float32), weight, np.array([odd], np.float32))
    for text in (code.pytorch(trace), code.numpy_step(trace, 0)):
        assert any(np.array_equal(one.ravel(), weight.ravel()) for one in literals(text))
    assert any(np.array_equal(one, weight.transpose(2, 3, 1, 0)) for one in literals(code.keras(trace)))
    assert any(np.array_equal(one, trace.bias) for one in literals(code.pytorch(trace)))


def test_numbers_are_as_short_as_they_can_be():
    weight = np.array([1 / 9, 2], np.float32).reshape(1, 1, 2)
    text = code.numpy_step(conv_trace(np.full((1, 1, 2), 0.3, np.float32), weight), 0)
    assert "0.11111111," in text
    assert "[[0.3, 0.3]]" in text
    assert "2.]" in text


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number_can_be_run_too(value):
    trace = conv_trace(np.array([[[1, value]]], np.float32), np.ones((1, 1, 2), np.float32))
    _, printed = run(code.numpy_step(trace, 0), {})
    assert np.array_equal(float(printed), value, equal_nan=True)


def test_the_code_names_only_what_it_needs():
    trace = conv_trace(np.zeros((1, 1, 6, 6), np.float32), np.ones((1, 1, 3, 3), np.float32), padding=1)
    text = code.pytorch(trace)
    assert "F.pad" not in text
    assert "bias" not in text
    assert "groups" not in text
    assert "padding=1" in text
    assert "groups" not in code.keras(trace)


# Beyond the stand-in, which is tested always: the same against PyTorch itself, on machines that have it.
if HAS_TORCH:

    @settings(max_examples=60)
    @given(case=cases(("float32",)))
    def test_pytorch_itself_agrees(case):
        import torch

        trace = of(case)
        names = {}
        original, torch.rand = torch.rand, lambda *shape: torch.from_numpy(case.x.copy())
        try:
            exec(code.pytorch(trace), names)
        finally:
            torch.rand = original
        assert (np.abs(names["y"].numpy() - trace.output) <= bound(case)).all()
