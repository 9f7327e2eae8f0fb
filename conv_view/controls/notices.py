"""One line above the stage: the size formula with its numbers, or the one sentence about what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from html import escape

import streamlit as st

from conv_view.address import State
from conv_view.address_query import Ignored
from conv_view.formula import html, plain
from conv_view.part import Slid
from conv_view.text import Words, literal

Fault = tuple[str, dict[str, object]]
# Of a link that means nothing: values told in full, others named, letters of each.
MOST_TOLD, MOST_NAMED, MOST_LETTERS = 3, 9, 24
OF_FILES = ("errors.picture_", "errors.frames_")


def fault_of(error: ValueError) -> Fault:
    """Return the text key and the numbers of an error that carries a code (WindowError, PictureError ...)."""
    return f"errors.{error.code}", error.numbers  # type: ignore[attr-defined]


def faults_of(error: ValueError | None) -> tuple[Fault, ...]:
    """Return the fault of an error, if there is one."""
    return (fault_of(error),) if error else ()


def line(
    words: Words,
    state: State,
    trace: Slid | str | None,
    *faults: Fault | None,
    kept: str = "",
    rank: int = 2,
) -> None:
    """Show the first fault, a value in the link that was not understood, or else the size of the output.

    `trace` is a convolution or a pooling, or the formula of another operation over `rank` axes with its
    numbers in it, or plain words. `kept` is the key of what is said of the stage where a fault of the
    settings left something else on it than what is set, as `last_good` has it.
    """
    told = [fault for fault in faults if fault]
    if state.ignored and not told:
        told = [("notices.ignored", {"values": _ignored(words, state.ignored)})]
    if state.left_out and not told:
        told = [("notices.left_out", {"names": _labels(words, state.left_out)})]
    with st.container(key=f"notice_{state.page}"):
        if told:
            rank = rank if trace is None or isinstance(trace, str) else len(trace.pads)
            said = sentence(words, state.page, told[0], rank)
            st.markdown(f":red[:material/error:] {words.together([said, words[kept] if kept else ''])}")
        elif trace is not None:
            formula = trace if isinstance(trace, str) else size_formula(words, trace)
            typeset = html(formula)
            if typeset is None and (words_alone := plain(formula)) is not None:
                st.html(f'<p style="margin: 0">{words_alone}</p>', width="content")
            elif typeset is None:
                st.markdown(formula, width="content")
            else:
                # Not by st.markdown, which takes as long to parse a line as the stage to draw itself.
                st.html(f"<p>{typeset}{'' if formula is trace else _why(words)}</p>")


def _why(words: Words) -> str:
    """Return a question mark that shows the formula in general when it is pointed at or focused."""
    general = escape(words["notices.formula"])
    return f'<span class="why" tabindex="0" role="note" aria-label="{general}"><span>{general}</span></span>'


def sentence(words: Words, page: str, fault: Fault, rank: int | None = None) -> str:
    """Return what a fault says: an axis by its name, and for a file what would be accepted instead."""
    key, numbers = fault
    axis = numbers.get("axis")
    if rank and isinstance(axis, int) and 0 <= axis < rank:
        name = words[f"notices.axes.{_axes(rank)[axis]}"]
        numbers = numbers | {"axis": words.say("notices.axis", axis=axis, name=name)}
    if key == "picture.missing":
        numbers = numbers | {"name": words[f"picture.names.{numbers['name']}"]}
    accepted = ""
    if key.startswith(OF_FILES):
        accepted = " " + words[f"{page}.accepted" if f"{page}.accepted" in words else "picture.accepted"]
    return words.say(key, **_readable(words, key, numbers)) + accepted


def _readable(words: Words, key: str, numbers: dict[str, object]) -> dict[str, object]:
    """Return what an error says of a window as a page writes it: 3×3, a stride of 2, a method by its name."""
    told = dict(numbers)
    for field in ("kernel", "stride", "dilation"):
        value = told.get(field)
        if isinstance(value, tuple):
            alike = field != "kernel" and len(set(value)) == 1
            told[field] = value[0] if alike else "×".join(map(str, value))
    for field in ("given", "expected"):
        if key == "errors.grad_shape" and isinstance(shape := told.get(field), tuple) and len(shape) > 2:
            told[field] = _gradient_size(words, shape)
    for field in ("method", "instead"):
        told |= {field: words.get(f"race.engines.{told[field]}", told[field])} if field in told else {}
    return told


def _gradient_size(words: Words, shape: tuple[int, ...]) -> str:
    """Return the shape (1, O, *out) of a gradient as it is seen: rows and columns, of how many filters."""
    _, filters, *out = shape
    size = "×".join(map(str, out))
    return size if filters == 1 else words.say("notices.filters", count=filters, size=size)


def _axes(rank: int) -> tuple[str, ...]:
    return ("length",) if rank == 1 else ("z", "y", "x")[-rank:]


def size_formula(words: Words, trace: Slid) -> str:
    """Return the output size formula with the numbers of this window in it, axis by axis, as LaTeX.

    Source: the formulas of torch.nn.Conv2d's and torch.nn.MaxPool2d's documentation, with the padding of
    both sides. In ceil mode a last window that would begin in the padding behind the input is taken off.
    """
    names = _axes(len(trace.pads))
    parts = []
    for axis, name in enumerate(names):
        before, after = trace.pads[axis]
        window, size, count = trace.window, trace.x.shape[axis + 2], trace.shape[axis + 2]
        room, stride = size + before + after - window.span[axis], window.stride[axis]
        way, dropped = "floor", ""
        if window.ceil_mode:
            way = "ceil"
            dropped = "-1" if -(-room // stride) + 1 > count else ""
        parts.append(
            rf"${words[f'controls.sizes.{name}']}\;\Big\l{way}\tfrac{{{size}+{before}+{after}"
            rf"-{window.dilation[axis]}\cdot({window.kernel[axis]}-1)-1}}{{{stride}}}\Big\r{way}+1{dropped}"
            rf"=\mathbf{{{count}}}$"
        )
    return r" $\quad$ ".join(parts)


def _ignored(words: Words, values: Sequence[Ignored]) -> str:
    """Tell what the link said, value by value, and what it could have said."""
    told = []
    for name, given, (kind, numbers) in values[:MOST_TOLD]:
        takes = words.say(f"notices.takes.{kind}", **numbers)
        shown = given if len(given) <= MOST_LETTERS else f"{given[:MOST_LETTERS]}…"
        label = _labels(words, [name])
        told.append(words.say("notices.not_taken", name=label, given=literal(shown), takes=takes))
    rest = [name for name, *_ in values[MOST_TOLD:]]
    if rest:
        told.append(_labels(words, rest[:MOST_NAMED]) + ("…" if len(rest) > MOST_NAMED else ""))
    return reduce(lambda one, two: words.say("notices.both", one=one, two=two), told)


def _labels(words: Words, names: Iterable[str]) -> str:
    """Name values of the link as their controls do, where they have one."""
    return ", ".join(f"{words.get(f'controls.{name}', name)}" for name in names)
