"""The stage of the Fourier transform, step by step, against transforms and windows written out here."""

import itertools

import numpy as np
import pytest

from conv_core import WindowError
from conv_view.spectral import ROOMS, spectral
from conv_view.stories.fft import FOLLOWS, transform
from conv_view.stories.fft_beside import tiles, waves
from conv_view.text import words
from tests import wire

# Picture, kernel, tile length, the tile that is looked at.
SETTINGS = [
    ((8, 8), (3, 3), 6, (1, 0)),
    ((7, 10), (2, 3), 5, (1, 2)),
    ((5, 5), (5, 5), 9, (0, 0)),
    ((6, 4), (1, 1), 3, (1, 1)),
]
CASES = [(*setting, room) for setting, room in itertools.product(SETTINGS, ROOMS)]


def numbers(shape, kernel):
    generator = np.random.default_rng(sum(shape) + sum(kernel))
    return generator.integers(0, 256, shape), generator.integers(-4, 5, kernel).astype(np.float32)


def matrix(size):
    """The transform of `size` numbers as a matrix."""
    return np.array([[np.exp(-2j * np.pi * f * p / size) for p in range(size)] for f in range(size)])


def transformed(x, size):
    """The spectrum of x, filled with zeros up to the size; frequency f stands at f mod n."""
    filled = np.zeros(size)
    filled[: x.shape[0], : x.shape[1]] = x
    return matrix(size[0]) @ filled @ matrix(size[1]).T


def expected(shape, kernel, length, tile, room):
    """The numbers of a case, by loops: what is transformed, how long, where it begins, the whole output."""
    x, weight = numbers(shape, kernel)
    spans = weight.shape
    size, begin = shape, (0, 0)
    if room == "linear":
        size = tuple(n + s - 1 for n, s in zip(shape, spans, strict=True))
    if room == "tiles":
        size = (length, length)
        begin = tuple(at * (length - s + 1) for at, s in zip(tile, spans, strict=True))
    own = x[begin[0] : begin[0] + size[0], begin[1] : begin[1] + size[1]]
    circle = np.zeros(size)
    circle[: own.shape[0], : own.shape[1]] = own
    before = [s - 1 if room == "linear" else 0 for s in spans]
    result = np.zeros(size)
    for row, col in np.ndindex(size):
        for i, j in np.ndindex(spans):
            down, across = row - before[0] + i, col - before[1] + j
            result[row, col] += circle[down % size[0], across % size[1]] * weight[i, j]
    output = np.zeros([n - s + 1 for n, s in zip(shape, spans, strict=True)])
    for row, col in np.ndindex(output.shape):
        output[row, col] = (x[row : row + spans[0], col : col + spans[1]] * weight).sum()
    return x, weight, own, size, begin, result, output


