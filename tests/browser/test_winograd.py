"""Winograd's filtering in a real browser: all panels' numbers, printed sums, tiles, links, bad input."""

import re
from fractions import Fraction

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from conv_view.text import words
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

STAGE = ".st-key-stage_winograd"
TILES = "winograd_tiles"
EMBOSS = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], float)
LAPLACE = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], float)
SETTINGS = [
    ({"part": "c12", "tile": "2_1"}, (2, 3), EMBOSS, [0, 1, -1]),
    ({"m": 4, "part": "c16", "kernel2": "laplacian"}, (4, 3), LAPLACE, [0, 1, -1, 2, -2]),
    (
        {"r": 5, "kernel2": "box", "picture": "coffee", "points": "0 1 -1 1/2 3"},
        (2, 5),
        np.full((5, 5), 1 / 25),
        [0, 1, -1, "1/2", 3],
    ),
]


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "winograd", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    page.locator(f".st-key-stage_{TILES} .stage[data-step]").wait_for()
    return page


def toom_cook(m: int, r: int, points: list[object]) -> list[np.ndarray]:
    """The matrices by Lagrange's formula over fractions, with no sign turned: the products are the same."""
    at = [Fraction(point) for point in points]
    n = m + r - 1
    prepare = np.zeros((n, n))
    evaluate, collect = np.zeros((n, r)), np.zeros((m, n))
    for j in range(n):
        roots = [a for i, a in enumerate(at) if i != j]
        monic = [Fraction(1)]
        for root in roots:
            monic = [a - root * b for a, b in zip([Fraction(0), *monic], [*monic, Fraction(0)], strict=True)]
        prepare[j, : len(monic)] = [float(each) for each in monic]
        if j == n - 1:
            evaluate[j, -1] = collect[-1, j] = 1
            continue
        scale = Fraction(1)
        for root in roots:
            scale *= at[j] - root
        evaluate[j] = [float(at[j] ** k / scale) for k in range(r)]
        collect[:, j] = [float(at[j] ** k) for k in range(m)]
    return [collect, evaluate, prepare]


def go(page: Page, act: str, cell: tuple[int, int]) -> str:
    """Go to the step that makes a cell (of the first channel), and return the panel that it is in."""
    return stage(
        page,
        f"""(() => {{
            const act = stage.scene.acts.find((each) => each.name === '{act}');
            stage.act("seek", act.first + {cell[0]} * act.shape[2] + {cell[1]});
            stage.frame();
            return act.arithmetic.result;
        }})()""",
    )


@pytest.mark.parametrize("viewport", [(1280, 720)], ids=["projector"])
@pytest.mark.parametrize(("query", "size", "kernel", "points"), SETTINGS, ids=["F(2,3)", "F(4,3)", "F(2,5)"])
def test_every_panel_holds_what_is_computed_here(
    page: Page,
    base_url: str,
    query: dict[str, object],
    size: tuple[int, int],
    kernel: np.ndarray,
    points: list[object],
    viewport: tuple[int, int],
) -> None:
    show(page, base_url, **query)
    fits(page, STAGE, viewport)
    m, r = size
    collect, evaluate, prepare = toom_cook(m, r, points)
    picture = values(page, "picture", TILES)[0]
    (top, _), (left, _) = stage(page, "stage.scene.byName.get('picture').mark", TILES)[1:]
    data = picture[top : top + m + r - 1, left : left + m + r - 1]
    assert data.shape == (m + r - 1,) * 2
    signs = np.sign(values(page, "BT")[0] @ prepare[0])  # the first row may be turned, in G too
    turned = np.diag([signs, *[1] * (m + r - 2)])
    expected = {
        "d": data,
        "kernel": kernel,
        "BT": turned @ prepare,
        "G": turned @ evaluate,
        "AT": collect,
        "BTd": turned @ prepare @ data,
        "Gg": turned @ evaluate @ kernel,
        "V": turned @ prepare @ data @ prepare.T @ turned,
        "U": turned @ evaluate @ kernel @ evaluate.T @ turned,
    }
    expected["M"] = expected["U"] * expected["V"]
    expected["ATM"] = collect @ expected["M"]
    expected["Y"] = collect @ expected["M"] @ collect.T
    for name, each in expected.items():
        reach = np.abs(expected["M"]).max() * np.abs(collect).max() ** 2 if name in ("ATM", "Y") else 0
        scale = max(1.0, float(np.abs(each).max()), float(reach))
        assert values(page, name) == pytest.approx(each, abs=3e-6 * scale), name
    windows = np.lib.stride_tricks.sliding_window_view(data, (r, r))
    direct = np.einsum("ijab,ab->ij", windows, kernel)
    assert values(page, "direct") == pytest.approx(direct, abs=1e-4)
    # A step of each kind, as it is printed, every factor of it.
    for act, cell, left_, right in (
        ("data2", (1, 2), expected["BTd"][1], expected["BT"][2]),
        ("kernel", (0, 1), expected["G"][0], kernel[:, 1]),
        ("product", (2, 1), expected["U"][2, 1:2], expected["V"][2, 1:2]),
        ("inverse2", (1, 0), expected["ATM"][1], collect[0]),
        ("direct", (0, 1), windows[0, 1].ravel(), kernel.ravel()),
        ("difference", (0, 0), expected["Y"][:1, 0], -direct[:1, 0]),
    ):
        result = go(page, act, cell)
        shown = values(page, result)
        expect(page.locator(f"{STAGE} .caption .result")).to_be_visible()
        assert printed(page) == pytest.approx(shown[cell], abs=max(0.06, 2e-5 * float(np.abs(shown).max())))
        terms = np.array(factors(page))
        if act == "difference":
            terms = terms.T
        assert terms == pytest.approx(np.stack([left_, right], axis=1), abs=0.051)
    # A panel that the act has nothing to do with tells its value, and what another act made, its sum.
    point(page, "BT", 1, 1)
    expect(page.locator(f"{STAGE} .sentence")).to_have_text(re.compile(r"\[1, 1\] = "))
    point(page, "M", 2, 1)
    assert printed(page) == pytest.approx(expected["M"][2, 1], abs=0.06)
    no_traceback(page)


