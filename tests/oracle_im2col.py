"""im2col with plain loops over a padded picture: no strides of arrays, no code of the app."""

import numpy as np


def padded(x, pads, mode="zeros"):
    """x (C, H, W) with its padding on."""
    known = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    return np.pad(x, ((0, 0), *pads), mode=known[mode])


def places(size, kernel, stride, dilation):
    """Where windows begin along a padded axis."""
    return [at for at in range(0, size, stride) if at + dilation * (kernel - 1) < size]


def cells(shape, pads, kernel, stride=(1, 1), dilation=(1, 1)):
    """{(row, column): (channel, y, x)} in the unpadded picture (C, H, W); and the output size."""
    channels, height, width = shape
    down, across = (
        places(size + sum(pads[axis]), kernel[axis], stride[axis], dilation[axis])
        for axis, size in enumerate((height, width))
    )
    found = {}
    row = 0
    for channel in range(channels):
        for a in range(kernel[0]):
            for b in range(kernel[1]):
                column = 0
                for top in down:
                    for left in across:
                        y, x = top + a * dilation[0] - pads[0][0], left + b * dilation[1] - pads[1][0]
                        found[row, column] = (channel, y, x)
                        column += 1
                row += 1
    return found, (len(down), len(across))


def columns(x, pads, kernel, stride=(1, 1), dilation=(1, 1), mode="zeros"):
    """The column matrix of x (C, H, W)."""
    found, (down, across) = cells(x.shape, pads, kernel, stride, dilation)
    wide = padded(x, pads, mode)
    matrix = np.zeros((x.shape[0] * kernel[0] * kernel[1], down * across), x.dtype)
    for place, (channel, y, col) in found.items():
        matrix[place] = wide[channel, y + pads[0][0], col + pads[1][0]]
    return matrix


def product(matrix, weight, groups=1):
    """The kernels (O, C / groups, kh, kw) as rows, group by group, times their own rows of the matrix."""
    rows = weight.reshape(len(weight), -1)
    own, deep = len(rows) // groups, rows.shape[1]
    parts = [
        rows[group * own : (group + 1) * own] @ matrix[group * deep : (group + 1) * deep]
        for group in range(groups)
    ]
    return np.concatenate(parts)


def copied(x, pads, kernel, stride=(1, 1), dilation=(1, 1), mode="zeros"):
    """How many columns hold each pixel (H, W): every pixel gets a number, which is looked for."""
    numbers = np.arange(1, x[0].size + 1).reshape(1, *x.shape[1:])
    matrix = columns(numbers, pads, kernel, stride, dilation, mode)
    return np.array([[(matrix == number).sum() for number in row] for row in numbers[0]])
