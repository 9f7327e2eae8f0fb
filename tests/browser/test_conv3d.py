"""Convolution 3D in a real browser: the numbers on screen, slices, uploads, surfaces, the link."""

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from scipy.ndimage import correlate

from conv_view import film, samples
from conv_view.text import words
from tests.browser.contrast import faint_texts
from tests.browser.house import fits, no_traceback, open_page, point, printed, screens, settled, stage, values

STAGE = ".st-key-stage_conv3d"
WHOLE = ".st-key-stage_conv3d_whole"
SLICE = ".st-key-stage_conv3d_slice"
NOTICE = ".st-key-notice_conv3d"
SOBEL_X = np.multiply.outer(np.outer([1, 2, 1], [1, 2, 1]), [-1, 0, 1]).astype(float)
SOBEL_Z = SOBEL_X.transpose(2, 0, 1)


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "conv3d", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    page.locator(f"{WHOLE} canvas").wait_for()
    return page


def leaf(page: Page, within: str, title: str, to: int) -> None:
    page.locator(f"{within} .leaf[aria-label^='{title}']").fill(str(to))


def gif(frames: np.ndarray) -> bytes:
    file, pages = io.BytesIO(), [Image.fromarray(frame) for frame in frames]
    pages[0].save(file, "GIF", save_all=True, append_images=pages[1:])
    return file.getvalue()


def upload(page: Page, name: str, data: bytes) -> None:
    page.get_by_role("button", name="Your own").click()
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )
    settled(page)


def test_every_number_is_that_of_scipy(page: Page, base_url: str) -> None:
    show(page, base_url, size=8, stride=2, padding=1)
    cube = samples.brain()[22:30, 28:36, 22:30].astype(float)
    expected = correlate(cube, SOBEL_X, mode="constant")[::2, ::2, ::2]
    assert np.array_equal(values(page, "output")[0], expected)
    page.locator(f"{STAGE} canvas").focus()
    for _ in range(21):
        page.keyboard.press("ArrowRight")
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-step", "21")
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text(
        "Output[1, 1, 1] reads Input[1, 1, 1] to Input[3, 3, 3]"
    )
    assert printed(page) == expected[1, 1, 1]
    point(page, "output", 0, 1, 3, 2)
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text("Output[1, 3, 2]")
    assert printed(page) == expected[1, 3, 2]
    assert len(stage(page, "stage.litOn('input')")) == 27


def test_an_input_cell_and_a_weight_tell_what_they_take_part_in(page: Page, base_url: str) -> None:
    show(page, base_url, size=8)
    leaf(page, STAGE, "Input", 4)
    point(page, "input", 0, 4, 4, 4)
    value = samples.brain()[26, 32, 26]
    expect(page.locator(f"{STAGE} .sentence")).to_have_text(
        f"Input[4, 4, 4] = {value} is multiplied 27 times, for 27 outputs."
    )
    point(page, "kernel", 0, 0, 1, 1, 2)
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text(
        "this one weight meets 216 inputs, for 216 outputs"
    )
    assert len(stage(page, "stage.litOn('input')")) == 6**3


def test_slices_are_leafed_through_on_the_stage_and_on_the_whole(page: Page, base_url: str) -> None:
    show(page, base_url)
    for within, key, panel, name, size in (
        (STAGE, "conv3d", "input", "Input", 12),
        (STAGE, "conv3d", "output", "Output", 10),
        (WHOLE, "conv3d_whole", "picture", "Volume", 53),
        (WHOLE, "conv3d_whole", "output", "Whole result", 51),
    ):
        slider = page.locator(f"{within} .leaf[aria-label^='{name}']")
        assert slider.get_attribute("max") == str(size - 1)
        slider.fill(str(size - 2))
        cell = [size - 2, 3, 4] if panel == "picture" else [0, size - 2, 3, 4]
        point(page, panel, *cell, key=key)
        page.wait_for_function(
            "([key, panel, cell]) => JSON.stringify(convscope.stages.get(key).target) === "
            "JSON.stringify({ panel, cell })",
            arg=[key, panel, cell],
        )


def test_a_cell_of_the_whole_result_brings_its_window_onto_the_stage(page: Page, base_url: str) -> None:
    show(page, base_url, kernel="laplacian")
    leaf(page, WHOLE, "Whole result", 9)
    point(page, "output", 0, 9, 40, 30, key="conv3d_whole", click=True)
    page.wait_for_function("() => location.search.includes('at=')")
    settled(page)
    brain = samples.brain().astype(float)
    around = brain[10, 41, 31]
    neighbours = sum(
        brain[10 + z, 41 + y, 31 + x]
        for z, y, x in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))
    )
    assert printed(page) == neighbours - 6 * around


