"""Random poolings and transposed convolutions for hypothesis, and numeric gradients."""

from dataclasses import dataclass

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from tests import oracle_pool
from tests.core.cases import LARGEST_CELLS, numbers


@dataclass
class PoolCase:
    """An input, a kernel, and the keywords that every pooling takes; `pads` and so on as the oracle wants."""

    x: np.ndarray
    kernel: tuple
    keywords: dict
    windows: dict

    @property
    def spatial(self):
        return self.x.shape[2:]

    def expected(self, summary):
        """An array of what `summary` makes of every window."""
        shape = tuple(np.max(list(self.windows), axis=0) + 1)
        result = np.empty(shape, object)
        for place, read in self.windows.items():
            result[place] = summary(read)
        return result


@st.composite
def pools(draw, dtypes=("float32", "float64"), special=False):
    """A pooling that is valid; `special` mixes in equals, infinities and NaN."""
    rank = draw(st.integers(1, 3))
    kernel = draw(st.tuples(*[st.integers(1, 4 if rank < 3 else 3)] * rank))
    stride = draw(st.none() | st.tuples(*[st.integers(1, 4)] * rank))
    dilation = draw(st.tuples(*[st.integers(1, 3)] * rank))
    pads = tuple((draw(st.integers(0, k // 2)), draw(st.integers(0, k // 2))) for k in kernel)
    ceil_mode = draw(st.booleans())
    sizes = draw(st.tuples(*[st.integers(1, LARGEST_CELLS[rank])] * rank))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = numbers(
        generator, (draw(st.integers(1, 2)), draw(st.integers(1, 2)), *sizes), draw(st.sampled_from(dtypes))
    )
    if special:
        x = np.round(x * 2)
        x[generator.random(x.shape) < 0.1] = np.nan
        x[generator.random(x.shape) < 0.2] = -np.inf
    windows = oracle_pool.windows(x, kernel, stride or kernel, pads, dilation, ceil_mode)
    assume(windows)
    assume(all(any(value is not None for _, value, _ in read) for read in windows.values()))
    keywords = {
        "stride": stride,
        "padding": pads if any(one != other for one, other in pads) else tuple(one for one, _ in pads),
        "dilation": dilation,
        "ceil_mode": ceil_mode,
    }
    return PoolCase(x, kernel, keywords, windows)


@dataclass
class TransposeCase:
    """Arrays, the keywords for `conv_transpose`, and what plain loops make of them."""

    x: np.ndarray
    weight: np.ndarray
    bias: np.ndarray | None
    keywords: dict

    @property
    def arguments(self):
        return self.x, self.weight, self.bias

    def expected(self):
        """Values, magnitudes and how many products went into each cell, as three arrays."""
        keywords = dict(self.keywords)
        pads = keywords.pop("padding")
        cells = oracle_pool.transpose(*self.arguments, pads=pads, **keywords)
        shape = tuple(np.max(list(cells), axis=0) + 1)
        values, magnitudes, counts = (np.empty(shape, object) for _ in range(3))
        for place, (value, magnitude, count) in cells.items():
            values[place], magnitudes[place], counts[place] = value, magnitude, count
        return values, magnitudes, counts


@st.composite
def transposes(draw, dtypes=("float16", "float32", "float64", "int8", "uint8", "int64")):
    """A transposed convolution that leaves something over."""
    rank = draw(st.integers(1, 3))
    most = 4 if rank < 3 else 2
    kernel = draw(st.tuples(*[st.integers(1, most)] * rank))
    stride, dilation = (draw(st.tuples(*[st.integers(1, 3)] * rank)) for _ in range(2))
    sizes = draw(st.tuples(*[st.integers(1, {1: 7, 2: 4, 3: 3}[rank])] * rank))
    pads, added = [], []
    for k, s, d, n in zip(kernel, stride, dilation, sizes, strict=True):
        more = draw(st.integers(0, max(s, d) - 1))
        room = (n - 1) * s + d * (k - 1) + more
        before = draw(st.integers(0, min(room, 5)))
        pads.append((before, draw(st.integers(0, min(room - before, 5)))))
        added.append(more)
    groups, reads, makes = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(dtypes))
    return TransposeCase(
        numbers(generator, (draw(st.integers(1, 2)), groups * reads, *sizes), dtype),
        numbers(generator, (groups * reads, makes, *kernel), dtype),
        numbers(generator, (groups * makes,), dtype) if draw(st.booleans()) else None,
        {
            "stride": stride,
            "padding": tuple(pads),
            "output_padding": tuple(added),
            "dilation": dilation,
            "groups": groups,
        },
    )


def slopes(function, x, grad, step=1e-6):
    """The gradient of sum(function(x) * grad) by x, from central differences."""
    result = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        change = np.zeros_like(x)
        change[place] = step
        result[place] = ((function(x + change) - function(x - change)) * grad).sum() / (2 * step)
    return result
