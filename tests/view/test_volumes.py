import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from conv_view import volumes
from conv_view.picture_files import MESSAGES
from conv_view.pictures import PictureError
from conv_view.volumes import read_volume

SHADES = tuple(range(0, 250, 50))


def flat(shades, size=(12, 8), mode="L"):
    return [Image.new(mode, size, shade) for shade in shades]


def film(frames, kind, **options):
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], **options)
    return file.getvalue()


def fault_of(data):
    with pytest.raises(PictureError) as caught:
        read_volume(data)
    assert str(caught.value) == MESSAGES[caught.value.code].format(**caught.value.numbers)
    return caught.value


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("GIF", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {"lossless": True}),
        ("PNG", {}),
    ],
)
def test_frames_become_depth(kind, options):
    volume = read_volume(film(flat(SHADES), kind, **options))
    assert volume.voxels.dtype == np.uint8
    assert not volume.voxels.flags.writeable
    assert (volume.frames_in_file, volume.frames_kept, volume.original_size) == (5, 5, (8, 12))
    assert np.array_equal(volume.voxels, np.broadcast_to(np.array(SHADES)[:, None, None], (5, 8, 12)))


def test_rows_and_columns_are_not_mixed_up():
    frames = [np.random.default_rng(n).integers(0, 256, (5, 9), dtype=np.uint8) for n in range(3)]
    volume = read_volume(film([Image.fromarray(frame) for frame in frames], "TIFF"))
    assert np.array_equal(volume.voxels, np.stack(frames))


def test_colour_becomes_luma():
    frames = flat(["#ff0000", "#00ff00", "#0000ff"], mode="RGB")
    for kind in ("GIF", "TIFF", "PNG"):
        assert read_volume(film(frames, kind)).voxels[:, 3, 4].tolist() == [76, 150, 29], kind


def test_a_film_that_only_stores_what_changes():
    frames = flat(["#000000"] * 6, size=(20, 20), mode="RGB")
    for index, frame in enumerate(frames):
        frame.paste("#ffffff", (3 * index, 0, 3 * index + 3, 20))
    voxels = read_volume(film(frames, "GIF", optimize=True)).voxels
    bright = (voxels > 128).any(axis=1)
    assert [np.flatnonzero(row).tolist() for row in bright] == [
        [3 * n, 3 * n + 1, 3 * n + 2] for n in range(6)
    ]


def test_frames_are_thinned_evenly_and_it_is_said():
    frames = flat(range(200))
    for kind in ("GIF", "TIFF"):
        volume = read_volume(film(frames, kind), most_frames=10)
        assert (volume.frames_in_file, volume.frames_kept) == (200, 10)
        found = volume.voxels[:, 0, 0].astype(int)
        assert (found[0], found[-1]) == (0, 199)
        assert set(np.diff(found).tolist()) <= {22, 23}
    assert read_volume(film(frames, "GIF")).voxels.shape == (64, 8, 12)


def test_frames_are_made_small():
    volume = read_volume(film(flat(SHADES, size=(300, 150)), "GIF"))
    assert volume.voxels.shape == (5, 32, 64)
    assert volume.original_size == (150, 300)
    assert read_volume(film(flat(SHADES, size=(300, 150)), "TIFF"), longest=20).voxels.shape == (5, 10, 20)


def test_pages_of_16_bits_share_one_scale():
    pages = [Image.fromarray(np.full((4, 4), value, np.uint16)) for value in (0, 819, 2048, 4095)]
    assert read_volume(film(pages, "TIFF")).voxels[:, 0, 0].tolist() == [0, 51, 128, 255]
    pages = [Image.fromarray(np.full((4, 4), value, np.float32)) for value in (-10, 0, 15)]
    assert read_volume(film(pages, "TIFF")).voxels[:, 0, 0].tolist() == [0, 102, 255]


def test_a_big_tiff():
    assert read_volume(film(flat(SHADES), "TIFF", big_tiff=True)).voxels[:, 0, 0].tolist() == list(SHADES)


def test_a_single_frame_is_no_volume():
    for kind, shown in (("GIF", "GIF"), ("TIFF", "TIFF"), ("PNG", "PNG"), ("WEBP", "WebP"), ("JPEG", "JPEG")):
        file = io.BytesIO()
        Image.new("L", (4, 4)).save(file, kind)
        fault = fault_of(file.getvalue())
        assert (fault.code, fault.numbers) == ("frames_one", {"format": shown})