def test_the_whole_volume_and_its_result_light_each_other(page: Page, base_url: str) -> None:
    show(page, base_url, padding="same")
    leaf(page, WHOLE, "Whole result", 20)
    point(page, "output", 0, 20, 30, 25, key="conv3d_whole")
    page.wait_for_function("() => convscope.stages.get('conv3d_whole').target")
    lit = np.array(stage(page, "stage.litOn('picture')", "conv3d_whole"))
    assert (lit.min(axis=0).tolist(), lit.max(axis=0).tolist()) == ([19, 29, 24], [21, 31, 26])


def test_it_plays_and_keeps_its_step_through_another_volume(page: Page, base_url: str) -> None:
    show(page, base_url)
    page.locator(f"{STAGE} [data-act=play]").click()
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-playing", "true")
    page.wait_for_function("() => convscope.stages.get('conv3d').step > 2")
    page.locator(f"{STAGE} [data-act=pause]").click()
    page.wait_for_function("() => location.search.includes('cell=')")
    settled(page)
    step = stage(page, "stage.step")
    page.get_by_label("Volume", exact=True).first.click()
    page.get_by_role("option", name="Moving square").click()
    settled(page)
    assert stage(page, "stage.step") == step
    assert np.array_equal(values(page, "input")[0], film.moving_square()[6:18, 14:26, 14:26])


def test_a_kernel_typed_on_the_stage_is_used_at_once(page: Page, base_url: str) -> None:
    show(page, base_url, kernel="identity", size=8)
    point(page, "kernel", 0, 0, 2, 1, 1, click=True)
    page.locator(f"{STAGE} .cell-editor").fill("-1")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('kernel=custom')")
    settled(page)
    cube = samples.brain()[22:30, 28:36, 22:30].astype(float)
    assert np.array_equal(values(page, "output")[0], cube[1:-1, 1:-1, 1:-1] - cube[2:, 1:-1, 1:-1])


def test_a_link_restores_everything_for_a_new_visitor(new_page: Callable[..., Page], base_url: str) -> None:
    page = show(new_page(), base_url, volume="film", kernel="sobel_z", size=16, lang="zh")
    leaf(page, WHOLE, words("zh")["stage.result"], 13)
    point(page, "output", 0, 13, 18, 16, key="conv3d_whole", click=True)
    page.wait_for_function("() => location.search.includes('at=')")
    settled(page)
    other = new_page()
    other.goto(page.url)
    other.locator(f"{STAGE} .stage[data-step]").wait_for()
    settled(other)
    assert other.url == page.url
    assert len(page.url) < 6000
    for one in (page, other):
        assert one.locator(f"{STAGE} .sum").inner_text() == page.locator(f"{STAGE} .sum").inner_text()
        assert np.array_equal(values(one, "input"), values(page, "input"))
        expect(one.get_by_text(words("zh")["conv3d.slices"], exact=True)).to_be_visible()
    expected = correlate(film.moving_square().astype(float), SOBEL_Z)[14, 19, 17]
    assert printed(other) == expected


def test_an_uploaded_film_is_convolved_and_stays_its_visitors(
    new_page: Callable[..., Page], base_url: str
) -> None:
    page = show(new_page(), base_url, kernel="box", size=8)
    frames = (np.random.default_rng(4).integers(0, 5, (10, 20, 24)) * 60).astype(np.uint8)
    upload(page, "film.gif", gif(frames))
    assert np.array_equal(values(page, "picture", "conv3d_whole"), frames)
    expected = correlate(frames[1:9, 6:14, 8:16].astype(float), np.full((3, 3, 3), 1 / 27))[1:-1, 1:-1, 1:-1]
    assert values(page, "output")[0] == pytest.approx(expected, abs=1e-3)
    assert "volume=upload" in page.url
    other = show(new_page(), base_url, volume="upload")
    expect(other.locator(NOTICE)).to_contain_text("uploaded by its author")
    assert np.array_equal(values(other, "picture", "conv3d_whole"), samples.brain())


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.gif", b"", "The file is empty"),
        ("notes.gif", b"these are my notes", "This file is in none of the formats"),
        ("single.gif", gif(np.zeros((1, 9, 9), np.uint8)), "a single frame"),
        ("torn.gif", gif(film.moving_square())[:900], "damaged or incomplete"),
    ],
    ids=["empty", "text", "single", "torn"],
)
def test_a_bad_file_is_refused_politely(page: Page, base_url: str, name: str, data: bytes, said: str) -> None:
    show(page, base_url)
    before = values(page, "output")
    upload(page, name, data)
    expect(page.locator(NOTICE)).to_contain_text(said)
    assert np.array_equal(values(page, "output"), before)
    no_traceback(page)


