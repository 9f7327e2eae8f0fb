"""How the race names things: engines, large numbers, times, errors, points of an axis."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import reduce

from conv_view.digits import told
from conv_view.known_layers import Layer
from conv_view.race_costs import Entry
from conv_view.text import Words


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


def joined(words: Words, joint: str, parts: Iterable[str]) -> str:
    """Return parts as one text, put together two by two as race.joints has it; nothing of no parts.

    >>> from conv_view.text import words
    >>> joined(words("en"), "comma", ["a", "b", "c"]), joined(words("zh"), "comma", ["a", "b"])
    ('a, b, c', 'a、b')
    """
    every = list(parts)
    return (
        reduce(lambda one, two: words.say(f"race.joints.{joint}", one=one, two=two), every) if every else ""
    )


def names(words: Words, engines: Sequence[str]) -> str:
    """Return engines as one phrase, in their order."""
    called = [name(words, engine) for engine in engines]
    if len(called) < 2:
        return "".join(called)
    return words.say("race.and", most=joined(words, "comma", called[:-1]), last=called[-1])


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
    return f"{round(number):,}"


def duration(seconds: float) -> str:
    """Return a time with three figures.

    >>> duration(0.02436), duration(1.358), duration(0.00061)
    ('24.4 ms', '1.36 s', '0.61 ms')
    """
    return f"{told(seconds, 3)} s" if seconds >= 1 else f"{told(1000 * seconds, 3)} ms"


def factor(number: float) -> str:
    """Return how many times, with two or three figures.

    >>> factor(1.0384), factor(33.27), factor(1204.0), factor(16978.0)
    ('1.04', '33', '1,200', '17,000')
    """
    if number < 100:
        return told(number, 3 if number < 10 else 2)
    step = 10 ** (len(str(round(number))) - 2)
    return f"{round(number / step) * step:,}"


def point(words: Words, axis: str, value: int) -> str:
    r"""Return a point of an axis: 3 × 3, 64 channels, 56 × 56.

    >>> from conv_view.text import words
    >>> point(words("en"), "kernel", 3).replace("\u00a0", " ")
    '3 × 3'
    """
    return words.say(f"race.points.{axis}", value=value)
