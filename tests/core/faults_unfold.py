"""What goes wrong when windows become columns and columns become an input again: code, call, numbers."""

import numpy as np

from conv_core import col2im, copies, im2col


def ones(*shape, dtype=float):
    return np.ones(shape, dtype)


FAULTS = [
    ("input_rank", lambda: im2col(ones(5, 5), 3), {"given": 2}),
    ("dtype", lambda: im2col(ones(1, 1, 5, dtype=complex), 3), {"name": "input", "dtype": "complex128"}),
    ("batch_empty", lambda: im2col(ones(0, 1, 5), 3), {"batch": 0}),
    ("channels_empty", lambda: im2col(ones(1, 0, 5), 3), {"channels": 0}),
    ("axes_count", lambda: im2col(ones(1, 1, 5), (3, 3)), {"name": "kernel", "given": 2, "rank": 1}),
    (
        "kernel_too_large",
        lambda: im2col(ones(1, 1, 5, 9), 3, dilation=4),
        {"axis": 0, "span": 9, "padded": 5},
    ),
    ("padding_mode", lambda: im2col(ones(1, 1, 5), 3, padding_mode="mirror"), {"value": "'mirror'"}),
    (
        "padding_reflect",
        lambda: im2col(ones(1, 1, 5), 3, padding=5, padding_mode="reflect"),
        {"axis": 0, "size": 5},
    ),
    ("array_too_large", lambda: im2col(ones(1, 1, 5), 3, padding=2**61), {}),
    ("columns_rank", lambda: col2im(ones(9, 4), (4, 4), 3), {"given": 2}),
    ("columns_rows", lambda: col2im(ones(1, 10, 4), (4, 4), 3), {"given": 10, "terms": 9, "kernel": (3, 3)}),
    ("columns_rows", lambda: col2im(ones(1, 0, 4), (4, 4), 3), {"given": 0, "terms": 9}),
    (
        "columns_count",
        lambda: col2im(ones(1, 9, 5), (4, 4), 3),
        {"given": 5, "expected": 4, "size": (4, 4)},
    ),
    ("columns_count", lambda: col2im(ones(1, 9, 4), (4, 4), 3, stride=2), {"given": 4, "expected": 1}),
    ("batch_empty", lambda: col2im(ones(0, 9, 4), (4, 4), 3), {"batch": 0}),
    ("axis_empty", lambda: col2im(ones(1, 9, 4), (4, 0), 3), {"axis": 1, "size": 0}),
    ("not_an_integer", lambda: col2im(ones(1, 9, 4), (4, 4.0), 3), {"name": "output_size", "value": "4.0"}),
    ("kernel_too_large", lambda: col2im(ones(1, 9, 4), (2, 4), 3), {"axis": 0, "span": 3, "padded": 2}),
    (
        "integers_too_large",
        lambda: col2im(np.full((1, 3, 3), 2**62), 5, 3),
        {"reach": 3 * 2**62},
    ),
    ("axis_empty", lambda: copies((4, 0), 3), {"axis": 1, "size": 0}),
    ("kernel_too_large", lambda: copies(4, 5), {"axis": 0, "span": 5, "padded": 4}),
    ("array_too_large", lambda: copies(4, 3, padding=2**61), {}),
]
