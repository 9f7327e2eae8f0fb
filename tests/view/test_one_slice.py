"""A 3D convolution of one slice comes down to the 2D convolutions that are claimed for it."""

import numpy as np
import pytest
from scipy.ndimage import correlate

from conv_core import WindowError, conv_trace
from conv_view.film import FLASH, moving_square
from conv_view.one_slice import padded_to_fit, places

RANDOM = np.random.default_rng(5)
SLICE = RANDOM.integers(0, 255, (1, 1, 1, 9, 8)).astype(np.float32)
KERNEL = RANDOM.integers(-4, 5, (1, 1, 3, 3, 3)).astype(np.float32)


def test_with_zeros_around_it_the_slice_meets_one_slice_of_the_kernel():
    [place] = places(conv_trace(SLICE, KERNEL, padding=1))
    assert place.met == (1,)
    assert np.array_equal(place.kernel, KERNEL[0, 0, 1])
    assert place.difference == 0


def test_the_2d_convolution_it_is_held_against_is_the_right_one():
    trace = conv_trace(SLICE, KERNEL, padding=((1, 1), (1, 1), (1, 1)))
    expected = correlate(SLICE[0, 0, 0], KERNEL[0, 0, 1], mode="constant")
    assert np.array_equal(trace.output[0, 0, 0], expected)


def test_with_more_padding_every_place_meets_another_slice_or_none():
    found = places(conv_trace(SLICE, KERNEL, padding=((3, 3), (0, 0), (0, 0))))
    assert [place.met for place in found] == [(), (2,), (1,), (0,), ()]
    assert all(place.difference == 0 for place in found)
    assert not found[0].kernel.any()


def test_copies_of_the_slice_add_the_kernels_slices_up():
    [place] = places(conv_trace(SLICE, KERNEL, padding=1, padding_mode="replicate"))
    assert place.met == (0, 1, 2)
    assert np.array_equal(place.kernel, KERNEL[0, 0].sum(axis=0))
    assert place.difference == 0  # whole numbers, so there is nothing to round


def test_dilation_stride_and_bias_change_nothing_about_it():
    trace = conv_trace(
        SLICE,
        KERNEL,
        np.array([7], np.float32),
        padding=((2, 2), (1, 0), (0, 2)),
        dilation=2,
        stride=(1, 2, 3),
    )
    [place] = places(trace)
    assert (place.met, place.difference) == ((1,), 0)


@pytest.mark.parametrize("padding", [0, 2, "same", ((0, 0), (1, 2), (0, 0))])
@pytest.mark.parametrize("dilation", [1, 2])
def test_padding_to_fit_touches_depth_alone(padding, dilation):
    arguments = {"padding": padding, "dilation": dilation, "stride": 1, "padding_mode": "zeros"}
    fitted = conv_trace(SLICE, KERNEL, **padded_to_fit((3, 3, 3), arguments))
    tall = conv_trace(np.repeat(SLICE, 9, axis=2), KERNEL, **arguments)
    assert fitted.pads[1:] == tall.pads[1:]
    assert fitted.shape[2] == 1


def test_a_mirror_has_nothing_to_show_beyond_a_single_slice():
    arguments = padded_to_fit((3, 3, 3), {"padding": 0, "dilation": 1}) | {"padding_mode": "reflect"}
    with pytest.raises(WindowError) as caught:
        conv_trace(SLICE, KERNEL, **arguments)
    assert caught.value.code == "padding_reflect"


def test_in_the_film_only_the_square_moves_and_only_one_frame_has_the_lamp():
    changes = np.abs(np.diff(moving_square().astype(int), axis=0))
    assert not changes[:, 28:].any()
    assert changes[:, 14:22].any(axis=(1, 2)).all()
    lamp = changes[:, :12].any(axis=(1, 2))
    assert np.flatnonzero(lamp).tolist() == [FLASH - 1, FLASH]
