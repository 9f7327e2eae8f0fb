"""A digit drawn by hand: centred as the digits of MNIST are, and as a short text that can stand in a URL."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from conv_view.address_fields import Takes, Text
from conv_view.mnist import SIDE

BOX = 20  # cells of the box that a digit is scaled to
TONES = 15  # steps of ink from paper to full; two cells make one byte of a link
FULL = 255
PACKED = SIDE * SIDE // 2
LONGEST_TEXT = 4 * -(-PACKED // 3)


class DrawingError(ValueError):
    """What is wrong with a drawing: a code, and the numbers for its sentence."""

    def __init__(self, code: str, **numbers: object) -> None:
        super().__init__(f"{code}: {numbers}" if numbers else code)
        self.code = code
        self.numbers = numbers


def centred(drawing: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A drawing uint8 (H, W), bright on dark, as a digit of MNIST (28, 28).

    What is drawn is scaled to a box of 20 by 20 cells, its proportions kept, and laid into 28 by 28 with
    its centre of mass in the middle (LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to
    document recognition, 1998, section III.A). `DrawingError` where nothing is drawn.

    >>> bar = np.zeros((9, 30), np.uint8)
    >>> bar[7, 1:11] = 255
    >>> np.argwhere(centred(bar)).min(axis=0).tolist(), np.argwhere(centred(bar)).max(axis=0).tolist()
    ([14, 4], [15, 23])
    """
    rows, columns = (np.flatnonzero(drawing.any(axis=1 - axis)) for axis in range(2))
    if rows.size == 0:
        raise DrawingError("drawing_empty")
    cropped = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    longest = max(cropped.shape)
    height, width = (max(1, round(side * BOX / longest)) for side in cropped.shape)
    scaled = np.asarray(Image.fromarray(cropped).resize((width, height), Image.Resampling.BILINEAR))
    top, left = (_start(scaled.sum(axis=1 - axis, dtype=np.float64)) for axis in range(2))
    digit = np.zeros((SIDE, SIDE), np.uint8)
    digit[top : top + height, left : left + width] = scaled
    return digit


def _start(ink: NDArray[np.float64]) -> int:
    """Where a row of sums has to begin so that its centre of mass lies in the middle."""
    middle = float(ink @ np.arange(len(ink))) / float(ink.sum())
    return min(max(round(SIDE / 2 - middle), 0), SIDE - len(ink))


def encode(drawing: NDArray[np.uint8]) -> str:
    """The text of a drawing uint8 (28, 28), in 16 tones: at most 524 letters; empty where nothing is drawn.

    >>> encode(np.zeros((28, 28), np.uint8)), len(encode(np.eye(28, dtype=np.uint8) * 255)) < 100
    ('', True)
    """
    tones = np.rint(drawing.ravel() * (TONES / FULL)).astype(np.uint8)
    if not tones.any():
        return ""
    cells = (tones[::2] << 4 | tones[1::2]).tobytes()
    packer = zlib.compressobj(9, wbits=-15)
    # A body as long as the cells is not packed; a packed one is only used when shorter.
    body = min(cells, packer.compress(cells) + packer.flush(), key=len)
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode("ascii")


def decode(text: str) -> NDArray[np.uint8]:
    """The drawing uint8 (28, 28) of a text by `encode`; `DrawingError` when it is no such text.

    >>> drawing = np.eye(28, dtype=np.uint8) * 255
    >>> np.array_equal(decode(encode(drawing)), drawing)
    True
    """
    if not text:
        return np.zeros((SIDE, SIDE), np.uint8)
    if len(text) > LONGEST_TEXT:
        raise DrawingError("drawing_text")
    try:
        body = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if len(body) != PACKED:
            unpacker = zlib.decompressobj(wbits=-15)
            # One byte more than there are tells a text that would unpack into too much.
            body = unpacker.decompress(body, PACKED + 1)
            if not unpacker.eof or unpacker.unused_data:
                raise DrawingError("drawing_text")
        cells = np.frombuffer(body, np.uint8).reshape(SIDE * SIDE // 2, 1)
    except (ValueError, zlib.error) as error:
        raise DrawingError("drawing_text") from error
    tones = np.concatenate([cells >> 4, cells & TONES], axis=1)
    return (tones * (FULL // TONES)).astype(np.uint8).reshape(SIDE, SIDE)


@dataclass(frozen=True)
class DrawingField(Text):
    """A drawn digit in a link; its value is the text itself, and empty where nothing was drawn."""

    longest: int = LONGEST_TEXT

    def _takes(self) -> Takes:
        return "grid", {}

    def _parse(self, text: str) -> str:
        decode(text)
        return text
