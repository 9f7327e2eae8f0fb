"""What the race says about itself: sentences out of costs and times, none of them written beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conv_view.digits import in_bytes, percent, powered, told
from conv_view.known_layers import TRANSFORMS, Layer, Setup
from conv_view.race_costs import Entry, automatic, least
from conv_view.race_phrases import amount, duration, factor, joined, name, names
from conv_view.race_run import ALIKE, LIMIT_BYTES, Need, Timing
from conv_view.text import Words

LITTLE = 1.15
"""What saves less than this of all operations is called little."""

Times = Mapping[str, Timing]


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
        said += _why(words, setup.layer, by_name, measured, quickest)
    said.append(_auto(words, measured, picked, quickest))
    said.append(_errors(words, measured))
    return [each for each in said if each]


def too_much(words: Words, refused: Mapping[str, Need], alone: Mapping[str, int]) -> list[str]:
    """Return which engines are not measured, and what their memory is made of; and which are not compared."""
    limit = in_bytes(LIMIT_BYTES)
    said = [
        words.say(
            "race.words.memory",
            engine=name(words, engine),
            needed=in_bytes(need.own),
            count=f"{need.own:,}",
            operands=in_bytes(need.operands),
            outputs=in_bytes(need.outputs),
            workspace=in_bytes(need.workspace),
            limit=limit,
        )
        for engine, need in refused.items()
    ]
    if alone:
        most = in_bytes(max(alone.values()))
        said.append(words.say("race.words.alone", engines=names(words, [*alone]), needed=most, limit=limit))
    return said


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
        rest=joined(words, "comma", rest),
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
                kernels=_several(words, "kernel", layer.outputs // layer.groups),
                channels=_several(words, "channel", layer.channels // layer.groups),
            )
        )
    return said


def _several(words: Words, thing: str, count: int) -> str:
    return words[f"race.words.one_{thing}"] if count == 1 else words.say(f"race.words.{thing}s", count=count)


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
        rest=joined(words, "comma", rest),
    )


def _why(words: Words, layer: Layer, rows: Mapping[str, Entry], measured: Times, quickest: str) -> list[str]:
    """Return why the fewest products were not the shortest time, and how two differ that do the same."""
    fewest = least({engine: row.value("multiplies") for engine, row in rows.items()})
    said = []
    best = min(fewest, key=lambda engine: measured[engine].seconds)
    close = measured[best].seconds <= ALIKE * measured[quickest].seconds
    if len(fewest) > 1 and len(fewest) < len(rows):
        said.append(words.say("race.words.undecided", engines=names(words, fewest)))
    elif len(fewest) == 1 and quickest in fewest:
        said.append(words.say("race.words.won", engine=name(words, quickest)))
    elif quickest not in fewest and close:
        said.append(_alike(words, rows, best, quickest))
    if quickest not in fewest and not close:
        said.append(_lost(words, rows, measured, best, quickest))
    if "direct" in rows and "im2col" in rows:
        slow, fast = sorted(("direct", "im2col"), key=lambda engine: -measured[engine].seconds)
        ratio = measured[slow].seconds / measured[fast].seconds
        if ratio > ALIKE:
            # Of a group there is one matrix product, and of a depthwise layer's a tiny one.
            key = "same_products_direct" if fast == "direct" else "same_products"
            key = "same_products_groups" if fast == "im2col" and layer.groups > 1 else key
            said.append(words.say(f"race.words.{key}", factor=factor(ratio)))
    return said


def _alike(words: Words, rows: Mapping[str, Entry], fewest: str, quickest: str) -> str:
    """Return that fewer multiplications made no difference that could be measured."""
    return words.say(
        "race.words.alike",
        fewest=name(words, fewest),
        quickest=name(words, quickest),
        products=_less(rows, fewest, quickest),
    )


def _less(rows: Mapping[str, Entry], fewest: str, quickest: str) -> str:
    few, many = (rows[engine].value("multiplies") or 0 for engine in (fewest, quickest))
    return factor(many / max(few, 1))


def _lost(words: Words, rows: Mapping[str, Entry], measured: Times, fewest: str, quickest: str) -> str:
    """Return by what the engine with the fewest multiplications lost its lead."""
    few, quick = rows[fewest], rows[quickest]
    reasons = []
    # With fewer operations and less to move it should have been ahead, however few operations go on a byte.
    moved = (few.value("traffic") or 0) / max(quick.value("traffic") or 0, 1)
    if moved > ALIKE and (few.intensity or 0) < (quick.intensity or 0):
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
        products=_less(rows, fewest, quickest),
        time=factor(measured[fewest].seconds / measured[quickest].seconds),
        why=joined(words, "also", reasons) or words["race.words.by_neither"],
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
        return words.say("race.words.error", engine=name(words, worst), error=powered(known[worst]))
    return words.say(
        "race.words.errors",
        worst=name(words, worst),
        error=powered(known[worst]),
        factor=factor(known[worst] / known[best]),
        best=name(words, best),
    )
