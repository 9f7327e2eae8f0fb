"""Convolution 2D in a real browser: playing, pointing, editing, the link, uploads, what travels."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, WebSocket, expect

from conv_view.text import words
from tests.browser.contrast import faint_texts
from tests.browser.house import (
    count_frames,
    factors,
    no_traceback,
    open_page,
    point,
    printed,
    screens,
    settled,
    stage,
    values,
)

ASSETS = Path(__file__).parents[2] / "assets" / "pictures"
STAGE = ".st-key-stage_conv2d"
WHOLE = ".st-key-stage_conv2d_whole"
NOTICE = ".st-key-notice_conv2d"
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)


def show(page: Page, base_url: str, **query: object) -> Page:
    # The counts below are those of a part of 16 cells a side.
    open_page(page, base_url, "conv2d", **{"part": "c16"} | query)
    drawn(page)
    return page


def drawn(page: Page) -> None:
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    page.locator(f"{WHOLE} .stage[data-step]").wait_for()


def sentence(page: Page) -> object:
    return expect(page.locator(f"{STAGE} .sentence"))


def at_step(page: Page, step: int) -> None:
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-step", str(step))


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=re.compile(f"^{label}|{label}$")).first.click()
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def slide(page: Page, label: str, presses: int) -> None:
    thumb = page.get_by_role("slider", name=label).first
    for _ in range(presses):
        thumb.press("ArrowRight")
    settled(page)


def grey(name: str) -> np.ndarray:
    """A gallery picture as Pillow opens it, its luma by the formula of BT.601."""
    pixels = np.asarray(Image.open(ASSETS / f"{name}.jpg"), float)
    if pixels.ndim == 2:
        return pixels
    return np.floor(pixels @ np.array([0.299, 0.587, 0.114]) + 0.5 + 1e-9)


def crop(name: str, size: int = 16) -> np.ndarray:
    picture = grey(name)
    top, left = ((extent - size) // 2 for extent in picture.shape)
    return picture[top : top + size, left : left + size]


def slid(x: np.ndarray, weight: np.ndarray, stride: int = 1, dilation: int = 1) -> np.ndarray:
    rows, cols = (size - dilation * (k - 1) for size, k in zip(x.shape, weight.shape, strict=True))
    total = np.zeros((rows, cols))
    for i, j in np.ndindex(weight.shape):
        total += weight[i, j] * x[i * dilation : i * dilation + rows, j * dilation : j * dilation + cols]
    return total[::stride, ::stride]


def png(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def upload(page: Page, name: str, data: bytes, language: str = "en") -> None:
    field = page.locator("input[type=file]")
    if not field.count():
        page.get_by_role("button", name=words(language)["picture.own"]).click()
    field.set_input_files({"name": name, "mimeType": "image/png", "buffer": data})
    settled(page)


# ---- time


def test_it_plays_pauses_steps_scrubs_and_obeys_keys(page: Page, base_url: str) -> None:
    show(page, base_url)
    act = lambda name: page.locator(f"{STAGE} [data-act={name}]").click()  # noqa: E731
    act("play")
    page.wait_for_function("() => convscope.stages.get('conv2d').step >= 2")
    act("pause")
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-playing", "false")
    act("last")
    at_step(page, 195)
    act("first")
    act("forward")
    act("forward")
    act("back")
    at_step(page, 1)
    page.locator(f"{STAGE} input[data-word='player.seek']").fill("50")
    at_step(page, 50)
    page.locator(f"{STAGE} canvas").focus()
    for key, step in (("ArrowRight", 51), ("ArrowDown", 65), ("Home", 0), ("End", 195), ("ArrowLeft", 194)):
        page.keyboard.press(key)
        at_step(page, step)
    page.wait_for_url(re.compile("cell=0~3_13_12$"))
    # The page's own keys (R runs it again, C clears) do not fire from the stage.
    page.keyboard.press("c")
    page.keyboard.press("r")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_nothing_travels_while_it_plays_and_it_plays_on_through_a_change(page: Page, base_url: str) -> None:
    frames = count_frames(page)
    show(page, base_url)
    assert frames.received > 0
    page.locator(f"{STAGE} [data-act=play]").click()
    page.wait_for_function("() => convscope.stages.get('conv2d').step >= 1")
    frames.reset()
    page.wait_for_function("() => convscope.stages.get('conv2d').step >= 8")
    assert stage(page, "stage.playing")
    assert (frames.sent, frames.received) == (0, 0)
    choose(page, words("en")["controls.kernel"], "Sharpen")
    step = stage(page, "stage.step")
    page.wait_for_function(f"() => convscope.stages.get('conv2d').step > {step}")
    assert stage(page, "stage.playing")


def test_a_change_sends_the_scene_and_not_the_player(page: Page, base_url: str) -> None:
    sizes = []

    def watch(socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: sizes.append(len(data)))

    page.on("websocket", watch)
    show(page, base_url)
    small = [sum(sizes), max(sizes)]
    assert small[1] > 60_000, "the player came once"
    sizes.clear()
    # The whole result of a 300x451 picture is most of what travels; the painted grid has none to speak of.
    choose(page, words("en")["picture.label"], words("en")["picture.names.painted"])
    sizes.clear()
    slide(page, "Stride", 1)
    assert values(page, "output").shape == (1, 5, 5)
    assert sum(sizes) < 60_000
    assert max(sizes) < 20_000


# ---- numbers


def test_a_hovered_output_shows_the_right_numbers(page: Page, base_url: str) -> None:
    show(page, base_url, stride=2, padding=1)
    x = np.pad(crop("cat"), 1)
    expected = slid(x, SOBEL, 2)
    assert np.array_equal(values(page, "output")[0], expected)
    for row, col in ((0, 0), (3, 5), (7, 7)):
        point(page, "output", 0, row, col)
        sentence(page).to_contain_text(f"Output[{row}, {col}]")
        terms = factors(page)
        window = x[2 * row : 2 * row + 3, 2 * col : 2 * col + 3]
        assert [term[0] for term in terms] == window.ravel().tolist()
        assert [term[1] for term in terms] == SOBEL.ravel().tolist()
        assert printed(page) == expected[row, col]
        assert page.locator(f"{STAGE} .caption .sign").inner_text() == "="
    point(page, "input", 0, 4, 4)
    # Row 4 is in one window of every second row at a border of 1: places (2 * p - 1) .. (2 * p + 1).
    sentence(page).to_contain_text(f"= {crop('cat')[4, 4]:g} is multiplied once, for one output.")
    point(page, "kernel", 0, 0, 1, 2)
    sentence(page).to_contain_text("= 2: this one weight meets 64 inputs, for 64 outputs")


def test_the_whole_result_is_that_of_the_whole_picture(page: Page, base_url: str) -> None:
    show(page, base_url, picture="camera", part="c24")
    low, high = stage(page, "stage.scene.byName.get('output').quantised", "conv2d_whole")
    expected = slid(grey("camera"), SOBEL)
    assert (low, high) == (expected.min(), expected.max())
    off = low + values(page, "output", "conv2d_whole")[0] * (high - low) / 255 - expected
    assert np.abs(off).max() <= 0.51 * (high - low) / 255


@pytest.mark.parametrize("query", [{}, {"stride": 3, "padding": 1, "part": "w64"}])
def test_a_pixel_of_the_whole_result_brings_exactly_its_window(
    page: Page, base_url: str, query: dict
) -> None:
    show(page, base_url, picture="camera", **query)
    picture = grey("camera")
    stride, before = query.get("stride", 1), 1 if query.get("padding") == 1 else 0
    padded = np.pad(picture, ((before, 2), (before, 2)))
    _, rows, cols = stage(page, "stage.scene.byName.get('output').shape", "conv2d_whole")
    for row, col in ((rows // 3, cols // 2), (rows - 2, 1)):
        point(page, "output", 0, row, col, key="conv2d_whole", click=True)
        # A pixel of the screen may stand for several of the result: which one was it?
        picked = stage(page, "stage.pinned.cell", "conv2d_whole")
        settled(page)
        terms = factors(page)
        top, left = (at * stride for at in picked[1:])
        window = padded[top : top + 3, left : left + 3]
        assert [term[0] for term in terms] == window.ravel().tolist(), picked
        assert printed(page) == (window * SOBEL).sum()


# ---- editing


def type_into_kernel(page: Page, text: str, *cell: int) -> None:
    point(page, "kernel", 0, 0, *cell, click=True)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def test_a_typed_kernel_cell_changes_the_result_and_keeps_the_focus(page: Page, base_url: str) -> None:
    show(page, base_url)
    type_into_kernel(page, "-1.25", 0, 1)
    settled(page)
    weight = SOBEL.copy()
    weight[0, 1] = -1.25
    assert np.array_equal(values(page, "kernel")[0, 0], weight)
    assert np.array_equal(values(page, "output")[0], slid(crop("cat"), weight))
    expect(page.locator(f"{STAGE} .cell-editor")).to_be_focused()
    expect(page.get_by_role("combobox", name=re.compile("Kernel")).first).to_be_visible()
    assert "kernel=custom" in page.url
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("1/9")
    settled(page)
    weight[0, 2] = np.float32(1 / 9)
    assert np.array_equal(values(page, "kernel")[0, 0], weight)
    assert np.abs(values(page, "output")[0] - slid(crop("cat"), weight)).max() < 0.01


@pytest.mark.parametrize("locale", ["zh-CN"])
def test_what_is_no_number_is_refused_and_nothing_is_lost(page: Page, base_url: str, locale: str) -> None:
    show(page, base_url)
    type_into_kernel(page, "NaN", 1, 1)
    expected = words(locale[:2])["player.not_a_number"].split("{text}")[1].split("{most}")[0]
    sentence(page).to_contain_text(expected)
    settled(page)
    assert np.array_equal(values(page, "kernel")[0, 0], SOBEL)
    no_traceback(page)


def test_the_step_stays_through_an_unrelated_change(page: Page, base_url: str) -> None:
    show(page, base_url)
    page.locator(f"{STAGE} canvas").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    at_step(page, 42)
    settled(page)
    choose(page, words("en")["controls.kernel"], "Emboss")
    at_step(page, 42)
    slide(page, "Dilation", 1)
    # Row 3, column 0 of an output with 12 columns.
    at_step(page, 36)
    page.get_by_role("radio", name=words("en")["lessons.code.tab"]).click()
    settled(page)
    at_step(page, 36)
    expect(page.get_by_text("# output[3, 0]")).to_be_visible()


def test_a_painted_grid_is_convolved_as_it_is_painted(page: Page, base_url: str) -> None:
    show(page, base_url, picture="painted")
    before = values(page, "input")[0]
    start, end = (stage(page, f"stage.where('input', [0, 1, {col}])") for col in (1, 4))
    page.mouse.move(start["x"], start["y"])
    page.mouse.down()
    page.mouse.move(end["x"], end["y"], steps=8)
    page.mouse.up()
    settled(page)
    before[1, 1:5] = 255
    assert np.array_equal(values(page, "input")[0], before)
    assert np.array_equal(values(page, "output")[0], slid(before, SOBEL))
    assert "grid=" in page.url


# ---- what is said aloud


def listen(page: Page) -> None:
    """Note from now on whatever the stages' live regions say."""
    page.evaluate(
        """() => {
            globalThis.heard = [];
            for (const player of convscope.stages.values()) {
                new MutationObserver(() => heard.push(player.spoken.textContent)).observe(player.spoken, {
                    childList: true,
                });
            }
        }"""
    )


