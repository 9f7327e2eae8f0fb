"""Pictures in: an uploaded file becomes a small, checked array; arrays are cropped, reduced and made grey."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conv_view.eight_bits import orientation, shrink
from conv_view.painted import decode_painted, encode_painted
from conv_view.picture_files import PictureError, faults_named, open_checked

__all__ = [
    "Picture",
    "PictureError",
    "crop",
    "decode_painted",
    "encode_painted",
    "read_picture",
    "reduce",
    "to_grey",
]

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture that was read: `pixels` uint8 (H, W) or (H, W, 3), read-only, and its size in the file."""

    pixels: Pixels
    original_size: tuple[int, int]
    """Rows and columns of the picture in the file, upright."""


def read_picture(data: bytes, *, longest: int = 512) -> Picture:
    """The picture in a JPEG, PNG, WebP, GIF (first frame), BMP or TIFF (first page) file.

    Grey files give (H, W), all others (H, W, 3). The longer side is at most `longest` pixels; nothing is
    enlarged. EXIF orientation is applied, alpha is put on white, CMYK and palettes become RGB, and pixels
    deeper than 8 bits are scaled by their range. Any fault raises PictureError, and no other exception.

    >>> from pathlib import Path
    >>> file = Path("assets/pictures/coffee.jpg").read_bytes()
    >>> read_picture(file, longest=64).pixels.shape, read_picture(file, longest=64).original_size
    ((43, 64, 3), (341, 512))
    """
    image, kind = open_checked(data)
    with faults_named(kind):
        width, height = image.size
        # libjpeg can decode at 1/2, 1/4 or 1/8 of the size for a fraction of the cost.
        image.draft(None, (2 * longest, 2 * longest))
        small = shrink(image, longest)
        if orientation(image) >= 5:
            width, height = height, width
    pixels = np.asarray(small)
    pixels.setflags(write=False)
    return Picture(pixels, (height, width))


def to_grey(pixels: Pixels) -> Pixels:
    """The luma Y = 0.299 R + 0.587 G + 0.114 B of a picture (H, W, 3) as uint8 (H, W); grey stays as it is.

    Source: ITU-R Recommendation BT.601, section 2.5.1.

    >>> to_grey(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8))
    array([[ 76, 150,  29]], dtype=uint8)
    """
    if pixels.ndim == 2:
        return pixels
    # Whole thousandths: exact, so the three weights of white give 255 and not 254.
    luma = pixels.astype(np.int32) @ np.array([299, 587, 114], np.int32)
    return ((luma + 500) // 1000).astype(np.uint8)


def crop(pixels: Pixels, top: int, left: int, height: int, width: int) -> Pixels:
    """The part of a picture with its upper left corner at row `top`, column `left`, as a view.

    Raises PictureError when it does not lie inside the picture or has no pixel.

    >>> crop(np.arange(12, dtype=np.uint8).reshape(3, 4), 1, 1, 2, 2)
    array([[ 5,  6], [ 9, 10]], dtype=uint8)
    """
    _check_size(height, width)
    rows, columns = pixels.shape[:2]
    if not (0 <= top <= rows - height and 0 <= left <= columns - width):
        raise PictureError(
            "picture_crop",
            top=top,
            bottom=top + height - 1,
            left=left,
            right=left + width - 1,
            height=rows,
            width=columns,
        )
    return pixels[top : top + height, left : left + width]


def reduce(
    pixels: Pixels, *, height: int | None = None, width: int | None = None, longest: int | None = None
) -> Pixels:
    """A smaller picture whose every pixel is the average of the area it covers (box filter, exact overlap).

    Give `longest`, or `height` and `width`, or one of these (the other follows from the proportions). No side
    grows: a size above the picture's own stands for the picture's own. Raises PictureError for sizes below 1.

    >>> reduce(np.array([[0, 10, 20, 30], [2, 12, 22, 32]], np.uint8), height=1, width=2)
    array([[ 6, 26]], dtype=uint8)
    """
    rows, columns = pixels.shape[:2]
    if longest is not None:
        shrinking = max(1.0, max(rows, columns) / max(1, longest))
        _check_size(longest, longest)
        height, width = max(1, round(rows / shrinking)), max(1, round(columns / shrinking))
    elif height is None and width is None:
        return pixels
    elif height is None:
        height = max(1, round(rows * min(1.0, (width or 0) / columns)))
    elif width is None:
        width = max(1, round(columns * min(1.0, height / rows)))
    assert height is not None
    assert width is not None
    _check_size(height, width)
    height, width = min(height, rows), min(width, columns)
    if (height, width) == (rows, columns):
        return pixels
    means = averaged(averaged(pixels, height).swapaxes(0, 1), width).swapaxes(0, 1)
    # Halves go up; the small term keeps a sum that should end in .5 from ending a hair below it.
    return np.floor(means + (0.5 + 1e-9)).astype(np.uint8)


def averaged(values: NDArray[np.generic], target: int) -> NDArray[np.float64]:
    """The averages over `target` equal stretches of the first axis: (n, ...) becomes (target, ...).

    >>> averaged(np.array([0.0, 3.0, 9.0]), 2)
    array([1., 7.])
    """
    size = values.shape[0]
    cell, over = np.divmod(np.arange(target) * size, target)
    sums = np.add.reduceat(values, cell, axis=0, dtype=np.float64)
    # Where an edge cuts through a cell, the part before it belongs to the stretch before.
    cut = (over / target).reshape(-1, *[1] * (values.ndim - 1)) * values[cell]
    sums -= cut
    sums[:-1] += cut[1:]
    return sums * (target / size)


def _check_size(height: int, width: int) -> None:
    if height < 1 or width < 1:
        raise PictureError("picture_size", height=height, width=width)


def square(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return the middle square of a picture, reduced to `side` pixels; smaller pictures stay as small.

    >>> square(np.zeros((30, 50, 3), np.uint8), 6).shape
    (6, 6, 3)
    """
    height, width = pixels.shape[:2]
    edge = min(height, width)
    middle = crop(pixels, (height - edge) // 2, (width - edge) // 2, edge, edge)
    return reduce(middle, longest=side)
