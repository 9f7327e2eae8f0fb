"""What travels to the browser: every bit of the values, aligned, each once, and nothing for the steps."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from conv_core import conv_trace
from conv_view.scene import Act, Arithmetic, Panel, Quantised, Relation, Scale, Scene, View
from conv_view.stories.convolution import convolution, overview
from conv_view.text import words
from tests import wire

ONE_STEP = Act((1,), (), (), Arithmetic((), "y"))


def panel(values, **more):
    values = values if isinstance(values, Quantised) else np.asarray(values)
    return Panel("y", "y", "output", values, View(0, 1), **more)


def sent(values, **more):
    """The panel as it arrives."""
    return wire.decode(Scene((panel(values, **more),), (ONE_STEP,), {"wide": "y"}).to_bytes())["panels"]["y"]


def same_bits(arrived, values):
    """Equal numbers, with zero's sign, and NaN where there was NaN."""
    assert arrived.shape == values.shape
    is_number = ~np.isnan(values)
    assert np.array_equal(np.isnan(arrived), ~is_number)
    assert np.array_equal(arrived[is_number], values[is_number])
    if values.dtype.kind == "f":
        assert np.array_equal(np.signbit(arrived[is_number]), np.signbit(values[is_number]))


def test_a_scene_is_laid_out_as_it_says():
    x = np.arange(6, dtype=np.float32).reshape(2, 3) / 4
    act = Act((2, 3), (), (Relation("y", (0, 0), ((1, 0), (0, 1)), ((), ())),), Arithmetic((), "y"), "all")
    scene = Scene((panel(x),), (act,), {"wide": {"row": ["y"]}}, "zh", "标题", {"key": "k"})
    data = scene.to_bytes(token=3)
    (length,) = struct.unpack("<I", data[:4])
    header = json.loads(data[4 : 4 + length])
    assert header == {
        "version": 1,
        "language": "zh",
        "label": "标题",
        "panels": [
            {
                "name": "y",
                "title": "y",
                "role": "output",
                "kind": "grid",
                "view": {"rows": 0, "cols": 1},
                "column": 0,
                "shape": [2, 3],
            }
        ],
        "acts": [
            {
                "name": "all",
                "shape": [2, 3],
                "terms": [],
                "relations": [{"panel": "y", "origin": [0, 0], "step": [[1, 0], [0, 1]], "term": [[], []]}],
                "arithmetic": {"factors": [], "result": "y", "bias": None, "reduce": "sum"},
            }
        ],
        "layout": {"wide": {"row": ["y"]}},
        "columns": [{"type": "float32", "at": 0, "size": 6}],
        "options": {"key": "k", "token": 3},
    }
    assert np.array_equal(np.frombuffer(data, "<f4", 6, 4 + length).reshape(2, 3), x)


def test_everything_a_panel_can_say_arrives():
    full = Panel(
        name="x",
        title="Eingabe — 输入",
        role="window",
        values=np.arange(8, dtype=np.int16).reshape(2, 2, 2),
        view=View(1, 2, 0, "strip"),
        scale=Scale("diverging", -2, 2),
        kind="signal",
        margin=((0, 0), (1, 0), (0, 2)),
        sources=(None, None, np.array([0, 1, -1, 1])),
        fill=-3.5,
        edit="paint",
        labels={2: ("a", "b")},
        mark=((0.5, 1), (0, 2)),
    )
    lens = Panel("p", "= p", "plain", ("x", "w"), View(0, 1))
    header = wire.decode(Scene((full, lens), (ONE_STEP,), {"wide": "x"}).to_bytes())
    x = header["panels"]["x"]
    assert x.pop("values").tolist() == [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]
    assert [source if source is None else source.tolist() for source in x.pop("sources")] == [
        None,
        None,
        [0, 1, -1, 1],
    ]
    assert x == {
        "name": "x",
        "title": "Eingabe — 输入",
        "role": "window",
        "kind": "signal",
        "view": {"rows": 1, "cols": 2, "stack": 0, "arrange": "strip"},
        "column": 0,
        "shape": [2, 2, 2],
        "scale": ["diverging", -2, 2],
        "margin": [[0, 0], [1, 0], [0, 2]],
        "fill": -3.5,
        "edit": "paint",
        "labels": {"2": ["a", "b"]},
        "mark": [[0.5, 1], [0, 2]],
    }
    assert header["panels"]["p"]["factors"] == ["x", "w"]
    assert "values" not in header["panels"]["p"]


ANY_ARRAY = st.sampled_from(
    ["u1", "i1", "i2", "u2", "i4", "u4", "?", "f2", "f4", "f8", ">f4", ">f8", ">i4", ">i2"]
).flatmap(lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=2, max_dims=3, max_side=5)))