def heard(page: Page, sentence: str) -> list[str]:
    """What was said, once this was among it and nobody is about to add to it."""
    page.wait_for_function("(part) => heard.some((said) => said.includes(part))", arg=sentence)
    settled(page)
    return page.evaluate("() => heard")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_a_typed_weight_is_said_once(page: Page, base_url: str, locale: str) -> None:
    show(page, base_url)
    point(page, "kernel", 0, 0, 0, 1, click=True)
    settled(page)
    listen(page)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("7.5")
    kernel = words(locale[:2])["stage.kernel"].removeprefix("× ")
    (said,) = heard(page, f"{kernel}[0, 1] = 7.5")
    assert said.endswith(page.locator(f"{STAGE} .sum").inner_text())
    # The next cell is said as soon as the editor stands in it.
    page.keyboard.press("Tab")
    assert len(heard(page, f"{kernel}[0, 2] = 1")) == 2


@pytest.mark.parametrize("locale", ["zh-CN"])
def test_a_painted_cell_is_said_once(page: Page, base_url: str, locale: str) -> None:
    show(page, base_url, picture="painted")
    listen(page)
    point(page, "input", 0, 1, 1, click=True)
    name = words(locale[:2])["stage.input"]
    assert len(heard(page, f"{name}[1, 1] = 255")) == 1


