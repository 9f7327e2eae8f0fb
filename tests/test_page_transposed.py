"""Transposed convolution: what the stage is given, in both languages, against scattering done here."""

import re

import numpy as np
import pytest

from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import open_chapter, said, visit

STORIES = ("scatter", "stuffed")


def stage(app, key="transposed"):
    """The scene that the stage called `key` was given, decoded."""
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    (found,) = [scene for scene in scenes if scene["options"]["key"] == key]
    return found


def values(app, panel, key="transposed"):
    return np.asarray(stage(app, key)["panels"][panel]["values"], float)


def report(app, key="transposed", **state):
    """Let the stage report something, as the browser does."""
    app.session_state[key] = state
    return app.run()


def scattered(x, weight, stride=1, padding=0, added=0, dilation=1):
    """Every cell of x (H, W) times the kernel, added where it belongs; then cut, and widened at the end."""
    span = [dilation * (size - 1) + 1 for size in weight.shape]
    full = np.zeros([(n - 1) * stride + s + added for n, s in zip(x.shape, span, strict=True)])
    for (row, col), (i, j) in ((a, b) for a in np.ndindex(x.shape) for b in np.ndindex(weight.shape)):
        full[row * stride + i * dilation, col * stride + j * dilation] += x[row, col] * weight[i, j]
    return full[padding : full.shape[0] - padding, padding : full.shape[1] - padding]


