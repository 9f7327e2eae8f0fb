"""The chapters below the four engines: one number followed through each, what differs, the code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from conv_core import counted, method_error
from conv_view import lockstep_code, one_number
from conv_view.address import State
from conv_view.controls.chapters import opened
from conv_view.controls.lockstep import small
from conv_view.digits import told
from conv_view.four_ways import ENGINES, Ways
from conv_view.text import Words

CHAPTERS = ("number", "differs", "code")
MOST_MATRIX = 6  # cells a side up to which matrices are written out


def chapters(words: Words, state: State, ways: Ways) -> None:
    """Show the chapters; only the open one is computed."""
    place = tuple(min(at, size - 1) for at, size in zip(state["cell"][1:], ways.trace.shape[2:], strict=True))
    shows: tuple[Callable[[], None], ...] = (
        lambda: _number(words, ways, place),
        lambda: _differs(words, ways),
        lambda: _code(words, ways, place),
    )
    opened(words, state, "lockstep.tabs.{}", dict(zip(CHAPTERS, shows, strict=True)))()


def _number(words: Words, ways: Ways, place: tuple[int, ...]) -> None:
    """The value of the step's cell, computed four times before the reader's eyes."""
    st.markdown(words.say("lockstep.number.text", row=place[0], col=place[1]))
    told_of = {
        engine: words.say(
            "lockstep.number.way",
            engine=words[f"lockstep.engines.{engine}"],
            text=words[f"lockstep.number.{engine}"],
        )
        for engine in ENGINES
    }
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(told_of["direct"])
        st.latex(one_number.sliding(ways, place))
        st.markdown(told_of["im2col"])
        st.latex(one_number.row_by_column(ways, place))
        st.markdown(told_of["fft"])
        formula, others = one_number.from_waves(ways, place)
        st.latex(formula)
        if others:
            st.caption(words.say("lockstep.number.others", count=others))
    with right:
        st.markdown(told_of["winograd"])
        if ways.winograd is None:
            st.markdown(words["lockstep.said.refused"])
            return
        kernels, data, products, cell = one_number.entry(ways, place)
        if max(ways.winograd.products.shape[-2:]) <= MOST_MATRIX:
            st.latex(kernels)
            st.latex(data)
            st.latex(products)
        else:
            st.caption(words["lockstep.number.on_stage"])
        st.latex(cell)


def _differs(words: Words, ways: Ways) -> None:
    """Operations by formula and as counted while computing, memory, and rounding, engine by engine."""
    x, weight = ways.trace.x, ways.trace.weight
    cells = int(np.prod(ways.trace.shape))
    rows = []
    for engine in ways.engines:
        cost, options = ways.costs[engine], ways.options(engine)
        noted = "–"
        if engine != "fft":  # NumPy transforms no numbers that count
            tally = counted(x, weight, **ways.geometry, **options, method=engine)
            noted = f"{tally.multiplies:,} / {tally.adds:,}"
        error = method_error(x, weight, **ways.arguments, **options, method=engine)
        rows.append(
            [
                words[f"lockstep.engines.{engine}"],
                f"{cost.multiplies:,} / {cost.adds:,}",
                noted,
                told(cost.multiplies / cells, 3),
                f"{cost.workspace:,}",
                small(ways.apart[engine]),
                small(error, 2),
            ]
        )
    heads = [words[f"lockstep.differs.{name}"] for name in ("engine", "formula", "counted", "each")]
    heads += [words[f"lockstep.differs.{name}"] for name in ("memory", "apart", "error")]
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
    st.markdown(words["lockstep.differs.text"])
    if ways.refused is not None:
        st.markdown(words["lockstep.said.refused"])


def _code(words: Words, ways: Ways, place: tuple[int, ...]) -> None:
    st.markdown(words["lockstep.code"])
    st.code(lockstep_code.four(ways, place), language="python")
