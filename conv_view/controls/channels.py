"""The controls of *Channels and groups*: what lives in the link, the band above the stage, what it means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import ConvTrace, WindowError, conv_trace
from conv_view import channels, part, samples
from conv_view.address import Choice, Field, Int, Ints, Numbers, State
from conv_view.controls import behind, picture_menus, pictures
from conv_view.controls.convolution import NARROW, WIDE
from conv_view.stage.component import Seen
from conv_view.text import Words

PARTS = ("c8", "c12", "c16", "c24", "w24", "w32")
MOST_EDITS = 60  # cells that a reader may type; a link has room for so many
MOST_STRIDE = 3
PADDINGS = ("0", "1")
NOTHING = (0.0,)


@dataclass(frozen=True, eq=False)
class Shown:
    """A state that could be computed: the convolution on the stage, its picture, its kind of weights."""

    trace: ConvTrace
    chosen: pictures.Chosen
    kind: str
    seed: int

    @property
    def counts(self) -> tuple[int, int, int]:
        """Return the channels, the filters and the groups."""
        return self.trace.x.shape[1], self.trace.weight.shape[0], self.trace.groups

    @property
    def size(self) -> int:
        """Return the kernel's side."""
        return int(self.trace.weight.shape[2])


def fields() -> tuple[Field, ...]:
    """Return the fields of the page for the address."""
    return (
        *pictures.fields("astronaut"),
        Choice("part", "w24", PARTS),
        Choice("channels", "4", tuple(map(str, channels.COUNTS))),
        Int("filters", 4, 1, channels.MOST_FILTERS),
        Int("groups", 1, 1, channels.MOST_FILTERS),
        Choice("size", "3", tuple(map(str, channels.SIZES))),
        Int("stride", 1, 1, MOST_STRIDE),
        Choice("padding", "1", PADDINGS),
        Choice("weights", channels.RANDOM, channels.KINDS),
        Int("seed", 0, 0, 999),
        Numbers("edits", NOTHING, longest=5 * MOST_EDITS, limit=1e6),
        Ints("cell", (0,) * 5, 0, 10**6, length=5, quiet=True),
    )


def computed(state: State, chosen: pictures.Chosen, *, groups: int | None = None) -> Shown:
    """Return what the fields say, computed; WindowError where groups do not divide, or nothing is left."""
    choice = "c64" if chosen.name == pictures.PAINTED else state["part"]
    pixels = part.take(chosen.pixels, choice).pixels
    shares = state["groups"] if groups is None else groups
    trace = conv_trace(
        channels.maps(pixels, int(state["channels"])),
        _weight(state, shares),
        stride=state["stride"],
        padding=int(state["padding"]),
        groups=shares,
    )
    return Shown(trace, chosen, state["weights"], state["seed"])


def usual(state: State, chosen: pictures.Chosen) -> Shown:
    """Return what stands on the stage where a link asks for the impossible: its picture, but dense.

    A painted grid may be smaller than the kernel; then it is the page's own picture and kernel.
    """
    try:
        return computed(state, chosen, groups=1)
    except WindowError:
        name = state.fields["picture"].default
        pixels = samples.picture(name)
        x = channels.maps(part.take(pixels, "w24").pixels, 4)
        trace = conv_trace(x, channels.weights(channels.RANDOM, 0, 4, 4, 1, 3), padding=1)
        return Shown(trace, pictures.Chosen(pixels, name), channels.RANDOM, 0)


def take_news(state: State, seen: Seen) -> None:
    """Keep the place where the stage rests, and the weights that were typed on it."""
    if seen.cell is not None:
        state.put("cell", seen.cell)
    if seen.edit is None or seen.edit["panel"] != "kernel":
        return
    count, filters, groups = int(state["channels"]), state["filters"], state["groups"]
    if count % groups or filters % groups:
        return
    before = _weight(state, groups)
    if tuple(seen.edit["shape"]) == before.shape:
        after = np.asarray(seen.edit["values"], np.float32).reshape(before.shape)
        cells = channels.typed(before, after, groups, state["edits"])
        state.put("edits", cells[-5 * MOST_EDITS :] or NOTHING)


def current(state: State, trace: ConvTrace) -> int:
    """Return the number of the step at which the stage stands."""
    _, group, own, *position = state["cell"]
    filters = trace.shape[1] // trace.groups
    number = min(group, trace.groups - 1) * filters + min(own, filters - 1)
    place = [min(at, size - 1) for at, size in zip((0, number, *position), trace.shape, strict=True)]
    return int(np.ravel_multi_index(place, trace.shape))


