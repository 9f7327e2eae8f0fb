"""Below the stage of a kernel that learns: what was measured, other rates, one step, why it is slow."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, isfinite, log

import numpy as np
import streamlit as st

from conv_core import Trail
from conv_view import learned_code, learned_formula
from conv_view.address import State
from conv_view.controls.chapters import opened
from conv_view.controls.convolution import NARROW
from conv_view.controls.listings import listings
from conv_view.digits import percent, rough, told
from conv_view.learned import Learned
from conv_view.scene import Scale
from conv_view.stage.component import show
from conv_view.stories.walls import wall
from conv_view.text import Words

RATES = (0.02, 0.1, 0.3, 0.6, 0.95, 1.05)  # shares of the largest
MOST_SHOWN = 9  # directions that are shown


def tabs(words: Words, state: State, shown: Learned) -> None:
    """Show the chapters; only the open one is computed."""
    opened(words, state, "learn.{}.tab", CHAPTERS)(words, state, shown)


def _measured(words: Words, state: State, shown: Learned) -> None:
    trail = shown.trail
    rows = [
        ("loss", *(rough(trail.losses[at], 4) for at in (0, -1))),
        ("distance", *(rough(trail.distances[at], 4) for at in (0, -1))),
        ("steepest", *(rough(float(np.abs(trail.gradients[at]).max()), 4) for at in (0, -1))),
    ]
    head = words["learn.measured.head"]
    table = [f"| {head} |", "|---|---:|---:|"]
    table += [f"| {words[f'learn.measured.{name}']} | {first} | {last} |" for name, first, last in rows]
    left, right = st.columns([3, 2], gap="large")
    left.markdown("\n".join(table))
    times = [
        f"| {percent(share)} | {'–' if (step := trail.reached(share)) is None else step} |"
        for share in (0.5, 0.1, 0.01, 0.001)
    ]
    right.markdown("\n".join([f"| {words['learn.measured.times']} |", "|---:|---:|", *times]))
    st.markdown(words["learn.measured.text"])


def _rates(words: Words, state: State, shown: Learned) -> None:
    from conv_view import learned_figures

    own = words.say("learn.rates.own", rate=rough(shown.trail.lr))
    whole = "" if shown.trail.drawn is None else "_whole"
    trails = _other_rates(shown)
    named: dict[str, Trail] = {f"{told(trail.lr, 2)}": trail for trail in trails} | {own: shown.trail}
    dark = st.context.theme.type == "dark"
    st.markdown(words[f"learn.rates.text{whole}"])
    left, right = st.columns([3, 2], gap="medium")
    across, up = words["learn.rates.step"], words["learn.rates.loss"]
    with left:
        figure = learned_figures.losses(named, own, across=across, up=up, dark=dark)
        st.plotly_chart(figure, theme=None, config=learned_figures.figures.CONFIG, key="learn_losses")
    with right:
        figure = learned_figures.by_rate(
            named, own, shown.largest_rate, across=words["learn.rate"],
            up=words.say("learn.rates.after", steps=shown.asked.steps),
            bound=words.say(f"learn.rates.bound{whole}", rate=told(shown.largest_rate, 3)), dark=dark,
        )  # fmt: skip
        st.plotly_chart(figure, theme=None, config=learned_figures.figures.CONFIG, key="learn_rates")


def _other_rates(shown: Learned) -> list[Trail]:
    """Return descents with other rates, once for as long as the rest stays."""
    kept = st.session_state.get("learn:rates")
    if kept is None or kept[0] is not shown:
        kept = shown, [shown.with_rate(share * shown.largest_rate) for share in RATES]
        st.session_state["learn:rates"] = kept
    return list(kept[1])


def _formula(words: Words, state: State, shown: Learned) -> None:
    trail = shown.trail
    rows, cols = trail.target.shape
    at_end = state["cell"][1] >= len(trail)  # where the page has taken no further step
    step = len(trail) - 1 if at_end else state["cell"][1]
    choice, formula = st.columns([1, 3], gap="large")
    with choice:
        told_at = "learn.formula.last" if at_end else "learn.formula.at"
        st.markdown(words.say(told_at, step=step, next=step + 1))
        weights = [(row, col) for row in range(rows) for col in range(cols)]
        st.selectbox(
            words["learn.formula.weight"],
            state_weights(state, weights),
            key=state.key("weight"),
            format_func=lambda at: f"w[{at[0]}, {at[1]}]",
            width=NARROW + 40,
        )
    at = state["weight"]
    with formula:
        seen = trail.wanted.size if trail.drawn is None else trail.drawn.shape[1]
        how = "" if trail.drawn is None else "_one" if seen == 1 else "_few"
        st.markdown(words.say(f"learn.formula.slope{how}", count=seen))
        st.latex(learned_formula.slope(trail, step, at))
        st.markdown(words["learn.formula.momentum" if trail.momentum else "learn.formula.update"])
        st.latex(learned_formula.update(trail, step, at))


def state_weights(state: State, weights: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the places of a kernel; one that a smaller kernel has no more gives way to the first."""
    state.among("weight", weights)
    return weights


