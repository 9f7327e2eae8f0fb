"""The acts of LeNet-5: each layer one, from the window that a cell reads to the number that stands in it.

An index is named by one letter: o a map that is made, i and j a cell of it, c a map that is read, a and b a
cell of the window. C5 and F6 stand as grids, so a unit's number is width times its row plus its column.
"""

from __future__ import annotations

from dataclasses import replace

from conv_view.scene import Act, Arithmetic, Relation
from conv_view.text import Words

ACTS = ("C1", "S2", "C3", "S4", "C5", "F6", "output", "softmax")
C5_GRID, F6_GRID = (10, 12), (7, 12)
SHAPES = ((6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), C5_GRID, F6_GRID, (10,), (10,))
"""How many steps each act takes, by the axes of what it makes."""


def acts(words: Words) -> tuple[Act, ...]:
    """Return the eight acts in order."""
    shares = Arithmetic(("powers",), "probabilities", reduce="mean", divisor="total")
    made = (
        Act(SHAPES[0], (1, 5, 5), _windows("input", "c1"), _weighed("input", "c1"), "C1"),
        Act(SHAPES[1], (2, 2), _pooled("c1", "s2"), _weighed("c1", "s2"), "S2"),
        # The weights that the table leaves out are 0, and lead nowhere.
        Act(SHAPES[2], (6, 5, 5), _windows("s2", "c3"), _weighed("s2", "c3", routes="c3_weight"), "C3"),
        Act(SHAPES[3], (2, 2), _pooled("c3", "s4"), _weighed("c3", "s4"), "S4"),
        # 400 products each: their 48,000 weights would travel with every stroke. A chapter has them.
        Act(SHAPES[4], (16, 5, 5), (_all("s4", 3, 2), _same("c5", 2, 3)), Arithmetic((), "c5"), "C5"),
        Act(SHAPES[5], C5_GRID, _dense("c5", "f6", F6_GRID), _weighed("c5", "f6"), "F6"),
        Act((10,), F6_GRID, _dense("f6", "scores", (10,)), _weighed("f6", "scores", then=False), "output"),
        Act((10,), (), _softmax(), shares, "softmax"),
    )  # fmt: skip
    return tuple(_told(act, words[f"lenet.told.{act.name}"]) for act in made)


def place(act: str, *index: int) -> tuple[int, ...]:
    """Return a place on the stage: the act's number, then the index in it; its first step by default.

    >>> place("C3", 4, 0, 0), place("softmax")
    ((2, 4, 0, 0), (7, 0))
    """
    rank = {"C5": 2, "F6": 2, "output": 1, "softmax": 1}.get(act, 3)
    return (ACTS.index(act), *(index or (0,) * rank))


def unit(grid: tuple[int, int], number: int) -> tuple[int, int]:
    """Return where a unit stands in its grid.

    >>> unit(C5_GRID, 31)
    (2, 7)
    """
    row, column = divmod(number, grid[1])
    return row, column


def _told(act: Act, told: str) -> Act:
    return replace(act, told=told)


def _weighed(reads: str, makes: str, *, routes: str | None = None, then: bool = True) -> Arithmetic:
    return Arithmetic(
        (reads, f"{makes}_weight"),
        makes,
        bias=f"{makes}_bias",
        then="squash" if then else None,
        routes=routes,
    )


def _windows(reads: str, makes: str) -> tuple[Relation, ...]:
    """Of a convolution with kernels of 5 x 5: steps (o, i, j) over (c, a, b)."""
    return (
        Relation(reads, (0, 0, 0), ((0, 0, 0), (0, 1, 0), (0, 0, 1)), ((1, 0, 0), (0, 1, 0), (0, 0, 1))),
        Relation(
            f"{makes}_weight",
            (0, 0, 0, 0),
            ((1, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)),
            ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)),
        ),
        _bias(makes, 3, 3),
        _same(makes, 3, 3),
    )


def _pooled(reads: str, makes: str) -> tuple[Relation, ...]:
    """Of a subsampling: steps (o, i, j) over (a, b), one weight for each map."""
    none = (0, 0)
    return (
        Relation(reads, (0, 0, 0), ((1, 0, 0), (0, 2, 0), (0, 0, 2)), (none, (1, 0), (0, 1))),
        Relation(f"{makes}_weight", (0, 0), ((1, 0, 0), (0, 0, 0)), (none, none)),
        _bias(makes, 3, 2),
        _same(makes, 3, 2),
    )


def _dense(reads: str, makes: str, shape: tuple[int, ...]) -> tuple[Relation, ...]:
    """Of a layer that reads all units (a, b) of a grid 12 wide: steps of this shape."""
    wide = (12, 1) if len(shape) == 2 else (1,)
    still = (0,) * len(shape)
    return (
        _all(reads, 2, len(shape)),
        Relation(f"{makes}_weight", (0, 0), (wide, still), ((0, 0), (12, 1))),
        Relation(f"{makes}_bias", (0, 0), (wide, still), ((0, 0), (0, 0))),
        _same(makes, len(shape), 2),
    )


def _softmax() -> tuple[Relation, ...]:
    return (
        _same("powers", 1, 0),
        _same("scores", 1, 0),
        Relation("total", (0,), ((0,),), ((),)),
        _same("probabilities", 1, 0),
    )


def _bias(makes: str, rank: int, terms: int) -> Relation:
    return Relation(f"{makes}_bias", (0, 0), ((1, *(0,) * (rank - 1)), (0,) * rank), ((0,) * terms,) * 2)


def _same(panel: str, rank: int, terms: int) -> Relation:
    """To the cell of the same index; rows of ten have their one row before it."""
    step = tuple(tuple(int(row == column) for column in range(rank)) for row in range(rank))
    if panel in ("scores", "powers", "probabilities"):
        step = ((0,), *step)
    return Relation(panel, (0,) * len(step), step, ((0,) * terms,) * len(step))


def _all(panel: str, axes: int, rank: int) -> Relation:
    """To every cell of a panel, whatever the step."""
    term = tuple(tuple(int(row == column) for column in range(axes)) for row in range(axes))
    return Relation(panel, (0,) * axes, ((0,) * rank,) * axes, term)
