"""Receptive fields in a real browser: what is lit and told against counts made here; the link; faults."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import no_traceback, open_page, point, screens, settled, stage, values

STAGE = ".st-key-stage_receptive"
# Kernel, stride, padding and dilation of every layer, beside the text that stands in the link.
STACKS = [
    ("c3p1_c3p1_m2s2_c3p1", [(3, 1, 1, 1), (3, 1, 1, 1), (2, 2, 0, 1), (3, 1, 1, 1)], (3, 0, 5)),
    ("c5s2p2_m3s2_c3p1", [(5, 2, 2, 1), (3, 2, 0, 1), (3, 1, 1, 1)], (2, 2, 3)),
    ("c3p2d2_c3p2d2_c3p2d2", [(3, 1, 2, 2)] * 3, (2, 8, 9)),
]


def show(page: Page, base_url: str, **query: object) -> Page:
    open_page(page, base_url, "receptive", **query)
    page.locator(f"{STAGE} .stage[data-step]").wait_for()
    return page


def sentence(page: Page) -> str:
    return page.locator(f"{STAGE} .sentence").inner_text()


def walked(layers: list[tuple[int, int, int, int]], sizes: list[int], place: int) -> list[list[int]]:
    """Paths along one axis to every cell of every level below a cell, counted one by one."""
    counts = [0] * sizes[-1]
    counts[place] = 1
    levels = [counts]
    for (kernel, stride, padding, dilation), size in zip(reversed(layers), reversed(sizes[:-1]), strict=True):
        below = [0] * size
        for at, count in enumerate(levels[0]):
            for tap in range(kernel):
                cell = at * stride - padding + tap * dilation
                if 0 <= cell < size:
                    below[cell] += count
        levels.insert(0, below)
    return levels


def lit(page: Page) -> dict[str, list[list[int]]]:
    """The path counts by panel and axis that the stage draws, its padding left aside."""
    return stage(
        page,
        """Object.fromEntries([...stage.attention.fields].map(([name, counts]) => {
            const panel = stage.scene.byName.get(name);
            const own = (axis) => [...counts[axis]].slice(panel.margin[axis][0]).slice(0, panel.shape[axis]);
            return [name, [own(0), own(1)]];
        }))""",
    )


@pytest.mark.parametrize(("text", "layers", "cell"), STACKS, ids=[text for text, _, _ in STACKS])
def test_what_a_cell_sees_is_what_loops_count(
    page: Page, base_url: str, text: str, layers: list[tuple[int, int, int, int]], cell: tuple[int, ...]
) -> None:
    show(page, base_url, layers=text, side=24)
    layer, *place = cell
    point(page, f"layer{layer + 1}", *place)
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"Layer {layer + 1}[{place[0]}, {place[1]}] =")
    shapes = stage(page, "stage.scene.panels.map((panel) => panel.shape)")
    levels = [
        walked(layers[: layer + 1], [shape[axis] for shape in shapes[: layer + 2]], place[axis])
        for axis in (0, 1)
    ]
    drawn = lit(page)
    for level in range(layer + 2):
        assert drawn[f"layer{level}" if level else "input"] == [levels[0][level], levels[1][level]]
    reached = [np.flatnonzero(axis[0]) for axis in levels]
    first, last = ([int(cells[at]) for cells in reached] for at in (0, -1))
    told = sentence(page)
    assert f"{last[0] - first[0] + 1} × {last[1] - first[1] + 1} cells" in told
    assert f"from [{first[0]}, {first[1]}] to [{last[0]}, {last[1]}]" in told
    assert f"{sum(levels[0][0]) * sum(levels[1][0]):,} paths" in told
    read = len(reached[0]) * len(reached[1])
    assert ("reads" in told) == (read < (last[0] - first[0] + 1) * (last[1] - first[1] + 1))
    # The number in the cell is the mean of the picture weighted by these paths.
    pixels = values(page, "input")
    weights = np.outer(levels[0][0], levels[1][0]) / np.prod([each[0] ** 2 for each in layers[: layer + 1]])
    shown = float(re.search(r"= ([\d.]+)", told)[1])
    assert shown == pytest.approx(float((weights * pixels).sum()), abs=0.06)


def users(layers: list[tuple[int, int, int, int]], shape: tuple[int, ...], cell: tuple[int, ...]) -> list:
    """The maps of later layers, true where a cell reads a true one, counted window by window."""
    used = np.zeros(shape, bool)
    used[cell] = True
    found = []
    for kernel, stride, padding, dilation in layers:
        span = dilation * (kernel - 1) + 1
        padded = np.pad(used, padding)
        rows, columns = ((size - span) // stride + 1 for size in padded.shape)
        used = np.array(
            [
                [
                    padded[i * stride :, j * stride :][:span:dilation, :span:dilation].any()
                    for j in range(columns)
                ]
                for i in range(rows)
            ]
        )
        found.append(used)
    return found


# A level (0 is the picture) and a cell in it, of every stack; the last one is the picture's corner.
POINTED = [(0, 7, 9), (1, 6, 10), (2, 2, 4), (0, 0, 0)]


@pytest.mark.parametrize(("text", "layers"), [each[:2] for each in STACKS], ids=[each[0] for each in STACKS])
def test_what_uses_a_cell_lights_in_every_later_layer(
    page: Page, base_url: str, text: str, layers: list[tuple[int, int, int, int]]
) -> None:
    show(page, base_url, layers=text, side=24)
    shapes = stage(page, "stage.scene.panels.map((panel) => panel.shape)")
    for level, *place in POINTED:
        name = f"layer{level}" if level else "input"
        point(page, name, *place)
        title = f"Layer {level}" if level else "Picture"
        expect(page.locator(f"{STAGE} .sentence")).to_contain_text(f"{title}[{place[0]}, {place[1]}]")
        later = users(layers[level:], tuple(shapes[level]), tuple(place))
        for number, used in enumerate(later, level + 1):
            lit = stage(page, f"stage.litOn('layer{number}')")
            assert sorted(map(tuple, lit)) == [tuple(each) for each in np.argwhere(used).tolist()]
        count, last = int(later[-1].sum()), f"Layer {len(layers)}"
        told = {0: f"No cell of {last} uses it.", 1: f"One cell of {last} uses it."}
        assert told.get(count, f"{count} cells of {last} use it.") in sentence(page)
        # Nothing before the cell is among the users.
        assert stage(page, f"stage.litOn('{name}')") == [place]
    page.mouse.move(1, 1)
    expect(page.locator(f"{STAGE} .sentence")).not_to_contain_text("use")


def test_a_click_on_any_layer_is_told_in_the_table_and_stands_in_the_link(
    page: Page, base_url: str, new_page: Callable[..., Page]
) -> None:
    show(page, base_url, layers="c3p1_m2s2_c3p1", side=16)
    point(page, "layer2", 1, 2, click=True)
    expect(page.get_by_text("Layer 2[1, 2] has a field of 4 × 4 cells")).to_be_visible()
    page.wait_for_function("() => location.search.includes('cell=1_1_2')")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Layer 2[1, 3] has a field of 4 × 4 cells")).to_be_visible()
    page.wait_for_function("() => location.search.includes('cell=1_1_3')")
    bold = page.locator("table strong").all_inner_texts()
    assert bold[0] == "Layer 2"
    assert bold[3:6] == ["4", "2", "1"]
    other = new_page()
    other.goto(page.url)
    settled(other)
    other.locator(f"{STAGE} .stage[data-step]").wait_for()
    assert sentence(other) == sentence(page)
    assert sentence(other).startswith("Layer 2[1, 3]")


def test_the_published_numbers_are_on_the_page_and_a_field_grows_back_through_hidden_maps(
    page: Page, base_url: str
) -> None:
    show(page, base_url, stack="vgg16")
    rows = [row.split("\t") for row in page.locator("table").inner_text().split("\n")]
    assert ["pool5", "7 × 7", "212", "32", "90"] in [[row[0], *row[2:6]] for row in rows if len(row) > 5]
    # The first cell of pool5 sees 122 cells: the other 90 lie in the padding before the picture.
    point(page, "layer18", 0, 0)
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text("pool5[0, 0]")
    assert "122 × 122 cells of Picture, from [0, 0] to [121, 121]" in sentence(page)
    expect(page.locator(f"{STAGE} .digits")).to_be_hidden()


def test_the_shape_of_the_field_is_drawn_and_not_blank(page: Page, base_url: str) -> None:
    show(page, base_url, layers="c3p1_m2s2_c3p1", side=16)
    drawn = page.locator("[data-testid=stHtml] img")
    expect(drawn).to_have_count(3)
    for picture in drawn.all():
        picture.scroll_into_view_if_needed()
        seen = picture.evaluate("(one) => [one.naturalWidth, one.clientWidth, one.clientHeight]")
        assert seen[0] >= 8
        assert min(seen[1:]) > 60
    # Its rows are the picture's, and the tallest bar is the row with the most paths.
    bars = drawn.first.evaluate(
        """(one) => {
            const canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [one.naturalWidth, one.naturalHeight];
            const context = canvas.getContext("2d");
            context.drawImage(one, 0, 0);
            const column = (x) => [...context.getImageData(x, 0, 1, canvas.height).data];
            return Array.from({ length: canvas.width }, (_, x) =>
                column(x).filter((value, at) => at % 4 === 3 && value > 0).length);
        }"""
    )
    counted = walked([(3, 1, 1, 1), (2, 2, 0, 1), (3, 1, 1, 1)], [len(bars), len(bars), 5, 5], 2)[0]
    assert [bool(bar) for bar in bars] == [count > 0 for count in counted]
    assert np.argmax(bars) == np.argmax(counted)


def test_layers_that_do_not_fit_are_told_and_the_stage_stays(page: Page, base_url: str) -> None:
    show(page, base_url, layers="c3p1_m2s2_c3", side=12)
    before = stage(page, "stage.scene.panels.map((panel) => panel.shape)")
    page.get_by_role("button", name="Layer 3").click()
    slider = page.locator(
        ".st-key-receptive_layer2_kernel [role=slider], .st-key-receptive_layer2_kernel input"
    )
    slider.first.wait_for()
    settled(page)
    slider.first.focus()
    page.keyboard.press("End")
    expect(
        page.get_by_text("Layer 3: Axis 0 (height): a kernel of 11 with dilation 1 spans 11")
    ).to_be_visible()
    assert stage(page, "stage.scene.panels.map((panel) => panel.shape)") == before
    no_traceback(page)
    # What is built keeps open, so that it can be mended at once.
    expect(slider.first).to_be_visible()
    page.keyboard.press("Home")
    expect(page.get_by_text("a kernel of 11")).to_have_count(0)
    page.wait_for_function(
        "() => convscope.stages.get('receptive').scene.byName.get('layer3').shape[1] === 6"
    )
    expect(page.locator(".st-key-receptive_chip2")).to_contain_text("1×1")


def test_what_was_pinned_gives_way_to_the_layer_that_is_chosen(page: Page, base_url: str) -> None:
    show(page, base_url, layers="c3p1_m2s2", side=12)
    point(page, "layer1", 1, 1, click=True)
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-pinned", "true")
    page.wait_for_function("() => location.search.includes('cell=0_1_1')")
    page.get_by_role("button", name="Layer", exact=True).click()
    page.mouse.move(1, 1)
    # The layer that was added last is looked at, in its middle.
    expect(page.locator(f"{STAGE} .sentence")).to_contain_text("Layer 3[2, 3] =")
    expect(page.locator(f"{STAGE} .stage")).to_have_attribute("data-pinned", "false")


def test_it_plays_the_layer_that_is_chosen(page: Page, base_url: str) -> None:
    show(page, base_url, layers="c3_c3", picture="painted", cell="0_9_8")
    play, sentence = page.locator(f"{STAGE} [data-act=play]"), page.locator(f"{STAGE} .sentence")
    play.click()
    page.wait_for_function("() => !convscope.stages.get('receptive').playing")
    expect(sentence).to_contain_text("Layer 1[9, 9]")
    stage(page, "stage.act('speed', 0.01)")
    play.click()  # once more, from its first cell
    expect(sentence).to_contain_text("Layer 1[0, 0]")
    page.locator(f"{STAGE} [data-act=pause]").click()
    # A step further leads into the next layer all the same.
    page.evaluate("convscope.stages.get('receptive').seek(99)")
    page.locator(f"{STAGE} [data-act=forward]").click()
    expect(sentence).to_contain_text("Layer 2[0, 0]")


@pytest.mark.parametrize(
    ("locale", "color_scheme", "viewport"),
    [("en-US", "light", (1280, 720)), ("zh-CN", "dark", (360, 740))],
)
@pytest.mark.parametrize("stack", ["own", "alexnet_v2"])
def test_nothing_is_wider_than_the_window(
    page: Page, base_url: str, stack: str, locale: str, viewport: tuple[int, int]
) -> None:
    show(page, base_url, stack=stack)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport[0]
    # The table of the layers is wider than a phone; it alone is pushed sideways.
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= viewport[0]
    box = page.locator(f"{STAGE} canvas").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= viewport[0]
    if viewport[0] > 1000:
        assert box["y"] + box["height"] < viewport[1]
    screens(page, f"receptive-{stack}-{locale}-{viewport[0]}")
    assert not re.search(r"\{\w+\}", page.locator("[data-testid=stMain]").inner_text())
