"""The words of the app, by language: one flat table of dotted keys out of assets/text/<language>/*.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")
FOLDER = Path(__file__).resolve().parent.parent / "assets" / "text"


class Words(Mapping[str, str]):
    """The texts of one language under dotted keys: file name, then the nested tables, then the key.

    A key that this language lacks is answered in English; one that English lacks raises KeyError.

    >>> words("en")["app.name"]
    'ConvScope'
    """

    def __init__(self, language: str, table: Mapping[str, str], fallback: Mapping[str, str]) -> None:
        self.language = language
        self._table = table
        self._fallback = fallback

    def __getitem__(self, key: str) -> str:
        if key in self._table:
            return self._table[key]
        return self._fallback[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def say(self, key: str, **numbers: object) -> str:
        """Fill the numbers into the text of `key`, as `str.format` does; raises KeyError if one is missing.

        >>> words("en").say("app.page_title", page="Start")
        'Start · ConvScope'
        """
        return self[key].format(**numbers)

    def counted(self, key: str, count: int, **numbers: object) -> str:
        """The same of something that is counted, as `count`: a single one has a text of its own, if any.

        >>> words("en").counted("backward_matrices.one.copies", 1)
        'X col holds it once, so one cell of dX col is added to it:'
        """
        one = f"{key}_one"
        return self.say(one if count == 1 and one in self else key, count=count, **numbers)

    def together(self, sentences: Iterable[str]) -> str:
        """Return sentences as a paragraph: Chinese puts no space between them.

        >>> words("en").together(["One.", "Two."]), words("zh").together(["一。", "二。"])
        ('One. Two.', '一。二。')
        """
        return ("" if self.language == "zh" else " ").join(each for each in sentences if each)


@cache
def words(language: str) -> Words:
    """The texts of `language`, read once a process; English for a language that is not in LANGUAGES.

    >>> words("zh").language, words("tlh").language
    ('zh', 'en')
    """
    if language not in LANGUAGES:
        return words(LANGUAGES[0])
    english = {} if language == LANGUAGES[0] else dict(words(LANGUAGES[0]))
    return Words(language, _table(FOLDER / language), english)


def literal(text: str) -> str:
    r"""Return a text of the reader's own such that Markdown shows it as it is.

    >>> print(literal("<b>*1*"))
    \<b\>\*1\*
    """
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


def preferred(locale: str | None) -> str:
    """The language for a browser's locale: Chinese of any region for "zh-...", English for all others.

    >>> preferred("zh-TW"), preferred("de-AT"), preferred(None)
    ('zh', 'en', 'en')
    """
    language = (locale or "").replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else LANGUAGES[0]


def _table(folder: Path) -> dict[str, str]:
    flat: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        with path.open("rb") as file:
            flat.update(_flatten(path.stem, tomllib.load(file)))
    return flat


def _flatten(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        name = f"{prefix}.{key}"
        if isinstance(value, Mapping):
            yield from _flatten(name, value)
        elif isinstance(value, str):
            yield name, value
        else:
            raise ValueError(f"{name} is not a text: {value!r}")
