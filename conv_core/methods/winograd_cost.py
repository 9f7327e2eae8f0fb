"""What Winograd's filtering costs, part by part: three transforms and the multiplications that are left."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.counting import Tally, numbers
from conv_core.methods.protocol import Operations, Parts
from conv_core.methods.toom_cook import winograd_matrices
from conv_core.methods.transforms import along


class WinogradParts(Parts):
    """Operations of B^T d B over all tiles, of G g G^T over all kernels, of the products, and of A^T M A."""


def parts_of(
    samples: int,
    weight_shape: tuple[int, ...],
    out: tuple[int, ...],
    m: tuple[int, ...],
    groups: int,
    points: Sequence[Fraction | int] | None = None,
) -> WinogradParts:
    """The parts for an output of these sizes with tiles of `m` outputs along each axis."""
    outputs, reads, *r = weight_shape
    matrices = [winograd_matrices(size, taps, points) for size, taps in zip(m, r, strict=True)]
    tiles = samples * prod([ceil(size / step) for size, step in zip(out, m, strict=True)])
    n = prod([len(BT) for _, _, BT in matrices])
    return WinogradParts(
        data=nested([BT for _, _, BT in matrices]) * (tiles * reads * groups),
        kernel=nested([G for _, G, _ in matrices]) * (outputs * reads),
        products=Operations(n * reads, n * (reads - 1)) * (tiles * outputs),
        inverse=nested([AT for AT, _, _ in matrices]) * (tiles * outputs),
    )


def nested(matrices: Sequence[NDArray[Any]]) -> Operations:
    """The operations of one tile's transform: along the first axis, then along the second of what it made.

    >>> nested([winograd_matrices(2, 3)[2]] * 2), nested([winograd_matrices(4, 3)[0]] * 2)
    (Operations(multiplies=0, adds=32), Operations(multiplies=30, adds=100))
    """
    total = Operations(0, 0)
    for place, matrix in enumerate(matrices):
        vectors = prod([len(done) for done in matrices[:place]]) * prod(
            [other.shape[1] for other in matrices[place + 1 :]]
        )
        total += _one(tuple(map(tuple, matrix))) * vectors
    return total


@cache
def _one(rows: tuple[tuple[Fraction, ...], ...]) -> Operations:
    """One vector's: not by a formula, but counted while it is transformed."""
    tally = Tally()
    along(np.array(rows, object), numbers(np.ones(len(rows[0])), tally), 0)
    return Operations(tally.multiplies, tally.adds)
