"""Choosing a picture: the gallery, an upload, the camera, or a small grid painted by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_view import samples
from conv_view.address import Choice, Field, State
from conv_view.controls import behind, notices, picture_menus
from conv_view.painted import GridField, decode_painted, encode_painted
from conv_view.part import Part, shortened, take
from conv_view.pictures import PictureError, read_picture, to_grey
from conv_view.stage.component import Seen
from conv_view.text import Words

PAINTED, UPLOAD = "painted", "upload"
SLOT = "picture"  # the one uploaded picture of a visitor, in his own session and nowhere else
DERIVED = "picture:derived"  # in the visitor's session: what was made of the picture at hand
GRID = 12
PREVIEW = "w224"


@dataclass(frozen=True, eq=False)
class Chosen:
    """The picture at hand, uint8 (H, W) or (H, W, 3), and what is wrong: a text key with its numbers."""

    pixels: NDArray[np.uint8]
    name: str
    fault: tuple[str, dict[str, Any]] | None = None

    @property
    def grey(self) -> NDArray[np.uint8]:
        """The picture in grey (H, W)."""
        return _derived(self.pixels, "grey", to_grey)

    def in_tones(self, colour: str) -> NDArray[np.uint8]:
        """The picture in "grey", or as it is."""
        return self.grey if colour == "grey" else self.pixels

    @property
    def preview(self) -> NDArray[np.uint8]:
        """The picture reduced to what stands beside the stage."""
        return _derived(self.pixels, "preview", lambda pixels: take(pixels, PREVIEW).pixels)


def fields(default: str) -> tuple[Field, ...]:
    """Return the fields of a picture for the address."""
    return Choice("picture", default, (*samples.PICTURES, PAINTED, UPLOAD)), GridField("grid")


def choose(state: State, words: Words, *, painted: bool = True) -> Chosen:
    """Show the menu and the upload, and return the picture; `painted`: whether a grid can be painted."""
    names = [*samples.PICTURES, *([PAINTED] if painted else [])]
    if _slot().get("pixels") is not None or state["picture"] == UPLOAD:
        names.append(UPLOAD)
    st.selectbox(
        words["picture.label"],
        names,
        key=state.key("picture"),
        format_func=lambda name: words[f"picture.names.{name}"],
        width=146,
    )
    room = behind.behind(words["picture.own"], f"{state.page}_own", ":material/add_photo_alternate:")
    if room is not None:
        with room:
            _bring_own(state, words)
    return current(state)


def current(state: State) -> Chosen:
    """Return the picture that the state names; a gallery picture where it is somebody else's upload."""
    name, slot = state["picture"], _slot()
    fault = slot.get("fault")
    if fault and slot["fault_with"] != _loud(state):
        fault = slot["fault"] = None  # it was told; the reader went on
    if name == PAINTED:
        return Chosen(painted(state["grid"]), name, fault)
    if name == UPLOAD:
        if slot.get("pixels") is not None:
            return Chosen(slot["pixels"], name, fault)
        name = state.fields["picture"].default
        return Chosen(samples.picture(name), name, fault or ("picture.missing", {"name": name}))
    return Chosen(samples.picture(name), name, fault)


def painted(text: str) -> NDArray[np.uint8]:
    """Return the grid that a link describes; a plain cross where it describes none."""
    try:
        return decode_painted(text)
    except PictureError:
        grid = np.zeros((GRID, GRID), np.uint8)
        grid[2:-2, GRID // 2 - 1 : GRID // 2 + 1] = 255
        grid[GRID // 2 - 1 : GRID // 2 + 1, 2:-2] = 255
        return grid


def colour_and_part(state: State, words: Words, chosen: Chosen) -> None:
    """Show how the picture's channels are used and which part of it stands on the stage."""
    picture_menus.colour(state, words, plain=chosen.pixels.ndim == 2)
    picture_menus.part(state, words, painted=chosen.name == PAINTED, width=130)


def tell_shortened(words: Words, state: State, chosen: Chosen, piece: Part) -> None:
    """Say why a crop is not square, where it is not."""
    if chosen.name != PAINTED and shortened(piece, state["part"], chosen.pixels.shape):
        rows, columns = piece.pixels.shape[:2]
        st.caption(words.say("picture.shortened", rows=rows, columns=columns))


def take_paint(state: State, seen: Seen) -> None:
    """Keep a grid that was painted on the stage."""
    if seen.edit is None or seen.edit["panel"] != "input":
        return
    values = np.asarray(seen.edit["values"], float).reshape(seen.edit["shape"])[0]
    state.put("grid", encode_painted(np.clip(np.rint(values), 0, 255).astype(np.uint8)))


def _bring_own(state: State, words: Words) -> None:
    slot = _slot()
    # A new key lets go of the original: what is kept is the small array alone.
    key = f"upload-{slot.get('turn', 0)}"
    st.file_uploader(
        words["picture.upload"],
        type=["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"],
        key=key,
        on_change=_take,
        args=(state, key),
    )
    if st.toggle(words["picture.camera"], key="camera-on"):
        shot = f"camera-{slot.get('turn', 0)}"
        st.camera_input(
            words["picture.camera"],
            key=shot,
            on_change=_take,
            args=(state, shot),
            label_visibility="collapsed",
        )
    if slot.get("fault"):
        # The line above the stage says so too, but the popover may lie on it.
        st.markdown(f":red[:material/error: {notices.sentence(words, state.page, slot['fault'])}]")
    st.caption(words["picture.private"])


def _take(state: State, key: str) -> None:
    file, slot = st.session_state.get(key), _slot()
    if file is None:
        return
    slot["turn"] = slot.get("turn", 0) + 1
    try:
        slot["pixels"] = read_picture(file.getvalue()).pixels
        slot["fault"] = None
        state.put("picture", UPLOAD)
        st.session_state[f"{state.page}_own"] = False  # the popover has done its work, and lies on the stage
    except PictureError as error:
        slot["fault"] = (f"errors.{error.code}", error.numbers)
        slot["fault_with"] = _loud(state)


def _loud(state: State) -> dict[str, Any]:
    """Return what the reader chose, without what the stage reports by itself."""
    return {name: state[name] for name, field in state.fields.items() if not field.quiet}


def _slot() -> dict[str, Any]:
    slot: dict[str, Any] = st.session_state.setdefault(SLOT, {})
    return slot


def _derived(
    pixels: NDArray[np.uint8], name: str, make: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    """Make something of a picture once, for as long as the visitor stays with it: no slider changes it."""
    kept: dict[str, NDArray[np.uint8]] = st.session_state.setdefault(DERIVED, {})
    if kept.get("of") is not pixels:
        kept.clear()
        kept["of"] = pixels
    if name not in kept:
        kept[name] = make(pixels)
    return kept[name]
