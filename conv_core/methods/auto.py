"""Which method is quickest: by the geometry, and by what was measured on the layers of known networks."""

from math import prod

import numpy as np

from conv_core.methods import direct, im2col, winograd
from conv_core.window import Window


def best(
    window: Window,
    padded_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    groups: int,
    dtype: np.dtype[np.generic],
) -> str:
    """The name of the method; never a transform for integers or float64, where digits count.

    >>> best(Window((3, 3)), (1, 256, 58, 58), (256, 256, 3, 3), 1, np.dtype(np.float32))
    'winograd'
    """
    outputs, reads = weight_shape[:2]
    if reads == 1 and outputs == groups and groups >= 4:
        return direct.NAME
    if dtype != np.float32 or not winograd.supports(window) or window.rank != 2:
        return im2col.NAME
    # Transforms pay where each transformed tile meets many kernels and each kernel many tiles.
    own = outputs // groups
    enough = min(reads, own) >= 32 and prod(window.positions(padded_shape[2:])) >= 64
    return winograd.NAME if set(window.kernel) == {3} and enough else im2col.NAME
