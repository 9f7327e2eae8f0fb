"""Which channels a filter reads, as a drawing: channels on the left, filters on the right, lines between."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from conv_view.channels import read_by
from conv_view.stage.bundle import palette

#: Outlines of groups, one after another; each has at least 3:1 on the page of either theme.
GROUPS = ("#3D7FC4", "#B5652B", "#8A6FC0", "#3E8E5E", "#C2567F", "#7A7F2E", "#2E8C95", "#8C7B6B")
# Units of the drawing, which is scaled to the width of its place.
_WIDTH, _HEAD, _FOOT = 330, 24, 6
_LEFT, _RIGHT, _BOX = 104, 212, 34
_ROOM = 288
_MOST_ROW = 34


def diagram(
    channels: Sequence[str],
    filters: Sequence[str],
    groups: int,
    *,
    now: int | None = None,
    heads: tuple[str, str] = ("", ""),
    label: str = "",
    title: str = "{channel} → {filter}",
) -> str:
    """Return an SVG of every (channel, filter) pair that a weight joins; filter number `now` stands out.

    Each group of channels and its filters are framed, and joined, in a colour of `GROUPS`. Words take the
    colour of the page's text, so one drawing serves both themes. `title` is told when a line is pointed at.

    >>> diagram(["a", "b"], ["0", "1"], 2).count("<line")
    2
    """
    count = len(channels), len(filters)
    row = min(_MOST_ROW, _ROOM / max(count))
    height = _HEAD + row * max(count) + _FOOT
    # The shorter column stands in the middle of the longer one.
    tops = [_HEAD + row * (max(count) - size) / 2 for size in count]
    middle = [[top + row * (at + 0.5) for at in range(size)] for top, size in zip(tops, count, strict=True)]
    rest: list[str] = []
    first: list[str] = []
    frames: list[str] = []
    own = len(filters) // groups
    for number in range(len(filters)):
        group = number // own
        among = read_by(number, len(channels), len(filters), groups)
        for channel in among:
            text = title.format(channel=channels[channel], filter=filters[number])
            (first if number == now else rest).append(
                _line(middle[0][channel], middle[1][number], group, text, stands_out=number == now)
            )
        if number % own == 0:
            frames += [
                _frame(_LEFT - _BOX, tops[0] + row * among.start, row * len(among), group),
                _frame(_RIGHT, tops[1] + row * number, row * own, group),
            ]
    reads = read_by(now, len(channels), len(filters), groups) if now is not None else range(0)
    boxes = [_box(_LEFT - _BOX, y, row, "window", at in reads) for at, y in enumerate(middle[0])]
    boxes += [_box(_RIGHT, y, row, "output", at == now) for at, y in enumerate(middle[1])]
    size = max(9.0, min(12.0, row * 0.62))
    names = [
        _text(_LEFT - _BOX - 8, y, name, size, "end", at in reads)
        for at, (name, y) in enumerate(zip(channels, middle[0], strict=True))
    ]
    names += [
        _text(_RIGHT + _BOX + 8, y, name, size, "start", at == now)
        for at, (name, y) in enumerate(zip(filters, middle[1], strict=True))
    ]
    names += [
        _text(_LEFT - _BOX / 2, 9, heads[0], 12, "middle", False),
        _text(_RIGHT + _BOX / 2, 9, heads[1], 12, "middle", False),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" role="img" '
        f'aria-label="{escape(label)}" style="width:100%;max-width:{_WIDTH * 1.15:g}px;height:auto">'
        + "".join((*frames, *rest, *first, *boxes, *names))
        + "</svg>"
    )


def _line(top: float, end: float, group: int, text: str, *, stands_out: bool) -> str:
    colour = palette()["roles"]["kernel"] if stands_out else GROUPS[group % len(GROUPS)]
    width, opacity = (2.6, 1) if stands_out else (1.1, 0.6)
    return (
        f'<line x1="{_LEFT}" y1="{top:g}" x2="{_RIGHT}" y2="{end:g}" stroke="{colour}" '
        f'stroke-width="{width}" stroke-opacity="{opacity}"><title>{escape(text)}</title></line>'
    )


def _frame(x: float, y: float, height: float, group: int) -> str:
    return (
        f'<rect x="{x - 4:g}" y="{y + 0.5:g}" width="{_BOX + 8}" height="{height - 1:g}" rx="5" fill="none" '
        f'stroke="{GROUPS[group % len(GROUPS)]}" stroke-width="2"/>'
    )


def _box(x: float, y: float, row: float, role: str, stands_out: bool) -> str:
    colour, high = palette()["roles"][role], max(5.0, row - 8)
    return (
        f'<rect x="{x:g}" y="{y - high / 2:g}" width="{_BOX}" height="{high:g}" rx="2" fill="{colour}" '
        f'fill-opacity="{0.75 if stands_out else 0.14}" stroke="{colour}" stroke-width="1.2"/>'
    )


def _text(x: float, y: float, text: str, size: float, anchor: str, stands_out: bool) -> str:
    weight = ' font-weight="700"' if stands_out else ""
    return (
        f'<text x="{x:g}" y="{y:g}" dy="0.35em" font-size="{size:g}" text-anchor="{anchor}" '
        f'fill="currentColor"{weight}>{escape(text)}</text>'
    )
