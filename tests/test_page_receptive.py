"""Receptive fields: the table and the stage in both languages, against the published numbers and loops."""

import numpy as np
import pytest

from conv_core.stacks import STACKS
from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import open_chapter, said, visit

# size, effective stride, effective padding, as Araujo, Norris and Sim published them.
ALEXNET_V2 = {
    "conv1": (11, 4, 0),
    "pool1": (19, 8, 0),
    "conv2": (51, 8, 16),
    "conv3": (99, 16, 32),
    "conv4": (131, 16, 48),
    "conv5": (163, 16, 64),
    "pool5": (195, 32, 64),
}
VGG_16_POOLS = {"pool1": 6, "pool2": 16, "pool3": 44, "pool4": 100, "pool5": 212}


def stage(app):
    """The scene that the stage was given, decoded."""
    (found,) = [
        scene
        for each in app.get("bidi_component")
        if each.proto.bytes and (scene := wire.decode(each.proto.bytes))["options"]["key"] == "receptive"
    ]
    return found


def table(app):
    """The rows of the table by the layer's name, without what makes them bold."""
    (text,) = [each.value for each in app.markdown if each.value.count("\n|") > 1]
    rows = [[cell.strip().strip("*") for cell in line.strip("|").split("|")] for line in text.split("\n")[2:]]
    return {name: cells for name, *cells in rows}


def axis(language):
    """What the first axis of a picture is called."""
    return words(language).say("notices.axis", axis=0, name=words(language)["notices.axes.y"])


def numbers(app, layer):
    """Size, effective stride and effective padding of a layer's field."""
    return tuple(int(cell) for cell in table(app)[layer][2:5])


def report(app, **state):
    """Let the stage report something, as the browser does."""
    app.session_state["receptive"] = state
    return app.run()


def run_open(app, number):
    """Run with the numbers of a layer (from 0) in sight; AppTest forgets between runs what is open."""
    app.session_state[f"receptive_layer{number}"] = True
    return app.run()


def move(app, number, name, value):
    """Move a slider of a layer, counted from 0."""
    app.slider(key=f"receptive_layer{number}_{name}").set_value(value)
    return run_open(app, number)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["own", *(each.name for each in STACKS)])
def test_every_stack_runs_in_both_languages(name, language):
    app = visit("receptive", lang=language, stack=name)
    assert not app.exception
    assert words(language)[f"receptive.stacks.{name}"] in app.selectbox(key="receptive.stack").options
    header = stage(app)
    assert header["language"] == language
    assert header["panels"]["input"]["title"] == words(language)["receptive.picture"]
    assert words(language)["receptive.columns.padding"] in said(app)


def test_the_published_numbers_of_alexnet_stand_in_the_table():
    app = visit("receptive", stack="alexnet_v2")
    assert {layer: numbers(app, layer) for layer in ALEXNET_V2} == ALEXNET_V2


def test_the_published_numbers_of_vgg_stand_in_the_table():
    assert numbers(visit("receptive", stack="vgg_a"), "pool5") == (150, 32, 59)
    app = visit("receptive", stack="vgg16")
    assert numbers(app, "pool5") == (212, 32, 90)
    assert {layer: numbers(app, layer)[0] for layer in VGG_16_POOLS} == VGG_16_POOLS
    assert numbers(visit("receptive", stack="resnet18"), "conv5_4")[0] == 435


def test_the_formula_ends_in_the_numbers_of_the_chosen_layer():
    app = visit("receptive", layers="c3p1_m2s2_c5p2d2", cell="1_0_0")
    assert r"r_{2}=1+1\cdot2\cdot1+1\cdot1\cdot1=\mathbf{4}" in said(app)
    assert r"j_{2}=1\cdot2=\mathbf{2}" in said(app)
    report(app, view={"cell": [2, 1, 1]})
    assert r"r_{3}=1+1\cdot2\cdot1+1\cdot1\cdot1+2\cdot4\cdot2=\mathbf{20}" in said(app)
    assert r"P_{3}=1\cdot1+0\cdot1+2\cdot2=\mathbf{5}" in said(app)


