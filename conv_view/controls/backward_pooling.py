"""The controls of the way back through a pooling: which fields live in the link, what they mean together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import PoolTrace
from conv_view.address import Choice, Field, Ints, State
from conv_view.controls import given_gradient, picture_menus, pictures, pooling
from conv_view.controls.backward_matrices import LEVELS, levelled
from conv_view.digits import told
from conv_view.given_gradient import ONE, ONES, RANDOM, TYPED
from conv_view.pictures import square
from conv_view.pooled import Pooling
from conv_view.stage.component import Seen
from conv_view.text import Words

SIDES = ("4", "5", "6", "7", "8", "9", "10", "12")
DEFAULTS = {"window": "3", "stride": "2"}
ROUNDING = 1e-12  # of the largest given gradient: what is below is none
# What the page of pooling has beside its window: its picture, its part, its chapters.
_OWN = ("colour", "part", "at", "nan", "cell", "shift")


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on the stage: the pooling of a few cells, the gradient of its output and of its input."""

    settings: Pooling
    trace: PoolTrace
    grad: NDArray[np.float64]
    back: NDArray[np.float64]
    chosen: pictures.Chosen

    def loss(self, x: NDArray[np.float64]) -> float:
        """Return the loss of which the gradient is given: the sum of gradient times output, at another x."""
        return float((self.grad * self.settings.trace(x).output).sum())


def fields() -> tuple[Field, ...]:
    """Return the fields for the address."""
    window = [
        replace(field, default=DEFAULTS.get(field.name, field.default))  # type: ignore[type-var]
        for field in pooling.fields()
        if field.name not in _OWN
    ]
    return (
        *window,
        Choice("side", "7", SIDES),
        Choice("levels", "9", LEVELS),
        *given_gradient.fields(RANDOM, (ONES, ONE, RANDOM, TYPED)),
        Ints("cell", (0,) * 4, 0, 10**6, length=4, quiet=True),
    )


def take_news(state: State, seen: Seen, shape: tuple[int, ...] | None) -> None:
    """Keep the place where the stage rests, and a gradient of this `shape` that was typed on it."""
    if seen.cell is not None:
        state.put("cell", seen.cell)
    if shape is not None:
        given_gradient.take_edit(state, seen, "gradient", shape)


def computed(state: State, chosen: pictures.Chosen, settings: Pooling) -> Shown:
    """Return what the fields ask for; `WindowError` where that cannot be."""
    trace = settings.trace(_cells(state, chosen))
    grad = given_gradient.array(state, trace.shape).astype(np.float64)
    return Shown(settings, trace, grad, _sent_back(settings, grad, trace.x), chosen)


def usual(state: State, chosen: pictures.Chosen) -> Shown:
    """Return what is shown for a link that asks for what cannot be: halves, and a gradient of ones."""
    x = _cells(state, chosen)
    plain = pooling.PLAIN if min(x.shape[2:]) > 1 else replace(pooling.PLAIN, whole=True)
    trace = plain.trace(x)
    grad = np.ones(trace.shape)
    return Shown(plain, trace, grad, _sent_back(plain, grad, x), chosen)


def _sent_back(settings: Pooling, grad: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gradient of x; shares that cancel, but for their rounding, are 0."""
    back: NDArray[np.float64] = settings.backward(grad, x)
    return np.where(np.abs(back) > ROUNDING * np.abs(grad).max(), back, 0.0)


def _cells(state: State, chosen: pictures.Chosen) -> NDArray[np.float64]:
    if chosen.name == pictures.PAINTED:  # it stays as it is: what the brush has left there is what is kept
        return chosen.grey[None, None].astype(np.float64)
    few = square(chosen.grey, int(state["side"]))
    return levelled(few[None, None].astype(np.float32), int(state["levels"])).astype(np.float64)


def band(state: State, words: Words, shown: Shown) -> None:
    """Show the controls above the stage."""
    pictures.choose(state, words)
    painted = shown.chosen.name == pictures.PAINTED
    picture_menus.side(
        state, words["backward_pooling.side"], SIDES, "{0}×{0}".format, painted=painted, width=88
    )
    pooling.band(state, words)
    given_gradient.menu(state, words, lambda: shown.grad)
    pooling.more(state, words, lambda: _rarer(state, words, shown))


def _rarer(state: State, words: Words, shown: Shown) -> None:
    given_gradient.details(state, words, lambda: shown.grad)
    st.segmented_control(
        words["backward_matrices.levels"],
        LEVELS,
        key=state.key("levels"),
        required=True,
        format_func=lambda name: words[f"backward_matrices.levels_of.{name}"],
    )


def sentence(words: Words, shown: Shown) -> str:
    """Return how much gradient sets out and arrives, why the two differ, and how many cells it reaches."""
    given, arrived = told(float(shown.grad.sum())), told(_total(shown.back))
    why = "" if given == arrived else words[f"backward_pooling.sums_{shown.trace.kind}"]
    reached = words.say(
        "backward_pooling.reached", reached=int((shown.back != 0).sum()), cells=shown.back.size
    )
    return words.together([words.say("backward_pooling.sums", given=given, arrived=arrived), why, reached])


def _total(back: NDArray[np.float64]) -> float:
    """Return the sum without its rounding."""
    total = float(back.sum())
    return total if abs(total) > ROUNDING * float(np.abs(back).sum()) else 0.0
