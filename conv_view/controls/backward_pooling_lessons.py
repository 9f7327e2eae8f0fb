"""Below the stage of the way back through a pooling: formula, finite differences, unpooling, code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import WindowError, max_unpool
from conv_view import pooling_backward_code
from conv_view.address import State
from conv_view.controls.backward_pooling import Shown
from conv_view.controls.chapters import opened
from conv_view.controls.listings import listings
from conv_view.controls.notices import fault_of, sentence
from conv_view.digits import bracketed, signs, told, written
from conv_view.pooled_check import Check, check, parts
from conv_view.pooled_paths import paths, watched
from conv_view.scene import Scale
from conv_view.stage.component import show
from conv_view.stories.walls import wall
from conv_view.text import Words

MOST_TERMS = 12  # gradients of a sum that are written out
STEP = 1e-3
DECIMALS = 4  # of the differences that are drawn

GENERAL = {
    "max": r"\frac{\partial L}{\partial x_p}=\sum_{o\,:\,\operatorname{argmax}(o)=p} dY_o",
    "avg": r"\frac{\partial L}{\partial x_p}=\sum_{o\,\ni\,p} dY_o\cdot\frac{1}{n_o}",
    "lp": r"\frac{\partial L}{\partial x_p}=\sum_{o\,\ni\,p} dY_o\cdot"
    r"\operatorname{sign}(x_p)\left(\frac{|x_p|}{y_o}\right)^{P-1}",
}


def tabs(words: Words, state: State, shown: Shown) -> None:
    """Show the chapters; only the open one is computed."""
    opened(words, state, "backward_pooling.{}.tab", CHAPTERS)(words, state, shown)


def _formula(words: Words, state: State, shown: Shown) -> None:
    """Show the formula, and its numbers for a cell of the window at which the stage stands."""
    trace = shown.trace
    st.markdown(words[f"backward_pooling.formula.{trace.kind}"])
    st.latex(GENERAL[trace.kind].replace("{P-1}", f"{{{trace.p:g}-1}}"))
    if trace.kind == "avg":
        every = "all" if trace.count_include_pad else "own"
        st.markdown(words[f"backward_pooling.formula.divisor_{every}"])
    if _is_flat(shown):
        st.markdown(words["backward_pooling.formula.zero"])
    place = watched(trace, tuple(state["cell"][1:]))
    _, _, row, column = place
    name = f"X[{row}, {column}]"
    found = paths(trace, place)
    if not found:
        st.markdown(words.say("backward_pooling.formula.nothing", place=name))
        return
    st.markdown(words.say("backward_pooling.formula.here", place=name))
    symbols = " + ".join(
        f"dY_{{{','.join(map(str, path.out[2:]))}}}" + ("" if trace.kind == "max" else r"\cdot d")
        for path in found[:MOST_TERMS]
    )
    numbers = " + ".join(_term(shown, place, path.out) for path in found[:MOST_TERMS])
    if len(found) > MOST_TERMS:
        rest = words.say("backward_pooling.formula.more", count=len(found) - MOST_TERMS)
        numbers += rf" + \text{{{rest}}}"
    value = written(float(shown.back[place]), 6)
    left = symbols if trace.kind == "max" else ""
    middle = rf"&={left} \\ " if left else ""
    st.latex(
        rf"\begin{{aligned}}dX_{{{row},{column}}} {middle}&={numbers} \\ &=\mathbf{{{value}}}\end{{aligned}}"
    )


def _is_flat(shown: Shown) -> bool:
    """Tell whether a norm is 0 somewhere."""
    return shown.trace.kind == "lp" and bool((shown.trace.output == 0).any())


def _term(shown: Shown, place: tuple[int, ...], out: tuple[int, ...]) -> str:
    """Return what an output sends back to a cell; pixels are not negative, so a norm needs no sign."""
    trace, grad = shown.trace, bracketed(float(shown.grad[out]))
    if trace.kind == "max":
        return grad
    if trace.kind == "avg":
        return rf"{grad}\cdot\tfrac{{1}}{{{int(trace.divisors[out[2:]])}}}"
    x, y = written(float(trace.x[place])), written(float(trace.output[out]))
    return rf"{grad}\cdot\left(\tfrac{{{x}}}{{{y}}}\right)^{{{trace.p - 1:g}}}"


def _check(words: Words, state: State, shown: Shown) -> None:
    """Hold dX against central differences, and say where they differ and why."""
    found = check(shown.trace, shown.grad, shown.back, shown.loss, STEP)
    st.markdown(words.say("backward_pooling.check.text", step=told(STEP)))
    maps = {
        "back": (words["backward_pooling.check.back"], shown.back[0]),
        "tried": (words["backward_pooling.check.tried"], _short(found.tried[0])),
        "difference": (words["backward_pooling.check.difference"], _short(found.difference[0])),
    }
    scale = Scale.diverging(np.concatenate([values.ravel() for _, values in maps.values()]))
    show(
        wall(maps, words, words["backward_pooling.check.tab"], role="gradient", scale=scale),
        key="backward_pooling_check",
        aspect=0.34,
    )
    cells = shown.back.size
    if not found.count:
        st.markdown(words.say("backward_pooling.check.agree", cells=cells, off=told(found.rest, 2)))
        return
    said = [
        words.say(
            "backward_pooling.check.kinks",
            count=found.count,
            cells=cells,
            off=told(found.most, 4),
            rest=told(found.rest, 2),
        )
    ]
    if found.at_kinks:
        every = "_all" if found.at_kinks == found.count else ""
        said.append(words.say(f"backward_pooling.check.ties{every}", tied=found.at_kinks))
    said.append(_example(words, shown, found))
    st.markdown(words.together(said))


def _example(words: Words, shown: Shown, found: Check) -> str:
    """Return both numbers of a cell where they differ, and of a maximum what each window gives to them.

    The cell is the one that fewest windows meet in, and of those the one with the largest difference.
    """
    held = parts(shown.trace, shown.grad) if found.at_kinks else {}
    differing = [place for place in held if found.differs[place]]
    place = min(differing, key=lambda at: (len(held[at]), -abs(found.difference[at])), default=found.worst)
    back, tried = told(float(shown.back[place])), told(round(float(found.tried[place]), 9))
    _, _, row, column = place
    numbers = {"row": row, "column": column, "back": back, "tried": tried}
    if place not in held:
        return words.say("backward_pooling.check.example", **numbers)
    windows = held[place]
    whole = " + ".join(_in_list(part.grad) if part.first else "0" for part in windows)
    halves = " + ".join(f"{'½·' if part.shared else ''}{_in_list(part.grad)}" for part in windows)
    one = "_one" if len(windows) == 1 else ""
    return words.say(
        f"backward_pooling.check.example_max{one}",
        **numbers,
        windows=len(windows),
        whole=whole,
        halves=halves,
    )


def _in_list(value: float) -> str:
    """Return a number as one of a sum, in brackets where it is negative."""
    return signs(bracketed(value))


def _short(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return values without the last digits, which are rounding and would fill every cell."""
    return np.round(values, DECIMALS).astype(np.float32)


