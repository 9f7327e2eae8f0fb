"""The controls of the four engines in lockstep, and what is said of each under the stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import kernel
from conv_view.address import Choice, Field, Ints, State
from conv_view.controls import convolution, picture_menus, pictures
from conv_view.controls.notices import fault_of, sentence
from conv_view.digits import powered, told
from conv_view.four_ways import ENGINES, Ways, four_ways
from conv_view.pictures import square
from conv_view.stage.component import Seen
from conv_view.text import Words

# The first is the largest of which every number is read on a projector, in whole tiles.
SIDES = ("4x6", "5", "6", "7", "8", "9", "10", "11", "12")
OUTPUTS = ("2", "4")


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on the stage, and the picture it comes from."""

    ways: Ways
    chosen: pictures.Chosen


def fields() -> tuple[Field, ...]:
    """Return the fields for the address."""
    return (
        *pictures.fields("cat"),
        Choice("side", SIDES[0], SIDES),
        Choice("m", "2", OUTPUTS),
        *convolution.fields(2, kernel_name="emboss", without=("cell", "bias")),
        Ints("cell", (0, 0, 0), 0, 10**6, length=3, quiet=True),
    )


def take_news(state: State, seen: Seen) -> None:
    """Keep the place where the stage rests, a kernel typed on it, a grid painted on it."""
    convolution.take_news(state, 2, seen)
    pictures.take_paint(state, seen)


def computed(state: State, chosen: pictures.Chosen) -> Shown:
    """Return what the fields ask for, in all ways; `WindowError` where no engine can."""
    settings = convolution.settings(state, 2)
    return _shown(state, chosen, settings.weight(1), settings.arguments())


def usual(state: State, chosen: pictures.Chosen) -> Shown:
    """Return what is shown for a link that asks for what cannot be."""
    return _shown(state, chosen, kernel("emboss")[None, None], {})


def _shown(
    state: State, chosen: pictures.Chosen, weight: NDArray[np.float32], arguments: dict[str, Any]
) -> Shown:
    few = chosen.grey if chosen.name == pictures.PAINTED else _few(chosen.grey, state["side"])
    x = few[None, None].astype(np.float32)
    return Shown(four_ways(x, weight, m=int(state["m"]), **arguments), chosen)