def scene(case, follow, language="en"):
    shape, kernel, length, tile, room = case
    seen = spectral(*numbers(shape, kernel), room, length, tile)
    return seen, wire.decode(transform(seen, words(language), follow).to_bytes())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_frequency_is_the_product_of_two_spectra(case):
    _, weight, own, size, _, _, _ = expected(*case)
    seen, header = scene(case, "frequencies")
    panels = header["panels"]
    there, kernel = transformed(own, size), transformed(weight, size)
    acts = header["acts"]
    assert [act["terms"] for act in acts] == [[1, 2]] * 2
    assert [act["shape"] for act in acts] == [[size[0], size[1] // 2 + 1, 1]] * 2
    assert ["real part" in act["told"] for act in acts] == [True, False]
    assert panels["kernel"]["note"] == "×".join(map(str, size))
    scale = np.abs(there).max() * np.abs(kernel).max()
    told = set()
    for part, act, step in [
        (part, one, step) for part, one in enumerate(acts) for step in wire.indices(one["shape"])
    ]:
        (turns,) = [wire.cell(wire.relation(act, "turns"), step, (0, 0))]
        told.add(turns)
        x, w = there[turns[0], turns[1]], kernel[turns[0], turns[1]]
        product = x * w.conjugate()
        value = product.imag if part else product.real
        made = 0
        for term in wire.indices(act["terms"]):
            made += np.prod(
                [
                    wire.value(panels[name], wire.cell(wire.relation(act, name), step, term))
                    for name in act["arithmetic"]["factors"]
                ]
            )
        result = ("y", "yi")[part]
        shown = wire.value(panels[result], wire.cell(wire.relation(act, result), step, (0, 0)))
        assert shown == pytest.approx(value, abs=1e-5 * scale)
        assert made == pytest.approx(value, abs=1e-5 * scale)
        for name, whole in (("xs", there), ("ws", kernel), ("ys", there * kernel.conj())):
            low, high = panels[name]["quantised"]
            byte = panels[name]["values"][wire.cell(wire.relation(act, name), step, (0, 0))]
            magnitude = np.log1p(np.abs(whole[turns[0], turns[1]]))
            assert low + byte * (high - low) / 255 == pytest.approx(magnitude, abs=(high - low) / 255 + 1e-4)
    assert told == {
        (down, across)
        for down in range(-((size[0] - 1) // 2), size[0] // 2 + 1)
        for across in range(size[1] // 2 + 1)
    }
    assert seen.size == tuple(size)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_cell_is_a_window_that_goes_around(case):
    x, weight, own, size, begin, result, output = expected(*case)
    room = case[-1]
    _, header = scene(case, "cells")
    panels = header["panels"]
    (act,) = header["acts"]
    scale = np.abs(x).max() * np.abs(weight).sum() + 1
    kept = np.ones(size, bool) if room == "linear" else np.zeros(size, bool)
    for row, col in np.ndindex(size):
        down, across = begin[0] + row, begin[1] + col
        inside = row + weight.shape[0] <= size[0] and col + weight.shape[1] <= size[1]
        if inside and down < output.shape[0] and across < output.shape[1]:
            kept[row, col] = True
    stepped = set()
    for step in wire.indices(act["shape"]):
        row, col, _ = step
        stepped.add((row, col))
        made = 0
        for term in wire.indices(act["terms"]):
            cells = {
                name: wire.cell(wire.relation(act, name), step, term) for name in act["arithmetic"]["factors"]
            }
            assert cells["kernel"] == (0, 0, *term)
            made += np.prod([wire.value(panels[name], cell) for name, cell in cells.items()])
        shown = wire.value(panels["result"], wire.cell(wire.relation(act, "result"), step, (0, 0)))
        assert made == pytest.approx(result[row, col], abs=1e-4 * scale)
        assert shown == pytest.approx(result[row, col], abs=1e-4 * scale)
        if room != "linear":
            place = wire.cell(wire.relation(act, "output"), step, (0, 0))
            assert place == (begin[0] + row, begin[1] + col)
            if kept[row, col]:
                assert panels["output"]["values"][place] == pytest.approx(output[place], abs=1e-4 * scale)
    assert np.array_equal(panels["input"]["values"][0], own)
    everything = set(np.ndindex(size))
    assert stepped == ({cell for cell in everything if kept[cell]} if room == "tiles" else everything)
    crossed = header["panels"]["result"].get("crossed")
    assert (crossed is None) == kept.all()
    if room == "linear":
        assert kept.all()
        assert "output" not in panels
        assert result[weight.shape[0] - 1 :, weight.shape[1] - 1 :][
            : output.shape[0], : output.shape[1]
        ] == pytest.approx(output)
    else:
        assert panels["output"]["values"] == pytest.approx(output, abs=1e-4 * scale)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_went_around_is_crossed_out(case):
    _, weight, own, size, begin, result, output = expected(*case)
    seen = spectral(*numbers(*case[:2]), case[-1], *case[2:4])
    scale = np.abs(own).max() * np.abs(weight).sum() + 1
    if case[-1] == "linear":
        assert not seen.went_around.any()
    for row, col in np.ndindex(size):
        if case[-1] == "linear" or seen.went_around[row, col]:
            continue
        assert result[row, col] == pytest.approx(output[begin[0] + row, begin[1] + col], abs=1e-4 * scale)
    assert seen.circular <= 1e-4 * scale
    assert seen.linear <= 1e-4 * scale


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("follow", FOLLOWS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_scene_stays_small_and_names_its_panels(room, follow, language):
    generator = np.random.default_rng(0)
    picture, weight = generator.integers(0, 256, (32, 32)), generator.normal(size=(15, 15))
    seen = spectral(picture, weight.astype(np.float32), room, 40)
    sent = transform(seen, words(language), follow).to_bytes()
    assert len(sent) < 48_000
    header = wire.decode(sent)
    assert header["language"] == language
    shown = set(_names(header["layout"]["wide"]))
    assert shown == set(_names(header["layout"]["narrow"]))
    assert shown <= set(header["panels"])
    assert shown >= {"input", "kernel", "xs", "ws", "ys", "result"}
    # The kernel is as long as the transform, and so is what the spectra are of.
    kernel = header["panels"]["kernel"]
    assert [size + sum(pad) for size, pad in zip(kernel["shape"], kernel["margin"], strict=True)][2:] == list(
        seen.size
    )


def _names(layout):
    if isinstance(layout, str):
        return [layout]
    if "panel" in layout:
        return [layout["panel"]]
    return [name for part in layout.get("row", layout.get("column")) for name in _names(part)]


def test_the_waves_beside_are_what_they_say():
    x, weight = numbers((8, 8), (3, 3))
    seen = spectral(x, weight)
    spectrum = transformed(x, (8, 8))
    from conv_core.spectra import strongest

    everything = strongest(seen.spectra[0], seen.size, 400)
    header = wire.decode(waves(seen, (-2, 3), everything, words("en")).to_bytes())
    rows, cols = np.meshgrid(np.arange(8), np.arange(8), indexing="ij")
    turns = 2 * np.pi * (-2 * rows + 3 * cols) / 8
    one = spectrum[-2, 3]
    wave = 2 / 64 * (one.real * np.cos(turns) - one.imag * np.sin(turns))
    assert header["panels"]["wave"]["values"] == pytest.approx(wave, abs=1e-3)
    assert header["panels"]["rebuilt"]["values"] == pytest.approx(x, abs=1e-2)
    assert header["panels"]["rebuilt"]["note"] == "100%"


@pytest.mark.parametrize("tile", [(0, 0), (1, 3), (99, 99)])
def test_all_tiles_lie_beside_with_the_one_at_hand_outlined(tile):
    x, weight = numbers((7, 10), (2, 3))
    seen = spectral(x, weight, "tiles", 5, tile)
    header = wire.decode(tiles(seen, words("zh")).to_bytes())
    down, across = (min(at, most) for at, most in zip(tile, (1, 2), strict=True))
    assert header["panels"]["whole"]["mark"] == [
        [4 * down, min(5, 7 - 4 * down)],
        [3 * across, min(5, 10 - 3 * across)],
    ]
    made = header["panels"]["made"]["mark"]
    assert made == [[4 * down, min(4, 6 - 4 * down)], [3 * across, min(3, 8 - 3 * across)]]
    assert header["options"]["pick"]


@pytest.mark.parametrize(
    ("shape", "kernel", "room", "length", "code"),
    [
        ((4, 4), (5, 5), "none", 8, "kernel_too_large"),
        ((4, 4), (5, 5), "linear", 8, "kernel_too_large"),
        ((9, 9), (5, 5), "tiles", 4, "fft_tile_small"),
    ],
)
def test_a_kernel_without_room_is_refused(shape, kernel, room, length, code):
    with pytest.raises(WindowError) as caught:
        spectral(np.ones(shape), np.ones(kernel, np.float32), room, length)
    assert caught.value.code == code
