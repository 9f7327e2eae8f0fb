"""The tile on screen as NumPy code that computes its outputs, both ways."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_view.winograd_tile import Followed


def numpy(tile: Followed) -> str:
    """Return the transforms of one tile in NumPy, with the matrices as fractions and the numbers on screen.

    >>> from conv_view.winograd_tile import follow
    >>> x = np.arange(4, dtype=np.float32).reshape(1, 1, 4)
    >>> exec(numpy(follow(x, np.ones((1, 1, 3), np.float32), 2, (0,))))
    [3. 6.]
    0.0
    """
    AT, G, BT = tile.stages.matrices[0]
    place = (slice(None), *tile.tile)
    d, g = tile.stages.input_tiles[0][place], tile.weight[0]
    rank, deep = tile.rank, tile.channels > 1
    if not deep:
        d, g = d[0], g[0]
    lines = [
        "import numpy as np",
        "",
        f"# {tile.name}: {tile.n**rank} multiplications for {tile.m**rank} outputs of {tile.r**rank} taps",
        f"AT = np.array({_fractions(AT)})",
        f"G = np.array({_fractions(G)})",
        f"BT = np.array({_fractions(BT)})",
        "",
        f"d = np.array({_numbers(d)})  # {'channels, ' if deep else ''}the tile of the picture",
        f"g = np.array({_numbers(g)})  # {'channels, ' if deep else ''}the kernel",
        "",
    ]
    if rank == 2:
        lines += ["V = BT @ d @ BT.T", "U = G @ g @ G.T"]
        lines.append(
            f"M = {'(U * V).sum(axis=0)' if deep else 'U * V'}  # all multiplications of data by weights"
        )
        lines.append("Y = AT @ M @ AT.T")
    else:
        lines += [
            "V = BT @ d",
            "U = G @ g",
            "M = U * V  # all multiplications of data by weights",
            "Y = AT @ M",
        ]
    lines += ["print(Y)", ""]
    axes = (-2, -1) if rank == 2 else (-1,)
    shape = ", ".join([str(tile.r)] * rank)
    lines.append(
        f"windows = np.lib.stride_tricks.sliding_window_view(d, ({shape},), axis={axes if rank == 2 else -1})"
    )
    sums = {
        (1, False): "windows @ g",
        (2, False): 'np.einsum("ijab,ab->ij", windows, g)',
        (2, True): 'np.einsum("cijab,cab->ij", windows, g)',
    }[rank, deep]
    lines += [f"direct = {sums}", "print(np.abs(Y - direct).max())"]
    return "\n".join(lines)


def _fractions(matrix: NDArray[Any]) -> str:
    return "[" + ", ".join("[" + ", ".join(map(str, row)) + "]" for row in matrix) + "]"


def _numbers(values: NDArray[np.floating]) -> str:
    """Return numbers as float64 has them, so that not a bit of the float32 on screen is lost."""
    if values.ndim > 0:
        return "[" + ", ".join(_numbers(each) for each in values) + "]"
    number = float(values)
    if number.is_integer() and abs(number) < 1e16:
        return f"{number:.0f}."
    return repr(number)
