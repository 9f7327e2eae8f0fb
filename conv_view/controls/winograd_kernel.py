"""The kernel on the page about Winograd's filtering: it has as many taps along each axis as F(m, r) takes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import KERNELS, WindowError, kernel
from conv_view.address import State
from conv_view.winograd_tile import TapsError

MOST_WEIGHT = 1e6
CUSTOM = "custom"
STEADY = "gaussian"  # exists with any number of taps and along any number of axes
NAMES = {rank: tuple(one.name for one in KERNELS if rank in one.ranks) for rank in (1, 2)}
# Of one axis small whole numbers, whose transform can be done in the head.
CELLS = {1: (1.0, 2.0, 3.0), 2: (1.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0)}


def rank_of(state: State) -> int:
    """Return along how many axes the kernel slides."""
    return int(state["rank"])


def chosen_kernel(state: State, rank: int) -> NDArray[np.float32]:
    """Return the kernel with r taps along each axis; TapsError where it has another number of them."""
    name, taps = state[f"kernel{rank}"], int(state["r"])
    if name == CUSTOM:
        cells = np.asarray(state[f"cells{rank}"], np.float32)
        side = round(cells.size ** (1 / rank))
        if cells.size != taps**rank:
            size = "×".join([str(side)] * rank) if side**rank == cells.size else str(cells.size)
            raise taps_error(name, size, taps, rank)
        return cells.reshape((taps,) * rank)
    found = kernel(name, rank=rank, **_sized(name, taps))
    if set(found.shape) != {taps}:
        raise taps_error(name, "×".join(map(str, found.shape)), taps, rank)
    return found


def taps_error(name: str, size: str, taps: int, rank: int) -> TapsError:
    """Return the error of a kernel of `size` where `taps` along each axis are wanted."""
    return TapsError(name=name, size=size, taps="×".join([str(taps)] * rank))


def _sized(name: str, taps: int) -> dict[str, Any]:
    parameters = next(one.parameters for one in KERNELS if one.name == name)
    return {one.name: taps for one in parameters if one.name == "size"}


def fits(name: str, rank: int, taps: int) -> bool:
    """Tell whether a named kernel exists with so many taps along each axis.

    >>> fits("gaussian", 2, 5), fits("emboss", 2, 5), fits("sobel_x", 2, 2)
    (True, False, False)
    """
    if name == CUSTOM:
        return True
    try:
        return set(kernel(name, rank=rank, **_sized(name, taps)).shape) == {taps}
    except WindowError:
        return False


def take_kernel(state: State, edit: dict[str, Any]) -> None:
    """Keep a kernel that was typed on the stage."""
    cells = np.asarray(edit["values"], np.float32).reshape(edit["shape"])
    rank = 1 if cells.shape[-1] == 1 and cells.ndim == 2 else 2
    # One kernel is for all channels: what was typed into one of them is what differs.
    if cells.ndim == 3:
        before = chosen_kernel(state, rank)
        cells = next((each for each in cells if not np.array_equal(each, before)), cells[0])
    put_kernel(state, cells.reshape(-1) if rank == 1 else cells, rank)


def put_kernel(state: State, cells: NDArray[np.float32], rank: int) -> None:
    """Make `cells` the reader's own kernel."""
    state.put(f"cells{rank}", tuple(cells.ravel().tolist()))
    state.put(f"kernel{rank}", CUSTOM)
    state.put("r", str(cells.shape[0]))


def begin(state: State) -> None:
    """Begin the story anew, with a kernel that has the taps which were just chosen."""
    state.put("cell", (0,) * 4)
    rank, taps = rank_of(state), int(state["r"])
    name = state[f"kernel{rank}"]
    own = name == CUSTOM and len(state[f"cells{rank}"]) != taps**rank
    if own or not fits(name, rank, taps):
        state.put(f"kernel{rank}", STEADY)


def begin_own(state: State, rank: int, before: str) -> None:
    """Begin one's own kernel with the one that was there, where nothing else has its size."""
    taps = int(state["r"])
    if (
        state[f"kernel{rank}"] == CUSTOM
        and len(state[f"cells{rank}"]) != taps**rank
        and fits(before, rank, taps)
    ):
        state.put(f"cells{rank}", tuple(kernel(before, rank=rank, **_sized(before, taps)).ravel().tolist()))
