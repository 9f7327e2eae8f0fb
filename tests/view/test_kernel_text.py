"""A kernel as text comes back from it, also one for each of several channels."""

import numpy as np
import pytest

from conv_core import WindowError
from conv_view.kernel_text import read_kernel, write_kernel


def cells(*shape):
    return (np.random.default_rng(5).integers(-9, 9, shape) / 4).astype(np.float32)


@pytest.mark.parametrize(
    ("shape", "rank", "channels"),
    [((4,), 1, 1), ((3, 2), 2, 1), ((2, 3, 3), 3, 1), ((3, 3, 3), 2, 3), ((3, 1, 4), 2, 3), ((5, 3), 2, 3)],
)
def test_what_is_written_is_read(shape, rank, channels):
    kernel = cells(*shape)
    assert np.array_equal(read_kernel(write_kernel(kernel), rank, channels), kernel)


def test_one_block_is_for_every_channel():
    assert read_kernel("1 0 -1\n2 0 -2", 2, 3).shape == (2, 3)


def test_empty_lines_mean_nothing_where_there_is_one_channel():
    assert read_kernel("1 2\n\n3 4", 2).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("blocks", [2, 4])
def test_another_number_of_blocks_than_of_channels_is_refused(blocks):
    with pytest.raises(WindowError) as caught:
        read_kernel("\n\n".join(["1 2"] * blocks), 2, 3)
    assert (caught.value.code, caught.value.numbers["given"]) == ("weight_channels", blocks)


@pytest.mark.parametrize("text", ["", "\n\n", "1 2\n\n1 2\n\n1", "1 2\n\n1 2\n\n1 x"])
def test_what_is_no_kernel_for_each_channel_is_refused(text):
    with pytest.raises(WindowError):
        read_kernel(text, 2, 3)
