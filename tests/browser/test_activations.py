"""Activation, normalisation and addition in a browser: numbers on screen, the link, what is refused."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy.signal import correlate2d

from conv_view import part, samples
from conv_view.pictures import to_grey
from conv_view.text import words
from tests.browser.house import (
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
    assert values(page, "output")[0].tolist() == x.tolist()
    low = tuple(int(each) for each in np.unravel_index(x.argmin(), x.shape))
    for cell in ((2, 3), low):
        point(page, "after", 0, *cell)
        place = f"[{cell[0]}, {cell[1]}]"
        expect(page.locator(f"{at('activation')} .sentence")).to_contain_text(f"ReLU{place}")
        sentence, total = caption(page, "activation")
        assert f"Feature map{place} = {x[cell]:.0f}".replace("-", "−") in sentence
        assert numbers(total) == [max(0, x[cell]), 0, x[cell]]
        assert "≈" not in total
        for panel in ("output", "after", "slope"):
            assert stage(page, f"stage.litOn('{panel}')") == [[0, *cell]]


FUNCTIONS = {"tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x))}
# Of every function of the page: itself and its derivative, which is that from the left where it has a corner.
ALL: dict[str, tuple[Callable, Callable]] = {
    "relu": (lambda x: np.maximum(x, 0), lambda x: (x > 0).astype(float)),
    "leaky_relu": (lambda x: np.where(x > 0, x, 0.1 * x), lambda x: np.where(x > 0, 1, 0.1)),
    "tanh": (FUNCTIONS["tanh"], lambda x: 1 / np.cosh(np.clip(x, -300, 300)) ** 2),
    "sigmoid": (
        FUNCTIONS["sigmoid"],
        lambda x: 1 / (2 + np.exp(np.clip(x, -300, 300)) + np.exp(np.clip(-x, -300, 300))),
    ),
}
SETTINGS = [
    ({"part": "c12"}, SOBEL_X, 1 / 255),
    (
        {"part": "c8", "picture": "coffee", "kernel": "laplacian"},
        np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
        1 / 255,
    ),
    (
        {"part": "c16", "kernel": "sharpen", "values": "bytes"},
        np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        1,
    ),
]


@pytest.mark.parametrize(("query", "weight", "unit"), SETTINGS, ids=["unit", "coffee", "bytes"])
def test_the_maps_of_every_function_are_those_of_numpy(
    page: Page, base_url: str, query: dict, weight: np.ndarray, unit: float
) -> None:
    show(page, base_url, "activation", **query)
    x = slid(grey(query["part"], query.get("picture", "cat")) * unit, weight.astype(float))
    assert values(page, "output")[0] == pytest.approx(x, rel=1e-5, abs=1e-5)
    for name, (function, derivative) in ALL.items():
        page.get_by_role("radio", name=words("en")[f"activations.functions.{name}"], exact=True).click()
        settled(page)
        with np.errstate(over="ignore"):
            assert values(page, "after")[0] == pytest.approx(function(x), rel=1e-5, abs=1e-5), name
        # A rounded x may lie on the other side of a corner.
        clear = np.abs(x) > 1e-5 * unit * 255
        assert values(page, "slope")[0][clear] == pytest.approx(derivative(x)[clear], rel=1e-4, abs=1e-5), (
            name
        )
        for cell in ((2, 3), (7, 1)):
            point(page, "after", 0, *cell)
            expect(page.locator(f"{at('activation')} .sentence")).to_contain_text(f"[{cell[0]}, {cell[1]}]")
            result = page.locator(f"{at('activation')} .caption .result").inner_text()
            off = 0.5 * 10 ** -len(result.partition(".")[2]) + 1e-6
            assert numbers(result)[0] == pytest.approx(float(function(x[cell])), abs=off), name
            if name == "leaky_relu":
                expected = [x[cell], 1 if x[cell] > 0 else 0.1]
                assert np.ravel(factors(page)) == pytest.approx(expected, abs=0.051)
    no_traceback(page)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_without_end_is_printed_around_its_number(page: Page, base_url: str, name: str) -> None:
    show(page, base_url, "activation", part="c12", function=name)
    x = slid(grey("c12") / 255)
    for cell in ((2, 3), (9, 1)):
        point(page, "after", 0, *cell)
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
    assert values(page, "residual", KEYS["addition"])[0].tolist() == f.tolist()
    for panel, cell in (("input", (4, 5)), ("residual", (1, 11)), ("output", (11, 0))):
        point(page, panel, 0, *cell, key=KEYS["addition"])
        place = f"x[{cell[0]}, {cell[1]}]"
        expect(page.locator(f"{at('addition')} .sentence")).to_contain_text(place)
        for other in ("input", "residual", "output"):
            assert stage(page, f"stage.litOn('{other}')", KEYS["addition"]) == [[0, *cell]]
        assert f"F(x)[{cell[0]}, {cell[1]}] = {f[cell]:.1f}".replace("-", "−") in caption(page, "addition")[0]
    _, total = caption(page, "addition")
    assert numbers(total) == [max(0, x[11, 0] + f[11, 0]), 0, x[11, 0], f[11, 0]]
    assert values(page, "output", KEYS["addition"])[0].tolist() == np.maximum(0, x + f).tolist()


def channel_maps(names: list[str]) -> np.ndarray:
    """The maps (channels, pictures, 12, 12) by the first kernels of the page."""
    kernels = [SOBEL_X, np.eye(1, 9, 4).reshape(3, 3), SOBEL_X.T]
    return np.array([[slid(grey("c12", name), weight) for name in names] for weight in kernels])


@pytest.mark.parametrize(
    ("query", "size", "gamma", "beta", "epsilon"),
    [
        ({"batch": 1}, 1, 1, 0, 1e-5),
        ({"batch": 3, "gamma": "-2", "beta": "0.5"}, 3, -2, 0.5, 1e-5),
        ({"batch": 4, "epsilon": "1000", "gamma": "3"}, 4, 3, 0, 1000),
    ],
)
def test_the_maps_of_batch_norm_are_those_of_numpy(
    page: Page, base_url: str, query: dict, size: int, gamma: float, beta: float, epsilon: float
) -> None:
    act = int((gamma, beta) != (1, 0))  # only then is there a second step
    cell = f"{act}_1_0_2_3"
    show(page, base_url, "batch", subject="normalisation", part="c12", cell=cell, **query)
    key = KEYS["batch"]
    maps = channel_maps(["cat", *[name for name in samples.PICTURES if name != "cat"][: size - 1]])
    assert values(page, "before", key) == pytest.approx(maps, abs=1e-3)
    mean, variance = maps.mean((1, 2, 3)), maps.var((1, 2, 3))
    assert -values(page, "mean", key)[:, 0] == pytest.approx(mean, rel=1e-4, abs=1e-3)
    assert values(page, "deviation", key)[:, 0] == pytest.approx(np.sqrt(variance + epsilon), rel=1e-4)
    normal = (maps - mean.reshape(-1, 1, 1, 1)) / np.sqrt(variance + epsilon).reshape(-1, 1, 1, 1)
    assert values(page, "normal", key) == pytest.approx(normal, abs=1e-4)
    expected = gamma * normal + beta
    if act:
        assert values(page, "after", key) == pytest.approx(expected, abs=1e-3)
    assert printed(page, key) == pytest.approx(expected[1, 0, 2, 3], abs=0.051)
    no_traceback(page)


@pytest.mark.parametrize(
    ("size", "alpha", "beta", "k"), [(5, 1e-4, 0.75, 2), (3, 0.01, 0.5, 1), (4, 0.001, 1.5, 10)]
)
def test_the_maps_of_response_normalisation_are_those_of_numpy(
    page: Page, base_url: str, size: int, alpha: float, beta: float, k: float
) -> None:
    query = {"neighbours": size, "alpha": alpha, "power": beta, "k": k}
    show(page, base_url, "response", subject="normalisation", norm="response", part="c12", **query)
    key = KEYS["response"]
    before = values(page, "before", key)
    # The picture itself comes first here.
    for channel, of in enumerate((1, 0, 2)):
        assert before[channel] == pytest.approx(np.maximum(channel_maps(["cat"])[of, 0], 0), abs=1e-3)
    near = [before[max(0, at - size // 2) : at + (size - 1) // 2 + 1] for at in range(len(before))]
    total = np.array([(channels**2).sum(0) for channels in near])
    assert values(page, "squares", key) == pytest.approx(total, rel=1e-5)
    for name, share in (("paper", alpha), ("torch", alpha / size)):
        assert values(page, name, key) == pytest.approx(before / (k + share * total) ** beta, rel=1e-4), name
    cell = (2, 4, 5)
    point(page, "squares", *cell, key=key)
    expect(page.locator(f"{at('response')} .sentence")).to_contain_text("4, 5]")
    assert printed(page, key) == pytest.approx(total[cell], rel=1e-4, abs=0.51)
    no_traceback(page)


def test_batch_norm_prints_the_formula_with_its_numbers(page: Page, base_url: str) -> None:
    show(page, base_url, "batch", subject="normalisation", part="c12", batch="2", cell="0_1_1_2_3")
    others = [name for name in samples.PICTURES if name != "cat"]
    maps = np.stack([grey("c12"), grey("c12", others[0])])
    expected = (maps - maps.mean()) / np.sqrt(maps.var() + 1e-5)
    assert values(page, "normal", KEYS["batch"])[1] == pytest.approx(expected, abs=1e-4)
    _, total = caption(page, "batch")
    result, given, mean, deviation = numbers(total.replace("− ", "−"))  # taken off, not added
    assert given == maps[1, 2, 3]
    assert [result, mean, deviation] == pytest.approx([expected[1, 2, 3], -maps.mean(), maps.std()], abs=0.06)
    assert f"{maps.mean():.4g}" in notice(page)


def test_the_paper_and_torch_differ_on_screen(page: Page, base_url: str) -> None:
    show(page, base_url, "response", subject="normalisation", norm="response", part="c12", cell="0_0_3_2_4")
    maps = values(page, "before", KEYS["response"])
    total = (maps[1:6, 2, 4] ** 2).sum()
    paper, torch = (maps[3, 2, 4] / (2 + alpha * total) ** 0.75 for alpha in (1e-4, 1e-4 / 5))
    assert values(page, "paper", KEYS["response"])[3, 2, 4] == pytest.approx(paper, rel=1e-4)
    assert values(page, "torch", KEYS["response"])[3, 2, 4] == pytest.approx(torch, rel=1e-4)
    _, told = caption(page, "response")
    assert numbers(told)[0] == pytest.approx(total, rel=1e-4)
    assert len(stage(page, "stage.litOn('before')", KEYS["response"])) == 5


def test_scores_are_typed_and_bad_ones_told(page: Page, base_url: str) -> None:
    show(page, base_url, "softmax", subject="normalisation", norm="softmax")
    field = page.get_by_label("Scores", exact=True)
    for text, given in (("1 2 4", [1, 2, 4]), ("-5, 5", [-5, 5]), ("0.5 0.5 0.5 80", [0.5] * 3 + [80])):
        field.fill(text)
        field.press("Enter")
        settled(page)
        shares = np.exp(given) / np.exp(given).sum()
        assert values(page, "shares", KEYS["softmax"])[0] == pytest.approx(shares, rel=1e-5, abs=1e-12)
        assert "(" not in caption(page, "softmax")[1]  # nothing is bracketed that stands alone
    before = values(page, "shares", KEYS["softmax"]).tolist()
    field.fill("1 NaN")
    field.press("Enter")
    settled(page)
    assert "Number 2, 'NaN'" in notice(page)
    assert values(page, "shares", KEYS["softmax"]).tolist() == before
    no_traceback(page)


def test_a_shrinking_convolution_is_told_and_the_block_stays(page: Page, base_url: str) -> None:
    show(page, base_url, "addition", subject="addition", part="c12")
    before = values(page, "output", KEYS["addition"]).tolist()
    page.get_by_label("Padding", exact=False).first.click()
    page.get_by_role("option", name="0 (valid)").click()
    settled(page)
    assert "(1, 1, 12, 12) and (1, 1, 10, 10)" in notice(page)
    assert values(page, "output", KEYS["addition"]).tolist() == before
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
