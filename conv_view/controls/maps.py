"""The controls of the page of feature maps: picture, network, layer, and which map and cell is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from math import prod
from time import monotonic
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import softmax
from conv_core.cell import cell_story
from conv_view import samples
from conv_view.address import Choice, Field, Int, Ints, State, Text
from conv_view.cell_parts import A_PAGE, Parts, parts_of
from conv_view.controls import notices, pictures
from conv_view.digits import percent, signs, told
from conv_view.feature_nets import NETWORKS, FeatureNet, net
from conv_view.feature_walls import BY_INDEX, SORTS, Maps, across
from conv_view.passage import Passage
from conv_view.stage.component import news
from conv_view.stories.maps import OVER
from conv_view.text import Words, literal

NAME, WALL, LARGE = "maps", "maps_wall", "maps_large"
PASSAGE = "maps:passage"  # in the visitor's session: the picture on its way, as far as it was computed
SHOWN = "maps:shown"  # in the visitor's session: the maps of the page that was shown last
BLOCK, LAYER = "maps_block", "maps_layer"
NOWHERE = (-1, -1)  # a cell that a link does not say: the one where the map is largest
PATIENCE = 0.4  # seconds before progress is told
MOST_NAMED = 5


class LayerError(ValueError):
    """A layer that a network has not."""

    def __init__(self, layer: str, network: str) -> None:
        super().__init__(layer)
        self.layer, self.network = layer, network


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on the page: the picture's passage, a layer's maps, the map and the cell that are looked at."""

    passage: Passage
    layer: str
    maps: Maps
    chosen: int
    at: tuple[int, ...]
    parts: Parts
    likely: tuple[tuple[int, float], ...]

    @property
    def net(self) -> FeatureNet:
        """The network."""
        return self.passage.net


def fields() -> tuple[Field, ...]:
    """Return the fields for the address."""
    return (
        Choice("picture", "cat", (*samples.PICTURES, pictures.UPLOAD)),
        Choice("network", NETWORKS[0], NETWORKS),
        Text("layer", "", 60),
        Choice("sort", BY_INDEX, SORTS),
        Int("leaf", 0, 0, 999),
        Int("map", -1, -1, 99_999),
        Ints("at", NOWHERE, -1, 999, length=2),
        Int("part", 0, 0, 9_999),
        Ints("step", (0, 0), 0, 9_999, length=2, quiet=True),
    )


