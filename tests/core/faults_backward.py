"""What goes wrong on the way back, with losses and their labels: code, call, numbers."""

import numpy as np

from conv_core import conv_backward, conv_backward_trace, cross_entropy, mse_loss, mse_loss_backward


def ones(*shape, dtype=float):
    return np.ones(shape, dtype)


def back(grad=(1, 2, 3, 3), x=(1, 1, 5, 5), weight=(2, 1, 3, 3), **keywords):
    return conv_backward(ones(*grad), ones(*x), ones(*weight), **keywords)


def mirrored():
    return conv_backward_trace(
        ones(1, 1, 5), ones(1, 1, 5), ones(1, 1, 3), padding=1, padding_mode="reflect"
    ).scattered


FAULTS = [
    ("grad_shape", lambda: back(grad=(1, 2, 3, 4)), {"given": (1, 2, 3, 4), "expected": (1, 2, 3, 3)}),
    ("grad_shape", lambda: back(stride=2), {"given": (1, 2, 3, 3), "expected": (1, 2, 2, 2)}),
    ("weight_channels", lambda: back(x=(1, 3, 5, 5)), {"given": 1, "expected": 3}),
    ("kernel_too_large", lambda: back(dilation=3), {"span": 7, "padded": 5}),
    (
        "dtype",
        lambda: conv_backward(ones(1, 1, 3, dtype=complex), ones(1, 1, 5), ones(1, 1, 3)),
        {"name": "gradient", "dtype": "complex128"},
    ),
    (
        "integers_too_large",
        lambda: conv_backward(np.full((1, 1, 3), 2**40), np.full((1, 1, 5), 2**40), ones(1, 1, 3, dtype=int)),
        {"limit": 2**63 - 1},
    ),
    ("padding_mode", mirrored, {"value": "'reflect'", "known": "zeros"}),
    ("reduction", lambda: mse_loss(ones(3), ones(3), reduction="none"), {"value": "'none'"}),
    ("target_shape", lambda: mse_loss_backward(ones(3), ones(4)), {"given": (4,), "expected": (3,)}),
    ("loss_empty", lambda: mse_loss(ones(2, 0), ones(2, 0)), {"shape": (2, 0)}),
    ("loss_empty", lambda: cross_entropy(ones(0, 3), np.zeros(0, int)), {"shape": (0, 3)}),
    ("labels_shape", lambda: cross_entropy(ones(2, 3), [1, 2, 0]), {"given": (3,), "scores": (2, 3)}),
    ("labels_shape", lambda: cross_entropy(ones(2, 3), [1.0, 2.0]), {"dtype": "float64"}),
    ("label_outside", lambda: cross_entropy(ones(2, 3), [1, 3]), {"label": 3, "classes": 3}),
    ("label_outside", lambda: cross_entropy(ones(2, 3), [-1, 1]), {"label": -1, "classes": 3}),
]