def band(state: State, words: Words, chosen: pictures.Chosen) -> None:
    """Show the controls: the picture, channels, filters, and the slider from dense to depthwise."""
    pictures.choose(state, words)
    before = int(state["channels"]), state["filters"], state["groups"]
    st.selectbox(
        words["channels.channels"],
        [str(count) for count in channels.COUNTS],
        key=state.key("channels"),
        format_func=lambda count: words[f"channels.made.{count}"],
        on_change=_go_on,
        args=(state, *before),
        width=WIDE,
    )
    st.selectbox(
        words["channels.filters"],
        _multiples(int(state["channels"]), state["filters"]),
        key=state.key("filters"),
        on_change=_go_on,
        args=(state, *before),
        width=NARROW,
    )
    _slider(state, words, before)
    st.segmented_control(
        words["channels.size"],
        [str(size) for size in channels.SIZES],
        key=state.key("size"),
        required=True,
        format_func=lambda size: f"{size} × {size}",
    )
    st.slider(words["controls.stride"], 1, MOST_STRIDE, key=state.key("stride"), width=NARROW)
    st.segmented_control(words["controls.padding"], PADDINGS, key=state.key("padding"), required=True)
    _more(state, words, chosen)


def _slider(state: State, words: Words, before: tuple[int, int, int]) -> None:
    count, filters, groups = before
    options = channels.steps(count, filters)
    if groups not in options:  # a link asks for it: it is shown, and the sentence above says what is wrong
        options = sorted([*options, groups])

    def named(step: int) -> str:
        if step == 1:
            return words["channels.dense"]
        if count % step or filters % step:
            return words.say("channels.undivided", groups=step)
        return words.say("channels.depthwise" if step == count else "channels.grouped", groups=step)

    st.select_slider(
        words["channels.groups"],
        options,
        key=state.key("groups"),
        format_func=named,
        on_change=_go_on,
        args=(state, *before),
        help=words["channels.groups_help"],
        width=200,
    )


def _more(state: State, words: Words, chosen: pictures.Chosen) -> None:
    room = behind.more(words, state.page)
    if room is None:
        return
    with room:
        picture_menus.part(state, words, PARTS, painted=chosen.name == pictures.PAINTED)
        st.selectbox(
            words["channels.weights"],
            channels.KINDS,
            key=state.key("weights"),
            format_func=lambda kind: words[f"channels.kinds.{kind}"],
            help=words["channels.weights_help"],
            on_change=_forget_edits,
            args=(state,),
        )
        st.number_input(
            words["channels.seed"],
            0,
            999,
            key=state.key("seed"),
            disabled=state["weights"] != channels.RANDOM,
            on_change=_forget_edits,
            args=(state,),
        )
        count = len(state["edits"]) // 5
        st.button(
            words.say("channels.forget", count=count),
            key=f"{state.page}_forget",
            disabled=not count,
            on_click=_forget_edits,
            args=(state,),
        )


def _weight(state: State, groups: int) -> NDArray[np.float32]:
    count, filters, size = int(state["channels"]), state["filters"], int(state["size"])
    weight = channels.weights(state["weights"], state["seed"], count, filters, groups, size)
    if count % groups or filters % groups:
        return weight
    return channels.changed(weight, groups, state["edits"])


def _multiples(count: int, filters: int) -> list[int]:
    """Return the filters on offer: as many as channels, twice as many and so on; every divisor is a step."""
    return sorted({*range(count, channels.MOST_FILTERS + 1, count), filters})


def _go_on(state: State, count: int, filters: int, groups: int) -> None:
    """Keep what was meant where channels, filters or groups change: depthwise, twice as many, the filter."""
    now = int(state["channels"])
    if now != count:
        times = max(1, filters // count)
        state.put("filters", now * min(times, channels.MOST_FILTERS // now))
    if (now, state["filters"]) != (count, filters):
        state.put("groups", channels.kept(groups, count, now, state["filters"]))
    _, group, own, *position = state["cell"]
    number = min(group * max(1, filters // groups) + own, state["filters"] - 1)
    state.put("cell", (0, *divmod(number, max(1, state["filters"] // state["groups"])), *position))


def _forget_edits(state: State) -> None:
    state.put("edits", NOTHING)


def names(words: Words, count: int) -> list[str]:
    """Return the channels' names in the reader's language."""
    return [words[f"channels.names.{name}"] for name in channels.NAMES[:count]]


def filter_names(words: Words, shown: Shown) -> list[str]:
    """Return the filters' numbers, with the kernel that each holds where they are named."""
    _, filters, _ = shown.counts
    if shown.kind != channels.NAMED:
        return [str(number) for number in range(filters)]
    return [
        f"{number} {_kernel_name(words, channels.named(shown.size, number, shown.trace.weight.shape[1]))}"
        for number in range(filters)
    ]


def _kernel_name(words: Words, name: str) -> str:
    return words.get(f"channels.rows.{name}") or words[f"controls.kernels.{name}"]
