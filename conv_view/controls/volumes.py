"""Choosing a volume: a brain, a film drawn by rule, or the frames of a file; and the cube of it to play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import ConvTrace
from conv_view import part, samples
from conv_view.address import Choice, Field, Int, Ints, State
from conv_view.controls import behind, notices
from conv_view.controls.convolution import WIDE
from conv_view.controls.notices import Fault, fault_of
from conv_view.film import moving_square
from conv_view.pictures import PictureError
from conv_view.stage.component import Seen
from conv_view.text import Words
from conv_view.volumes import read_volume

VOLUMES = {"brain": samples.brain, "film": moving_square}
UPLOAD = "upload"
SIZES = ("8", "12", "16", "20")
CENTRED = (-1, -1, -1)
USES = {"film": ("film", "sobel_z"), "medicine": ("brain", "gaussian")}
SLOT = "volume"  # the one uploaded volume of a visitor, in his own session and nowhere else


@dataclass(frozen=True, eq=False)
class Chosen:
    """The volume at hand: uint8 (D, H, W), its name, and what is wrong, as a text key with its numbers."""

    voxels: NDArray[np.uint8]
    name: str
    fault: Fault | None = None


def fields() -> tuple[Field, ...]:
    """Return the fields of a volume, and of the cube of it on the stage, for the address."""
    return (
        Choice("volume", "brain", (*VOLUMES, UPLOAD)),
        Choice("size", "12", SIZES),
        Ints("at", CENTRED, -1, 4096, length=3, quiet=True),
        # The slice that is looked at alone, counted from 1 as on the stage; 0 is the one in the middle.
        Int("slice", 0, 0, 4096),
    )


def current(state: State) -> Chosen:
    """Return the volume that the state names; the usual one where it is somebody else's upload."""
    name, slot = state["volume"], _slot()
    fault = slot.get("fault")
    if fault and slot["fault_with"] != _loud(state):
        fault = slot["fault"] = None  # it was told; the reader went on
    if name == UPLOAD:
        if slot.get("voxels") is not None:
            return Chosen(slot["voxels"], name, fault)
        name = state.fields["volume"].default
        fault = fault or ("conv3d.missing", {})
    return Chosen(VOLUMES[name](), name, fault)


def choose(state: State, words: Words) -> None:
    """Show the menu of volumes, the upload, and how large a cube is played."""
    names = list(VOLUMES)
    if _slot().get("voxels") is not None or state["volume"] == UPLOAD:
        names.append(UPLOAD)
    st.selectbox(
        words["conv3d.volume"],
        names,
        key=state.key("volume"),
        format_func=lambda name: words[f"conv3d.names.{name}"],
        on_change=_forget_places,
        args=(state,),
        width=WIDE,
    )
    # Made only once it is open: see the popover of the parameters.
    room = behind.behind(words["conv3d.own"], f"{state.page}_own", ":material/video_file:")
    if room is not None:
        with room:
            _bring_own(state, words)
    st.selectbox(
        words["conv3d.part"],
        SIZES,
        key=state.key("size"),
        format_func=lambda size: words.say("conv3d.cube", size=size),
        width=WIDE,
    )


def take_pick(state: State, seen: Seen, whole: ConvTrace, arguments: dict[str, Any]) -> None:
    """Bring the window of a cell that was picked, in the whole result or in the volume, onto the stage."""
    if seen.pick is None:
        return
    cell = seen.pick["cell"]
    if seen.pick["panel"] == "output":
        picked = tuple(cell[1:])
    else:
        picked = part.output_at(cell, whole.x.shape[2:], whole)
    picked = tuple(min(at, size - 1) for at, size in zip(picked, whole.shape[2:], strict=True))
    at, place = part.bring_cell(picked, f"c{state['size']}", whole, arguments, part.period(arguments))
    state.put("at", at)
    state.put("cell", (0, 0, 0, *place))


def _bring_own(state: State, words: Words) -> None:
    slot = _slot()
    # A new key lets go of the original: what is kept is the small volume alone.
    key = f"volume-{slot.get('turn', 0)}"
    st.file_uploader(
        words["conv3d.upload"],
        key=key,
        on_change=_take,
        args=(state, key),
    )
    if slot.get("fault"):
        st.markdown(f":red[:material/error: {notices.sentence(words, state.page, slot['fault'])}]")
    st.caption(words["conv3d.private"])


def _take(state: State, key: str) -> None:
    file, slot = st.session_state.get(key), _slot()
    if file is None:
        return
    slot["turn"] = slot.get("turn", 0) + 1
    try:
        slot["voxels"] = read_volume(file.getvalue()).voxels
        slot["fault"] = None
        state.put("volume", UPLOAD)
        _forget_places(state)
    except PictureError as error:
        slot["fault"] = fault_of(error)
        slot["fault_with"] = _loud(state)


def _forget_places(state: State) -> None:
    """Begin in the middle: a place means something in its own volume only."""
    state.put("at", CENTRED)
    state.put("slice", 0)


def _loud(state: State) -> dict[str, Any]:
    """Return what the reader chose, without what the stage reports by itself."""
    return {name: state[name] for name, field in state.fields.items() if not field.quiet}


def _slot() -> dict[str, Any]:
    slot: dict[str, Any] = st.session_state.setdefault(SLOT, {})
    return slot


def middle(marks: Mapping[str, Sequence[tuple[float, float]]], whole: ConvTrace) -> tuple[int, ...]:
    """Return the output in the middle of what is on the stage, or of everything where all of it is."""
    spans = marks.get("output") or [(0, size) for size in whole.shape[2:]]
    return tuple(int(start + size // 2) for start, size in spans)


def uses(words: Words, state: State) -> None:
    """Show what three dimensions are good for, each with a button that sets it up."""
    for column, (name, (volume, kernel)) in zip(
        st.columns(len(USES), gap="large"), USES.items(), strict=True
    ):
        column.markdown(words[f"conv3d.use.{name}"])
        column.button(
            words[f"conv3d.use.{name}_button"],
            key=f"conv3d_use_{name}",
            on_click=_set_up,
            args=(state, volume, kernel),
        )


def _set_up(state: State, volume: str, kernel: str) -> None:
    state.put("volume", volume)
    state.put("kernel", kernel)
    _forget_places(state)
