"""One cell of a layer of LeNet-5, taken apart: every product in its sum, the largest first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conv_core.nets.lenet import AMPLITUDE, C3_TABLE, SLOPE
from conv_view.lenet import INPUT, LAYERS, NAME, OUTPUT, Reading, source
from conv_view.weights import weights

WIDE = 12  # units in a row of C5 and F6 on the stage


@dataclass(frozen=True)
class Product:
    """What is read there, times its weight."""

    place: str
    value: float
    weight: float

    @property
    def product(self) -> float:
        """The two multiplied."""
        return self.value * self.weight


@dataclass(frozen=True)
class Cell:
    """A cell by its name, the products in its sum, the largest first, and its bias."""

    place: str
    products: tuple[Product, ...]
    bias: float
    squashed: bool

    @property
    def total(self) -> float:
        """The sum of all products and the bias."""
        return sum(one.product for one in self.products) + self.bias

    @property
    def value(self) -> float:
        """What the cell holds: the total, squashed except in the output."""
        return float(AMPLITUDE * np.tanh(SLOPE * self.total)) if self.squashed else self.total


def take_apart(shown: Reading, layer: str, index: tuple[int, ...]) -> Cell:
    """Return the cell of a layer (C1 to F6 or the output) at an index of its act on the stage."""
    own = weights(NAME)
    weight, bias = own[f"{layer}.weight"], own[f"{layer}.bias"]
    read = shown.nodes[source(layer)]
    called = "Input" if source(layer) == INPUT else source(layer).removesuffix(".squash")
    spread: dict[tuple[int, ...], tuple[float, float]] = {}
    if layer in ("S2", "S4"):
        made, down, across = index
        for at in np.ndindex(2, 2):
            place = (made, 2 * down + at[0], 2 * across + at[1])
            spread[place] = (float(read[place]), float(weight[made]))
    elif layer in ("C1", "C3", "C5"):
        made, down, across = (index[0] * WIDE + index[1], 0, 0) if layer == "C5" else index
        for channel in C3_TABLE[made] if layer == "C3" else range(len(read)):
            for row, column in np.ndindex(5, 5):
                place = (channel, down + row, across + column)
                spread[place] = (float(read[place]), float(weight[made, channel, row, column]))
    else:
        made = index[0] * WIDE + index[1] if layer == "F6" else index[0]
        flat: NDArray[np.float32] = read.ravel()
        spread = {(at,): (float(flat[at]), float(weight[made, at])) for at in range(len(flat))}
    products = [Product(named(called, place), *pair) for place, pair in spread.items()]
    products.sort(key=lambda one: -abs(one.product))
    own_place = (made,) if layer in ("C5", "F6", OUTPUT) else index
    return Cell(named(layer, own_place), tuple(products), float(bias[made]), layer in LAYERS)


def named(layer: str, place: tuple[int, ...]) -> str:
    """Return what a cell is called, as on the stage.

    >>> named("C1", (2, 10, 14)), named("C5", (40,)), named("Input", (0, 3, 4)), named("output", (7,))
    ('C1[2; 10, 14]', 'C5[36 + 4]', 'Input[3, 4]', 'output[7]')
    """
    if layer == "Input":
        return f"Input[{place[1]}, {place[2]}]"
    if len(place) == 3:
        return f"{layer}[{place[0]}; {place[1]}, {place[2]}]"
    row, column = divmod(place[0], WIDE)
    return f"{layer}[{place[0]}]" if layer == OUTPUT else f"{layer}[{row * WIDE} + {column}]"
