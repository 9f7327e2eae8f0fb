"""What the page of a kernel that learns tells of its descent: the largest rate, its end, why it stopped."""

from __future__ import annotations

from conv_core.learning import GROWTH, SHOWN
from conv_view.controls import notices
from conv_view.controls.notices import Fault
from conv_view.digits import percent, rough, written
from conv_view.learned import Learned, TooFastError
from conv_view.text import Words

TIMES = 2  # a share above this is told as so many times the whole


def bound(words: Words, shown: Learned) -> str:
    """Return the largest rate that converges with its numbers in place, as LaTeX."""
    momentum, steepest = shown.trail.momentum, float(shown.curve.values[-1])
    upper = f"2\\cdot(1+{written(momentum)})" if momentum else "2"
    name = words["learn.bound" if shown.trail.drawn is None else "learn.bound_whole"]
    largest = rf"\mathbf{{{written(shown.largest_rate)}}}"
    return rf"$\text{{{name}}}\;\tfrac{{{upper}}}{{{written(steepest)}}}={largest}$"


def stopped(shown: Learned) -> Fault | None:
    """Return what is to be said of a descent that was stopped."""
    trail = shown.trail
    if trail.diverged is None:
        return None
    why = "burst" if len(trail) < trail.diverged else "diverged"
    if trail.drawn is not None:
        why += "_by_patches"
    elif shown.share < 1 and trail.momentum:  # the first swings of a momentum, which would come to rest
        why = "swings"
    numbers = {
        "step": trail.diverged,
        "times": rough(SHOWN if why.startswith("burst") else GROWTH),
        "start": rough(trail.losses[0]),
        "loss": rough(trail.losses[-1]),
        "rate": rough(trail.lr, 4),
        "largest": rough(shown.largest_rate, 4),
    }
    return f"learn.stopped.{why}", dict(numbers)


def refused(error: ValueError | None) -> tuple[Fault, ...]:
    """Return the fault of settings of which nothing could be shown, if there is one."""
    if isinstance(error, TooFastError):
        numbers: dict[str, object] = {name: rough(value, 4) for name, value in error.numbers.items()}
        return (("learn.stopped.at_once", numbers | {"times": rough(SHOWN)}),)
    return notices.faults_of(error)


def ending(words: Words, shown: Learned) -> str:
    """Return where the descent has come to, and what it would do with more steps."""
    trail = shown.trail
    change = trail.losses[-1] / (trail.losses[0] or 1.0)
    hundredth = trail.reached(0.01)
    grown = change > 1
    parts = [
        words.say(
            "learn.grown" if grown else "learn.ending",
            steps=len(trail),
            share=percent(change),
            times=rough(change),
            distance=rough(trail.distances[-1]),
        ),
        _rate(words, shown),
    ]
    if hundredth is not None:
        parts.append(words.say("learn.hundredth", step=hundredth))
    elif not grown:
        parts.append(words["learn.not_yet"])
    if shown.share > 1 and trail.diverged is None:
        parts.append(words["learn.beyond"])
    return words.together(parts)


def _rate(words: Words, shown: Learned) -> str:
    """Return how large the rate is beside the largest; to a few patches that promises nothing."""
    how = "times" if shown.share > TIMES else "share"
    whole = "" if shown.trail.drawn is None else "_whole"
    said = {"share": percent(shown.share), "times": rough(shown.share)}[how]
    return words.say(f"learn.rate_is.{how}{whole}", rate=rough(shown.trail.lr), said=said)
