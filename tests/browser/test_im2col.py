"""im2col in a real browser: cells that fly and land, copies that light each other, and the page's numbers."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from conv_view.stories.im2col import LEVELS, backward, forward
from conv_view.text import words
from conv_view.unfolded import Unfolded, unfolded
from tests import oracle_im2col as oracle
from tests.browser.house import count_frames, fits, no_traceback, open_page, screens, settled
from tests.browser.stages import Stage, stage_fixture

bare = stage_fixture()
still = stage_fixture(reduced_motion="reduce")
STAGE = ".st-key-stage_im2col"


def small(*, channels: int = 1, filters: int = 2, groups: int = 1, **keywords: object) -> Unfolded:
    generator = np.random.default_rng(4)
    x = generator.integers(0, 256, (1, channels, 5, 6)).astype(np.float32)
    weight = generator.integers(-3, 4, (filters, channels // groups, 3, 3)).astype(np.float32)
    return unfolded(x, weight, groups=groups, **keywords)


def printed(text: str) -> float:
    return float(text.replace("−", "-").replace("(", "").replace(")", ""))


# ---- the player alone


def at_time(shown: Stage, step: int, fraction: float) -> None:
    """Let the stage play at `step`, and stand still at a moment of it."""
    shown.js(
        "player.seek(given[0]); player.play(); player.advance = () => {};"
        "player.fraction = given[1]; player.refresh()",
        [step, fraction],
    )
    shown.frames()


def landed(shown: Stage) -> set[int]:
    """The columns of the matrix that are there, and not faint."""
    code = """
        const panel = player.scene.byName.get('columns');
        const done = player.painter.doneIn(player.view, player.grids.get('columns'), 0);
        return [...panel.values.keys()].filter((at) => !done || done.order[at] <= done.landed);
    """
    wide = shown.js("return player.scene.byName.get('columns').shape[1]")
    return {at % wide for at in shown.js(code)}


def test_cells_fly_into_their_column_and_land(bare: Callable[..., Stage]) -> None:
    shown = bare(forward(small(padding=1), words("en")), spy=True)
    at_time(shown, 4, 0.2)
    assert landed(shown) == {0, 1, 2, 3}
    assert shown.js("return player.view.flight") == pytest.approx(0.2 / 0.55)
    middle = shown.pixels()
    at_time(shown, 4, 0.3)
    assert shown.pixels() != middle
    at_time(shown, 4, 0.2)
    assert shown.pixels() == middle  # a frame is a function of the scene and the time
    at_time(shown, 4, 0.6)
    assert shown.js("return player.view.flight") is None
    assert landed(shown) == {0, 1, 2, 3, 4}
    # Faster than the eye nothing flies, nor where the reader has stopped.
    shown.js("player.act('speed', 8)")
    at_time(shown, 4, 0.2)
    assert landed(shown) == {0, 1, 2, 3, 4}
    shown.js("player.act('speed', 1); player.pause()")
    shown.frames()
    assert landed(shown) == {0, 1, 2, 3, 4}
    # In the product all columns are there.
    shown.js("player.seek(player.scene.acts[1].first)")
    shown.frames()
    assert landed(shown) == set(range(30))


def test_who_wants_no_motion_sees_no_flight(still: Callable[..., Stage]) -> None:
    shown = still(forward(small(), words("en")))
    at_time(shown, 3, 0.2)
    assert shown.js("return player.view.flight") is None
    assert landed(shown) == {0, 1, 2, 3}


def test_a_column_flies_back_before_it_is_added(bare: Callable[..., Stage]) -> None:
    picture = small(padding=1)
    shown = bare(backward(picture, words("en")))
    cells = [list(cell) for cell in np.ndindex(picture.folded.shape)]
    read = (
        "const panel = player.scene.byName.get('folded');"
        "return given.map((cell) => player.painter.shown(player.view, panel, cell))"
    )

    def added(count: int) -> list[float]:
        sums = np.zeros_like(picture.folded)
        pixels, _ = oracle.cells(picture.trace.x.shape[1:], picture.trace.pads, (3, 3))
        for (row, column), (channel, y, x) in pixels.items():
            if column < count and 0 <= y < 5 and 0 <= x < 6:
                sums[channel, y, x] += picture.columns[row, column]
        return sums.ravel().tolist()

    at_time(shown, 9, 0.2)
    assert shown.js(read, cells) == added(9)
    at_time(shown, 9, 0.7)
    assert shown.js(read, cells) == added(10)


@pytest.mark.parametrize("mode", ["zeros", "reflect"])
def test_a_pixel_lights_all_its_copies_and_a_copy_its_pixel(bare: Callable[..., Stage], mode: str) -> None:
    picture = small(channels=3, padding=((1, 1), (2, 0)), stride=(2, 1), dilation=(1, 2), padding_mode=mode)
    shown = bare(forward(picture, words("en")))
    settings = picture.trace.pads, (3, 3), (2, 1), (1, 2)
    numbers = np.arange(1, 91).reshape(3, 5, 6)
    matrix = oracle.columns(numbers, *settings, mode)
    for step in (0, picture.columns.shape[1] + 3):  # while unfolding, and in the product
        shown.js("player.seek(given)", step)
        for cell in ((0, 0, 0), (1, 2, 3), (2, 4, 5)):
            shown.js("player.point({ panel: 'input', cell: given })", list(cell))
            shown.frames()
            copies = {(int(row), int(col)) for row, col in np.argwhere(matrix == numbers[cell])}
            assert shown.lit("columns") == copies
            if step == 0 and copies:
                assert f"copied {len(copies)} times" in shown.sentence or len(copies) == 1
        for row, col in ((0, 0), (13, 7), (26, picture.columns.shape[1] - 1)):
            shown.js("player.point({ panel: 'columns', cell: given })", [row, col])
            shown.frames()
            ((channel, y, x),) = shown.lit("input")
            at = oracle.padded(numbers, picture.trace.pads, mode)[channel, y + 1, x + 2]
            assert at == matrix[row, col]


def test_a_copy_says_what_it_is_one_of(bare: Callable[..., Stage]) -> None:
    picture = small(padding=1)
    shown = bare(forward(picture, words("en")))
    shown.js("player.point({ panel: 'columns', cell: [4, 8] })")
    shown.frames()
    value = picture.columns[4, 8]
    assert shown.sentence == f"Column matrix[4, 8] = {value:g} is a copy of Input[1, 2]."
    shown.js("player.point({ panel: 'columns', cell: [0, 0] })")
    shown.frames()
    assert "copy of the padding at Input[−1, −1]" in shown.sentence
    # Clicked, it brings the step that made it.
    shown.js("player.clicked({ panel: 'columns', cell: [4, 8], slice: 0, focus: 0, grid: {} })")
    shown.frames()
    assert shown.step == 8


@pytest.mark.parametrize("level", LEVELS)
def test_the_product_grows_to_what_it_is_at_every_level(bare: Callable[..., Stage], level: str) -> None:
    picture = small(channels=3, filters=3, groups=3, padding=1)
    shown = bare(forward(picture, words("en"), level))
    first, steps = shown.js("const act = player.scene.acts[1]; return [act.first, act.steps]")
    product = picture.product
    cells = [[row, col] for row, col in np.ndindex(product.shape)]
    for name, given in (("product", cells), ("output", [[row, *divmod(col, 6)] for row, col in cells])):
        for step in (first + steps // 2, first + steps - 1):
            shown.js("player.seek(given)", step)
            shown.frames()
            seen = shown.js(
                "const panel = player.scene.byName.get(given[0]);"
                "return given[1].map((cell) => player.painter.shown(player.view, panel, cell))",
                [name, given],
            )
            if step == first + steps - 1:
                assert seen == product.ravel().tolist()
            elif level != "dot":
                assert seen != product.ravel().tolist()
    # A cell of the output, pointed at, is the sum of its row times its column.
    shown.js("player.point({ panel: 'output', cell: [2, 3, 4] })")
    shown.frames()
    sums = shown.sum
    assert sums["sign"] == "="
    assert printed(sums["result"]) == product[2, 3 * 6 + 4]
    assert len(sums["terms"]) == 9
    total = sum(np.prod([printed(part) for part in term.split("·")]) for term in sums["terms"])
    assert total == product[2, 22]
    assert shown.lit("columns") == {(row, 22) for row in range(18, 27)}
    assert shown.lit("rows") == {(2, along) for along in range(9)}


# ---- the page


def values(page: Page, name: str) -> np.ndarray:
    code = f"const panel = convscope.stages.get('im2col').scene.byName.get('{name}');"
    shape, flat = page.evaluate(f"() => {{ {code} return [panel.shape, [...panel.values]]; }}")
    return np.reshape(flat, shape)


SETTINGS = [
    (
        {"kernel": "laplacian", "padding": "2", "stride": 2, "filters": 3, "colour": "rgb", "groups": 3},
        {"pads": ((2, 2), (2, 2)), "stride": (2, 2)},
        3,
    ),
    (
        {"kernel": "gaussian", "padding": "same", "dilation": 2, "filters": 2, "mode": "reflect", "side": 9},
        {"pads": ((4, 4), (4, 4)), "dilation": (2, 2), "mode": "reflect", "kernel": (5, 5)},
        1,
    ),
]
PLAIN = {"pads": ((0, 0), (0, 0)), "kernel": (3, 3)}


def agrees(page: Page, how: dict[str, object], groups: int = 1) -> None:
    """Assert that all numbers on the page are what loops make of its input and its kernel rows."""
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    how = PLAIN | how
    x, rows = values(page, "input"), values(page, "rows")
    matrix = oracle.columns(x, **how)
    product = oracle.product(matrix, rows.reshape(len(rows), -1, *how["kernel"]), groups)
    assert np.array_equal(values(page, "columns"), matrix)
    assert np.abs(values(page, "product") - product).max() < 2e-3
    assert np.abs(values(page, "output").ravel() - product.ravel()).max() < 2e-3
    copied = oracle.copied(x, **how)
    assert np.array_equal(values(page, "copies"), copied)
    told = page.get_by_text("The column matrix has").inner_text()
    assert f"{matrix.shape[0]} × {matrix.shape[1]}" in told
    ratio = float(re.search(r"That is ([\d.]+) times", told)[1])
    assert ratio == pytest.approx(matrix.size / x.size, rel=1e-2)
    assert f"copied {copied.min()} to {copied.max()} times" in told
    # The last dot product, as it is written under the stage.
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("End")
    sentence = page.locator(f"{STAGE} .sentence")
    expect(sentence).to_contain_text(f"Dot product {product.size} of {product.size}")
    result = printed(page.locator(f"{STAGE} .sum .result").inner_text())
    assert result == pytest.approx(product.ravel()[-1], abs=0.06)
    no_traceback(page)


@pytest.mark.parametrize(("query", "how", "groups"), SETTINGS, ids=["groups", "mirrored"])
def test_the_numbers_on_the_page_are_those_of_loops(
    page: Page, base_url: str, query: dict[str, object], how: dict[str, object], groups: int
) -> None:
    open_page(page, base_url, "im2col", story="dot", **query)
    agrees(page, how, groups)


def test_a_link_restores_the_story_and_playing_sends_nothing(
    page: Page, base_url: str, new_page: Callable[..., Page]
) -> None:
    frames = count_frames(page)
    open_page(page, base_url, "im2col", filters=2, side=5)
    page.get_by_role("radio", name="Tile").or_(page.get_by_text("Tile", exact=True)).first.click()
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text("Step 1 of")
    settled(page)
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => location.search.includes('cell=1_0~3_1')")
    settled(page)
    other = new_page()
    other.goto(page.url)
    settled(other)
    expect(other.locator(f"{STAGE} .sentence")).to_contain_text("Step 2 of")
    assert other.locator(f"{STAGE} .sentence").inner_text() == page.locator(f"{STAGE} .sentence").inner_text()
    assert np.array_equal(values(other, "product"), values(page, "product"))
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("Home")
    settled(page, quiet=600)
    page.keyboard.press(".")
    page.keyboard.press(".")
    frames.reset()
    page.keyboard.press("Space")
    page.wait_for_function("() => convscope.stages.get('im2col').step >= 2")
    assert (frames.sent, frames.received) == (0, 0)
    page.keyboard.press("Space")
    no_traceback(page)


def test_a_window_that_does_not_fit_is_told_and_the_stage_stays(page: Page, base_url: str) -> None:
    open_page(page, base_url, "im2col", side=5, story="dot")
    agrees(page, {})
    before = values(page, "columns")
    page.locator(".st-key-im2col-dilation input, .st-key-im2col-dilation [role=slider]").first.focus()
    page.keyboard.press("End")
    told = page.get_by_text("a kernel of 3 with dilation 6 spans 13, but the padded input is 5")
    expect(told).to_be_visible()
    settled(page)
    assert np.array_equal(values(page, "columns"), before)
    page.keyboard.press("Home")
    expect(told).to_have_count(0)
    settled(page)
    # A weight typed into a row makes another product at once.
    place = page.evaluate("() => convscope.stages.get('im2col').where('rows', [0, 4])")
    page.mouse.click(place["x"], place["y"])
    page.locator(f"{STAGE} .cell-editor").fill("10")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('edits=')")
    settled(page)
    rows = values(page, "rows")
    assert rows[0, 4] == 10
    assert np.array_equal(values(page, "product"), rows @ before)
    no_traceback(page)


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("en-US", "light", (1280, 720)), ("zh-CN", "dark", (360, 740))],
)
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, locale: str, viewport: tuple[int, int]
) -> None:
    open_page(page, base_url, "im2col", story="dot", filters=3, colour="rgb")
    for story in ("dot", "back"):
        if story == "back":
            page.get_by_text(words(locale[:2])["im2col.stories.back"], exact=True).first.click()
            page.wait_for_function("() => location.search.includes('story=back')")
            settled(page)
        fits(page, STAGE, viewport)
        screens(page, f"im2col-{story}-{locale}-{viewport[0]}")
