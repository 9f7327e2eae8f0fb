"""What the curves of the race say: who wins where, who never does, and who cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conv_view.race_curves import AXES, Values, cannot, never, stretches
from conv_view.race_phrases import close, joined, name, names, point
from conv_view.text import Words


def along(
    words: Words,
    values: Values,
    axis: str,
    quantity: str,
    *,
    alike: float = 1.0,
    unable: Mapping[str, Sequence[int]] | None = None,
) -> str:
    """Return who wins on which stretch of an axis, who never does, and who cannot be asked where.

    `unable` are the points that an engine cannot do: without it those where it alone has no value.
    """
    points = AXES[axis]
    found = stretches(values, points, alike)
    if not found:
        return words["race.words.nothing"]
    pieces = [
        words.say(
            f"race.words.{_stretch_key(place, len(found), each.first == each.last)}",
            engines=names(words, each.engines),
            first=point(words, axis, each.first),
            last=point(words, axis, each.last),
        )
        for place, each in enumerate(found)
    ]
    said = [words.say(f"race.words.along_{quantity}", stretches=joined(words, "semicolon", pieces))]
    losers = never(values, found)
    if losers:
        said.append(words.say("race.words.never", engines=names(words, losers)))
    missing = cannot(values, points) if unable is None else unable
    said += [
        words.say("race.words.cannot", engine=name(words, engine), points=_listed(words, axis, places))
        for engine, places in missing.items()
    ]
    return close(words, words.together(said))


def _stretch_key(place: int, count: int, single: bool) -> str:
    if count == 1:
        return "stretch_all"
    if single:
        return "stretch_at"
    if place == 0:
        return "stretch_until"
    return "stretch_from" if place == count - 1 else "stretch_between"


def _listed(words: Words, axis: str, places: Sequence[int]) -> str:
    """Return points of an axis, three and more neighbours as a range."""
    order = AXES[axis].index
    groups: list[list[int]] = []
    for place in places:
        if groups and order(groups[-1][-1]) == order(place) - 1:
            groups[-1].append(place)
        else:
            groups.append([place])
    listed = []
    for group in groups:
        called = [point(words, axis, value) for value in group]
        is_range = len(group) > 2
        listed.append(
            joined(words, "to", (called[0], called[-1])) if is_range else joined(words, "comma", called)
        )
    return joined(words, "comma", listed)