def test_a_cell_picked_on_the_stage_is_what_the_table_tells_about():
    app = visit("receptive", layers="c3p1_m2s2_c3p1", picture="painted")
    report(app, view={"cell": [2, 0, 1]})
    told = words("en").say(
        "receptive.cell",
        name="Layer 3",
        row=0,
        col=1,
        size="8 × 8",
        start="−3, −1",
        covered="5 × 7",
        read="35",
        paths=f"{paths(0) * paths(1):,}",
    )
    assert told in said(app)
    assert app.query_params["cell"] == "2_0_1"
    rows = table(app)
    assert rows["Layer 3"][5:] == ["0, 1", "1"]
    assert rows["Layer 2"][5:] == ["0–1, 0–2", "6"]


def paths(place):
    """Paths along one axis of 12 cells through a 3 (padding 1), a pool of 2 and a 3 (padding 1), by loops."""
    count = 0
    for outer in range(3):
        pooled = place - 1 + outer
        if not 0 <= pooled < 6:
            continue
        for inner in range(2):
            for first in range(3):
                count += 0 <= 2 * pooled + inner - 1 + first < 12
    return count


def test_the_link_holds_stack_cell_and_picture():
    query = {"layers": "c5p2_m3s2", "cell": "0_4_5", "picture": "coffee", "side": "24", "style": "edges"}
    app = visit("receptive", **query)
    header = stage(app)
    assert header["options"]["cell"] == [0, 4, 5]
    assert header["panels"]["input"]["shape"] == [16, 24]
    assert [link["terms"] for link in header["links"]] == [[5, 5], [3, 3]]
    assert dict(app.query_params) == query
    assert stage(visit("receptive", **app.query_params))["panels"].keys() == header["panels"].keys()


def test_layers_are_added_changed_and_removed():
    app = visit("receptive", layers="c3p1_m2s2")
    app.button(key="receptive_add").click().run()
    assert app.query_params["layers"] == "c3p1_m2s2_c3p1"
    assert stage(app)["options"]["cell"][0] == 2
    run_open(app, 1)
    move(app, 1, "kernel", 4)
    assert app.query_params["layers"] == "c3p1_m4s2_c3p1"
    app.button_group(key="receptive_layer1_kind").set_value("conv")
    run_open(app, 1)
    assert app.query_params["layers"] == "c3p1_c4s2_c3p1"
    move(app, 1, "dilation", 3)
    assert app.query_params["layers"] == "c3p1_c4s2d3_c3p1"
    assert numbers(app, "Layer 2") == (12, 2, 1)
    app.button(key="receptive_layer1_remove").click().run()
    assert app.query_params["layers"] == "c3p1_c3p1"
    assert not app.exception


def test_a_named_stack_that_is_changed_becomes_ones_own():
    app = visit("receptive", stack="dilated_222")
    run_open(app, 0)
    move(app, 0, "dilation", 1)
    assert app.selectbox(key="receptive.stack").value == "own"
    assert app.query_params["layers"] == "c3p2_c3p2d2_c3p2d2"


def test_equal_dilations_leave_cells_unread():
    told = "of which 49 are read"
    app = visit("receptive", stack="dilated_222", cell="2_12_12")
    assert told in said(app)
    assert words("en").say("receptive.shape.gaps", count=13 * 13 - 49) in said(app)
    app.selectbox(key="receptive.stack").set_value("dilated_125").run()
    assert "of which 289 are read" in said(app)
    assert "never read" not in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_a_network_with_shortcuts_says_that_they_are_left_out(language):
    told = words(language)["receptive.shortcuts"]
    assert told in said(visit("receptive", lang=language, stack="resnet18"))
    for name in ("vgg16", "alexnet_v2", "own"):
        assert told not in said(visit("receptive", lang=language, stack=name))


def test_half_of_the_paths_come_from_neighbouring_rows():
    # One 3x3: 3 equal rows, so two neighbours are the fewest that hold half; of a 1x1, its only one.
    say = words("en").say
    assert say("receptive.shape.half", count=2, size=3) in said(visit("receptive", layers="c3p1"))
    assert say("receptive.shape.half_one", size=1) in said(visit("receptive", layers="c1"))
    # All stretches of neighbouring rows of AlexNet's field, by a running sum: 42 is the shortest with half.
    assert say("receptive.shape.half", count=42, size=195) in said(visit("receptive", stack="alexnet_v2"))


def test_six_layers_are_the_most_that_can_be_built():
    app = visit("receptive", layers="_".join(["c3p1"] * 6))
    assert not [button for button in app.button if button.key == "receptive_add"]


