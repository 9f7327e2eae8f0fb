"""A kernel that learns in a real browser: every step on the stage against a descent done here."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from scipy.signal import correlate2d

from conv_view.scene import Act, Arithmetic, Panel, Quantised, Relation, Scale, Scene, View
from tests.browser.house import (
    count_frames,
    fits,
    no_traceback,
    number,
    open_page,
    point,
    screens,
    settled,
    stage,
    values,
)
from tests.browser.stages import stage_fixture

STAGE = ".st-key-stage_learn"
bare = stage_fixture()
SETTINGS = [
    ({"rate": "0.05", "steps": 60}, 0.05, 0.0, (0, 7, 60)),
    ({"rate": "0.02", "momentum": 0.9, "steps": 80, "kernel": "sharpen"}, 0.02, 0.9, (1, 33, 80)),
    ({"rate": "0.3", "kernel": "sobel_y"}, 0.3, 0.0, (2, 5)),
]

# The numbers that a frame writes into the cells of a panel, row by row.
_WRITTEN = """(() => {
  const { area } = stage.grids.get(NAME);
  const [seen, number] = [[], stage.painter.number];
  stage.painter.number = (context, frame, box, text) => {
    const [x, y] = [box.x + box.width / 2 - area.x, box.y + box.height / 2 - area.y];
    if (x > 0 && x < area.width && y > 0 && y < area.height) seen.push([Math.round(y), x, text]);
  };
  stage.painter.draw(stage.context, stage.view);
  stage.painter.number = number;
  return seen.sort(([a, c], [b, d]) => a - b || c - d).map(([, , text]) => text);
})()"""


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "learn", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    return page


def seek(page: Page, step: int) -> None:
    stage(page, f"stage.act('seek', {step})")
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-step", str(step))
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"After {step} of")


def drawn(page: Page, panel: str) -> np.ndarray:
    """The numbers in the cells of a square panel, as they stand on the canvas."""
    texts = stage(page, _WRITTEN.replace("NAME", f"'{panel}'"))
    side = int(len(texts) ** 0.5)
    return np.array([number(text) for text in texts]).reshape(side, side)


def brief(text: str) -> float:
    """A number as the stage tells a loss: 0.0123, or 1.23·10⁻⁵."""
    power = text.rpartition("·10")[2] if "·10" in text else "0"
    return number(text) * 10.0 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))


def descended(
    page: Page, lr: float, momentum: float, most: int
) -> tuple[list[np.ndarray], list[np.ndarray], list[float]]:
    """Kernels, gradients and losses from the first kernel on the stage on, until there are `most` steps."""
    x, target = values(page, "input")[0] / 255, values(page, "target")
    x = (x - x.mean()) / x.std()
    wanted, weight = correlate2d(x, target, "valid"), values(page, "kernel")[0]
    velocity = np.zeros_like(weight)
    kernels, gradients, losses = [], [], []
    for _ in range(most + 1):
        wrong = correlate2d(x, weight, "valid") - wanted
        slope = 2 * correlate2d(x, wrong, "valid") / wrong.size
        kernels.append(weight)
        gradients.append(slope)
        losses.append(float((wrong**2).mean()))
        velocity = momentum * velocity + slope
        weight = weight - lr * velocity
    return kernels, gradients, losses


def test_cut_values_and_a_logarithmic_curve_are_told_as_what_they_are(bare: Callable) -> None:
    frames = np.array([[[-9.0, 0.0], [1.0, 5.0]], [[0.5, -1.0], [-2.0, 0.0]]])
    losses = np.array([[2e-7, 1.0]], np.float32)
    panels = (
        Panel(
            "y", "y", "output", Quantised.between(frames, -1.0, 1.0), View(1, 2), Scale("diverging", -1, 1)
        ),
        Panel("loss", "loss", "plain", losses, View(0, 1), Scale.log(losses), kind="signal"),
    )
    relations = (
        Relation("y", (0, 0, 0), ((1,), (0,), (0,)), ((0,),) * 3, over=(0,)),
        Relation("loss", (0, 0), ((0,), (1,)), ((), ())),
    )
    act = Act((2,), (), relations, Arithmetic((), "loss"), told="Step {loss_1}: {loss_value}.")
    shown = bare(Scene(panels, (act,), {"wide": {"row": ["y", "loss"]}}))
    assert shown.sentence == "Step 0: 2·10⁻⁷."
    assert shown.lit("y") == set()
    told = {}
    for step in (0, 1):
        shown.js("player.seek(given)", step)
        shown.frames()
        for cell in np.ndindex(2, 2):
            shown.hover("y", (step, *cell))
            told[(step, *cell)] = shown.sentence.partition("] ")[2]
        shown.leave()
    assert told[(0, 0, 0)].startswith("≤ −1")
    assert told[(0, 0, 1)].startswith("≈ 0")
    assert told[(0, 1, 1)].startswith("≥ 1")
    assert told[(1, 0, 0)].startswith("≈ 0.5")
    assert told[(1, 1, 0)].startswith("≤ −1")
    # Equal ratios are equally far apart, and nothing lies below the bottom.
    levels = shown.js(
        "const grid = player.grids.get('loss'); const view = player.painter.viewOf(player.view, grid);"
        "return given.map((value) => player.painter.levelOf(grid, view, 0, value))",
        [1, 1e-2, 1e-4, 2e-7, 1e-9, 0],
    )
    assert levels[1] - levels[0] == pytest.approx(levels[2] - levels[1])
    assert levels[3] == levels[4] == levels[5]


@pytest.mark.parametrize(
    ("query", "lr", "momentum", "steps"), SETTINGS, ids=["plain", "momentum", "diverges"]
)
def test_every_step_on_the_stage_is_that_of_a_descent_done_here(
    page: Page, base_url: str, query: dict[str, object], lr: float, momentum: float, steps: tuple[int, ...]
) -> None:
    show(page, base_url, **query)
    kernels, gradients, losses = descended(page, lr, momentum, 80)
    last = int(stage(page, "stage.scene.steps")) - 1
    stopped = next((step for step, loss in enumerate(losses) if loss > 1000 * losses[0]), None)
    assert last == (query["steps"] if stopped is None else stopped)
    for step in (*steps, last):
        seek(page, step)
        for name, expected in (("kernel", kernels), ("gradient", gradients)):
            assert drawn(page, name) == pytest.approx(expected[step], abs=0.051)
            assert values(page, name)[step] == pytest.approx(expected[step], rel=1e-4, abs=1e-4)
        told = page.locator(f"{STAGE} .sentence").inner_text()
        said = told.partition("the loss is ")[2].partition(". ")[0].rstrip(".")
        assert brief(said) == pytest.approx(losses[step], rel=0.006)
        point(page, "kernel", step, 1, 2)
        expect(page.locator(f"{STAGE} .sentence")).to_contain_text("Its gradient[1, 2]")
        parts = page.locator(f"{STAGE} .sentence").inner_text().split(", Its")
        assert number(parts[0].partition("=")[2]) == pytest.approx(kernels[step][1, 2], abs=0.06)
        assert number(parts[1].partition("=")[2]) == pytest.approx(gradients[step][1, 2], abs=0.06)
        page.mouse.move(2, 2)
    notice = page.locator(".st-key-notice_learn")
    if stopped is None:
        expect(notice).not_to_contain_text("Stopped")
    else:
        expect(notice).to_contain_text(f"Stopped at step {stopped}: the loss has grown from")
        expect(notice).to_contain_text("the largest that converges here is")
    assert not stage(page, "stage.scene.panels.some((panel) => panel.values?.some(Number.isNaN))")
    no_traceback(page)


def test_it_plays_without_the_server_and_the_curve_goes_to_any_step(page: Page, base_url: str) -> None:
    frames = count_frames(page)
    show(page, base_url, steps=100)
    where, sentence = page.locator(f"{STAGE} .stage"), page.locator(f"{STAGE} .sentence")
    stage(page, "stage.act('speed', 64)")
    frames.reset()
    page.locator(f"{STAGE} [data-act=play]").click()
    page.wait_for_function("() => Number(convscope.stages.get('learn').step) > 60")
    assert (frames.sent, frames.received) == (0, 0)
    page.locator(f"{STAGE} [data-act=pause]").click()
    expect(where).to_have_attribute("data-playing", "false")
    page.locator(f"{STAGE} [data-act=last]").click()
    expect(where).to_have_attribute("data-step", "100")
    # A point of the curve shows its step in every panel; the stage itself stays where it is.
    before = stage(page, "stage.pending === null && stage.attention.index[0]")
    point(page, "loss", 0, 20)
    expect(sentence).to_contain_text("After 20 of 100 steps")
    assert stage(page, "stage.attention.index[0]") == 20
    assert before in (False, 100)
    expect(where).to_have_attribute("data-step", "100")
    # No step multiplies anything by itself, so there is no deeper level to choose.
    assert page.locator(f"{STAGE} select").locator("visible=true").count() == 1
    settled(page)
    # The formula below follows the stage.
    page.get_by_role("radio", name="One weight, one step").or_(
        page.get_by_role("button", name="One weight, one step")
    ).first.click()
    expect(page.get_by_text("This is how it came there: from step 99 to step 100.")).to_be_visible()
    page.locator(f"{STAGE} canvas").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("From step 98 of the stage to step 99.")).to_be_visible()


def test_a_typed_target_and_a_typed_rate_are_links(
    page: Page, base_url: str, new_page: Callable[..., Page]
) -> None:
    show(page, base_url, cell="0_30")
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-step", "30")
    point(page, "target", 1, 1, click=True)
    page.locator(f"{STAGE} .cell-editor").fill("3")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('kernel=custom')")
    rate = page.get_by_label("Learning rate").first
    rate.fill("1/40")
    rate.press("Enter")
    page.wait_for_function("() => location.search.includes('rate=')")
    settled(page)
    kernels, _, _ = descended(page, 1 / 40, 0.0, 30)
    assert drawn(page, "kernel") == pytest.approx(kernels[30], abs=0.0051)
    assert values(page, "target")[1, 1] == 3
    other = new_page()
    other.goto(page.url)
    settled(other)
    other.locator(f"{STAGE} .stage[data-step='30']").wait_for()
    assert np.array_equal(drawn(other, "kernel"), drawn(page, "kernel"))
    # What is no rate is told, and the stage keeps what it had.
    before = drawn(page, "kernel")
    rate.fill("quick")
    rate.press("Enter")
    expect(page.locator(".st-key-notice_learn")).to_contain_text("A learning rate is a number of at least 0")
    expect(page.locator(".st-key-notice_learn")).to_contain_text("quick")
    settled(page)
    assert np.array_equal(drawn(page, "kernel"), before)


def test_an_unreadable_upload_is_told_and_a_readable_one_is_learned_from(page: Page, base_url: str) -> None:
    show(page, base_url)
    before = values(page, "kernel")
    page.get_by_role("button", name="Your own").click()
    chooser = page.locator("[data-testid=stFileUploader] input[type=file]")
    chooser.set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": b"not a picture"})
    expect(page.locator(".st-key-notice_learn")).to_contain_text("none of the formats")
    settled(page)
    assert np.array_equal(values(page, "kernel"), before)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    chooser.set_input_files({"name": "y.png", "mimeType": "image/png", "buffer": file.getvalue()})
    page.wait_for_function("() => location.search.includes('picture=upload')")
    settled(page)
    kernels, _, _ = descended(page, 0.02, 0.0, 40)
    seek(page, 40)
    assert drawn(page, "kernel") == pytest.approx(kernels[40], abs=0.0051)
    no_traceback(page)


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("en-US", "light", (1280, 720)), ("zh-CN", "dark", (360, 740))],
)
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, locale: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, batch=16, momentum=0.9, rate="0.05")
    fits(page, STAGE, viewport)
    screens(page, f"learn-{locale}-{viewport[0]}")
