"""A network as a picture: its blocks in a row, and below it the open one with its units and its layers.

Plain SVG: what can be chosen is a group with the class "hit" and the name of what it stands for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape

from conv_view.network_layout import Edge, Placed, laid_out
from conv_view.network_row import (
    HEADS,
    ROLES,
    ROW,
    WIDTH,
    block_name,
    blocks_in_a_row,
    choice,
    slots,
    source,
)
from conv_view.network_words import kind_of, sized, window_of
from conv_view.networks import Block, Net, Selection, find
from conv_view.text import Words, words

UNITS, TITLE, GAP = 74, 30, 20
MOST_SCALE, MOST_HEIGHT = 1.4, 224  # how much larger, and how high, the layers of a small block are drawn


@lru_cache(maxsize=64)
def diagram(net: Net, at: str, language: str) -> str:
    """The picture of a network, with what `at` names open and marked, as SVG.

    >>> from conv_view.networks import load
    >>> 'data-at="~conv1"' in diagram(load("alexnet", "paper", 227), "", "en")
    True
    """
    table, selection = words(language), find(net, at)
    chosen = selection.at
    parts = [*blocks_in_a_row(table, net, selection, chosen)]
    below: float = ROW + (HEADS if net.heads else 0)
    middles = slots(net)
    if selection.block in net.blocks:
        middle = middles[net.blocks.index(selection.block)]
    else:
        middle = middles[source(net, selection.block)]
    levels = [selection.block, *([selection.unit] if selection.unit else [])]
    for block in levels:
        height, body = _panel(table, net, block, selection, chosen)
        top = below + GAP
        parts.append(_wedge(middle, below - 2, top))
        parts.append(
            f'<rect class="panel" x="1" y="{top}" width="{WIDTH - 2}" height="{height}" rx="8"/>'
            f'<g transform="translate(0 {top})">{"".join(body)}</g>'
        )
        if block.units and selection.unit:
            middle = _unit_middle(block, selection.unit)
        below = top + height
    label = escape(table.say("networks.picture", name=table[f"networks.names.{net.network}"]))
    return (
        f'<svg viewBox="0 0 {WIDTH} {below + 2}" role="group" aria-label="{label}">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" '
        'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="tip" d="M0 0 8 4 0 8z"/>'
        "</marker></defs>"
        f"{''.join(parts)}</svg>"
    )


def _wedge(x: float, top: float, below: float) -> str:
    """What leads from a block to the panel where it is open."""
    spread = min(max(x, 40), WIDTH - 40)
    return f'<path class="panel" d="M{x - 14:.0f} {top + 2:.0f}h28L{spread + 34:.0f} {below:.0f}h-68z"/>'


def _panel(
    table: Words, net: Net, block: Block, selection: Selection, chosen: str
) -> tuple[float, list[str]]:
    """The height of an open block's panel, and what stands in it."""
    rows = net.of(block)
    learnt, macs = sum(row.parameters for row in rows), sum(row.macs for row in rows)
    name = block.at.removeprefix("~")
    key = "networks.opened_units" if block.units else "networks.opened"
    numbers = {
        "units": len(block.units),
        "layers": len(rows),
        "parameters": f"{learnt:,}",
        "macs": f"{macs:,}",
    }
    head = (
        f'<text x="16" y="21"><tspan class="name">{escape(name)}</tspan>'
        f'<tspan class="quiet" dx="10">{escape(table.say(key, **numbers))}</tspan></text>'
    )
    if block.units:
        return UNITS, [head, *_units(table, net, block, selection, chosen)]
    height, placed, edges, (begin, end) = laid_out(net, block, WIDTH)
    source = sized(net.inputs_of(block.nodes[0])[0])
    larger = max(1.0, min(MOST_SCALE, (WIDTH - 16) / (end[0] + 40), MOST_HEIGHT / height))
    body = [head, f'<g transform="translate(0 {TITLE}) scale({larger:.3f})">']
    body.append(
        f'<text class="last" x="{begin[0] - 5:.0f}" y="{begin[1] - 9:.0f}">{source}</text>'
        f'<line class="wire" x1="12" y1="{begin[1]:.0f}" x2="{begin[0]:.0f}" y2="{begin[1]:.0f}"/>'
        f'<line class="wire" x1="{end[0]:.0f}" y1="{end[1]:.0f}" x2="{end[0] + 30:.0f}" y2="{end[1]:.0f}" '
        'marker-end="url(#tip)"/>'
    )
    body += [_wire(edge) for edge in edges]
    body += [_layer(table, net, each, block, each.name == chosen) for each in placed]
    body.append("</g>")
    return round(TITLE + larger * height + 8), body


