"""Turning any kind of pixel into 8-bit grey or RGB, small, upright and on white."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image


def levels(image: Image.Image) -> tuple[float, float]:
    """The smallest and largest finite value of a picture deeper than 8 bits; (0, 0) when there is none."""
    low, high = math.inf, -math.inf
    for _, band in _bands(image, 1):
        values = np.asarray(band)
        if values.dtype.kind == "f":
            values = values[np.isfinite(values)]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    return (low, high) if low <= high else (0.0, 0.0)


def black_and_white(image: Image.Image, low: float, high: float) -> tuple[float, float]:
    """The values to show as 0 and 255 for a picture deeper than 8 bits whose values span low to high.

    PNG defines 65535 as white. Elsewhere a 16-bit file often carries 10, 12 or 14 bits of a sensor, so white
    is the full scale of the smallest depth that holds the brightest pixel. Floats in [0, 1] are shown as they
    are; any other range is spread from its smallest to its largest value.
    """
    if image.mode.startswith("F"):
        if low >= 0 and high <= 1:
            return 0.0, 1.0
    elif low >= 0 and high <= 65535:
        if image.format == "PNG":
            return 0.0, 65535.0
        return 0.0, float(next(2**bits - 1 for bits in (8, 10, 12, 14, 16) if high < 2**bits))
    return low, high if high > low else low + 1


def is_deep(image: Image.Image) -> bool:
    """Whether the pixels are 16-bit, 32-bit or floating-point numbers rather than bytes."""
    return image.mode.startswith(("I", "F"))


def shrink(image: Image.Image, longest: int, scale: tuple[float, float] | None = None) -> Image.Image:
    """The picture in mode L or RGB, alpha on white, upright, its longer side at most `longest` pixels.

    `scale` are the values of black and white for a picture deeper than 8 bits; by default its own.
    The picture is never enlarged. Works in bands, so that beside the decoded file little memory is used.
    """
    image.load()
    if is_deep(image) and scale is None:
        scale = black_and_white(image, *levels(image))
    width, height = image.size
    factor = max(1, max(width, height) // (2 * longest))
    across, down = min(factor, width), min(factor, height)
    small: Image.Image | None = None
    for top, band in _bands(image, down):
        part = _plain(band, scale).reduce((across, down))
        if small is None:
            small = Image.new(part.mode, (-(-width // across), -(-height // down)))
        small.paste(part, (0, top // down))
    assert small is not None  # a picture has at least one row
    target = _fit(width, height, longest)
    if small.size != target:
        small = small.resize(target, Image.Resampling.LANCZOS, box=(0, 0, width / across, height / down))
    turn = _TURNS.get(orientation(image))
    return small if turn is None else small.transpose(turn)


def orientation(image: Image.Image) -> int:
    """The EXIF orientation of a loaded picture, 1 to 8; 1 (upright) when there is none or it is nonsense."""
    try:
        found = image.getexif().get(0x0112, 1)
    except Exception:  # broken EXIF is no reason to refuse a sound picture
        return 1
    return found if found in _TURNS else 1


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _plain(image: Image.Image, scale: tuple[float, float] | None) -> Image.Image:
    if is_deep(image):
        assert scale is not None
        return _eight_bit(image, *scale)
    grey = image.mode in ("1", "L", "LA", "La") or _has_grey_palette(image)
    plain = "L" if grey else "RGB"
    if image.mode not in ("LA", "La", "PA", "RGBA", "RGBa") and "transparency" not in image.info:
        return image.convert(plain)
    layer = image.convert("LA" if grey else "RGBA")
    canvas = Image.new(plain, image.size, "white")
    canvas.paste(layer.convert(plain), mask=layer.getchannel("A"))
    return canvas


def _has_grey_palette(image: Image.Image) -> bool:
    if image.mode != "P":
        return False
    colours = np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def _eight_bit(image: Image.Image, black: float, white: float) -> Image.Image:
    values = np.asarray(image).astype(np.float64)
    shown = np.clip((values - black) * (255 / (white - black)), 0, 255)
    shown = np.nan_to_num(np.rint(shown)).astype(np.uint8)
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        shown[values == clear] = 255
    return Image.fromarray(shown)


def _bands(image: Image.Image, multiple: int) -> Iterator[tuple[int, Image.Image]]:
    """The picture cut into bands of about 4 million pixels, their height a multiple of `multiple` rows."""
    width, height = image.size
    rows = multiple * max(1, 4_000_000 // (width * multiple))
    if rows >= height:
        yield 0, image
        return
    for top in range(0, height, rows):
        yield top, image.crop((0, top, width, min(height, top + rows)))


def _fit(width: int, height: int, longest: int) -> tuple[int, int]:
    shrinking = max(1.0, max(width, height) / longest)
    return max(1, round(width / shrinking)), max(1, round(height / shrinking))
