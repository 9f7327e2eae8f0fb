"""One convolution computed in four ways: every array on the way, what each costs, and how far they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import (
    ConvTrace,
    Cost,
    DirectStages,
    FftStages,
    Im2colStages,
    WindowError,
    WinogradStages,
    conv_cost,
    conv_stages,
    conv_trace,
)

ENGINES = ("direct", "im2col", "winograd", "fft")


@dataclass(frozen=True, eq=False)
class Ways:
    """A convolution of one channel by one kernel and the stages of each engine.

    `winograd` is None where Winograd's filtering takes no such window; then `refused` says why.
    """

    trace: ConvTrace
    m: int
    direct: DirectStages
    im2col: Im2colStages
    winograd: WinogradStages | None
    fft: FftStages
    refused: WindowError | None
    arguments: Mapping[str, Any]

    @property
    def engines(self) -> tuple[str, ...]:
        """The names of the engines that could, in order."""
        return tuple(name for name in ENGINES if name != "winograd" or self.winograd is not None)

    def output(self, engine: str) -> NDArray[Any]:
        """Return what an engine made of it (H, W)."""
        made: NDArray[Any] = getattr(self, engine).output[0, 0]
        return made

    def options(self, engine: str) -> dict[str, Any]:
        """Return the engine's own keywords of `conv_stages` and `conv_cost`."""
        if engine == "winograd":
            return {"m": self.m}
        return {"tile": self.fft.size} if engine == "fft" else {}

    @property
    def geometry(self) -> dict[str, Any]:
        """The keywords of `conv_cost`: those of `conv` without what the padding holds."""
        return {name: value for name, value in self.arguments.items() if name != "padding_mode"}

    @cached_property
    def costs(self) -> dict[str, Cost]:
        """What each engine takes for the whole of it, by name."""
        shapes = self.trace.x.shape, self.trace.weight.shape
        return {
            engine: conv_cost(*shapes, method=engine, **self.geometry | self.options(engine))
            for engine in self.engines
        }

    @cached_property
    def apart(self) -> dict[str, float]:
        """By how much an engine is off the sliding window at most, by name."""
        first = self.output("direct").astype(np.float64)
        return {
            engine: float(np.abs(self.output(engine).astype(np.float64) - first).max())
            for engine in self.engines
        }

    @property
    def largest(self) -> float:
        """The largest absolute value of the result, which the differences are to be held against."""
        return float(np.abs(self.output("direct")).max())


def four_ways(x: NDArray[Any], weight: NDArray[Any], *, m: int, **arguments: Any) -> Ways:
    """Compute a convolution (1, 1, H, W) by (1, 1, kh, kw) in every way there is; `arguments` as in `conv`.

    The FFT takes the whole padded input at once; Winograd's tiles make `m` x `m` outputs.

    >>> x = np.arange(36, dtype=np.float32).reshape(1, 1, 6, 6)
    >>> ways = four_ways(x, np.ones((1, 1, 3, 3), np.float32), m=2)
    >>> ways.engines, ways.apart["im2col"], ways.costs["direct"].multiplies
    (('direct', 'im2col', 'winograd', 'fft'), 0.0, 144)
    >>> four_ways(x, np.ones((1, 1, 3, 3), np.float32), m=2, stride=2).refused.code
    'method_window'
    """
    trace = conv_trace(x, weight, **arguments)
    padded = tuple(
        size + before + after for size, (before, after) in zip(x.shape[2:], trace.pads, strict=True)
    )
    winograd, refused = None, None
    try:
        winograd = conv_stages(x, weight, **arguments, method="winograd", m=m)
    except WindowError as error:
        if error.code != "method_window":
            raise
        refused = error
    return Ways(
        trace,
        m,
        conv_stages(x, weight, **arguments, method="direct"),
        conv_stages(x, weight, **arguments, method="im2col"),
        winograd,
        conv_stages(x, weight, **arguments, method="fft", tile=padded),
        refused,
        arguments,
    )