def _wire(edge: Edge) -> str:
    points = "L".join(f"{x:.0f} {y:.0f}" for x, y in edge.points)
    look = "wire short" if edge.is_shortcut else "wire"
    return f'<path class="{look}" d="M{points}" marker-end="url(#tip)"/>'


def _units(table: Words, net: Net, block: Block, selection: Selection, chosen: str) -> Iterator[str]:
    wide = _unit_width(block)
    for place, unit in enumerate(block.units):
        x = _unit_middle(block, unit)
        marks = (
            "hit unit" + (" open" if unit == selection.unit else "") + (" on" if unit.at == chosen else "")
        )
        projects = any(".downsample." in name for name in unit.nodes)
        arc = "sign" if projects else "sign copy"
        half = wide / 2 - 6
        yield (
            f'<g class="{marks}" {choice(unit.at, unit.at == chosen, block_name(table, net, unit))}>'
            f'<path class="{arc}" d="M{x - half:.1f} 42c0-14 {2 * half:.1f}-14 {2 * half:.1f} 0"/>'
            f'<rect class="box kernel" x="{x - wide / 2 + 4:.1f}" y="42" width="{wide - 8:.1f}" '
            'height="24" rx="4"/>'
            f'<text class="middle" x="{x:.1f}" y="59">{place}</text></g>'
        )


def _unit_width(block: Block) -> float:
    return min(96.0, (WIDTH - 32) / len(block.units))


def _unit_middle(block: Block, unit: Block) -> float:
    return 16 + _unit_width(block) * (block.units.index(unit) + 0.5)


def _layer(table: Words, net: Net, placed: Placed, block: Block, is_on: bool) -> str:
    """One layer of an open block: its name, its window, its output's shape."""
    row, node = net.by_name[placed.name], net.graph[placed.name]
    role = ROLES.get(row.kind, "plain")
    kernel, stride = window_of(node, net.inputs_of(placed.name))
    label = table.say(
        "networks.layer_name",
        name=row.name,
        kind=kind_of(table, row),
        shape=sized(row.output),
        parameters=f"{row.parameters:,}",
        macs=f"{row.macs:,}",
    )
    x, y = placed.x, placed.y
    marks = "hit layer" + (" on" if is_on else "")
    group = f'<g class="{marks}" {choice(row.name, is_on, label)}><title>{escape(label)}</title>'
    if row.kind == "Add":
        return (
            f'{group}<circle class="box {role}" cx="{x:.0f}" cy="{y:.0f}" r="{placed.width / 2:.0f}"/>'
            f'<path class="plus" d="M{x - 8:.0f} {y:.0f}h16M{x:.0f} {y - 8:.0f}v16"/></g>'
        )
    left, top = x - placed.width / 2, y - placed.height / 2
    shape = (
        f'<rect class="box {role}" x="{left:.1f}" y="{top:.1f}" width="{placed.width:.1f}" '
        f'height="{placed.height:.0f}" rx="5"/>'
    )
    texts = _lines(table, row.kind, _short(row.name, block), kernel, stride, row.output)
    first = y - 7.5 * (len(texts) - 1) + 4.5
    said = "".join(
        f'<text class="middle{" name" if place == 0 else ""}" x="{x:.0f}" y="{first + 15 * place:.1f}">'
        f"{escape(text)}</text>"
        for place, text in enumerate(texts)
    )
    return f"{group}{shape}{said}</g>"


def _lines(table: Words, kind: str, name: str, kernel: str, stride: str, output: Sequence[int]) -> list[str]:
    step = f" /{stride}" if stride else ""
    if kind in ("Conv", "Subsample"):
        return [name, f"{kernel}, {output[1]}{step}", sized(tuple(output))]
    if kind == "Linear":
        return [name, table["networks.short.Linear"], str(output[1])]
    if kind in ("MaxPool", "AvgPool"):
        return [f"{table[f'networks.short.{kind}']} {kernel}{step}", sized(tuple(output))]
    if kind == "AdaptiveAvgPool":
        return [table["networks.short.AdaptiveAvgPool"], sized(tuple(output))]
    if kind == "Concat":
        return [table["networks.short.Concat"], *map(str, [f"{output[1]}×", "×".join(map(str, output[2:]))])]
    return [table[f"networks.short.{kind}"]]


def _short(name: str, block: Block) -> str:
    """A layer's name without that of its block, which stands above it."""
    prefix = name.partition(".")[0] if block.kind in ("inception", "head") else block.at.removeprefix("~")
    return name.removeprefix(f"{prefix}.").removeprefix("branch")
