"""ONNX's operators in which a window slides, and those that sum up whole maps, as layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from conv_core.layers import (
    AdaptiveAvgPool,
    AvgPool,
    Conv,
    ConvTranspose,
    GlobalMaxPool,
    LpPool,
    MaxPlaces,
    MaxPool,
    Own,
    Pad,
)
from conv_view.onnx_build import Operation, Value

Pairs = tuple[tuple[int, int], ...]
WORDS = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower", "VALID": "valid"}


def conv(node: Operation) -> list[Value]:
    """Conv: x, weight and perhaps bias."""
    weight = node.known(1)
    rank = weight.ndim - 2
    _check_kernel(node, weight.shape[2:])
    layer = Conv(
        weight.shape[0],
        _plain(weight.shape[2:]),
        stride=_plain(_per_axis(node, "strides", rank)),
        padding=_plain(_padding(node, rank)),
        dilation=_plain(_per_axis(node, "dilations", rank)),
        groups=node.settings.get("group", 1),
        bias=node.given(2),
    )
    return [node.add(layer, node[0], numbers=_with_bias(node, {"weight": weight}))]


def conv_transpose(node: Operation) -> list[Value]:
    """ConvTranspose; where the file gives the output's size instead of the padding, that follows from it."""
    weight = node.known(1)
    rank = weight.ndim - 2
    _check_kernel(node, weight.shape[2:])
    stride, dilation = _per_axis(node, "strides", rank), _per_axis(node, "dilations", rank)
    added = tuple(node.settings.get("output_padding", (0,) * rank))
    padding = _padding(node, rank)
    wanted = node.settings.get("output_shape")
    same = padding if padding in ("same", "same_lower") else None
    if wanted is not None or same:
        spatial = node[0].shape[2:]
        larger = [size * step for size, step in zip(spatial, stride, strict=True)]
        sizes = larger if wanted is None else list(wanted)[-rank:]
        pads, more = [], []
        for size, taps, step, apart, extra, out in zip(
            spatial, weight.shape[2:], stride, dilation, added, sizes, strict=True
        ):
            total = (size - 1) * step + extra + (taps - 1) * apart + 1 - out
            # More than all windows reach is not a padding below 0, but output padding.
            more.append(extra + max(-total, 0))
            less, rest = max(total, 0) // 2, max(total, 0) - max(total, 0) // 2
            pads.append((less, rest) if same == "same" else (rest, less))
        padding, added = tuple(pads), tuple(more)
    groups = node.settings.get("group", 1)
    layer = ConvTranspose(
        weight.shape[1] * groups,
        _plain(weight.shape[2:]),
        stride=_plain(stride),
        padding=_plain(padding),
        output_padding=_plain(added),
        dilation=_plain(dilation),
        groups=groups,
        bias=node.given(2),
    )
    return [node.add(layer, node[0], numbers=_with_bias(node, {"weight": weight}))]


def max_pool(node: Operation) -> list[Value]:
    """MaxPool, and where it found the maxima if the file asks for that."""
    settings = _window(node)
    x, wide = _widened(node, settings, lowest=True)
    made = [node.add(MaxPool(**settings), x)]
    if node.outputs > 1:
        if wide:
            raise node.refuse("pads", str(wide))
        columns_first = bool(node.settings.get("storage_order", 0))
        made.append(node.add(MaxPlaces(**settings, columns_first=columns_first), x, part="places"))
    return made


def average_pool(node: Operation) -> list[Value]:
    """AveragePool, with or without the padding in what it divides by."""
    settings, counted = _window(node), bool(node.settings.get("count_include_pad", 0))
    x, wide = _widened(node, settings, lowest=False)
    pooled = node.add(AvgPool(**settings, count_include_pad=counted), x)
    if wide and not counted:
        # The padding is part of the input now, so that every window is divided by all its cells.
        inside = np.pad(np.ones((1, 1, *node[0].shape[2:]), np.float32), ((0, 0), (0, 0), *wide))
        share = AvgPool(**settings).forward({}, inside).astype(node[0].dtype)
        pooled = node.add(Own("Div", share.shape), pooled, numbers={"value": share}, part="divided")
    return [pooled]


def lp_pool(node: Operation) -> list[Value]:
    """LpPool: the norm of every window."""
    settings = _window(node)
    x, _ = _widened(node, settings, lowest=False)
    return [node.add(LpPool(**settings, p=float(node.settings.get("p", 2))), x)]


def global_average_pool(node: Operation) -> list[Value]:
    """GlobalAveragePool: one average a map."""
    return [node.add(AdaptiveAvgPool(1), node[0])]


def global_max_pool(node: Operation) -> list[Value]:
    """GlobalMaxPool: one maximum a map."""
    return [node.add(GlobalMaxPool(), node[0])]


def _window(node: Operation) -> dict[str, Any]:
    kernel = tuple(node.settings["kernel_shape"])
    return {
        "kernel": kernel,
        "stride": _per_axis(node, "strides", len(kernel)),
        "padding": _padding(node, len(kernel)),
        "dilation": _per_axis(node, "dilations", len(kernel)),
        "ceil_mode": bool(node.settings.get("ceil_mode", 0)),
    }


def _widened(node: Operation, settings: dict[str, Any], *, lowest: bool) -> tuple[Value, Pairs | None]:
    """The input, with padding of more than half a window, which pooling refuses, put around it as a node."""
    x, pads = node[0], settings["padding"]
    if isinstance(pads, str) or all(
        max(pair) <= cells // 2 for pair, cells in zip(pads, settings["kernel"], strict=True)
    ):
        settings.update({name: _plain(value) for name, value in settings.items()})
        return x, None
    if settings["ceil_mode"]:
        raise node.refuse("pads", str(pads))
    low = -np.inf if x.dtype.kind == "f" else float(np.iinfo(x.dtype).min)
    settings["padding"] = 0
    return node.add(Pad(((0, 0), (0, 0), *pads), value=low if lowest else 0.0), x, part="padded"), pads


def _per_axis(node: Operation, setting: str, rank: int) -> tuple[int, ...]:
    return tuple(node.settings.get(setting, (1,) * rank))


def _plain(values: Any) -> Any:
    """One number where all axes, and both sides of each, have the same: as networks are written by hand."""
    if not isinstance(values, tuple) or not values:
        return values
    first = _plain(values[0])
    alike = all(_plain(value) == first for value in values)
    return first if alike and not isinstance(first, tuple) else values


def _padding(node: Operation, rank: int) -> str | Pairs:
    word = node.settings.get("auto_pad", "NOTSET")
    if word in WORDS:
        return WORDS[word]
    if word != "NOTSET":
        raise node.refuse("auto_pad", word)
    pads = tuple(node.settings.get("pads", (0,) * (2 * rank)))
    if len(pads) != 2 * rank:
        raise node.refuse("pads", str(pads))
    return tuple(zip(pads[:rank], pads[rank:], strict=True))


def _check_kernel(node: Operation, taps: tuple[int, ...]) -> None:
    told = tuple(node.settings.get("kernel_shape", taps))
    if told != taps:
        raise node.refuse("kernel_shape", str(told))


def _with_bias(node: Operation, numbers: dict[str, Any]) -> dict[str, Any]:
    return {**numbers, "bias": node.known(2)} if node.given(2) else numbers
