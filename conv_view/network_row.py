"""The blocks of a network in a row: each a solid as high as its maps and as wide as it has channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import log2, sqrt

from conv_view.network_words import sized
from conv_view.networks import Block, Net, Selection
from conv_view.text import Words

WIDTH = 1200
ROW, HEADS = 168, 34  # heights of the row of blocks, and of the heads below it
TALLEST, LOWEST, SLANT = 78, 10, 0.2
MIDDLE = 84  # how far down the middles of the solids are
ROLES = {
    "Conv": "kernel",
    "Linear": "kernel",
    "Subsample": "kernel",
    "MaxPool": "window",
    "AvgPool": "window",
    "AdaptiveAvgPool": "window",
    "Concat": "copy",
    "Add": "output",
}
"""Whose colour a layer has: of the kernel where it weighs its input, of the window where one only slides."""


def slots(net: Net) -> list[float]:
    """The middles of the blocks in the row; before them stands the input."""
    width = WIDTH / (len(net.blocks) + 1)
    return [width * (place + 1.5) for place in range(len(net.blocks))]


def blocks_in_a_row(table: Words, net: Net, selection: Selection, chosen: str) -> Iterator[str]:
    """The input and the blocks, each as a solid: as high as its maps, as wide as it has channels."""
    middles, width = slots(net), WIDTH / (len(net.blocks) + 1)
    ends = [_half(net, "input", width)]
    wires = []
    yield _solid(width / 2, MIDDLE, net, "input", "plain", width)
    yield from _texts(width / 2, [table["networks.input"]], net.input_shape)
    for block, x in zip(net.blocks, middles, strict=True):
        last = block.nodes[-1]
        half = _half(net, last, width)
        wires.append(f"M{x - width + ends[-1] + 3:.0f} {MIDDLE}H{x - half - 2:.0f}")
        ends.append(half)
        marks = (
            "hit block"
            + (" open" if block == selection.block else "")
            + (" on" if block.at == chosen else "")
        )
        name = block.label + (f" ×{len(block.units)}" if block.units else "")
        yield (
            f'<g class="{marks}" {choice(block.at, block.at == chosen, block_name(table, net, block))}>'
            f'<rect class="slot" x="{x - width / 2 + 1:.1f}" y="2" width="{width - 2:.1f}" '
            f'height="{ROW - 4}" rx="6"/>'
        )
        yield _solid(x, MIDDLE, net, last, _role(net, block), width)
        yield _sign(block, x)
        yield from _texts(x, [name], net.shape_of(last))
        yield "</g>"
    for wire in wires:
        yield f'<path class="wire" d="{wire}" marker-end="url(#tip)"/>'
    for head in net.heads:
        x = middles[source(net, head)]
        marks = marked("hit block head", is_open=head == selection.block, is_on=head.at == chosen)
        yield (
            f'<g class="{marks}" {choice(head.at, head.at == chosen, block_name(table, net, head))}>'
            f'<path class="wire side" d="M{x:.0f} {ROW - 4}V{ROW + 6}" marker-end="url(#tip)"/>'
            f'<rect class="slot dashed" x="{x - 62:.0f}" y="{ROW + 6}" width="124" '
            f'height="{HEADS - 8}" rx="6"/>'
            f'<text class="middle" x="{x:.0f}" y="{ROW + 24}"><tspan class="name">{head.label}</tspan>'
            f'<tspan class="quiet" dx="5">{escape(table["networks.training_short"])}</tspan></text></g>'
        )


def source(net: Net, head: Block) -> int:
    """The place of the block that a head hangs on."""
    source = net.graph[head.nodes[0]].inputs[0]
    return next(place for place, block in enumerate(net.blocks) if source in block.nodes)


def _texts(x: float, above: Sequence[str], shape: Sequence[int]) -> Iterator[str]:
    yield f'<text class="middle name" x="{x:.0f}" y="20">{escape(above[0])}</text>'
    channels, *spatial = shape[1:]
    first = "×".join(map(str, spatial)) or str(channels)
    yield f'<text class="middle" x="{x:.0f}" y="{ROW - 24}">{first}</text>'
    if spatial:
        yield f'<text class="middle" x="{x:.0f}" y="{ROW - 9}">×{channels}</text>'


def _sign(block: Block, x: float) -> str:
    """Above a block with branches four ways that part and meet, above one with shortcuts an arc."""
    if block.kind == "inception":
        ways = "".join(f"M{x - 16:.0f} 31c10 {up} 22 {up} 32 0" for up in (-9, -3, 3, 9))
        return f'<path class="sign" d="{ways}"/>'
    if block.kind == "stage":
        return f'<path class="sign copy" d="M{x - 26:.0f} 37c0-15 52-15 52 0"/>'
    return ""


def _solid_size(net: Net, name: str, slot: float) -> tuple[float, float, float]:
    """Width, height and depth of a solid: the map's size by its root, the channels by their logarithm."""
    _, channels, *spatial = net.shape_of(name)
    wide = 5 + min(slot * 0.42, 44) * min(1.0, log2(channels + 1) / 11)
    if not spatial:
        return 9, LOWEST + (TALLEST - LOWEST) * min(1.0, sqrt(channels / 4096)), 0
    high = LOWEST + (TALLEST - LOWEST) * sqrt(min(1.0, max(spatial) / net.side))
    return wide, high, high * SLANT


def _half(net: Net, name: str, slot: float) -> float:
    """How far a solid reaches to either side of its middle."""
    wide, _, deep = _solid_size(net, name, slot)
    return (wide + deep) / 2


def _solid(x: float, y: float, net: Net, name: str, role: str, slot: float) -> str:
    wide, high, deep = _solid_size(net, name, slot)
    left, top = x - wide / 2 - deep / 2, y - high / 2 + deep / 2
    right, low = left + wide, top + high
    up = f"l{deep:.1f}-{deep:.1f}"
    down = f"l-{deep:.1f} {deep:.1f}z"
    faces = (
        f'<path class="top {role}" d="M{left:.1f} {top:.1f}{up}h{wide:.1f}{down}"/>'
        f'<path class="end {role}" d="M{right:.1f} {top:.1f}{up}v{high:.1f}{down}"/>'
    )
    front = f'<path class="front {role}" d="M{left:.1f} {top:.1f}H{right:.1f}V{low:.1f}H{left:.1f}z"/>'
    return (faces if deep else "") + front


def _role(net: Net, block: Block) -> str:
    if block.kind in ("inception", "stage", "conv", "full"):
        return "kernel"
    return ROLES.get(net.by_name[block.nodes[0]].kind, "plain")


def block_name(table: Words, net: Net, block: Block) -> str:
    """What is said of a block to those who do not see it."""
    learnt = sum(row.parameters for row in net.of(block))
    return table.say(
        "networks.block_name",
        name=block.at.removeprefix("~"),
        shape=sized(net.shape_of(block.nodes[-1])),
        layers=len(block.nodes),
        parameters=f"{learnt:,}",
    )


def choice(at: str, is_on: bool, label: str) -> str:
    """The attributes of something that can be chosen, with the mouse or the keyboard."""
    return (
        f'data-at="{escape(at)}" role="button" tabindex="0" aria-pressed="{"true" if is_on else "false"}" '
        f'aria-label="{escape(label)}"'
    )


def marked(name: str, *, is_open: bool, is_on: bool) -> str:
    """The classes of something that can be chosen."""
    return name + (" open" if is_open else "") + (" on" if is_on else "")
