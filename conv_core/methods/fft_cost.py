"""What a convolution through the Fourier transform costs, part by part."""

from math import log2, prod

from conv_core.methods.protocol import Operations, Parts


class FftParts(Parts):
    """Operations of the transforms of all tiles, of all kernels, of the products, and of the way back."""


def parts_of(
    samples: int, weight_shape: tuple[int, ...], size: tuple[int, ...], tiles: int, groups: int
) -> FftParts:
    """The parts for so many tiles; a complex product is 4 multiplications and 2 additions."""
    outputs, reads = weight_shape[:2]
    half = prod(size[:-1]) * (size[-1] // 2 + 1)
    one = transform(size)
    many = samples * tiles
    pairs = half * many * outputs
    return FftParts(
        data=one * (many * reads * groups),
        kernel=one * (outputs * reads),
        products=Operations(4 * reads * pairs, (2 * reads + 2 * (reads - 1)) * pairs),
        inverse=one * (many * outputs),
    )


def transform(size: tuple[int, ...]) -> Operations:
    """One transform of real numbers: half of a complex one, whose n log2 n / 2 butterflies take 4 and 6.

    The count of the radix-2 algorithm (Cooley and Tukey 1965), 5 n log2 n operations for n complex numbers,
    the convention in which FFT speeds are stated; for lengths that are no power of two an estimate.

    >>> transform((8,)), transform((8, 8))
    (Operations(multiplies=24, adds=36), Operations(multiplies=384, adds=576))
    """
    cells = prod(size)
    butterflies = cells * log2(cells) / 4 if cells > 1 else 0.0
    return Operations(round(4 * butterflies), round(6 * butterflies))


def real_length(n: int) -> float:
    """The operations of one real transform of n numbers, as in `transform`.

    >>> real_length(8)
    60.0
    """
    return 2.5 * n * log2(n) if n > 1 else 0.0
