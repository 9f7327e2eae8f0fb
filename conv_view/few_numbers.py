"""Small inputs of small whole numbers, so that sums can be followed by hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conv_view.pictures import square, to_grey
from conv_view.samples import PICTURES, picture

MADE = ("digits", "edge", "cross", "dot")
TONES = 9
SEED = 1


def numbers(name: str, side: int) -> NDArray[np.float64]:
    """Return (side, side) whole numbers: one of MADE, or a gallery picture in ten tones.

    KeyError for another name.

    >>> numbers("edge", 4)
    array([[0., 0., 3., 3.],
           [0., 0., 3., 3.],
           [0., 0., 3., 3.],
           [0., 0., 3., 3.]])
    """
    if name in PICTURES:
        few = square(to_grey(picture(name)), side).astype(np.float64)
        # From its darkest cell to its brightest: few cells of a picture are nearly alike.
        return np.rint((few - few.min()) / max(1.0, float(np.ptp(few))) * TONES)
    rows, columns = np.indices((side, side))
    made = {
        # The same for everyone, no two windows alike, and nothing above 3.
        "digits": np.random.default_rng(SEED).integers(0, 4, (8, 8))[:side, :side],
        "edge": 3 * (columns >= side // 2),
        "cross": 2 * ((rows == side // 2) | (columns == side // 2)),
        "dot": (rows == side // 2) & (columns == side // 2),
    }
    return made[name].astype(np.float64)