@pytest.mark.parametrize("locale", ["zh-CN"])
def test_a_stride_changed_by_keyboard_says_the_new_size_once(page: Page, base_url: str, locale: str) -> None:
    show(page, base_url)
    page.mouse.move(1, 1)
    listen(page)
    slide(page, words(locale[:2])["controls.stride"], 1)
    output = words(locale[:2])["stage.output"]
    (said,) = heard(page, f"{output} 7×7.")
    assert said.startswith(f"{output} 7×7. ")
    assert page.locator(f"{STAGE} .sentence").inner_text() in said


# ---- themes, languages, links


def test_a_theme_change_keeps_everything(page: Page, base_url: str) -> None:
    show(page, base_url, stride=2)
    point(page, "output", 0, 3, 3, click=True)
    at_step(page, 24)
    light = stage(page, "stage.theme.background")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => convscope.stages.get('conv2d').theme.dark")
    settled(page)
    at_step(page, 24)
    assert stage(page, "stage.theme.background") != light
    assert stage(page, "stage.playing") is False
    page.emulate_media(color_scheme="light")
    page.wait_for_function("() => !convscope.stages.get('conv2d').theme.dark")
    at_step(page, 24)


def test_a_link_shows_the_same_to_somebody_else(
    page: Page, base_url: str, new_page: Callable[..., Page]
) -> None:
    show(page, base_url, picture="horse")
    type_into_kernel(page, "0.1", 2, 0)
    page.keyboard.press("Enter")
    settled(page)
    page.locator(f"{STAGE} canvas").focus()
    slide(page, "Stride", 1)
    choose(page, words("en")["controls.padding"], "2")
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    at_step(page, 79)
    settled(page)
    page.wait_for_url(re.compile("cell=0~3_8_7"))
    other = new_page(locale="zh-CN")
    other.goto(page.url)
    settled(other)
    drawn(other)
    at_step(other, 79)
    for panel in ("input", "kernel", "output"):
        assert np.array_equal(values(other, panel), values(page, panel))
    assert np.float32(values(other, "kernel")[0, 0, 2, 0]) == np.float32(0.1)
    expect(other.get_by_text(words("zh")["controls.stride"]).first).to_be_visible()


