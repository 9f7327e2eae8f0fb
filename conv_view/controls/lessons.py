"""Depth on demand, below the stage: sharing, flipping, cost and code, each computed for what is on screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from math import floor, log10
from typing import Any

import numpy as np
import streamlit as st

from conv_core import ConvTrace, conv_cost, sharing
from conv_view import code
from conv_view.address import State
from conv_view.bars import bars
from conv_view.controls.chapters import chapter
from conv_view.controls.convolution import Settings
from conv_view.controls.listings import listings
from conv_view.text import Words

MOST_BESIDE = 9  # columns of a volume's slices beside each other
MOST_LARGE = 4  # columns of a matrix that is set in full size
LESSONS = ("sharing", "flip", "cost", "code")


def convolution(
    words: Words,
    state: State,
    trace: ConvTrace,
    settings: Settings,
    own: Mapping[str, Callable[[], None]] | None = None,
) -> None:
    """Show the chapters, last a page's `own` (by name, what shows it); only the open one is computed."""
    own = own or {}
    titles = {name: words[f"lessons.{name}.tab"] for name in LESSONS}
    titles |= {name: words[f"{state.page}.{name}.tab"] for name in own}
    name = chapter(state, titles, words["lessons.chapters"])
    if name in own:
        own[name]()
    else:
        shows = dict(zip(LESSONS, (_sharing, _flip, _cost, _code), strict=True))
        shows[name](words, state, trace, settings)


def _sharing(words: Words, state: State, trace: ConvTrace, settings: Settings) -> None:
    counts = sharing(
        trace.x.shape, trace.weight.shape, bias=trace.bias is not None, **settings.arguments_of_cost()
    )
    kinds = (
        ("dense", counts.dense, "plain"),
        ("local", counts.local, "window"),
        ("shared", counts.shared, "kernel"),
    )
    said = words.say(
        "lessons.sharing.text",
        window=trace.weight[0].size,
        inputs=f"{trace.x[0].size:,}",
        outputs=f"{int(np.prod(trace.shape)):,}",
    )
    halves = []
    for what in ("connections", "parameters"):
        rows = [
            (words[f"lessons.sharing.{name}"], getattr(wiring, what), role) for name, wiring, role in kinds
        ]
        drawn = bars(rows, words["lessons.sharing.note"])
        title = escape(words[f"lessons.sharing.{what}"])
        halves.append(f'<div style="flex:1 1 20em"><p><b>{title}</b></p>{drawn}</div>')
    # One piece and not six: every piece of a page costs with every move of a slider.
    st.html(
        f'<p>{escape(said)}</p><div style="display:flex;flex-wrap:wrap;gap:1.5em 3em">{"".join(halves)}</div>'
    )


def _flip(words: Words, state: State, trace: ConvTrace, settings: Settings) -> None:
    st.markdown(words["lessons.flip.text"])
    key = f"{state.page}_flip_here"
    st.session_state[key] = state["flip"]
    st.toggle(words["controls.flip"], key=key, on_change=lambda: state.put("flip", st.session_state[key]))
    typed, turned, formula = st.columns([1, 1, 2], gap="large")
    weight = trace.weight[0]
    unflipped = np.flip(weight, tuple(range(1, weight.ndim))) if settings.flipped else weight
    now = f" {words['lessons.flip.now']}"
    typed.markdown(words["lessons.flip.typed"] + ("" if settings.flipped else now))
    # Channels are not turned, so one shows what happens; of a filter over words all are shown.
    seen: Any = slice(None) if weight.ndim == 2 else 0
    typed.markdown(matrix(unflipped[seen]))
    turned.markdown(words["lessons.flip.turned"] + (now if settings.flipped else ""))
    turned.markdown(matrix(np.flip(unflipped, tuple(range(1, unflipped.ndim)))[seen]))
    if not _fits(weight[seen]):
        turned.caption(words.say("lessons.flip.middle", slices=len(weight[0])))
    rank = len(trace.pads)
    formula.markdown(words["lessons.flip.formula" if rank == 2 else f"lessons.flip.formula_{rank}"])
    same = bool(np.array_equal(weight, np.flip(weight, tuple(range(1, weight.ndim)))))
    formula.markdown(words["lessons.flip.same" if same else "lessons.flip.differs"])


def _cost(words: Words, state: State, trace: ConvTrace, settings: Settings) -> None:
    rows = []
    for method in ("direct", "im2col"):
        cost = conv_cost(
            trace.x.shape, trace.weight.shape, bias=trace.bias is not None, method=method,
            **settings.arguments_of_cost(),
        )  # fmt: skip
        numbers = " | ".join(f"{number:,}" for number in (cost.multiplies, cost.adds, cost.workspace))
        rows.append(f"| {words[f'lessons.cost.{method}']} | {numbers} |")
    heads = [words[f"lessons.cost.{name}"] for name in ("method", "multiplies", "adds", "workspace")]
    st.markdown("\n".join([f"| {' | '.join(heads)} |", "|---|---:|---:|---:|", *rows]))
    st.markdown(words["lessons.cost.text"])


def _code(words: Words, state: State, trace: ConvTrace, settings: Settings) -> None:
    _, *index = state["cell"]
    place = [min(at, size - 1) for at, size in zip((0, *index[1:]), trace.shape, strict=True)]
    snippets = {
        "step": code.numpy_step(trace, int(np.ravel_multi_index(place, trace.shape))),
        "torch": code.pytorch(trace),
        "keras": code.keras(trace),
    }
    listings({words[f"lessons.code.{name}"]: snippet for name, snippet in snippets.items()})


def matrix(values: np.ndarray) -> str:
    """Return a vector, a matrix, or a volume slice by slice as LaTeX; of a large volume its middle slice."""
    if values.ndim == 3 and not _fits(values):
        values = values[len(values) // 2]
    if values.ndim == 3:
        set_out = " \\; ".join(_bracketed(_cells(one), small=True) for one in values)
    else:
        flat = np.atleast_2d(values)
        set_out = _bracketed(_cells(flat), small=flat.shape[1] > MOST_LARGE)
    # On lines of its own it is a block, which can be pushed sideways where it is wider than its column.
    return f"$$\n{set_out}\n$$"


def _bracketed(cells: str, *, small: bool) -> str:
    kind = "smallmatrix" if small else "matrix"
    return f"\\left[\\begin{{{kind}}}{cells}\\end{{{kind}}}\\right]"


def _fits(values: np.ndarray) -> bool:
    """Tell whether the slices of a volume have room beside each other."""
    return values.ndim < 3 or values.shape[0] * values.shape[2] <= MOST_BESIDE


def _cells(values: np.ndarray) -> str:
    most = float(np.abs(values).max()) or 1.0
    decimals = min(9, max(0, 3 - floor(log10(most))))
    return " \\\\ ".join(" & ".join(_short(value, decimals) for value in row) for row in values)


def _short(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
