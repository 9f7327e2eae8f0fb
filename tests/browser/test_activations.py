"""Activation, normalisation and addition in a browser: numbers on screen, the link, what is refused."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy.signal import correlate2d

from conv_view import part, samples
from conv_view.pictures import to_grey
from tests.browser.house import no_traceback, open_page, screens, settled

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)
KEYS = {
    "activation": "activations",
    "batch": "activations_batch",
    "response": "activations_response",
    "softmax": "activations_scores",
    "addition": "activations_sum",
}


def show(page: Page, base_url: str, key: str, **query: object) -> Page:
    open_page(page, base_url, "activations", **query)
    page.locator(f"{at(key)} .stage[data-step]").wait_for()
    return page


def at(key: str) -> str:
    return f".st-key-stage_{KEYS[key]}"


def stage(page: Page, key: str, code: str) -> object:
    return page.evaluate(f"() => {{ const stage = convscope.stages.get('{KEYS[key]}'); return {code}; }}")


def values(page: Page, key: str, panel: str) -> np.ndarray:
    shape, flat = stage(page, key, f"((p) => [p.shape, [...p.values]])(stage.scene.byName.get('{panel}'))")
    return np.array(flat, float).reshape(shape)


def point(page: Page, key: str, panel: str, *cell: int) -> None:
    where = stage(page, key, f"stage.where('{panel}', {list(cell)})")
    page.mouse.move(where["x"], where["y"])


def caption(page: Page, key: str) -> tuple[str, str]:
    """The sentence and the sum below the stage."""
    place = page.locator(f"{at(key)} .caption")
    return place.locator(".sentence").inner_text(), place.locator(".sum").inner_text().replace("\xa0", " ")


def grey(choice: str, name: str = "cat") -> np.ndarray:
    return to_grey(part.take(samples.picture(name), choice).pixels).astype(float)


def slid(x: np.ndarray, weight: np.ndarray = SOBEL_X) -> np.ndarray:
    return correlate2d(np.pad(x, 1, mode="edge"), weight, "valid")


def notice(page: Page) -> str:
    return page.locator(".st-key-notice_activations").inner_text()


def numbers(text: str) -> list[float]:
    return [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))]


def test_a_cell_and_what_the_function_makes_of_it(page: Page, base_url: str) -> None:
    show(page, base_url, "activation", part="c12", values="bytes")
    x = slid(grey("c12"))
    assert values(page, "activation", "output")[0].tolist() == x.tolist()
    low = tuple(int(each) for each in np.unravel_index(x.argmin(), x.shape))
    for cell in ((2, 3), low):
        point(page, "activation", "after", 0, *cell)
        place = f"[{cell[0]}, {cell[1]}]"
        expect(page.locator(f"{at('activation')} .sentence")).to_contain_text(f"ReLU{place}")
        sentence, total = caption(page, "activation")
        assert f"Feature map{place} = {x[cell]:.0f}".replace("-", "−") in sentence
        assert numbers(total) == [max(0, x[cell]), 0, x[cell]]
        assert "≈" not in total
        for panel in ("output", "after", "slope"):
            assert stage(page, "activation", f"stage.litOn('{panel}')") == [[0, *cell]]


FUNCTIONS = {"tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x))}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_without_end_is_printed_around_its_number(page: Page, base_url: str, name: str) -> None:
    show(page, base_url, "activation", part="c12", function=name)
    x = slid(grey("c12") / 255)
    for cell in ((2, 3), (9, 1)):
        point(page, "activation", "after", 0, *cell)
        sentence = page.locator(f"{at('activation')} .sentence")
        expect(sentence).to_contain_text(f"Feature map[{cell[0]}, {cell[1]}]")
        _, total = caption(page, "activation")
        result, sign, given = re.fullmatch(rf"(\S+) ([=≈]) {name}\((\S+)\)", total).groups()
        (result_shown,), (given_shown,) = numbers(result), numbers(given)
        assert given_shown == pytest.approx(x[cell], abs=0.5 * 10 ** -len(given.partition(".")[2]) + 1e-6)
        decimals = len(result.partition(".")[2])
        assert result_shown == pytest.approx(FUNCTIONS[name](x[cell]), abs=0.5 * 10**-decimals + 1e-6)
        # Equal where the written number has this result in as many digits, and only there.
        assert (sign == "=") == (round(float(FUNCTIONS[name](given_shown)), decimals) == result_shown)


def test_the_point_on_the_curve_follows_the_stage(page: Page, base_url: str) -> None:
    show(page, base_url, "activation", part="c12", function="tanh", cell="1_0_0_0_0")
    x = slid(grey("c12") / 255)
    circle = page.locator(".st-key-activations_curve circle")
    before = circle.get_attribute("cx")
    page.locator(f"{at('activation')} canvas").focus()
    page.keyboard.press("End")
    page.wait_for_function("() => location.search.includes('cell=1_0_0_11_11')")
    settled(page)
    assert circle.get_attribute("cx") != before
    drawn = page.locator(".st-key-activations_curve svg").get_attribute("aria-label")
    assert numbers(drawn) == pytest.approx([x[11, 11], np.tanh(x[11, 11])], rel=1e-3)
    share = 100 * (1 / np.cosh(x) ** 2 < 0.05).mean()
    assert f"{share:.1f}".removesuffix(".0") + "%" in page.locator(".st-key-activations_curve").inner_text()


def test_an_addition_is_printed_number_by_number_and_its_cells_light_up(page: Page, base_url: str) -> None:
    show(page, base_url, "addition", subject="addition", part="c12", factor="-0.5")
    x = grey("c12")
    f = -0.5 * slid(x)
    assert values(page, "addition", "residual")[0].tolist() == f.tolist()
    for panel, cell in (("input", (4, 5)), ("residual", (1, 11)), ("output", (11, 0))):
        point(page, "addition", panel, 0, *cell)
        place = f"x[{cell[0]}, {cell[1]}]"
        expect(page.locator(f"{at('addition')} .sentence")).to_contain_text(place)
        for other in ("input", "residual", "output"):
            assert stage(page, "addition", f"stage.litOn('{other}')") == [[0, *cell]]
        assert f"F(x)[{cell[0]}, {cell[1]}] = {f[cell]:.1f}".replace("-", "−") in caption(page, "addition")[0]
    _, total = caption(page, "addition")
    assert numbers(total) == [max(0, x[11, 0] + f[11, 0]), 0, x[11, 0], f[11, 0]]
    assert values(page, "addition", "output")[0].tolist() == np.maximum(0, x + f).tolist()


def test_batch_norm_prints_the_formula_with_its_numbers(page: Page, base_url: str) -> None:
    show(page, base_url, "batch", subject="normalisation", part="c12", batch="2", cell="0_1_1_2_3")
    others = [name for name in samples.PICTURES if name != "cat"]
    maps = np.stack([grey("c12"), grey("c12", others[0])])
    expected = (maps - maps.mean()) / np.sqrt(maps.var() + 1e-5)
    assert values(page, "batch", "normal")[1] == pytest.approx(expected, abs=1e-4)
    _, total = caption(page, "batch")
    result, given, mean, deviation = numbers(total.replace("− ", "−"))  # taken off, not added
    assert given == maps[1, 2, 3]
    assert [result, mean, deviation] == pytest.approx([expected[1, 2, 3], -maps.mean(), maps.std()], abs=0.06)
    assert f"{maps.mean():.4g}" in notice(page)


def test_the_paper_and_torch_differ_on_screen(page: Page, base_url: str) -> None:
    show(page, base_url, "response", subject="normalisation", norm="response", part="c12", cell="0_0_3_2_4")
    maps = values(page, "response", "before")
    total = (maps[1:6, 2, 4] ** 2).sum()
    paper, torch = (maps[3, 2, 4] / (2 + alpha * total) ** 0.75 for alpha in (1e-4, 1e-4 / 5))
    assert values(page, "response", "paper")[3, 2, 4] == pytest.approx(paper, rel=1e-4)
    assert values(page, "response", "torch")[3, 2, 4] == pytest.approx(torch, rel=1e-4)
    _, printed = caption(page, "response")
    assert numbers(printed)[0] == pytest.approx(total, rel=1e-4)
    assert len(stage(page, "response", "stage.litOn('before')")) == 5


def test_scores_are_typed_and_bad_ones_told(page: Page, base_url: str) -> None:
    show(page, base_url, "softmax", subject="normalisation", norm="softmax")
    field = page.get_by_label("Scores", exact=True)
    for text, given in (("1 2 4", [1, 2, 4]), ("-5, 5", [-5, 5])):
        field.fill(text)
        field.press("Enter")
        settled(page)
        shares = np.exp(given) / np.exp(given).sum()
        assert values(page, "softmax", "shares")[0] == pytest.approx(shares, rel=1e-5)
        assert "(" not in caption(page, "softmax")[1]  # nothing is bracketed that stands alone
    before = values(page, "softmax", "shares").tolist()
    field.fill("1 NaN")
    field.press("Enter")
    settled(page)
    assert "Number 2, 'NaN'" in notice(page)
    assert values(page, "softmax", "shares").tolist() == before
    no_traceback(page)


def test_a_shrinking_convolution_is_told_and_the_block_stays(page: Page, base_url: str) -> None:
    show(page, base_url, "addition", subject="addition", part="c12")
    before = values(page, "addition", "output").tolist()
    page.get_by_label("Padding", exact=False).first.click()
    page.get_by_role("option", name="0 (valid)").click()
    settled(page)
    assert "(1, 1, 12, 12) and (1, 1, 10, 10)" in notice(page)
    assert values(page, "addition", "output").tolist() == before
    assert "padding=0" in page.url
    no_traceback(page)


def test_a_link_restores_part_function_and_step(new_page: Callable[..., Page], base_url: str) -> None:
    page = show(new_page(), base_url, "activation", part="c12")
    page.get_by_role("radio", name="Sigmoid").click()
    settled(page)
    page.locator(f"{at('activation')} canvas").focus()
    page.keyboard.press("End")
    page.wait_for_function("() => location.search.includes('cell=')")
    settled(page)
    other = new_page()
    other.goto(page.url)
    other.locator(f"{at('activation')} .stage[data-step]").wait_for()
    settled(other)
    assert notice(other) == notice(page)
    expect(other.locator(f"{at('activation')} .stage")).to_have_attribute("data-step", "287")
    assert other.url == page.url
    assert len(page.url) < 6000


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("en-US", "light", (1280, 720)), ("zh-CN", "dark", (360, 740))],
)
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, locale: str, viewport: tuple[int, int]
) -> None:
    for key in KEYS:
        subject = key if key in ("activation", "addition") else "normalisation"
        norm = {} if subject == key else {"norm": key}
        show(page, base_url, key, subject=subject, **norm)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport[0]
        assert (
            page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= viewport[0]
        )
        box = page.locator(f"{at(key)} canvas").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= viewport[0]
        if viewport[0] > 1000:
            assert box["y"] + box["height"] < viewport[1]
        screens(page, f"activations-{key}-{locale}-{viewport[0]}")
        assert not re.search(r"\{\w+\}", page.locator("[data-testid=stMain]").inner_text())
