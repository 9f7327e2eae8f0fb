"""Plain and residual networks of the same depth, side by side, for pictures of about 32 cells."""

from typing import Any

from conv_core.errors import WindowError
from conv_core.graph import Graph
from conv_core.layers import AdaptiveAvgPool, Add, AvgPool, BatchNorm, Conv, Flatten, Linear, Pad, ReLU

STAGES = 3
SHORTCUTS = ("identity", "projection")


def deep(
    depth: int,
    *,
    residual: bool = True,
    norm: bool = True,
    last_relu: bool = True,
    shortcut: str = "identity",
    width: int = 16,
    channels: int = 3,
    side: int = 32,
    classes: int = 10,
) -> Graph:
    """A network of depth 6 n + 2 in three stages of n units, with shortcuts or without them.

    A unit is two 3x3 convolutions, each with its batch norm if `norm`, and a ReLU between; `residual` adds
    the unit's input, and `last_relu` is the one behind that addition. Between stages the maps halve and
    their number doubles; there the shortcut takes every second cell and fills up with channels of 0, or is
    a 1x1 "projection" (He, Zhang, Ren, Sun: Deep residual learning for image recognition, 2016, section
    4.2, options A and B). `WindowError` for another depth or shortcut.

    >>> rows = deep(20).summary((1, 3, 32, 32))
    >>> sum(row.kind in ("Conv", "Linear") for row in rows), sum(row.parameters for row in rows)
    (20, 269722)
    """
    if depth < 8 or (depth - 2) % 6:
        raise WindowError("deep_depth", depth=depth)
    if shortcut not in SHORTCUTS:
        raise WindowError("deep_shortcut", value=repr(shortcut), known=", ".join(SHORTCUTS))
    nodes: list[tuple[Any, ...]] = [*_convolved("stem", "input", width, 1, norm), ("stem.relu", ReLU())]
    before, had = "stem.relu", width
    for stage in range(STAGES):
        made = width * 2**stage
        for unit in range((depth - 2) // 6):
            name, stride = f"unit{stage + 1}.{unit}", 2 if stage and unit == 0 else 1
            nodes += [
                *_convolved(f"{name}.first", before, made, stride, norm),
                (f"{name}.first.relu", ReLU()),
                *_convolved(f"{name}.second", f"{name}.first.relu", made, 1, norm),
            ]
            if residual:
                inner = nodes[-1][0]
                over, source = _shortcut(name, before, had, made, stride, shortcut, norm)
                nodes += [*over, (f"{name}.add", Add(), (inner, source))]
            if last_relu:
                nodes.append((f"{name}.relu", ReLU()))
            before, had = nodes[-1][0], made
    nodes += [("pool", AdaptiveAvgPool(1)), ("flatten", Flatten()), ("scores", Linear(classes))]
    return Graph(f"{'residual' if residual else 'plain'}{depth}", nodes, input_size=(channels, side, side))


def unit_names(graph: Graph) -> tuple[str, ...]:
    """The nodes that give the output of the stem and of each unit, from first to last.

    >>> unit_names(deep(8))
    ('stem.relu', 'unit1.0.relu', 'unit2.0.relu', 'unit3.0.relu')
    """
    last: dict[str, str] = {}
    for node in graph.nodes:
        parts = node.name.split(".")
        if parts[0].startswith("unit"):
            last[".".join(parts[:2])] = node.name
    return ("stem.relu", *last.values())


def _convolved(name: str, before: str, filters: int, stride: int, norm: bool) -> list[tuple[Any, ...]]:
    conv = Conv(filters, 3, stride=stride, padding=1, bias=not norm)
    nodes: list[tuple[Any, ...]] = [(f"{name}.conv", conv, before)]
    return [*nodes, (f"{name}.bn", BatchNorm())] if norm else nodes


def _shortcut(
    name: str, before: str, had: int, made: int, stride: int, kind: str, norm: bool
) -> tuple[list[tuple[Any, ...]], str]:
    """What leads around a unit, and the name of its end: nothing at all where the shape stays."""
    if had == made and stride == 1:
        return [], before
    if kind == "projection":
        nodes: list[tuple[Any, ...]] = [
            (f"{name}.projection", Conv(made, 1, stride=stride, bias=not norm), before)
        ]
        if norm:
            nodes.append((f"{name}.projection.bn", BatchNorm()))
        return nodes, nodes[-1][0]
    return [
        # Averages of single cells: every second one is taken as it is.
        (f"{name}.taken", AvgPool(1, stride=stride), before),
        (f"{name}.filled", Pad(((0, 0), (0, made - had), (0, 0), (0, 0)))),
    ], f"{name}.filled"