SETTINGS = [
    {},
    {"step_by": "3", "cut": "0", "added": "2", "kernel": "gaussian"},
    {"step_by": "2", "cut": "2", "added": "1", "apart": "2", "kernel": "sobel_x", "side": "8"},
    {"step_by": "1", "cut": "1", "added": "1", "apart": "3", "kernel": "sharpen", "picture": "painted"},
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("query", SETTINGS, ids=["usual", "added", "dilated", "painted"])
def test_both_stories_give_what_scattering_gives(query, story, language):
    app = visit("transposed", lang=language, story=story, **query)
    assert not app.exception
    assert stage(app)["language"] == language
    scatter = app if story == "scatter" else visit("transposed", **query)
    x, weight = values(scatter, "input")[0], values(scatter, "kernel")[0, 0]
    how = [
        int(query.get(name, usual))
        for name, usual in (("step_by", 2), ("cut", 1), ("added", 0), ("apart", 1))
    ]
    expected = scattered(x, weight, *how)
    assert values(app, "output")[0] == pytest.approx(expected, abs=2e-3)
    # The formula above the stage ends in the size of what is on it.
    assert f"=\\mathbf{{{expected.shape[0]}}}" in said(app)
    assert f"=\\mathbf{{{expected.shape[1]}}}" in said(app)
    counts = scattered(np.ones_like(x), np.ones_like(weight), *how)
    assert np.array_equal(values(app, "overlaps", "transposed_beside"), counts)


def test_the_other_story_has_zeros_between_the_cells_and_the_kernel_turned():
    scatter, stuffed = (visit("transposed", story=story, kernel="sobel_x", step_by="3") for story in STORIES)
    x, between = values(scatter, "input")[0], values(stuffed, "input")[0]
    assert np.array_equal(between[::3, ::3], x)
    assert between.sum() == x.sum()
    assert np.array_equal(values(stuffed, "kernel")[0, 0], values(scatter, "kernel")[0, 0, ::-1, ::-1])
    assert "edit" not in stage(stuffed)["panels"]["kernel"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("story", STORIES)
def test_too_much_output_padding_is_told_and_the_last_good_stage_stays(story, language):
    app = visit("transposed", lang=language, story=story)
    before = stage(app)
    app.slider(key="transposed.added").set_value(2).run()
    told = words(language).say("errors.output_padding", axis=0, output_padding=2, stride=2, dilation=1)
    assert not app.exception
    assert re.split("[:：]", told)[1] in said(app)  # in front of it the axis has its name
    for panel in ("input", "output"):
        assert np.array_equal(stage(app)["panels"][panel]["values"], before["panels"][panel]["values"])
    app.slider(key="transposed.apart").set_value(3).run()
    assert told not in said(app)
    rows = before["panels"]["output"]["shape"][1]
    assert stage(app)["panels"]["output"]["shape"][1] == rows + 2 * 2 + 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_padding_that_leaves_nothing_is_told_and_the_last_good_stage_stays(language):
    app = visit("transposed", lang=language, side="3", step_by="1")
    before = values(app, "output")
    app.slider(key="transposed.cut").set_value(4).run()
    assert not app.exception
    assert ":material/error:" in said(app)
    assert np.array_equal(values(app, "output"), before)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "query", [{"added": "3"}, {"side": "3", "step_by": "1", "cut": "4"}, {"step_by": "9"}]
)
def test_a_link_to_what_cannot_be_shows_something_and_says_why(query, language):
    app = visit("transposed", lang=language, **query)
    assert not app.exception
    assert ":material/error:" in said(app)
    assert values(app, "output").size
    assert values(app, "result", "transposed_beside").size


def test_a_kernel_typed_on_the_stage_is_used_and_kept():
    app = visit("transposed", picture="painted")
    cells = [0.0, 1.0, 0.0, 2.0, -3.0, 0.5, 0.0, 0.0, 4.0]
    report(app, edit={"panel": "kernel", "values": cells, "shape": [1, 1, 3, 3], "revision": 1})
    assert app.selectbox(key="transposed.kernel").value == "custom"
    assert app.query_params["cells"] == "0_1_0_2_-3_.5_0_0_4".replace("_.5", "_0.5")
    x = values(app, "input")[0]
    assert values(app, "output")[0] == pytest.approx(scattered(x, np.reshape(cells, (3, 3)), 2, 1))
    again = visit("transposed", **app.query_params)
    assert np.array_equal(values(again, "output"), values(app, "output"))


def test_a_grid_painted_on_the_stage_is_scattered():
    app = visit("transposed", picture="painted", kernel="identity")
    grid = np.zeros((12, 12))
    grid[2, 3] = 255
    report(app, edit={"panel": "input", "values": grid.ravel().tolist(), "shape": [1, 12, 12], "revision": 1})
    output = values(app, "output")[0]
    assert output.sum() == 255
    assert output[2 * 2, 3 * 2] == 255
    assert "grid" in app.query_params


def test_the_place_is_kept_and_stands_in_the_link():
    app = visit("transposed")
    report(app, view={"cell": [0, 0, 0, 2, 1]})
    assert app.query_params["cell"] == "0~3_2_1"
    assert stage(visit("transposed", cell="0~3_2_1"))["options"]["cell"] == [0, 0, 0, 2, 1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("size", "stride", "even"), [(3, 2, False), (4, 2, True), (3, 3, True), (5, 2, False)]
)
def test_the_checkerboard_is_named_where_there_is_one(size, stride, even, language):
    cells = "_".join(["1"] * size**2)
    shape = f"{size}_{size}"
    app = visit(
        "transposed",
        lang=language,
        kernel="custom",
        cells=cells,
        cells_shape=shape,
        step_by=str(stride),
        side="16",
    )
    counts = values(app, "overlaps", "transposed_beside")
    inner = counts[size + 1 : -size - 1, size + 1 : -size - 1]
    assert (inner.min() == inner.max()) == even
    key = "even" if even else "uneven"
    told = words(language).say(
        f"transposed.checkerboard.{key}",
        kernel=size,
        stride=stride,
        inner_low=int(inner.min()),
        inner_high=int(inner.max()),
        low=int(counts.min()),
        high=int(counts.max()),
    )
    assert told in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("stride", "dilation", "key"), [(2, 1, "size"), (2, 3, "size"), (2, 2, "none"), (4, 2, "none")]
)
def test_the_advice_against_a_checkerboard_is_true(stride, dilation, key, language):
    app = visit(
        "transposed",
        lang=language,
        step_by=str(stride),
        apart=str(dilation),
        cut="0",
        side="16",
        kernel="box",
    )
    told = words(language).say(f"transposed.checkerboard.{key}", stride=stride, dilation=dilation)
    assert told in said(app)
    # By counting: is there a kernel at all whose taps come past every place between two input cells as often?
    evens = [
        size
        for size in range(1, 25)
        if len({[u * dilation % stride for u in range(size)].count(place) for place in range(stride)}) == 1
    ]
    assert evens == ([size for size in range(1, 25) if size % stride == 0] if key == "size" else [])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("stride", "cut", "added", "apart", "real"),
    [(4, 1, 3, 1, 1), (3, 0, 2, 1, 0), (4, 2, 2, 1, 2), (1, 0, 1, 2, 0)],
)
def test_of_output_padding_it_is_told_what_is_real(stride, cut, added, apart, real, language):
    query = {"step_by": stride, "cut": cut, "added": added, "apart": apart}
    app = visit(
        "transposed", lang=language, kernel="box", **{name: str(value) for name, value in query.items()}
    )
    open_chapter(app, "transposed", "added")
    output = values(app, "output")[0]
    # A photograph has no black row here, so a row of zeros is one that nothing reached.
    filled = [bool(output[row].any()) for row in range(len(output) - added, len(output))]
    assert sum(filled) == real
    told = words(language).say(
        "transposed.output_padding.here", more=added, real=real, empty=added - real, rows=len(output)
    )
    assert told in said(app)
    back = (len(output) + 2 * cut - apart * 2 - 1) // stride + 1
    if added >= stride:
        beyond = words(language).say(
            "transposed.output_padding.beyond", more=added, back=back, rows=len(output)
        )
        assert beyond in said(app)
        assert back != 3
    else:
        assert back == 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("stride", "apart", "zeros"), [(2, 1, 1), (3, 2, 2), (1, 1, 0)])
