"""The classic networks as the page about them shows them: their rows, and the blocks that they fall into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

from conv_core import WindowError
from conv_core.graph import Graph, Node, Row
from conv_core.layers.base import Shape
from conv_core.nets import alexnet, googlenet, lenet5, resnet, vgg
from conv_core.nets.variants import VARIANTS

NETWORKS = (
    "lenet5", "alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "googlenet",
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
)  # fmt: skip
BEGINS = "alexnet"
BLOCK = "~"
"""What the name of a block begins with, as some blocks are called as one of their layers."""

POOLS = ("MaxPool", "AvgPool", "AdaptiveAvgPool", "Subsample")
WEIGHTED = ("Conv", "Linear")
HEADS = ("aux1", "aux2")


class SizeError(ValueError):
    """An input that is too small for a network: the layer that it ends at, and the error there."""

    def __init__(self, layer: str, cause: WindowError) -> None:
        super().__init__(f"{layer}: {cause}")
        self.layer, self.cause = layer, cause


@dataclass(frozen=True)
class Block:
    """Some layers of a network under one name: `units` are smaller blocks in it, if there are any.

    `kind` is one of "input", "conv", "pool", "full", "inception", "stage", "unit", "head".
    """

    at: str
    label: str
    kind: str
    nodes: tuple[str, ...]
    units: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Selection:
    """What is looked at: `at` is a layer, a unit or a block; `block` and `unit` are what is open for it."""

    at: str
    block: Block
    unit: Block | None

    @property
    def layer(self) -> str | None:
        """The layer that is selected, if it is one."""
        return None if self.at.startswith(BLOCK) else self.at

    @property
    def opened(self) -> Block:
        """The smallest block that is, or holds, what is selected."""
        return self.block if self.unit is None or self.at == self.block.at else self.unit


@dataclass(frozen=True, eq=False)
class Net:
    """A network with everything that is counted of it, for an input of `side` by `side`.

    `rows` are the layers that an answer takes, `training` those of the heads that only training uses.
    """

    network: str
    variant: str
    side: int
    graph: Graph
    rows: tuple[Row, ...]
    training: tuple[Row, ...]
    blocks: tuple[Block, ...]
    heads: tuple[Block, ...]
    by_name: dict[str, Row] = field(repr=False, default_factory=dict)

    @property
    def input_shape(self) -> Shape:
        """(1, C, side, side)."""
        return input_shape(self.graph, self.side)

    @property
    def parameters(self) -> int:
        """All that is learnt, without what only training uses."""
        return sum(row.parameters for row in self.rows)

    @property
    def macs(self) -> int:
        """Multiplications with a learnt number for one picture."""
        return sum(row.macs for row in self.rows)

    @property
    def bytes(self) -> int:
        """What the outputs of all layers take together in float32."""
        return sum(row.bytes for row in self.rows)

    def of(self, block: Block) -> list[Row]:
        """The rows of a block."""
        return [self.by_name[name] for name in block.nodes]

    def shape_of(self, name: str) -> Shape:
        """What a node, or the input, gives."""
        return self.by_name[name].output if name in self.by_name else self.input_shape

    def inputs_of(self, name: str) -> tuple[Shape, ...]:
        """The shapes that go into a node."""
        return tuple([self.shape_of(each) for each in self.graph[name].inputs])


def usual_side(network: str, variant: str) -> int:
    """The size of the input that a network was made for.

    >>> usual_side("alexnet", "paper"), usual_side("alexnet", "torchvision")
    (227, 224)
    """
    size = graph_of(network, variant).input_size
    return size[-1] if size else 0


def variants(network: str) -> tuple[str, ...]:
    """Whose a network can be; torchvision has no LeNet-5."""
    return VARIANTS[:1] if network == "lenet5" else VARIANTS


@cache
def graph_of(network: str, variant: str) -> Graph:
    """A network by its name; GoogLeNet with the heads that training uses."""
    if network == "lenet5":
        return lenet5()
    if network == "alexnet":
        return alexnet(variant)
    if network == "googlenet":
        return googlenet(variant, auxiliary=True)
    family, depth = re.fullmatch(r"([a-z]+)(\d+)", network).groups()  # type: ignore[union-attr]
    return (vgg if family == "vgg" else resnet)(int(depth), variant)


def input_shape(graph: Graph, side: int) -> Shape:
    """The shape of one picture of this side for a network."""
    channels, *spatial = graph.input_size or (3, 0, 0)
    return (1, channels, *[side] * len(spatial))


@lru_cache(maxsize=32)
def load(network: str, variant: str, side: int) -> Net:
    """A network for an input of side by side; `SizeError` where that is too small for one of its layers.

    >>> net = load("alexnet", "paper", 227)
    >>> net.parameters, [block.label for block in net.blocks][:3]
    (60965224, ['conv1', 'pool1', 'conv2'])
    """
    graph = graph_of(network, variant)
    blocks, heads = blocks_of(network, variant)
    try:
        rows = graph.summary(input_shape(graph, side))
    except WindowError as error:
        layer = _failing(graph, side) or graph.output
        if not _is_head(layer):
            raise SizeError(layer, error) from error
        # The heads have windows of their own, and the answer does not need them.
        graph, heads = googlenet(variant), ()
        rows = graph.summary(input_shape(graph, side))
    training = tuple([row for row in rows if _is_head(row.name)])
    used = tuple([row for row in rows if not _is_head(row.name)])
    names = {row.name: row for row in rows}
    return Net(network, variant, side, graph, used, training, blocks, heads, names)


@cache
def smallest_side(network: str, variant: str) -> int:
    """The smallest input that a network takes.

    >>> smallest_side("lenet5", "paper"), smallest_side("alexnet", "paper")
    (32, 67)
    """
    graph = googlenet(variant) if network == "googlenet" else graph_of(network, variant)
    low, high = 1, usual_side(network, variant)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _failing(graph, middle) is None else (middle + 1, high)
    return low


def find(net: Net, at: str) -> Selection:
    """What a name stands for: a layer, a block or a unit; what shows the network best for any other."""
    for block in (*net.blocks, *net.heads):
        first = block.units[0] if block.units else None
        if at == block.at:
            return Selection(at, block, first)
        if at in block.nodes or any(at == unit.at for unit in block.units):
            units = [unit for unit in block.units if at in (unit.at, *unit.nodes)]
            return Selection(at, block, units[0] if units else None)
    best = showpiece(net)
    unit = best.units[0] if best.units else None
    return Selection((unit or best).at, best, unit)


def showpiece(net: Net) -> Block:
    """The block that is open at first: the first with branches or shortcuts, else the first."""
    wanted = ("stage", "inception")
    return next((block for block in net.blocks if block.kind in wanted), net.blocks[0])


@cache
def blocks_of(network: str, variant: str) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The blocks that a network falls into, in their order, and the heads that only training uses."""
    graph = graph_of(network, variant)
    groups: list[tuple[str, list[Node]]] = []
    for node in graph.nodes:
        key = _key(network, node, groups[-1] if groups else None)
        if groups and groups[-1][0] == key:
            groups[-1][1].append(node)
        else:
            groups.append((key, [node]))
    made = [_block(network, place, nodes, groups) for place, (_, nodes) in enumerate(groups)]
    heads = tuple([block for block in made if block.kind == "head"])
    return tuple([block for block in made if block.kind != "head"]), heads


