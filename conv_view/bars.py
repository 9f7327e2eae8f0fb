"""Bars of numbers so far apart that their lengths go by the logarithm; plain HTML in the page's colours."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log10

from conv_view.stage.bundle import palette


def bars(rows: Sequence[tuple[str, int, str]], note: str) -> str:
    """Return one bar a row (label, number, role), each as long as the number's logarithm, and a note below.

    >>> "1,000" in bars([("dense", 1000, "plain")], "lengths by logarithm")
    True
    """
    longest = max(log10(max(number, 1) + 1) for _, number, _ in rows)
    lines = [
        '<div style="display:grid;grid-template-columns:minmax(8em,14em) 1fr;'
        'gap:2px 12px;align-items:center">'
        f"<span>{escape(label)}</span>"
        '<span style="display:flex;align-items:center;gap:8px">'
        f'<span style="height:14px;border-radius:2px;background:{palette()["roles"][role]};'
        f'width:{max(1.0, 72 * log10(max(number, 1) + 1) / longest):.1f}%"></span>'
        f'<b style="font-variant-numeric:tabular-nums">{number:,}</b></span></div>'
        for label, number, role in rows
    ]
    return "".join(lines) + f'<small style="opacity:.75">{escape(note)}</small>'


def shares(rows: Sequence[tuple[str, int, str]]) -> str:
    """Return one bar a row (label, number, role) below its label, as long as its number beside the largest.

    >>> "width:25.0%" in shares([("dense", 144, "plain"), ("depthwise", 36, "kernel")])
    True
    """
    most = max(1, *(number for _, number, _ in rows))
    return "".join(
        '<div style="display:flex;justify-content:space-between;gap:8px;line-height:1.35">'
        f'<span>{escape(label)}</span><b style="font-variant-numeric:tabular-nums">{number:,}</b></div>'
        f'<div style="height:9px;border-radius:2px;margin-bottom:4px;min-width:2px;'
        f'background:{palette()["roles"][role]};width:{100 * number / most:.1f}%"></div>'
        for label, number, role in rows
    )