def test_the_language_switch_keeps_everything(page: Page, base_url: str) -> None:
    show(page, base_url, picture="coffee", dilation=2)
    type_into_kernel(page, "7", 0, 0)
    page.keyboard.press("Enter")
    settled(page)
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("End")
    at_step(page, 143)
    settled(page)
    before = values(page, "output")
    page.get_by_role("radio", name="中文").or_(page.get_by_text("中文", exact=True)).first.click()
    settled(page)
    expect(page.get_by_text(words("zh")["controls.stride"]).first).to_be_visible()
    at_step(page, 143)
    assert np.array_equal(values(page, "output"), before)
    assert values(page, "kernel")[0, 0, 0, 0] == 7
    assert (
        page.locator(f"{STAGE} canvas")
        .get_attribute("aria-label")
        .startswith(words("zh")["stage.convolution"])
    )


# ---- bad input


def test_a_kernel_that_does_not_fit_is_explained_and_the_stage_stays(page: Page, base_url: str) -> None:
    show(page, base_url, part="c8")
    slide(page, "Dilation", 2)
    before = values(page, "output")
    assert before.shape == (1, 2, 2)
    slide(page, "Dilation", 1)
    expect(page.locator(NOTICE)).to_contain_text(
        "a kernel of 3 with dilation 4 spans 9, but the padded input is 8"
    )
    assert np.array_equal(values(page, "output"), before)
    no_traceback(page)
    choose(page, words("en")["controls.padding"], "1")
    expect(page.locator(NOTICE)).not_to_contain_text("spans 9")
    assert values(page, "output").shape == (1, 2, 2)


@pytest.mark.parametrize("locale", ["zh-CN"])
def test_a_nonsense_link_is_named_and_works(page: Page, base_url: str, locale: str) -> None:
    show(page, base_url, stride="banana", kernel="☃", cells="nan", at="x", cell="-1")
    before, _ = words(locale[:2])["notices.ignored"].split("{values}")
    expect(page.locator(NOTICE)).to_contain_text(before)
    assert np.array_equal(values(page, "output")[0], slid(crop("cat"), SOBEL))
    no_traceback(page)