def _key(network: str, node: Node, before: tuple[str, list[Node]] | None) -> str:
    """What the nodes of a block have in common: those of a chain go with what they stand behind."""
    prefix, dot, _ = node.name.partition(".")
    kind = node.layer.kind
    if network == "googlenet" and before is not None and node.name == f"relu{before[0][-1]}.reduce":
        return before[0]
    if dot and (network in ("lenet5", "googlenet") or prefix.startswith("layer")):
        return prefix
    if kind == "Concat" or before is None:
        return node.name
    key, nodes = before
    if key == node.name:
        return key
    kinds = {each.layer.kind for each in nodes}
    if kind == "Conv" and network.startswith("vgg") and "Conv" in kinds:
        return key
    if kind == "Linear":
        return key if not kinds & {*WEIGHTED, *POOLS} else node.name
    after_pool = kind in ("Flatten", "Dropout") and bool(kinds & set(POOLS))
    starts = kind in (*WEIGHTED, *POOLS) or (kind == "Flatten" and bool(kinds & set(WEIGHTED))) or after_pool
    return node.name if starts else key


def _block(network: str, place: int, nodes: list[Node], groups: list[tuple[str, list[Node]]]) -> Block:
    key = groups[place][0]
    names = tuple([node.name for node in nodes])
    kinds = {node.layer.kind for node in nodes}
    if key in HEADS:
        return Block(BLOCK + key, key, "head", names)
    if "Add" in kinds:
        return Block(BLOCK + key, key, "stage", names, tuple(_units(nodes)))
    if "Concat" in kinds:
        return Block(BLOCK + key, key.removeprefix("inception"), "inception", names)
    weighted = [node.name for node in nodes if node.layer.kind in WEIGHTED]
    own_names = network == "googlenet" or key.startswith("C")
    label = weighted[-1].partition(".")[0] if own_names and weighted else (weighted or [key])[0]
    if network.startswith("vgg") and "Conv" in kinds:
        earlier = sum("Conv" in {node.layer.kind for node in group} for _, group in groups[:place])
        label = f"conv{earlier + 1}"
    kind = "full" if "Linear" in kinds else "pool" if kinds & set(POOLS) else "conv"
    return Block(BLOCK + label, label, kind, names)


def _units(nodes: Iterable[Node]) -> Iterator[Block]:
    """The residual units of a stage: "layer1.0" and so on."""
    found: dict[str, list[str]] = {}
    for node in nodes:
        found.setdefault(".".join(node.name.split(".")[:2]), []).append(node.name)
    for name, names in found.items():
        yield Block(BLOCK + name, name.rpartition(".")[2], "unit", tuple(names))


def _is_head(name: str) -> bool:
    return name.partition(".")[0] in HEADS


def _failing(graph: Graph, side: int) -> str | None:
    """The first layer that cannot take what it is given, if there is one."""
    found = {"input": input_shape(graph, side)}
    for node in graph.nodes:
        try:
            found[node.name] = node.layer.output_shape(*[found[name] for name in node.inputs])
        except WindowError:
            return node.name
    return None
