"""The acts of one tile of Winograd's filtering: matrix products, the products summed, and the plain sums."""

from __future__ import annotations

from collections.abc import Sequence

from conv_view.scene import Act, Arithmetic, Relation
from conv_view.winograd_tile import Followed


def acts_of(tile: Followed) -> tuple[Act, ...]:
    """Return all acts in order: transforms as matrix products, the products, the plain sums."""
    m, n, r, channels = tile.m, tile.n, tile.r, tile.channels
    if tile.rank == 1:
        return (
            _matmul("data", "BT", "d", "V", (n, n, 1)),
            _matmul("kernel", "G", "kernel", "U", (n, r, 1)),
            _product(channels, n, 1),
            _matmul("inverse", "AT", "M", "Y", (m, n, 1)),
            _direct(tile),
            _difference(m, 1),
        )
    deep = channels if channels > 1 else 0
    return (
        _matmul("data", "BT", "d", "BTd", (n, n, n), deep),
        _matmul("data2", "BTd", "BT", "V", (n, n, n), deep, turned=True),
        _matmul("kernel", "G", "kernel", "Gg", (n, r, r), deep),
        _matmul("kernel2", "Gg", "G", "U", (n, r, n), deep, turned=True),
        _product(channels, n, n),
        _matmul("inverse", "AT", "M", "ATM", (m, n, n)),
        _matmul("inverse2", "ATM", "AT", "Y", (m, n, m), turned=True),
        _direct(tile),
        _difference(m, m),
    )


def _matmul(
    name: str,
    left: str,
    right: str,
    result: str,
    sizes: tuple[int, int, int],
    channels: int = 0,
    *,
    turned: bool = False,
) -> Act:
    """Return a matrix product of `sizes` (rows, inner, columns), cell by cell; `turned` transposes right.

    A step is (channel, row, column). Of several `channels` each has a matrix of its own, in every panel but
    those of the constant matrices.
    """
    rows, inner, cols = sizes
    channel, row, col, still = (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)

    def relation(panel: str, by_step: Sequence[tuple[int, ...]], by_term: Sequence[int]) -> Relation:
        lead = channels and panel not in ("BT", "G", "AT")
        steps = (channel, *by_step) if lead else tuple(by_step)
        terms = (0, *by_term) if lead else tuple(by_term)
        return Relation(panel, (0,) * len(steps), steps, tuple((term,) for term in terms))

    second = relation(right, (col, still), (0, 1)) if turned else relation(right, (still, col), (1, 0))
    relations = (relation(left, (row, still), (0, 1)), second, relation(result, (row, col), (0, 0)))
    return Act((max(channels, 1), rows, cols), (inner,), relations, Arithmetic((left, right), result), name)


def _product(channels: int, rows: int, cols: int) -> Act:
    """Return the product cell by cell, summed over the channels."""
    steps = ((0, 1, 0), (0, 0, 1))
    deep = channels > 1
    lead: tuple[tuple[int, ...], ...] = ((0, 0, 0),) if deep else ()
    terms = ((1,), (0,), (0,)) if deep else ((0,), (0,))
    relations = (
        *[Relation(name, (0,) * (2 + deep), (*lead, *steps), terms) for name in ("U", "V")],
        Relation("M", (0, 0), steps, ((0,), (0,))),
    )
    return Act((1, rows, cols), (channels,), relations, Arithmetic(("U", "V"), "M"), "product")


def _direct(tile: Followed) -> Act:
    """Return the plain sums of the tile's windows: what the transforms have to arrive at."""
    taps = (tile.r,) * tile.rank
    deep = tile.channels > 1
    terms = (tile.channels, *taps) if deep else taps
    count, still = len(terms), (0, 0, 0)
    own = [tuple(int(axis == at) for at in range(count)) for axis in range(count)]
    windows, weights = list(own), list(own)
    steps = [(0, 1, 0), (0, 0, 1)]
    if tile.rank == 1:
        windows.append((0,) * count)
        weights.append((0,) * count)
    lead = [still] if deep else []
    relations = (
        Relation("d", (0,) * (2 + deep), (*lead, *steps), tuple(windows)),
        Relation("kernel", (0,) * (2 + deep), (*lead, still, still), tuple(weights)),
        Relation("direct", (0, 0), tuple(steps), ((0,) * count,) * 2),
    )
    cols = tile.m if tile.rank == 2 else 1
    return Act((1, tile.m, cols), terms, relations, Arithmetic(("d", "kernel"), "direct"), "direct")


def _difference(rows: int, cols: int) -> Act:
    """Return the difference to the plain sums; `minus` holds these with the sign turned, unseen."""
    relations = tuple(
        Relation(name, (0, 0), ((0, 1, 0), (0, 0, 1)), ((), ()))
        for name in ("Y", "direct", "minus", "difference")
    )
    arithmetic = Arithmetic(("Y", "minus"), "difference", addends=True)
    return Act((1, rows, cols), (), relations, arithmetic, "difference")
