"""What a window leaves out, and how much padding gives a size: both by trying every one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conv_core import Window
from tests import oracle
from tests.core.cases import cases


@given(case=cases())
def test_a_coordinate_is_unread_exactly_where_no_window_touches_it(case):
    keywords = {name: case.keywords[name] for name in ("stride", "padding", "dilation")}
    window, spatial = Window(case.weight.shape[2:], **keywords), case.x.shape[2:]
    for axis, missed in enumerate(window.unread(spatial)):
        size, (before, after) = spatial[axis], case.pads[axis]
        kernel, stride, dilation = (own[axis] for own in (window.kernel, case.stride, case.dilation))
        starts = oracle.positions(before + size + after, kernel, stride, dilation)
        touched = {start + tap * dilation for start in starts for tap in range(kernel)}
        assert missed.tolist() == [
            place - before for place in range(before + size + after) if place not in touched
        ]


@pytest.mark.parametrize(("kernel", "stride", "rest"), [(3, 3, 1), (2, 2, 1), (1, 4, 3)])
def test_what_a_stride_leaves_over_stands_at_the_end(kernel, stride, rest):
    size = kernel + 2 * stride + rest
    (missed,) = Window(kernel, stride).unread((size,))
    assert missed.tolist()[-rest:] == list(range(size - rest, size))


def test_a_last_window_that_hangs_over_reads_the_end():
    assert Window(2, 2, ceil_mode=True).unread((5,))[0].tolist() == []


@given(
    size=st.integers(1, 12),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 3),
    count=st.integers(1, 12),
)
def test_the_totals_are_exactly_the_paddings_with_that_many_positions(size, kernel, stride, dilation, count):
    (totals,) = Window(kernel, stride, 0, dilation).totals((count,), (size,))
    span = dilation * (kernel - 1) + 1
    found = [
        total
        for total in range(12 * 4 + 20)
        if size + total >= span and len(oracle.positions(size + total, kernel, stride, dilation)) == count
    ]
    assert list(totals) == found
