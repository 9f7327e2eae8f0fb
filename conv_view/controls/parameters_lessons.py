"""Depth for the page about a window's numbers: sentences, padding that keeps the size, both "same", code."""

from __future__ import annotations

import streamlit as st

from conv_core import ConvTrace, WindowError
from conv_view import code
from conv_view.address import State
from conv_view.axis_lines import axis_lines
from conv_view.controls import notices, parameters
from conv_view.controls.chapters import opened
from conv_view.controls.left_out import left_out
from conv_view.controls.listings import listings
from conv_view.keeping import Keep, keeping
from conv_view.parameter_code import numpy_windows
from conv_view.stage.component import show
from conv_view.stories.parameters import placed
from conv_view.text import Words

TABS = ("keep", "same", "code", "words")


def lines(words: Words, trace: ConvTrace) -> None:
    """Show both axes as drawings beside the stage."""
    for axis, name in enumerate(parameters.AXES):
        (before, after), size = trace.pads[axis], trace.x.shape[axis + 2]
        label = words.say(
            f"parameters.line_{name}", before=before, size=size, after=after, padded=before + size + after
        )
        st.markdown(label)
        # st.html would throw a drawing away; it holds the app's own words alone, escaped.
        drawing = axis_lines(trace, axis, label.replace("*", ""))
        st.markdown(f"<div>{drawing}</div>", unsafe_allow_html=True)


def sentences(words: Words, trace: ConvTrace) -> list[str]:
    """Return what there is to say about a convolution: what is left out, how far it reaches, its odd cell."""
    missed = left_out(words, trace) or [words["parameters.unread.none"]]
    told = [words.together(missed), _reach(words, trace)]
    if (odd := _odd(words, trace)) is not None:
        told.append(odd)
    return told


def tabs(words: Words, state: State, trace: ConvTrace) -> None:
    """Show the chapters; only the open one is computed."""
    shows = dict(zip(TABS, (_keep, _same, _code, _words), strict=True))
    opened(words, state, "parameters.tabs.{}", shows)(words, state, trace)


def _reach(words: Words, trace: ConvTrace) -> str:
    window = trace.window
    parts = [
        rf"{k}+({k}-1)\cdot({d}-1)=\mathbf{{{span}}}"
        for k, d, span in zip(window.kernel, window.dilation, window.span, strict=True)
    ]
    formula = rf"${parts[0]}$"
    if parts[0] != parts[1]:
        formula = words.say("parameters.reach_axes", y=formula, x=rf"${parts[1]}$")
    return words.say(
        "parameters.reach",
        formula=formula,
        rate=str(window.dilation),
        kernel=" × ".join(map(str, window.kernel)),
        span=" × ".join(map(str, window.span)),
        read=window.kernel[0] * window.kernel[1],
        cells=window.span[0] * window.span[1],
    )


def _odd(words: Words, trace: ConvTrace) -> str | None:
    """Say on which side "same" puts an odd cell, where there is one."""
    if trace.window.padding not in ("same", "same_lower"):
        return None
    odd = [name for name, pair in zip(parameters.AXES, trace.pads, strict=True) if sum(pair) % 2]
    if not odd:
        return words["parameters.odd.none"]
    sides = " ".join(
        words.say(f"parameters.odd.{name}", before=trace.pads[at][0], after=trace.pads[at][1])
        for at, name in enumerate(parameters.AXES)
        if name in odd
    )
    return words.say(f"parameters.odd.{trace.window.padding}", sides=sides)


def _keep(words: Words, state: State, trace: ConvTrace) -> None:
    found = keeping(trace)
    st.markdown(words["parameters.keep.text"])
    if max(trace.window.stride) > 1:
        _keep_by_one(words, state, trace)
    for axis, keep in enumerate(found):
        st.markdown(_keep_axis(words, trace, axis, keep))
    pads = tuple((keep.before, keep.after) for keep in found)
    if not any(keep.fault for keep in found):
        st.button(
            words.say("parameters.keep.use", pads=pads),
            icon=":material/fit_screen:",
            on_click=parameters.use,
            args=(state, pads),
            disabled=pads == trace.pads,
        )


