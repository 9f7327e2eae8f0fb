"""Signals in: numbers as typed, simple shapes, and a sentence as a row of word vectors."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float32]

SHAPES = ("step", "ramp", "sine", "impulse", "square", "noise")
MOST_SAMPLES = 4096
MOST_WORDS = 64
MOST_LETTERS = 20_000

MESSAGES = {
    "signal_empty": "There are no numbers here. Type some, with commas or spaces between them.",
    "signal_number": "Number {position}, {token!r}, is not a number that can be used.",
    "signal_count": "There are {count} numbers; at most {limit} are accepted.",
    "signal_letters": "The text has {count} letters; at most {limit} are accepted.",
    "signal_length": "A signal has 1 to {limit} samples, not {length}.",
    "signal_shape": "There is no signal called {name!r}.",
    "sentence_empty": "There is no word in this sentence.",
    "sentence_words": "The sentence has {count} words; at most {limit} are accepted.",
    "vector_size": "A word vector has 2 to {limit} numbers, not {size}.",
}


class SignalError(ValueError):
    """A signal or sentence that cannot be used: `code` names the fault, `numbers` fill its sentence."""

    def __init__(self, code: str, **numbers: object) -> None:
        super().__init__(MESSAGES[code].format(**numbers))
        self.code = code
        self.numbers = numbers


def parse_numbers(text: str, most: int = 512) -> Signal:
    """The numbers in a text, as float32 (n,) with 1 <= n <= most.

    They may be parted by spaces, new lines, commas, semicolons (also Chinese ones) or brackets, and written
    in full-width digits. Raises SignalError for none, too many, or one that is not finite or not a number.

    >>> parse_numbers("1, -2.5，３ 4e1").tolist()
    [1.0, -2.5, 3.0, 40.0]
    """
    if len(text) > MOST_LETTERS:
        raise SignalError("signal_letters", count=len(text), limit=MOST_LETTERS)
    # NFKC makes full-width digits, signs and commas plain; it leaves the list comma and the minus sign.
    plain = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-")
    tokens = [token for token in re.split(r"[\s,;、()\[\]]+", plain) if token]
    if not tokens:
        raise SignalError("signal_empty")
    if len(tokens) > most:
        raise SignalError("signal_count", count=len(tokens), limit=most)
    return np.array([_number(token, position) for position, token in enumerate(tokens, 1)], np.float32)


def _number(token: str, position: int) -> float:
    # float() alone would also take nan, inf, 1_000 and digits of any script.
    value = float(token) if _NUMBER.fullmatch(token) else math.nan
    if not abs(value) <= float(np.finfo(np.float32).max):
        raise SignalError("signal_number", token=token[:24], position=position)
    return value


_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def shape(name: str, length: int) -> Signal:
    """A simple signal by its name in SHAPES: float32 (length,), within [-1, 1] but for the noise.

    The step and the impulse stand in the middle, sine and square wave have four periods, and the noise is
    Gaussian with deviation 1, the same on every call. Raises SignalError for another name or length.

    >>> shape("step", 4).tolist(), shape("impulse", 4).tolist()
    ([0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 0.0])
    """
    if not 1 <= length <= MOST_SAMPLES:
        raise SignalError("signal_length", length=length, limit=MOST_SAMPLES)
    index = np.arange(length)
    phase = 4 * index / length % 1
    values: NDArray[np.generic]
    match name:
        case "step":
            values = index >= length // 2
        case "ramp":
            values = np.linspace(0, 1, length)
        case "sine":
            values = np.sin(2 * np.pi * phase)
        case "impulse":
            values = index == length // 2
        case "square":
            values = np.where(phase < 0.5, 1.0, -1.0)
        case "noise":
            values = np.random.default_rng(0).standard_normal(length)
        case _:
            raise SignalError("signal_shape", name=name)
    return values.astype(np.float32)


def words_of(sentence: str) -> tuple[str, ...]:
    """The words of a sentence, at most 64: parted at spaces and punctuation, Chinese and kana by character.

    Apostrophes inside a word stay. Raises SignalError when there is no word, or too many.

    >>> words_of("Don't panic, 世界!")
    ("Don't", 'panic', '世', '界')
    """
    if len(sentence) > MOST_LETTERS:
        raise SignalError("signal_letters", count=len(sentence), limit=MOST_LETTERS)
    words: list[str] = []
    current = ""
    # The blank at the end closes the last word.
    for letter in unicodedata.normalize("NFKC", sentence).replace("’", "'") + " ":
        kind = unicodedata.category(letter)
        alone = _stands_alone(letter, kind)
        if not alone and (kind[0] in "LN" or (current and (kind[0] == "M" or letter == "'"))):
            current += letter
            continue
        if current:
            words.append(current.rstrip("'"))
            current = ""
        if alone:
            words.append(letter)
    if not words:
        raise SignalError("sentence_empty")
    if len(words) > MOST_WORDS:
        raise SignalError("sentence_words", count=len(words), limit=MOST_WORDS)
    return tuple(words)


def _stands_alone(letter: str, kind: str) -> bool:
    """Whether a character is a word of its own: Chinese characters, kana, emoji."""
    return kind == "So" or (
        kind == "Lo" and unicodedata.name(letter, "").startswith(("CJK", "HIRAGANA", "KATAKANA"))
    )


def vectors(words: Sequence[str], size: int = 8) -> Signal:
    """A unit vector for each word, as the columns of float32 (size, len(words)).

    The same word, in capitals or not, always has the same vector, and different words have unrelated ones:
    directions drawn evenly, with a hash of the word as the chance. So does an embedding layer begin before
    it is trained; nothing here knows what a word means. Raises SignalError for no words, or a size not in
    2 to 64.

    >>> v = vectors(["Cat", "dog", "cat"], size=4)
    >>> v.shape, bool((v[:, 0] == v[:, 2]).all()), round(float(v[:, 1] @ v[:, 1]), 6)
    ((4, 3), True, 1.0)
    """
    if not 2 <= size <= 64:
        raise SignalError("vector_size", size=size, limit=64)
    if not words:
        raise SignalError("sentence_empty")
    return np.stack([_vector(word, size) for word in words], axis=1)


def _vector(word: str, size: int) -> Signal:
    # Made from the hash itself and not from a seeded generator, whose stream may change with NumPy's version.
    digest = hashlib.shake_256(word.casefold().encode("utf-8", "surrogatepass")).digest(4 * size)
    chances = (np.frombuffer(digest, "<u4") + 0.5) / 2**32
    # Independent normal coordinates have no preferred direction (Muller 1959).
    direction = np.array([NormalDist().inv_cdf(chance) for chance in chances.tolist()])
    return (direction / np.linalg.norm(direction)).astype(np.float32)


def phrase_filter(words: Sequence[str], size: int = 8) -> Signal:
    """The filter that answers to a phrase: its k word vectors as float32 (1, size, k), one output channel.

    Slid over `vectors(sentence, size)`, every matching word adds 1 to the response and every other adds less,
    so the response is k (but for rounding) where the phrase stands, and less everywhere else.

    >>> response = vectors(["deep", "blue", "sea"]) * phrase_filter(["deep", "blue", "sea"])[0]
    >>> round(float(response.sum()), 5)
    3.0
    """
    return vectors(words, size)[np.newaxis]
