"""The page of the way back by matrices, in both languages, against plain loops."""

import numpy as np
import pytest

from conv_view.text import LANGUAGES, words
from tests import oracle_backward, wire
from tests import oracle_im2col as oracle
from tests.visit import open_chapter, said, visit

PAGE = "backward_matrices"


def stage(app):
    """The scene that the stage was given, decoded."""
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    (found,) = [scene for scene in scenes if scene["options"]["key"] == PAGE]
    return found


def values(app, panel):
    return np.asarray(stage(app)["panels"][panel]["values"], float)


def report(app, **state):
    """Let the stage report something, as the browser does."""
    app.session_state[PAGE] = state
    return app.run()


SETTINGS = [
    ({}, {}),
    (
        {"colour": "rgb", "filters": "3", "stride": "2", "padding": "1", "dy_kind": "mean"},
        {"stride": (2, 2), "pads": ((1, 1), (1, 1))},
    ),
    ({"picture": "painted", "padding": "1", "mode": "circular", "dy_kind": "one", "dy_at": "1_4_7"},
     {"pads": ((1, 1), (1, 1)), "mode": "circular"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "how", "language"), [(*each, LANGUAGES[at % 2]) for at, each in enumerate(SETTINGS)]
)
def test_the_matrices_are_what_loops_give(query, how, language):
    app = visit(PAGE, lang=language, **query)
    assert not app.exception
    x, rows, grads = values(app, "input"), values(app, "rows"), values(app, "grads")
    pads, stride, mode = how.get("pads", ((0, 0),) * 2), how.get("stride", (1, 1)), how.get("mode", "zeros")
    weight = rows.reshape(len(rows), len(x), 3, 3)
    columns = oracle.columns(x, pads, (3, 3), stride, (1, 1), mode)
    assert np.array_equal(values(app, "columns"), columns)
    down, across = (
        (size + sum(pad) - 3) // step + 1 for size, pad, step in zip(x.shape[1:], pads, stride, strict=True)
    )
    grad = grads.reshape(1, len(rows), down, across)
    by_x, by_weight, _ = (
        np.asarray(sums.values, float)
        for sums in oracle_backward.conv_backward(grad, x[None], weight, stride, pads, (1, 1), 1, mode)
    )
    assert values(app, "row_grads") == pytest.approx(by_weight.reshape(rows.shape), rel=1e-4, abs=1e-3)
    assert values(app, "x_grad") == pytest.approx(by_x[0], rel=1e-4, abs=1e-3)
    assert values(app, "column_grads") == pytest.approx(rows.T @ grads, rel=1e-4, abs=1e-3)
    product = rows @ columns
    assert values(app, "product") == pytest.approx(product, rel=1e-4, abs=1e-3)
    if query.get("dy_kind") == "mean":
        assert grads == pytest.approx(2 * (product - columns.mean(axis=0)), rel=1e-4, abs=1e-2)
        assert words(language)["backward_matrices.loss"].split("**")[0] in said(app)
    if query.get("dy_kind") == "one":
        assert np.argwhere(grads).tolist() == [[1, 4 * across + 7]]
    multiplies = rows.shape[0] * rows.shape[1] * columns.shape[1]
    assert f"**{2 * multiplies:,}**" in said(app)
    assert f"**{multiplies:,}**" in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chapters_tell_the_numbers_of_the_stage(language):
    app = visit(PAGE, lang=language, cell="1_1_0_2_0", dy_kind="zeros")
    grads, columns = values(app, "grads"), values(app, "columns")
    table = next(each.value for each in app.markdown if each.value.startswith("| "))
    assert "| 2×9 · 9×9 → 2×9 | 162 | 144 |" in table
    open_chapter(app, PAGE, "one")
    value = float((grads[1] * columns[6]).sum())
    formulas = "\n".join(each.value for each in app.latex)
    assert r"dW_{1,6}" in formulas
    assert rf"\mathbf{{{value:g}}}" in formulas
    tried = [each.value for each in app.markdown if "0.001" in each.value]
    assert len(tried) == 2
    assert f"**{value:g}**".replace("-", "−") in tried[0]
    once = words(language)["backward_matrices.one.copies_one"]
    assert sum(once in each.value for each in app.markdown) == 0
    corner = visit(PAGE, lang=language, chapter="one", stride="2", padding="1")
    assert sum(once in each.value for each in corner.markdown) == 1
    for name in ("memory", "code"):
        open_chapter(app, PAGE, name)
        assert not app.exception
    assert ["F.fold" in block.value for block in app.code] == [True, False]


def test_what_is_typed_on_the_stage_is_used_and_stands_in_the_link():
    app = visit(PAGE, filters="1")
    rows, grads = values(app, "rows"), values(app, "grads")
    rows[0, 4] = 7
    report(app, edit={"panel": "rows", "values": rows.ravel().tolist(), "shape": [1, 9], "revision": 1})
    assert np.array_equal(values(app, "rows"), rows)
    grads[0, 3] = 2.5
    report(app, edit={"panel": "grads", "values": grads.ravel().tolist(), "shape": [1, 9], "revision": 2})
    assert app.query_params["dy_kind"] == "typed"
    again = visit(PAGE, **app.query_params)
    assert np.array_equal(values(again, "grads"), grads)
    assert values(again, "row_grads") == pytest.approx(grads @ values(again, "columns").T)


def test_a_product_is_chosen_and_followed():
    app = visit(PAGE)
    app.button_group(key="backward_matrices_act").set_value("columns").run()
    assert stage(app)["options"]["cell"] == [2, 0, 0, 0, 0, 0]
    report(app, view={"cell": [3, 1, 1]})
    assert app.button_group(key="backward_matrices_act").value == "fold"
    assert stage(visit(PAGE, **app.query_params))["options"]["cell"] == [3, 1, 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_gradient_of_another_shape_is_refused_with_both_and_the_stage_stays(language):
    app = visit(PAGE, lang=language, dy_kind="typed", dy="1_2_3_4", dy_shape="1_2_2", side="4", filters="1")
    before = values(app, "row_grads")
    assert ":material/error:" not in said(app)
    app.session_state[f"{PAGE}.side"] = "5"
    app.run()
    told = words(language).say("errors.grad_shape", given="2×2", expected="3×3")
    assert told in said(app)
    assert words(language)["notices.kept"] in said(app)
    assert np.array_equal(values(app, "row_grads"), before)
    fresh = visit(PAGE, **app.query_params)
    assert told in said(fresh)
    assert values(fresh, "row_grads").size
    assert not fresh.exception
    # The same gradient for two filters: each of the two shapes as it is.
    two = visit(PAGE, lang=language, dy_kind="typed", dy="1_2_3_4", dy_shape="1_2_2")
    of_two = words(language).say("notices.filters", count=2, size="3×3")
    assert words(language).say("errors.grad_shape", given="2×2", expected=of_two) in said(two)


@pytest.mark.parametrize(
    "query",
    [{"side": "3", "dilation": "2"}, {"picture": "painted", "dilation": "6"}, {"dy": "x"}, {"dy_at": "9"}],
)
def test_a_link_to_what_cannot_be_shows_something_and_says_why(query):
    app = visit(PAGE, lang="zh", **query)
    assert not app.exception
    assert ":material/error:" in said(app)
    assert values(app, "columns").size


def test_what_the_brush_leaves_on_the_stage_stays():
    app = visit(PAGE, picture="painted")
    grid = values(app, "input")
    assert grid.max() == 255
    grid[0, 0, 1] = 153
    app.session_state[PAGE] = {
        "edit": {"panel": "input", "values": grid.ravel().tolist(), "shape": list(grid.shape), "revision": 1}
    }
    app.run()
    assert np.array_equal(values(app, "input"), grid)
    assert "grid" in app.query_params


def test_a_gradient_is_typed_as_text_and_what_does_not_fit_stays_to_be_mended():
    app = visit(PAGE, filters="1")
    app.session_state[f"{PAGE}_more"] = True
    app.run()
    (area,) = [each for each in app.text_area if each.key == f"{PAGE}_dy_text"]
    assert len(area.value.split("\n")) == 3
    before = values(app, "row_grads")
    for text, told in (
        ("1 2 x", words("en").say("gradient.faults.cell", token="x")),
        ("1 2\n3", words("en").say("gradient.faults.ragged", row=2, given=1, expected=2)),
        ("1  2\n3  4", words("en").say("errors.grad_shape", given="2×2", expected="3×3")),
    ):
        (area,) = [each for each in app.text_area if each.key == f"{PAGE}_dy_text"]
        area.set_value(text).run()
        assert told in said(app)
        (area,) = [each for each in app.text_area if each.key == f"{PAGE}_dy_text"]
        assert area.value == text
        assert np.array_equal(values(app, "row_grads"), before)
    area.set_value("1 0 0; 0 1 0; 0 0 1").run()
    assert ":material/error:" not in said(app)
    assert values(app, "grads").tolist() == [np.eye(3).ravel().tolist()]
