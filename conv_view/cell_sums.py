"""A cell's value as a calculation that can be typed into a pocket calculator, as HTML, number by number."""

from __future__ import annotations

from html import escape

import numpy as np

from conv_view.cell_parts import After, Norm, Parts
from conv_view.digits import signs, written
from conv_view.text import Words

FIGURES = 7
_STYLE = """
.calculation > div { display: flex; flex-wrap: wrap; gap: 0.1rem 1.2rem; padding: 0.35rem 0; }
.calculation > div > span:first-child { flex: 0 0 19rem; opacity: 0.8; }
.calculation > div > span:last-child { flex: 1 1 24rem; font-variant-numeric: tabular-nums; }
.calculation .term { white-space: nowrap; }
"""
MOST_WRITTEN = 121
"""Products of one channel that are written out."""


def number(value: float) -> str:
    """Return a number with seven figures, its minus sign a real one.

    >>> number(-1 / 3)
    '−0.3333333'
    """
    return signs(written(float(value), FIGURES))


def bracketed(value: float) -> str:
    """Return it in brackets where it is negative."""
    return f"({number(value)})" if value < 0 else number(value)


def calculation(parts: Parts, words: Words, channel: int = 0) -> str:
    """Return the whole way to a cell's value: products, sum, bias, and each layer behind it.

    Of several channels the products of one are written out, that which stands `channel`-th on the page.
    """
    lines = [_products(parts, words, channel), _sum(parts, words)]
    given = parts.story.value
    for after in parts.after:
        lines += _normed(after.norm, words) if after.norm else [_after(after, given, words)]
        given = after.value
    return f'<style>{_STYLE}</style><div class="calculation">{"".join(lines)}</div>'


def _line(name: str, formula: str, what: str, value: float | None = None) -> str:
    result = "" if value is None else f' = <b data-value="{name}">{number(value)}</b>'
    return (
        f'<div data-line="{name}"><span>{escape(what)}</span>'
        f"<span>{formula}{result}</span></div>"
    )  # fmt: skip


def _products(parts: Parts, words: Words, channel: int) -> str:
    if not parts.is_window or parts.story.kind == "MaxPool":
        return ""
    channel = min(channel, len(parts.channels) - 1)
    inside = np.ones(parts.read.shape[1:], bool)
    inside = np.pad(inside, parts.margin[1:]) if parts.margin else inside
    read = np.pad(parts.read[channel], parts.margin[1:]) if parts.margin else parts.read[channel]
    assert parts.weights is not None
    pairs = list(zip(read[inside], parts.weights[channel][inside], strict=True))
    terms = [f'<span class="term">{bracketed(x)}·{bracketed(w)}</span>' for x, w in pairs[:MOST_WRITTEN]]
    shown = " + ".join(terms) + (" + …" if len(pairs) > MOST_WRITTEN else "")
    what = words.say("maps.sums.channel", channel=int(parts.channels[channel]), count=len(pairs))
    return _line("channel", shown, what, float(parts.sums[channel]))


def _sum(parts: Parts, words: Words) -> str:
    if parts.is_maximum:
        cells = ", ".join(number(x) for x in parts.read[0].ravel())
        return _line("sum", f"max({cells})", words["maps.sums.maximum"], parts.story.value)
    if parts.is_window and parts.count == 1 and not parts.story.bias:
        return ""
    terms = []
    for at, value in enumerate(parts.sums):
        if parts.is_window or parts.weights is None:
            terms.append(bracketed(value))
        else:
            terms.append(
                f'<span class="term">{bracketed(parts.read[at])}·{bracketed(parts.weights[at])}</span>'
            )
    others = parts.count - len(parts.channels)
    if others:
        rest = words.say("maps.sums.rest", count=f"{others:,}")
        terms.append(f'<span title="{escape(rest)}"><i>{bracketed(parts.rest)}</i></span>')
    if parts.story.bias:
        terms.append(f'<span title="{escape(words["maps.stage.bias"])}">{bracketed(parts.story.bias)}</span>')
    key = "added" if parts.names else "sum_bias" if parts.story.bias else "sum"
    what = words.say(f"maps.sums.{key}", count=f"{parts.count:,}", products=f"{len(parts.story):,}")
    if others:
        what += " " + words.say("maps.sums.italic", count=f"{others:,}")
    return _line("sum", " + ".join(terms), what, parts.story.value)


def _normed(norm: Norm, words: Words) -> list[str]:
    made = norm.normal * norm.weight + norm.bias
    root = f"√({number(norm.variance)} + {number(norm.epsilon)})"
    formula = (
        f"({number(norm.given)} − {bracketed(norm.mean)}) / {root}"
        f" · {bracketed(norm.weight)} + {bracketed(norm.bias)}"
    )
    return [_line("norm", formula, words["maps.sums.norm"], made)]


def _after(after: After, given: float, words: Words) -> str:
    what = words.get(f"maps.kinds.{after.kind}", after.kind)
    if after.response is not None:
        near = after.response
        what = f"{what}: " + words.say("maps.sums.response", count=near.count)
        formula = (
            f"{number(given)} / ({number(near.k)} + {number(near.alpha)} · {number(near.squares)})"
            f"<sup>{number(near.beta)}</sup>"
        )
    elif after.low is not None and after.high is not None:
        formula = f"min({number(after.high)}, max({number(after.low)}, {number(given)}))"
    elif after.low is not None:
        formula = f"max({number(after.low)}, {number(given)})"
    else:
        formula = f"{escape(what)}({number(given)})"
    return _line("after", formula, what, after.value)
