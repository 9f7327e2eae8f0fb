"""Below the stage of im2col, in chapters: memory, why, the formula with its numbers, code, the way back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from conv_core import WindowError, col2im, conv_cost, copies
from conv_view import im2col_code
from conv_view.address import State
from conv_view.controls.chapters import opened
from conv_view.controls.im2col import Shown, back_sentence
from conv_view.controls.listings import listings
from conv_view.digits import in_bytes, told
from conv_view.known_layers import LAYERS
from conv_view.scene import Scale
from conv_view.stage.component import show
from conv_view.stories.walls import wall
from conv_view.text import Words
from conv_view.unfolded import Memory, Unfolded, memory, memory_of

WHOLE = 96  # pixels of the longer side of the heat map of a whole picture


def tabs(words: Words, state: State, shown: Shown) -> None:
    """Show the chapters; only the open one is computed."""
    opened(words, state, "im2col.{}.tab", CHAPTERS)(words, state, shown)


def _memory(words: Words, state: State, shown: Shown) -> None:
    """Show what the columns weigh, on the stage and of real layers, and how often each pixel is copied."""
    small, pixels = shown.small, shown.chosen.pixels
    _, channels, *_ = small.trace.x.shape
    rows = [(words["im2col.memory.stage"], small.memory)]
    height, width = pixels.shape[:2]
    window = small.trace.window
    how = {"stride": window.stride, "padding": small.trace.pads, "dilation": window.dilation}
    try:
        whole = memory(
            (1, channels, height, width), small.trace.weight.shape, groups=small.trace.groups, **how
        )
        rows.append((f"{words['im2col.memory.whole']} ({height}×{width})", whole))
    except WindowError:
        pass  # a window larger than the picture has no place in it, and the line above the stage says so
    rows += [(words[f"layers.{name}"], memory_of(layer)) for name, layer in LAYERS.items()]
    st.markdown(words["im2col.memory.text"])
    table, map_ = st.columns([3, 1.4], gap="medium")
    heads = words["im2col.memory.head"]
    lines = [f"| {heads} |", "|---|" + "---:|" * heads.count("|")]
    table.markdown("\n".join([*lines, *[_row(name, weighs) for name, weighs in rows]]))
    table.markdown(words["im2col.memory.block"])
    with map_:
        _heat(words, small, (height, width))


def _row(name: str, weighs: Memory) -> str:
    cells = [
        name,
        in_bytes(weighs.input),
        in_bytes(weighs.columns),
        f"{told(weighs.ratio, 3)}×",
        in_bytes(weighs.weights),
        in_bytes(weighs.output),
        in_bytes(weighs.block),
    ]
    return f"| {' | '.join(cells)} |"


def _heat(words: Words, small: Unfolded, size: tuple[int, int]) -> None:
    shrinking = max(1.0, max(size) / WHOLE)
    spatial = tuple(max(1, round(side / shrinking)) for side in size)
    try:
        counts = copies(spatial, small.trace.window.kernel, **small.keywords)
    except WindowError:
        return  # as above
    title = words["im2col.memory.heat"]
    scene = wall(
        {"copies": (title, counts[None].astype(np.float32))}, words, title, scale=Scale.counts(counts)
    )
    show(scene, key="im2col_heat", aspect=1.1)


def _why(words: Words, state: State, shown: Shown) -> None:
    small = shown.small
    trace, window = small.trace, small.trace.window
    cost = conv_cost(
        trace.x.shape,
        trace.weight.shape,
        stride=window.stride,
        padding=trace.pads,
        dilation=window.dilation,
        groups=trace.groups,
        method="im2col",
    )
    own = trace.weight.shape[0] // trace.groups
    st.markdown(words["im2col.why.text"])
    st.markdown(words.say("im2col.why.levels", rows_used=own, columns_used=small.tile))
    st.markdown(words.say("im2col.why.count", multiplies=f"{cost.multiplies:,}", adds=f"{cost.adds:,}"))


def _formula(words: Words, state: State, shown: Shown) -> None:
    small = shown.small
    trace = small.trace
    filters, reads, height, width = trace.weight.shape
    _, _, down, across = trace.shape
    terms, cells = reads * height * width, height * width
    st.markdown(words["im2col.formula.product"])
    st.latex(
        rf"Y_{{{filters // trace.groups}\times{down * across}}}=W_{{{filters // trace.groups}\times{terms}}}"
        rf"\;X_{{{terms}\times{down * across}}},\qquad {terms}={reads}\cdot{height}\cdot{width},"
        rf"\quad {down * across}={down}\cdot{across}"
    )
    if trace.groups > 1:
        st.markdown(words.say("im2col.formula.groups", groups=trace.groups, first=0, last=terms - 1))
    st.markdown(words["im2col.formula.index"])
    (stride_y, stride_x), (apart_y, apart_x) = trace.window.stride, trace.window.dilation
    (top, _), (left, _) = trace.pads
    st.latex(
        rf"r=c\cdot{cells}+a\cdot{width}+b,\qquad p=i\cdot{across}+j,\qquad "
        rf"X_{{r,p}}=x[c,\;i\cdot{stride_y}+a\cdot{apart_y}-{top},\;j\cdot{stride_x}+b\cdot{apart_x}-{left}]"
    )
    i, j = _position(state, small)
    channels = trace.x.shape[1]
    c, a, b = channels - 1, height - 1, width - 1
    row, column = c * cells + a * width + b, i * across + j
    y, x = i * stride_y + a * apart_y - top, j * stride_x + b * apart_x - left
    st.markdown(words["im2col.formula.here"])
    inside = 0 <= y < trace.x.shape[2] and 0 <= x < trace.x.shape[3]
    where = "" if inside else rf"\quad\text{{({words['im2col.formula.padding']})}}"
    st.latex(
        rf"r={c}\cdot{cells}+{a}\cdot{width}+{b}={row},\qquad p={i}\cdot{across}+{j}={column},\qquad "
        rf"X_{{{row},{column}}}=x[{c},{y},{x}]={told(float(small.columns[row, column]))}{where}"
    )


def _position(state: State, small: Unfolded) -> tuple[int, int]:
    """Return the output position that the stage stands at, in whichever act."""
    act, *index = state["cell"]
    down, across = small.trace.shape[2:]
    if state["story"] == "row" and act == 1:
        return 0, 0
    if state["story"] == "tile" and act == 1 and len(index) > 2:
        i, j = index[1], index[2] * small.tile
    elif act == 1 and state["story"] != "back" and len(index) > 3:
        i, j = index[2], index[3]
    else:
        i, j = (index[0], index[1]) if act == 0 and len(index) > 1 else (0, 0)
    return min(i, down - 1), min(j, across - 1)


def _code(words: Words, state: State, shown: Shown) -> None:
    st.markdown(words["im2col.code.text"])
    trace = shown.small.trace
    listings({"**PyTorch**": im2col_code.pytorch(trace), "**NumPy**": im2col_code.numpy(trace)})


def _back(words: Words, state: State, shown: Shown) -> None:
    """Hold <im2col(x), c> against <x, col2im(c)> for a fixed c, on the numbers of the stage."""
    small = shown.small
    other = np.random.default_rng(0).integers(-3, 4, small.columns.shape).astype(np.float64)
    back = col2im(other[None], small.spatial, small.trace.window.kernel, **small.keywords)[0]
    left = float((small.columns.astype(np.float64) * other).sum())
    right = float((small.trace.x[0].astype(np.float64) * back).sum())
    st.markdown(words["im2col.back.text"])
    st.markdown(words.say("im2col.back.numbers", left=told(left, 6), right=told(right, 6)))
    st.markdown(back_sentence(words, small))
    st.page_link(
        "pages/backward_matrices.py",
        label=words["im2col.back.open"],
        icon=":material/open_in_new:",
        query_params=_query(state),
    )


def _query(state: State) -> dict[str, str]:
    """Return what a link to the page of the way back carries: picture, pixels, kernels and window."""
    own = ("story", "groups", "cell", "chapter")
    always = ("picture", "side", "filters")  # the other page begins with others
    carried = {
        name: field.write(state[name])
        for name, field in state.fields.items()
        if name not in own and (name in always or state[name] != field.default)
    }
    return carried | {"levels": "255"}


CHAPTERS: dict[str, Callable[[Words, State, Shown], None]] = {
    "memory": _memory,
    "why": _why,
    "formula": _formula,
    "code": _code,
    "back": _back,
}
