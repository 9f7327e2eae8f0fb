"""LeNet-5, the network of 1998 that read handwritten digits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.graph import Graph
from conv_core.layers import Conv, Flatten, Linear, Subsample, Tanh

C3_TABLE = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip
"""Which of the six maps of S2 each of the sixteen of C3 reads (table I of the paper)."""

AMPLITUDE, SLOPE = 1.7159, 2 / 3


def lenet5() -> Graph:
    """LeNet-5 for an input (N, 1, 32, 32), with ten scores in place of the distances to drawn digits.

    C1 to F6 as in the paper, each with its squashing A tanh(S a) behind it; the radial basis functions of
    the output are a fully connected layer, whose softmax is the loss's affair (LeCun, Bottou, Bengio,
    Haffner: Gradient-based learning applied to document recognition, 1998, section II.B).

    >>> rows = lenet5().summary((1, 1, 32, 32))
    >>> [(row.name, row.parameters) for row in rows if row.parameters][:4]
    [('C1', 156), ('S2', 12), ('C3', 1516), ('S4', 32)]
    """
    squash = Tanh(AMPLITUDE, SLOPE)
    return Graph(
        "lenet5",
        [
            ("C1", Conv(6, 5)),
            ("C1.squash", squash),
            ("S2", Subsample(2)),
            ("S2.squash", squash),
            ("C3", Conv(16, 5, table=C3_TABLE)),
            ("C3.squash", squash),
            ("S4", Subsample(2)),
            ("S4.squash", squash),
            ("C5", Conv(120, 5)),
            ("C5.squash", squash),
            ("flatten", Flatten()),
            ("F6", Linear(84)),
            ("F6.squash", squash),
            ("output", Linear(10)),
        ],
        input_size=(1, 32, 32),
    )


def lenet5_input(digits: NDArray[Any]) -> NDArray[np.float32]:
    """Pictures of digits (N, 28, 28) from 0 to 255, bright on dark, as LeNet-5 takes them: (N, 1, 32, 32).

    A border of two cells is put on, and the numbers run from -0.1 where nothing is drawn to 1.175, which
    brings the mean near 0 and the variance near 1 (section II.B of the paper).

    >>> lenet5_input(np.full((1, 28, 28), 255))[0, 0, 1:3, 16].round(3)
    array([-0.1  ,  1.175], dtype=float32)
    """
    wide = np.pad(digits, ((0, 0), (2, 2), (2, 2)))[:, None]
    return (wide * np.float32(1.275 / 255) - np.float32(0.1)).astype(np.float32)
