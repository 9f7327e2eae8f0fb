"""The stage inside Streamlit: a loader that brings the player once a page, and a small shim a stage."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st

from conv_view.scene import Scene
from conv_view.stage import bundle

# Inline scripts travel with every change of a component's data, so a stage's own is only this.
_SHIM = """
export default function ({ parentElement, data, setStateValue }) {
  const give = () => globalThis.convscope.mount(parentElement, data, setStateValue);
  globalThis.convscope ??= { waiting: [] };
  if (globalThis.convscope.mount) give();
  else globalThis.convscope.waiting.push(give);
  return () => globalThis.convscope.unmount?.(parentElement);
}
"""
_STYLE = ":host { display: block; min-height: 300px; }"


@dataclass(frozen=True)
class Seen:
    """What the reader did on a stage: the step at rest, the last edit, the last cell picked."""

    step: int | None = None
    edit: dict[str, Any] | None = None
    pick: dict[str, Any] | None = None


@cache
def _loader() -> Callable[..., Any]:
    return st.components.v2.component("convscope_player", js=bundle.script() + "export default function () {}\n")


@cache
def _stage() -> Callable[..., Any]:
    return st.components.v2.component("convscope_stage", js=_SHIM, css=_STYLE)


def load_player() -> None:
    """Bring the player to the page; once a page, outside any fragment."""
    with st.container(key="convscope_player_place"):
        _loader()(key="convscope_player", height=1)


def show(scene: Scene, *, key: str, step: int | None = None) -> Seen:
    """Show a scene and return what the reader has done on it; call it inside the fragment of its controls.

    `step` is where the stage shall stand: a value that the stage did not report itself (a link, Back) moves it.
    """
    memory = st.session_state.setdefault(f"stage:{key}", {"session": secrets.token_hex(4), "token": 0, "step": step})
    seen = last_seen(key)
    if step is not None and step not in (memory["step"], seen.step):
        memory["token"] += 1
        memory["step"] = step
    elif seen.step is not None and step == seen.step:
        memory["reported"] = step
    options: dict[str, Any] = {
        "key": key,
        "session": memory["session"],
        "token": memory["token"],
        "revision": (seen.edit or {}).get("revision", 0),
    }
    if memory["step"] is not None:
        options["step"] = memory["step"]
    with st.container(key=f"stage_{key}"):
        _stage()(
            key=key,
            data=scene.to_bytes(**options),
            on_view_change=_nothing,
            on_edit_change=_nothing,
            on_pick_change=_nothing,
        )
    return seen


def last_seen(key: str) -> Seen:
    """Return what the reader did last on the stage called `key`; before it is shown, so that it can be acted on."""
    state = st.session_state.get(key) or {}
    view = state.get("view") or {}
    return Seen(view.get("step"), state.get("edit"), state.get("pick"))


def _nothing() -> None:
    """A state of a component exists once a callback is named for it; the page reads it on the rerun."""
