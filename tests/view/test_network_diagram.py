"""The pictures, formulas and tables of the classic networks, held against the rows of the core."""

import csv
import re
from io import StringIO
from xml.etree import ElementTree

import pytest

from conv_view.network_code import here
from conv_view.network_diagram import diagram
from conv_view.network_facts import connections, modules, neurons
from conv_view.network_figures import bars, parts
from conv_view.network_layout import laid_out
from conv_view.network_row import WIDTH
from conv_view.network_table import COLUMNS, as_csv, columns
from conv_view.network_words import block_told, layer_told, mac_formula, parameter_formula
from conv_view.networks import (
    NETWORKS,
    SizeError,
    blocks_of,
    find,
    load,
    showpiece,
    smallest_side,
    usual_side,
    variants,
)
from conv_view.text import LANGUAGES, words

ALL = [(network, variant) for network in NETWORKS for variant in variants(network)]


def net_of(network, variant="paper", side=None):
    return load(network, variant, side or usual_side(network, variant))


def value(formula):
    return eval(formula.replace("·", "*"))


def opened(net):
    for block in (*net.blocks, *net.heads):
        yield from block.units or (block,)


@pytest.mark.parametrize(("network", "variant"), ALL)
def test_every_layer_is_in_one_block_and_every_block_can_be_found(network, variant):
    net = net_of(network, variant)
    assert [name for block in net.blocks for name in block.nodes] == [row.name for row in net.rows]
    assert [name for block in net.heads for name in block.nodes] == [row.name for row in net.training]
    names = [block.at for block in (*net.blocks, *net.heads)]
    assert len(set(names)) == len(names)
    for block in (*net.blocks, *net.heads):
        assert find(net, block.at).opened == block
        for unit in block.units:
            assert find(net, unit.at).opened == unit
        for name in block.nodes:
            selection = find(net, name)
            assert selection.layer == name
            assert name in selection.opened.nodes
    assert find(net, "no such layer").block == showpiece(net)
    # A lecture hall reads a score of blocks, not hundreds of boxes.
    assert len(net.blocks) <= 18


@pytest.mark.parametrize(("network", "variant"), ALL)
def test_the_formulas_give_the_numbers_of_the_table(network, variant):
    net = net_of(network, variant)
    for row in (*net.rows, *net.training):
        node, shapes = net.graph[row.name], net.inputs_of(row.name)
        learnt, macs = parameter_formula(node, shapes), mac_formula(node, shapes)
        assert (value(learnt) if learnt else 0) == row.parameters
        assert (value(macs) if macs else 0) == row.macs


def test_the_sentence_of_a_layer_has_its_formula_with_the_numbers_in_it():
    net = net_of("vgg16")
    said = layer_told(words("en"), net, "conv4_1")
    assert "3·3·256·512 + 512 = **1,180,160**" in said
    assert "3·3·256·512·28·28 = **924,844,032**" in said
    assert "4·512·28·28 = 1,605,632 bytes" in said
    assert "60×60" in said
    assert "5·5·60 + 16 = **1,516**" in layer_told(words("en"), net_of("lenet5"), "C3")
    assert "2 groups" in layer_told(words("en"), net_of("alexnet"), "conv2")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("network", "variant"), ALL)
def test_every_layer_and_block_has_its_sentence_in_every_language(network, variant, language):
    net, table = net_of(network, variant), words(language)
    kinds = {row.kind: row.name for row in (*net.rows, *net.training)}
    for name in kinds.values():
        assert name in layer_told(table, net, name)
    for block in {block.kind: block for block in (*net.blocks, *net.heads)}.values():
        assert block.at.removeprefix("~") in block_told(table, net, block, block)


@pytest.mark.parametrize(("network", "variant"), ALL)
def test_the_pictures_show_every_block_once_and_nothing_overlaps(network, variant):
    net = net_of(network, variant)
    for block in opened(net):
        picture = ElementTree.fromstring(diagram(net, block.at, "en"))
        found = [each.get("data-at") for each in picture.iter() if each.get("data-at")]
        assert len(found) == len(set(found))
        selection = find(net, block.at)
        wanted = {each.at for each in (*net.blocks, *net.heads)} | set(block.nodes)
        assert set(found) == wanted | {unit.at for unit in selection.block.units}
        assert [each.get("data-at") for each in picture.iter() if each.get("aria-pressed") == "true"] == [
            block.at
        ]
        height, placed, edges, (begin, end) = laid_out(net, block, WIDTH)
        assert end[0] + 34 <= WIDTH
        assert all(0 <= x <= WIDTH and -1 <= y <= height + 1 for edge in edges for x, y in edge.points)
        for place, one in enumerate(placed):
            assert begin[0] < one.x - one.width / 2
            for other in placed[place + 1 :]:
                apart_x = abs(one.x - other.x) - (one.width + other.width) / 2
                apart_y = abs(one.y - other.y) - (one.height + other.height) / 2
                assert max(apart_x, apart_y) > 2, (one.name, other.name)