def take_news(state: State) -> None:
    """Go to the map or the cell that was picked since the last run, and keep where the stage rests."""
    seen = news(NAME)
    if seen.cell is not None:
        state.put("step", seen.cell)
    last: dict[str, Any] = st.session_state.get(SHOWN, {})
    wall, large = news(WALL).pick, news(LARGE).pick
    if wall and last:
        number = (
            wall["cell"][0] if len(wall["cell"]) == 3 else wall["cell"][0] * last["across"] + wall["cell"][1]
        )
        if 0 <= number < len(last["numbers"]):
            look_at(state, int(last["numbers"][number]))
    if large and last and len(last["size"]) == 2:
        cell = large["cell"][-2:]
        if large["panel"] == "over":
            cell = [place * size // last["side"] for place, size in zip(cell, last["size"], strict=True)]
        if all(0 <= place < size for place, size in zip(cell, last["size"], strict=True)):
            look_at(state, last["chosen"], (cell[0], cell[1]))


def look_at(state: State, number: int, at: tuple[int, int] = NOWHERE) -> None:
    """Look at a map, and at a cell of it."""
    for name, value in (("map", number), ("at", at), ("part", 0), ("step", (0, 0))):
        state.put(name, value)


def go(state: State, layer: str) -> None:
    """Look at another layer."""
    state.put("layer", layer)
    state.put("leaf", 0)
    look_at(state, -1)


def asked(state: State, chosen: pictures.Chosen, slot: Any, words: Words) -> Shown:
    """Return what the fields ask for; raises LayerError for a layer that the network has not."""
    network = net(state["network"])
    layer = state["layer"] or network.first
    if layer not in network.shapes or layer == "input":
        raise LayerError(layer, network.name)
    return _shown(state, chosen, layer, slot, words)


def usual(state: State, chosen: pictures.Chosen, slot: Any, words: Words) -> Shown:
    """Return what is shown in place of a layer that is not there."""
    return _shown(state, chosen, net(state["network"]).first, slot, words)


def _shown(state: State, chosen: pictures.Chosen, layer: str, slot: Any, words: Words) -> Shown:
    passage: Passage | None = st.session_state.get(PASSAGE)
    if passage is None or passage.net.name != state["network"] or passage.pixels is not chosen.pixels:
        st.session_state.pop(PASSAGE, None)  # so that two are never held at once
        passage = None
        passage = st.session_state[PASSAGE] = Passage(state["network"], chosen.pixels)
    tell = _teller(slot, words)
    likely: tuple[tuple[int, float], ...] = ()
    maps = passage.seen.get(layer)
    if maps is None:
        maps = Maps.of(layer, passage.look(layer, tell))
        passage.seen = {layer: maps}
    if passage.net.trained:
        shares = softmax(passage.output(tell), axis=0)
        likely = tuple((int(at), float(shares[at])) for at in np.argsort(-shares)[:MOST_NAMED])
    slot.empty()
    leaf = min(state["leaf"], maps.pages - 1)
    number = state["map"] if 0 <= state["map"] < len(maps) else int(maps.page(state["sort"], leaf)[0])
    at: tuple[int, ...] = ()
    if not maps.is_flat:
        fits = all(0 <= place < size for place, size in zip(state["at"], maps.values.shape[1:], strict=True))
        at = tuple(state["at"]) if fits else maps.strongest(number)
    shape = passage.net.shapes[layer]
    place = (0, number, *(at if not maps.is_flat else (0,) * (len(shape) - 2)))
    story = cell_story(passage.net.graph, passage.values, passage.params, layer, place)
    parts = parts_of(passage.net.graph, story, passage.params, passage.values, state["part"])
    return Shown(passage, layer, maps, number, at, parts, likely)


def _teller(slot: Any, words: Words) -> Callable[[float], None]:
    """Return what tells how far a pass has come, once that takes longer than one notices."""
    begun = monotonic()
    told_at = begun + PATIENCE

    def tell(share: float) -> None:
        nonlocal told_at
        now = monotonic()
        if now >= told_at:
            told_at = now + 0.15
            slot.progress(share, words.say("maps.progress", share=percent(round(share, 2))))

    return tell


def remember(state: State, shown: Shown) -> NDArray[np.int64]:
    """Keep which maps the wall shows, for a click on it; return their numbers."""
    leaf = min(state["leaf"], shown.maps.pages - 1)
    numbers = shown.maps.page(state["sort"], leaf)
    st.session_state[SHOWN] = {
        "numbers": numbers,
        "across": across(len(numbers)),
        "size": shown.maps.values.shape[1:],
        "side": min(shown.net.side, OVER),
        "chosen": shown.chosen,
    }
    return numbers


def first_of(state: State, shown: Shown) -> int:
    """Return how many maps are on the pages before."""
    return int(min(state["leaf"], shown.maps.pages - 1)) * shown.maps.a_page


def faults(error: ValueError | None) -> tuple[notices.Fault, ...]:
    """Return what is to be said of a layer that is not there."""
    if not isinstance(error, LayerError):
        return ()
    return (("maps.no_layer", {"layer": literal(error.layer)}),)


def band(state: State, words: Words, shown: Shown) -> None:
    """Show the controls above the maps."""
    pictures.choose(state, words, painted=False)
    st.selectbox(
        words["maps.network"],
        NETWORKS,
        key=state.key("network"),
        format_func=lambda name: _network_label(words, name),
        on_change=lambda: go(state, ""),
        width=195,
    )
    network = net(state["network"])
    layer = state["layer"] if state["layer"] in network.shapes else network.first
    layer = network.first if layer == "input" else layer
    block = network.block_of(layer)
    labels = [each.label for each in network.blocks]
    _set(BLOCK, block.label)
    st.selectbox(
        words["maps.block"],
        labels,
        key=BLOCK,
        on_change=lambda: go(state, network.blocks[labels.index(st.session_state[BLOCK])].nodes[-1]),
        width=120,
    )
    _set(LAYER, layer)
    st.selectbox(
        words["maps.layer"],
        block.nodes,
        key=LAYER,
        format_func=lambda name: _layer_label(network, block.label, name),
        on_change=lambda: go(state, st.session_state[LAYER]),
        width=205,
    )
    st.segmented_control(
        words["maps.sort"],
        SORTS,
        key=state.key("sort"),
        required=True,
        format_func=lambda name: words[f"maps.sorts.{name}"],
        on_change=lambda: state.put("leaf", 0),
    )
    leaves(state, words, shown)


def _network_label(words: Words, name: str) -> str:
    label = words[f"maps.names.{name}"]
    return label if net(name).trained else words.say("maps.as_untrained", network=label)


def _set(key: str, value: object) -> None:
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def _layer_label(network: FeatureNet, block: str, name: str) -> str:
    size = "×".join(map(str, network.shapes[name][1:])) if name in network.shapes else ""
    return f"{name.removeprefix(block + '.')} · {size}"


def leaves(state: State, words: Words, shown: Shown) -> None:
    """Show which page of the wall it is, and go to others."""
    pages = shown.maps.pages
    if pages < 2:
        return
    key = f"maps_page_{pages}"  # another number of pages is another control
    _set(key, min(state["leaf"], pages - 1) + 1)
    st.number_input(
        words.say("maps.leaf", pages=pages),
        1,
        pages,
        key=key,
        on_change=lambda: state.put("leaf", (st.session_state[key] or 1) - 1),
        width=130,
    )


def part_leaves(state: State, words: Words, shown: Shown) -> None:
    """Show which page of the channels stands on the stage, and go to others."""
    at, pages, count = shown.parts.page, shown.parts.pages, shown.parts.count
    if pages < 2:
        return

    def turn(by: int) -> None:
        state.put("part", min(max(at + by, 0), pages - 1))
        state.put("step", (0, 0))

    with st.container(
        key="maps_part", horizontal=True, vertical_alignment="center", gap="small", width="content"
    ):
        st.button(words["maps.back"], key="maps_part_back", disabled=at == 0, on_click=turn, args=(-1,))
        first, last = at * A_PAGE + 1, min(count, (at + 1) * A_PAGE)
        st.markdown(words.say("maps.part", first=first, last=last, count=f"{count:,}"), width="content")
        st.button(words["maps.on"], key="maps_part_on", disabled=at == pages - 1, on_click=turn, args=(1,))


def line(words: Words, shown: Shown) -> str:
    """Return what the network says of the picture, or that it was never trained."""
    if not shown.likely:
        return words.say("maps.untrained", network=words[f"maps.names.{shown.net.name}"])
    likely = [(class_name(words, shown.net, number), percent(share)) for number, share in shown.likely]
    (first, sure), *others = likely
    names = [f"**{first}** {sure}", *[f"{name} {share}" for name, share in others]]
    return words.say(
        "maps.answer", names=reduce(lambda one, two: words.say("maps.pair", one=one, two=two), names)
    )


def class_name(words: Words, network: FeatureNet, number: int) -> str:
    """Return a class by its name, as one reads it."""
    name = network.classes[number]
    return literal(words.get(f"maps.cifar.{name}", name).replace("_", " "))


def about_layer(words: Words, shown: Shown) -> str:
    """Return the layer, how many maps it has, and the cell that is looked at with its value."""
    maps, layer = shown.maps, literal(shown.layer)
    value = signs(told(shown.parts.value, 5))
    if maps.is_flat:
        named = shown.layer == shown.net.graph.output and shown.net.trained
        number = f"{shown.chosen} ({class_name(words, shown.net, shown.chosen)})" if named else shown.chosen
        return words.say("maps.about_units", layer=layer, count=f"{len(maps):,}", number=number, value=value)
    return words.say(
        "maps.about", layer=layer, count=f"{len(maps):,}", rows=maps.values.shape[1],
        columns=maps.values.shape[2], number=shown.chosen, row=shown.at[0], column=shown.at[1], value=value,
    )  # fmt: skip


def step(state: State, lengths: tuple[int, ...]) -> tuple[int, int]:
    """Return where the stage stands, within the acts that there are."""
    act, index = state["step"]
    act = min(act, len(lengths) - 1)
    return act, min(index, lengths[act] - 1)


def cells(shown: Shown) -> int:
    """How many numbers a cell was made of."""
    return prod(shown.parts.story.products.shape)
