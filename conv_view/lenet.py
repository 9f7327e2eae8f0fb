"""What LeNet-5 with its trained weights makes of a digit, and which held-out digits it misreads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from conv_core import softmax
from conv_core.graph import INPUT, Graph, Row
from conv_core.layers import Subsample
from conv_core.nets import lenet5, lenet5_input
from conv_view.mnist import digits
from conv_view.weights import weights

NAME = "lenet5"
SHAPE = (1, 1, 32, 32)
LAYERS = ("C1", "S2", "C3", "S4", "C5", "F6")
OUTPUT = "output"


@dataclass(frozen=True, eq=False)
class Reading:
    """A digit uint8 (28, 28), what every node gives for it without the batch's axis, and the answer."""

    digit: NDArray[np.uint8]
    nodes: dict[str, NDArray[np.float32]]

    @property
    def scores(self) -> NDArray[np.float32]:
        """The ten numbers that the network gives."""
        return self.nodes[OUTPUT]

    @cached_property
    def probabilities(self) -> NDArray[np.float32]:
        """Their softmax (10,)."""
        return np.asarray(softmax(self.scores, axis=0))

    @property
    def ranked(self) -> list[int]:
        """The ten digits, the likeliest first."""
        return [int(digit) for digit in np.argsort(-self.probabilities, kind="stable")]

    @property
    def answer(self) -> int:
        """The likeliest digit."""
        return self.ranked[0]

    def map(self, layer: str) -> NDArray[np.float32]:
        """What a layer hands on, behind its squashing."""
        return self.nodes[f"{layer}.squash"]


@dataclass(frozen=True)
class Missed:
    """A held-out digit that is misread: its number, what it is, what is read, and how sure of either."""

    index: int
    label: int
    read: int
    sure: float
    of_label: float


@cache
def network() -> Graph:
    """LeNet-5."""
    return lenet5()


def read(digit: NDArray[np.uint8]) -> Reading:
    """Send a digit uint8 (28, 28), bright on dark, through the network.

    >>> _, held_out = digits()
    >>> read(held_out.images[0]).answer, int(held_out.labels[0])
    (2, 2)
    """
    found = network().forward(lenet5_input(digit[None]), weights(NAME))
    return Reading(digit, {name: values[0] for name, values in found.items()})


@cache
def missed() -> tuple[Missed, ...]:
    """The held-out digits that the network misreads: computed once, from all of them.

    >>> all(one.read != one.label for one in missed())
    True
    """
    _, held_out = digits()
    shares = []
    for start in range(0, len(held_out), 250):  # a part at a time: all maps of 2,000 digits are 150 MB
        x = lenet5_input(held_out.images[start : start + 250])
        shares.append(softmax(network().forward(x, weights(NAME))[OUTPUT], axis=1))
    probabilities = np.concatenate(shares)
    read_as = probabilities.argmax(axis=1)
    return tuple(
        Missed(
            int(at),
            int(held_out.labels[at]),
            int(read_as[at]),
            float(probabilities[at].max()),
            float(probabilities[at, held_out.labels[at]]),
        )
        for at in np.flatnonzero(read_as != held_out.labels)
    )


@cache
def rows() -> dict[str, Row]:
    """The network's table, by the nodes' names."""
    return {row.name: row for row in network().summary(SHAPE)}


def connections(name: str) -> int:
    """How many connections a layer has as the paper counts them: for each cell what it reads, and a bias.

    >>> [connections(layer) for layer in ("C1", "S2", "C3")]
    [122304, 5880, 151600]
    """
    row, layer = rows()[name], network()[name].layer
    cells = prod(row.output)
    if isinstance(layer, Subsample):  # multiplies once, but reads the whole window
        window = layer.window(rows()[row.inputs[0]].output)
        return cells * (prod(window.kernel) + 1)
    return row.macs + cells


def source(layer: str) -> str:
    """The node that a layer reads: the input, or the layer before behind its squashing.

    >>> source("C1"), source("C3"), source("F6")
    ('input', 'S2.squash', 'C5.squash')
    """
    names = [INPUT, *[f"{each}.squash" for each in LAYERS]]
    return names[(*LAYERS, OUTPUT).index(layer)]
