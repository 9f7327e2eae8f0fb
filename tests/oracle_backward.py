"""The way back through a convolution as plain nested loops that share nothing with the code.

Every output cell gives its gradient to all that it was made of, one product after the other.
"""

from itertools import product

import numpy as np

from tests.oracle import positions, source


class Sums:
    """An array of Python numbers that are added to, and of what their absolute values add up to."""

    def __init__(self, shape):
        self.values = np.zeros(shape, object)
        self.magnitudes = np.zeros(shape, object)

    def add(self, place, value):
        self.values[place] += value
        self.magnitudes[place] += abs(value)


def starts(spatial, kernel, stride, pads, dilation):
    """For each axis where the windows begin, in cells of the unpadded input."""
    return [
        [start - before for start in positions(before + size + after, taps, step, apart)]
        for size, taps, step, apart, (before, after) in zip(
            spatial, kernel, stride, dilation, pads, strict=True
        )
    ]


def reads(begin, kernel, dilation):
    """The kernel cells with the input cell that each of them reads, of the window that begins there."""
    for tap in product(*[range(taps) for taps in kernel]):
        yield tap, tuple(start + t * apart for start, t, apart in zip(begin, tap, dilation, strict=True))


def contributions(grad, x, weight, stride, pads, dilation, groups, mode):
    """All products: (n, o, position, group's channel, tap, input place or None, gradient, cell, weight)."""
    spatial, kernel = x.shape[2:], weight.shape[2:]
    lines = starts(spatial, kernel, stride, pads, dilation)
    channels = x.shape[1] // groups
    makes = len(weight) // groups
    for n, o in product(range(len(x)), range(len(weight))):
        for position in product(*[range(len(line)) for line in lines]):
            given = grad[(n, o, *position)].item()
            begin = [line[p] for line, p in zip(lines, position, strict=True)]
            for tap, cell in reads(begin, kernel, dilation):
                found = tuple(source(at, size, mode) for at, size in zip(cell, spatial, strict=True))
                for c in range(channels):
                    read = None if None in found else (n, o // makes * channels + c, *found)
                    value = 0 if read is None else x[read].item()
                    yield n, o, position, c, tap, read, given, value, weight[(o, c, *tap)].item()


def conv_backward(grad, x, weight, stride, pads, dilation, groups, mode):
    """The gradients by input, weight and bias, as `Sums`."""
    by_x, by_weight, by_bias = Sums(x.shape), Sums(weight.shape), Sums(len(weight))
    for _, o, _, c, tap, read, given, value, factor in contributions(
        grad, x, weight, stride, pads, dilation, groups, mode
    ):
        if read is not None:
            by_x.add(read, given * factor)
        by_weight.add((o, c, *tap), given * value)
    for place in np.ndindex(*grad.shape):
        by_bias.add(place[1], grad[place].item())
    return by_x, by_weight, by_bias
