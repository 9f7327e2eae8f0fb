"""The rounding of Winograd's filtering, measured on the reader's own picture and kernel."""

from __future__ import annotations

from functools import partial
from math import isfinite
from zlib import crc32

import numpy as np
import streamlit as st

from conv_view import part
from conv_view.address import State
from conv_view.controls.winograd import Shown
from conv_view.controls.winograd_plots import plot
from conv_view.digits import powered
from conv_view.text import Words
from conv_view.winograd_error import PUBLISHED, Errors, measure, measure_random
from conv_view.winograd_figures import curves, short
from conv_view.winograd_layers import GROWING
from conv_view.winograd_tile import named

KEPT = "winograd:errors"  # in the visitor's session: the last measurement, and what it was of
PART = "c32"


def show(words: Words, state: State, shown: Shown) -> None:
    """Show the error by the size of the tile in float32 and float16, beside the published one."""
    errors, size = _measured(shown)
    st.markdown(words.say("winograd.error.text", size=size))
    left, right = st.columns([1.25, 1], gap="large")
    lines = {
        words["winograd.error.half"]: (GROWING, errors.half, "wrong"),
        words["winograd.error.single"]: (GROWING, errors.single, "window"),
    }
    # Published are kernels of 3 x 3 alone.
    published = shown.tile.r == 3 and shown.tile.rank == 2
    if published:
        lines[words["winograd.error.random"]] = (GROWING, measure_random(), "output")
        lines[words["winograd.error.published"]] = (GROWING, tuple(PUBLISHED[m] for m in GROWING), "plain")
    with left:
        marks = {words["winograd.error.direct"]: errors.direct} if errors.direct else {}
        figure = partial(
            curves, lines, title=words["winograd.error.chart"], axis=words["winograd.error.axis"],
            ticks=GROWING, marks=marks, log_y=True, height=340,
        )  # fmt: skip
        plot("error", words, (errors, published), figure)
    with right:
        st.markdown(_table(words, shown, errors, published))
    st.markdown(_told(words, errors))
    if published:
        st.caption(words.say("winograd.error.published_note", times=_apart()))


def _measured(shown: Shown) -> tuple[Errors, str]:
    """Return what was measured of this picture and this kernel; measured anew only when they change."""
    tile = shown.tile
    pixels = np.asarray(part.take(shown.chosen.grey, PART).pixels / 255, np.float32)
    # Along one axis every row is a signal of its own.
    x = pixels[:, None] if tile.rank == 1 else pixels[None, None]
    weight = tile.weight[:, :1]
    asked = crc32(pixels.tobytes()), crc32(weight.tobytes()), weight.shape
    kept = st.session_state.setdefault(KEPT, {})
    if kept.get("of") != asked:
        kept.update(of=asked, errors=measure(x, weight))
    return kept["errors"], " × ".join(map(str, pixels.shape))


def _table(words: Words, shown: Shown, errors: Errors, published: bool) -> str:
    tile = shown.tile
    heads = [words[f"winograd.error.{name}"] for name in ("tile", "single", "half")]
    if published:
        heads += [words["winograd.error.random"], words["winograd.error.published"]]
    rows = []
    for m, single, half, mean in zip(GROWING, errors.single, errors.half, measure_random(), strict=True):
        rows.append([named(m, tile.r, tile.rank), small(words, single), small(words, half)])
        if published:
            rows[-1] += [small(words, mean), small(words, PUBLISHED[m])]
    marks = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, marks, *rows])


def _told(words: Words, errors: Errors) -> str:
    first, last = GROWING[0], GROWING[-1]
    said = []
    if errors.single[0] > 0 and isfinite(errors.single[-1]):
        times = short(errors.single[-1] / errors.single[0])
        said.append(words.say("winograd.error.told", first=first, last=last, times=times))
    if isfinite(errors.half[0]) and errors.single[0] > 0:
        times = short(errors.half[0] / errors.single[0])
        said.append(
            words.say("winograd.error.half_first", error=small(words, errors.half[0]), m=first, times=times)
        )
    if errors.overflow is not None:
        said.append(words.say("winograd.error.half_over", m=errors.overflow))
    else:
        said.append(words.say("winograd.error.half_fine", m=last, error=small(words, errors.half[-1])))
    return words.together(said)


def _apart() -> str:
    """Return by how many times the measured and the published mean errors differ at most."""
    pairs = [(mean, PUBLISHED[m]) for m, mean in zip(GROWING, measure_random(), strict=True)]
    return short(round(max(max(pair) / min(pair) for pair in pairs), 1))


def small(words: Words, error: float) -> str:
    """Return an error with two digits and a power of ten; in words where there is none."""
    if not isfinite(error):
        return words["winograd.error.overflows"]
    return powered(error)