def test_the_other_story_says_what_was_put_where(stride, apart, zeros, language):
    app = visit(
        "transposed", lang=language, story="stuffed", kernel="sobel_x", step_by=str(stride), apart=str(apart)
    )
    x, weight = (values(app, panel)[0] for panel in ("input", "kernel"))
    between = words(language).say(
        "transposed.stuffed.zeros_1" if zeros == 1 else "transposed.stuffed.zeros", count=zeros
    )
    around = apart * 2 - 1  # the kernel's reach without the padding of 1
    told = words(language).say("transposed.stuffed.text", between=between, before=around, after=around)
    assert told in said(app)
    assert x.shape[0] == (3 - 1) * (zeros + 1) + 1
    assert np.array_equal(weight[0] if weight.ndim == 3 else weight, [[1, 0, -1], [2, 0, -2], [1, 0, -1]])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tab", ["checkerboard", "adjoint", "added", "code"])
def test_the_lessons_are_told_in_both_languages(tab, language):
    app = visit("transposed", lang=language, kernel="sobel_y")
    open_chapter(app, "transposed", tab)
    assert not app.exception
    if tab == "adjoint":
        (left, right) = [
            part for part in said(app).split("**")[1::2] if part.lstrip("−").replace(".", "").isdigit()
        ][:2]
        assert left == right
    if tab == "added":
        assert words(language).say("transposed.output_padding.text", stride=2, back=3, sizes="5, 6") in said(
            app
        )
    if tab == "code":
        assert any("conv_transpose" in block.value for block in app.code)
        assert len(app.code) == 2


@pytest.mark.parametrize(("story", "place"), [("stuffed", (0, 0, 0, 3, 4)), ("scatter", (0, 0, 0, 1, 2))])
def test_a_cell_picked_beside_comes_onto_the_stage(story, place):
    app = visit("transposed", story=story)
    report(app, "transposed_beside", pick={"panel": "overlaps", "cell": [3, 4], "at": 1})
    # Of 3 x 3 cells at stride 2, cut by 1, those of rows 1 and 2 and of column 2 reach row 3, column 4.
    assert stage(app)["options"]["cell"] == list(place)


def test_the_whole_picture_beside_is_transposed_too():
    app = visit("transposed", kernel="box", step_by="2")
    panel = stage(app, "transposed_beside")["panels"]["result"]
    assert max(panel["shape"]) == (96 - 1) * 2 + 3 - 2
    assert stage(app, "transposed_beside")["options"]["pick"]


def test_what_the_stage_is_given_stays_small():
    app = visit("transposed", side="16", step_by="4", apart="3")
    sizes = [len(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    assert max(sizes) < 160_000
