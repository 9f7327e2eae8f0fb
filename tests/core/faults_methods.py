"""What goes wrong with a method that cannot do what is asked of it: code, call, numbers."""

import numpy as np

from conv_core import conv, conv_stages, winograd_matrices


def image(**keywords):
    return conv(np.ones((1, 1, 9, 9)), np.ones((1, 1, 3, 3)), **keywords)


def staged(**options):
    return conv_stages(np.ones((1, 1, 9, 9)), np.ones((1, 1, 3, 3)), **options)


WHOLE = np.ones((1, 1, 5), int)

FAULTS = [
    (
        "method_window",
        lambda: image(method="winograd", stride=2),
        {"method": "winograd", "kernel": (3, 3), "stride": (2, 2), "instead": "im2col"},
    ),
    (
        "method_window",
        lambda: conv(np.ones((1, 1, 20)), np.ones((1, 1, 8)), method="winograd"),
        {"kernel": (8,)},
    ),
    ("method_window", lambda: staged(method="winograd", dilation=(1, 2)), {"dilation": (1, 2)}),
    (
        "method_type",
        lambda: conv(WHOLE, WHOLE, method="fft"),
        {"method": "fft", "dtype": "int64", "instead": "im2col"},
    ),
    ("winograd_size", lambda: winograd_matrices(0, 3), {"m": 0, "r": 3}),
    ("winograd_size", lambda: winograd_matrices(2, 0), {"m": 2, "r": 0}),
    ("winograd_outputs", lambda: staged(method="winograd", m=(2, 0)), {"axis": 1, "m": 0}),
    ("winograd_points", lambda: winograd_matrices(2, 3, (0, 1, 1)), {"needed": 3, "given": "0, 1, 1"}),
    ("winograd_points", lambda: winograd_matrices(2, 3, (0, 1)), {"needed": 3, "given": "0, 1"}),
    ("winograd_points", lambda: winograd_matrices(2, 3, ("a", 1, 2)), {"needed": 3}),
    ("fft_tile_small", lambda: staged(method="fft", tile=(8, 2)), {"axis": 1, "tile": 2, "span": 3}),
]
