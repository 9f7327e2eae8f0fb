"""Convolution 2D in colours: the kernel's text holds what is laid on each channel."""

import numpy as np
import pytest

from conv_core import kernel
from conv_view.text import LANGUAGES, words
from tests.test_page_conv2d import report, values
from tests.visit import said, visit

TEXT = "conv2d_kernel_text"


def opened(**query):
    """The page with its popover open, where the text is."""
    app = visit("conv2d", colour="rgb", **query)
    app.session_state["conv2d_more"] = True
    return app.run()


def type_in(app, text):
    app.text_area(key=TEXT).set_value(text).run()
    assert not app.exception


def test_the_text_holds_the_kernels_of_all_channels_and_is_read_back():
    app = opened()
    assert app.text_area(key=TEXT).value == "-1  0  1\n-2  0  2\n-1  0  1"
    typed = np.arange(27).reshape(3, 3, 3)
    report(
        app, edit={"panel": "kernel", "values": typed.ravel().tolist(), "shape": [1, 3, 3, 3], "revision": 1}
    )
    text = app.text_area(key=TEXT).value
    assert [len(block.splitlines()) for block in text.split("\n\n")] == [3, 3, 3]
    type_in(app, text.replace("26", "-5"))
    typed[2, 2, 2] = -5
    assert np.array_equal(values(app, "kernel")[0], typed)


def test_one_block_is_for_every_channel():
    app = opened()
    type_in(app, "1 2\n3 4")
    assert values(app, "kernel")[0].tolist() == [[[1, 2], [3, 4]]] * 3
    assert app.text_area(key=TEXT).value == "1  2\n3  4"


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_blocks_for_three_channels_are_refused_and_nothing_is_lost(language):
    app = opened(lang=language)
    before = values(app, "kernel")
    type_in(app, "1 2\n\n3 4")
    sentence = words(language).say("errors.weight_channels", given=2, channels=3, groups=1, expected=3)
    assert sentence in said(app)
    assert app.text_area(key=TEXT).value == "1 2\n\n3 4"
    assert np.array_equal(values(app, "kernel"), before)


def test_of_a_grey_picture_the_text_holds_the_one_kernel_that_is_used():
    app = opened()
    type_in(app, "1 2\n\n3 4\n\n5 6")
    app.session_state["conv2d.colour"] = "grey"
    app.run()
    assert app.text_area(key=TEXT).value == "1  2"
    assert np.array_equal(values(app, "kernel"), [[[[1, 2]]]])
    app.session_state["conv2d.colour"] = "rgb"
    app.run()
    assert np.array_equal(values(app, "kernel")[0, 2], [[5, 6]])
    app.selectbox(key="conv2d.kernel").set_value("sobel_y").run()
    assert np.array_equal(values(app, "kernel")[0, 2], kernel("sobel_y"))