def test_branches_and_shortcuts_are_drawn():
    net = net_of("googlenet")
    _, placed, edges, _ = laid_out(net, find(net, "~3a").block, WIDTH)
    boxes = {each.name: each for each in placed}
    assert len({boxes[name].y for name in ("3a.1x1", "3a.3x3", "3a.5x5", "3a.pool")}) == 4
    ends = [edge.points[-1] for edge in edges]
    assert sum(abs(x - (boxes["3a"].x - boxes["3a"].width / 2)) < 2 for x, _ in ends) == 4
    net = net_of("resnet50")
    identity = laid_out(net, find(net, "~layer1.1").opened, WIDTH)[2]
    projected = laid_out(net, find(net, "~layer1.0").opened, WIDTH)[2]
    assert sum(edge.is_shortcut for edge in identity) == 1
    assert sum(edge.is_shortcut for edge in projected) == 2
    assert "×36" in diagram(net_of("resnet152"), "", "en")


def test_the_heads_are_drawn_apart_and_left_out_where_the_input_is_too_small_for_them():
    net = net_of("googlenet")
    assert [block.at for block in net.heads] == ["~aux1", "~aux2"]
    assert 'data-at="~aux2"' in diagram(net, "", "en")
    small = load("googlenet", "paper", 64)
    assert not small.heads
    assert small.parameters == net.parameters
    assert "aux1" not in diagram(small, "", "en")


@pytest.mark.parametrize(("side", "layer"), [(10, "conv1"), (30, "pool2"), (60, "pool5")])
def test_too_small_an_input_names_the_layer(side, layer):
    with pytest.raises(SizeError) as caught:
        load("alexnet", "paper", side)
    assert caught.value.layer == layer
    assert caught.value.cause.code == "kernel_too_large"


@pytest.mark.parametrize(("network", "variant"), ALL)
def test_the_smallest_input_fits_and_a_smaller_one_does_not(network, variant):
    least = smallest_side(network, variant)
    assert load(network, variant, least).parameters
    if least > 1:
        with pytest.raises(SizeError):
            load(network, variant, least - 1)


@pytest.mark.parametrize(("network", "variant"), ALL)
def test_the_table_and_the_file_sum_to_the_totals(network, variant):
    net = net_of(network, variant)
    table = columns(net, "zh")
    assert tuple(table) == COLUMNS
    assert table["parameters_so_far"][-1] == sum(table["parameters"]) == net.parameters
    assert table["macs_so_far"][-1] == sum(table["macs"]) == net.macs
    lines = list(csv.DictReader(StringIO(as_csv(net))))
    assert sum(int(line["parameters"]) for line in lines) == net.parameters
    assert sum(int(line["macs"]) for line in lines) == net.macs
    assert sum(int(line["bytes"]) for line in lines) == net.bytes
    only = find(net, "").opened.nodes
    assert columns(net, "en", only)["name"] == list(only)
    found = parts(net)
    assert sum(part[1] for part in found) == net.parameters
    assert sum(part[2] for part in found) == net.macs


def test_the_bars_tell_number_and_share():
    rows = [("fc6", 750_000), ("conv1", 250_000)]
    figure = bars(rows, title="Parameters", role="kernel", chosen="fc6", dark=True, height=100)
    assert figure.data[0].text == ("250,000 · 25%", "750,000 · 75%")


def test_published_numbers_are_met():
    assert neurons(net_of("alexnet")) == 659_272
    lenet = net_of("lenet5")
    told = [connections(lenet, name) for name in ("C1", "S2", "C3", "S4", "C5", "F6")]
    assert told == [122_304, 5_880, 151_600, 2_000, 48_120, 10_164]
    weights = {name: found[0] for name, found in modules(net_of("googlenet")).items()}
    assert weights == {
        "3a": 163_328, "3b": 388_096, "4a": 375_552, "4b": 448_512, "4c": 509_440, "4d": 604_672,
        "4e": 867_328, "5a": 1_042_432, "5b": 1_442_816,
    }  # fmt: skip


@pytest.mark.parametrize(("network", "variant"), [ALL[0], ALL[1], ALL[6], ALL[12], ALL[-1]])
def test_the_code_says_and_computes_the_totals(network, variant, capsys):
    net = net_of(network, variant)
    code = here(net)
    found: dict = {}
    exec(code, found)
    told = [int(each.replace(",", "")) for each in re.findall(r"# ([\d,]+)", code)]
    assert told == [sum(row.parameters for row in found["rows"]), sum(row.macs for row in found["rows"])]
    assert len(capsys.readouterr().out.splitlines()) == len(net.rows)


def test_blocks_of_vgg_are_the_papers():
    blocks, _ = blocks_of("vgg19", "torchvision")
    assert [len(block.nodes) for block in blocks if block.kind == "conv"] == [4, 4, 8, 8, 8]
