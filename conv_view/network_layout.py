"""Where the layers of a block stand: chains as rows, branches one below the other, a shortcut above."""

from __future__ import annotations

from dataclasses import dataclass

from conv_view.networks import Block, Net

WIDTHS = {"Conv": 122, "Linear": 112, "Subsample": 112, "Add": 36, "Concat": 76, "AdaptiveAvgPool": 104}
POOL, NARROW = 104, 62  # other poolings, and layers that change every number by itself
LANE, BOX, GAP, SHORT = 56, 50, 26, 26
BEGIN = 96  # where the wires of a block part

Point = tuple[float, float]


@dataclass(frozen=True)
class Placed:
    """The middle and the size of a layer's box."""

    name: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Edge:
    """A wire from box to box, or past them."""

    points: tuple[Point, ...]
    is_shortcut: bool = False


def laid_out(
    net: Net, block: Block, width: int
) -> tuple[float, list[Placed], list[Edge], tuple[Point, Point]]:
    """The height that a block takes, its boxes, its wires, and where it is entered and left."""
    lanes, joins = _lanes(net, block)
    has_shortcut = any(net.by_name[name].kind == "Add" for name in joins)
    identity = has_shortcut and len(lanes) == 1
    if has_shortcut:
        lanes = lanes[::-1]  # the shortcut above
    top = SHORT if identity else 0
    middles = [top + LANE * place + LANE / 2 for place in range(len(lanes))]
    height = top + LANE * len(lanes)
    scale = _scale(net, lanes, joins, width)
    boxes: dict[str, Placed] = {}
    entry_y = middles[-1] if has_shortcut else height / 2
    for lane, y in zip(lanes, middles, strict=True):
        x: float = BEGIN + GAP
        for name in lane:
            wide = _width(net, name) * scale
            boxes[name] = Placed(name, x + wide / 2, y, wide, BOX)
            x += wide + GAP * scale
    x = max(boxes[lane[-1]].x + boxes[lane[-1]].width / 2 for lane in lanes) + GAP * scale
    for name in joins:
        wide = _width(net, name) * scale
        tall = {"Add": wide, "Concat": height - 10}.get(net.by_name[name].kind, BOX)
        boxes[name] = Placed(name, x + wide / 2, entry_y, wide, tall)
        x += wide + GAP * scale
    last = boxes[block.nodes[-1]]
    edges = _edges(net, block, boxes, (BEGIN, entry_y), SHORT / 2 if identity else None)
    placed = [boxes[name] for name in block.nodes]
    return height, placed, edges, ((BEGIN, entry_y), (last.x + last.width / 2, last.y))


def _lanes(net: Net, block: Block) -> tuple[list[list[str]], list[str]]:
    """The chains side by side, and what stands behind the place where they meet."""
    inside = set(block.nodes)
    lanes: list[list[str]] = []
    joins: list[str] = []
    for name in block.nodes:
        inputs = net.graph[name].inputs
        lane = next((lane for lane in lanes if lane[-1] == inputs[0]), None)
        if len(inputs) > 1 or inputs[0] in joins:
            joins.append(name)
        elif lane is not None and inputs[0] in inside:
            lane.append(name)
        else:
            lanes.append([name])
    return lanes, joins


def _scale(net: Net, lanes: list[list[str]], joins: list[str], width: int) -> float:
    """By how much boxes have to be narrower for all to have room."""
    longest = max(sum(_width(net, name) + GAP for name in lane) for lane in lanes)
    needed = longest + sum(_width(net, name) + GAP for name in joins)
    return min(1.0, (width - BEGIN - 2 * GAP - 36) / needed)


def _width(net: Net, name: str) -> float:
    kind = net.by_name[name].kind
    return WIDTHS.get(kind, POOL if kind.endswith("Pool") else NARROW)


def _edges(net: Net, block: Block, boxes: dict[str, Placed], entry: Point, above: float | None) -> list[Edge]:
    edges = []
    for name in block.nodes:
        box = boxes[name]
        left = box.x - box.width / 2
        for source in net.graph[name].inputs:
            if source in boxes:
                begin = (boxes[source].x + boxes[source].width / 2, boxes[source].y)
            elif net.by_name[name].kind == "Add":
                # The input itself goes past the layers of the unit.
                over = above if above is not None else entry[1]
                points = (entry, (entry[0], over), (box.x, over), (box.x, box.y - box.height / 2 - 1))
                edges.append(Edge(points, is_shortcut=True))
                continue
            else:
                begin = entry
            edges.append(_joined(net, name, source, begin, box, left, in_block=source in boxes))
    return edges


def _joined(
    net: Net, name: str, source: str, begin: Point, box: Placed, left: float, *, in_block: bool
) -> Edge:
    kind = net.by_name[name].kind
    if kind == "Add" and begin[1] != box.y:
        return Edge((begin, (box.x, begin[1]), (box.x, box.y - box.height / 2 - 1)), is_shortcut=True)
    if kind == "Concat":
        return Edge((begin, (left - 1, begin[1])))
    if not in_block and begin[1] != box.y:
        shortcut = ".downsample." in name
        return Edge((begin, (begin[0], box.y), (left - 1, box.y)), is_shortcut=shortcut)
    del source
    return Edge((begin, (left - 1, box.y)))
