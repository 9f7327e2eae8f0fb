"""What a method of computing a convolution offers: the same four things, whichever way it works."""

from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from conv_core.window import Window


@dataclass(frozen=True)
class Cost:
    """Operations on numbers, and the bytes needed beside input, weights and output."""

    multiplies: int
    adds: int
    workspace: int


class Method(Protocol):
    """One way to compute a convolution; every module in `METHODS` is one.

    `padded` (N, C, *padded) is the input with its padding on, so a method only reads it through
    `window.read`; `weight` is (O, C / groups, *kernel) and of the same type.
    """

    @property
    def NAME(self) -> str:  # noqa: N802 (a constant of the module)
        """What `method=` calls it."""

    def run(self, padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int) -> NDArray[Any]:
        """The convolution without bias: (N, O, *out)."""

    def stages(self, padded: NDArray[Any], weight: NDArray[Any], window: Window, groups: int) -> Any:
        """The intermediate arrays on the way to the output, as a dataclass of the method's own."""

    def cost(
        self,
        padded_shape: tuple[int, ...],
        weight_shape: tuple[int, ...],
        window: Window,
        groups: int,
        itemsize: int,
    ) -> Cost:
        """What `run` takes for arrays of these shapes, with `itemsize` bytes to a number."""

    def supports(self, window: Window) -> bool:
        """Whether the method can compute with this window at all."""
