"""What is crossed out, pointed at and counted on the page of the window's numbers, against plain loops."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conv_core import Window, conv_trace
from conv_view.axis_lines import MOST_ROWS, axis_lines
from conv_view.keeping import keeping
from conv_view.parameter_code import numpy_windows
from conv_view.stories.parameters import gridding, placed, window
from conv_view.text import words
from tests import oracle, wire
from tests.core.cases import fits

EN = words("en")
NUMBER = st.integers(1, 3)
MODES = ("zeros", "reflect", "replicate", "circular")


@st.composite
def grids(draw):
    """A convolution of a numbered grid, and its numbers axis by axis as the loops want them."""
    sizes, kernel = (draw(st.tuples(*[st.integers(1, most)] * 2)) for most in (9, 4))
    stride, dilation = (draw(st.tuples(NUMBER, NUMBER)) for _ in range(2))
    pads = draw(st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * 2))
    mode = draw(st.sampled_from(MODES))
    axes = list(zip(sizes, pads, kernel, stride, dilation, strict=True))
    assume(all(fits(size, pad, d * (k - 1) + 1, mode) for size, pad, k, _, d in axes))
    x = np.arange(1.0, np.prod(sizes) + 1).reshape(1, 1, *sizes)
    weight = np.arange(1.0, np.prod(kernel) + 1).reshape(1, 1, *kernel)
    trace = conv_trace(x, weight, stride=stride, padding=pads, dilation=dilation, padding_mode=mode)
    return trace, axes, mode


def touched(axis):
    """The padded coordinates that some window reads along an axis, by trying every window and tap."""
    size, (before, after), kernel, stride, dilation = axis
    starts = oracle.positions(before + size + after, kernel, stride, dilation)
    return {start + tap * dilation for start in starts for tap in range(kernel)}


def padded_size(axis):
    return axis[0] + sum(axis[1])


@given(case=grids())
def test_exactly_what_no_window_reads_is_crossed_out(case):
    trace, axes, _ = case
    for scene in (window(trace, EN, paint=True), placed(trace, EN, numbered=True)):
        panel = wire.decode(scene.to_bytes())["panels"]["input"]
        missed = [sorted(set(range(padded_size(axis))) - touched(axis)) for axis in axes]
        assert panel.get("unread", [[], [], []]) == ([[], *missed] if any(missed) else [[], [], []])


@given(case=grids())
def test_every_step_reads_and_pads_as_the_loops_do(case):
    trace, axes, mode = case
    header = wire.decode(window(trace, EN).to_bytes())
    (act,), panel = header["acts"], header["panels"]["input"]
    starts = [oracle.positions(padded_size(axis), *axis[2:]) for axis in axes]
    assert act["shape"] == [1, 1, *(len(each) for each in starts)]
    for number, index in enumerate(wire.indices(act["shape"])):
        for term in wire.indices(act["terms"]):
            cell = wire.cell(wire.relation(act, "input"), index, term)
            expected = [
                starts[at][index[at + 2]] - axis[1][0] + term[at + 1] * axis[4]
                for at, axis in enumerate(axes)
            ]
            assert list(cell[1:]) == expected
            own = [oracle.source(place, axis[0], mode) for place, axis in zip(expected, axes, strict=True)]
            value = 0 if None in own else own[0] * axes[1][0] + own[1] + 1
            assert wire.value(panel, cell) == value
        assert header["panels"]["output"]["values"].ravel()[number] == trace[number].value


@given(case=grids())
def test_the_drawing_of_an_axis_has_an_arc_a_copy_a_dot_a_reading_and_a_cross_a_loss(case):
    trace, axes, mode = case
    for at, axis in enumerate(axes):
        drawn = axis_lines(trace, at, "<label>")
        _, (before, after), kernel, stride, dilation = axis
        copies = 0 if mode == "zeros" else before + after
        rows = min(MOST_ROWS, len(oracle.positions(padded_size(axis), kernel, stride, dilation)))
        assert drawn.count('class="arc"') == copies
        assert drawn.count('class="crossed"') == padded_size(axis) - len(touched(axis))
        assert drawn.count('class="read"') == rows * kernel
        assert "<label>" not in drawn


@given(case=grids())
def test_the_padding_that_keeps_the_size_keeps_it_and_less_does_not(case):
    trace, axes, mode = case
    for axis, keep in zip(axes, keeping(trace), strict=True):
        size, _, *numbers = axis
        span = numbers[2] * (numbers[0] - 1) + 1

        def positions(total, size=size, numbers=numbers, span=span):
            return oracle.positions(size + total, *numbers) if size + total >= span else []

        kept = [total for total in range(keep.most + 3) if len(positions(total)) == size]
        assert kept == list(range(keep.least, keep.most + 1))
        total = keep.before + keep.after
        assert total in kept
        assert keep.symmetric == (keep.before == keep.after) == any(each % 2 == 0 for each in kept)
        assert 0 <= keep.after - keep.before <= 1
        reads = [
            [start - keep.before + tap * numbers[2] for tap in range(numbers[0])]
            for start in positions(total)
        ]
        assert keep.idle == sum(not any(0 <= place < size for place in cells) for cells in reads)
        assert (keep.fault is None) == fits(size, (keep.before, keep.after), span, mode)


@given(case=grids())
def test_the_numpy_code_prints_the_output(case):
    trace = case[0]
    given: dict = {}
    code = numpy_windows(trace).replace("print(", "result = (")
    exec(code, given)
    assert np.array_equal(given["result"], trace.output[0, 0])


def paths(rates, taps, place, size):
    """By how many paths each cell of one axis arrives at `place`: every choice of taps, walked down."""
    counts = [0] * size
    for choice in product(range(taps), repeat=len(rates)):
        at, alive = place, True
        for tap, rate in zip(reversed(choice), reversed(rates), strict=True):
            at += tap * rate - rate * (taps - 1) // 2
            alive = alive and 0 <= at < size
        if alive:
            counts[at] += 1
    return counts


@pytest.mark.parametrize("place", [(8, 8), (0, 3), (16, 16)])
@pytest.mark.parametrize(("rates", "taps"), [((2, 2, 2), 3), ((1, 2, 5), 3), ((3, 6), 2), ((4, 2, 5), 3)])
def test_paths_are_counted_and_what_is_skipped_inside_the_field_is_crossed_out(rates, taps, place):
    size = 17
    layers = [Window((taps, taps), 1, "same", rate) for rate in rates]
    header = wire.decode(gridding(layers, place, size, EN).to_bytes())
    panel = header["panels"]["paths"]
    assert panel["scale"] == ["counts", 0, panel["values"].max()]
    down, across = (paths(rates, taps, at, size) for at in place)
    assert panel["values"].tolist() == np.outer(down, across).tolist()
    inside = [
        [min(np.flatnonzero(along)) <= at <= max(np.flatnonzero(along)) for at in range(size)]
        for along in (down, across)
    ]
    skipped = np.outer(*inside) & (np.outer(down, across) == 0)
    assert ("crossed" in panel) == skipped.any()
    if skipped.any():
        sent = header["columns"][panel["crossed"]]
        assert sent["size"] == size**2
        scene = gridding(layers, place, size, EN)
        assert np.array_equal(scene.panel("paths").crossed, skipped)
    assert panel["mark"] == [[row.index(True), sum(row)] for row in inside]


@pytest.mark.parametrize("rates", [(2, 2, 2), (1, 2, 5), (3, 4)])
def test_pointing_at_a_cell_of_the_last_layer_lights_exactly_what_it_reads(rates):
    layers, size = [Window((3, 3), 1, "same", rate) for rate in rates], 17
    (act,) = wire.decode(gridding(layers, (8, 8), size, EN).to_bytes())["acts"]
    related = wire.relation(act, "paths")
    lit = {wire.cell(related, (8, 8), term) for term in wire.indices(act["terms"])}
    read = np.flatnonzero(paths(rates, 3, 8, size)).tolist()
    assert lit == set(product(read, read))