def _slow(words: Words, state: State, shown: Learned) -> None:
    values, condition = shown.curve.values[::-1], shown.curve.condition
    st.markdown(words["learn.slow.text"])
    flattest = float(values[-1])
    key = "numbers" if isfinite(condition) else "flat"
    said = words.say(
        f"learn.slow.{key}",
        high=told(values[0]),
        low=told(flattest),
        condition=told(condition, 3),
    )
    st.markdown(words.together([said, _plain_speed(words, shown, flattest)]))
    title = words["learn.slow.directions"]
    panels = {
        f"direction{number}": (told(value, 3), each[None].astype(np.float32))
        for number, (value, each) in enumerate(zip(values, shown.curve.kernels[::-1], strict=True))
        if number in _some(len(values))
    }
    st.markdown(title)
    scene = wall(panels, words, title, role="kernel", scale=Scale("diverging", -1, 1))
    show(scene, key="learn_directions", aspect=0.14)
    _left(words, state, shown)


def _some(count: int) -> list[int]:
    """Return which of so many directions are shown: all, or of many the steepest and the flattest."""
    half = MOST_SHOWN // 2
    return [*range(count)] if count <= MOST_SHOWN else [*range(half + 1), *range(count - half, count)]


def _left(words: Words, state: State, shown: Learned) -> None:
    """Tell what is left of the error in each direction at the step on the stage, and what theory leaves."""
    step = min(state["cell"][1], len(shown.trail))
    left, predicted = shown.left(step), shown.predicted(step)
    some = _some(len(left))
    # A row for each direction: a column for each is wider than a phone.
    columns = [
        [words["learn.slow.curvature"], *(told(shown.curve.values[::-1][at], 3) for at in some)],
        [words.say("learn.slow.left", step=step), *(_part(left[at]) for at in some)],
    ]
    if predicted is not None:
        columns.append([words["learn.slow.predicted"], *(_part(predicted[at]) for at in some)])
    head, *rows = (f"| {' | '.join(line)} |" for line in zip(*columns, strict=True))
    st.markdown("\n".join([head, "|" + "---:|" * len(columns), *rows]))
    if predicted is not None:
        st.markdown(words["learn.slow.theory"])


def _part(share: float) -> str:
    """Return a share of an error, also of one that has grown, in a table of shares."""
    return percent(share) if share < 1000 else f"{rough(share)}×"


def _plain_speed(words: Words, shown: Learned, flattest: float) -> str:
    """Say how much of the error in the flattest direction a step leaves, without momentum."""
    trail = shown.trail
    if trail.momentum or trail.drawn is not None or shown.share >= 1:
        return ""
    left = 1 - trail.lr * flattest
    if not 0 < left < 1:
        return ""
    # The loss is a square, so it takes half as many steps as the error itself.
    steps = ceil(log(0.01) / (2 * log(left)))
    return words.say("learn.slow.speed", left=percent(left), steps=f"{steps:,}")


def _code(words: Words, state: State, shown: Learned) -> None:
    trail = shown.trail
    parts = [words.say("learn.code.text", steps=len(trail))]
    if trail.diverged is not None:
        parts.append(words.say("learn.code.stopped", asked=shown.asked.steps))
    if trail.drawn is not None:
        parts.append(words["learn.code.patches"])
    st.markdown(words.together(parts))
    listings({"**PyTorch**": learned_code.pytorch(shown), "**NumPy**": learned_code.numpy(shown)})


CHAPTERS: dict[str, Callable[[Words, State, Learned], None]] = {
    "measured": _measured,
    "rates": _rates,
    "formula": _formula,
    "slow": _slow,
    "code": _code,
}
