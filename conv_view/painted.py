"""A small grid painted by hand as a short text that can stand in a URL."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conv_view.address_fields import Takes, Text
from conv_view.picture_files import PictureError

LONGEST_SIDE = 16
# Three bytes make four letters: the grid's size in one byte, and at most 256 cells.
LONGEST_TEXT = 4 * -(-(1 + LONGEST_SIDE**2) // 3)


def encode_painted(grid: NDArray[np.uint8]) -> str:
    """The text of a grid uint8 (H, W) of at most 16 by 16: 343 letters at worst, far fewer for few shades.

    Raises PictureError for a larger or an empty grid.

    >>> len(encode_painted(np.zeros((16, 16), np.uint8))) < 16
    True
    """
    height, width = grid.shape
    if not (1 <= height <= LONGEST_SIDE and 1 <= width <= LONGEST_SIDE):
        raise PictureError("painted_size", limit=LONGEST_SIDE, height=height, width=width)
    cells = grid.astype(np.uint8).tobytes()
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(cells) + packer.flush()
    # A body as long as the grid has cells is not packed; a packed one is only used when shorter.
    body = min(cells, packed, key=len)
    size = (height - 1) << 4 | (width - 1)
    return base64.urlsafe_b64encode(bytes([size]) + body).rstrip(b"=").decode("ascii")


def decode_painted(text: str) -> NDArray[np.uint8]:
    """The grid uint8 (H, W) of a text by `encode_painted`; PictureError when it is no such text.

    >>> decode_painted("EQD_AH8")
    array([[  0, 255], [  0, 127]], dtype=uint8)
    """
    if not 0 < len(text) <= LONGEST_TEXT:
        raise PictureError("painted_text")
    try:
        size, *_ = data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        height, width = (size >> 4) + 1, (size & 15) + 1
        body = data[1:]
        if len(body) != height * width:
            unpacker = zlib.decompressobj(wbits=-15)
            # One byte more than the grid has tells a text that would unpack into too much.
            body = unpacker.decompress(body, height * width + 1)
            if not unpacker.eof or unpacker.unused_data:
                raise PictureError("painted_text")
        return np.frombuffer(body, np.uint8).reshape(height, width)
    except (ValueError, zlib.error) as error:
        raise PictureError("painted_text") from error


@dataclass(frozen=True)
class GridField(Text):
    """A painted grid in a link; its value is the text itself, and empty where nothing was painted.

    >>> GridField("grid").read("EQD_AH8")
    'EQD_AH8'
    """

    longest: int = LONGEST_TEXT

    def _takes(self) -> Takes:
        return "grid", {}

    def _parse(self, text: str) -> str:
        if text:
            decode_painted(text)
        return text
