"""The story of one cell: every step gives what its panel shows, and the last is what the network has."""

from functools import cache

import numpy as np
import pytest

from conv_core.cell import cell_story
from conv_view.cell_parts import A_PAGE, parts_of
from conv_view.cell_sums import calculation
from conv_view.feature_nets import net
from conv_view.passage import Passage
from conv_view.samples import picture
from conv_view.stories.cell import cell
from conv_view.text import words
from conv_view.weights import weights


@cache
def passage(name):
    return Passage(name, picture("cat"))


@cache
def forward(name):
    return net(name).graph.forward(net(name).prepared(picture("cat")), weights(name))


def parts(name, layer, place, page=0):
    went = passage(name)
    went.look(layer)
    story = cell_story(went.net.graph, went.values, went.params, layer, place)
    return parts_of(went.net.graph, story, went.params, went.values, page)


def stands(scene, name, at):
    """What a panel holds in a cell; its padding holds 0."""
    values = scene.panel(name).values
    inside = all(0 <= place < size for place, size in zip(at, values.shape, strict=True))
    return float(values[at]) if inside else None


def computed(scene, act, index):
    """A step's result by its arithmetic, from what its relations lead to."""
    rule = act.arithmetic
    still = (0,) * len(act.terms)

    def read(name, term=still):
        return stands(scene, name, act.relation(name).cell(index, term))

    products = []
    for term in np.ndindex(*act.terms):
        factors = [read(name, term) for name in rule.factors]
        if rule.addends:
            products += factors
        elif rule.reduce != "max" or None not in factors:
            products.append(np.prod([factor or 0.0 for factor in factors]))
    total = max(products) if rule.reduce == "max" else sum(products)
    total += read(rule.bias) if rule.bias else 0
    total /= read(rule.divisor) if rule.divisor else 1
    return max(0, total) if rule.then == "relu" else total


CASES = [
    ("efficientnet_lite0", "stem.relu", (0, 5, 60, 40)),
    ("efficientnet_lite0", "stem.relu", (0, 5, 111, 111)),  # padding below and to the right
    ("efficientnet_lite0", "block2.depthwise.relu", (0, 17, 0, 55)),
    ("efficientnet_lite0", "block3.depthwise.bn", (0, 9, 13, 14)),
    ("efficientnet_lite0", "block1.project.bn", (0, 3, 20, 30)),
    ("efficientnet_lite0", "block2.add", (0, 3, 20, 30)),
    ("efficientnet_lite0", "pool", (0, 700, 0, 0)),
    ("efficientnet_lite0", "scores", (0, 281)),
    ("resnet8", "unit2.relu", (0, 7, 3, 3)),
    ("resnet8", "unit2.relu1", (0, 7, 15, 15)),
    ("resnet8", "unit3.projection", (0, 60, 7, 7)),
]


