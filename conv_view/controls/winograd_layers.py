"""What Winograd's filtering costs on whole layers: shared by channels, depthwise, and with growing tiles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from conv_view.address import State
from conv_view.controls.winograd import OWN, POWERS, Shown
from conv_view.controls.winograd_plots import plot
from conv_view.digits import percent
from conv_view.known_layers import Layer, macs
from conv_view.text import Words
from conv_view.winograd_figures import curves, short, stacked
from conv_view.winograd_layers import GROWING, LAYERS, Shares, made, padded, parts, plain, shares
from conv_view.winograd_tile import named

FEW = (2, 4, 6)
SIDE = 56
EVEN = 120  # tiles of every size fit into it, so that none of their work is wasted
ROLES = {"data": "window", "kernel": "kernel", "products": "copy", "inverse": "output"}
LINES = {2: "window", 4: "kernel", 6: "output"}


def channels(words: Words, state: State, shown: Shown) -> None:
    """Show the operations per output of a layer, part by part, and from how many channels on it pays."""
    st.markdown(words["winograd.channels.text"])
    layer = _choose(words, state)
    found = {m: shares(layer, m) for m in FEW}
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        bars = partial(stacked, _bars(words, layer, ROLES), title=words["winograd.channels.chart"])
        plot("channels", words, layer, bars)
        st.markdown(_table(words, layer))
    with right:
        sides = [int(power) for power in POWERS]
        ratios = {
            m: [
                shares(layer, m).ready / plain(layer)
                for layer in (padded(side, side, SIDE) for side in sides)
            ]
            for m in FEW
        }
        lines = {f"m = {m}": (sides, ratio, LINES[m]) for m, ratio in ratios.items()}
        figure = partial(
            curves, lines, title=words["winograd.channels.curve"], axis=words["winograd.channels.axis"],
            ticks=sides[::2], marks={words["winograd.channels.direct"]: 1.0}, log_x=True, height=300,
        )  # fmt: skip
        plot("curve", words, None, figure)
        for m, ratio in ratios.items():
            below = next((side for side, value in zip(sides, ratio, strict=True) if value < 1), None)
            key = "never" if below is None else "crossing"
            st.markdown(
                "- "
                + words.say(f"winograd.channels.{key}", name=named(m, 3, 2), channels=below, most=sides[-1])
            )
    best = min(found, key=lambda m: found[m].ready)
    numbers = {
        "best": named(best, 3, 2),
        "ratio": percent(found[best].ready / plain(layer)),
        "share": percent(found[best].inverse / found[best].ready),
    }
    st.markdown(words.say("winograd.channels.told", **numbers))


def _bars(words: Words, layer: Layer, names: Iterable[str]) -> list[tuple[str, list[tuple[str, float, str]]]]:
    """Return the direct sums, and the parts of each tile size, as bars of operations per output."""
    rows = [(words["winograd.channels.direct"], [("", plain(layer), "plain")])]
    for m in FEW:
        share = shares(layer, m)
        rows.append(
            (
                named(m, 3, 2),
                [(words[f"winograd.channels.{part}"], getattr(share, part), ROLES[part]) for part in names],
            )
        )
    return rows


def _choose(words: Words, state: State, field: str = "layer") -> Layer:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.selectbox(
            words["winograd.channels.layer"],
            (*LAYERS, OWN),
            key=state.key(field),
            format_func=lambda name: _named(words, name),
            width=330,
        )
        if state[field] != OWN:
            return LAYERS[state[field]]
        for name in ("channels", "filters"):
            st.select_slider(words[f"winograd.channels.{name}"], POWERS, key=state.key(name), width=220)
    return padded(int(state["channels"]), int(state["filters"]), SIDE)


def _named(words: Words, name: str) -> str:
    if name == OWN:
        return words["winograd.channels.own"]
    layer = LAYERS[name]
    sizes = {"channels": layer.channels, "outputs": layer.outputs, "size": layer.size}
    return words.say("layers.sized", name=words[f"layers.{name}"], **sizes)


def _table(words: Words, layer: Layer) -> str:
    heads = [
        words[f"winograd.channels.{name}"]
        for name in ("method", "multiplies", "adds", "ratio", "ready", "share")
    ]
    most = made(layer)
    rows = [
        [
            words["winograd.channels.direct"],
            short(macs(layer) / most),
            short(macs(layer) / most - 1),
            "100%",
            "",
            "",
        ]
    ]
    for m in FEW:
        counts, share = parts(layer, m), shares(layer, m)
        rows.append(
            [
                named(m, 3, 2),
                short(counts.multiplies / most),
                short(counts.adds / most),
                percent(share.whole / plain(layer)),
                percent(share.ready / plain(layer)),
                percent(share.inverse / share.ready),
            ]
        )
    marks = ["---", *["---:"] * 5]
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, marks, *rows])


def depthwise(words: Words, state: State, shown: Shown) -> None:
    """Show the same shapes with all channels joined and depthwise, where no channel shares a transform."""
    single = LAYERS["depthwise"]
    dense = replace(single, groups=1)
    st.markdown(words.say("winograd.depthwise.text"))
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        for key, layer in (("dense", dense), ("depthwise", single)):
            title = words.say(f"winograd.depthwise.{key}", channels=layer.channels)
            ready = [part for part in ROLES if part != "kernel"]
            plot(key, words, layer, partial(stacked, _bars(words, layer, ready), title=title))
    with right:
        for m in (2, 4):
            joined, own = shares(dense, m), shares(single, m)
            numbers = {
                "name": named(m, 3, 2),
                "dense": percent(joined.ready / plain(dense)),
                "depthwise": percent(own.ready / plain(single)),
                "multiplies": percent((m + 2) ** 2 / (9 * m * m)),
                "products": short(own.products),
                "transforms": short(own.transforms),
                "direct": short(plain(single)),
            }
            st.markdown(words.say("winograd.depthwise.told", **numbers))
        best = min(GROWING, key=lambda m: shares(single, m).ready)
        ratio = shares(single, best).ready / plain(single)
        key = "gain_none" if ratio >= 1 else "gain_little"
        numbers = {
            "name": named(best, 3, 2),
            "ratio": percent(ratio),
            "dense": percent(shares(dense, best).ready / plain(dense)),
        }
        st.markdown(words.say(f"winograd.depthwise.{key}", **numbers))


def growing(words: Words, state: State, shown: Shown) -> None:
    """Show products, transforms and both together as the tile grows, and where the least of them is."""
    st.markdown(words.say("winograd.growing.text", size=EVEN))
    layer = replace(_choose(words, state, "grown"), size=EVEN)
    found = [shares(layer, m) for m in GROWING]
    lines = {
        words["winograd.growing.total"]: (GROWING, [each.ready for each in found], "plain"),
        words["winograd.growing.products"]: (GROWING, [each.products for each in found], "copy"),
        words["winograd.growing.transforms"]: (GROWING, [each.transforms for each in found], "output"),
    }
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        figure = partial(
            curves, lines, title=words["winograd.growing.chart"], axis=words["winograd.growing.axis"],
            ticks=GROWING, marks={words["winograd.channels.direct"]: plain(layer)}, log_y=True, height=320,
        )  # fmt: skip
        plot("growing", words, layer, figure)
    with right:
        heads = [
            "m",
            *[words[f"winograd.growing.{name}"] for name in ("products", "transforms", "total", "share")],
        ]
        rows = [
            [
                str(m),
                short(each.products),
                short(each.transforms),
                short(each.ready),
                percent(each.inverse / each.ready),
            ]
            for m, each in zip(GROWING, found, strict=True)
        ]
        marks = ["---:"] * len(heads)
        st.markdown("\n".join(f"| {' | '.join(row)} |" for row in [heads, marks, *rows]))
    _tell_growing(words, found)


def _tell_growing(words: Words, found: Sequence[Shares]) -> None:
    best = min(range(len(found)), key=lambda at: found[at].ready)
    first, last = found[0], found[-1]
    numbers = {
        "name": named(GROWING[best], 3, 2),
        "total": short(found[best].ready),
        "first": GROWING[0],
        "last": GROWING[-1],
        "products_first": short(first.products),
        "products_last": short(last.products),
        "transforms_first": short(first.transforms),
        "transforms_last": short(last.transforms),
    }
    said = [words.say("winograd.growing.told", **numbers)]
    low, high = (percent(each.inverse / each.ready) for each in (first, last))
    said.append(
        words.say("winograd.growing.share_told", low=low, high=high, first=GROWING[0], last=GROWING[-1])
    )
    dearer = next(
        (
            at
            for at in range(1, len(found))
            if found[at].inverse - found[at - 1].inverse > found[at - 1].products - found[at].products
        ),
        None,
    )
    if dearer is None:
        said.append(words["winograd.growing.inverse_never"])
    else:
        said.append(
            words.say(
                "winograd.growing.inverse_more", name=named(GROWING[dearer], 3, 2), before=GROWING[dearer - 1]
            )
        )
    st.markdown(words.together(said))
