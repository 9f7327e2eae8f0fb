"""Expected pixels are written out or computed by hand; nothing of the code under test is used for them."""

import base64
import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from conv_view import pictures
from conv_view.painted import decode_painted, encode_painted
from conv_view.picture_files import MESSAGES, MOST_BYTES
from conv_view.pictures import PictureError, crop, read_picture, reduce, to_grey

RANDOM = np.random.default_rng(7)
COLOUR = RANDOM.integers(0, 256, (9, 7, 3), dtype=np.uint8)
GREY = RANDOM.integers(0, 256, (9, 7), dtype=np.uint8)


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png(width, height, depth, colour_type, rows, extra=()):
    """A PNG put together by hand, so that what Pillow cannot write is tested as well."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *(chunk(*part) for part in extra)]
    parts += [chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def pixels_of(data, **options):
    pixels = read_picture(data, **options).pixels
    assert pixels.dtype == np.uint8
    assert not pixels.flags.writeable
    return pixels


def fault_of(data):
    with pytest.raises(PictureError) as caught:
        read_picture(data)
    assert str(caught.value) == MESSAGES[caught.value.code].format(**caught.value.numbers)
    return caught.value


# Kinds of files and pixels


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_what_loses_nothing_comes_back_exactly(kind, options):
    assert np.array_equal(pixels_of(saved(Image.fromarray(COLOUR), kind, **options)), COLOUR)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_grey_stays_grey(kind):
    assert np.array_equal(pixels_of(saved(Image.fromarray(GREY), kind)), GREY)


def test_jpeg_comes_back_nearly():
    smooth = np.add.outer(np.arange(64) * 2, np.arange(96)).astype(np.uint8)
    colour = np.stack([smooth, 255 - smooth, smooth // 2], axis=2)
    for expected in (smooth, colour):
        data = saved(Image.fromarray(expected), "JPEG", quality=95, subsampling=0)
        found = pixels_of(data)
        assert found.shape == expected.shape
        assert np.abs(found.astype(int) - expected).max() <= 6


def test_a_phone_picture_with_a_second_frame_is_a_jpeg():
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "blue")]
    data = saved(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert Image.open(io.BytesIO(data)).format == "MPO"
    assert pixels_of(data)[0, 0].tolist() == pytest.approx([254, 0, 0], abs=2)


def test_the_first_frame_of_a_gif():
    frames = [Image.new("RGB", (4, 3), colour) for colour in ("#ff0000", "#0000ff")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.array_equal(pixels_of(data), np.full((3, 4, 3), [255, 0, 0]))


# EXIF: the stored picture has a mark in one corner; these are the rows and columns of a reader's picture.
UPRIGHT = np.array([[10, 60, 110], [160, 210, 250]], np.uint8)
STORED = {
    1: UPRIGHT,
    2: UPRIGHT[:, ::-1],
    3: UPRIGHT[::-1, ::-1],
    4: UPRIGHT[::-1],
    5: UPRIGHT.T,
    6: UPRIGHT.T[::-1],
    7: UPRIGHT.T[::-1, ::-1],
    8: UPRIGHT.T[:, ::-1],
}


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "WEBP"])
@pytest.mark.parametrize("value", range(1, 9))
def test_exif_orientation(kind, value):
    # Each pixel as a square of 16, so that JPEG keeps its value.
    stored = Image.fromarray(np.kron(STORED[value], np.ones((16, 16), np.uint8)))
    exif = Image.Exif()
    exif[0x0112] = value
    picture = read_picture(saved(stored, kind, exif=exif, quality=95))
    assert picture.original_size == (32, 48)
    assert picture.pixels.shape[:2] == (32, 48)
    middles = picture.pixels[8::16, 8::16].astype(int)
    expected = UPRIGHT if middles.ndim == 2 else np.repeat(UPRIGHT[:, :, None], 3, axis=2)
    assert np.abs(middles - expected).max() <= 3


@pytest.mark.parametrize("value", [0, 9, 77])
def test_a_nonsense_orientation_means_upright(value):
    exif = Image.Exif()
    exif[0x0112] = value
    assert np.array_equal(pixels_of(saved(Image.fromarray(GREY), "PNG", exif=exif)), GREY)


def test_broken_exif_does_not_spoil_a_sound_picture():
    data = saved(Image.fromarray(GREY), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 20)
    assert pixels_of(data).shape == GREY.shape


def test_alpha_is_put_on_white():
    alphas = np.array([[0, 51, 128, 255]], np.uint8)
    for kind, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True}), ("TIFF", {})):
        layers = np.dstack(
            [np.full_like(alphas, 200), np.full_like(alphas, 10), np.full_like(alphas, 0), alphas]
        )
        found = pixels_of(saved(Image.fromarray(layers, "RGBA"), kind, **options))
        expected = 255 - (255 - layers[..., :3].astype(float)) * alphas[..., None] / 255
        assert np.abs(found - expected).max() <= 0.51, kind
    grey = Image.merge("LA", [Image.new("L", (4, 1), 55), Image.fromarray(alphas)])
    found = pixels_of(saved(grey, "PNG"))
    assert np.abs(found - (255 - 200.0 * alphas / 255)).max() <= 0.51


def test_a_palette_with_transparency():
    image = Image.new("P", (4, 1))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
    image.putdata([0, 1, 2, 3])
    on_white = [[[255, 0, 0], [255, 255, 255], [0, 0, 255], [9, 9, 9]]]
    assert pixels_of(saved(image, "PNG", transparency=1)).tolist() == on_white
    assert pixels_of(saved(image, "GIF", transparency=1)).tolist() == on_white
    half = pixels_of(saved(image, "PNG", transparency=bytes([255, 0, 255, 0])))
    assert half.tolist() == [[[255, 0, 0], [255, 255, 255], [0, 0, 255], [255, 255, 255]]]
    assert pixels_of(saved(image, "BMP")).tolist() == [[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 9, 9]]]


def test_one_transparent_shade():
    rows = [bytes([0, 100, 200])]
    assert pixels_of(png(3, 1, 8, 0, rows, [(b"tRNS", b"\0\x64")])).tolist() == [[0, 255, 200]]
    rows = [bytes([1, 2, 3, 4, 5, 6])]
    key = (b"tRNS", struct.pack(">HHH", 4, 5, 6))
    assert pixels_of(png(2, 1, 8, 2, rows, [key])).tolist() == [[[1, 2, 3], [255, 255, 255]]]
    rows = [struct.pack(">HHH", 0, 300, 65535)]
    assert pixels_of(png(3, 1, 16, 0, rows, [(b"tRNS", struct.pack(">H", 300))])).tolist() == [[0, 255, 255]]


def test_one_bit():
    bits = np.array([[True, False, True], [False, False, True]])
    for kind in ("PNG", "BMP", "TIFF", "GIF"):
        assert np.array_equal(pixels_of(saved(Image.fromarray(bits), kind)), bits * 255), kind


def test_cmyk():
    inks = np.array([[[0, 0, 0, 0], [0, 0, 0, 255], [255, 0, 0, 0], [0, 255, 255, 0]]], np.uint8)
    colours = [[[255, 255, 255], [0, 0, 0], [0, 255, 255], [255, 0, 0]]]
    big = np.kron(inks, np.ones((16, 16, 1), np.uint8))
    assert pixels_of(saved(Image.fromarray(big, "CMYK"), "TIFF"))[8::16, 8::16].tolist() == colours
    from_jpeg = pixels_of(saved(Image.fromarray(big, "CMYK"), "JPEG", quality=95))[8::16, 8::16]
    assert np.abs(from_jpeg.astype(int) - colours).max() <= 6


def test_16_bit_ramp_is_scaled_and_not_clipped():
    ramp = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16)
    expected = np.arange(256).reshape(16, 16)
    for kind in ("PNG", "TIFF"):
        assert np.array_equal(pixels_of(saved(Image.fromarray(ramp), kind)), expected), kind
    motorola = saved(Image.frombytes("I;16B", (16, 16), ramp.astype(">u2").tobytes()), "TIFF")
    assert motorola.startswith(b"MM")
    assert np.array_equal(pixels_of(motorola), expected)
    rows = [row.astype(">u2").tobytes() for row in np.repeat(ramp[:, :, None], 3, axis=2).reshape(16, 48)]
    assert np.array_equal(pixels_of(png(16, 16, 16, 2, rows)), np.repeat(expected[:, :, None], 3, axis=2))


def test_12_bits_of_a_sensor_in_a_16_bit_tiff():
    ramp = np.array([[0, 1023, 2048, 4095]], np.uint16)
    assert pixels_of(saved(Image.fromarray(ramp), "TIFF")).tolist() == [[0, 64, 128, 255]]
    # PNG has no such habit: its white is 65535.
    assert pixels_of(saved(Image.fromarray(ramp), "PNG")).tolist() == [[0, 4, 8, 16]]


def test_whole_and_floating_point_numbers():
    whole = np.array([[-100000, 0, 155000]], np.int32)
    assert pixels_of(saved(Image.fromarray(whole), "TIFF")).tolist() == [[0, 100, 255]]
    unit = np.array([[0, 0.2, 0.4]], np.float32)
    assert pixels_of(saved(Image.fromarray(unit), "TIFF")).tolist() == [[0, 51, 102]]
    wide = np.array([[-5, np.nan, 5, np.inf, -np.inf]], np.float32)
    assert pixels_of(saved(Image.fromarray(wide), "TIFF")).tolist() == [[0, 0, 255, 255, 0]]
    for flat in (np.full((2, 2), 7.5), np.full((2, 2), np.nan)):
        assert pixels_of(saved(Image.fromarray(flat.astype(np.float32)), "TIFF")).tolist() == [[0, 0], [0, 0]]


# Sizes


def test_a_large_picture_is_downscaled_at_once_and_keeps_its_shades():
    ramp = np.linspace(0, 255, 3000)[None, :].repeat(2000, axis=0).astype(np.uint8)
    for kind in ("PNG", "JPEG"):
        picture = read_picture(saved(Image.fromarray(ramp), kind))
        assert picture.original_size == (2000, 3000)
        assert picture.pixels.shape == (341, 512)
        expected = np.linspace(0, 255, 512)
        assert np.abs(picture.pixels[170].astype(float) - expected).max() <= 2


def test_reading_in_bands_leaves_no_seams(monkeypatch):
    rows = (128 + 100 * np.sin(np.arange(2400) / 90)).astype(np.uint8)
    big = Image.fromarray(np.repeat(rows[:, None], 2100, axis=1))
    found = pixels_of(saved(big, "PNG"), longest=160)[:, 70].astype(int)
    assert found.shape == (160,)
    assert np.abs(found - rows[7::15]).max() <= 3


@pytest.mark.parametrize("size", [(1, 1), (1, 40000), (40000, 1), (2, 30000), (513, 512)])
def test_odd_proportions(size):
    picture = read_picture(saved(Image.new("RGB", size, (1, 2, 3)), "PNG"))
    height, width = picture.pixels.shape[:2]
    assert max(height, width) == min(512, max(size))
    assert min(height, width) >= 1
    assert picture.original_size == (size[1], size[0])
    assert np.array_equal(picture.pixels, np.full((height, width, 3), [1, 2, 3]))


def test_small_pictures_are_not_enlarged():
    assert read_picture(saved(Image.fromarray(GREY), "PNG"), longest=512).pixels.shape == (9, 7)


# Faults


def test_no_bytes():
    assert fault_of(b"").code == "picture_empty"


def test_too_many_bytes():
    fault = fault_of(b"\xff\xd8\xff" + bytes(MOST_BYTES))
    assert (fault.code, fault.numbers) == ("picture_bytes", {"megabytes": 20.1, "limit": 20})


@pytest.mark.parametrize(
    "data", [b"hello", b"%PDF-1.7", b"\0" * 100, b"RIFF\0\0\0\0WAVE", b"<svg/>", b"\xff"]
)
def test_other_files(data):
    assert fault_of(data).code == "picture_format"


def test_a_mislabelled_file_is_judged_by_its_content():
    # No name is given at all; what Pillow could open but we do not accept is refused as well.
    assert fault_of(saved(Image.fromarray(COLOUR), "PPM")).code == "picture_format"
    assert fault_of(saved(Image.fromarray(COLOUR), "ICO")).code == "picture_format"


def webp_header(width, height):
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return (
        b"RIFF"
        + struct.pack("<I", 118)
        + b"WEBPVP8X"
        + struct.pack("<I", 10)
        + b"\2\0\0\0"
        + sizes
        + bytes(100)
    )


def gif_header(width, height):
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0)


def huge_bmp():
    data = bytearray(saved(Image.new("RGB", (2, 2)), "BMP"))
    data[18:26] = struct.pack("<ii", 8000, 8000)
    return bytes(data)


def huge_tiff():
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    directory[256], directory[257] = 10000, 10000
    directory[258], directory[262], directory[273], directory[279] = 8, 1, 200, 10
    return b"II*\0\x08\0\0\0" + directory.tobytes(8) + bytes(100)


GIF_FRAME = b"," + struct.pack("<HHHHB", 0, 0, 60000, 60000, 0) + b"\2\2\x44\1\0;"


@pytest.mark.parametrize(
    ("data", "millions", "limit"),
    [
        (png(60000, 60000, 8, 0, [b""]), 3600.0, 50),
        (png(7072, 7072, 8, 6, [b""]), 50.1, 50),
        (gif_header(60000, 60000) + GIF_FRAME, 3600.0, 50),
        # A frame larger than the canvas would enlarge it.
        (gif_header(1, 1) + GIF_FRAME, 3600.0, 50),
        (webp_header(16383, 16383), 268.5, 20),
        (huge_bmp(), 64.0, 50),
        (huge_tiff(), 100.0, 50),
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_bombs_are_told_by_their_header(data, millions, limit, monkeypatch):
    def refuse(*_):
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(pictures, "shrink", refuse)
    fault = fault_of(data)
    assert (fault.code, fault.numbers) == ("picture_pixels", {"millions": millions, "limit": limit})


def test_an_endless_side():
    fault = fault_of(png(1, 200_000, 8, 0, [b""]))
    assert (fault.code, fault.numbers) == ("picture_side", {"side": 200_000, "limit": 100_000})


def test_a_jpeg_that_goes_over_its_picture_without_end():
    data = saved(Image.new("L", (64, 64), 77), "JPEG", progressive=True)
    last_scan = data[data.rindex(b"\xff\xda") : -2]
    assert pixels_of(data[:-2] + 20 * last_scan + data[-2:]).shape == (64, 64)
    assert fault_of(data[:-2] + 200 * last_scan + data[-2:]).code == "picture_damaged"
    # What follows the end of the picture (a film, on some telephones) is no scan of it.
    assert pixels_of(data + 200 * last_scan).shape == (64, 64)


def samples_of_every_kind():
    colour = Image.fromarray(RANDOM.integers(0, 256, (24, 20, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    alpha = colour.copy()
    alpha.putalpha(99)
    return {
        "jpeg": saved(colour, "JPEG", exif=exif),
        "progressive": saved(colour, "JPEG", progressive=True),
        "cmyk": saved(colour.convert("CMYK"), "JPEG"),
        "mpo": saved(colour, "MPO", save_all=True, append_images=[colour]),
        "png": saved(alpha, "PNG", exif=exif),
        "png palette": saved(colour.quantize(16), "PNG", transparency=3),
        "png 16": saved(Image.fromarray(RANDOM.integers(0, 65536, (9, 9)).astype(np.uint16)), "PNG"),
        "webp": saved(colour, "WEBP", exif=exif),
        "webp lossless": saved(alpha, "WEBP", lossless=True),
        "webp film": saved(colour, "WEBP", save_all=True, append_images=[alpha]),
        "gif": saved(colour.quantize(16), "GIF", transparency=2),
        "bmp": saved(colour, "BMP"),
        "bmp palette": saved(colour.quantize(16), "BMP"),
        "tiff": saved(colour, "TIFF", exif=exif),
        "tiff lzw": saved(alpha, "TIFF", compression="tiff_lzw"),
        "tiff jpeg": saved(colour, "TIFF", compression="jpeg"),
        "tiff float": saved(Image.fromarray(RANDOM.random((9, 9)).astype(np.float32)), "TIFF"),
        "tiff bits": saved(colour.convert("1"), "TIFF", compression="group4"),
    }


KINDS = samples_of_every_kind()


def read_or_refuse(data):
    """Whatever the bytes are: a picture, or a PictureError. Any other exception fails the test."""
    try:
        pixels = read_picture(data, longest=32).pixels
    except PictureError:
        return False
    assert pixels.dtype == np.uint8
    assert max(pixels.shape[:2]) <= 32
    return True


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.filterwarnings("ignore")
def test_truncated_anywhere(name):
    data = KINDS[name]
    assert read_or_refuse(data)
    for length in sorted({*range(64), *range(64, len(data), max(1, len(data) // 60))} - {len(data)}):
        read_or_refuse(data[:length])
    # Half a file is never taken for a whole one; only a film and a second frame can lie behind the half.
    if name not in ("webp film", "mpo"):
        assert not read_or_refuse(data[: len(data) // 2])


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.filterwarnings("ignore")
def test_flipped_bits_and_overwritten_bytes(name):
    chance = random.Random(name)
    for _ in range(200):
        data = bytearray(KINDS[name])
        for _ in range(chance.choice((1, 1, 3, 20))):
            # Headers are where the harm is: half of the flips go there.
            place = chance.randrange(min(len(data), chance.choice((80, len(data)))))
            data[place] = (
                data[place] ^ 1 << chance.randrange(8) if chance.random() < 0.5 else chance.randrange(256)
            )
        read_or_refuse(bytes(data))


@pytest.mark.filterwarnings("ignore")
def test_random_bytes_behind_every_signature():
    chance = random.Random(1)
    starts = [data[:12] for data in KINDS.values()] + [b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0", b""]
    for start in starts:
        for length in (0, 1, 5, 30, 200, 2000):
            for _ in range(4):
                read_or_refuse(start + chance.randbytes(length))


# Arithmetic on arrays


def test_luma_is_that_of_recommendation_601():
    colours = RANDOM.integers(0, 256, (30, 30, 3), dtype=np.uint8)
    exact = 0.299 * colours[..., 0] + 0.587 * colours[..., 1] + 0.114 * colours[..., 2]
    found = to_grey(colours)
    assert found.dtype == np.uint8
    assert np.abs(found - exact).max() <= 0.5 + 1e-9
    shades = np.arange(256, dtype=np.uint8)
    assert np.array_equal(to_grey(np.stack([shades] * 3, axis=1)[None])[0], shades)
    assert to_grey(GREY) is GREY


@pytest.mark.parametrize("pixels", [GREY, COLOUR])
@pytest.mark.parametrize(("height", "width"), [(4, 3), (9, 2), (1, 1), (5, 7), (8, 6)])
def test_reducing_averages_the_covered_area(pixels, height, width):
    # Every pixel repeated until the edges of both grids meet: plain block means are then exact.
    fine = np.repeat(np.repeat(pixels.astype(int), height, axis=0), width, axis=1)
    blocks = fine.reshape(height, 9, width, 7, -1).mean(axis=(1, 3)).reshape(height, width, *pixels.shape[2:])
    found = reduce(pixels, height=height, width=width)
    assert found.shape == blocks.shape
    assert np.abs(found - blocks).max() <= 0.5 + 1e-6


def test_sizes_of_a_reduction():
    pixels = np.zeros((30, 60, 3), np.uint8)
    assert reduce(pixels, longest=20).shape == (10, 20, 3)
    assert reduce(pixels, height=10).shape == (10, 20, 3)
    assert reduce(pixels, width=30).shape == (15, 30, 3)
    assert reduce(pixels, height=100, width=6).shape == (30, 6, 3)
    assert reduce(pixels, longest=60) is pixels
    assert reduce(np.zeros((2, 900), np.uint8), longest=64).shape == (1, 64)
    for wrong in ({"longest": 0}, {"height": 0}, {"width": -3}, {"height": 5, "width": 0}):
        with pytest.raises(PictureError) as caught:
            reduce(pixels, **wrong)
        assert caught.value.code == "picture_size"


def test_a_crop_is_a_view_and_stays_inside():
    part = crop(COLOUR, 2, 3, 7, 4)
    assert np.array_equal(part, COLOUR[2:9, 3:7])
    assert part.base is COLOUR
    for place in ((3, 3, 7, 4), (0, 4, 1, 4), (-1, 0, 2, 2), (0, -1, 2, 2)):
        with pytest.raises(PictureError) as caught:
            crop(COLOUR, *place)
        assert caught.value.code == "picture_crop"
        assert (caught.value.numbers["height"], caught.value.numbers["width"]) == (9, 7)
    with pytest.raises(PictureError, match="0 rows"):
        crop(COLOUR, 0, 0, 0, 2)


# Painted grids


@pytest.mark.parametrize("shape", [(1, 1), (1, 16), (16, 1), (16, 16), (5, 9), (8, 8)])
def test_painted_grids_survive_their_text(shape):
    for grid in (RANDOM.integers(0, 256, shape), np.zeros(shape), 255 * np.eye(*shape)):
        text = encode_painted(grid.astype(np.uint8))
        assert len(text) <= 343
        assert text.replace("-", "a").replace("_", "a").isalnum()
        assert np.array_equal(decode_painted(text), grid)
    assert len(encode_painted(np.zeros(shape, np.uint8))) < 16


def test_a_drawing_in_two_shades_is_short():
    rows, columns = np.indices((16, 16))
    ring = np.where(abs(np.hypot(rows - 7.5, columns - 7.5) - 5) < 1, 255, 0).astype(np.uint8)
    assert len(encode_painted(ring)) < 110


def test_grids_of_no_or_too_many_cells():
    for shape in ((17, 3), (3, 17), (0, 4)):
        with pytest.raises(PictureError) as caught:
            encode_painted(np.zeros(shape, np.uint8))
        assert caught.value.numbers == {"limit": 16, "height": shape[0], "width": shape[1]}


def test_nonsense_texts_are_refused():
    good = encode_painted(RANDOM.integers(0, 3, (9, 9)).astype(np.uint8))
    bomb = zlib.compressobj(9, wbits=-15)
    too_much = bytes([0xFF]) + bomb.compress(bytes(100_000)) + bomb.flush()
    nonsense = [
        "",
        "A",
        "!!",
        "日本",
        "____",
        "A" * 5000,
        good[:-3],
        good + "AAAA",
        good + "\n",
        "AB CD",
        "\ud800",
    ]
    nonsense.append(base64.urlsafe_b64encode(too_much).decode().rstrip("="))
    for text in nonsense:
        with pytest.raises(PictureError) as caught:
            decode_painted(text)
        assert caught.value.code == "painted_text", text


def test_random_texts_give_a_grid_or_a_fault():
    chance = random.Random(5)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=%+/ é"
    for _ in range(3000):
        text = "".join(chance.choices(letters[: chance.choice((64, len(letters)))], k=chance.randrange(60)))
        try:
            grid = decode_painted(text)
        except PictureError:
            continue
        assert 1 <= grid.shape[0] <= 16
        assert 1 <= grid.shape[1] <= 16
