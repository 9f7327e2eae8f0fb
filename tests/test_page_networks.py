"""The page of the classic networks, without a browser: totals, selection, refusals, chapters, links."""

import json
import re

import pytest

from conv_view.controls.networks import PICTURE
from conv_view.networks import NETWORKS, load, usual_side
from conv_view.text import LANGUAGES, words
from tests.visit import open_chapter, said, visit

# Typed from what is published: parameters and multiplications.
TOTALS = {
    ("alexnet", "paper"): ("60,965,224", "724,406,816"),
    ("googlenet", "torchvision"): ("6,624,904", "1,498,376,192"),
    ("resnet152", "torchvision"): ("60,192,808", "11,513,626,624"),
}


def picture(app):
    """What the picture of the network was given."""
    (found,) = [each for each in app.get("bidi_component") if "svg" in each.proto.json]
    return json.loads(found.proto.json)["svg"]


def pressed(app):
    return re.findall(r'data-at="([^"]+)"[^>]*aria-pressed="true"', picture(app))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_totals_are_on_the_page(language):
    for (network, variant), totals in TOTALS.items():
        app = visit("networks", lang=language, network=network, variant=variant)
        assert not app.exception
        for total in totals:
            assert total in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_network_shows_every_chapter(language):
    app = visit("networks", lang=language)
    for place, network in enumerate(NETWORKS):
        app.session_state["networks.network"] = network
        for chapter in ("table", "bars", "differ", "code")[place % 2 :: 2]:
            open_chapter(app, "networks", chapter)
            assert not app.exception
        assert f"{load(network, 'paper', usual_side(network, 'paper')).parameters:,}" in said(app)


def test_what_the_sources_say_stands_beside_what_is_computed():
    app = visit("networks", chapter="differ")
    for number in ("600,000,000", "60,965,224", "61,100,840", "659,272", "650,000", "96.2%"):
        assert number in said(app)
    app = visit("networks", chapter="differ", network="googlenet")
    for number in ("159K", "163,328", "1388K", "1,442,816", "6,624,904"):
        assert number in said(app)
    app = visit("networks", chapter="differ", network="resnet50")
    for number in ("3,857,973,248", "4,089,184,256", "483", "427"):
        assert number in said(app)


def test_a_click_in_the_picture_selects_and_is_in_the_link():
    app = visit("networks", network="resnet50")
    assert pressed(app) == ["~layer1.0"]
    app.session_state[PICTURE] = {"pick": {"at": "layer3.2.conv2", "count": 1}}
    app.run()
    assert pressed(app) == ["layer3.2.conv2"]
    assert app.query_params["at"] in ("layer3.2.conv2", ["layer3.2.conv2"])
    assert "3·3·256·256 = **589,824**" in said(app)
    app = visit("networks", network="resnet50", at="layer3.2.conv2")
    assert pressed(app) == ["layer3.2.conv2"]
    # In another network there is no such layer: it shows its own best block.
    app.selectbox(key="networks.network").set_value("lenet5").run()
    assert not app.exception
    assert pressed(app) == ["~C1"]
    assert app.selectbox(key="networks.variant").options == [words("en")["networks.variants.paper"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_small_an_input_is_told_and_the_last_good_picture_stays(language):
    table = words(language)
    app = visit("networks", lang=language, network="vgg16", side="20")
    (line,) = [each.value for each in app.markdown if each.value.startswith(":red[")]
    assert "pool5" in line
    assert line.endswith(table["notices.usual.networks"])
    app.number_input(key="networks_side").set_value(64).run()
    assert not app.exception
    before = picture(app)
    assert app.query_params["side"] in ("64", ["64"])
    app.number_input(key="networks_side").set_value(9).run()
    (line,) = [each.value for each in app.markdown if each.value.startswith(":red[")]
    assert "9×9" in line
    assert line.endswith(table["notices.kept"])
    assert picture(app) == before
    # The size that the network was made for needs no word in the link.
    app.number_input(key="networks_side").set_value(224).run()
    assert "side" not in app.query_params


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_heads_of_googlenet_stand_apart(language):
    app = visit("networks", lang=language, network="googlenet", at="aux2.fc1")
    assert not app.exception
    assert pressed(app) == ["aux2.fc1"]
    assert "aux1, aux2" in said(app)
    assert "2048·1024 + 1024 = **2,098,176**" in said(app)


def test_the_table_shows_the_network_the_open_block_or_a_head():
    (table,) = visit("networks", network="vgg16", at="~conv5").dataframe
    assert table.value["parameters"].sum() == 138_357_544
    assert table.value["macs_so_far"].iloc[-1] == 15_470_264_320
    (table,) = visit("networks", network="vgg16", at="~conv5", rows="open").dataframe
    assert list(table.value["name"]) == [f"{kind}5_{at}" for at in (1, 2, 3) for kind in ("conv", "relu")]
    assert table.value["parameters"].sum() == 3 * (9 * 512 * 512 + 512)
    (table,) = visit("networks", network="googlenet", at="~aux1").dataframe
    assert {name.partition(".")[0] for name in table.value["name"]} == {"aux1"}
