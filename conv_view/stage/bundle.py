"""The player as one script: its modules in order, with the palette, the style and the words it needs."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from conv_view.text import LANGUAGES, words

FOLDER = Path(__file__).parent
MODULES = (
    "numbers", "scene", "colour", "layout", "clock", "arithmetic", "copying", "scatter", "fields",
    "attention", "frame", "cells", "curves", "flight", "lenses", "outlines", "paint",
    "caption", "readings", "transport", "editing", "time", "pointer", "changes", "player",
)  # fmt: skip
_IMPORT = re.compile(r"^import\b[^;]*;\n", re.MULTILINE)
_REEXPORT = re.compile(r"^export \{[^}]*\};\n", re.MULTILINE)


@cache
def palette() -> dict[str, Any]:
    """Return the colours of roles and scales that the player and every figure share."""
    loaded: dict[str, Any] = json.loads((FOLDER / "palette.json").read_text(encoding="utf-8"))
    return loaded


@cache
def script() -> str:
    """Return the player's script: it puts `convscope` on the page and serves the stages that wait for it.

    >>> "import " in script().split("class Player")[0]
    False
    """
    folder = FOLDER / "player"
    modules = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in MODULES]
    body = "\n".join(
        _REEXPORT.sub("", _IMPORT.sub("", module)).replace("\nexport ", "\n") for module in modules
    )
    spoken = {
        language: {key: text for key, text in words(language).items() if key.startswith("player.")}
        for language in LANGUAGES
    }
    constants = {
        "PALETTE": palette(),
        "PLAYER_CSS": (folder / "player.css").read_text(encoding="utf-8"),
        "PLAYER_WORDS": spoken,
    }
    head = "\n".join(
        f"const {name} = {json.dumps(value, ensure_ascii=False)};" for name, value in constants.items()
    )
    return f"(() => {{\n{head}\n{body}\n{_SERVE}}})();\n"


_SERVE = """
const waiting = globalThis.convscope?.waiting ?? [];
globalThis.convscope = { mount, unmount, stages, matches, waiting: { push: (give) => give() } };
waiting.forEach((give) => give());
"""
