"""Below the stage of the Fourier transform, in chapters; only the one that is open is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import streamlit as st

from conv_core import conv, conv_cost, fft_parts
from conv_core.spectra import spectra_bytes
from conv_view import fft_code
from conv_view.address import State
from conv_view.controls import fft, fft_small
from conv_view.controls.chapters import opened
from conv_view.controls.fft_told import product_formula
from conv_view.controls.listings import listings
from conv_view.controls.pictures import Chosen
from conv_view.digits import in_bytes, signs, told
from conv_view.known_layers import LAYERS
from conv_view.scene import Scale, extremes
from conv_view.spectral import Spectral, spectral
from conv_view.stage.component import show
from conv_view.stories.convolution import picture_scale
from conv_view.stories.walls import wall
from conv_view.text import Words

LESSONS = ("why", "circular", "small", "tiles", "code")
VGG = LAYERS["vgg1_2"].shapes
LENGTHS = (8, 12, 16, 24, 32, 64, 128, 224)


def tabs(words: Words, state: State, seen: Spectral, chosen: Chosen) -> None:
    """Show the chapters; only the open one is computed."""
    shows: tuple[Callable[[], None], ...] = (
        lambda: _why(words, state, seen),
        lambda: _circular(words, seen),
        lambda: fft_small.show(words, state, chosen),
        lambda: _tiles(words),
        lambda: _code(seen),
    )
    opened(words, state, "fft.{}.tab", dict(zip(LESSONS, shows, strict=True)))()


def _why(words: Words, state: State, seen: Spectral) -> None:
    st.markdown(words["fft.why.text"])
    down, across = fft.frequency_of(state, seen)
    at = down + (seen.size[0] - 1) // 2, across
    x, w, _ = (complex(half[at]) for half in seen.halves)
    self_opposite = all(2 * f % n == 0 for f, n in zip((down, across), seen.size, strict=True))
    height = abs(x) * (1 if self_opposite else 2) / (seen.size[0] * seen.size[1])
    st.markdown(
        words.say(
            "fft.why.here" if down or across else "fft.why.mean",
            down=signs(str(down)),
            across=across,
            height=told(height, 3),
            factor=told(abs(w), 3),
            turned=told(float(np.degrees(np.angle(w))) + 0.0, 3),
            mean=told(x.real / (seen.size[0] * seen.size[1]), 4),
            sum=told(w.real, 4),
        )
    )
    st.markdown(words["fft.why.product"])
    if state["follow"] != "frequencies":  # else it stands below the stage
        st.markdown(product_formula(words, seen, (down, across)))


def _circular(words: Words, seen: Spectral) -> None:
    """Show what went around beside what should have been there, and where the two differ."""
    around = seen if seen.room == "none" else spectral(seen.picture, seen.kernel)
    pads = tuple((0, span - 1) for span in seen.kernel.shape)
    zeros = conv(seen.picture[None, None], seen.kernel[None, None], padding=pads, method="im2col")[0, 0]
    wrong = np.where(around.went_around, around.result - zeros, np.float32(0))
    st.markdown(words["fft.circular.text"])
    results = {
        "circular": (words["fft.circular.around"], around.result[None]),
        "linear": (words["fft.circular.zeros"], zeros[None]),
        "wrong": (words["fft.circular.difference"], wrong[None]),
    }
    # The first two in the same colours, so that what looks alike is alike.
    both = np.stack([around.result, zeros])
    scene = wall(results, words, words["fft.circular.tab"], scale=picture_scale(both))
    signed = {"scale": Scale.diverging(wrong), "role": "wrong"}
    panels = tuple(
        replace(panel, **signed) if panel.name == "wrong" else panel  # type: ignore[arg-type]
        for panel in scene.panels
    )
    show(replace(scene, panels=panels), key="fft_circular", aspect=0.32)
    crossed = int(around.went_around.sum())
    linear = seen if seen.room == "linear" else spectral(seen.picture, seen.kernel, "linear")
    st.markdown(
        words.say(
            "fft.circular.numbers",
            crossed=crossed,
            cells=around.went_around.size,
            worst=told(float(np.abs(wrong).max()), 3),
            circular=told(around.circular, 2),
            linear=told(linear.linear, 2),
            size="×".join(map(str, linear.size)),
            largest=told(max(map(abs, extremes(zeros))), 3),
        )
    )


@cache
def _by_length(length: int) -> tuple[int, float, int]:
    """Return bytes of all kernels' spectra, operations for each output, and transforms of a channel."""
    shape, weight = VGG
    parts = fft_parts(shape, weight, tile=length)
    side = shape[2] - weight[2] + 1
    tiles = -(-side // (length - weight[2] + 1))
    outputs = weight[0] * side**2
    return spectra_bytes(weight, (length, length)), (parts.multiplies + parts.adds) / outputs, tiles**2


def _tiles(words: Words) -> None:
    shape, weight = VGG
    side = shape[2] - weight[2] + 1
    plain = conv_cost(shape, weight, method="direct")
    each = (plain.multiplies + plain.adds) / (weight[0] * side**2)
    found = {length: _by_length(length) for length in LENGTHS}
    best = min(found, key=lambda length: found[length][1])
    whole = found[LENGTHS[-1]]
    bytes_of_tile, operations, _ = found[best]
    own = conv_cost(shape, weight, method="fft")
    beside = words.say(
        "fft.tiles.fewer" if operations < each else "fft.tiles.more",
        direct=f"{each:,.0f}",
        ratio=told(max(each / operations, operations / each), 2),
    )
    st.markdown(words["fft.tiles.text"])
    heads = [words[f"fft.tiles.{name}"] for name in ("length", "count", "memory", "operations")]
    lines = [f"| {' | '.join(heads)} |", "|---:|---:|---:|---:|"]
    for length, (size, count, tiles) in found.items():
        name = words.say("fft.tiles.whole", length=length) if length == LENGTHS[-1] else str(length)
        row = [name, f"{tiles:,}", in_bytes(size), f"{count:,.0f}"]
        lines.append(f"| {' | '.join(f'**{cell}**' if length == best else cell for cell in row)} |")
    table, said = st.columns([1.2, 1], gap="medium")
    table.markdown("\n".join(lines))
    said.markdown(
        words.say(
            "fft.tiles.said",
            whole=in_bytes(whole[0]),
            best=best,
            tile=in_bytes(bytes_of_tile),
            operations=f"{operations:,.0f}",
            direct=beside,
            weights=in_bytes(int(np.prod(weight)) * 4),
            workspace=in_bytes(own.workspace),
        )
    )


def _code(seen: Spectral) -> None:
    listings({"**NumPy**": fft_code.numpy(seen), "**PyTorch**": fft_code.pytorch(seen)})