def _few(grey: NDArray[np.uint8], side: str) -> NDArray[np.uint8]:
    """Return the middle of a picture, reduced to a square, or to as many rows and columns as `side` says."""
    *rows, columns = map(int, side.split("x"))
    few = square(grey, columns)
    lost = max(0, len(few) - rows[0]) if rows else 0
    return few[lost // 2 : len(few) - (lost + 1) // 2]


def band(state: State, words: Words, chosen: pictures.Chosen) -> None:
    """Show the controls above the stage."""
    pictures.choose(state, words)
    painted = chosen.name == pictures.PAINTED
    picture_menus.side(state, words["lockstep.side"], SIDES, _size, painted=painted, width=92)
    convolution.kernel_menu(state, words, 2)
    convolution.window_band(state, words, 2)
    st.segmented_control(
        words["lockstep.m"],
        OUTPUTS,
        key=state.key("m"),
        required=True,
        format_func=lambda m: f"{m}×{m}",
        help=words["lockstep.m_help"],
    )
    convolution.more(state, words, 2, bias=False)


def _size(side: str) -> str:
    return side.replace("x", "×") if "x" in side else f"{side}×{side}"


def headings(words: Words, ways: Ways) -> dict[str, str]:
    """Return the engines' names; of Winograd's with what its tile makes."""
    taps = sorted(set(ways.trace.window.kernel))
    names = {engine: words[f"lockstep.engines.{engine}"] for engine in ENGINES}
    if ways.winograd is not None:
        sizes = f"{ways.m},{taps[0]}" if len(taps) == 1 else f"{ways.m},·"
        names["winograd"] += f" F({sizes})"
    return names


def refusal(words: Words, ways: Ways) -> str:
    """Return why Winograd's filtering cannot, and which engine can; nothing where it can."""
    if ways.refused is None:
        return ""
    told_by_core = sentence(words, "lockstep", fault_of(ways.refused))
    return words.together([told_by_core, words["lockstep.said.refused"], words["lockstep.refused"]])


def said(words: Words, ways: Ways) -> dict[str, str]:
    """Return what is said under the stage of each engine: what it multiplied for a cell, and for all."""
    trace = ways.trace
    cells, terms = int(np.prod(trace.shape)), int(np.prod(trace.window.kernel))
    total = {engine: f"{cost.multiplies:,}" for engine, cost in ways.costs.items()}
    texts = {
        "direct": words.say("lockstep.said.direct", terms=terms, total=total["direct"], cells=cells),
        "im2col": words.say("lockstep.said.im2col", terms=terms, total=total["im2col"], cells=cells),
        "fft": words.say(
            "lockstep.said.fft",
            multiplied=int(np.prod(ways.fft.products.shape[-2:])),
            waves=int(np.prod(ways.fft.size)),
            total=total["fft"],
            cells=cells,
        ),
        "winograd": words["lockstep.said.cannot"],
    }
    if ways.winograd is not None:
        stages = ways.winograd
        products = int(np.prod(stages.products.shape[-2:]))
        made = int(np.prod(stages.m))
        texts["winograd"] = words.say(
            "lockstep.said.winograd",
            products=products,
            made=made,
            each=told(products / made, 3),
            terms=terms,
            total=total["winograd"],
        )
    return texts


def verdict(words: Words, ways: Ways) -> str:
    """Return whether all results are equal, with the largest difference, measured on this very input."""
    worst = max(ways.apart, key=lambda engine: ways.apart[engine])
    most, count = ways.apart[worst], len(ways.engines)
    how_many = words[f"lockstep.count.{count}"]
    if most == 0:
        return words.say("lockstep.verdict.exact", count=how_many)
    return words.say(
        "lockstep.verdict.close",
        count=how_many,
        most=small(most),
        engine=words[f"lockstep.engines.{worst}"],
        largest=told(ways.largest, 5),
        share=small(most / ways.largest, 2) if ways.largest else "0",
    )


def small(value: float, figures: int = 3) -> str:
    """Return a number that is mostly rounding as a power of ten, zero as it is.

    >>> small(1.526e-5), small(0.25), small(0.0)
    ('1.53·10⁻⁵', '0.25', '0')
    """
    if value == 0 or value >= 0.001:
        return told(value, figures)
    return powered(value, figures)


def links(state: State, words: Words) -> None:
    """Show the way from each engine to its own page, with the same picture and kernel."""
    columns = st.columns(len(ENGINES), gap="small")
    for column, (page, query) in zip(columns, queries(state).items(), strict=True):
        label = words.say("lockstep.open", page=words[f"app.pages.{page}"])
        column.page_link(f"pages/{page}.py", label=label, icon=":material/open_in_new:", query_params=query)


def queries(state: State) -> dict[str, dict[str, str]]:
    """Return for each engine's page what a link to it carries, by the names that the page has for it."""
    carried = {
        name: field.write(state[name])
        for name, field in state.fields.items()
        if name not in ("cell", "m") and state[name] != field.default
    }
    # The kernel is told also where it is this page's usual one: another page's may be another.
    carried["kernel"] = state["kernel"]
    picture = {name: carried[name] for name in ("picture", "grid") if name in carried}
    picture.setdefault("picture", state["picture"])
    own = convolution.settings(state, 2).weight(1)[0, 0]
    square_kernel = own.shape[0] == own.shape[1] and own.shape[0] in (2, 3, 5)
    tiles = {"m": state["m"]}
    if square_kernel:
        tiles |= {
            "r": str(len(own)),
            "kernel2": "custom",
            "cells2": state.fields["cells"].write(tuple(own.ravel().tolist())),
        }
    sides = {"side": state["side"].split("x")[-1]}  # the other pages have squares
    kernels = {
        name: value
        for name, value in carried.items()
        if name.startswith(("kernel", "cells")) or name.split("_")[0] == state["kernel"].split("_")[0]
    }
    return {
        "conv2d": {name: value for name, value in carried.items() if name != "side"}
        | picture
        | {"part": "c12"},
        "im2col": carried | picture | sides,
        "winograd": picture | tiles,
        "fft": kernels | picture | {"kernel": state["kernel"]},
    }
