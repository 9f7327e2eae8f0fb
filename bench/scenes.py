"""The scenes that are measured: one channel, a 3x3 kernel, padding 1, as the 2D page makes them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.table import Row
from conv_core import conv_trace, kernel
from conv_view.scene import Scene
from conv_view.stories import convolution
from conv_view.text import words

BOUNDS = {64: 48, 224: 450}  # KB


def scene(size: int) -> Scene:
    """Return the scene of a `size` x `size` picture of noise under a kernel of fractions."""
    x = np.random.default_rng(0).integers(0, 256, (1, 1, size, size)).astype(np.float32)
    return convolution(conv_trace(x, kernel("gaussian")[None, None], padding=1), words("en"))


def scenes() -> Iterator[Row]:
    """Measure the bytes of two scenes."""
    for size, bound in BOUNDS.items():
        travels = scene(size).to_bytes(key="conv2d", session="0" * 8, token=0, revision=0)
        yield Row(f"scene of a {size}x{size} convolution, 3x3", len(travels) / 1024, "KB", bound)