def test_pages_of_different_sizes():
    fault = fault_of(film([Image.new("L", (4, 3)), Image.new("L", (4, 3)), Image.new("L", (2, 1))], "TIFF"))
    assert fault.code == "frames_differ"
    assert fault.numbers == {"frame": 3, "height": 1, "width": 2, "first_height": 3, "first_width": 4}


def gif(width, height, frames, body=b"\2\2\x44\1\0"):
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + body
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + frames * frame + b";"


def tiff_directories(pages, entries=0):
    size = 6 + 12 * entries
    chain = (
        struct.pack("<H", entries) + bytes(12 * entries) + struct.pack("<I", 8 + size * (n + 1))
        for n in range(pages)
    )
    return b"II*\0\x08\0\0\0" + b"".join(chain)


@pytest.fixture
def _no_decoding(monkeypatch):
    def refuse(*_):
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(volumes, "shrink", refuse)


@pytest.mark.usefixtures("_no_decoding")
def test_too_much_is_told_before_anything_is_decoded():
    fault = fault_of(gif(1000, 1000, 101))
    assert (fault.code, fault.numbers) == ("frames_pixels", {"millions": 101.0, "limit": 100})
    fault = fault_of(gif(1, 1, 300_000))
    assert (fault.code, fault.numbers) == ("frames_many", {"format": "GIF", "limit": 2000})
    assert fault_of(gif(9000, 9000, 2)).code == "picture_pixels"
    assert fault_of(b"").code == "picture_empty"
    assert fault_of(b"not a film").code == "picture_format"


@pytest.mark.usefixtures("_no_decoding")
def test_a_film_of_a_billion_frames_by_its_own_account():
    data = film(flat(SHADES), "PNG")
    place = data.index(b"acTL")
    lie = b"acTL" + struct.pack(">II", 10**9, 0)
    data = data[:place] + lie + struct.pack(">I", zlib.crc32(lie)) + data[place + 16 :]
    assert fault_of(data).code in ("frames_many", "picture_damaged")


def test_a_gif_frame_that_would_enlarge_the_canvas():
    small, large = gif(2, 2, 1), gif(60000, 60000, 1)
    assert fault_of(small[:-1] + large[13:]).code == "picture_damaged"


def test_page_directories_without_end():
    count = volumes._count_tiff_pages
    assert count(film(flat(SHADES), "TIFF")) == 5
    assert count(film(flat(SHADES), "TIFF", big_tiff=True)) == 5
    assert count(tiff_directories(500_000)) == 2001
    loop = b"II*\0\x08\0\0\0\0\0\x08\0\0\0"
    assert count(loop) == 2001
    with pytest.raises(PictureError):
        count(tiff_directories(20, 20_000))


FILMS = {
    "gif": film(flat(SHADES), "GIF"),
    "gif colour": film(
        [
            Image.fromarray(np.random.default_rng(n).integers(0, 256, (9, 9, 3), dtype=np.uint8))
            for n in range(4)
        ],
        "GIF",
        disposal=2,
    ),
    "tiff": film(flat(SHADES), "TIFF"),
    "tiff lzw": film(flat(SHADES), "TIFF", compression="tiff_lzw"),
    "tiff 16": film([Image.fromarray(np.full((4, 4), n, np.uint16)) for n in range(3)], "TIFF"),
    "webp": film(flat(SHADES), "WEBP"),
    "png": film(flat(SHADES), "PNG"),
}


def read_or_refuse(data):
    """Whatever the bytes are: a volume, or a PictureError. Any other exception fails the test."""
    try:
        voxels = read_volume(data, longest=16, most_frames=8).voxels
    except PictureError:
        return False
    assert voxels.ndim == 3
    assert voxels.shape[0] >= 2
    assert max(voxels.shape) <= 16
    return True


@pytest.mark.parametrize("name", FILMS)
@pytest.mark.filterwarnings("ignore")
def test_broken_films(name):
    chance = random.Random(name)
    good = FILMS[name]
    assert read_or_refuse(good)
    for length in range(0, len(good), max(1, len(good) // 80)):
        read_or_refuse(good[:length])
    for _ in range(200):
        data = bytearray(good)
        for _ in range(chance.choice((1, 1, 3, 20))):
            place = chance.randrange(min(len(data), chance.choice((80, len(data)))))
            data[place] = (
                data[place] ^ 1 << chance.randrange(8) if chance.random() < 0.5 else chance.randrange(256)
            )
        read_or_refuse(bytes(data))
