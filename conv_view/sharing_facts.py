"""What the recorded trainings of three networks came to, and what may be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import groupby
from math import sqrt

from conv_core.nets import KINDS
from conv_view.digits import percent, told
from conv_view.mnist import digits
from conv_view.race_phrases import joined
from conv_view.sharing_run import Point, Run
from conv_view.text import Words
from conv_view.weights import report

COUNTS = (500, 5000)
CHANCE = 1.96
"""Standard errors within which 95 of 100 differences lie that are chance alone."""


@dataclass(frozen=True)
class Curve:
    """How a network's accuracy went, from the first look at it to the last."""

    kind: str
    digits: int
    parameters: int
    points: tuple[Point, ...]

    @property
    def last(self) -> Point:
        """The last look."""
        return self.points[-1]


@cache
def recorded(count: int) -> tuple[Curve, ...]:
    """The three trainings on so many digits, in the order of KINDS.

    >>> [curve.kind for curve in recorded(500)], recorded(500)[2].parameters
    (['fully', 'locally', 'convolutional'], 11738)
    """
    runs = {(run["kind"], run["digits"]): run for run in report("sharing")["runs"]}
    found = []
    for kind in KINDS:
        run = runs[kind, count]
        looks = zip(run["step"], run["training"], run["held out"], strict=True)
        found.append(Curve(kind, count, run["parameters"], tuple(Point(*look) for look in looks)))
    return tuple(found)


def of_run(run: Run) -> Curve:
    """A training on the page, as far as it has come."""
    return Curve(run.asked.kind, run.asked.digits, run.parameters, tuple(run.points))


def share(value: float) -> str:
    """A share as per cent with two decimals: 2,000 digits make steps of 0.05.

    >>> share(0.882)
    '88.20%'
    """
    return f"{100 * value:.2f}%"


def points(value: float) -> str:
    """A difference of shares in percentage points.

    >>> points(0.118), points(-0.0005)
    ('11.80', '−0.05')
    """
    return f"{100 * value:z.2f}".replace("-", "−")


def name(words: Words, kind: str) -> str:
    """The name of a kind inside a sentence."""
    return words[f"sharing.in_sentence.{kind}"]


def by_chance(one: float, other: float, count: int) -> float:
    """How far two shares of `count` may differ by chance alone, in 95 of 100 cases.

    >>> round(by_chance(0.8875, 0.868, 2000), 4)
    0.0203
    """
    return CHANCE * sqrt((one * (1 - one) + other * (1 - other)) / count)


def ranking(words: Words, curves: Sequence[Curve]) -> str:
    """Who knows most of the held-out digits, and the others after that; those that know as many as one."""
    falling = sorted(curves, key=lambda curve: -curve.last.held_out)
    places = [
        (value, [name(words, curve.kind) for curve in group])
        for value, group in groupby(falling, key=lambda curve: curve.last.held_out)
    ]
    told_ = [
        words.say("sharing.place", names=_listed(words, names), share=share(value)) for value, names in places
    ]
    return words.say(
        "sharing.ranking",
        digits=f"{curves[0].digits:,}",
        places=reduce(lambda one, two: words.say("sharing.then", one=one, two=two), told_),
        held_out=f"{len(digits()[1]):,}",
        steps=f"{curves[0].last.step:,}",
    )


def certainty(words: Words, curves: Sequence[Curve]) -> str:
    """Whether the first and the last differ by more than chance makes."""
    held_out = len(digits()[1])
    shares = [curve.last.held_out for curve in curves]
    most, least = max(shares), min(shares)
    limit = by_chance(most, least, held_out)
    key = "decided" if most - least > limit else "undecided"
    return words.say(
        f"sharing.{key}", apart=points(most - least), chance=points(limit), held_out=f"{held_out:,}"
    )


def gaps(words: Words, curves: Sequence[Curve]) -> str:
    """By how much each knows what it learned better than what it did not."""
    rising = sorted(curves, key=lambda curve: curve.last.gap)
    each = [
        words.say("sharing.gap_of", name=name(words, curve.kind), gap=points(curve.last.gap))
        for curve in rising
    ]
    trained = [curve.last.training for curve in curves]
    key = "gaps_all" if min(trained) == 1 else "gaps"
    return words.say(f"sharing.{key}", least=share(min(trained)), gaps=_listed(words, each))


def thrift(words: Words, curves: Sequence[Curve]) -> str:
    """How many parameters each has for that, the fewest compared with the most."""
    few, many = (way(curves, key=lambda curve: curve.parameters) for way in (min, max))
    return words.say(
        "sharing.thrift",
        few=name(words, few.kind),
        many=name(words, many.kind),
        parameters=f"{few.parameters:,}",
        others=f"{many.parameters:,}",
        times=told(many.parameters / few.parameters, 2),
        gain=words.say(
            f"sharing.{'more' if few.last.held_out >= many.last.held_out else 'less'}",
            points=points(abs(few.last.held_out - many.last.held_out)),
        ),
    )


def by_data(words: Words) -> str:
    """What ten times as many digits did to the gaps, compared with what sharing does."""
    few, many = (recorded(count) for count in COUNTS)
    each = [
        words.say(
            "sharing.shrinks",
            name=name(words, one.kind),
            before=points(one.last.gap),
            after=points(other.last.gap),
        )
        for one, other in zip(few, many, strict=True)
    ]
    saved = min(one.last.gap - other.last.gap for one, other in zip(few, many, strict=True))
    among = max(curve.last.gap for curve in few) - min(curve.last.gap for curve in few)
    end = words[f"sharing.{'data_first' if saved > among else 'sharing_first'}"]
    return words.together([words.say("sharing.by_data", each=_listed(words, each)), end])


def weights_of(words: Words, kind: str) -> str:
    """How many weights the hidden numbers of a network have, with the numbers in place."""
    curve = next(each for each in recorded(COUNTS[0]) if each.kind == kind)
    scores = 1152 * 10 + 10
    hidden = {"fully": 1152 * 784 + 1152, "locally": 1152 * 25 + 1152, "convolutional": 8 * 25 + 8}[kind]
    return words.say(
        f"sharing.counted.{kind}",
        hidden=f"{hidden:,}",
        scores=f"{scores:,}",
        all=f"{curve.parameters:,}",
        share=percent(hidden / curve.parameters),
    )


def _listed(words: Words, parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return words.say("sharing.and", most=joined(words, "comma", parts[:-1]), last=parts[-1])
