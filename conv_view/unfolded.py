"""A convolution as im2col and GEMM have it: columns, rows, products, the way back, and what they weigh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import ConvTrace, Window, col2im, conv_cost, conv_trace, copies, im2col
from conv_view.known_layers import Layer

BYTES = 4  # of a float32
TILE = 6  # columns of a tile, at most


@dataclass(frozen=True)
class Memory:
    """Bytes of the arrays of a convolution in float32, for one sample.

    `columns` is the whole column matrix, `block` what conv_core holds of it at a time (and of a padded copy).
    """

    input: int
    columns: int
    weights: int
    output: int
    block: int

    @property
    def ratio(self) -> float:
        """How many times the input the column matrix is."""
        return self.columns / self.input


def memory(x_shape: Sequence[int], weight_shape: Sequence[int], **keywords: Any) -> Memory:
    """Return what a convolution of these shapes holds; `keywords` are those of `conv_cost`.

    >>> memory((1, 1, 6, 6), (1, 1, 3, 3))
    Memory(input=144, columns=576, weights=36, output=64, block=576)
    """
    samples, channels, *spatial = x_shape
    groups = keywords.get("groups", 1)
    geometry = {name: keywords[name] for name in ("stride", "padding", "dilation") if name in keywords}
    positions = prod(Window(tuple(weight_shape[2:]), **geometry).output_shape(spatial))
    terms = prod(weight_shape[1:]) * groups
    cost = conv_cost(tuple(x_shape), tuple(weight_shape), method="im2col", **keywords)
    return Memory(
        BYTES * samples * channels * prod(spatial),
        BYTES * samples * terms * positions,
        BYTES * prod(weight_shape),
        BYTES * samples * weight_shape[0] * positions,
        cost.workspace,
    )


@cache
def memory_of(layer: Layer) -> Memory:
    """Return what a layer of a network holds.

    >>> memory_of(Layer(64, 64, kernel=3, size=224, padding=1)).ratio
    9.0
    """
    return memory(*layer.shapes, **layer.keywords)


@dataclass(frozen=True, eq=False)
class Unfolded:
    """One traced convolution (the first sample) as matrices; everything is computed when it is first read."""

    trace: ConvTrace

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords of `im2col`, with the padding side by side."""
        window = self.trace.window
        return {
            "stride": window.stride,
            "padding": self.trace.pads,
            "dilation": window.dilation,
            "padding_mode": self.trace.padding_mode,
        }

    @property
    def spatial(self) -> tuple[int, ...]:
        """Height and width of the input."""
        return tuple(self.trace.x.shape[2:])

    @cached_property
    def columns(self) -> NDArray[Any]:
        """The column matrix (C * kh * kw, positions)."""
        columns: NDArray[Any] = im2col(self.trace.x[:1], self.trace.window.kernel, **self.keywords)[0]
        return columns

    @property
    def rows(self) -> NDArray[Any]:
        """The kernels as rows (O, C / groups * kh * kw)."""
        return self.trace.weight.reshape(len(self.trace.weight), -1)

    @property
    def product(self) -> NDArray[Any]:
        """The product (O, positions): the output, its picture laid out as a row."""
        return self.trace.output[0].reshape(len(self.trace.weight), -1)

    @property
    def partial(self) -> NDArray[Any]:
        """What the product holds on the way, along the rows: (groups, O / groups, terms, positions)."""
        groups = self.trace.groups
        rows = self.rows.reshape(groups, -1, self.rows.shape[1], 1)
        columns = self.columns.reshape(groups, 1, self.rows.shape[1], -1)
        partial: NDArray[Any] = np.cumsum(rows * columns, axis=2)
        return partial

    @cached_property
    def copies(self) -> NDArray[np.int64]:
        """How many columns hold each pixel (H, W)."""
        return copies(self.spatial, self.trace.window.kernel, **self.keywords)

    @cached_property
    def folded(self) -> NDArray[Any]:
        """The columns added back (C, H, W)."""
        folded: NDArray[Any] = col2im(
            self.columns[None], self.spatial, self.trace.window.kernel, **self.keywords
        )[0]
        return folded

    @property
    def restored(self) -> NDArray[Any]:
        """The columns added back, divided by the copies: the input; NaN where no window read."""
        with np.errstate(invalid="ignore"):
            restored: NDArray[Any] = self.folded / self.copies.astype(self.folded.dtype)
        return restored

    @property
    def memory(self) -> Memory:
        """What it weighs."""
        window = self.trace.window
        return memory(
            (1, *self.trace.x.shape[1:]),
            self.trace.weight.shape,
            stride=window.stride,
            padding=self.trace.pads,
            dilation=window.dilation,
            groups=self.trace.groups,
        )

    @property
    def tile(self) -> int:
        """How many columns a tile of the product has: a divisor of the output's width."""
        width = self.trace.shape[3]
        divisors = [size for size in range(2, TILE + 1) if width % size == 0]
        return max(divisors, default=width)


def unfolded(x: NDArray[Any], weight: NDArray[Any], **keywords: Any) -> Unfolded:
    """Return a convolution as matrices; `keywords` and `WindowError` are those of `conv`.

    >>> picture = unfolded(np.arange(16.0).reshape(1, 1, 4, 4), np.ones((1, 1, 3, 3)))
    >>> picture.columns.shape, picture.copies[1].tolist(), picture.tile
    ((9, 4), [2, 4, 4, 2], 2)
    """
    return Unfolded(conv_trace(x, weight, **keywords))


def filters(kernels: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Return `count` filters (count, C, kh, kw): the kernels (C, kh, kw), then turned, then plainer ones.

    >>> one = np.array([[[1, 0], [0, 0]]], np.float32)
    >>> filters(one, 3)[:, 0].tolist()
    [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [1.0, 0.0]], [[0.0, 0.0], [0.0, 1.0]]]
    """
    rows, columns = kernels.shape[1:]
    middle, mean = np.zeros_like(kernels), np.full_like(kernels, 1 / (rows * columns))
    middle[:, rows // 2, columns // 2] = 1
    turned = [np.rot90(kernels, 1, (1, 2))] if rows == columns else []
    found = [kernels]
    for one in (*turned, np.rot90(kernels, 2, (1, 2)), middle, mean, -kernels):
        if not any(np.array_equal(one, other) for other in found):
            found.append(one)
    while len(found) < count:  # of a single cell there are not so many
        found.append(found[-1] * 2)
    return np.stack(found[:count]).astype(np.float32)
