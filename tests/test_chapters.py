"""The open chapter of every page that has chapters: chosen, in the link, and opened by the link."""

import pytest

from tests.visit import open_chapter, visit

# What names a state of each page that has chapters, and the last of the chapters in it.
LAST = [
    ("conv2d", {}, "code"),
    ("conv1d", {}, "use"),
    ("conv1d", {"source": "sentence"}, "use"),
    ("conv3d", {}, "use"),
    ("channels", {}, "about"),
    ("transposed", {}, "code"),
    ("parameters", {}, "words"),
    ("receptive", {}, "code"),
    ("pooling", {}, "back"),
    ("activations", {}, "code"),
    ("activations", {"subject": "normalisation"}, "code"),
    ("im2col", {}, "back"),
    ("winograd", {}, "code"),
    ("fft", {}, "code"),
    ("lockstep", {}, "code"),
    ("race", {}, "formulas"),
    ("learn", {}, "code"),
    ("backward", {}, "code"),
    ("lenet", {}, "code"),
    ("maps", {}, "weights"),
]


def titles(app, page, name="chapter"):
    """The control that chooses a chapter."""
    return app.segmented_control(key=f"{page}.{name}")


def shown(app, page, name="chapter"):
    """The title that is marked as open."""
    assert not app.exception
    return titles(app, page, name).formatted_values[0]


@pytest.mark.parametrize(("page", "query", "last"), LAST)
def test_the_chosen_chapter_is_in_the_link_and_the_link_opens_it(page, query, last):
    app = visit(page, **query)
    first, *_, title = titles(app, page).options
    assert shown(app, page) == first
    assert "chapter" not in app.query_params
    titles(app, page).set_value(last).run()
    assert shown(app, page) == title
    assert app.query_params["chapter"] == last
    for language in ("en", "zh"):
        other = visit(page, lang=language, **query, chapter=last)
        assert shown(other, page) == titles(other, page).options[-1]
    titles(app, page).set_value("").run()
    assert shown(app, page) == first
    assert "chapter" not in app.query_params


def test_another_language_leaves_the_same_one_open():
    app = visit("lockstep", chapter="differs")
    english = shown(app, "lockstep")
    app.session_state["app.lang"] = "zh"
    app.run()
    assert titles(app, "lockstep").value == "differs"
    assert shown(app, "lockstep") != english


def test_a_chapter_that_is_not_there_gives_way_to_the_first():
    app = visit("activations", chapter="gradient", subject="addition")
    assert titles(app, "activations").value == ""
    assert "chapter" not in app.query_params
    app = visit("race", chapter="curves")
    assert shown(app, "race") == titles(app, "race").options[0]
    assert "chapter" not in app.query_params


def test_a_chapter_that_no_page_has_is_told():
    app = visit("lockstep", chapter="banana")
    assert titles(app, "lockstep").value == ""
    assert any("banana" in each.value for each in app.markdown)


def test_what_stands_beside_the_stage_is_in_the_link_too():
    app = visit("conv3d", beside="solid")
    assert shown(app, "conv3d", "beside") == titles(app, "conv3d", "beside").options[1]
    open_chapter(app, "conv3d", "", "beside")
    assert "beside" not in app.query_params
