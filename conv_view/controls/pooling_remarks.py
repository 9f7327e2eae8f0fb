"""Under the stage of a pooling: ties or divisors, overlaps, what nothing reads, NaN; with the numbers."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import PoolTrace
from conv_view.address import State
from conv_view.controls.left_out import left_out
from conv_view.digits import told
from conv_view.pooled import reads, tied, winners
from conv_view.text import Words


def show(words: Words, state: State, trace: PoolTrace, output: str = "") -> None:
    """Say what is to be noticed on the stage: ties or divisors, overlaps, what nothing reads, NaN.

    `output` is what the output is called there, if not by that name.
    """
    name = output or words["stage.output"]
    sentences = [_of_kind(words, state, trace, name), _overlap(words, trace), *left_out(words, trace)]
    count = int(np.isnan(trace.output).sum())
    if count:
        sentences.append(words.say(f"pooling.nan_outputs{'_one' if count == 1 else ''}", count=count))
    with st.container(key="pooling_remarks"):
        st.markdown(words.together(sentences))


def _of_kind(words: Words, state: State, trace: PoolTrace, name: str) -> str:
    if trace.kind == "lp":
        return words.say("pooling.norm", p=told(trace.p))
    if trace.kind == "avg":
        divisors = trace.divisors
        low, high = int(divisors.min()), int(divisors.max())
        if low == high:
            return words.say("pooling.divisor", divisor=high)
        fewer = int((divisors < high).sum())
        return words.say("pooling.divisors_differ", low=low, high=high, fewer=fewer, windows=divisors.size)
    ties = tied(trace)
    count, one = int(ties.sum()), "_one" if ties.size == 1 else ""
    if not count:
        return words.say(f"pooling.no_ties{one}", windows=ties.size)
    example = _example(state, trace, ties)
    return words.say(f"pooling.ties{one}", count=count, windows=ties.size, output=name, **example)


def _example(state: State, trace: PoolTrace, ties: NDArray[np.bool]) -> dict[str, object]:
    """Return the tie of the step at hand, or else the first one: its output, its value, where it stands."""
    here = tuple(min(at, size - 1) for at, size in zip(state["cell"][1:], trace.shape[1:], strict=True))
    out = (0, *here) if ties[(0, *here)] else tuple(int(at) for at in np.argwhere(ties)[0])
    cells = trace.window.cells(out[2:], trace.x.shape[2:])
    places = cells[winners(trace)[out]].tolist()
    return {
        "out": _place(out if trace.shape[1] > 1 else out[1:]),
        "value": told(float(trace.output[out])),
        "places": ", ".join(_place(place, 0) for place in places[:4]) + (" …" if len(places) > 4 else ""),
        "first": _place(places[0], 0),
    }


def _place(place: tuple[int, ...] | list[int], skip: int = 1) -> str:
    return "[" + ", ".join(str(at) for at in place[skip:]) + "]"


def _overlap(words: Words, trace: PoolTrace) -> str:
    most = 1
    for counts in reads(trace):
        most *= int(counts.max())
    if most > 1:
        return words.say("pooling.overlap", most=most)
    return words["pooling.single" if trace.output[0, 0].size == 1 else "pooling.side_by_side"]
