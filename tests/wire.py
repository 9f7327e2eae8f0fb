"""The scene's wire format once more, read from its description alone; shares nothing with the code."""

import json
import struct
from itertools import product

import numpy as np

TYPES = {"uint8": 1, "int32": 4, "float32": 4, "float64": 8}


def refuse(name):
    raise ValueError(f"{name} is not JSON, and a browser would refuse all of the scene")


def decode(data):
    """The header, its panels by name and with arrays; every rule of the format is checked on the way."""
    (length,) = struct.unpack_from("<I", data, 0)
    header = json.loads(data[4 : 4 + length].decode("utf-8"), parse_constant=refuse)
    body = 4 + length
    assert body % 8 == 0
    assert len(data) % 8 == 0
    columns, end = [], 0
    for column in header["columns"]:
        assert column["at"] % 8 == 0
        assert column["at"] >= end
        assert column["at"] - end < 8
        end = column["at"] + column["size"] * TYPES[column["type"]]
        assert body + end <= len(data)
        kind = np.dtype(column["type"]).newbyteorder("<")
        columns.append(np.frombuffer(data, kind, column["size"], body + column["at"]))
    assert len(data) - (body + end) < 8
    for panel in header["panels"]:
        if "column" in panel:
            panel["values"] = columns[panel["column"]].reshape(panel["shape"])
        if "sources" in panel:
            panel["sources"] = [None if at is None else columns[at] for at in panel["sources"]]
    header["panels"] = {panel["name"]: panel for panel in header["panels"]}
    return header


def relation(act, panel):
    (found,) = [each for each in act["relations"] if each["panel"] == panel]
    return found


def cell(related, step, term):
    """One cell of a relation, with plain sums."""
    place = []
    for origin, by_step, by_term in zip(related["origin"], related["step"], related["term"], strict=True):
        at = origin
        for stride, index in zip(by_step, step, strict=True):
            at += stride * index
        for stride, index in zip(by_term, term, strict=True):
            at += stride * index
        place.append(at)
    return tuple(place)


def indices(shape):
    return product(*[range(size) for size in shape])


def value(panel, place):
    """The value at a cell, which may lie in the margin, as the description of `Panel` has it."""
    own = []
    for axis, at in enumerate(place):
        size = panel["shape"][axis]
        before, after = panel["margin"][axis] if "margin" in panel else (0, 0)
        assert -before <= at < size + after, "a relation left the panel and its margin"
        if 0 <= at < size:
            own.append(at)
            continue
        sources = (panel.get("sources") or [None] * len(place))[axis]
        source = -1 if sources is None else int(sources[at + before])
        if source < 0:
            return float(panel["fill"])
        own.append(source)
    return panel["values"][tuple(own)]
