"""A crop on the stage shows the picture's own windows: the same cells, and so the same numbers."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from conv_core import WindowError, conv_trace
from conv_view import part

RANDOM = np.random.default_rng(5)
KERNEL = {size: RANDOM.uniform(-1, 1, (1, 1, size, size)).astype(np.float32) for size in (1, 2, 3, 5, 7)}


def noise(height, width, *more):
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, *more), np.uint8)


def traced(pixels, arguments, kernel=3):
    return conv_trace(pixels[None, None].astype(np.float32), KERNEL[kernel], **arguments)


def number(trace, place):
    return trace[int(np.ravel_multi_index((0, 0, *place), trace.shape))]


@pytest.mark.parametrize("choice", part.PARTS)
@pytest.mark.parametrize("shape", [(300, 451), (451, 300, 3), (10, 70), (5, 5), (1, 300)])
def test_a_part_lies_in_its_picture(choice, shape):
    pixels = noise(*shape)
    for at in (part.CENTRED, (0, 0), (7, 3), (4096, 4096), (-1, 9)):
        piece = part.take(pixels, choice, at)
        assert piece.pixels.ndim == pixels.ndim
        assert piece.pixels.dtype == np.uint8
        size = int(choice[1:])
        assert max(piece.pixels.shape[:2]) <= size
        if choice[0] == "w":
            assert piece.at is None
            assert max(piece.pixels.shape[:2]) == min(size, max(shape[:2]))
            continue
        height, width = piece.pixels.shape[:2]
        top, left = piece.at
        assert min(top, left) >= 0
        assert np.array_equal(piece.pixels, pixels[top : top + height, left : left + width])


def test_with_same_padding_a_crop_has_the_remainder_and_so_the_padding_of_the_whole():
    arguments = {"stride": (3, 2), "padding": "same", "dilation": (1, 1)}
    pixels = noise(100, 51)
    assert part.period(arguments) == (3, 2)
    piece = part.take(pixels, "c16", (9, 9), part.period(arguments))
    assert piece.pixels.shape == (16, 15)
    assert traced(piece.pixels, arguments).pads == traced(pixels, arguments).pads
    assert part.period({**arguments, "padding": 1}) == (1, 1)
    assert part.take(pixels, "c16", (9, 9)).pixels.shape == (16, 16)


@pytest.mark.parametrize(
    ("at", "expected"), [((-1, -1), (42, 42)), ((0, 84), (0, 84)), ((20, -1), (20, 42)), ((-1, 5), (42, 5))]
)
def test_a_crop_begins_where_it_is_told_or_in_the_middle(at, expected):
    assert part.take(noise(100, 100), "c16", at).at == expected
    assert part.take(noise(100, 100), "c16", at).pixels.shape == (16, 16)


def arguments_of(draw):
    axis = st.integers(1, 5)
    stride, dilation = draw(st.tuples(axis, axis)), draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    side = st.integers(0, 5)
    padding = draw(
        st.one_of(
            st.integers(0, 5),
            st.sampled_from(["same", "same_lower"]),
            st.tuples(st.tuples(side, side), st.tuples(side, side)).map(list),
        )
    )
    mode = draw(st.sampled_from(["zeros", "reflect", "replicate"]))
    return {"stride": stride, "dilation": dilation, "padding": padding, "padding_mode": mode}


@st.composite
def picked(draw):
    """A convolution of a whole picture, the size of a crop, and a cell of the result, often at its border."""
    height, width = draw(st.integers(6, 60)), draw(st.integers(6, 60))
    arguments = arguments_of(draw)
    kernel = draw(st.sampled_from(sorted(KERNEL)))
    choice = draw(st.sampled_from(["c8", "c12", "c16", "c24"]))
    try:
        whole = traced(noise(height, width), arguments, kernel)
    except WindowError:
        assume(False)
    cell = tuple(
        draw(st.one_of(st.sampled_from([0, size - 1]), st.integers(0, size - 1))) for size in whole.shape[2:]
    )
    return whole, arguments, kernel, choice, cell


def fits(whole, choice):
    """Whether a crop of this size can hold any window, wherever the stride lets it begin."""
    return all(
        # "same" may take away as much again.
        min(int(choice[1:]), size) >= min(size, span + 2 * (stride - 1))
        for size, span, stride in zip(whole.x.shape[2:], whole.window.span, whole.window.stride, strict=True)
    )


@settings(max_examples=300)
@given(picked())
def test_a_picked_cell_brings_exactly_its_window(case):
    whole, arguments, kernel, choice, cell = case
    assume(fits(whole, choice))
    period = part.period(arguments)
    at, place = part.bring_cell(cell, choice, whole, arguments, period)
    piece = part.take(whole.x[0, 0].astype(np.uint8), choice, at, period)
    assert piece.at == at
    step = number(traced(piece.pixels, arguments, kernel), place)
    assert np.array_equal(step.patch, number(whole, cell).patch)
    # The very cells of the picture, not only equal ones.
    assert (
        tuple(start + begin for start, begin in zip(step.start, at, strict=True)) == number(whole, cell).start
    )


@given(picked())
def test_a_picked_cell_always_leads_to_a_step_of_the_crop(case):
    whole, arguments, kernel, choice, cell = case
    period = part.period(arguments)
    at, place = part.bring_cell(cell, choice, whole, arguments, period)
    piece = part.take(whole.x[0, 0].astype(np.uint8), choice, at, period)
    try:
        trace = traced(piece.pixels, arguments, kernel)
    except WindowError:
        return  # the window is larger than the crop, and the page says so
    assert all(0 <= index < size for index, size in zip(place, trace.shape[2:], strict=True))


@given(picked(), st.tuples(st.integers(0, 60), st.integers(0, 60)))
def test_outlines_mark_the_cells_that_the_crop_computes(case, at):
    whole, arguments, kernel, choice, _ = case
    pixels = whole.x[0, 0].astype(np.uint8)
    piece = part.take(pixels, choice, at)
    try:
        trace = traced(piece.pixels, arguments, kernel)
    except WindowError:
        return
    marks = part.outlines(piece, whole.x.shape[2:], trace, whole)
    if piece.pixels.shape == pixels.shape:
        assert marks == {}
        return
    assert marks["picture"] == tuple(zip(piece.at, piece.pixels.shape, strict=True))
    for axis, (first, count) in enumerate(marks["output"]):
        assert first >= 0
        assert count >= 1
        assert first + count <= whole.shape[axis + 2]
        stride, begin = whole.window.stride[axis], piece.at[axis]
        # Those outputs of the crop that are at a place of the whole's outputs, in the picture's coordinates.
        starts = [p * stride - trace.pads[axis][0] + begin for p in range(trace.shape[axis + 2])]
        places = [(start + whole.pads[axis][0]) / stride for start in starts]
        exact = [p for p in places if p == int(p) and 0 <= p < whole.shape[axis + 2]]
        if exact:
            assert (first, first + count - 1) == (exact[0], exact[-1])


def test_an_outline_follows_the_scale_of_the_preview():
    pixels = noise(200, 100)
    piece = part.take(pixels, "c16", (50, 20))
    trace, whole = traced(piece.pixels, {}), traced(pixels, {})
    marks = part.outlines(piece, (100, 50), trace, whole)
    assert marks["picture"] == ((25, 8), (10, 8))
    assert marks["output"] == ((50, 14), (20, 14))
    assert part.outlines(part.take(pixels, "w64"), (100, 50), trace, whole) == {}


@pytest.mark.parametrize(
    "arguments", [{}, {"stride": 2}, {"padding": 1}, {"stride": 3, "padding": 2, "dilation": 2}]
)
def test_a_cell_of_the_picture_names_the_output_around_it(arguments):
    pixels = noise(120, 90)
    whole = traced(pixels, arguments)
    for cell in ((0, 0), (59, 10), (30, 44), (119, 89)):
        row_col = part.output_at(cell, pixels.shape, whole)
        for axis in range(2):
            middles = [
                p * whole.window.stride[axis] - whole.pads[axis][0] + whole.window.span[axis] / 2
                for p in range(whole.shape[axis + 2])
            ]
            distances = [abs(middle - (cell[axis] + 0.5)) for middle in middles]
            assert distances[row_col[axis]] == min(distances)


@example((0, 0))
@example((63, 63))
@given(st.tuples(st.integers(0, 63), st.integers(0, 63)))
def test_every_cell_of_a_preview_can_be_picked(cell):
    whole = traced(noise(500, 411), {"stride": (2, 1), "padding": "same"})
    row, col = part.output_at(cell, (64, 64), whole)
    assert 0 <= row < whole.shape[2]
    assert 0 <= col < whole.shape[3]
