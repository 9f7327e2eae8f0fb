"""What a method of computing a convolution offers: the same four things, whichever way it works."""

from collections.abc import Callable
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


@dataclass(frozen=True)
class Operations:
    """Multiplications and additions, which add up and can be taken a number of times."""

    multiplies: int
    adds: int

    def __add__(self, other: "Operations") -> "Operations":
        return Operations(self.multiplies + other.multiplies, self.adds + other.adds)

    def __mul__(self, times: int) -> "Operations":
        return Operations(self.multiplies * times, self.adds * times)


@dataclass(frozen=True)
class Parts:
    """Operations of a method that transforms: data, kernels, the products that are left, the way back."""

    data: Operations
    kernel: Operations
    products: Operations
    inverse: Operations

    @property
    def multiplies(self) -> int:
        """All multiplications."""
        return sum(part.multiplies for part in (self.data, self.kernel, self.products, self.inverse))

    @property
    def adds(self) -> int:
        """All additions."""
        return sum(part.adds for part in (self.data, self.kernel, self.products, self.inverse))


class Method(Protocol):
    """One way to compute a convolution; every module in `METHODS` is one.

    `padded` (N, C, *padded) is the input with its padding on, so a method only reads it through
    `window.read`; `weight` is (O, C / groups, *kernel) and of the same type. `options` are a method's own:
    "winograd" and "fft" have some.
    """

    @property
    def NAME(self) -> str:  # noqa: N802 (a constant of the module)
        """What `method=` calls it."""

    @property
    def run(self) -> Callable[..., NDArray[Any]]:
        """(padded, weight, window, groups, **options) -> the convolution without bias, (N, O, *out)."""

    @property
    def stages(self) -> Callable[..., Any]:
        """As `run`, but all the arrays on the way to the output, as a dataclass of the method's own."""

    @property
    def cost(self) -> Callable[..., Cost]:
        """(padded_shape, weight_shape, window, groups, itemsize, **options) -> what `run` takes for them."""

    def supports(self, window: Window) -> bool:
        """Whether the method can compute with this window at all."""
