"""One line above the stage: the size formula with its numbers, or the one sentence about what is wrong."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from conv_view.address import State
from conv_view.part import Slid
from conv_view.text import Words

Fault = tuple[str, dict[str, object]]


def fault_of(error: ValueError) -> Fault:
    """Return the text key and the numbers of an error that carries a code (WindowError, PictureError ...)."""
    return f"errors.{error.code}", error.numbers  # type: ignore[attr-defined]


def line(words: Words, state: State, trace: Slid | str | None, *faults: Fault | None) -> None:
    """Show the first fault, a value in the link that was not understood, or else the size of the output.

    `trace` is a convolution or a pooling, or the formula of another operation with its numbers in it.
    """
    told = [fault for fault in faults if fault]
    if state.ignored and not told:
        told = [("notices.ignored", {"names": _labels(words, state.ignored)})]
    if state.left_out and not told:
        told = [("notices.left_out", {"names": _labels(words, state.left_out)})]
    with st.container(key=f"notice_{state.page}"):
        if told:
            key, numbers = told[0]
            st.markdown(f":red[:material/error:] {words.say(key, **numbers)}")
        elif trace is not None:
            st.markdown(trace if isinstance(trace, str) else size_formula(words, trace))


def size_formula(words: Words, trace: Slid) -> str:
    """Return the output size formula with the numbers of this window in it, axis by axis, as LaTeX.

    Source: the formulas of torch.nn.Conv2d's and torch.nn.MaxPool2d's documentation, with the padding of
    both sides. In ceil mode a last window that would begin in the padding behind the input is taken off.
    """
    names = ("length",) if len(trace.pads) == 1 else ("z", "y", "x")[-len(trace.pads) :]
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


def _labels(words: Words, names: Iterable[str]) -> str:
    """Name values of the link as their controls do, where they have one."""
    return ", ".join(f"{words.get(f'controls.{name}', name)}" for name in names)
