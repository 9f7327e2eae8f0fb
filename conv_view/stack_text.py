"""A stack of layers as a short text that can stand in a URL: "c3p1_m2s2_c3d2"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conv_core.stacks import Kind, StackLayer
from conv_view.address_fields import Field, Takes

MOST_KERNEL, MOST_STRIDE, MOST_PADDING, MOST_DILATION = 11, 4, 5, 6
MOST_READ = 32  # layers of a text; how many can be built is the page's business

_LETTERS: dict[Kind, str] = {"conv": "c", "pool": "m"}
_LAYER = re.compile(r"([cm])([0-9]{1,2})(?:s([0-9]))?(?:p([0-9]))?(?:d([0-9]))?")

Layers = tuple[StackLayer, ...]


def write_stack(layers: Sequence[StackLayer]) -> str:
    """Return the text of a stack; what is 1 (stride, dilation) or 0 (padding) is left out.

    >>> write_stack((StackLayer("1", "conv", 3, padding=1), StackLayer("2", "pool", 2, stride=2)))
    'c3p1_m2s2'
    """
    return "_".join(
        f"{_LETTERS[layer.kind]}{layer.kernel}"
        + (f"s{layer.stride}" if layer.stride != 1 else "")
        + (f"p{layer.padding}" if layer.padding else "")
        + (f"d{layer.dilation}" if layer.dilation != 1 else "")
        for layer in layers
    )


def read_stack(text: str) -> Layers:
    """Return the layers of a text, named by their numbers; ValueError for what `write_stack` does not write.

    >>> read_stack("c5_m2s2")[1]
    StackLayer(name='2', kind='pool', kernel=2, stride=2, padding=0, dilation=1)
    """
    layers = []
    for number, part in enumerate(text.split("_", MOST_READ), 1):
        found = _LAYER.fullmatch(part)
        if not found or number > MOST_READ:
            raise ValueError(text)
        letter, *digits = found.groups()
        kernel, stride, padding, dilation = (
            usual if digit is None else int(digit) for digit, usual in zip(digits, (0, 1, 0, 1), strict=True)
        )
        if not (1 <= kernel <= MOST_KERNEL and 1 <= stride <= MOST_STRIDE):
            raise ValueError(text)
        if padding > MOST_PADDING or not 1 <= dilation <= MOST_DILATION:
            raise ValueError(text)
        kind: Kind = "conv" if letter == "c" else "pool"
        layers.append(StackLayer(str(number), kind, kernel, stride, padding, dilation))
    return tuple(layers)


@dataclass(frozen=True)
class StackField(Field):
    """A stack of layers in a link; its value is the text itself.

    >>> StackField("stack", "c3").tidy("nonsense")
    'c3'
    """

    name: str
    default: str

    def _takes(self) -> Takes:
        return "stack", {}

    def _parse(self, text: str) -> str:
        return write_stack(read_stack(text))

    def _fit(self, value: Any) -> str:
        return self._parse(value)
