"""Normalisations as scenes: batch norm over a small batch, responses across channels, softmax of scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from conv_core import Window
from conv_view.scene import Act, Arithmetic, Panel, Relation, Role, Scale, Scene, View
from conv_view.text import Words

_MAPS = View(2, 3, 1, "strip")  # of (channels, batch, H, W): a batch's maps of one channel, side by side


def batch(
    before: NDArray[np.floating],
    normal: NDArray[np.floating],
    mean: NDArray[np.floating],
    deviation: NDArray[np.floating],
    words: Words,
    channels: Sequence[str],
    *,
    after: NDArray[np.floating] | None = None,
    gamma: NDArray[np.floating] | None = None,
    beta: NDArray[np.floating] | None = None,
) -> Scene:
    """Return the scene of batch norm, value by value: less the channel's mean, by its deviation.

    before and normal (N, C, H, W), the mean and the deviation (with epsilon) (C,), `channels` their names.
    With `after` a second act multiplies by gamma and adds beta (C,).
    """
    panels = [
        _maps("before", words["activations.stage.before"], "window", before),
        _maps("normal", words["activations.stage.normalised"], "output", normal),
        _by_channel("mean", words["activations.stage.mean"], "plain", -mean, channels),
        _by_channel("deviation", words["activations.stage.deviation"], "plain", deviation, channels),
    ]
    shape = (before.shape[1], before.shape[0], *before.shape[2:])
    arithmetic = Arithmetic(("before", "mean"), "normal", addends=True, reduce="mean", divisor="deviation")
    acts = [_by_value("normalise", shape, ("before", "normal"), ("mean", "deviation"), arithmetic)]
    rows, columns = ["before", "normal"], ["mean", "deviation"]
    if after is not None and gamma is not None and beta is not None:
        panels += [
            _maps("after", words["activations.stage.scaled"], "output", after),
            _by_channel("gamma", words["activations.stage.gamma"], "kernel", gamma, channels),
            _by_channel("beta", words["activations.stage.beta"], "kernel", beta, channels),
        ]
        arithmetic = Arithmetic(("normal", "gamma"), "after", "beta")
        acts.append(_by_value("scale", shape, ("normal", "after"), ("gamma", "beta"), arithmetic))
        rows, columns = [*rows, "after"], [*columns, "gamma", "beta"]
    # Side by side: a batch's maps lie side by side themselves, and take all of the width.
    layout = {
        "wide": {"column": [{"row": rows, "weight": 7}, {"row": columns, "weight": 3}]},
        "narrow": {"column": [*rows, *columns]},
    }
    return Scene(tuple(panels), tuple(acts), layout, words.language, words["activations.stage.batch"])


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
        # Two by two: each strip then has room for two lines of channels.
        {
            "wide": {"row": [{"column": rows[:2]}, {"column": rows[2:]}]},
            "narrow": {"column": rows},
        },
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
    rows = _column(["scores", "exponentials", "shares"], 6)
    layout = {
        "wide": {"row": [rows, {"panel": "total", "weight": 1}]},
        "narrow": {"column": ["scores", "exponentials", "total", "shares"]},
    }
    return Scene(panels, (act,), layout, words.language, words["activations.stage.softmax"])


def _maps(name: str, title: str, role: Role, values: NDArray[np.floating]) -> Panel:
    """Return maps (N, C, H, W) as a panel, the batch side by side and the channels one after the other."""
    turned = np.ascontiguousarray(values.swapaxes(0, 1))
    return Panel(name, title, role, turned, _MAPS, Scale.diverging(turned))


def _by_channel(
    name: str, title: str, role: Role, values: NDArray[np.floating], channels: Sequence[str]
) -> Panel:
    """Return one number a channel (C,) as a row of cells below the channels' names."""
    return Panel(
        name, title, role, values[:, None], View(1, 0), Scale.diverging(values), labels={0: channels}
    )


def _by_value(
    name: str, shape: tuple[int, ...], maps: Sequence[str], numbers: Sequence[str], arithmetic: Arithmetic
) -> Act:
    """Return an act of one step a value, over (C, N, H, W), with the numbers of its channel."""
    identity = tuple(tuple(int(axis == at) for at in range(4)) for axis in range(4))
    relations = (
        *(Relation(panel, (0,) * 4, identity, ((),) * 4) for panel in maps),
        *(Relation(panel, (0, 0), ((1, 0, 0, 0), (0,) * 4), ((), ())) for panel in numbers),
    )
    return Act(shape, (), relations, arithmetic, name)


def _column(names: Sequence[str], weight: int) -> dict[str, object]:
    return {"column": [{"panel": name, "weight": 1} for name in names], "weight": weight}
