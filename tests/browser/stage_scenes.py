"""Scenes for the tests of the stage: small, one for every kind of data, made once."""

from functools import cache

import numpy as np

from conv_core import conv_trace
from conv_view.scene import Act, Arithmetic, Panel, Relation, Scale, Scene, View
from conv_view.stories.activation import activation
from conv_view.stories.convolution import convolution, overview
from conv_view.text import words

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)


def whole_numbers(*shape: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.float32)


@cache
def plain(language: str = "en", **options: object) -> Scene:
    """6x7 whole numbers under a 3x3 kernel with zeros around: 42 steps."""
    trace = conv_trace(whole_numbers(1, 1, 6, 7), SOBEL[None, None], padding=1)
    return convolution(trace, words(language), **options)


@cache
def activated() -> Scene:
    """Two stories in one: 42 steps of a convolution, and 42 of ReLU, in which there is no kernel."""
    trace = conv_trace(whole_numbers(1, 1, 6, 7), SOBEL[None, None], padding=1)
    after, slope = np.maximum(trace.output, 0), (trace.output > 0).astype(np.float32)
    return activation(trace, "relu", after, slope, words("en"))


@cache
def mirrored() -> Scene:
    """Three channels with a mirrored border, strides and dilation that differ, two filters and a bias."""
    random = np.random.default_rng(8)
    weight = random.uniform(-1, 1, (2, 3, 2, 2)).astype(np.float32)
    trace = conv_trace(
        whole_numbers(1, 3, 5, 6),
        weight,
        np.array([0.5, -7.25], np.float32),
        stride=(2, 1),
        dilation=(1, 2),
        padding=[(1, 1), (2, 1)],
        padding_mode="reflect",
    )
    return convolution(trace, words("en"))


@cache
def grouped() -> Scene:
    """Two groups of two channels each."""
    weight = whole_numbers(4, 2, 2, 2, seed=5) - 128
    return convolution(conv_trace(whole_numbers(1, 4, 4, 4), weight, groups=2), words("en"))


@cache
def volume() -> Scene:
    """5x5x5 under 2x2x2, wrapped around."""
    trace = conv_trace(
        whole_numbers(1, 1, 5, 5, 5),
        whole_numbers(1, 1, 2, 2, 2, seed=1) - 100,
        padding=1,
        padding_mode="circular",
    )
    return convolution(trace, words("en"))


@cache
def signal() -> Scene:
    weight = np.array([[[-0.5, 0.25, 1 / 3]]], np.float32)
    trace = conv_trace(whole_numbers(1, 1, 16), weight, padding=1, padding_mode="replicate")
    return convolution(trace, words("en"), signal=True)


@cache
def picture(size: int = 64) -> Scene:
    """A whole picture, too small on the stage for numbers."""
    trace = conv_trace(whole_numbers(1, 1, size, size), SOBEL[None, None])
    return convolution(trace, words("en"))


@cache
def typed(weight: tuple[float, ...], x: tuple[float, ...]) -> Scene:
    """One row of numbers under a row of weights."""
    trace = conv_trace(np.array([[[x]]], np.float32), np.array([[[weight]]], np.float32))
    return convolution(trace, words("en"))


@cache
def result(language: str = "en") -> Scene:
    """A whole result to pick from, with the picture beside it."""
    x = whole_numbers(1, 1, 20, 24)
    trace = conv_trace(x, SOBEL[None, None])
    return overview(trace, words(language), picture=x[0].astype(np.uint8))


@cache
def counted(most: int = 8) -> Scene:
    """A row that counts from nothing to `most`, to pick from."""
    counts = np.arange(most + 1, dtype=np.int32)[None]
    panel = Panel("counts", "Counts", "plain", counts, View(0, 1), Scale.counts(counts))
    act = Act(
        counts.shape,
        (),
        (Relation("counts", (0, 0), ((1, 0), (0, 1)), ((), ())),),
        Arithmetic((), "counts"),
    )
    return Scene((panel,), (act,), {"wide": "counts"}, options={"pick": True})


@cache
def chain() -> Scene:
    """Two acts that share one panel only: u = 2 x, then v = 3 u; and a panel that neither knows."""
    x = np.array([[1.0, 2, 3]], np.float32)
    numbers = {"two": np.full((1, 1), 2, np.float32), "three": np.full((1, 1), 3, np.float32)}
    values = {"x": x, "u": 2 * x, "v": 6 * x, "alone": np.array([[7.0, 8]], np.float32), **numbers}
    panels = [
        Panel(name, name, "plain", each, View(0, 1), Scale.diverging(each)) for name, each in values.items()
    ]

    def act(source: str, factor: str, made: str) -> Act:
        along = ((0,), (1,))
        still = Relation(factor, (0, 0), ((0,), (0,)), ((0,), (0,)))
        walks = [Relation(name, (0, 0), along, ((0,), (0,))) for name in (source, made)]
        return Act((3,), (1,), (*walks, still), Arithmetic((source, factor), made), name=made)

    return Scene(
        tuple(panels), (act("x", "two", "u"), act("u", "three", "v")), {"wide": {"row": list(values)}}
    )
