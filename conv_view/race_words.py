"""What the race says about itself: sentences out of costs and times, none of them written beforehand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from conv_view.digits import RAISED, percent, told
from conv_view.race_costs import Entry, automatic, least
from conv_view.race_curves import ALIKE, Values, cannot, never, stretches
from conv_view.race_layers import TRANSFORMS, Layer, Setup
from conv_view.race_run import LIMIT_BYTES, Timing
from conv_view.text import Words

LITTLE = 1.15
"""What saves less than this of all operations is called little."""

Times = Mapping[str, Timing]


def name(words: Words, engine: str) -> str:
    """Return what an engine is called."""
    return words[f"race.engines.{engine}"]


def close(words: Words, text: str) -> str:
    """Return a Chinese text without the spaces that a filled place leaves between two Chinese characters.

    >>> from conv_view.text import words
    >>> close(words("zh"), "最快的是 **直接计算** 与 im2col，4 亿 次")
    '最快的是**直接计算**与 im2col，4 亿次'
    """
    return _SPACE.sub("", text) if words.language == "zh" else text


_CHINESE = "[\u3001-\u3002\u4e00-\u9fff\uff01-\uff1f]"
_SPACE = re.compile(rf"(?<={_CHINESE}) +(?=\**{_CHINESE})|(?<={_CHINESE}\*\*) +(?={_CHINESE})")


def names(words: Words, engines: Sequence[str]) -> str:
    """Return engines as one phrase, in their order."""
    called = [name(words, engine) for engine in engines]
    if len(called) < 2:
        return "".join(called)
    return words.say("race.and", most=words["race.comma"].join(called[:-1]), last=called[-1])


def full_name(words: Words, entry: Entry, layer: Layer) -> str:
    """Return what an engine is called with the size of its tiles."""
    if entry.engine == "winograd" and entry.tile:
        return words.say("race.winograd_of", m=entry.tile[0], r=layer.kernel)
    if entry.engine == "fft" and entry.tile:
        return words.say("race.fft_of", n=entry.tile[0])
    return name(words, entry.engine)


def amount(words: Words, number: float) -> str:
    """Return a large number in words with three figures.

    >>> from conv_view.text import words
    >>> amount(words("en"), 1_849_688_064), amount(words("zh"), 1_849_688_064), amount(words("en"), 225)
    ('1.85 billion', '18.5 亿', '225')
    """
    for unit in words["race.units.steps"].split():
        size, key = unit.split(":")
        if number >= float(size):
            return words.say(f"race.units.{key}", number=told(number / float(size), 3))
    return told(number, 3)


def duration(seconds: float) -> str:
    """Return a time with three figures.

    >>> duration(0.02436), duration(1.358), duration(0.00061)
    ('24.4 ms', '1.36 s', '0.61 ms')
    """
    return f"{told(seconds, 3)} s" if seconds >= 1 else f"{told(1000 * seconds, 3)} ms"


def off(error: float) -> str:
    """Return an error with two figures and its power of ten.

    >>> off(1.138e-5), off(0.0)
    ('1.1·10⁻⁵', '0')
    """
    mantissa, power = f"{error:.1e}".split("e")
    return f"{mantissa}·10{str(int(power)).translate(RAISED)}" if error else "0"


def factor(number: float) -> str:
    """Return how many times, with two or three figures.

    >>> factor(1.0384), factor(33.27), factor(1204.0)
    ('1.04', '33', '1204')
    """
    return told(number, 3 if number < 10 else 2)


def costs(words: Words, setup: Setup, rows: Sequence[Entry]) -> list[str]:
    """Return what the formulas say of a layer."""
    able = [row for row in rows if row.cost]
    said = [_ranked(words, "multiplies", able), _ranked(words, "adds", able)]
    said = [words.together(said), _ranked(words, "traffic", able)]
    return [*said, *_transforms(words, setup.layer, able)]


def times(words: Words, setup: Setup, rows: Sequence[Entry], measured: Times) -> list[str]:
    """Return what was measured, how it fits what the formulas say, and what "auto" picks."""
    picked = automatic(setup.layer)
    if not measured:
        return [words.say("race.words.auto", engine=name(words, picked))]
    quickest = min(measured, key=lambda engine: measured[engine].seconds)
    said = [_quickest(words, measured, quickest)]
    by_name = {row.engine: row for row in rows if row.engine in measured and row.cost}
    if len(by_name) > 1:
        said += _why(words, by_name, measured, quickest)
    said.append(_auto(words, measured, picked, quickest))
    said.append(_errors(words, measured))
    return [each for each in said if each]


def too_much(words: Words, refused: Mapping[str, int]) -> list[str]:
    """Return for each engine that is not measured how many bytes that would take."""
    return [
        words.say(
            "race.words.memory", engine=name(words, engine), needed=f"{needed:,}", limit=f"{LIMIT_BYTES:,}"
        )
        for engine, needed in refused.items()
    ]


def _ranked(words: Words, quantity: str, able: Sequence[Entry]) -> str:
    """Return who takes least of a quantity, and how many times as much the others take."""
    values = {row.engine: row.value(quantity) for row in able}
    best = least(values)
    lowest = values[best[0]] or 0
    count = words.say(f"race.words.of_{quantity}", count=amount(words, lowest))
    if len(best) == len(values):
        return words.say(f"race.words.equal_{quantity}", count=count)
    more: dict[str, list[str]] = {}
    for engine, value in sorted(values.items(), key=lambda pair: pair[1] or 0):
        if engine not in best and lowest and value:
            more.setdefault(factor(value / lowest), []).append(engine)
    rest = [
        words.say(
            f"race.words.{'much' if quantity == 'traffic' else 'many'}",
            engines=names(words, engines),
            factor=number,
        )
        for number, engines in more.items()
    ]
    return words.say(
        f"race.words.least_{quantity}",
        engines=names(words, best),
        count=count,
        rest=words["race.comma"].join(rest),
    )


def _transforms(words: Words, layer: Layer, able: Sequence[Entry]) -> list[str]:
    """Return what the transforms save of the products and what is left of that after paying for them."""
    plain = next((row for row in able if row.engine == "im2col"), None)
    said = []
    for row in able:
        if row.engine not in TRANSFORMS or plain is None or plain.cost is None or row.cost is None:
            continue
        products = row.parts[2]
        saved = plain.cost.multiplies / products[0]
        gain = (plain.cost.multiplies + plain.cost.adds) / (row.cost.multiplies + row.cost.adds)
        way = "loses" if gain < 1 else "little" if gain < LITTLE else "gains"
        said.append(
            words.say(
                f"race.words.{row.engine}_{way}" if saved > 1 else f"race.words.{row.engine}_none",
                saved=factor(saved),
                gain=factor(gain if gain >= 1 else 1 / gain),
                share=percent(row.transform_share),
                inverse=percent(row.part_share("inverse")),
                kernels=layer.outputs // layer.groups,
                channels=layer.channels // layer.groups,
            )
        )
    return said


def _quickest(words: Words, measured: Times, quickest: str) -> str:
    best = measured[quickest].seconds
    alike = [engine for engine in measured if measured[engine].seconds <= best * ALIKE]
    rest = [
        words.say("race.words.long", engines=name(words, engine), factor=factor(one.seconds / best))
        for engine, one in sorted(measured.items(), key=lambda pair: pair[1].seconds)
        if engine not in alike
    ]
    key = "quickest" if len(alike) == 1 else "quickest_alike"
    if not rest:
        key += "_only"
    return words.say(
        f"race.words.{key}",
        engines=names(words, alike),
        time=duration(best),
        rest=words["race.comma"].join(rest),
    )


def _why(words: Words, rows: Mapping[str, Entry], measured: Times, quickest: str) -> list[str]:
    """Return why the fewest products were not the shortest time, and how two differ that do the same."""
    fewest = least({engine: row.value("multiplies") for engine, row in rows.items()})
    said = []
    if quickest in fewest:
        if len(fewest) < len(rows):
            said.append(words.say("race.words.won", engine=name(words, quickest)))
    else:
        said.append(_lost(words, rows, measured, min(fewest, key=lambda e: measured[e].seconds), quickest))
    if "direct" in rows and "im2col" in rows:
        slow, fast = sorted(("direct", "im2col"), key=lambda engine: -measured[engine].seconds)
        ratio = measured[slow].seconds / measured[fast].seconds
        if ratio > ALIKE:
            key = "same_products" if fast == "im2col" else "same_products_direct"
            said.append(words.say(f"race.words.{key}", factor=factor(ratio)))
    return said


def _lost(words: Words, rows: Mapping[str, Entry], measured: Times, fewest: str, quickest: str) -> str:
    """Return by what the engine with the fewest multiplications lost its lead."""
    few, quick = rows[fewest], rows[quickest]
    reasons = []
    if (few.intensity or 0) < (quick.intensity or 0):
        moved = (few.value("traffic") or 0) / max(quick.value("traffic") or 0, 1)
        reasons.append(
            words.say(
                "race.words.by_memory",
                factor=factor(moved),
                few=told(few.intensity or 0, 2),
                quick=told(quick.intensity or 0, 2),
            )
        )
    if few.transform_share > 0.1:
        reasons.append(words.say("race.words.by_transforms", share=percent(few.transform_share)))
    return words.say(
        "race.words.lost",
        fewest=name(words, fewest),
        quickest=name(words, quickest),
        products=factor((quick.value("multiplies") or 0) / max(few.value("multiplies") or 0, 1)),
        time=factor(measured[fewest].seconds / measured[quickest].seconds),
        why=words["race.words.also"].join(reasons) or words["race.words.by_neither"],
    )


def _auto(words: Words, measured: Times, picked: str, quickest: str) -> str:
    if picked not in measured:
        return words.say("race.words.auto", engine=name(words, picked))
    ratio = measured[picked].seconds / measured[quickest].seconds
    key = "auto_best" if picked == quickest else "auto_alike" if ratio <= ALIKE else "auto_other"
    return words.say(f"race.words.{key}", engine=name(words, picked), factor=factor(ratio))


def _errors(words: Words, measured: Times) -> str:
    known = {engine: one.error for engine, one in measured.items() if one.error is not None}
    if not known:
        return ""
    worst = max(known, key=lambda engine: known[engine])
    best = min(known, key=lambda engine: known[engine])
    if known[best] == 0 or worst == best:
        return words.say("race.words.error", engine=name(words, worst), error=off(known[worst]))
    return words.say(
        "race.words.errors",
        worst=name(words, worst),
        error=off(known[worst]),
        factor=factor(known[worst] / known[best]),
        best=name(words, best),
    )


def along(
    words: Words, values: Values, points: Sequence[int], axis: str, quantity: str, *, alike: float = 1.0
) -> str:
    """Return who wins on which stretch of a curve, who never does, and who cannot be asked where."""
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
    said = [words.say(f"race.words.along_{quantity}", stretches=words["race.semicolon"].join(pieces))]
    losers = never(values, found)
    if losers:
        said.append(words.say("race.words.never", engines=names(words, losers)))
    for engine, places in cannot(values, points).items():
        said.append(
            words.say(
                "race.words.cannot" if quantity != "time" else "race.words.not_timed",
                engine=name(words, engine),
                points=_listed(words, axis, places, points),
            )
        )
    return words.together(said)


def _stretch_key(place: int, count: int, single: bool) -> str:
    if count == 1:
        return "stretch_all"
    if single:
        return "stretch_at"
    if place == 0:
        return "stretch_until"
    return "stretch_from" if place == count - 1 else "stretch_between"


def _listed(words: Words, axis: str, places: Sequence[int], points: Sequence[int]) -> str:
    """Return points of an axis, three and more neighbours as a range."""
    groups: list[list[int]] = []
    for place in places:
        at = list(points).index(place)
        if groups and list(points).index(groups[-1][-1]) == at - 1:
            groups[-1].append(place)
        else:
            groups.append([place])
    told_: list[str] = []
    for group in groups:
        ends: Iterable[int] = group if len(group) < 3 else (group[0], group[-1])
        joint = words["race.comma"] if len(group) < 3 else words["race.to"]
        told_.append(joint.join(point(words, axis, value) for value in ends))
    return words["race.comma"].join(told_)


def point(words: Words, axis: str, value: int) -> str:
    """Return a point of an axis: 3 × 3, 64 channels, 56 × 56.

    >>> from conv_view.text import words
    >>> point(words("en"), "kernel", 3)
    '3 × 3'
    """
    return words.say(f"race.points.{axis}", value=value)