def test_another_layer_of_a_network_joins_the_stage():
    app = visit("receptive", stack="vgg16")
    assert "column" not in stage(app)["panels"]["layer8"]
    app.selectbox(key="receptive.also").set_value(7).run()
    header = stage(app)
    assert header["panels"]["layer8"]["title"] == "conv3_2"
    assert "column" in header["panels"]["layer8"]
    assert table(app)["conv3_2"][5:] == ["28, 28", "1"]
    act, *_ = header["options"]["cell"]
    assert header["acts"][act]["name"] == "layer8"
    report(app, view={"cell": [0, 1, 2]})
    assert table(app)["pool2"][5:] == ["1, 2", "1"]
    assert dict(app.query_params) == {"stack": "vgg16", "also": "7", "cell": "5_1_2"}


BAD = [
    (
        "c3_c9_c9_c9d4",
        "kernel_too_large",
        {"axis": 0, "kernel": 9, "dilation": 4, "span": 33, "padded": 14},
        4,
    ),
    ("c3_m2s2p2", "pool_padding", {"axis": 0, "before": 2, "after": 2, "kernel": 2}, 2),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("layers", "code", "given", "layer"), BAD)
def test_layers_that_do_not_fit_get_one_sentence(layers, code, given, layer, language):
    app = visit("receptive", lang=language, layers=layers)
    say = words(language).say
    assert not app.exception
    given = given | {"axis": axis(language)}
    assert say("receptive.fault", layer=layer, sentence=say(f"errors.{code}", **given)) in said(app)
    assert stage(app)["panels"]["layer1"]["shape"]  # there is the picture at least


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_last_good_stack_stays_until_the_layers_fit_again(language):
    app = visit("receptive", lang=language, layers="c3p1_m2s2_c3", picture="painted")
    before = stage(app)
    run_open(app, 2)
    move(app, 2, "kernel", 11)
    say = words(language).say
    given = {"axis": axis(language), "kernel": 11, "dilation": 1, "span": 11, "padded": 6}
    fault = say("receptive.fault", layer=3, sentence=say("errors.kernel_too_large", **given))
    assert fault in said(app)
    assert stage(app)["links"] == before["links"]
    assert app.slider(key="receptive_layer2_kernel").value == 11
    move(app, 2, "kernel", 5)
    assert fault not in said(app)
    assert stage(app)["links"] != before["links"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_many_layers_and_nonsense_in_a_link_are_told(language):
    app = visit("receptive", lang=language, layers="_".join(["c1"] * 9))
    assert words(language).say("receptive.too_many", limit=6, count=9) in said(app)
    assert not app.exception
    app = visit("receptive", lang=language, layers="c0", stack="lenet", cell="a")
    assert not app.exception
    assert numbers(app, words(language).say("receptive.layer", number=4)) == (10, 2, 4)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tab", ["shape", "formula", "code"])
def test_the_lessons_are_told_in_both_languages(tab, language):
    app = visit("receptive", lang=language, layers="c3_c5s2")
    open_chapter(app, "receptive", tab)
    assert not app.exception
    if tab == "formula":
        assert words(language)["receptive.formula.text"].strip() in said(app)
        assert "225" in said(app)  # 3² · 5² paths weigh in
    if tab == "code":
        assert any("path_counts(layers, -1" in block.value for block in app.code)


def test_a_single_path_is_spoken_of_as_one():
    # A 3x3 with padding 2 over a 12x12 grid: at the corner one cell of nine is the picture's.
    app = visit("receptive", layers="c3p2", picture="painted", cell="0_0_0")
    told = words("en").say("receptive.cell_one", name="Layer 1", row=0, col=0, size="3 × 3", start="−2, −2")
    assert told in said(app)


def test_a_cell_that_sees_only_padding_is_told():
    app = visit("receptive", layers="c1p3", picture="painted", cell="0_0_0")
    told = words("en").say("receptive.nothing", name="Layer 1", row=0, col=0, size="1 × 1", start="−3, −3")
    assert told in said(app)


def test_the_values_on_the_stage_are_means_of_the_picture():
    panels = stage(visit("receptive", layers="c3_m2s2", side="16"))["panels"]
    pixels = panels["input"]["values"].astype(float)
    rows, columns = panels["layer1"]["shape"]
    means = sum(pixels[i : i + rows, j : j + columns] for i in range(3) for j in range(3)) / 9
    assert np.abs(panels["layer1"]["values"] - means).max() < 1e-3
    halved = [
        [means[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean() for j in range(7)] for i in range(rows // 2)
    ]
    assert panels["layer2"]["values"] == pytest.approx(np.array(halved), abs=1e-3)