@given(ANY_ARRAY)
def test_no_bit_of_a_value_is_lost(values):
    same_bits(sent(values)["values"], values)


@given(arrays.arrays(np.int64, (3, 2), elements=st.integers(-(2**53), 2**53)))
def test_whole_numbers_that_a_browser_can_hold_arrive(values):
    assert np.array_equal(sent(values)["values"], values)


@pytest.mark.parametrize(
    "values", [[0, -1, 255], [0.0, -0.0], [-0.0], [np.nan, 1], [np.inf, -np.inf, 0], [2.0**-149]]
)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_the_odd_ones_arrive(values, dtype):
    same_bits(sent(np.array([values], dtype))["values"], np.array([values], dtype))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 255]], np.float32), "uint8"),
        (np.array([[0, 255]], np.float64), "uint8"),
        (np.array([[0, 255]], np.int64), "uint8"),
        (np.array([[True, False]]), "uint8"),
        (np.array([[0, 256]], np.int64), "int32"),
        (np.array([[-1, 7]], np.int8), "int32"),
        (np.array([[0, 2**31]], np.int64), "float64"),
        (np.array([[0, -1]], np.float32), "float32"),
        (np.array([[0, 0.5]], np.float32), "float32"),
        (np.array([[0.5, 3]], np.float16), "float32"),
        (np.array([[0.5, 256]], np.float64), "float32"),
        (np.array([[0, 0.1]], np.float64), "float64"),
        (np.array([[3, 0.1]], np.float64), "float64"),
        (np.array([[np.nan, 1]], np.float32), "float32"),
        (np.zeros((0, 3), np.float32), "uint8"),
    ],
)
def test_the_smallest_type_that_holds_them_is_chosen(values, expected):
    header = wire.decode(Scene((panel(values),), (ONE_STEP,), {"wide": "y"}).to_bytes())
    assert [column["type"] for column in header["columns"]] == [expected]


def test_a_view_of_an_array_arrives_in_its_own_order():
    values = np.arange(24, dtype=np.float32).reshape(4, 6)[::-2, 1::2].T + np.float32(0.5)
    assert np.array_equal(sent(values)["values"], values)


def test_columns_of_odd_lengths_stay_aligned():
    panels = tuple(
        Panel(f"p{size}", "", "plain", np.arange(size, dtype=dtype)[None], View(0, 1))
        for size, dtype in ((1, "u1"), (3, "u1"), (7, "f4"), (5, "f8"), (9, "i2"))
    )
    panels[4].values[:] -= 9
    header = wire.decode(Scene(panels, (ONE_STEP,), {"wide": "p1"}, label="ä" * 3).to_bytes())
    for each in panels:
        assert np.array_equal(header["panels"][each.name]["values"], each.values)


@pytest.mark.parametrize("fill", [-np.inf, np.inf, np.nan, 0.0, -1.5])
def test_whatever_fills_the_padding_arrives(fill):
    arrived = sent(np.zeros((2, 2)), margin=((1, 1), (0, 0)), fill=fill)["fill"]
    assert np.array_equal(float(arrived), fill, equal_nan=True)


@given(arrays.arrays(np.float32, (3, 4)))
def test_no_value_makes_a_scene_that_a_browser_refuses(values):
    """JSON has no NaN and no infinity, so neither may come into the header by way of a scale."""
    trace = conv_trace(values[None, None], np.ones((1, 1, 1, 1), np.float32))
    for scene in (convolution(trace, words("en")), overview(trace, words("en"))):
        header = wire.decode(scene.to_bytes())
        for each in header["panels"].values():
            _, low, high = each.get("scale", ("", 0.0, 1.0))
            assert low < high


@given(arrays.arrays(np.float32, (5, 4), elements=st.floats(-1e6, 1e6, width=32)))
def test_quantised_values_are_half_a_step_off_at_most(values):
    quantised = Quantised.of(values)
    stands_for = quantised.low + quantised.values.astype(float) * (quantised.high - quantised.low) / 255
    assert np.abs(stands_for - values).max() <= 0.501 * (quantised.high - quantised.low) / 255 + 1e-9
    assert (quantised.low, quantised.high) == (values.min(), values.max())
    arrived = sent(quantised)
    assert arrived["quantised"] == [quantised.low, quantised.high]
    assert np.array_equal(arrived["values"], quantised.values)
    assert arrived["values"].dtype == np.uint8


@pytest.mark.parametrize("dtype", ["u1", "i2", "i8", "f2", "f8"])
def test_any_type_of_number_can_be_quantised(dtype):
    values = np.array([[0, 3, 200, 250]], dtype)
    quantised = Quantised.of(values)
    assert quantised.values.tolist() == [[0, 3, 204, 255]]