def test_what_is_impossible_is_told_and_nothing_is_lost(page: Page, base_url: str) -> None:
    show(page, base_url, dilation=5, size=12)
    before = values(page, "output")
    page.locator(".st-key-conv3d-dilation input").focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    expect(page.locator(NOTICE)).to_contain_text("spans 13, but the padded input is 12")
    assert np.array_equal(values(page, "output"), before)
    page.keyboard.press("ArrowLeft")
    settled(page)
    expect(page.locator(NOTICE)).not_to_contain_text("spans")
    no_traceback(page)


def test_a_single_slice_equals_a_2d_convolution(page: Page, base_url: str) -> None:
    show(page, base_url, slice=30, size=8)
    page.get_by_role("radio", name="On a single slice").click()
    page.locator(f"{SLICE} .stage[data-step]").wait_for()
    settled(page)
    plane = samples.brain()[29].astype(float)
    shown = plane[28:36, 22:30]
    assert np.array_equal(values(page, "input", "conv3d_slice")[0, 0], shown)
    expected = correlate(shown, SOBEL_X[1])[1:-1, 1:-1]
    assert np.array_equal(values(page, "output", "conv3d_slice")[0, 0], expected)
    expect(page.get_by_text("the largest difference is 0,")).to_be_visible()
    page.get_by_role("radio", name="as set above").or_(
        page.get_by_role("button", name="as set above")
    ).click()
    settled(page)
    expect(page.get_by_text("spans 3, but the padded input is 1")).to_be_visible()
    assert np.array_equal(values(page, "output", "conv3d_slice")[0, 0], expected)
    no_traceback(page)


def test_the_surfaces_come_when_asked_for_and_stay_turned(page: Page, base_url: str) -> None:
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    show(page, base_url)
    assert not [url for url in asked if "Plotly" in url]
    page.get_by_role("radio", name="In 3D").click()
    page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot canvas').length >= 2")
    settled(page)
    assert [url for url in asked if "Plotly" in url]
    eye = "() => document.querySelectorAll('.js-plotly-plot')[1]._fullLayout.scene.camera.eye"
    at_first = page.evaluate(eye)
    box = page.locator(".js-plotly-plot").nth(1).bounding_box()
    page.mouse.move(box["x"] + 150, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 220, box["y"] + 110, steps=5)
    page.mouse.up()
    page.wait_for_function("() => location.search.includes('eye=')")
    settled(page)
    turned = page.evaluate(eye)
    assert abs(turned["x"] - at_first["x"]) > 0.2
    page.locator(".st-key-conv3d-stride input").focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    page.wait_for_function(
        f"(x) => Math.abs(({eye})().x - x) < 0.02 && "
        "document.querySelectorAll('.js-plotly-plot')[1]._fullLayout.title.text.includes('Result')",
        arg=turned["x"],
    )


def test_the_surfaces_follow_the_theme(page: Page, base_url: str) -> None:
    show(page, base_url)
    page.get_by_role("radio", name="In 3D").click()
    ink = "document.querySelectorAll('.js-plotly-plot')[1]?._fullLayout.font.color"
    page.wait_for_function(f"() => {ink} === '#151412'")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => {ink} === '#E8E6E1'")
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"() => {ink} === '#151412'")


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [
        ("en-US", "light", (1440, 900)),
        ("zh-CN", "dark", (1280, 720)),
        ("zh-CN", "light", (360, 740)),
        ("en-US", "dark", (360, 740)),
    ],
)
def test_it_fits_the_window_and_can_be_read(
    page: Page, base_url: str, locale: str, color_scheme: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, padding="same")
    fits(page, STAGE, viewport)
    screens(page, f"conv3d-{locale}-{color_scheme}-{viewport[0]}")
    assert faint_texts(page) == []
    language = locale[:2]
    for lesson in ("conv3d.single.tab", "conv3d.use.tab"):
        tab = page.get_by_role("radio", name=words(language)[lesson])
        tab.click()
        settled(page)
        tab.scroll_into_view_if_needed()
        screens(page, f"conv3d-{lesson}-{locale}-{color_scheme}-{viewport[0]}")
        assert faint_texts(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport[0]
    assert not re.search(r"\{\w+\}", page.locator("[data-testid=stMain]").inner_text())
