"""What one tile costs: multiplications saved, additions added, beside the counts that were published."""

from __future__ import annotations

from math import prod

import numpy as np
import streamlit as st

from conv_core import counted, winograd_parts
from conv_view.address import State
from conv_view.controls.winograd import Shown
from conv_view.text import Words
from conv_view.winograd_figures import short
from conv_view.winograd_tile import Followed

#: Operations of a tile's transforms in two dimensions: Lavin and Gray (2016), section 4; in brackets wincnn.
PUBLISHED = {
    (2, 3): {"data": "32", "kernel": "28", "inverse": "24"},
    (4, 3): {"data": "156 (144)", "kernel": "72", "inverse": "100"},
}
PARTS = ("data", "kernel", "products", "inverse")


def show(words: Words, state: State, shown: Shown) -> None:
    """Show the operations of one tile of one channel, counted while they are done."""
    tile = shown.tile
    rank, m, r = tile.rank, tile.m, tile.r
    side = (1, 1, *[tile.n] * rank)
    parts = winograd_parts(side, (1, 1, *[r] * rank), m=m, points=tile.points)
    st.markdown(words["winograd.counts.text"])
    published = PUBLISHED.get((m, r), {}) if rank == 2 and tile.points is None else {}
    left, right = st.columns([1.3, 1], gap="large")
    with left:
        st.markdown(_table(words, tile, parts, published))
    with right:
        outputs = m**rank
        transforms = [getattr(parts, name) for name in ("data", "kernel", "inverse")]
        numbers = {
            "winograd": short(tile.n**rank / outputs),
            "direct": r**rank,
            "ratio": short(outputs * r**rank / tile.n**rank),
            "adds": sum(part.adds for part in transforms),
            "multiplies": sum(part.multiplies for part in transforms),
        }
        st.markdown(words.say("winograd.counts.saved", **numbers))
        kernel = {"adds": parts.kernel.adds, "multiplies": parts.kernel.multiplies}
        if published:
            bracketed = any("(" in count for count in published.values())
            said = ["whose", *(["brackets"] if bracketed else []), "reason"]
            st.markdown(words.together([words.say(f"winograd.counts.{name}", **kernel) for name in said]))
        else:
            st.markdown(words["winograd.counts.none"])
        tally = counted(
            np.ones(side), np.ones((1, 1, *[r] * rank)), method="winograd", m=m, points=tile.points
        )
        st.markdown(words.say("winograd.counts.again", multiplies=tally.multiplies, adds=tally.adds))


def _table(words: Words, tile: Followed, parts: object, published: dict[str, str]) -> str:
    rank = tile.rank
    heads = [words[f"winograd.counts.{name}"] for name in ("part", "multiplies", "adds")]
    if published:
        heads.append(words["winograd.counts.published"])
    rows = []
    for name in PARTS:
        part = getattr(parts, name)
        suffix = "_1" if rank == 1 and name != "products" else ""
        rows.append([words[f"winograd.counts.{name}{suffix}"], str(part.multiplies), str(part.adds)])
        if published:
            rows[-1].append(published.get(name, ""))
    whole = (parts.multiplies, parts.adds)  # type: ignore[attr-defined]
    terms = prod([tile.m**rank, tile.r**rank])
    plain = (terms, terms - tile.m**rank)
    for name, (multiplies, adds) in (("all", whole), ("direct", plain)):
        label = words[f"winograd.counts.{name}"]
        rows.append([f"**{label}**", f"**{multiplies}**", f"**{adds}**", *([""] if published else [])])
    marks = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, marks, *rows])
