"""Pooling, transposed convolution and receptive fields as plain loops that share nothing with the code.

Positions are found by walking, sizes by counting, and every number is one of Python's own.
"""

from itertools import product
from math import isnan


def pool_starts(size, before, after, kernel, stride, dilation, ceil_mode):
    """Where the windows begin along one axis, in cells of the padded input: walk on as long as one may."""
    padded = before + size + after
    starts, start = [], 0
    while True:
        last = start
        for _ in range(kernel - 1):
            last += dilation
        if last < padded:
            starts.append(start)
        elif ceil_mode and last - stride < padded - 1 and start < before + size:
            # The window before this one left cells over, so one more hangs over the end.
            starts.append(start)
            return starts
        else:
            return starts
        start += stride


def windows(x, kernel, stride, pads, dilation, ceil_mode):
    """For each output place the cells read: [(coordinates, value or None outside, counted as padding)]."""
    samples, channels, *spatial = x.shape
    cells = x.tolist()
    starts = [
        pool_starts(size, *pair, taps, step, apart, ceil_mode)
        for size, pair, taps, step, apart in zip(spatial, pads, kernel, stride, dilation, strict=True)
    ]
    result = {}
    for n, c in product(range(samples), range(channels)):
        for place in product(*[range(len(one)) for one in starts]):
            read = []
            for tap in product(*[range(taps) for taps in kernel]):
                padded = [starts[axis][p] + tap[axis] * dilation[axis] for axis, p in enumerate(place)]
                where = [cell - pads[axis][0] for axis, cell in enumerate(padded)]
                value = cells[n][c]
                for cell, size in zip(where, spatial, strict=True):
                    value = value[cell] if value is not None and 0 <= cell < size else None
                explicit = all(cell < sum(pads[axis]) + spatial[axis] for axis, cell in enumerate(padded))
                read.append((tuple(where), value, explicit))
            result[(n, c, *place)] = read
    return result


def maximum(read, spatial):
    """(value, flat index): the first of the largest, or the last NaN."""
    best = place = None
    for where, value, _ in read:
        if value is None:
            continue
        if best is None or value > best or isnan(value):
            best, place = value, where
    flat = 0
    for cell, size in zip(place, spatial, strict=True):
        flat = flat * size + cell
    return best, flat


def average(read, include):
    """(value, magnitude) of an average, over what counts."""
    values = [value for _, value, _ in read if value is not None]
    count = sum(explicit for _, _, explicit in read) if include else len(values)
    return sum(values) / count, sum(map(abs, values)) / count


def norm(read, p):
    return sum(abs(value) ** p for _, value, _ in read if value is not None) ** (1 / p)


def transpose(x, weight, bias, stride, pads, output_padding, dilation, groups):
    """{(n, o, *place): (value, magnitude, cells)}: every input cell is carried out, one product at a time."""
    samples, channels, *spatial = x.shape
    _, made, *kernel = weight.shape
    sizes = []
    for axis, size in enumerate(spatial):
        last = 0
        for _ in range(size - 1):
            last += stride[axis]
        for _ in range(kernel[axis] - 1):
            last += dilation[axis]
        sizes.append(last + 1 - sum(pads[axis]) + output_padding[axis])
    offset = [0] * (made * groups) if bias is None else bias.tolist()
    totals = {
        (n, o, *place): [offset[o], abs(offset[o]), 0]
        for n in range(samples)
        for o in range(made * groups)
        for place in product(*map(range, sizes))
    }
    x_list, weight_list = x.tolist(), weight.tolist()
    for n, c in product(range(samples), range(channels)):
        first = c // (channels // groups) * made
        for cell in product(*map(range, spatial)):
            value = x_list[n][c]
            for place in cell:
                value = value[place]
            for m in range(made):
                for tap in product(*map(range, kernel)):
                    factor = weight_list[c][m]
                    for t in tap:
                        factor = factor[t]
                    place = tuple(
                        cell[a] * stride[a] + tap[a] * dilation[a] - pads[a][0] for a in range(len(cell))
                    )
                    entry = totals.get((n, first + m, *place))
                    if entry is not None:
                        entry[0] += value * factor
                        entry[1] += abs(value * factor)
                        entry[2] += 1
    return totals


def paths(layers, sizes, place):
    """Along one axis, how often each input cell is met by walking back from a cell through every kernel cell.

    `layers` are (kernel, stride, before, dilation), the first layer first; `sizes` those of every level.
    """
    counts = [0] * sizes[0]

    def walk(level, cell):
        if level == 0:
            counts[cell] += 1
            return
        kernel, stride, before, dilation = layers[level - 1]
        for tap in range(kernel):
            below = cell * stride + tap * dilation - before
            if 0 <= below < sizes[level - 1]:
                walk(level - 1, below)

    walk(len(layers), place)
    return counts
