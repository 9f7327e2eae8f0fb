"""What is moved by formula against the arrays that the methods really make."""

from dataclasses import fields

import numpy as np
import pytest

from conv_core import Window, WindowError, conv_stages
from conv_core.traffic import Traffic, conv_traffic, fft_tiles

# Arrays between the input and the output, by method; the padded input comes on top.
BETWEEN = {
    "direct": (),
    "im2col": ("columns",),
    "winograd": ("input_tiles", "data_tiles", "kernel_tiles", "products", "output_tiles"),
    "fft": ("input_tiles", "input_spectra", "kernel_spectra", "products", "output_tiles"),
}
CASES = [
    ((1, 3, 9, 11), (4, 3, 3, 3), {"padding": 1}),
    ((2, 4, 12, 12), (6, 2, 3, 2), {"padding": ((1, 0), (0, 2)), "groups": 2}),
    ((1, 6, 10, 10), (6, 1, 5, 5), {"groups": 6}),
    ((1, 2, 20), (3, 2, 4), {"padding": 2}),
]
STRIDED = [
    ((1, 3, 15, 15), (4, 3, 3, 3), {"stride": 2, "padding": 1}),
    ((1, 2, 15, 13), (2, 2, 3, 3), {"dilation": (2, 3)}),
]


@pytest.mark.parametrize(
    ("method", "case"),
    [(method, case) for method in BETWEEN for case in CASES + STRIDED * (method != "winograd")],
)
def test_what_is_moved_is_every_array_of_the_stages(method, case):
    x_shape, weight_shape, keywords = case
    x, weight = np.ones(x_shape, np.float32), np.ones(weight_shape, np.float32)
    stages = conv_stages(x, weight, method=method, **keywords)
    moved = conv_traffic(x_shape, weight_shape, method=method, **keywords)
    assert {field.name for field in fields(stages)} > set(BETWEEN[method])
    arrays = [getattr(stages, name) for name in BETWEEN[method]]
    if method == "fft":
        # Views of overlapping tiles: each is moved as large as it is seen.
        assert arrays[0].dtype == np.float32
        assert arrays[1].dtype == np.complex64
    window = Window(weight_shape[2:], **{k: v for k, v in keywords.items() if k != "groups"})
    pads = window.pads(x_shape[2:])
    grown = [size + sum(pair) for size, pair in zip(x_shape[2:], pads, strict=True)]
    copied = 4 * int(np.prod([*x_shape[:2], *grown])) if np.any(pads) else 0
    between = 2 * (copied + sum(array.size * array.itemsize for array in arrays))
    assert moved == Traffic(x.nbytes, weight.nbytes, between, stages.output.nbytes)
    assert moved.total == x.nbytes + weight.nbytes + between + stages.output.nbytes


def test_a_pointwise_convolution_unrolls_nothing():
    assert conv_traffic((1, 256, 56, 56), (64, 256, 1, 1), method="im2col").between == 0


def test_tiles_and_types_can_be_chosen():
    x, weight = (1, 4, 20, 20), (4, 4, 3, 3)
    by_m = [conv_traffic(x, weight, padding=1, method="winograd", m=m).between for m in (2, 4)]
    assert by_m[0] > by_m[1]
    double = conv_traffic(x, weight, padding=1, method="im2col", dtype=np.float64)
    assert double.total == 2 * conv_traffic(x, weight, padding=1, method="im2col").total
    assert fft_tiles((22, 22), Window((3, 3)), 22) == ((22, 22), (1, 1))
    with pytest.raises(WindowError) as caught:
        conv_traffic(x, weight, method="fft", tile=2)
    assert caught.value.code == "fft_tile_small"


def test_a_method_that_cannot_is_refused():
    with pytest.raises(WindowError) as caught:
        conv_traffic((1, 3, 9, 9), (4, 3, 3, 3), stride=2, method="winograd")
    assert caught.value.code == "method_window"
