"""Depthwise, then pointwise, against one dense convolution: both computed, both counted."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from conv_core import ConvTrace, conv, conv_cost, conv_trace, sharing
from conv_view import channels

SIDE = 3  # of the depthwise kernels, whatever the kernel on the stage


@dataclass(frozen=True)
class Count:
    """What one layer takes: the shapes of its weight and its output, parameters and multiplications."""

    weight: tuple[int, ...]
    output: tuple[int, ...]
    parameters: int
    multiplies: int


@dataclass(frozen=True, eq=False)
class Separable:
    """The two layers as traces, the dense weight that does the same in one, and what each takes."""

    depthwise: ConvTrace
    pointwise: ConvTrace
    dense_output: NDArray[np.float32]
    counts: dict[str, Count]

    @property
    def difference(self) -> float:
        """Return the largest difference between the two ways, over the whole output."""
        return float(np.abs(self.pointwise.output - self.dense_output).max())

    @property
    def shares(self) -> tuple[Fraction, Fraction]:
        """Return what the two layers take beside the dense one: parameters, multiplications."""
        dense = self.counts["dense"]
        both = self.counts["depthwise"], self.counts["pointwise"]
        return (
            Fraction(sum(one.parameters for one in both), dense.parameters),
            Fraction(sum(one.multiplies for one in both), dense.multiplies),
        )

    @property
    def formula(self) -> Fraction:
        """Return 1 / C_out + 1 / k^2. Source: Howard et al., MobileNets (2017), section 3.1."""
        return Fraction(1, self.pointwise.shape[1]) + Fraction(1, SIDE * SIDE)


def separable(
    x: NDArray[np.float32], filters: int, kind: str, seed: int, *, stride: int, padding: int
) -> Separable:
    """Return both ways for a picture (1, C, H, W) and this many filters; WindowError as in `conv`.

    >>> both = separable(np.ones((1, 4, 8, 8), np.float32), 8, "random", 0, stride=1, padding=1)
    >>> both.shares[0] == both.shares[1] == both.formula, both.difference
    (True, 0.0)
    """
    count = x.shape[1]
    lone = channels.weights(kind, seed, count, count, count, SIDE)
    mixing = channels.weights(channels.RANDOM, seed, count, filters, 1, 1)
    dense = channels.composed(lone, mixing)
    first = conv_trace(x, lone, stride=stride, padding=padding, groups=count)
    second = conv_trace(first.output, mixing)
    return Separable(
        first,
        second,
        conv(x, dense, stride=stride, padding=padding),
        {
            "dense": count_of(x.shape, dense.shape, second.shape, stride=stride, padding=padding),
            "depthwise": count_of(
                x.shape, lone.shape, first.shape, stride=stride, padding=padding, groups=count
            ),
            "pointwise": count_of(first.shape, mixing.shape, second.shape),
        },
    )


def count_of(
    x_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    output: tuple[int, ...],
    *,
    stride: int = 1,
    padding: int = 0,
    groups: int = 1,
) -> Count:
    """Return what a convolution without bias takes, counted by the core.

    >>> count_of((1, 4, 8, 8), (8, 2, 3, 3), (1, 8, 6, 6), groups=2)
    Count(weight=(8, 2, 3, 3), output=(1, 8, 6, 6), parameters=144, multiplies=5184)
    """
    numbers = {"stride": stride, "padding": padding, "groups": groups}
    return Count(
        weight_shape,
        output,
        sharing(x_shape, weight_shape, **numbers).shared.parameters,  # type: ignore[arg-type]
        conv_cost(x_shape, weight_shape, **numbers).multiplies,  # type: ignore[arg-type]
    )