def test_equal_values_are_quantised_to_themselves():
    quantised = Quantised.of(np.full((2, 2), 7.0, np.float32))
    assert (quantised.low, quantised.values.tolist()) == (7.0, [[0, 0], [0, 0]])


def test_quantising_leaves_the_values_alone():
    values = np.array([[1.0, 3.0]], np.float32)
    Quantised.of(values)
    assert values.tolist() == [[1.0, 3.0]]


@pytest.mark.parametrize(
    ("values", "reach"),
    [
        ([-3.0, 1.0], 3),
        ([0.0, 0.0], 1),
        ([np.nan, 2.0], 2),
        ([np.inf, -1.0], 1),
        ([np.nan], 1),
        ([-128], 128),
    ],
)
def test_a_diverging_scale_is_even_about_zero(values, reach):
    assert Scale.diverging(np.array(values)) == Scale("diverging", -reach, reach)
    assert Scale.diverging(np.array([-128], np.int8)) == Scale("diverging", -128, 128)


def gradient(size, channels=1):
    picture = np.add.outer(np.arange(size), 3 * np.arange(size)) % 256
    return np.repeat(picture[None, None].astype(np.float32), channels, 1)


def scene_of(size, **arguments):
    kernel = np.array([[-1, 0, 1], [-2, 0.1, 2], [-1, 0, 1]], np.float32)[None, None]
    return convolution(conv_trace(gradient(size), kernel, **arguments), words("en"))


@pytest.mark.parametrize(("size", "kilobytes"), [(64, 48), (224, 450)])
@pytest.mark.parametrize("arguments", [{}, {"padding": 1}, {"padding": "same", "padding_mode": "reflect"}])
def test_a_scene_is_as_small_as_the_issue_asks(size, kilobytes, arguments):
    assert len(scene_of(size, **arguments).to_bytes(key="conv2d", session="12345678")) <= kilobytes * 1000


def test_a_scene_grows_with_its_cells_and_not_with_its_steps():
    header = len(scene_of(4).to_bytes())
    for size in (16, 64, 128):
        cells = size**2 + (size - 2) ** 2
        assert len(scene_of(size).to_bytes()) <= header + 4 * cells


def test_more_terms_cost_nothing_but_their_weights():
    sizes = []
    for kernel in (5, 9):
        weight = np.full((1, 1, kernel, kernel), 0.1, np.float32)
        trace = conv_trace(gradient(40), weight, padding="same")
        sizes.append(len(convolution(trace, words("en")).to_bytes()))
    assert sizes[1] - sizes[0] <= 4 * (81 - 25) + 64


def test_options_are_the_mounts_own_and_leave_the_scene_alone():
    scene = scene_of(8)
    plain = wire.decode(scene.to_bytes())
    assert plain["options"] == {}
    told = wire.decode(scene.to_bytes(key="k", cell=(0, 0, 1), revision=4, session="s", token=2))
    assert told["options"] == {"key": "k", "cell": [0, 0, 1], "revision": 4, "session": "s", "token": 2}
    assert wire.decode(scene.to_bytes())["options"] == {}
    whole = overview(conv_trace(gradient(8), np.ones((1, 1, 3, 3), np.float32)), words("en"))
    assert wire.decode(whole.to_bytes(pick=False))["options"] == {**whole.options, "pick": False}
    assert wire.decode(whole.to_bytes())["options"] == whole.options


def test_the_values_are_packed_once():
    scene = scene_of(32)
    first = scene._body
    scene.to_bytes(cell=(1,))
    assert scene._body is first


def test_relations_and_panels_are_found_by_name():
    scene = scene_of(8)
    assert scene.panel("input").role == "window"
    assert scene.acts[0].relation("kernel").panel == "kernel"
    with pytest.raises(KeyError):
        scene.panel("nothing")
    with pytest.raises(KeyError):
        scene.acts[0].relation("nothing")
    assert len(scene.acts[0]) == 36
    assert scene.acts[0].index(35) == (0, 0, 5, 5)


def test_a_page_of_its_own_asks_nobody_for_anything():
    html = scene_of(6).to_html(key="k")
    assert html.count("<html") == 1
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "https://" not in html
    assert "src=" not in html
    assert "<\\/" in html or "</" not in html.split("<script>")[1].split("</script>")[0]
    frame = scene_of(6)._repr_html_()
    assert frame.startswith('<iframe srcdoc="&lt;!doctype html&gt;')
    assert "<script>" not in frame


@pytest.mark.parametrize(
    ("name", "known"), [("then", "relu, tanh, sigmoid, squash or None"), ("reduce", "sum, mean")]
)
def test_what_the_player_cannot_print_is_refused_at_once(name, known):
    with pytest.raises(ValueError, match=f"^{name} is one of {known}.*not 'swish'$"):
        Arithmetic(("x",), "y", **{name: "swish"})