def _keep_by_one(words: Words, state: State, trace: ConvTrace) -> None:
    """Say why a longer stride does not keep the size in any way that is worth it, and what does."""
    found = keeping(trace, stride=1)
    pads = tuple((keep.before, keep.after) for keep in found)
    rows, columns = trace.window.stride
    strides = str(rows) if rows == columns else f"{rows} × {columns}"
    st.markdown(words.say("parameters.keep.shrinks", stride=strides, pads=pads))
    st.button(
        words.say("parameters.keep.by_one", pads=pads),
        icon=":material/fit_screen:",
        on_click=parameters.use,
        args=(state, pads, 1),
        disabled=any(keep.fault for keep in found),
    )


def _keep_axis(words: Words, trace: ConvTrace, axis: int, keep: Keep) -> str:
    window, size = trace.window, trace.x.shape[axis + 2]
    kernel, stride, dilation = window.kernel[axis], window.stride[axis], window.dilation[axis]
    name = parameters.AXES[axis]
    formula = rf"$({size}-1)\cdot{stride}+{dilation}\cdot({kernel}-1)+1-{size}=\mathbf{{{keep.least}}}$"
    told = [words.say(f"parameters.keep.total_{name}", formula=formula)]
    if stride > 1:
        told.append(words.say("parameters.keep.range", least=keep.least, most=keep.most, stride=stride))
    told.append(words.say("parameters.keep.split", before=keep.before, after=keep.after))
    if not keep.symmetric:
        told.append(words.say("parameters.keep.odd", total=keep.before + keep.after))
    if keep.fault is not None:
        why = notices.sentence(words, "parameters", notices.fault_of(keep.fault), 2)
        told.append(words.say("parameters.keep.refused", why=why))
    elif stride > 1:
        told.append(words.say("parameters.keep.idle", idle=keep.idle, size=size, less=-(-size // stride)))
    return "- " + " ".join(told)


def _same(words: Words, state: State, trace: ConvTrace) -> None:
    st.markdown(words["parameters.same.text"])
    try:
        both = {name: parameters.traced(state, name) for name in ("same", "same_lower")}
    except WindowError as error:
        why = notices.sentence(words, state.page, notices.fault_of(error), 2)
        st.markdown(f":red[:material/error:] {why}")
        return
    upper, lower = both.values()
    numbered = state["content"] == parameters.NUMBERED
    if upper.pads == lower.pads:
        st.markdown(words.say("parameters.same.equal", pads=upper.pads, total=_totals(upper)))
        show(placed(upper, words, numbered=numbered), key="parameters_same", aspect=0.3)
        return
    st.markdown(words.say("parameters.same.differ", total=_totals(upper)))
    for column, (name, one) in zip(st.columns(2, gap="large"), both.items(), strict=True):
        with column:
            st.markdown(
                words.say(f"parameters.same.{name}", top=one.pads[0][0], bottom=one.pads[0][1],
                          left=one.pads[1][0], right=one.pads[1][1])
            )  # fmt: skip
            show(placed(one, words, numbered=numbered), key=f"parameters_{name}", aspect=0.5)


def _totals(trace: ConvTrace) -> str:
    return " × ".join(str(sum(pair)) for pair in trace.pads)


def _code(words: Words, state: State, trace: ConvTrace) -> None:
    kinds = {"torch": code.pytorch, "keras": code.keras, "numpy": numpy_windows}
    listings({words[f"parameters.code.{name}"]: write(trace) for name, write in kinds.items()}, wrap=True)


def _words(words: Words, state: State, trace: ConvTrace) -> None:
    st.markdown(words["parameters.words.text"])
