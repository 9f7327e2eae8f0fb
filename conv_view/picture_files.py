"""Opening picture files that may be broken or hostile: what is wrong is told before a pixel is decoded."""

from __future__ import annotations

import contextlib
import io
import math
import re
from collections.abc import Iterator

from PIL import Image

MOST_BYTES = 20 * 2**20
MOST_PIXELS = 50_000_000
# Only PNG, BMP and TIFF can go further, and a picture one pixel wide and millions high costs seconds.
LONGEST_SIDE = 100_000
# The decoder of WebP keeps several copies of the canvas, 15 bytes a pixel in all.
MOST_PIXELS_WEBP = 20_000_000
# A progressive JPEG has about ten; every one goes over the whole picture again, for a few bytes in the file.
MOST_JPEG_SCANS = 100
FORMATS = ("JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF")

MESSAGES = {
    "picture_empty": "The file is empty (0 bytes). Accepted are JPEG, PNG, WebP, GIF, BMP and TIFF.",
    "picture_bytes": "The file is {megabytes} MB; at most {limit} MB are accepted.",
    "picture_pixels": "The picture has {millions} million pixels; at most {limit} million are accepted.",
    "picture_side": "A side of the picture has {side} pixels; at most {limit} are accepted.",
    "picture_format": "This file is not a JPEG, PNG, WebP, GIF, BMP or TIFF, whatever its name says.",
    "picture_damaged": "The {format} file is damaged or incomplete and cannot be read to its end.",
    "picture_unknown": "There is no picture called {name!r} in the gallery.",
    "picture_size": "A picture of {height} rows and {width} columns was asked for; both must be at least 1.",
    "picture_crop": "The crop covers rows {top} to {bottom} and columns {left} to {right}, "
    "but the picture has {height} rows and {width} columns.",
    "painted_text": "This is not the text of a painted grid.",
    "painted_size": "A painted grid has 1 to {limit} rows and columns, not {height} by {width}.",
    "frames_one": "The {format} file holds a single frame; a volume needs at least 2.",
    "frames_many": "The {format} file holds more than {limit} frames.",
    "frames_pixels": "The frames hold {millions} million pixels together; "
    "at most {limit} million are accepted.",
    "frames_differ": "Frame {frame} has {height} rows and {width} columns, "
    "but the first has {first_height} and {first_width}.",
}


class PictureError(ValueError):
    """A picture or volume that cannot be used: `code` names the fault, `numbers` fill its sentence.

    >>> PictureError("picture_bytes", megabytes=31.5, limit=20).numbers["limit"]
    20
    """

    def __init__(self, code: str, **numbers: object) -> None:
        super().__init__(MESSAGES[code].format(**numbers))
        self.code = code
        self.numbers = numbers


def open_checked(data: bytes) -> tuple[Image.Image, str]:
    """The opened file and its format, checked while no pixel has been decoded yet.

    Size in bytes, format by content and size in pixels are checked; PictureError tells which failed.
    """
    if not data:
        raise PictureError("picture_empty")
    if len(data) > MOST_BYTES:
        raise PictureError(
            "picture_bytes", megabytes=_tenths_up(len(data) / 2**20), limit=MOST_BYTES // 2**20
        )
    kind = _format_of(data)
    if kind is None:
        raise PictureError("picture_format")
    with faults_named(kind):
        if kind == "WebP":
            # Its decoder takes memory for the canvas while it opens the file.
            check_pixels(*_webp_size(data), most=MOST_PIXELS_WEBP)
        if kind == "JPEG" and _jpeg_scans(data) > MOST_JPEG_SCANS:
            raise PictureError("picture_damaged", format=kind)
        image = Image.open(io.BytesIO(data), formats=(kind.upper(),))
        check_pixels(*image.size, most=MOST_PIXELS)
        if max(image.size) > LONGEST_SIDE:
            raise PictureError("picture_side", side=max(image.size), limit=LONGEST_SIDE)
    return image, kind


@contextlib.contextmanager
def faults_named(kind: str) -> Iterator[None]:
    """Turns whatever the decoder raises inside the block into a PictureError about a file of this kind."""
    try:
        yield
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        # Pillow stops far above our own limit, with the count as the first number of its sentence.
        count = re.search(r"\d+", str(error))
        check_pixels(int(count[0]) if count else 2 * MOST_PIXELS, 1)
        raise PictureError("picture_damaged", format=kind) from error
    except Exception as error:
        # A broken file makes decoders raise nearly anything: OSError, SyntaxError, struct.error, KeyError ...
        raise PictureError("picture_damaged", format=kind) from error


def check_pixels(width: int, height: int, *, most: int = MOST_PIXELS, code: str = "picture_pixels") -> None:
    """Raises a PictureError when width times height is more than `most`."""
    if width * height > most:
        raise PictureError(code, millions=_tenths_up(width * height / 1e6), limit=most // 1_000_000)


def _format_of(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    return next((kind for start, kind in _STARTS if data.startswith(start)), None)


_STARTS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height by the first chunk, per the WebP container and bitstream specifications (RFC 9649)."""
    kind, body = data[12:16], data[20:30]
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF


def _jpeg_scans(data: bytes) -> int:
    """How often a JPEG goes over its picture, by walking from marker to marker (ITU-T T.81, annex B.1.1)."""
    scans, position = 0, 2
    while (found := _JPEG_MARKER.search(data, position)) and found[0] != b"\xff\xd9":
        scans += found[0] == b"\xff\xda"
        position = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
    return scans


# Zero after 255 is a data byte; 1, D0 to D8 and a repeated 255 have no length behind them.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd8]")


def _tenths_up(value: float) -> float:
    # Rounded up, so that what is over a limit also reads as over it.
    return math.ceil(value * 10) / 10