@pytest.mark.parametrize(("name", "layer", "place"), CASES)
def test_the_steps_lead_to_what_the_network_has_there(name, layer, place):
    found = parts(name, layer, place)
    scene = cell(found, words("en"))
    for act in scene.acts:
        if not act.arithmetic.factors:
            continue
        for step in range(len(act)):
            index = act.index(step)
            relation = act.relation(act.arithmetic.result)
            shown = stands(scene, relation.panel, relation.cell(index, (0,) * len(act.terms)))
            assert computed(scene, act, index) == pytest.approx(shown, rel=1e-4, abs=1e-4)
    last = scene.acts[-1]
    shown = stands(
        scene,
        last.arithmetic.result,
        last.relation(last.arithmetic.result).cell((0,), (0,) * len(last.terms)),
    )
    assert shown == pytest.approx(float(forward(name)[layer][place]), rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("layer", ["head.relu", "scores"])
def test_all_pages_together_hold_every_channel_once_the_largest_first(layer):
    place = (0, 3, 2, 2)[: 2 if layer == "scores" else 4]
    first = parts("efficientnet_lite0", layer, place)
    pages = [parts("efficientnet_lite0", layer, place, page) for page in range(first.pages)]
    channels = np.concatenate([page.channels for page in pages])
    assert sorted(channels.tolist()) == list(range(first.count))
    sizes = np.abs(np.concatenate([page.sums for page in pages]))
    assert (np.diff(sizes) <= 0).all()
    for page in pages:
        assert page.sums.sum() + page.rest + page.story.bias == pytest.approx(page.story.value, abs=1e-4)
    assert parts("efficientnet_lite0", layer, place, 99).page == first.pages - 1


def test_products_that_lie_on_padding_are_0_and_the_weights_are_whole():
    found = parts("efficientnet_lite0", "block2.depthwise.conv", (0, 17, 0, 0))
    assert found.margin == ((0, 0), (1, 0), (1, 0))
    assert found.read.shape == (1, 2, 2)
    own = weights("efficientnet_lite0")["block2.depthwise.conv.weight"][17]
    assert np.array_equal(found.weights, own)
    assert not found.products[0, 0].any()
    assert not found.products[0, :, 0].any()


def test_the_scene_holds_one_page_of_windows_and_nothing_else():
    found = parts("resnet8", "unit3.conv2", (0, 3, 4, 4))
    scene = cell(found, words("en"))
    assert scene.panel("x").values.shape == (A_PAGE, 3, 3)
    assert len(scene.to_bytes()) < 16_000
    wide = parts("efficientnet_lite0", "scores", (0, 281))
    assert len(cell(wide, words("zh")).to_bytes()) < 16_000


def test_the_calculation_has_every_number_that_it_takes():
    found = parts("efficientnet_lite0", "block2.depthwise.relu", (0, 17, 20, 20))
    told = calculation(found, words("en"))
    assert told.count('class="term"') == 9
    for name in ("channel", "norm", "after"):
        assert f'data-line="{name}"' in told


@pytest.mark.parametrize(("name", "layer"), [("alexnet", "norm1"), ("googlenet", "norm1")])
def test_a_response_normalisation_is_told_with_what_it_divides_by(name, layer):
    for place in ((0, 0, 20, 20), (0, 30, 20, 21), (0, 63, 9, 9)):
        found = parts(name, layer, place)
        (before, after) = (
            (found.after[-2].value if len(found.after) > 1 else found.story.value),
            found.after[-1],
        )
        response = after.response
        divisor = (response.k + response.alpha * response.squares) ** response.beta
        assert before / divisor == pytest.approx(after.value, rel=1e-5, abs=1e-6)
        assert response.count == {0: 3, 30: 5, 63: 3 if name == "googlenet" else 5}[place[1]]


@pytest.mark.parametrize("name", ["resnet8", "efficientnet_lite0"])
def test_a_passage_gives_what_the_whole_network_does(name):
    went, whole = Passage(name, picture("cat")), forward(name)
    for block in net(name).blocks[::3]:
        for layer in block.nodes[-3:]:
            assert np.abs(went.look(layer) - whole[layer]).max() < 1e-3
    assert went.output() == pytest.approx(whole[net(name).graph.output][0], rel=1e-4, abs=1e-4)


def test_a_passage_stops_where_it_is_asked_and_begins_at_the_last_block():
    went, done = Passage("resnet8", picture("cat")), []
    went.look("unit1.relu", done.append)
    assert len(done) == 10  # conv1, bn1, relu1 and the seven of the first unit
    assert set(went.values) == {"unit1.relu", "unit1.add", "unit1.bn2", "relu1"}
    done.clear()
    went.look("unit2.relu1", done.append)
    assert len(done) == 3


def test_large_full_layers_are_made_row_by_row_and_alike_each_time():
    went = Passage("alexnet", picture("cat"))
    values = went.look("fc6")
    row = went.params["fc6.weight"][1000]
    assert row.nbytes < 40_000
    given = went.values["flatten"][0]
    assert float(given @ row) == pytest.approx(float(values[0, 1000]), rel=1e-4, abs=1e-4)
