"""The race as rows of bars: one row an engine, one column a quantity, plain HTML in the page's colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from conv_view.digits import in_bytes, powered, told
from conv_view.known_layers import Layer
from conv_view.race_costs import PARTS, QUANTITIES, Entry
from conv_view.race_phrases import duration, factor, full_name, name
from conv_view.race_run import Need, Timing
from conv_view.stage.bundle import palette
from conv_view.text import Words

ROLES = {"direct": "window", "im2col": "copy", "winograd": "kernel", "fft": "gradient"}
"""Whose colour an engine has: the sliding window's, the copies', the transformed kernels', one of its own."""

COLUMNS = (*QUANTITIES, "intensity", "time", "error")
BEYOND = 5
"""A bar so many times as long as the next is torn off, so that the others can be compared."""


@dataclass(frozen=True)
class Shown:
    """What stands in the rows beside the formulas' numbers.

    `measured` and `refused` (what it needs) by engine; `faults` are the sentences of those that cannot;
    `picked` is what "auto" picks; `running` is the engine at work, `busy` whether any is or will be.
    """

    measured: Mapping[str, Timing] = field(default_factory=dict)
    refused: Mapping[str, Need] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    picked: str = ""
    running: str = ""
    busy: bool = False


def colour(engine: str) -> str:
    """Return an engine's colour, in every chart of the page."""
    return str(palette()["roles"][ROLES[engine]])


def table(words: Words, layer: Layer, rows: Sequence[Entry], shown: Shown) -> str:
    """Return the rows of bars; narrow windows have the columns one below the other."""
    parts = ['<div class="race">']
    for place, row in enumerate(rows):
        parts.append(_name(words, layer, row, place, shown.picked))
        if row.engine in shown.faults:
            said = words.say("race.cannot", why=shown.faults[row.engine])
            parts.append(f'<p class="race-cannot" style="grid-row:{place + 2}">{escape(said)}</p>')
    for column, quantity in enumerate(COLUMNS):
        hollow = quantity == "error" and not shown.measured and not shown.busy
        parts.append(_head(words, quantity, column, hollow=hollow))
        parts += _column(words, layer, rows, quantity, column, shown)
    parts.append("</div>")
    return "".join(parts)


def _name(words: Words, layer: Layer, row: Entry, place: int, picked: str) -> str:
    tag = ""
    if row.engine == picked:
        told_ = _quoted(words["race.auto_help"])
        tag = f' <span class="race-tag" title="{told_}">{words["race.auto_tag"]}</span>'
    return (
        f'<div class="race-name" style="grid-row:{place + 2};border-color:{colour(row.engine)}">'
        f"<b>{escape(full_name(words, row, layer))}</b>{tag}</div>"
    )


def _head(words: Words, quantity: str, column: int, *, hollow: bool) -> str:
    look = f"race-head{' race-far' if column > 3 else ''}{' race-hollow' if hollow else ''}"
    return (
        f'<div class="{look}" style="grid-column:{column + 2}">'
        f"{escape(words[f'race.quantities.{quantity}'])}"
        f' <span class="why" tabindex="0" role="note" aria-label="{_quoted(words[f"race.help.{quantity}"])}">'
        f"<span>{escape(words[f'race.help.{quantity}'])}</span></span>"
        f"<small>{escape(words[f'race.unit.{quantity}'])}</small></div>"
    )


def _column(
    words: Words, layer: Layer, rows: Sequence[Entry], quantity: str, column: int, shown: Shown
) -> list[str]:
    if quantity in ("time", "error") and not shown.measured and not shown.busy and not shown.refused:
        if quantity == "error":
            return []
        said = words.together([words["race.state.unmeasured"], words["race.state.unmeasured_hint"]])
        return [f'<p class="race-empty" style="grid-column:{column + 2} / span 2">{escape(said)}</p>']
    values = {row.engine: _number(row, quantity, shown.measured) for row in rows}
    known = {engine: value for engine, value in values.items() if value is not None}
    scale, best = _scale(list(known.values())), min(known.values(), default=None)
    cells = []
    for place, row in enumerate(rows):
        if row.engine in shown.faults:
            continue
        value = values[row.engine]
        where = f"grid-row:{place + 2};grid-column:{column + 2}"
        marked = value is not None and value == best and quantity != "intensity" and len(known) > 1
        text, note = _text(words, row, quantity, value, best, shown)
        cells.append(
            f'<div class="race-cell{" race-least" if marked else ""}" style="{where}" '
            f'data-engine="{row.engine}" data-quantity="{quantity}" role="group" '
            f'aria-label="{_quoted(_spoken(words, layer, row, quantity, text))}">'
            f'<span class="race-engine">{escape(name(words, row.engine))}</span>'
            f'<span class="race-value">{escape(text)}{note}</span>'
            f"{_bar(words, row, quantity, value, scale)}</div>"
        )
    return cells


