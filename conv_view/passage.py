"""A picture on its way through a network: computed as far as is asked for, keeping what is needed again.

What every node gives is let go as soon as no node to come reads it. Where a block ends its output is kept: a
later question begins there. Of the layer that is looked at there is kept what its cells are made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core.cell import KEEPS_PLACES
from conv_core.graph import INPUT, Node
from conv_core.layers import Concat, Flatten, Linear
from conv_view.feature_nets import FeatureNet, net
from conv_view.weights import weights

Arrays = dict[str, NDArray[Any]]
SEED = 1
GAIN = 2**0.5
MOST_HELD = 4_000_000
"""A full layer with more weights than this has them made, used and dropped a few rows at a time."""

ROWS = 16


class Rows:
    """The weights of a large full layer, (outputs, features), of which any row is made when it is asked for.

    >>> rows = Rows((2000, 3000), 5)
    >>> bool((rows[70] == next(rows.stretches(64))[6]).all())
    True
    """

    def __init__(self, shape: tuple[int, ...], place: int) -> None:
        self.shape, self._place = shape, place

    def __getitem__(self, row: int) -> NDArray[np.float32]:
        first = row // ROWS * ROWS
        return self._stretch(first)[row - first]

    def stretches(self, first: int = 0) -> Iterator[NDArray[np.float32]]:
        """All rows from `first` on, which is a multiple of ROWS, in stretches of ROWS."""
        return (self._stretch(at) for at in range(first, self.shape[0], ROWS))

    def _stretch(self, first: int) -> NDArray[np.float32]:
        rng = np.random.default_rng((SEED, self._place, first))
        count = min(ROWS, self.shape[0] - first)
        made = rng.standard_normal((count, self.shape[1]), np.float32)
        made *= np.float32(GAIN / self.shape[1] ** 0.5)
        return made


class Untrained:
    """Weights to begin with, node by node as they are asked for: normal of variance 2 / fan in, biases 0.

    (He, Zhang, Ren, Sun: Delving deep into rectifiers, 2015, equation 10.) The seed of a node is (SEED, its
    place in the network), so that what comes before it need not be made.
    """

    def __init__(self, network: FeatureNet) -> None:
        self._net = network
        self._places = {node.name: at for at, node in enumerate(network.graph.nodes)}
        self._made: dict[str, dict[str, Any]] = {}

    def of(self, node: Node) -> dict[str, Any]:
        """All numbers of one node, by their own names."""
        if node.name not in self._made:
            self._made[node.name] = self._make(node)
        return self._made[node.name]

    def _make(self, node: Node) -> dict[str, Any]:
        shapes = tuple([self._net.shapes[name] for name in node.inputs])
        place = self._places[node.name]
        wanted = node.layer.parameters(*shapes)
        if isinstance(node.layer, Linear) and np.prod(wanted["weight"]) > MOST_HELD:
            return {"weight": Rows(wanted["weight"], place), "bias": np.zeros(wanted["bias"], np.float32)}
        made = node.layer.initial(shapes, np.random.default_rng((SEED, place)), GAIN)
        for values in made.values():
            values.setflags(write=False)
        return dict(made)


class Trained:
    """The weights that come with the app."""

    def __init__(self, network: FeatureNet) -> None:
        self._net, self._all = network, weights(network.name)

    def of(self, node: Node) -> dict[str, Any]:
        """All numbers of one node, by their own names."""
        shapes = [self._net.shapes[name] for name in node.inputs]
        names = (*node.layer.parameters(*shapes), *node.layer.buffers(*shapes))
        return {name: self._all[f"{node.name}.{name}"] for name in names}


@lru_cache(maxsize=2)
def numbers(name: str) -> Trained | Untrained:
    """The weights of a network, one copy for every visitor; of the untrained the last two are held."""
    found = net(name)
    return Trained(found) if found.trained else Untrained(found)


class Passage:
    """One picture in one network."""

    def __init__(self, name: str, pixels: NDArray[np.uint8]) -> None:
        self.net, self.pixels = net(name), pixels
        self._kept: Arrays = {INPUT: self.net.prepared(pixels)}
        self._ends = {block.nodes[-1] for block in self.net.blocks}
        self.layer = ""
        self._own: Arrays = {}
        self.seen: dict[str, Any] = {}
        """What a page made of the layer at hand."""

    def look(self, layer: str, progress: Callable[[float], None] | None = None) -> NDArray[np.float32]:
        """Go to a layer, compute what is missing, and return what it gives, (1, C, *spatial) or (1, F)."""
        if layer != self.layer:
            self._own = self._walk(layer, made_of(self.net, layer), progress)
            self.layer = layer
        return np.asarray(self._own[layer])

    def output(self, progress: Callable[[float], None] | None = None) -> NDArray[np.float32]:
        """The network's own output (classes,), computed once."""
        name = self.net.graph.output
        if name not in self._kept:
            self._kept[name] = self._walk(name, {name}, progress)[name]
        return np.asarray(self._kept[name][0])

    @property
    def values(self) -> Arrays:
        """What the cells of the layer at hand are made of, by node."""
        return self._own

    @property
    def params(self) -> dict[str, Any]:
        """The numbers of the nodes that the layer at hand is made of, by "node.parameter"."""
        owner = numbers(self.net.name)
        return {
            f"{name}.{key}": values
            for name in passed(self.net, self.layer)
            for key, values in owner.of(self.net.graph[name]).items()
        }

    def _walk(
        self, until: str, wanted: set[str], progress: Callable[[float], None] | None
    ) -> dict[str, NDArray[Any]]:
        known = {**self._kept, **self._own}
        todo = missing(self.net, wanted | {until}, known)
        left = _uses(todo)
        owner = numbers(self.net.name)
        found: Arrays = {}
        for at, node in enumerate(todo):
            if progress is not None:
                progress(at / len(todo))
            inputs = [found[name] if name in found else known[name] for name in node.inputs]
            values = forward(node, owner.of(node), inputs)
            found[node.name] = values
            if node.name in self._ends:
                self._kept[node.name] = values
            for name in node.inputs:
                left[name] -= 1
                if left[name] == 0 and name not in wanted:
                    found.pop(name, None)
        return {name: found[name] if name in found else known[name] for name in wanted}


