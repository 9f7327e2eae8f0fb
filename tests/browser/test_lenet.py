"""LeNet-5 in a real browser: a digit drawn with mouse and finger, and its numbers against plain loops."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from conv_view.drawn import centred
from conv_view.lenet import read
from conv_view.mnist import digits
from conv_view.stories.lenet import reading
from conv_view.text import words
from tests import oracle_lenet as oracle
from tests.browser.house import (
    count_frames,
    factors,
    fits,
    no_traceback,
    open_page,
    point,
    printed,
    screens,
    settled,
    stage,
    values,
)
from tests.browser.stages import Stage, stage_fixture

STAGE = ".st-key-stage_lenet"
SEVEN = [[(5, 6), (5, 21), (24, 11)]]
FOUR = [[(4, 8), (14, 6), (14, 21)], [(4, 18), (24, 17)]]
PAPER = np.zeros((28, 28), np.uint8)
touched = stage_fixture(viewport=(390, 844), touch=True)


def show(page: Page, base_url: str, **query: object) -> None:
    open_page(page, base_url, "lenet", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()


def draw(page: Page, strokes: list, lift: bool = True) -> None:
    for stroke in strokes:
        for at, cell in enumerate(stroke):
            place = stage(page, f"stage.where('drawing', {list(cell)})")
            page.mouse.move(place["x"], place["y"])  # at one go: the pen has to draw what lies between
            if at == 0:
                page.mouse.down()
        if lift:
            page.mouse.up()


def holds(page: Page, digit: np.ndarray) -> dict[str, np.ndarray]:
    """Assert that every layer on the stage is what loops make of this digit."""
    expected = oracle.layers(digit)
    for name, numbers in expected.items():
        assert values(page, name) == pytest.approx(numbers, abs=5e-5), name
    return expected


def test_a_seven_drawn_with_the_mouse_is_read_and_stands_in_the_link(
    page: Page, base_url: str, new_page: Callable[..., Page]
) -> None:
    frames = count_frames(page)
    show(page, base_url)
    frames.reset()
    draw(page, SEVEN, lift=False)
    assert frames.sent == 0  # nothing travels before the pen is lifted
    page.mouse.up()
    settled(page)
    expect(page.get_by_text("Read as 7")).to_be_visible()
    sheet = values(page, "drawing")
    assert (sheet[5, 6:22] == 255).all()
    assert set(sheet[4, 6:22]) == {153}
    expected = holds(page, centred(sheet.astype(np.uint8)))
    assert expected["probabilities"].argmax() == 7
    # A second stroke is added; the first one is crossed and stays.
    draw(page, [[(14, 10), (14, 22)]])
    settled(page)
    both = values(page, "drawing")
    assert (both >= sheet).all()
    assert (both[14, 10:23] == 255).all()
    holds(page, centred(both.astype(np.uint8)))
    other = new_page()
    other.goto(page.url)
    other.locator(f"{STAGE} .stage[data-step]").wait_for()
    settled(other)
    assert np.array_equal(values(other, "drawing"), both)
    # A clean sheet says what to do; the layers keep the last digit. Then another digit is drawn.
    page.get_by_role("button", name=words("en")["lenet.clear"]).click()
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    settled(page)
    assert not values(page, "drawing").any()
    holds(page, centred(both.astype(np.uint8)))
    draw(page, FOUR)
    settled(page)
    expect(page.get_by_text("Read as 4")).to_be_visible()
    no_traceback(page)


def test_a_picked_digits_numbers_are_those_of_loops_down_to_one_cell(page: Page, base_url: str) -> None:
    show(page, base_url, digit=88, chapter="wrong_ones")
    images, labels = oracle.held_out()
    expected = holds(page, images[88])
    shares = expected["probabilities"][0]
    expect(page.get_by_text(f"Read as {shares.argmax()} (")).to_be_visible()
    expect(page.get_by_text(f"is a {labels[88]}: wrong")).to_be_visible()
    assert printed(page) == pytest.approx(shares.max(), abs=2e-3)
    sentence = page.locator(f"{STAGE} .sentence")
    # One cell of C3 by hand: map 4 reads 0, 4 and 5 of S2.
    point(page, "c3", 4, 5, 3, click=True)
    expect(sentence).to_contain_text("C3[4; 5, 3]")
    window = [[at, row, column] for at in (0, 4, 5) for row in range(5, 10) for column in range(3, 8)]
    assert stage(page, "stage.litOn('s2')") == window
    page.locator(f"{STAGE} .sum .more").click()
    expect(page.locator(f"{STAGE} .sum [data-term]")).to_have_count(75)
    written = factors(page)
    weight = oracle.weights()["C3.weight"][4]
    by_hand = oracle.weights()["C3.bias"][4]
    for (at, row, column), pair in zip(window, written, strict=True):
        terms = (expected["s2"][at, row, column], weight[at, row - 5, column - 3])
        assert pair == pytest.approx(terms, abs=0.0051)
        by_hand += terms[0] * terms[1]
    assert printed(page) == pytest.approx(oracle.squash(by_hand), abs=0.0051)
    assert by_hand == pytest.approx(1.5 * np.arctanh(expected["c3"][4, 5, 3] / 1.7159))
    point(page, "c3", 4, 5, 3, click=True)  # lets go of it
    # Every other layer leads back to what it reads, whichever of them the stage stands at.
    for panel, cell, source, count in (
        ("c1", (2, 10, 14), "input", 25), ("s2", (3, 5, 5), "c1", 4), ("s4", (9, 2, 2), "c3", 4),
        ("c5", (3, 4), "s4", 400), ("f6", (2, 2), "c5", 120), ("scores", (0, 7), "f6", 84),
    ):  # fmt: skip
        point(page, panel, *cell)
        assert len(stage(page, f"stage.litOn('{source}')")) == count
        assert stage(page, f"stage.litOn('{panel}')") == [list(cell)]
    # A click goes there, and no layer fades.
    point(page, "s2", 3, 5, 5, click=True)
    page.wait_for_function("() => location.search.includes('cell=1_3_5_5')")
    settled(page)
    grid = "stage.grids.get('s2')"
    assert stage(page, f"stage.painter.doneIn(stage.view, {grid}, 3)") is None
    assert printed(page) == pytest.approx(expected["s2"][3, 5, 5], abs=0.0051)
    # A wrong answer out of the wall.
    page.get_by_role("button", name="169: 7 → 9").or_(page.get_by_role("radio", name="169: 7 → 9")).click()
    page.wait_for_function("() => location.search.includes('digit=169')")
    settled(page)
    holds(page, images[169])
    no_traceback(page)


def test_a_finger_draws_and_the_page_under_it_stays(touched: Callable[..., Stage]) -> None:
    shown = touched(reading(read(digits()[1].images[0]), PAPER, words("en"), drawn=False))
    talk = shown.page.context.new_cdp_session(shown.page)
    for kind, cell in (("Start", (4, 4)), ("Move", (4, 12)), ("Move", (20, 12)), ("End", None)):
        points = [] if cell is None else [dict(zip("xy", shown.where("drawing", cell), strict=True))]
        talk.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    shown.frames()
    (edit,) = shown.sent("edit")
    sheet = np.array(edit["values"]).reshape(28, 28)
    assert (sheet[4, 4:13] == 255).all()
    assert (sheet[4:21, 12] == 255).all()
    assert shown.js("return window.scrollY") == 0
    # The pen wipes where its ink is paper, in its whole width, and never lightens what is there.
    shown.js("player.transport.ink.value = 0")
    for kind, cell in (("Start", (4, 8)), ("End", None)):
        points = [] if cell is None else [dict(zip("xy", shown.where("drawing", cell), strict=True))]
        talk.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    shown.frames()
    wiped = np.array(shown.sent("edit")[-1]["values"]).reshape(28, 28)
    assert wiped[4, 7:10].tolist() == [0, 0, 0]
    assert wiped[4, 6] == 255


def test_layers_fade_only_while_they_play(touched: Callable[..., Stage]) -> None:
    shown = touched(reading(read(digits()[1].images[0]), PAPER, words("zh"), drawn=False))
    done = "return player.painter.doneIn(player.view, player.grids.get('c1'), 5)"
    assert shown.js(done) is None
    shown.js("player.play()")
    shown.frames()
    assert shown.js(done) == {"row": 0, "col": 0}
    shown.js("player.pause()")
    shown.frames()
    assert shown.js(done) is None


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("en-US", "light", (1280, 720)), ("zh-CN", "dark", (360, 740))],
)
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, locale: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, cell="2_9_4_4", map=9, digit=123)
    fits(page, STAGE, viewport)
    screens(page, f"lenet-{locale}-{viewport[0]}")