def _number(row: Entry, quantity: str, measured: Mapping[str, Timing]) -> float | None:
    if quantity == "intensity":
        return row.intensity
    if quantity in ("time", "error"):
        one = measured.get(row.engine)
        return None if one is None else one.seconds if quantity == "time" else one.error
    return row.value(quantity)


def _text(
    words: Words, row: Entry, quantity: str, value: float | None, best: float | None, shown: Shown
) -> tuple[str, str]:
    """Return a value as text, and what is said smaller beside it."""
    if value is None:
        if quantity == "time" and row.engine in shown.refused:
            return words.say("race.state.memory", needed=in_bytes(shown.refused[row.engine].own)), ""
        if quantity == "time" and row.engine == shown.running:
            return words["race.state.running"], ""
        return words["race.state.waiting"] if shown.busy and row.engine not in shown.refused else "–", ""
    if quantity == "intensity":
        return told(value, 3), ""
    if quantity == "error":
        return powered(value), ""
    if quantity != "time":
        return f"{int(value):,}", ""
    one = shown.measured[row.engine]
    runs = words["race.state.one_run"] if one.runs == 1 else words.say("race.state.runs", runs=one.runs)
    notes = [words["race.state.part"] if not one.runs else runs]
    if best and value > best:
        notes.insert(0, f"×{factor(value / best)}")
    text = duration(value) if one.runs else f"≈ {duration(value)}"
    return text, f" <small>{escape(' · '.join(notes))}</small>"


def _spoken(words: Words, layer: Layer, row: Entry, quantity: str, text: str) -> str:
    return f"{full_name(words, row, layer)}, {words[f'race.quantities.{quantity}']}: {text}"


def _scale(values: Sequence[float]) -> float:
    """Return what a whole bar stands for: the largest, unless it is far from all others.

    >>> _scale([1.0, 2.0, 3.0]), _scale([1.0, 2.0, 300.0])
    (3.0, 3.0)
    """
    ordered = sorted(values)
    while len(ordered) > 1 and ordered[-2] > 0 and ordered[-1] > BEYOND * ordered[-2]:
        ordered.pop()
        if len(ordered) < len(values):
            # Room for the torn end to be seen as longer than the longest whole one.
            return ordered[-1] * 1.5
    return ordered[-1] if ordered else 1.0


def _bar(words: Words, row: Entry, quantity: str, value: float | None, scale: float) -> str:
    if value is None:
        return '<span class="race-bar"></span>'
    torn = value > scale
    width = min(100.0, 100 * value / scale) if scale else 0.0
    pieces = [(1.0, "", "")]
    if (
        quantity in ("multiplies", "adds")
        and row.parts
        and sum(part[quantity == "adds"] for part in row.parts)
    ):
        numbers = [part[quantity == "adds"] for part in row.parts]
        pieces = [
            (number / sum(numbers), f"race-{part}", f"{words[f'race.parts.{part}']}: {number:,}")
            for part, number in zip(PARTS, numbers, strict=True)
            if number
        ]
    inner = "".join(
        f'<i class="{part}" style="width:{100 * share:.2f}%" title="{_quoted(title)}"></i>'
        for share, part, title in pieces
    )
    return (
        f'<span class="race-bar"><span class="race-fill{" race-torn" if torn else ""}" '
        f'style="width:{width:.2f}%;--race:{colour(row.engine)}">{inner}</span></span>'
    )


def key(words: Words) -> str:
    """Return what the patterns of a stacked bar mean."""
    entries = "".join(
        f'<span><i class="race-{part}"></i>{escape(words[f"race.parts.{part}"])}</span>' for part in PARTS
    )
    return f'<div class="race-key">{escape(words["race.parts.title"])} {entries}</div>'


def _quoted(text: str) -> str:
    return escape(text, quote=True)
