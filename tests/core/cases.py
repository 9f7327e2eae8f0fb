"""Random convolutions for hypothesis: every rank, size, stride, padding, dilation, group, mode and type."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from tests import oracle

FLOATS = ("float16", "float32", "float64")
INTEGERS = ("bool", "int8", "uint8", "int16", "int32", "uint32", "int64")
LARGEST_CELLS = {1: 14, 2: 8, 3: 5}


@dataclass
class Case:
    """Arrays, the keywords for `conv`, and the padding as the oracle sees it."""

    x: np.ndarray
    weight: np.ndarray
    bias: np.ndarray | None
    keywords: dict
    stride: tuple
    pads: tuple
    dilation: tuple

    @property
    def rank(self):
        return self.x.ndim - 2

    @property
    def arguments(self):
        return self.x, self.weight, self.bias

    def expected(self):
        """The oracle's values and magnitudes, as two arrays of Python numbers."""
        cells = oracle.conv(
            *self.arguments,
            self.stride,
            self.pads,
            self.dilation,
            self.keywords["groups"],
            self.keywords["padding_mode"],
        )
        shape = tuple(np.max(list(cells), axis=0) + 1)
        values, magnitudes = np.empty(shape, object), np.empty(shape, object)
        for place, (value, magnitude) in cells.items():
            values[place], magnitudes[place] = value, magnitude
        return values, magnitudes


def numbers(generator, shape, dtype):
    """Values of a type: floats in [-1, 1], small integers."""
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return generator.uniform(-1, 1, shape).astype(dtype)
    low = 0 if dtype.kind in "ub" else -9
    return generator.integers(low, 2 if dtype.kind == "b" else 10, shape).astype(dtype)


@st.composite
def paddings(draw, kernel, stride, dilation):
    """One of the forms padding may be given in, and a rule that gives the pairs for some sizes."""
    rank = len(kernel)
    form = draw(st.sampled_from(("int", "axes", "pairs", "valid", "same", "same_lower")))
    amount = st.integers(0, 3)
    if form == "int":
        given = draw(amount)
        return given, lambda sizes: ((given, given),) * rank
    if form == "axes":
        given = tuple(draw(st.tuples(*[amount] * rank)))
        return given, lambda sizes: tuple((one, one) for one in given)
    if form == "pairs":
        given = tuple(draw(st.tuples(*[st.tuples(amount, amount)] * rank)))
        return given, lambda sizes: given
    if form == "valid":
        return form, lambda sizes: ((0, 0),) * rank
    return form, lambda sizes: tuple(
        oracle.same_pads(*one, extra_first=form == "same_lower")
        for one in zip(sizes, kernel, stride, dilation, strict=True)
    )


def fits(size, pads, span, mode):
    """Whether a window fits on the padded axis, and the mode can supply the padding."""
    most = max(pads)
    enough = {"zeros": True, "replicate": True, "reflect": most < size, "circular": most <= size}[mode]
    return enough and size + sum(pads) >= span


@st.composite
def cases(draw, dtypes=FLOATS + INTEGERS):
    """A whole convolution that is valid."""
    rank = draw(st.integers(1, 3))
    per_axis = st.tuples(*[st.integers(1, 3)] * rank)
    kernel = draw(st.tuples(*[st.integers(1, 4 if rank < 3 else 2)] * rank))
    stride, dilation = draw(per_axis), draw(per_axis)
    padding, pads_for = draw(paddings(kernel, stride, dilation))
    mode = draw(st.sampled_from(("zeros", "reflect", "replicate", "circular")))
    sizes = []
    for axis in range(rank):
        size = draw(st.integers(1, LARGEST_CELLS[rank]))
        span = dilation[axis] * (kernel[axis] - 1) + 1
        while not fits(size, pads_for((*sizes, *[size] * (rank - axis)))[axis], span, mode):
            size += 1
        sizes.append(size)
    groups = draw(st.integers(1, 3))
    reads, makes = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(dtypes))
    x = numbers(generator, (draw(st.integers(1, 2)), groups * reads, *sizes), dtype)
    weight = numbers(generator, (groups * makes, reads, *kernel), dtype)
    bias = numbers(generator, (groups * makes,), dtype) if draw(st.booleans()) else None
    keywords = {
        "stride": stride[0] if len(set(stride)) == 1 and draw(st.booleans()) else stride,
        "padding": padding,
        "dilation": dilation[0] if len(set(dilation)) == 1 and draw(st.booleans()) else dilation,
        "groups": groups,
        "padding_mode": mode,
    }
    return Case(x, weight, bias, keywords, stride, pads_for(tuple(sizes)), dilation)
