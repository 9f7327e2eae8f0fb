"""Normalisations as scenes: batch norm over a small batch, responses across channels, softmax of scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from conv_core import Window
from conv_view.scene import Act, Arithmetic, Panel, Relation, Scale, Scene, View
from conv_view.text import Words

_MAPS = View(2, 3, 1, "strip")  # of (channels, batch, H, W): a batch's maps of one channel, side by side
_CHANNEL = Relation("", (0, 0), ((1, 0, 0, 0), (0, 0, 0, 0)), ((), ()))


def batch(
    before: NDArray[np.floating],
    after: NDArray[np.floating],
    statistics: Sequence[tuple[str, NDArray[np.floating]]],
    words: Words,
    channels: Sequence[str],
) -> Scene:
    """Return the scene of batch norm as it is computed: every value times its channel's scale, plus a shift.

    before and after (N, C, H, W); `statistics` are named arrays (C,), those called "scale" and "shift" the
    numbers that after = before * scale + shift; `channels` names the channels.
    """
    samples, count, *_ = before.shape
    own = {
        name: Panel(
            name, words[f"activations.stage.{name}"], "kernel" if name in ("scale", "shift") else "plain",
            values[:, None], View(0, 1), Scale.diverging(values), labels={0: channels},
        )
        for name, values in statistics
    }  # fmt: skip
    panels = (
        _maps("before", words["activations.stage.before"], "window", before),
        _maps("after", words["activations.stage.normalised"], "output", after),
        *own.values(),
    )
    identity = tuple(tuple(int(axis == at) for at in range(4)) for axis in range(4))
    still = ((),) * 4
    relations = (
        *(Relation(name, (0,) * 4, identity, still) for name in ("before", "after")),
        *(Relation(name, _CHANNEL.origin, _CHANNEL.step, _CHANNEL.term) for name in own),
    )
    shape = (count, samples, *before.shape[2:])
    act = Act(shape, (), relations, Arithmetic(("before", "scale"), "after", "shift"), "batch")
    names = [{"panel": name, "weight": 1} for name in own]
    layout = {
        "wide": {
            "row": [
                {
                    "column": [{"panel": "before", "weight": 1}, {"panel": "after", "weight": 1}],
                    "weight": 7,
                },
                {"column": [{"row": names[:2]}, {"row": names[2:]}], "weight": 2},
            ]
        },
        "narrow": {"column": ["before", "after", {"row": names[:2]}, {"row": names[2:]}]},
    }
    return Scene(panels, (act,), layout, words.language, words["activations.stage.batch"])


def responses(
    before: NDArray[np.floating],
    squares: NDArray[np.floating],
    paper: NDArray[np.floating],
    torch: NDArray[np.floating],
    size: int,
    words: Words,
) -> Scene:
    """Return the scene of local response normalisation: a step sums the squares of `size` channels.

    All arrays (C, H, W): the values, the sums of their squares, and the results after the paper and after
    torch. An even size looks one channel further back than ahead, as in conv_core.local_response_norm.
    """
    window = Window(size, padding=((size // 2, (size - 1) // 2),))
    ((back, ahead),) = window.pads((len(before),))
    strip = View(1, 2, 0, "strip")
    reach = Scale("grey", 0.0, max(float(np.nanmax(paper)), float(np.nanmax(torch)), 1e-9))
    panels = (
        Panel(
            "before", words["activations.stage.rectified"], "window", before, strip,
            Scale("grey", 0.0, max(float(before.max()), 1e-9)), margin=((back, ahead), (0, 0), (0, 0)),
        ),
        Panel("squares", words["activations.stage.squares"], "plain", squares, strip,
              Scale("grey", 0.0, max(float(squares.max()), 1e-9))),
        Panel("paper", words["activations.stage.paper"], "output", paper, strip, reach),
        Panel("torch", words["activations.stage.torch"], "copy", torch, strip, reach),
    )  # fmt: skip
    step = ((0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))
    relations = (
        Relation("before", (-back, 0, 0), step, ((1,), (0,), (0,))),
        *(Relation(name, (0, 0, 0), step, ((0,),) * 3) for name in ("squares", "paper", "torch")),
    )
    arithmetic = Arithmetic(("before", "before"), "squares")
    act = Act((1, *before.shape), (size,), relations, arithmetic, "responses")
    rows = [panel.name for panel in panels]
    return Scene(
        panels,
        (act,),
        {"wide": {"column": rows}, "narrow": {"column": rows}},
        words.language,
        words["activations.stage.responses"],
    )


def scores(
    given: NDArray[np.floating],
    exponentials: NDArray[np.floating],
    total: float,
    shares: NDArray[np.floating],
    words: Words,
) -> Scene:
    """Return the scene of a softmax: each exponential divided by the sum of all, which is `total`.

    given, exponentials and shares (n,).
    """
    row = View(0, 1)
    panels = (
        Panel("scores", words["activations.stage.scores"], "window", given[None], row,
              Scale.diverging(given)),
        Panel("exponentials", words["activations.stage.exponentials"], "kernel", exponentials[None], row,
              Scale("grey", 0.0, 1.0)),
        Panel("total", words["activations.stage.total"], "plain", np.array([[total]], np.float32), row,
              Scale("grey", 0.0, total)),
        Panel("shares", words["activations.stage.shares"], "output", shares[None], row,
              Scale("grey", 0.0, 1.0)),
    )  # fmt: skip
    along = ((0, 0, 0, 0), (0, 0, 0, 1))
    relations = (
        *(Relation(name, (0, 0), along, ((), ())) for name in ("scores", "exponentials", "shares")),
        Relation("total", (0, 0), ((0,) * 4,) * 2, ((), ())),
    )
    arithmetic = Arithmetic(("exponentials",), "shares", reduce="mean", divisor="total")
    act = Act((1, 1, 1, len(given)), (), relations, arithmetic, "softmax")
    layout = {
        "wide": {
            "column": [
                "scores",
                {"row": [{"panel": "exponentials", "weight": 6}, {"panel": "total", "weight": 1}]},
                "shares",
            ]
        }
    }
    return Scene(panels, (act,), layout, words.language, words["activations.stage.softmax"])


def _maps(name: str, title: str, role: str, values: NDArray[np.floating]) -> Panel:
    turned = np.ascontiguousarray(values.swapaxes(0, 1))
    return Panel(name, title, role, turned, _MAPS, Scale.diverging(turned))  # type: ignore[arg-type]
