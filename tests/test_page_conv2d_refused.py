"""Convolution 2D where the part on the stage is too small for the kernel, but the whole picture is not."""

import numpy as np
import pytest

from conv_view.text import LANGUAGES, words
from tests.test_page_conv2d import grey, report, slid, stage, values
from tests.visit import visit

WIDE = {"kernel": "gaussian", "gaussian_size": "7", "dilation": "6"}  # spans 37 cells; the part has 12


def told(app, language):
    """The sentences of this fault that are on the page."""
    fault = words(language)["errors.kernel_too_large"].split("{")[0].strip()
    return [each.value for each in app.markdown if fault in each.value]


def whole_size(app):
    return stage(app, "conv2d_whole")["panels"]["output"]["shape"][1:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_is_computed_and_the_stage_stays(language):
    app = visit("conv2d", lang=language, picture="camera")
    before, size = values(app, "output"), np.array(whole_size(app))
    app.session_state["conv2d.gaussian_size"] = 7
    app.selectbox(key="conv2d.kernel").set_value("gaussian").run()
    assert not told(app, language)
    before = values(app, "output")
    app.slider(key="conv2d.dilation").set_value(6).run()
    assert not app.exception
    (sentence,) = told(app, language)
    assert words(language)["notices.kept_stage"] in sentence
    assert np.array_equal(values(app, "output"), before)
    assert whole_size(app) == (size + 2 - 36).tolist()
    assert "mark" not in stage(app, "conv2d_whole")["panels"]["output"]
    app.selectbox(key="conv2d.part").set_value("c48").run()
    assert not told(app, language)
    assert values(app, "output").shape == (1, 12, 12)
    assert "mark" in stage(app, "conv2d_whole")["panels"]["output"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_to_it_shows_the_whole(language):
    app = visit("conv2d", lang=language, picture="camera", **WIDE)
    assert not app.exception
    (sentence,) = told(app, language)
    assert words(language)["notices.plain_stage"] in sentence
    x, weight = grey("camera"), values(visit("conv2d", part="c48", **WIDE), "kernel")[0]
    expected = slid(x[None], weight, dilation=(6, 6))
    whole = stage(app, "conv2d_whole")["panels"]["output"]
    low, high = whole["quantised"]
    assert whole["shape"] == [1, *expected.shape]
    assert np.abs(low + whole["values"][0].astype(float) * (high - low) / 255 - expected).max() < 1
    # Nothing was good before; the part is shown as it is.
    assert np.trim_zeros(values(app, "kernel").ravel()).tolist() == [1]


def test_a_cell_picked_while_it_is_refused_is_not_picked_later():
    app = visit("conv2d", **WIDE)
    report(app, "conv2d_whole", pick={"panel": "output", "cell": [0, 5, 5], "at": 1})
    place = app.session_state["conv2d.at"]
    app.session_state["conv2d.at"] = (100, 100)
    app.slider(key="conv2d.dilation").set_value(1).run()
    assert app.session_state["conv2d.at"] == (100, 100) != place


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_the_whole_is_refused_too_nothing_is_said_of_it(language):
    app = visit("conv2d", lang=language, picture="painted")
    size = whole_size(app)
    app.session_state["conv2d.dilation"] = 6
    app.run()
    (sentence,) = told(app, language)
    assert words(language)["notices.kept"] in sentence
    assert whole_size(app) == size
