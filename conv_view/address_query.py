"""Between a page's values and the query of a URL, without Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from conv_view.address_fields import Field, Takes

LONGEST = 6000  # characters; some mail programs and chats cut longer links


class Ignored(NamedTuple):
    """A value of an address that made no sense: its name, its text, and what would have made sense."""

    name: str
    text: str
    takes: Takes


def read(fields: Sequence[Field], query: Mapping[str, str]) -> tuple[dict[str, Any], list[Ignored]]:
    """Return all values, those not in `query` by default, and those whose text made no sense.

    >>> from conv_view.address_fields import Flag, Int
    >>> values, (ignored,) = read([Int("stride", 1, 1, 8), Flag("flip")], {"stride": "banana", "flip": "1"})
    >>> values, ignored.text, ignored.takes
    ({'stride': 1, 'flip': True}, 'banana', ('whole', {'low': 1, 'high': 8}))
    """
    values: dict[str, Any] = {}
    nonsense: list[Ignored] = []
    for one in fields:
        values[one.name] = one.tidy(one.default)
        if one.name in query:
            try:
                values[one.name] = one.read(query[one.name])
            except ValueError:
                nonsense.append(Ignored(one.name, query[one.name], one.takes()))
    for one in fields:
        if fault := one.at_odds(values):
            together = {one.name, one.goes_with}
            if not any(each.name in together for each in nonsense):
                nonsense.append(Ignored(one.name, query.get(one.name, ""), fault))
            values |= {each.name: each.tidy(each.default) for each in fields if each.name in together}
    return values, nonsense


def write(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of the values that are not their fields' defaults.

    >>> from conv_view.address_fields import Flag, Int
    >>> write([Int("stride", 1, 1, 8), Flag("flip")], {"stride": 1, "flip": True})
    {'flip': '1'}
    """
    return {
        one.name: one.write(values[one.name]) for one in fields if values[one.name] != one.tidy(one.default)
    }


def fit(parts: Iterable[Mapping[str, str]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Join the parts of a query; return it, and the names left out, the longest first, to keep it short.

    >>> fit([{"lang": "zh"}, {"note": "a" * 7000, "stride": "2"}])
    ({'lang': 'zh', 'stride': '2'}, ('note',))
    """
    query = {name: text for part in parts for name, text in part.items()}
    left_out: list[str] = []
    while len(urlencode(query)) > LONGEST:
        left_out.append(max(query, key=lambda name: len(urlencode({name: query[name]}))))
        del query[left_out[-1]]
    return query, tuple(left_out)
