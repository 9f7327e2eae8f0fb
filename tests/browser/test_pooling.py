"""Pooling in a real browser: the numbers on screen against plain loops, links, what is refused, the tabs."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from conv_view.samples import picture
from conv_view.text import words
from tests.browser.house import (
    factors,
    no_traceback,
    number,
    open_page,
    point,
    printed,
    screens,
    settled,
    stage,
    values,
)

STAGE = ".st-key-stage_pooling"
NOTICE = ".st-key-notice_pooling"
REMARKS = ".st-key-pooling_remarks"


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "pooling", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    return page


def open_tab(page: Page, name: str, language: str = "en") -> None:
    page.get_by_role("radio", name=words(language)[f"pooling.{name}.tab"]).click()
    settled(page)


def crop(size: int = 16) -> np.ndarray:
    cat = np.floor(picture("cat").astype(float) @ np.array([0.299, 0.587, 0.114]) + 0.5 + 1e-9)
    top, left = ((extent - size) // 2 for extent in cat.shape)
    return cat[top : top + size, left : left + size]


SETTINGS = [
    ({}, 2, 2, 0, np.nan, np.nanmax),
    ({"window": 3, "stride": 2, "padding": 1, "kind": "avg", "count_pad": 0}, 3, 2, 1, np.nan, np.nanmean),
    ({"window": 4, "stride": 3, "kind": "lp"}, 4, 3, 0, 0, lambda window: np.sqrt((window**2).sum())),
]


@pytest.mark.parametrize(("query", "window", "stride", "before", "fill", "of"), SETTINGS)
def test_the_numbers_on_screen_are_those_of_plain_loops(
    page: Page,
    base_url: str,
    query: dict,
    window: int,
    stride: int,
    before: int,
    fill: float,
    of: Callable[[np.ndarray], float],
) -> None:
    show(page, base_url, **query)
    x = np.pad(crop(), before, constant_values=fill)
    size = (len(x) - window) // stride + 1
    output = values(page, "output")[0]
    assert output.shape == (size, size)
    for row, column in ((0, 0), (1, 2), (size - 1, size - 1)):
        point(page, "output", 0, row, column)
        expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"Output[{row}, {column}]")
        read = x[row * stride : row * stride + window, column * stride : column * stride + window]
        assert np.ravel(factors(page)).tolist() == np.nan_to_num(read).ravel().tolist()
        assert printed(page) == pytest.approx(of(read), abs=0.051)
        assert output[row, column] == pytest.approx(of(read), rel=1e-6)
    # A point on an input cell says how many windows read it.
    point(page, "input", 0, 5, 6)
    readers = 1
    for at in (5, 6):
        readers *= sum(p * stride - before <= at < p * stride - before + window for p in range(size))
    told = "one output." if readers == 1 else f"{readers} outputs."
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"is read by {told}")


# (the link, window, stride, padding before): kinds and changes are read for each of these.
FRAMES = [
    ({"shift": "right"}, 2, 2, 0),
    ({"window": 3, "stride": 2, "padding": 1, "shift": "down", "kind": "avg"}, 3, 2, 1),
    ({"window": 4, "stride": 3, "shift": "both", "kind": "lp"}, 4, 3, 0),
]
SHIFTED = {"right": (0, 1), "down": (1, 0), "both": (1, 1)}


def whole() -> np.ndarray:
    return np.floor(picture("cat").astype(float) @ np.array([0.299, 0.587, 0.114]) + 0.5 + 1e-9)


def kinds(x: np.ndarray, window: int, stride: int, before: int) -> dict[str, np.ndarray]:
    """The map pooled in three ways: the largest, the mean (padding counts) and the root of the squares."""
    padded = np.pad(x, before)
    read = np.lib.stride_tricks.sliding_window_view(padded, (window, window))[::stride, ::stride]
    # No number here is negative, so the zeros around it are never the largest.
    return {"max": read.max((2, 3)), "avg": read.mean((2, 3)), "lp": np.sqrt((read**2).sum((2, 3)))}


def is_share(text: str, share: float) -> bool:
    """Whether this is how a share is written, as per cent with one decimal."""
    if text[0] in "<>":
        return 0 < share < 0.001 if text == "<0.1%" else 0.999 < share < 1
    return float(text.rstrip("%")) == pytest.approx(100 * share, abs=0.051)


def rows(page: Page, head: str) -> list[list[str]]:
    """The rows of the table with this head."""
    table = page.locator("table", has=page.get_by_role("columnheader", name=head, exact=True))
    return [row.split("\t") for row in table.locator("tbody").inner_text().split("\n") if row]


def shown(page: Page, panel: str, key: str) -> tuple[np.ndarray, float]:
    """The numbers that the colours of a large panel stand for, and how far they may be off."""
    found = f"stage.scene.byName.get('{panel}')"
    low, high = stage(page, f"{found}.quantised ?? [0, 0]", key)
    numbers = values(page, panel, key)[0]
    return (low + numbers * (high - low) / 255, 0.51 * (high - low) / 255) if high > low else (numbers, 1e-3)


@pytest.mark.parametrize(("query", "window", "stride", "before"), FRAMES)
def test_kinds_are_compared_and_a_shift_is_measured_as_plain_numpy_does(
    page: Page, base_url: str, query: dict, window: int, stride: int, before: int
) -> None:
    show(page, base_url, **query)
    x = whole()
    open_tab(page, "compare")
    page.locator(".st-key-stage_pooling_kinds .stage[data-step]").wait_for()
    pooled = kinds(x, window, stride, before)
    (_, *picture_told), *told = rows(page, "Least")
    assert [number(each) for each in picture_told[:3]] == pytest.approx(
        [x.min(), x.mean(), x.max()], abs=0.051
    )
    for (kind, output), (name, *numbers, same) in zip(pooled.items(), told, strict=True):
        assert name.startswith(words("en")[f"pooling.kinds.{kind}"].split("{")[0])
        expected = [output.min(), output.mean(), output.max()]
        assert [number(each) for each in numbers] == pytest.approx(expected, abs=0.051), kind
        assert not same if kind == "max" else is_share(same, float((output == pooled["max"]).mean())), kind
        seen, off = shown(page, kind, "pooling_kinds")
        assert np.abs(seen - output).max() <= off, kind
    expect(page.get_by_text("Global pooling is")).to_contain_text(
        f"maximum {x.max():.0f}, average {x.mean():.2f}"
    )

    open_tab(page, "shift")
    page.locator(".st-key-stage_pooling_shift .stage[data-step]").wait_for()
    down, right = SHIFTED[query["shift"]]
    moved, still = x[down:, right:], x[: len(x) - down, : len(x[0]) - right]
    pairs = {"none": (moved, still)}
    made = [kinds(each, window, stride, before) for each in (moved, still)]
    pairs |= {kind: (made[0][kind], made[1][kind]) for kind in made[0]}
    for (kind, (after, ahead)), (_, *told) in zip(pairs.items(), rows(page, "Unchanged"), strict=True):
        change = np.abs(after - ahead)
        assert number(told[0]) == change.size, kind
        assert is_share(told[1], float((change == 0).mean())), kind
        assert is_share(told[2], float((change <= 8).mean())), kind
        assert number(told[3]) == pytest.approx(change.mean(), abs=0.0051), kind
        seen, off = shown(page, kind, "pooling_shift")
        assert np.abs(seen - change).max() <= off, kind
    no_traceback(page)


def test_a_tie_is_told_and_its_first_cell_is_outlined(page: Page, base_url: str) -> None:
    show(page, base_url, cell="0~2_1_7")
    cells = crop()[2:4, 14:16]
    assert (cells == cells.max()).sum() == 2, "the picture has a tie there"
    expect(page.locator(REMARKS)).to_contain_text(
        "Output[1, 7] = 163 stands at [2, 14], [3, 15], and [2, 14]"
    )
    first = int(np.argmax(cells))
    expect(page.locator(f"{STAGE} .caption .winner")).to_have_attribute("data-term", str(first))


def test_a_link_shows_the_same_to_somebody_else(
    page: Page, base_url: str, new_page: Callable[..., Page]
) -> None:
    show(page, base_url, kind="avg", window=3, ceil=1, lang="zh")
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("End")
    page.wait_for_url(re.compile("cell="))
    settled(page)
    other = new_page()
    other.goto(page.url)
    other.locator(f"{STAGE} .stage[data-step]").wait_for()
    settled(other)
    assert np.array_equal(values(other, "output"), values(page, "output"))
    assert values(other, "output").shape == (1, 6, 6)
    step = page.locator(f"{STAGE} .stage").get_attribute("data-step")
    expect(other.locator(f"{STAGE} .stage")).to_have_attribute("data-step", step)
    # The last window holds one cell of the input: what hangs over counts neither way.
    assert printed(other) == pytest.approx(crop()[15, 15])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"padding": "2", "window": 2}, "is more than half of a pooling window of 2 cells"),
        ({"part": "c8", "window": 8, "dilation": 2}, "a kernel of 8 with dilation 2 spans 15"),
    ],
)
def test_what_cannot_be_pooled_is_told_and_the_stage_stays(
    page: Page, base_url: str, query: dict, said: str
) -> None:
    show(page, base_url, **query)
    expect(page.locator(NOTICE)).to_contain_text(said)
    no_traceback(page)
    before = values(page, "output")
    assert before.size
    page.get_by_role("slider", name=words("en")["pooling.window"]).press("ArrowLeft")
    settled(page)
    expect(page.locator(NOTICE)).to_contain_text("cells" if "padding" in query else "spans 13")
    assert np.array_equal(values(page, "output"), before)


def test_a_cell_of_the_wall_brings_its_window(page: Page, base_url: str) -> None:
    show(page, base_url)
    open_tab(page, "compare")
    page.locator(".st-key-stage_pooling_kinds .stage[data-step]").wait_for()
    point(page, "avg", 0, 40, 100, key="pooling_kinds", click=True)
    picked = stage(page, "stage.pinned.cell", "pooling_kinds")
    settled(page)
    cat = np.floor(picture("cat").astype(float) @ np.array([0.299, 0.587, 0.114]) + 0.5 + 1e-9)
    row, column = (2 * at for at in picked[1:])
    assert np.ravel(factors(page)).tolist() == cat[row : row + 2, column : column + 2].ravel().tolist()


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("en-US", "light", (1280, 720)), ("zh-CN", "dark", (1440, 900)), ("zh-CN", "light", (360, 740))],
)
def test_everything_fits_the_window(
    page: Page, base_url: str, locale: str, color_scheme: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, kind="avg", window=3, stride=2, padding=1, count_pad=0)
    box = page.locator(f"{STAGE} canvas").bounding_box()
    bar = page.locator(f"{STAGE} .transport").bounding_box()
    if viewport[0] > 1000:
        assert bar["y"] + bar["height"] <= viewport[1]
    assert box["x"] >= 0
    for name in ("compare", "shift", "back", "place"):
        open_tab(page, name, locale[:2])
        no_traceback(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport[0]
        assert not re.search(r"\{\w+\}", page.locator("[data-testid=stMain]").inner_text())
        screens(page, f"pooling-{name}-{locale}-{color_scheme}-{viewport[0]}")
