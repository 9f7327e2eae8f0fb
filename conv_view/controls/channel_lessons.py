"""What stands beside and below the stage of *Channels and groups*, computed for what is on screen."""

from __future__ import annotations

from collections.abc import Callable
from math import isclose

import numpy as np
import streamlit as st

from conv_core import WindowError, conv
from conv_view import channel_code, channels, wiring
from conv_view.address import State
from conv_view.bars import shares
from conv_view.controls.channels import Shown, current, filter_names, names
from conv_view.controls.chapters import opened
from conv_view.controls.listings import listings
from conv_view.controls.notices import fault_of
from conv_view.digits import fixed, percent, told
from conv_view.separable import Separable, count_of, separable
from conv_view.stage.component import show
from conv_view.stories.channels import channels as story
from conv_view.text import Words

TABS = ("pointwise", "separable", "code", "about")
MOST_LARGE = 6  # rows or columns of a matrix that is set in full size
FLAT = 0.3  # height to width of the two stages of the separable convolution


def beside(words: Words, state: State, shown: Shown) -> None:
    """Show which filter reads which channels, and what that takes beside a dense convolution."""
    count, filters, groups = shown.counts
    trace = shown.trace
    now = trace[current(state, trace)].out[1]
    drawing = wiring.diagram(
        names(words, count),
        filter_names(words, shown),
        groups,
        now=now,
        heads=(words["channels.wiring.channels"], words["channels.wiring.filters"]),
        label=words.say("channels.wiring.label", channels=count, filters=filters, groups=groups),
        title=words.say("channels.wiring.line", channel="{channel}", filter="{filter}", cells=shown.size**2),
    )
    # st.html would throw the drawing away as unsafe; its words are the app's own, and escaped.
    st.markdown(f"<div>{drawing}</div>", unsafe_allow_html=True)
    arguments = {"stride": trace.window.stride[0], "padding": trace.pads[0][0]}
    dense = count_of(trace.x.shape, (filters, count, *trace.weight.shape[2:]), trace.shape, **arguments)
    ours = count_of(trace.x.shape, trace.weight.shape, trace.shape, **arguments, groups=groups)
    rows = [
        (
            words.say(f"channels.counts.{what}", which=words[f"channels.counts.{which}"]),
            getattr(taken, what),
            "plain" if which == "dense" else "kernel" if what == "parameters" else "output",
        )
        for what in ("parameters", "multiplies")
        for which, taken in (("dense", dense), ("here", ours))
    ]
    st.html(shares(rows[:2]) + shares(rows[2:]))
    st.caption(
        words.say("channels.counts.share" if groups > 1 else "channels.counts.share_dense", groups=groups)
    )


def summed(words: Words, state: State, shown: Shown) -> None:
    """Answer whether channels are summed with the partial sums of the step at hand."""
    trace = shown.trace
    count, filters, groups = shown.counts
    index = current(state, trace)
    _, number, row, column = trace[index].out
    sums, value = channels.partial_sums(trace, index)
    among = channels.read_by(number, count, filters, groups)
    called = [names(words, count)[channel] for channel in among]
    texts = [_short(one) for one in sums]
    kind = ("none_one" if shown.size == 1 else "none") if len(sums) == 1 else "all" if groups == 1 else "some"
    st.markdown(
        words.say(
            f"channels.summed.{kind}",
            filter=number,
            place=f"{number}, {row}, {column}",
            reads=len(sums),
            channels=count,
            cells=shown.size**2,
            value=_short(value),
            name=called[0],
        )
    )
    exact = isclose(sum(_read(one) for one in texts), _read(_short(value)), abs_tol=1e-9)
    plus = [texts[0], *(f"+ {one}" if _read(one) >= 0 else f"− {one[1:]}" for one in texts[1:])]
    # An amount is written between strokes, which would end the table's cell.
    head = " | ".join([*(name.replace("|", "\\|") for name in called), words["channels.summed.sum"]])
    body = " | ".join([*plus, f"{'=' if exact else '≈'} **{_short(value)}**"])
    rule = "|".join(["---:"] * (len(called) + 1))
    st.markdown(f"| {head} |\n|{rule}|\n| {body} |")


def tabs(words: Words, state: State, shown: Shown) -> None:
    """Show the chapters; only the open one is computed."""
    shows: dict[str, Callable[[Words, State, Shown], None]] = dict(
        zip(TABS, (_pointwise, _separable, _code, _about), strict=True)
    )
    opened(words, state, "channels.{}.tab", shows)(words, state, shown)


