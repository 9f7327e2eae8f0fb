"""Below the stage of the way back by matrices: why products again, one weight by hand, memory, code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from conv_core import WindowError, im2col
from conv_view import gemm_backward_code
from conv_view.address import State
from conv_view.controls.backward_matrices import Shown
from conv_view.controls.chapters import opened
from conv_view.controls.listings import listings
from conv_view.digits import bracketed, in_bytes, told, written
from conv_view.gemm_backward import Matrices
from conv_view.known_layers import LAYERS
from conv_view.stories.backward_matrices import ACTS
from conv_view.text import Words
from conv_view.unfolded import Memory, memory, memory_of

MOST_TERMS = 15  # products of a sum that are written out
IN_A_LINE = 3  # of them, which a phone has room for
STEP = 1e-3


def tabs(words: Words, state: State, shown: Shown) -> None:
    """Show the chapters; only the open one is computed."""
    opened(words, state, "backward_matrices.{}.tab", CHAPTERS)(words, state, shown)


def _shapes(words: Words, state: State, shown: Shown) -> None:
    """Show the shapes of all products, and what each of them takes."""
    small = shown.small
    (filters, terms), positions = small.rows.shape, small.columns.shape[1]
    st.markdown(words["backward_matrices.shapes.text"])
    st.latex(
        rf"\begin{{aligned}}Y_{{{filters}\times{positions}}}&=W_{{{filters}\times{terms}}}"
        rf"\,X_{{{terms}\times{positions}}} \\ "
        rf"dW_{{{filters}\times{terms}}}&=dY_{{{filters}\times{positions}}}"
        rf"\,X^{{\mathsf T}}_{{{positions}\times{terms}}} \\ "
        rf"dX_{{{terms}\times{positions}}}&=W^{{\mathsf T}}_{{{terms}\times{filters}}}"
        rf"\,dY_{{{filters}\times{positions}}}\end{{aligned}}"
    )
    forward, back = small.costs
    acts = dict(zip(ACTS, (forward, back.weight, back.columns), strict=False))
    sizes = {
        "forward": (filters, terms, positions),
        "weights": (filters, positions, terms),
        "columns": (terms, filters, positions),
    }
    head = words["backward_matrices.shapes.head"]
    lines = [f"| {head} |", "|---|---|" + "---:|" * (head.count("|") - 1)]
    for name, cost in acts.items():
        high, along, wide = sizes[name]
        shapes = f"{high}×{along} · {along}×{wide} → {high}×{wide}"
        title = words[f"backward_matrices.acts.{name}"]
        lines.append(f"| {title} | {shapes} | {cost.multiplies:,} | {cost.adds:,} |")
    pixels = "×".join(map(str, small.x_grad.shape))
    folded = words["backward_matrices.shapes.fold"]
    lines.append(f"| {folded} | {terms}×{positions} → {pixels} | 0 | {back.fold.adds:,} |")
    total = words["backward_matrices.shapes.total"]
    lines.append(f"| **{total}** | | **{back.multiplies:,}** | **{back.adds:,}** |")
    st.markdown("\n".join(lines))
    times = told(back.multiplies / forward.multiplies, 3)
    st.markdown(
        words.together(
            [
                words.say("backward_matrices.shapes.times", times=times),
                words["backward_matrices.shapes.times_first"],
            ]
        )
    )


def _one(words: Words, state: State, shown: Shown) -> None:
    """Follow one weight and one pixel by hand, and try both instead of deriving them."""
    small = shown.small
    act, *index = state["cell"]
    left, right = st.columns(2, gap="large")
    with left:
        _one_weight(words, small, tuple(index) if act == 1 and len(index) == 4 else None)
    with right:
        _one_pixel(words, small, tuple(index) if act == 3 and len(index) == 2 else None)
    squared = small.target is not None
    st.caption(
        words.together(
            [
                words[f"backward_matrices.one.loss_{'squared' if squared else 'linear'}"],
                words["backward_matrices.one.weight_hint"],
            ]
        )
    )


def _one_weight(words: Words, small: Matrices, asked: tuple[int, ...] | None) -> None:
    shape = small.trace.weight.shape
    wanted = asked or (0, 0, shape[2] // 2, shape[3] // 2)
    place = tuple(min(at, size - 1) for at, size in zip(wanted, shape, strict=True))
    o, term = place[0], int(np.ravel_multi_index(place[1:], shape[1:]))
    _, c, a, b = place
    name = f"W[{o}; {a},{b}]" if shape[1] == 1 else f"W[{o}; {words[f'im2col.hues.{c}']} {a},{b}]"
    st.markdown(words.say("backward_matrices.one.weight", place=name, row=o, term=term))
    pairs = zip(small.grads[o], small.columns[term], strict=True)
    terms = [f"{bracketed(dy)}\\cdot {bracketed(x)}" for dy, x in pairs]
    value = float(small.row_grads[o, term])
    _sum(words, rf"dW_{{{o},{term}}}", terms, value)
    _tried(words, small.tried_weight(place, STEP), value)


def _one_pixel(words: Words, small: Matrices, asked: tuple[int, ...] | None) -> None:
    trace = small.trace
    position = tuple(min(at, size - 1) for at, size in zip(asked or (0, 0), trace.shape[2:], strict=True))
    window = trace.window.cells(position, trace.x.shape[2:])
    middle = window[tuple(size // 2 for size in trace.window.kernel)]
    y, x = (int(min(max(at, 0), size - 1)) for at, size in zip(middle, trace.x.shape[2:], strict=True))
    # Which pixel each cell of the columns copies: the padding holds whatever it copies, or nothing.
    numbered = np.arange(1, trace.x[0].size + 1, dtype=np.int64).reshape(1, *trace.x.shape[1:])
    copied = im2col(numbered, trace.window.kernel, **small.keywords)[0]
    found = np.argwhere(copied == numbered[0, 0, y, x])
    name = f"X[{y}, {x}]" if len(trace.x[0]) == 1 else f"X[0, {y}, {x}]"
    value = float(small.x_grad[0, y, x])
    if len(found):
        copies = words.counted("backward_matrices.one.copies", len(found))
        st.markdown(words.say("backward_matrices.one.pixel", place=name, copies=copies))
        terms = [bracketed(float(small.column_grads[row, column])) for row, column in found]
        _sum(words, rf"dX_{{{y},{x}}}", terms, value)
    else:
        st.markdown(words.say("backward_matrices.one.pixel_none", place=name))
    _tried(words, small.tried_pixel((0, 0, y, x), STEP), value)


def _sum(words: Words, name: str, terms: list[str], value: float) -> None:
    shown = terms[:MOST_TERMS]
    if len(terms) > MOST_TERMS:
        more = words.say("backward_matrices.one.more", count=len(terms) - MOST_TERMS)
        shown.append(rf"\text{{{more}}}")
    lines = [" + ".join(shown[at : at + IN_A_LINE]) for at in range(0, len(shown), IN_A_LINE)]
    joined = r" \\ &\quad + ".join(lines)
    st.latex(rf"\begin{{aligned}}{name} &= {joined} \\ &= \mathbf{{{written(value, 7)}}}\end{{aligned}}")


def _tried(words: Words, tried: float, value: float) -> None:
    off = abs(tried - value)
    # What is left of a 0 is rounding, and told as the difference.
    shown = told(round(tried, 6), 7)
    st.markdown(words.say("backward_matrices.one.tried", step=told(STEP), tried=shown, off=told(off, 2)))


def _memory(words: Words, state: State, shown: Shown) -> None:
    """Show what the columns and their gradient weigh, on the stage and of real layers."""
    small, pixels = shown.small, shown.chosen.pixels
    rows = [(words["backward_matrices.memory.stage"], small.unfolded.memory)]
    height, width = pixels.shape[:2]
    _, channels, *_ = small.trace.x.shape
    try:
        whole = memory((1, channels, height, width), small.trace.weight.shape, **small.geometry)
        rows.append((f"{words['backward_matrices.memory.whole']} ({height}×{width})", whole))
    except WindowError:
        pass  # a window larger than the picture has no place in it, and the line above the stage says so
    rows += [(words[f"layers.{name}"], memory_of(layer)) for name, layer in LAYERS.items()]
    st.markdown(words["backward_matrices.memory.text"])
    head = words["backward_matrices.memory.head"]
    lines = [f"| {head} |", "|---|" + "---:|" * head.count("|"), *[_row(*row) for row in rows]]
    st.markdown("\n".join(lines))


def _row(name: str, weighs: Memory) -> str:
    """A gradient weighs what its array does, so where both stand in one cell they are counted together."""
    cells = [
        name,
        in_bytes(2 * weighs.input),
        in_bytes(weighs.columns),
        in_bytes(weighs.columns),
        in_bytes(2 * weighs.weights),
        in_bytes(2 * weighs.output),
        f"{told(weighs.ratio, 3)}×",
    ]
    return f"| {' | '.join(cells)} |"


def _code(words: Words, state: State, shown: Shown) -> None:
    st.markdown(words["backward_matrices.code.text"])
    small = shown.small
    listings({"**PyTorch**": gemm_backward_code.pytorch(small), "**NumPy**": gemm_backward_code.numpy(small)})


CHAPTERS: dict[str, Callable[[Words, State, Shown], None]] = {
    "shapes": _shapes,
    "one": _one,
    "memory": _memory,
    "code": _code,
}
