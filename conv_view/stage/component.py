"""The stage inside Streamlit: a loader that brings the player once a page, and a small shim a stage."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
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
    """What the reader did on a stage: the place at rest, the last edit, the last cell picked.

    A place is the number of an act and the index of the step in it; a cell picked, the cell of a panel.
    """

    cell: tuple[int, ...] | None = None
    edit: dict[str, Any] | None = None
    pick: dict[str, Any] | None = None


@cache
def _loader() -> Callable[..., Any]:
    return st.components.v2.component(
        "convscope_player", js=bundle.script() + "export default function () {}\n"
    )


@cache
def _stage() -> Callable[..., Any]:
    return st.components.v2.component("convscope_stage", js=_SHIM, css=_STYLE)


def load_player() -> None:
    """Bring the player to the page; once a full run, outside any fragment. It has no looks."""
    _loader()(key="convscope_player", height=1)


def show(scene: Scene, *, key: str, cell: Sequence[int] | None = None, **options: Any) -> None:
    """Show a scene; call it inside the fragment of its controls.

    `cell` is the place where the stage shall stand: one that the stage did not report itself (a link, Back)
    moves it. `options` go to the player: `aspect`, `autoplay`, `speed`, `loop`.
    """
    memory = _memory(key)
    if cell is not None and tuple(cell) != memory["at"]:
        memory["at"] = memory["start"] = tuple(cell)
        memory["token"] += 1
    with st.container(key=f"stage_{key}"):
        _stage()(
            key=key,
            data=scene.to_bytes(
                key=key,
                session=memory["session"],
                token=memory["token"],
                cell=memory["start"],
                revision=(last_seen(key).edit or {}).get("revision", 0),
                **options,
            ),
            on_view_change=_nothing,
            on_edit_change=_nothing,
            on_pick_change=_nothing,
        )


def last_seen(key: str) -> Seen:
    """Return what the reader did last on the stage called `key`; to be acted on before it is shown again."""
    state = st.session_state.get(key) or {}
    cell = (state.get("view") or {}).get("cell")
    return Seen(None if cell is None else tuple(cell), state.get("edit"), state.get("pick"))


def news(key: str) -> Seen:
    """Return what is new in `last_seen` since the last call: each report, edit and pick is given once."""
    memory, seen = _memory(key), last_seen(key)
    fresh = Seen(
        seen.cell if seen.cell != memory["cell"] else None,
        seen.edit if seen.edit != memory["edit"] else None,
        seen.pick if seen.pick != memory["pick"] else None,
    )
    memory |= {"cell": seen.cell, "edit": seen.edit, "pick": seen.pick}
    if fresh.cell is not None:
        memory["at"] = fresh.cell
    return fresh


def _memory(key: str) -> dict[str, Any]:
    fresh = {"session": secrets.token_hex(4), "token": 0, "start": None, "at": None}
    memory: dict[str, Any] = st.session_state.setdefault(
        f"stage:{key}", fresh | {"cell": None, "edit": None, "pick": None}
    )
    return memory


def _nothing() -> None:
    """A state of a component exists once a callback is named for it; the page reads it on the rerun."""
