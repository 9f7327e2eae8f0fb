"""Which rows and columns no window reads, in sentences: those of the input by name, those of the padding."""

from __future__ import annotations

from conv_view.part import Slid
from conv_view.text import Words

AXES = ("y", "x")


def left_out(words: Words, trace: Slid) -> list[str]:
    """Return what there is to say about the rows and the columns that are left out; nothing where none is."""
    told = []
    for axis, name in enumerate(AXES):
        told += _along(words, trace, axis, name)
    return told


def _along(words: Words, trace: Slid, axis: int, name: str) -> list[str]:
    window, size = trace.window, trace.x.shape[axis + 2]
    missed = window.unread(trace.x.shape[2:])[axis]
    if not len(missed):
        return []
    own = [int(place) for place in missed if 0 <= place < size]
    room = size + sum(trace.pads[axis]) - window.span[axis]
    # In ceil mode a last window may hang over the end, and nothing is left over there.
    over = max(0, room - (trace.shape[axis + 2] - 1) * window.stride[axis])
    between = len(missed) - over
    numbers = {
        "count": len(missed),
        "which": ", ".join(map(str, own)),
        "padding": len(missed) - len(own),
        "over": over,
        "room": room,
        "between": between,
        "stride": window.stride[axis],
        "dilation": window.dilation[axis],
    }
    told = [f"{name}_{'padding' if not own else 'input' if len(own) == len(missed) else 'both'}"]
    if over:
        told.append("over")
    if between > 0:
        told.append("between_all" if not over else "between_one" if between == 1 else "between")
    return [words.say(f"parameters.unread.{key}", **numbers) for key in told]
