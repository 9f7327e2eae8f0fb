"""The lesson that a 3D convolution takes 2D input too: one slice, and the 2D convolution that remains."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import ConvTrace, WindowError, conv_trace
from conv_view.address import Choice, Field, Ints, State
from conv_view.controls.convolution import Settings
from conv_view.controls.lessons import matrix
from conv_view.controls.notices import fault_of
from conv_view.digits import told
from conv_view.one_slice import Place, padded_to_fit, places
from conv_view.part import Part
from conv_view.stage.component import news
from conv_view.stage.component import show as show_stage
from conv_view.stories.convolution import convolution
from conv_view.text import Words

GOOD = "conv3d_slice:good"  # what is shown while what is asked for is impossible


def fields() -> tuple[Field, ...]:
    """Return the fields of the lesson for the address."""
    return (
        Choice("slice_padding", "same", ("same", "as_set")),
        Ints("slice_cell", (0,) * 6, 0, 10**6, length=6, quiet=True),
    )


def show(words: Words, state: State, voxels: NDArray[np.uint8], cube: Part, settings: Settings) -> None:
    """Show the slice on a stage of its own, and beside it the 2D convolution that gives the same numbers."""
    if (seen := news("conv3d_slice")).cell is not None:
        state.put("slice_cell", seen.cell)
    st.markdown(words["conv3d.single.text"])
    if not state["slice"]:
        state.put("slice", len(voxels) // 2 + 1)
    state.within("slice", 1, len(voxels))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.slider(words["conv3d.single.slice"], 1, len(voxels), key=state.key("slice"), width=320)
        st.segmented_control(
            words["conv3d.single.padding"],
            ("same", "as_set"),
            key=state.key("slice_padding"),
            required=True,
            format_func=lambda name: words[f"conv3d.single.paddings.{name}"],
        )
    try:
        st.session_state[GOOD] = _convolved(state, voxels, cube, settings)
    except WindowError as error:
        key, numbers = fault_of(error)
        st.markdown(f":red[:material/error:] {words.say(key, **numbers)} {words['conv3d.single.refused']}")
    if GOOD not in st.session_state:
        return
    small, whole, found = st.session_state[GOOD]
    left, right = st.columns([2.4, 1], gap="medium")
    with left:
        scene = convolution(small, words, edit_kernel=False)
        show_stage(scene, key="conv3d_slice", cell=state["slice_cell"], aspect=0.42)
    with right:
        at = min(state["slice_cell"][3], len(found) - 1)
        _compare(words, whole, found[at], at, len(found))


def _convolved(
    state: State, voxels: NDArray[np.uint8], cube: Part, settings: Settings
) -> tuple[ConvTrace, ConvTrace, list[Place]]:
    arguments = settings.arguments()
    weight = settings.weight(1)
    if state["slice_padding"] == "same":
        arguments = padded_to_fit(weight.shape[2:], arguments)
    at = state["slice"] - 1
    plane = voxels[at : at + 1]
    rows, columns = (
        slice(start, start + size)
        for start, size in zip((cube.at or (0, 0, 0))[1:], cube.pixels.shape[1:], strict=True)
    )
    small, whole = (
        conv_trace(part[None, None].astype(np.float32), weight, settings.bias_array, **arguments)
        for part in (plane[:, rows, columns], plane)
    )
    return small, whole, places(whole)


def _compare(words: Words, whole: ConvTrace, place: Place, at: int, count: int) -> None:
    numbers: dict[str, Any] = {
        "slices": whole.weight.shape[2],
        "met": ", ".join(str(one + 1) for one in place.met),
        "place": at + 1,
        "places": count,
        "input": " × ".join(map(str, whole.x.shape[2:])),
        "output": " × ".join(map(str, whole.shape[2:])),
        "difference": told(place.difference, 2),
        "largest": told(np.abs(whole.output).max()),
    }
    kind = ("none", "one")[len(place.met)] if len(place.met) < 2 else "some"
    st.markdown(words.say("conv3d.single.shapes", **numbers))
    if count > 1:
        st.markdown(words.say("conv3d.single.place", **numbers))
    st.markdown(words.say(f"conv3d.single.met_{kind}", **numbers))
    st.markdown(matrix(place.kernel))
    st.markdown(words.say("conv3d.single.equal", **numbers))
    if place.met and not place.kernel.any():
        st.markdown(words["conv3d.single.blind"])
