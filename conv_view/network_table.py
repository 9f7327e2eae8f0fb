"""The layer table of a network: its columns as a page shows them, and as a file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import lru_cache
from io import StringIO
from itertools import accumulate
from typing import Any

from conv_core.graph import Row
from conv_view.network_words import kind_of, sized
from conv_view.networks import Net
from conv_view.text import words

NUMBERS = ("parameters", "macs", "bytes", "field", "stride", "parameters_so_far", "macs_so_far")
COLUMNS = ("number", "name", "kind", "output", *NUMBERS)


def columns(net: Net, language: str, names: Sequence[str] | None = None) -> dict[str, list[Any]]:
    """The table by columns, for all layers or for the ones named; running totals are always of the whole.

    >>> from conv_view.networks import load
    >>> table = columns(load("alexnet", "paper", 227), "en")
    >>> table["name"][0], table["parameters"][0], table["parameters_so_far"][-1]
    ('conv1', 34944, 60965224)
    """
    whole = _columns(net, language, training=False)
    if names is None:
        return whole
    if names and names[0] not in whole["name"]:
        whole = _columns(net, language, training=True)
    wanted = set(names)
    kept = [place for place, name in enumerate(whole["name"]) if name in wanted]
    return {column: [values[place] for place in kept] for column, values in whole.items()}


@lru_cache(maxsize=16)
def _columns(net: Net, language: str, *, training: bool) -> dict[str, list[Any]]:
    rows: Sequence[Row] = net.training if training else net.rows
    table = words(language)
    return {
        "number": list(range(1, len(rows) + 1)),
        "name": [row.name for row in rows],
        "kind": [kind_of(table, row) for row in rows],
        "output": [sized(row.output) for row in rows],
        "parameters": [row.parameters for row in rows],
        "macs": [row.macs for row in rows],
        "bytes": [row.bytes for row in rows],
        "field": [None if row.field is None else max(row.field.size) for row in rows],
        "stride": [None if row.field is None else max(row.field.stride) for row in rows],
        "parameters_so_far": list(accumulate(row.parameters for row in rows)),
        "macs_so_far": list(accumulate(row.macs for row in rows)),
    }


def as_csv(net: Net) -> str:
    """The layers that an answer takes as a text with commas: one line a layer, numbers without signs in them.

    >>> from conv_view.networks import load
    >>> as_csv(load("lenet5", "paper", 32)).splitlines()[1]
    '1,C1,Conv,6x28x28,156,117600,18816,5,1,156,117600'
    """
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    table = columns(net, "en")
    for place, row in enumerate(net.rows):
        values = {column: table[column][place] for column in COLUMNS}
        values |= {"kind": row.kind, "output": "x".join(map(str, row.output[1:]))}
        writer.writerow(["" if values[column] is None else values[column] for column in COLUMNS])
    return file.getvalue()