def _unpool(words: Words, state: State, shown: Shown) -> None:
    """Show the maxima back in their places."""
    trace = shown.trace
    if trace.argmax is None:
        st.markdown(words["backward_pooling.unpool.no_place"])
        return
    st.markdown(words["backward_pooling.unpool.text"])
    window = trace.window
    try:
        unpooled = max_unpool(
            trace.output, trace.argmax, window.kernel, stride=window.stride, padding=window.padding,
            output_size=trace.x.shape[2:],
        )  # fmt: skip
    except WindowError as error:
        why = sentence(words, state.page, fault_of(error), 2)
        st.markdown(words.say("backward_pooling.unpool.refused", why=why))
        return
    maps = {
        "output": (words["backward_pooling.unpool.output"], trace.output[0]),
        "unpooled": (words["backward_pooling.unpool.unpooled"], unpooled[0]),
    }
    title = words["backward_pooling.unpool.tab"]
    scale = Scale("grey", 0, max(1.0, float(trace.x.max())))
    show(wall(maps, words, title, scale=scale), key="backward_pooling_unpool", aspect=0.34)


def _code(words: Words, state: State, shown: Shown) -> None:
    said = [words["backward_pooling.code.text"]]
    if shown.trace.kind == "max":
        said.append(words["backward_pooling.code.ties"])
    if _is_flat(shown) and "unfold" in pooling_backward_code.pytorch(shown.trace, shown.grad):
        said.append(words["backward_pooling.code.zero"])
    st.markdown(words.together(said))
    made = shown.trace, shown.grad
    listings(
        {
            "**PyTorch**": pooling_backward_code.pytorch(*made),
            "**NumPy**": pooling_backward_code.numpy(*made),
        }
    )


CHAPTERS: dict[str, Callable[[Words, State, Shown], None]] = {
    "formula": _formula,
    "check": _check,
    "unpool": _unpool,
    "code": _code,
}
