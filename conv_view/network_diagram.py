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

UNITS, GAP = 46.0, 20
MOST_SCALE, MOST_HEIGHT = 1.4, 224  # how much larger, and how high, the layers of a small block are drawn

_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" '
    'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="tip" d="M0 0 8 4 0 8z"/>'
    "</marker></defs>"
)
"""The tip of every wire, in the first of the storeys."""


@lru_cache(maxsize=32)
def diagram(net: Net, at: str, language: str) -> str:
    """The picture of a network, with what `at` names open and marked, as SVG.

    >>> from conv_view.networks import load
    >>> 'data-at="~conv1"' in diagram(load("alexnet", "paper", 227), "", "en")
    True
    """
    table, selection = words(language), find(net, at)
    row_height: float = ROW + (HEADS if net.heads else 0)
    middles = slots(net)
    is_head = selection.block in net.heads
    middle = middles[source(net, selection.block) if is_head else net.blocks.index(selection.block)]
    row = [_TIP, *blocks_in_a_row(table, net, selection, selection.at)]
    storeys = [_strip("row", row_height, row), _wedge(middle)]
    for block in (selection.block, selection.unit):
        if block is not None:
            storeys.append(_panel(table, net, block, selection))
            if block.units and selection.unit:
                storeys.append(_wedge(_unit_middle(block, selection.unit)))
    label = escape(table.say("networks.picture", name=table[f"networks.names.{net.network}"]))
    return f'<div role="group" aria-label="{label}">{"".join(storeys)}</div>'


def _strip(name: str, height: float, parts: Sequence[str]) -> str:
    """One storey of the picture, which a narrow window pushes sideways by itself."""
    return (
        f'<div class="strip" data-strip="{escape(name)}">'
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}">{"".join(parts)}</svg></div>'
    )


def _wedge(x: float) -> str:
    """What leads from a block to the panel below, where it is open."""
    spread = min(max(x, 40), WIDTH - 40)
    return (
        f'<svg class="wedge" viewBox="0 0 {WIDTH} {GAP}" aria-hidden="true">'
        f'<path d="M{x - 14:.0f} 0h28L{spread + 34:.0f} {GAP}h-68z"/></svg>'
    )


def _panel(table: Words, net: Net, block: Block, selection: Selection) -> str:
    """An open block: its name and totals, and below them its units or its layers."""
    chosen = selection.at
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
    head = f"<p><b>{escape(name)}</b><span>{escape(table.say(key, **numbers))}</span></p>"
    if block.units:
        height, body = UNITS, [*_units(table, net, block, selection, chosen)]
    else:
        height, body = _layers(table, net, block, chosen)
    return f'<div class="panel">{head}{_strip(block.at, height, body)}</div>'


def _layers(table: Words, net: Net, block: Block, chosen: str) -> tuple[float, list[str]]:
    """The height of the layers of a block, and their picture."""
    height, placed, edges, (begin, end) = laid_out(net, block, WIDTH)
    source = sized(net.inputs_of(block.nodes[0])[0])
    larger = max(1.0, min(MOST_SCALE, (WIDTH - 16) / (end[0] + 40), MOST_HEIGHT / height))
    body = [f'<g transform="translate(0 4) scale({larger:.3f})">']
    body.append(
        f'<text class="last" x="{begin[0] - 5:.0f}" y="{begin[1] - 9:.0f}">{source}</text>'
        f'<line class="wire" x1="12" y1="{begin[1]:.0f}" x2="{begin[0]:.0f}" y2="{begin[1]:.0f}"/>'
        f'<line class="wire" x1="{end[0]:.0f}" y1="{end[1]:.0f}" x2="{end[0] + 30:.0f}" y2="{end[1]:.0f}" '
        'marker-end="url(#tip)"/>'
    )
    body += [_wire(edge) for edge in edges]
    body += [_layer(table, net, each, block, each.name == chosen) for each in placed]
    body.append("</g>")
    return round(larger * height + 12), body


def _wire(edge: Edge) -> str:
    points = "L".join(f"{x:.0f} {y:.0f}" for x, y in edge.points)
    look = "wire short" if edge.is_shortcut else "wire"
    return f'<path class="{look}" d="M{points}" marker-end="url(#tip)"/>'


def _units(table: Words, net: Net, block: Block, selection: Selection, chosen: str) -> Iterator[str]:
    """The units of a stage, each with its shortcut above."""
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
            f'<path class="{arc}" d="M{x - half:.1f} 16c0-14 {2 * half:.1f}-14 {2 * half:.1f} 0"/>'
            f'<rect class="box kernel" x="{x - wide / 2 + 4:.1f}" y="16" width="{wide - 8:.1f}" '
            'height="24" rx="4"/>'
            f'<text class="middle" x="{x:.1f}" y="33">{place}</text></g>'
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