def _pointwise(words: Words, state: State, shown: Shown) -> None:
    trace = shown.trace
    count, filters, groups = shown.counts
    if shown.size == 1:
        weight = trace.weight
    else:
        weight = channels.weights(shown.kind, shown.seed, count, filters, groups, 1)
    joined = channels.as_matrix(weight, groups)
    x = trace.x[0]
    by_matrix = (joined @ x.reshape(count, -1)).reshape(filters, *x.shape[1:])
    by_conv = conv(trace.x, weight, groups=groups)[0]
    start = trace[current(state, trace)].start
    row, column = (
        int(np.clip(at + shown.size // 2, 0, size - 1)) for at, size in zip(start, x.shape[1:], strict=True)
    )
    st.markdown(words.say("channels.pointwise.text", filters=filters, channels=count))
    if shown.size != 1:
        st.button(
            words["channels.pointwise.button"],
            key=f"{state.page}_pointwise",
            on_click=state.put,
            args=("size", "1"),
        )
    left, middle, right, _ = st.columns([1 + 0.4 * count, 1.5, 1.5, 7 - 0.4 * count], gap="small")
    for place, title, values in (
        (left, words.say("channels.pointwise.weights", filters=filters, channels=count), joined),
        (middle, words.say("channels.pointwise.pixel", row=row, column=column), x[:, row, column, None]),
        (right, words["channels.pointwise.result"], by_matrix[:, row, column, None]),
    ):
        place.markdown(title)
        place.markdown(_matrix(values, small=max(joined.shape) > MOST_LARGE))
    if groups > 1:
        st.markdown(words.say("channels.pointwise.blocks", groups=groups))
    st.markdown(
        words.say(
            "channels.pointwise.equal",
            pixels=f"{x[0].size:,}",
            difference=told(np.abs(by_matrix - by_conv).max(), 3),
            largest=_short(float(np.abs(by_conv).max())),
        )
    )


def _separable(words: Words, state: State, shown: Shown) -> None:
    trace = shown.trace
    count, filters, _ = shown.counts
    stride, padding = trace.window.stride[0], trace.pads[0][0]
    try:
        both = separable(trace.x, filters, shown.kind, shown.seed, stride=stride, padding=padding)
    except WindowError as error:  # a painted grid smaller than 3 x 3
        wrong, numbers = fault_of(error)
        st.markdown(f":red[:material/error:] {words.say(wrong, **numbers)}")
        return
    st.markdown(words.say("channels.separable.text", channels=count, filters=filters))
    for name, one in (("depthwise", both.depthwise), ("pointwise", both.pointwise)):
        st.markdown(
            words.say(
                f"channels.separable.{name}_title",
                before=_shape(one.x.shape[1:]),
                after=_shape(one.shape[1:]),
            )
        )
        scene = story(one, words, colours=name == "depthwise" and count == 3, edit_kernel=False)
        show(scene, key=f"{state.page}_{name}", aspect=FLAT)
    _counted(words, both)


def _counted(words: Words, both: Separable) -> None:
    heads = [words[f"channels.separable.{name}"] for name in ("layer", "weight", "output")]
    heads += [words["channels.separable.parameters"], words["channels.separable.multiplies"]]
    rows = [
        f"| {words[f'channels.separable.{name}']} | {_shape(one.weight)} | {_shape(one.output[1:])} "
        f"| {one.parameters:,} | {one.multiplies:,} |"
        for name, one in both.counts.items()
    ]
    two = [both.counts["depthwise"], both.counts["pointwise"]]
    total = sum(one.parameters for one in two), sum(one.multiplies for one in two)
    rows.append(f"| **{words['channels.separable.both']}** | | | **{total[0]:,}** | **{total[1]:,}** |")
    st.markdown("\n".join([f"| {' | '.join(heads)} |", "|---|---|---|---:|---:|", *rows]))
    dense = both.counts["dense"]
    filters = both.pointwise.shape[1]
    share = both.formula
    st.markdown(
        rf"$$\frac{{1}}{{C_{{out}}}}+\frac{{1}}{{k^2}}=\frac{{1}}{{{filters}}}+\frac{{1}}{{9}}"
        rf"=\frac{{{share.numerator}}}{{{share.denominator}}}\approx{float(share):.4f}"
        rf"\qquad\frac{{{total[0]}}}{{{dense.parameters}}}\approx{float(both.shares[0]):.4f}"
        rf"\qquad\frac{{{total[1]}}}{{{dense.multiplies}}}\approx{float(both.shares[1]):.4f}$$"
    )
    equal = both.shares == (share, share)
    worth = "saves" if share < 1 else "costs"
    st.markdown(words["channels.separable.counted" if equal else "channels.separable.uncounted"])
    st.markdown(
        words.say(
            f"channels.separable.{worth}",
            percent=percent(abs(1 - float(share))),
            times=told(1 / float(share), 3),
        )
    )
    largest = _short(float(np.abs(both.dense_output).max()))
    st.markdown(words.say("channels.separable.same", difference=told(both.difference, 3), largest=largest))


def _code(words: Words, state: State, shown: Shown) -> None:
    kinds = {"numpy": channel_code.numpy, "pytorch": channel_code.pytorch, "keras": channel_code.keras}
    listings({words[f"channels.code.{name}"]: write(shown.trace) for name, write in kinds.items()})


def _about(words: Words, state: State, shown: Shown) -> None:
    count, filters, groups = shown.counts
    weights = shown.trace.weight.shape
    st.markdown(
        words.say(
            "channels.about.text",
            channels=count,
            filters=filters,
            groups=groups,
            reads=count // groups,
            own=filters // groups,
            weight=_shape(weights),
            parameters=f"{int(np.prod(weights)):,}",
            side=shown.size,
        )
    )


def _matrix(values: np.ndarray, *, small: bool) -> str:
    kind = "smallmatrix" if small else "matrix"
    cells = r" \\ ".join(" & ".join(_short(value) for value in row) for row in values)
    return f"$$\n\\left[\\begin{{{kind}}}{cells}\\end{{{kind}}}\\right]\n$$"


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _short(value: float) -> str:
    text = fixed(value, 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _read(text: str) -> float:
    return float(text.replace("−", "-"))