def forward(node: Node, own: Mapping[str, Any], inputs: list[NDArray[Any]]) -> NDArray[Any]:
    """What a node gives, its weights made on the way where they are too many to hold."""
    weight = own.get("weight")
    if isinstance(weight, Rows):
        parts = [inputs[0] @ stretch.T for stretch in weight.stretches()]
        return np.asarray(np.concatenate(parts, axis=1) + own["bias"])
    return node.layer.forward(dict(own), *inputs)


def made_of(network: FeatureNet, layer: str) -> set[str]:
    """The nodes whose values tell how a cell of a layer came about, back to what its sum reads.

    >>> sorted(made_of(net("resnet8"), "relu1"))
    ['bn1', 'conv1', 'input', 'relu1']
    """
    names = passed(network, layer)
    return {*names, *[source for name in names for source in network.graph[name].inputs]}


def passed(network: FeatureNet, layer: str) -> list[str]:
    """The nodes that a cell is followed back through, from a layer to those that sum, these included.

    >>> passed(net("resnet8"), "relu1")
    ['relu1', 'bn1', 'conv1']
    """
    found: list[str] = []
    ahead = [layer]
    while ahead:
        name = ahead.pop()
        if name == INPUT or name in found:
            continue
        found.append(name)
        node = network.graph[name]
        if isinstance(node.layer, (Concat, Flatten, *KEEPS_PLACES)):
            ahead += node.inputs
    return found


def missing(network: FeatureNet, wanted: set[str], known: Mapping[str, object]) -> list[Node]:
    """The nodes that have to be computed for some, where others are known, in their order."""
    needed = {name for name in wanted if name not in known}
    for node in reversed(network.graph.nodes):
        if node.name in needed:
            needed.update(name for name in node.inputs if name not in known)
    return [node for node in network.graph.nodes if node.name in needed]


def _uses(nodes: list[Node]) -> dict[str, int]:
    """How often each node is read by some."""
    counts: dict[str, int] = {}
    for node in nodes:
        for name in node.inputs:
            counts[name] = counts.get(name, 0) + 1
    return counts
