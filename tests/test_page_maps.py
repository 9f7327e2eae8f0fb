"""The page of feature maps, without a browser: networks and kinds of layer, links, faults, both languages."""

import pytest

from conv_view.feature_nets import net
from tests.visit import open_chapter, said, visit


def shown(**query):
    app = visit("maps", **query)
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("language", "names", "layer"), [("en", "It sees", "maps of"), ("zh", "网络看到", "特征图")]
)
def test_it_opens_with_an_answer_in_both_languages(language, names, layer):
    app = shown(lang=language)
    assert names in said(app)
    assert "tiger cat" in said(app)
    assert layer in said(app)
    for chapter in ("filter", "weights"):
        assert not open_chapter(app, "maps", chapter).exception


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"layer": "scores"}, "1,000 numbers"),
        ({"layer": "block2.depthwise.relu", "sort": "strength"}, "144 maps of 56 × 56"),
        ({"layer": "pool"}, "1,280 numbers"),
        ({"network": "resnet8", "layer": "unit2.projection"}, "32 maps of 16 × 16"),
        ({"network": "googlenet", "layer": "3a"}, "Untrained"),
        ({"network": "alexnet", "layer": "norm1"}, "96 maps of 55 × 55"),
        ({"network": "alexnet", "layer": "fc7"}, "4,096 numbers"),
        ({"network": "resnet18", "layer": "layer1.0.relu"}, "64 maps of 56 × 56"),
    ],
)
def test_any_layer_of_any_network_opens(query, told):
    assert told.replace(".", "\\.") in said(shown(**query))


def test_a_layer_that_is_not_there_is_told_and_the_first_shown():
    app = shown(layer="nonsense")
    assert "no layer called “nonsense”" in said(app)
    assert f"**{net('efficientnet_lite0').first}**".replace(".", "\\.") in said(app)


def test_a_chosen_block_shows_its_last_layer_and_a_link_says_so():
    app = shown()
    app.session_state["maps.map"] = 3
    app.selectbox(key="maps_block").select("block2").run()
    assert "**block2\\.add**" in said(app)
    assert app.query_params["layer"] == "block2.add"
    assert "map" not in app.query_params
    app.selectbox(key="maps_layer").select("block2.depthwise.relu").run()
    assert app.query_params["layer"] == "block2.depthwise.relu"


def test_channels_and_maps_have_pages():
    app = shown(layer="head.relu")
    app.button(key="maps_part_on").click().run()
    app.number_input(key="maps_page_20").set_value(2).run()
    assert app.query_params["part"] == "1"
    assert app.query_params["leaf"] == "1"
    assert "Channels 17 to 32 of 320" in said(app)
