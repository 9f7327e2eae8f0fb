"""Below the stage of a pooling, in tabs: where it stands, kinds compared, a small shift, the way back."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import WindowError, global_avg_pool, global_max_pool
from conv_view import pooling_code
from conv_view.address import State
from conv_view.controls import pooling_back
from conv_view.controls.chapters import opened
from conv_view.controls.listings import listings
from conv_view.controls.notices import fault_of, sentence
from conv_view.controls.pooling import USUAL, Shown, kind_name, use
from conv_view.digits import fixed, percent
from conv_view.pooled import DIRECTIONS, KINDS, NEAR, Shifted, shift
from conv_view.scene import Scale
from conv_view.stage.component import show
from conv_view.stories.walls import wall
from conv_view.text import Words

LESSONS = ("place", "compare", "shift", "back")


def tabs(words: Words, state: State, shown: Shown) -> None:
    """Show the chapters; only the open one is computed."""
    shows = dict(zip(LESSONS, (_standing, _compare, _shift, pooling_back.show), strict=True))
    opened(words, state, "pooling.{}.tab", shows)(words, state, shown)


def _compare(words: Words, state: State, shown: Shown) -> None:
    st.markdown(words["pooling.compare.text"])
    traces = {kind: shown.settings.of_kind(kind).trace(shown.full.x) for kind in KINDS}
    preview = np.atleast_3d(shown.chosen.preview).transpose(2, 0, 1)
    results = {
        kind: (kind_name(words, kind, shown.settings.power), trace.output[0])
        for kind, trace in traces.items()
    }
    scene = wall(results, words, words["pooling.compare.tab"], picture=(words["stage.picture"], preview))
    show(scene, key="pooling_kinds", aspect=_aspect(shown))
    heads = [words[f"pooling.compare.{name}"] for name in ("kind", "least", "mean", "greatest", "equal")]
    lines = [f"| {' | '.join(heads)} |", "|---|---:|---:|---:|---:|"]
    lines.append(_numbers(words["pooling.compare.picture"], shown.full.x, ""))
    most = traces["max"].output
    for kind, trace in traces.items():
        same = "" if kind == "max" else percent(float((trace.output == most).mean()))
        lines.append(_numbers(kind_name(words, kind, shown.settings.power), trace.output, same))
    st.markdown("\n".join(lines))
    x = shown.full.x
    names = [words[f"pooling.channels.{at}"] if x.shape[1] == 3 else "" for at in range(x.shape[1])]
    numbers = zip(names, global_max_pool(x)[0, :, 0, 0], global_avg_pool(x)[0, :, 0, 0], strict=True)
    each = [
        words.say(
            "pooling.compare.channel", channel=name, most=fixed(most_of, 0), mean=fixed(mean_of, 2)
        ).strip()
        for name, most_of, mean_of in numbers
    ]
    shape = " × ".join(map(str, x.shape[1:]))
    st.markdown(words.say("pooling.compare.whole", shape=shape, channels=x.shape[1], values=" · ".join(each)))


def _numbers(name: str, values: NDArray[np.float32], same: str) -> str:
    shown = [fixed(each, 1) for each in (values.min(), values.mean(dtype=np.float64), values.max())]
    return f"| {name} | {' | '.join(shown)} | {same} |"


def _shift(words: Words, state: State, shown: Shown) -> None:
    st.markdown(words["pooling.shift.text"])
    st.segmented_control(
        words["pooling.shift.direction"],
        tuple(DIRECTIONS),
        key=state.key("shift"),
        required=True,
        format_func=lambda name: words[f"pooling.shift.{name}"],
    )
    x = shown.full.x
    try:
        found = {"none": shift(x, state["shift"])} | {
            kind: shift(x, state["shift"], partial(_pool, shown, kind)) for kind in KINDS
        }
    except WindowError as error:
        st.markdown(f":red[:material/error:] {sentence(words, state.page, fault_of(error), 2)}")
        return
    titles = {"none": words["pooling.shift.none"]} | {
        kind: kind_name(words, kind, shown.settings.power) for kind in KINDS
    }
    heads = [words["pooling.compare.kind"]] + [
        words.say(f"pooling.shift.{name}", near=NEAR) for name in ("outputs", "unchanged", "near", "mean")
    ]
    lines = [f"| {' | '.join(heads)} |", "|---|---:|---:|---:|---:|"]
    lines += [_shares(titles[kind], result) for kind, result in found.items()]
    st.markdown("\n".join(lines))
    pictures = {
        kind: (
            words.say("pooling.shift.difference", kind=titles[kind]),
            result.difference[0].max(0, keepdims=True),
        )
        for kind, result in found.items()
    }
    # One scale for all, as bright as all but the strongest edges of the picture itself.
    most = max(1.0, float(np.nanpercentile(found["none"].difference, 99.5)))
    scene = wall(pictures, words, words["pooling.shift.tab"], role="wrong", scale=Scale("grey", 0, most))
    show(scene, key="pooling_shift", aspect=_aspect(shown))
    gain = found["max"].unchanged - found["none"].unchanged
    st.markdown(
        words.say(
            "pooling.shift.more" if gain > 0 else "pooling.shift.less",
            none=percent(found["none"].unchanged),
            most=percent(found["max"].unchanged),
            window=" × ".join(map(str, shown.full.window.kernel)),
        )
    )


def _aspect(shown: Shown) -> float:
    """Return how high a wall of four is for its width, with its titles and scales."""
    height, width = shown.full.x.shape[2:]
    return min(0.4, 0.06 + height / width / 4)


def _pool(shown: Shown, kind: str, x: NDArray[np.float32]) -> NDArray[np.float32]:
    return shown.settings.of_kind(kind).trace(x).output


def _shares(name: str, result: Shifted) -> str:
    numbers = (
        f"{result.difference.size:,}",
        percent(result.unchanged),
        percent(result.near),
        fixed(result.mean, 2),
    )
    return f"| {name} | " + " | ".join(numbers) + " |"


def _usual(words: Words, state: State) -> None:
    for column, name in zip(st.columns(len(USUAL)), USUAL, strict=True):
        column.button(
            words[f"pooling.place.{name}"], key=f"pooling_use_{name}", on_click=use, args=(state, name),
            width="stretch",
        )  # fmt: skip


def _standing(words: Words, state: State, shown: Shown) -> None:
    st.markdown(words["pooling.place.text"])
    _usual(words, state)
    trace = shown.trace
    listings({"**PyTorch**": pooling_code.pytorch(trace), "**NumPy**": pooling_code.numpy(trace)})
