"""The geometry: sizes by counting, windows as views, folding as the adjoint of reading."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conv_core import Window, WindowError
from tests import oracle
from tests.core.cases import cases


def window_of(case):
    keywords = {name: case.keywords[name] for name in ("stride", "padding", "dilation")}
    return Window(case.weight.shape[2:], **keywords)


@given(case=cases())
def test_sizes_are_what_counting_gives(case):
    window, spatial = window_of(case), case.x.shape[2:]
    counted = [
        len(oracle.positions(before + size + after, *one))
        for size, (before, after), *one in zip(
            spatial, case.pads, window.kernel, case.stride, case.dilation, strict=True
        )
    ]
    assert window.pads(spatial) == case.pads
    assert window.output_shape(spatial) == tuple(counted)
    assert window.positions(np.add(spatial, np.sum(case.pads, axis=1)).tolist()) == tuple(counted)


@given(case=cases(["float64"]), lead=st.integers(0, 2))
def test_folding_is_the_adjoint_of_reading(case, lead):
    window = window_of(case)
    padded_spatial = tuple(np.add(case.x.shape[2:], np.sum(case.pads, axis=1)).tolist())
    generator = np.random.default_rng(1)
    x = generator.standard_normal((2,) * lead + padded_spatial)
    windows = window.read(x)
    gradient = generator.standard_normal(windows.shape)
    folded = window.fold(gradient, padded_spatial)
    assert folded.shape == x.shape
    scale = (np.abs(windows) * np.abs(gradient)).sum()
    assert abs((windows * gradient).sum() - (x * folded).sum()) <= 1e-13 * scale


@given(case=cases(["int64"]))
def test_cells_are_what_reading_reads(case):
    window, spatial = window_of(case), case.x.shape[2:]
    padded = np.pad(np.arange(1, np.prod(spatial) + 1).reshape(spatial), case.pads)
    windows = window.read(padded)
    for position in np.ndindex(*window.output_shape(spatial)):
        cells = window.cells(position, spatial)
        assert cells.shape == (*window.kernel, window.rank)
        assert tuple(cells[(0,) * window.rank]) == window.start(position, spatial)
        inside = np.all((cells >= 0) & (cells < spatial), axis=-1)
        flat = np.ravel_multi_index(tuple(np.moveaxis(cells, -1, 0).clip(0)), spatial, mode="clip")
        assert np.array_equal(windows[position], np.where(inside, flat + 1, 0))


def test_reading_copies_nothing_and_cannot_be_written_through():
    x = np.arange(20.0).reshape(1, 4, 5)
    windows = Window((2, 3), stride=(2, 1)).read(x)
    assert windows.shape == (1, 2, 3, 2, 3)
    assert np.shares_memory(windows, x)
    with pytest.raises(ValueError, match="read-only"):
        windows[0, 0, 0, 0, 0] = 1


def test_winograd_tiles_are_windows_that_overlap_by_two():
    tiles = Window((4, 4), stride=2).read(np.zeros((3, 10, 8)))
    assert tiles.shape == (3, 4, 3, 4, 4)


def test_folding_counts_how_many_windows_see_a_cell():
    window = Window(3, stride=2, dilation=2)
    assert window.fold(np.ones((3, 3), int), (10,)).tolist() == [1, 0, 2, 0, 3, 0, 2, 0, 1, 0]


@pytest.mark.parametrize(
    ("window", "rank"),
    [
        (Window(3), 1),
        (Window(3, rank=3), 3),
        (Window((3, 2)), 2),
        (Window(3, stride=(1, 2, 3)), 3),
        (Window(3, dilation=(1, 2)), 2),
        (Window(3, padding=((1, 2), (0, 0))), 2),
        (Window(3, padding=[1, 2]), 2),
        (Window(np.array([3, 3]), np.int64(2)), 2),
    ],
)
def test_the_first_sequence_fixes_the_rank(window, rank):
    assert window.rank == rank
    assert len(window.kernel) == len(window.stride) == len(window.padding) == len(window.dilation) == rank


def test_windows_are_values():
    window = Window((3, 3), padding="same")
    assert window == Window([3, 3], stride=(1, 1), padding="same")
    assert len({window, Window((3, 3), padding="same"), Window((3, 3))}) == 2
    assert replace(window, stride=2) == Window((3, 3), stride=2, padding="same")
    assert Window(3, padding="valid") == Window(3)
    with pytest.raises(FrozenInstanceError):
        window.kernel = (1, 1)


def test_the_error_of_the_design_reads_as_it_stands_there():
    with pytest.raises(
        WindowError,
        match=r"^axis 0: a kernel of 3 with dilation 4 spans 9, but the padded input is 7$",
    ):
        Window((3, 3), dilation=(4, 1), padding=1).output_shape((5, 5))