def test_a_tile_that_is_clicked_is_followed_and_a_link_brings_it_back(page: Page, base_url: str) -> None:
    show(page, base_url, m=4, part="c16")
    picture = values(page, "picture", TILES)[0]
    point(page, "output", 1, 9, key=TILES, click=True)
    page.wait_for_function("() => location.search.includes('tile=0_2')")
    settled(page)
    assert np.array_equal(values(page, "d"), picture[:6, 8:14])
    # A step further on, which the link carries too.
    go(page, "kernel2", (3, 2))
    page.wait_for_function("() => location.search.includes('cell=')")
    settled(page)
    address, step = page.url, stage(page, "stage.step")
    made = values(page, "Y")
    page.goto("about:blank")
    frames = count_frames(page)
    page.goto(address)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    settled(page)
    assert stage(page, "stage.step") == step
    assert np.array_equal(values(page, "Y"), made)
    # Playing is the browser's own affair.
    frames.reset()
    before = stage(page, "stage.step")
    page.locator(f"{STAGE} [data-act=play]").click()
    page.wait_for_function(f"() => convscope.stages.get('winograd').step > {before} + 2")
    assert (frames.sent, frames.received) == (0, 0)
    page.locator(f"{STAGE} [data-act=pause]").click()
    settled(page)


def test_what_cannot_be_is_told_and_the_stage_stays(page: Page, base_url: str) -> None:
    show(page, base_url, rank=1)
    # The teaching case: 4 products instead of 6.
    assert values(page, "M").shape == (4, 1)
    row, kernel = values(page, "d")[:, 0], values(page, "kernel")[:, 0]
    assert values(page, "Y")[:, 0] == pytest.approx([row[:3] @ kernel, row[1:] @ kernel])
    before = values(page, "Y")
    page.get_by_role("button", name="More").click()
    field = page.get_by_role("textbox", name="Interpolation points")
    field.fill("0 1 1")
    field.press("Enter")
    told = words("en").say("errors.winograd_points", needed=3, given="0, 1, 1")
    expect(page.get_by_text(told)).to_be_visible()
    settled(page)
    assert np.array_equal(values(page, "Y"), before)
    field.fill("0 1/2 -2")
    field.press("Enter")
    expect(page.get_by_text(told)).to_have_count(0)
    settled(page)
    assert np.array_equal(values(page, "AT"), [[1, 1, 1, 0], [0, 0.5, -2, 1]])
    assert values(page, "Y") == pytest.approx(before, abs=1e-2)
    no_traceback(page)


def test_the_weaknesses_are_drawn_and_their_numbers_can_be_read(page: Page, base_url: str) -> None:
    show(page, base_url, layer="vgg1_1")
    for tab, charts in (("depthwise", 2), ("error", 1)):
        page.get_by_role("radio", name=words("en")[f"winograd.tabs.{tab}"]).click()
        settled(page)
        page.wait_for_function(
            f"() => [...document.querySelectorAll('.js-plotly-plot')].filter((each) => each._fullLayout"
            f" && each.querySelector('.main-svg')).length === {charts}"
        )
        if tab == "depthwise":
            # 32 / 4 additions before, 16 / 4 products, 24 / 4 additions after: 18 against 9 + 8.
            drawn = page.locator(".js-plotly-plot").nth(1).locator("text").all_text_contents()
            assert {"17", "18"} <= {each.strip() for each in drawn}
        if tab == "error":
            last = page.locator("table tr").last.locator("td").all_inner_texts()
            assert last[0] == "F(12×12, 3×3)"
            assert last[2] == "overflows"
    no_traceback(page)


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("zh-CN", "dark", (360, 740))],
)
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, locale: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, m=4)
    fits(page, STAGE, viewport)
    screens(page, f"winograd-{locale}-{viewport[0]}")
