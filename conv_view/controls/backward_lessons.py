"""Below the stage of the way back, in chapters: the chain rule with its numbers, and what checks it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from conv_view import backward_code
from conv_view.address import State
from conv_view.controls.backward import followed
from conv_view.controls.backward_steps import steps
from conv_view.controls.backward_stride import stride
from conv_view.controls.chapters import opened
from conv_view.controls.listings import listings
from conv_view.digits import told
from conv_view.text import Words
from conv_view.way_back import ARRAYS, BIAS, INPUT, STEP, WEIGHT, Case, Part
from conv_view.written_sums import number, sum_of

NAMES = {INPUT: "X", WEIGHT: "W", BIAS: "b"}
FIGURES = 8  # of losses that differ by little


def tabs(words: Words, state: State, case: Case) -> None:
    """Show the chapters; only the open one is computed."""
    opened(words, state, "backward.tabs.{}", CHAPTERS)(words, state, case)


def chain(words: Words, state: State, case: Case) -> None:
    """Show the chain rule for the cell that is followed, with every number in its place."""
    name, at = choose(words, state, case)
    parts = case.parts(name, at)
    total = float(case.gradients[name][case.place(name, at)])
    st.markdown(_through(words, name, at, parts))
    st.latex(
        sum_of(
            rf"\frac{{\partial L}}{{\partial {_symbol(name, at)}}}",
            [_named(name, part) for part in parts],
            [(part.grad,) if name == BIAS else (part.grad, part.other) for part in parts],
            total,
        )
    )
    if any(name == WEIGHT and not _inside(case, part) for part in parts):
        st.markdown(words["backward.chain.padding"])
    st.caption(words["backward.chain.hint"])


def _through(words: Words, name: str, at: tuple[int, ...], parts: list[Part]) -> str:
    """Return through how many outputs the loss depends on a cell."""
    cell = _cell(name, at)
    if len(parts) < 2:
        return words.say(f"backward.chain.{name}_one" if parts else "backward.chain.none", cell=cell)
    # Through padding that copies it, an output may read a cell more than once.
    return words.say(f"backward.chain.{name}", cell=cell, count=len({part.out for part in parts}))


def check(words: Words, state: State, case: Case) -> None:
    """Hold the gradient that is followed against what the loss does, and then all of them."""
    name, at = choose(words, state, case)
    found = case.checked(name, at)
    symbol = _symbol(name, at)
    st.markdown(words.say("backward.check.text", cell=_cell(name, at), step=told(STEP)))
    low, high = (told(each, FIGURES).replace("−", "-") for each in (found.low, found.high))
    st.latex(
        rf"\frac{{L({symbol}+{STEP})-L({symbol}-{STEP})}}{{{2 * STEP}}}"
        rf"=\frac{{{high}-{f'({low})' if low.startswith('-') else low}}}{{{2 * STEP}}}"
        rf"\approx\mathbf{{{number(found.difference)}}}"
    )
    apart = told(abs(found.difference - found.gradient), 2)
    st.markdown(
        words.say("backward.check.one", cell=_cell(name, at), gradient=told(found.gradient, 6), apart=apart)
    )
    errors = case.errors()
    figures = {each: told(error, 2) for each, error in errors.items()}
    counts = {f"{each}_count": case.given[each].size for each in ARRAYS}
    st.markdown(words.say("backward.check.all", **figures, **counts))
    st.caption(words["backward.check.why"])


def code(words: Words, state: State, case: Case) -> None:
    """Show the same with PyTorch and NumPy."""
    st.markdown(words["backward.code"])
    listings({"**PyTorch**": backward_code.pytorch(case), "**NumPy**": backward_code.numpy(case)})


def choose(words: Words, state: State, case: Case) -> tuple[str, tuple[int, ...]]:
    """Show which gradient is followed, and return it with its cell (row, column)."""
    name, at = followed(state, case)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            words["backward.follow.label"],
            ARRAYS,
            key=state.key("of"),
            required=True,
            format_func=lambda each: f"d{NAMES[each]}",
        )
        if name == BIAS:
            return name, at
        sizes = case.given[name].shape[2:]
        for axis, (label, size) in enumerate(zip(("row", "column"), sizes, strict=True)):
            key = f"{state.page}_at_{label}"
            st.session_state[key] = at[axis]

            def moved(axis: int = axis, key: str = key) -> None:
                place = [*at]
                place[axis] = int(st.session_state[key])
                state.put("at", tuple(place))

            st.number_input(
                words[f"backward.follow.{label}"], 0, size - 1, key=key, on_change=moved, width=130
            )
    return name, at


def _inside(case: Case, part: Part) -> bool:
    return all(0 <= at < size for at, size in zip(part.cell, case.trace.x.shape[2:], strict=True))


def _symbol(name: str, at: tuple[int, ...]) -> str:
    return "b" if name == BIAS else f"{NAMES[name]}_{{{at[0]},{at[1]}}}"


def _cell(name: str, at: tuple[int, ...]) -> str:
    return "b" if name == BIAS else f"{NAMES[name]}[{at[0]}, {at[1]}]"


def _named(name: str, part: Part) -> str:
    grad = f"dY_{{{part.out[0]},{part.out[1]}}}"
    if name == BIAS:
        return grad
    row, column = part.tap if name == INPUT else part.cell
    return rf"{grad}\,{'W' if name == INPUT else 'X'}_{{{row},{column}}}"


CHAPTERS: dict[str, Callable[[Words, State, Case], None]] = {
    "chain": chain,
    "check": check,
    "stride": stride,
    "steps": steps,
    "code": code,
}
