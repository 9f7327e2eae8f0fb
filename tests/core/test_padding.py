"""Padding against NumPy's own, by source and by adjoint."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conv_core import MODES, pad, source_indices, unpad
from tests import oracle

NUMPY = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@st.composite
def paddings(draw):
    """A mode, an array and pads the mode can supply."""
    mode = draw(st.sampled_from(MODES))
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))
    pads = []
    for size in sizes:
        most = {"reflect": size - 1, "circular": size}.get(mode, 7)
        pads.append((draw(st.integers(0, most)), draw(st.integers(0, most))))
    x = np.random.default_rng(len(sizes)).integers(-99, 99, (2, *sizes))
    return mode, x, tuple(pads)


@given(paddings())
def test_numpy_pads_the_same(drawn):
    mode, x, pads = drawn
    padded = pad(x, pads, mode)
    assert np.array_equal(padded, np.pad(x, ((0, 0), *pads), NUMPY[mode]))
    assert padded.dtype == x.dtype


@given(paddings())
def test_every_padded_cell_comes_from_its_source(drawn):
    mode, x, pads = drawn
    padded = pad(x, pads, mode, fill=0)
    sources = [source_indices(size, *pair, mode) for size, pair in zip(x.shape[1:], pads, strict=True)]
    for axis, (size, (before, after)) in enumerate(zip(x.shape[1:], pads, strict=True)):
        assert sources[axis].dtype == np.int64
        expected = [oracle.source(place, size, mode) for place in range(-before, size + after)]
        assert sources[axis].tolist() == [-1 if one is None else one for one in expected]
    for place in np.ndindex(*padded.shape[1:]):
        source = tuple(int(one[p]) for one, p in zip(sources, place, strict=True))
        assert (padded[(0, *place)] == x[(0, *source)]) if min(source) >= 0 else padded[(0, *place)] == 0


@given(paddings())
def test_unpadding_is_the_adjoint_of_padding(drawn):
    mode, x, pads = drawn
    gradient = np.random.default_rng(0).integers(-99, 99, pad(x, pads, mode).shape)
    assert (pad(x, pads, mode) * gradient).sum() == (x * unpad(gradient, pads, mode)).sum()


def test_a_fill_value_stands_where_there_is_no_source():
    assert pad(np.array([1.0]), ((1, 2),), fill=-np.inf).tolist() == [-np.inf, 1, -np.inf, -np.inf]


@pytest.mark.parametrize("mode", MODES)
def test_no_padding_is_no_copy(mode):
    x = np.ones((2, 1, 1))
    assert pad(x, ((0, 0), (0, 0)), mode) is x
