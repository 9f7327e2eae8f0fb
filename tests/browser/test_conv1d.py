"""Convolution 1D in a real browser: the numbers on screen, the sentence, the link, what is refused."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from conv_view.samples import ecg
from tests.browser.house import fits, no_traceback, open_page, point, printed, screens, settled, stage, values

STAGE = ".st-key-stage_conv1d"
WHOLE = ".st-key-stage_conv1d_whole"
SENTENCE = "the cat sat on the mat and the cat sat"


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "conv1d", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    return page


def fill(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Enter")
    settled(page)


def test_the_numbers_of_the_heartbeat_are_those_of_numpy(page: Page, base_url: str) -> None:
    show(page, base_url, stretch=64, at=170, kernel="laplacian", stride=2, padding=1)
    padded = np.pad(ecg()[170:234].astype(float), 1)
    expected = np.correlate(padded, [1, -2, 1], "valid")[::2]
    for at in (0, 10, 31):
        point(page, "output", 0, at)
        expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"Output[{at}]")
        assert printed(page) == expected[at]
        lit = stage(page, "stage.litOn('input')")
        assert lit == [[0, 2 * at - 1], [0, 2 * at], [0, 2 * at + 1]]
    assert values(page, "output")[0].tolist() == expected.tolist()


def test_it_plays_steps_and_keeps_its_step_through_a_change(page: Page, base_url: str) -> None:
    show(page, base_url, source="sine", length=16)
    page.locator(f"{STAGE} canvas").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-step", "3")
    page.wait_for_function("() => location.search.includes('cell=0~3_3')")
    page.locator(".st-key-conv1d-dilation input").focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-step", "3")
    assert stage(page, "stage.litOn('input')") == [[0, 3], [0, 5]]
    page.locator(f"{STAGE} [data-act=play]").click()
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-playing", "true")
    page.locator(f"{STAGE} [data-act=pause]").click()


def test_a_click_on_the_whole_heartbeat_brings_the_place(page: Page, base_url: str) -> None:
    show(page, base_url, stretch=64, at=0)
    whole = page.locator(f"{WHOLE} canvas")
    whole.scroll_into_view_if_needed()
    point(page, "output", 0, 517, key="conv1d_whole", click=True)
    page.wait_for_function("() => location.search.includes('at=')")
    settled(page)
    # A sample is narrower than a pixel there, so the place is known to a few samples.
    begin, step = int(page.locator(".st-key-conv1d-at input").input_value()), stage(page, "stage.step")
    assert abs(begin + step - 517) <= 4
    assert printed(page) == np.diff(ecg())[begin + step]


def test_a_kernel_typed_on_the_stage_is_used_at_once(page: Page, base_url: str) -> None:
    show(page, base_url, source="typed", numbers="1 2 4 8 16")
    point(page, "kernel", 0, 0, 1, click=True)
    page.locator(f"{STAGE} .cell-editor").fill("10")
    page.keyboard.press("Enter")
    settled(page)
    point(page, "output", 0, 2)
    expected = np.correlate([1, 2, 4, 8, 16], [-1, 10], "valid")
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text("Output[2]")
    assert printed(page) == expected[2]
    assert "cells=-1_10" in page.url


def test_a_signal_is_drawn_by_dragging_and_its_numbers_follow(page: Page, base_url: str) -> None:
    show(page, base_url, source="typed", numbers="0 0 0 0 0 0 0 10")
    first, last = (stage(page, f"stage.where('input', [0, {at}])") for at in (1, 5))
    page.mouse.move(first["x"], first["y"] - 20)
    page.mouse.down()
    page.mouse.move(last["x"], last["y"] + 20)
    page.mouse.up()
    settled(page)
    drawn = values(page, "input")[0].tolist()
    assert drawn[0] == drawn[6] == 0
    assert drawn[7] == 10
    # What the pointer passed over lies on a line.
    assert drawn[1] > 2
    assert drawn[3] == pytest.approx(0, abs=0.2)
    assert drawn[1:6] == pytest.approx(np.linspace(drawn[1], drawn[5], 5), abs=0.2)
    typed = page.get_by_label("Numbers", exact=True).input_value()
    assert [float(each) for each in typed.split()] == pytest.approx(drawn)
    assert values(page, "output")[0].tolist() == pytest.approx(np.diff(drawn))


def test_a_phrase_answers_with_its_width_where_it_stands(page: Page, base_url: str) -> None:
    show(page, base_url, source="sentence")
    fill(page, "Sentence", SENTENCE)
    fill(page, "Phrase to look for", "the cat sat")
    responses = values(page, "output")[0].tolist()
    words = SENTENCE.split()
    stands = [words[at : at + 3] == ["the", "cat", "sat"] for at in range(len(words) - 2)]
    assert [abs(each - 3) < 1e-5 for each in responses] == stands
    assert max(responses) < 3 + 1e-5
    point(page, "output", 0, 7)
    # "3" where this machine's sum comes out whole, "3.00" where its last digit does not.
    expect(page.locator(f"{STAGE} .caption .result")).to_have_text(re.compile(r"^3(\.00)?$"))
    assert sorted({cell[1] for cell in stage(page, "stage.litOn('input')")}) == [7, 8, 9]
    expect(page.get_by_text("keeps the largest of the 8 responses")).to_contain_text("“the cat sat”")


def test_a_link_restores_sentence_phrase_and_step(new_page: Callable[..., Page], base_url: str) -> None:
    page = show(new_page(), base_url, source="sentence", padding="same", lang="zh")
    fill(page, "句子", "明天会下雨吗，明天不会下雨")
    fill(page, "要寻找的短语", "下雨")
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("End")
    page.wait_for_function("() => location.search.includes('cell=')")
    settled(page)
    other = new_page()
    other.goto(page.url)
    other.locator(f"{STAGE} .stage[data-step]").wait_for()
    settled(other)
    for one in (page, other):
        expect(one.get_by_label("要寻找的短语", exact=True)).to_have_value("下雨")
        expect(one.locator(f"{STAGE} .stage")).to_have_attribute("data-step", "11")
        assert one.locator(f"{STAGE} .sum").inner_text() == page.locator(f"{STAGE} .sum").inner_text()
    assert other.url == page.url
    assert len(page.url) < 6000


@pytest.mark.parametrize(
    ("source", "label", "bad", "said"),
    [
        ("typed", "Numbers", "1 2 NaN", "Number 3, 'NaN', is not a number"),
        ("typed", "Numbers", " ", "There are no numbers here."),
        ("sentence", "Sentence", "", "There is no word in this sentence."),
        (
            "sentence",
            "Phrase to look for",
            "one two three four five six seven eight nine ten eleven",
            "spans 11",
        ),
    ],
)
def test_what_cannot_be_used_is_told_and_the_stage_stays(
    page: Page, base_url: str, source: str, label: str, bad: str, said: str
) -> None:
    show(page, base_url, source=source)
    before = values(page, "output")[0].tolist()
    fill(page, label, bad)
    expect(page.locator(".st-key-notice_conv1d")).to_contain_text(said)
    assert values(page, "output")[0].tolist() == before
    no_traceback(page)


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("en-US", "light", (1280, 720)), ("zh-CN", "dark", (360, 740))],
)
@pytest.mark.parametrize("source", ["ecg", "square", "typed", "sentence"])
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, source: str, locale: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, source=source)
    fits(page, STAGE, viewport)
    screens(page, f"conv1d-{source}-{locale}-{viewport[0]}")
    assert not re.search(r"\{\w+\}", page.locator("[data-testid=stMain]").inner_text())
