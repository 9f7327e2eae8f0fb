"""Convolution, padding and geometry once more, as plain nested loops that share nothing with the code.

Slow on purpose: no formula for a size (positions are counted), no strides, no BLAS, Python's own numbers.
"""

from itertools import product


def positions(padded, kernel, stride, dilation):
    """Where a window may start along one axis: try every cell."""
    starts = []
    for start in range(0, padded, stride):
        last = start
        for _ in range(kernel - 1):
            last += dilation
        if last < padded:
            starts.append(start)
    return starts


def same_pads(size, kernel, stride, dilation, extra_first):
    """Add one cell after the other, alternately, until as many windows fit as strides begin inside."""
    wanted = len(range(0, size, stride))
    before = after = 0
    while len(positions(before + size + after, kernel, stride, dilation)) < wanted:
        if (before < after) or (before == after and extra_first):
            before += 1
        else:
            after += 1
    return before, after


def source(place, size, mode):
    """The cell that stands at a place outside, or None: walk there and turn around at the borders."""
    if 0 <= place < size:
        return place
    if mode == "zeros":
        return None
    if mode == "replicate":
        return 0 if place < 0 else size - 1
    if mode == "circular":
        while place < 0:
            place += size
        while place >= size:
            place -= size
        return place
    while not 0 <= place < size:
        place = -place if place < 0 else (size - 1) - (place - (size - 1))
    return place


def conv(x, weight, bias, stride, pads, dilation, groups, mode):
    """{(n, o, *position): (value, magnitude)}: the sum of the products, and of their absolute values."""
    samples, channels, *spatial = x.shape
    kernels, reads, *kernel = weight.shape
    starts = [
        positions(before + size + after, taps, step, apart)
        for size, taps, step, apart, (before, after) in zip(
            spatial, kernel, stride, dilation, pads, strict=True
        )
    ]
    x_list, weight_list = x.tolist(), weight.tolist()
    result = {}
    for n, o in product(range(samples), range(kernels)):
        group = o // (kernels // groups)
        for place in product(*[range(len(one)) for one in starts]):
            total = magnitude = 0
            for c in range(reads):
                for tap in product(*[range(size) for size in kernel]):
                    value = x_list[n][group * (channels // groups) + c]
                    factor = weight_list[o][c]
                    for axis, t in enumerate(tap):
                        factor = factor[t]
                        cell = starts[axis][place[axis]] + t * dilation[axis] - pads[axis][0]
                        cell = source(cell, spatial[axis], mode)
                        value = 0 if cell is None or value == 0 else value[cell]
                    total += value * factor
                    magnitude += abs(value * factor)
            if bias is not None:
                total += bias.tolist()[o]
                magnitude += abs(bias.tolist()[o])
            result[(n, o, *place)] = (total, magnitude)
    return result