GOOD = np.random.default_rng(2).integers(0, 256, (40, 60, 3), np.uint8)
BAD_FILES = {
    "empty.png": (b"", "picture_empty"),
    "truncated.png": (png(GOOD)[:900], "picture_damaged"),
    "notes.png": (b"This is a text and no picture.\n" * 40, "picture_format"),
    "script.png": (b"<html><script>alert(1)</script></html>", "picture_format"),
}


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_an_upload_works_and_a_bad_one_is_refused_politely(page: Page, base_url: str, locale: str) -> None:
    language = locale[:2]
    show(page, base_url)
    # A JPEG in all but its name is what it is.
    upload(page, "mine.png", png(GOOD, "BMP"), language)
    grey_pixels = np.floor(GOOD.astype(float) @ np.array([0.299, 0.587, 0.114]) + 0.5 + 1e-9)
    assert np.array_equal(values(page, "input")[0], grey_pixels[12:28, 22:38])
    assert "picture=upload" in page.url
    before = values(page, "output")
    bad = list(BAD_FILES.items())
    for name, (data, code) in bad if language == "en" else bad[1:2]:
        upload(page, name, data, language)
        expected = max(words(language)[f"errors.{code}"].replace("{format}", "PNG").split("{"), key=len)
        expect(page.locator(NOTICE)).to_contain_text(expected)
        assert np.array_equal(values(page, "output"), before), name
        no_traceback(page)
    # Going on with something else is the end of the complaint.
    page.keyboard.press("Escape")
    slide(page, words(language)["controls.stride"], 1)
    expect(page.locator(NOTICE)).not_to_contain_text(expected)
    assert values(page, "output").shape == (1, 7, 7)


def test_an_upload_is_missing_from_its_link_and_private(
    page: Page, base_url: str, new_page: Callable[..., Page]
) -> None:
    show(page, base_url)
    upload(page, "mine.png", png(GOOD))
    page.wait_for_url(re.compile("picture=upload"))
    other = new_page()
    other.goto(page.url)
    settled(other)
    drawn(other)
    expect(other.locator(NOTICE)).to_contain_text(
        words("en").say("picture.missing", name=words("en")["picture.names.cat"])
    )
    assert np.array_equal(values(other, "input")[0], crop("cat"))


# ---- looks


@pytest.mark.parametrize(("locale", "color_scheme"), [("en-US", "light"), ("zh-CN", "dark")])
def test_the_page_can_be_read_and_the_stage_is_seen_at_once(
    page: Page, base_url: str, locale: str, color_scheme: str
) -> None:
    show(page, base_url, part="c12")
    no_traceback(page)
    box = page.locator(f"{STAGE} canvas").bounding_box()
    assert box["y"] + box["height"] <= 900
    screens(page, f"conv2d {locale} {color_scheme}")
    assert faint_texts(page) == []


@pytest.mark.parametrize("viewport", [(900, 700), (1024, 768), (1280, 720), (1920, 1080)])
def test_the_stage_and_its_sum_are_seen_without_scrolling(
    page: Page, base_url: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url)
    canvas = page.locator(f"{STAGE} canvas")
    for part in ("canvas", ".transport", ".sum"):
        box = page.locator(f"{STAGE} {part}").bounding_box()
        assert box["y"] + box["height"] <= viewport[1], part
    # The bar keeps to one line, and nothing moves when a parameter does.
    assert page.locator(f"{STAGE} .transport").bounding_box()["height"] < 40
    before = canvas.bounding_box()
    slide(page, "Stride", 1)
    assert canvas.bounding_box() == before


@pytest.mark.parametrize("viewport", [(1280, 900)])
def test_the_stage_heeds_the_height_of_the_window_at_once(page: Page, base_url: str) -> None:
    show(page, base_url)
    canvas = page.locator(f"{STAGE} canvas")
    before = canvas.bounding_box()["height"]
    page.set_viewport_size({"width": 1280, "height": 650})
    page.wait_for_function("(most) => convscope.stages.get('conv2d').height < most", arg=before - 40)
    settled(page)
    low = canvas.bounding_box()
    slide(page, "Stride", 1)
    assert canvas.bounding_box() == low


@pytest.mark.parametrize("viewport", [(1280, 720)])
def test_a_sentence_takes_no_other_room_than_the_formula(page: Page, base_url: str) -> None:
    tops = []
    for query in ({}, {"stride": 99}, {"stride": 99, "bias": "x", "cells": "1_2_3", "cells_shape": "3_3"}):
        show(page, base_url, **query)
        settled(page)
        tops.append(page.locator(f"{STAGE} canvas").bounding_box()["y"])
    assert len(set(tops)) == 1


@pytest.mark.parametrize("viewport", [(390, 844)])
def test_a_phone_shows_all_of_it(page: Page, base_url: str, viewport: tuple[int, int]) -> None:
    show(page, base_url)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    no_traceback(page)
    screens(page, "conv2d phone")
