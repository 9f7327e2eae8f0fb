"""The frames of an animated picture or the pages of a TIFF, stacked into a volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from conv_view.eight_bits import black_and_white, is_deep, levels, shrink
from conv_view.picture_files import PictureError, check_pixels, faults_named, open_checked
from conv_view.pictures import to_grey

MOST_FRAMES_IN_FILE = 2000
# A page has about 20; overlapping directories could make a small file take minutes to read.
MOST_TIFF_ENTRIES = 200_000
# Every frame up to the last one kept has to be decoded: this many take about two seconds.
MOST_PIXELS_TOGETHER = 100_000_000


@dataclass(frozen=True, eq=False)
class Volume:
    """A volume that was read: `voxels` uint8 (D, H, W), read-only, and what the file held."""

    voxels: NDArray[np.uint8]
    frames_in_file: int
    original_size: tuple[int, int]
    """Rows and columns of a frame in the file."""

    @property
    def frames_kept(self) -> int:
        """How many of the file's frames the volume holds, evenly spread from the first to the last."""
        return self.voxels.shape[0]


def read_volume(data: bytes, *, longest: int = 64, most_frames: int = 64) -> Volume:
    """The frames of a GIF, animated WebP or PNG, or the pages of a TIFF, in grey and the first one first.

    Each frame is reduced to at most `longest` pixels a side. Of more than `most_frames` frames that many are
    kept, evenly spread. Pages deeper than 8 bits share one scale. Frames are counted and measured before any
    is decoded. Any fault, a single frame included, raises PictureError, and no other exception.

    >>> import io
    >>> pages, file = [Image.new("L", (6, 4), shade) for shade in (0, 100, 200)], io.BytesIO()
    >>> pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    >>> volume = read_volume(file.getvalue())
    >>> volume.voxels.shape, volume.frames_in_file, volume.voxels[:, 0, 0].tolist()
    ((3, 4, 6), 3, [0, 100, 200])
    """
    image, kind = open_checked(data)
    with faults_named(kind):
        frames = _count_frames(image, kind, data)
        if frames < 2:
            raise PictureError("frames_one", format=kind)
        if frames > MOST_FRAMES_IN_FILE:
            raise PictureError("frames_many", format=kind, limit=MOST_FRAMES_IN_FILE)
        kept = _spread(frames, most_frames)
        width, height = image.size
        # Pages of a TIFF stand alone; a frame of the others needs all those before it.
        decoded = len(kept) if kind == "TIFF" else frames
        check_pixels(width * height, decoded, most=MOST_PIXELS_TOGETHER, code="frames_pixels")
        scale = _common_scale(image, kept)
        slices = []
        for index in kept:
            _go_to(image, index, (width, height))
            slices.append(to_grey(np.asarray(shrink(image, longest, scale))))
    voxels = np.stack(slices)
    voxels.setflags(write=False)
    return Volume(voxels, frames, (height, width))


def _spread(frames: int, most: int) -> list[int]:
    """At most `most` frame numbers, evenly spread, with the first and the last."""
    return np.linspace(0, frames - 1, min(frames, max(2, most))).round().astype(int).tolist()


def _go_to(image: Image.Image, index: int, size: tuple[int, int]) -> None:
    image.seek(index)
    if image.size != size:
        raise PictureError(
            "frames_differ",
            frame=index + 1,
            height=image.size[1],
            width=image.size[0],
            first_height=size[1],
            first_width=size[0],
        )


def _common_scale(image: Image.Image, kept: list[int]) -> tuple[float, float] | None:
    """Black and white for all pages together, so that a dark page stays dark beside a bright one."""
    if not is_deep(image):
        return None
    spans = []
    for index in kept:
        _go_to(image, index, image.size)
        if is_deep(image):
            spans.append(levels(image))
    return black_and_white(image, min(low for low, _ in spans), max(high for _, high in spans))


def _count_frames(image: Image.Image, kind: str, data: bytes) -> int:
    """The number of frames, or one more than the most allowed; nothing is decoded to find it."""
    if kind == "GIF":
        return _count_gif_frames(data, image.size)
    if kind == "TIFF":
        return _count_tiff_pages(data)
    return getattr(image, "n_frames", 1)


def _count_gif_frames(data: bytes, canvas: tuple[int, int]) -> int:
    """Walks over the blocks of a GIF, skipping their data (GIF89a specification, sections 15 to 27)."""
    frames = 0
    position = 13 + _table_bytes(data[10])
    while position < len(data) and frames <= MOST_FRAMES_IN_FILE and data[position] != 0x3B:
        if data[position] == 0x2C:
            frames += 1
            left, top, width, height = np.frombuffer(data, "<u2", 4, position + 1).tolist()
            if left + width > canvas[0] or top + height > canvas[1]:
                # Decoders would enlarge the canvas in the middle of the film.
                raise PictureError("picture_damaged", format="GIF")
            position = _after_blocks(data, position + 11 + _table_bytes(data[position + 9]))
        elif data[position] == 0x21:
            position = _after_blocks(data, position + 2)
        else:
            position += 1
    return frames


def _count_tiff_pages(data: bytes) -> int:
    """Follows the chain of page directories (TIFF 6.0, section 2; BigTIFF has wider fields)."""
    order: Literal["little", "big"] = "little" if data.startswith(b"II") else "big"
    big = 43 in data[2:4]
    count_bytes, entry_bytes, offset_bytes = (8, 20, 8) if big else (2, 12, 4)

    def number(start: int, length: int) -> int:
        return int.from_bytes(data[start : start + length], order)

    pages = entries = 0
    offset = number(offset_bytes, offset_bytes)
    while offset and pages <= MOST_FRAMES_IN_FILE:
        pages += 1
        count = number(offset, count_bytes)
        entries += count
        offset = number(offset + count_bytes + entry_bytes * count, offset_bytes)
    if entries > MOST_TIFF_ENTRIES:
        raise PictureError("picture_damaged", format="TIFF")
    return pages


def _table_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(data: bytes, position: int) -> int:
    """The position behind a chain of blocks that begin with their length; one of length 0 is the last."""
    while length := data[position]:
        position += length + 1
    return position + 1
