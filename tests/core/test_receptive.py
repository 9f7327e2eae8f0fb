"""Receptive fields: the published numbers, and counting path by path."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conv_core import (
    Window,
    conv,
    field_levels,
    field_of,
    layer_sizes,
    path_counts,
    receptive_field,
    unread,
)
from tests import oracle_pool

THREE = {"kernel": 3, "padding": 1}
HALVE = {"kernel": 2, "stride": 2}


def row(field):
    assert len({(s, j, p) for s, j, p in zip(field.size, field.stride, field.padding, strict=True)}) == 1
    return field.size[0], field.stride[0], field.padding[0]


def rows(layers, **keywords):
    return [row(field) for field in receptive_field(layers, **keywords)]


ALEXNET_V2 = [
    Window((11, 11), stride=4),
    Window((3, 3), stride=2),
    Window((5, 5), padding=2),
    Window((3, 3), stride=2),
    Window((3, 3), padding=1),
    Window((3, 3), padding=1),
    Window((3, 3), padding=1),
    Window((3, 3), stride=2),
]


def vgg(*convolutions):
    """Blocks of that many convolutions, each with its pool."""
    return [layer for count in convolutions for layer in [THREE] * count + [HALVE]]


def test_alexnet_is_as_published_layer_by_layer():
    published = [
        (11, 4, 0),
        (19, 8, 0),
        (51, 8, 16),
        (99, 16, 32),
        (131, 16, 48),
        (163, 16, 64),
        (195, 32, 64),
    ]
    found = rows(ALEXNET_V2)
    # The table leaves the second pool out.
    assert found[:3] + found[4:] == published


def test_vgg_is_as_published():
    assert rows(vgg(1, 1, 2, 2, 2))[-1] == (150, 32, 59)
    fields = rows(vgg(2, 2, 3, 3, 3))
    assert fields[-1] == (212, 32, 90)
    assert [
        size for (size, _, _), layer in zip(fields, vgg(2, 2, 3, 3, 3), strict=True) if layer is HALVE
    ] == [
        6,
        16,
        44,
        100,
        212,
    ]


def test_the_deepest_path_of_resnets_is_as_published():
    """The paths that are not shortcuts; those of the published versions with the stride at a unit's end."""

    def resnet(units, bottleneck, stride_last):
        layers = [Window(7, stride=2, padding=3), Window(3, stride=2, padding=1)]
        for stage, count in enumerate(units):
            for unit in range(count):
                place = count - 1 if stride_last else 0
                stride = 2 if unit == place and stage != (len(units) - 1 if stride_last else 0) else 1
                if bottleneck:
                    layers += [Window(1), Window(3, stride=stride, padding=1), Window(1)]
                else:
                    layers += [Window(3, stride=stride, padding=1), Window(3, padding=1)]
        return receptive_field(layers)[-1]

    assert resnet((3, 4, 6, 3), True, True).size == (483,)
    assert resnet((3, 4, 23, 3), True, True).size == (1027,)
    assert resnet((3, 8, 36, 3), True, True).size == (1507,)
    assert resnet((3, 4, 6, 3), True, False).size == (427,)
    assert resnet((3, 4, 23, 3), True, False).size == (971,)
    assert resnet((3, 8, 36, 3), True, False).size == (1451,)
    assert resnet((2, 2, 2, 2), False, False).size == (435,)
    assert resnet((3, 4, 6, 3), False, False).size == (899,)


def test_dilation_widens_and_words_need_the_size():
    assert rows([Window(3, dilation=4)]) == [(9, 1, 0)]
    assert rows([Window(4, stride=2, padding="same")], input_size=(9,)) == [(4, 2, 1)]
    assert rows([Window(4, stride=2, padding="same_lower")], input_size=(9,)) == [(4, 2, 2)]


def test_axes_may_differ_and_tables_may_say_more_than_the_geometry():
    (field,) = receptive_field([{"name": "conv1", "kernel": (3, 5), "stride": (1, 2), "padding": (1, 0)}])
    assert (field.size, field.stride, field.padding) == ((3, 5), (1, 2), (1, 0))
    assert field.start((0, 4)) == (-1, 8)
    assert receptive_field([Window(3), Window((1, 5))])[-1].size == (3, 7)


@st.composite
def stacks(draw):
    """Up to four layers along one axis, an input they fit on, and a layer and a cell of it."""
    layers = [
        Window(
            draw(st.integers(1, 4)),
            draw(st.integers(1, 3)),
            ((draw(st.integers(0, 2)), draw(st.integers(0, 2))),),
            draw(st.integers(1, 3)),
            ceil_mode=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(1, 4)))
    ]
    size = draw(st.integers(1, 30))
    padded = size
    for layer in layers:
        padded += sum(layer.padding[0])
        assume(padded >= layer.span[0])
        padded = (padded - layer.span[0]) // layer.stride[0] + 1
    layer = draw(st.integers(0, len(layers) - 1))
    sizes = layer_sizes(layers, (size,))
    return layers, layer, (draw(st.integers(0, sizes[layer + 1][0] - 1)),), (size,)


