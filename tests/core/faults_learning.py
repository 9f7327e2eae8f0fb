"""What goes wrong with a kernel that learns: code, call, numbers."""

import numpy as np

from conv_core import curvature, learn_kernel

X = [0.0, 1.0, 0.0, 2.0]


def learn(**keywords):
    return learn_kernel(X, [1.0, -1.0], **({"lr": 0.1} | keywords))


FAULTS = [
    ("learning_rate", lambda: learn(lr=-0.1), {"given": -0.1}),
    ("learning_rate", lambda: learn(lr=float("nan")), {}),
    ("learning_rate", lambda: learn(lr=float("inf")), {"given": float("inf")}),
    ("learning_rate", lambda: learn(lr="fast"), {"given": "fast"}),
    ("momentum", lambda: learn(momentum=1.0), {"given": 1.0}),
    ("momentum", lambda: learn(momentum=-0.5), {"given": -0.5}),
    ("learning_steps", lambda: learn(steps=0), {"steps": 0}),
    ("not_an_integer", lambda: learn(steps=2.5), {"name": "steps"}),
    ("learning_batch", lambda: learn(batch=0), {"batch": 0, "positions": 3}),
    ("learning_batch", lambda: learn(batch=4), {"batch": 4, "positions": 3}),
    ("learning_flat", lambda: curvature(np.zeros((4, 4)), (2, 2)), {}),
    ("kernel_too_large", lambda: learn_kernel(X, np.ones(5), lr=0.1), {"span": 5, "padded": 4}),
]