@settings(max_examples=200)
@given(stack=stacks())
def test_paths_are_what_walking_back_counts(stack):
    layers, layer, place, size = stack
    walked = oracle_pool.paths(
        [(one.kernel[0], one.stride[0], one.padding[0][0], one.dilation[0]) for one in layers[: layer + 1]],
        [level[0] for level in layer_sizes(layers, size)],
        place[0],
    )
    (counts,) = path_counts(layers, layer, place, size)
    assert counts.tolist() == walked
    (cells,) = field_of(layers, layer, place, size)
    assert cells.tolist() == [cell for cell, count in enumerate(walked) if count]
    field = receptive_field(layers)[layer]
    begin = field.start(place)[0]
    assert all(begin <= cell < begin + field.size[0] for cell in cells)
    missing = unread(layers, layer, place, size)
    inner = range(cells[0], cells[-1] + 1) if len(cells) else range(0)
    assert np.flatnonzero(missing).tolist() == [cell for cell in inner if not walked[cell]]


@settings(max_examples=50)
@given(stack=stacks())
def test_all_cells_together_are_the_sum_of_each(stack):
    layers, layer, _, size = stack
    (together,) = path_counts(layers, layer, None, size)
    count = layer_sizes(layers, size)[layer + 1][0]
    assert together.tolist() == sum(path_counts(layers, layer, (p,), size)[0] for p in range(count)).tolist()


@settings(max_examples=30)
@given(first=stacks(), second=stacks())
def test_axes_are_independent_and_their_counts_multiply(first, second):
    depth = min(first[1], second[1])
    layers = [
        Window(
            (a.kernel[0], b.kernel[0]),
            (a.stride[0], b.stride[0]),
            (a.padding[0], b.padding[0]),
            (a.dilation[0], b.dilation[0]),
        )
        for a, b in zip(first[0][: depth + 1], second[0][: depth + 1], strict=True)
    ]
    size = first[3] + second[3]
    sizes = layer_sizes(layers, size)
    position = tuple(count // 2 for count in sizes[-1])
    rows_, columns = path_counts(layers, -1, position, size)
    # All ones, summed through every layer, count the paths to one cell: its gradient by the input.
    x = np.zeros((1, 1, *size))
    expected = np.zeros(size)
    for place in np.ndindex(*size):
        x[(0, 0, *place)] = 1
        y = x
        for layer in layers:
            y = conv(
                y,
                np.ones((1, 1, *layer.kernel)),
                stride=layer.stride,
                padding=layer.padding,
                dilation=layer.dilation,
            )
        expected[place] = y[(0, 0, *position)]
        x[(0, 0, *place)] = 0
        if place[0] > 6:
            break
    reached = expected[:7]
    assert np.array_equal(np.multiply.outer(rows_, columns)[:7], reached)


def test_levels_grow_back_from_the_cell():
    levels = field_levels([THREE, HALVE, THREE], -1, (1, 1), (8, 8))
    assert [level[0].tolist() for level in levels] == [list(range(7)), list(range(6)), [0, 1, 2], [1]]
    assert [level[0].tolist() for level in field_levels([THREE, HALVE], 0, (0, 7), (8, 8))] == [[0, 1], [0]]


def test_stacked_dilations_of_one_rate_leave_a_grid_unread():
    """Rates 2, 2, 2 leave out every second cell; 1, 2, 5 see them all."""
    same = [Window((3, 3), dilation=2)] * 3
    mixed = [Window((3, 3), dilation=rate) for rate in (1, 2, 5)]
    read = ~unread(same, -1, (3, 3), (19, 19))[3:16, 3:16]
    assert read.sum() == 49
    assert read[::2, ::2].all()
    assert not unread(mixed, -1, (1, 1), (19, 19)).any()


def test_rows_that_the_stride_drops_are_read_by_nobody():
    assert path_counts([Window(2, stride=3)], 0, None, (8,))[0].tolist() == [1, 1, 0, 1, 1, 0, 1, 1]
    assert field_of([Window(2, stride=3)], 0, None, (7,))[0].tolist() == [0, 1, 3, 4]


def test_counts_are_exact_beyond_int64():
    layers = [Window(3, padding=1)] * 60
    (counts,) = path_counts(layers, -1, (60,), (121,))
    assert sum(counts.tolist()) == 3**60
    assert counts.dtype == object
    assert path_counts(layers, 20, (60,), (121,))[0].dtype == np.int64


def test_equal_weights_make_the_effective_field_a_bell():
    (counts,) = path_counts([Window(3)] * 4, -1, (0,), (9,))
    assert counts.tolist() == [1, 4, 10, 16, 19, 16, 10, 4, 1]


def test_a_window_of_one_axis_stands_for_all():
    assert layer_sizes([Window(3, stride=2)], (9, 7, 5)) == ((9, 7, 5), (4, 3, 2))
    with pytest.raises(ValueError, match="2 axes cannot slide over 3 axes"):
        layer_sizes([Window((3, 3))], (9, 9, 9))
