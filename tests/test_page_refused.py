"""What is told of the stage where a page is asked for the impossible: by a fresh link, and by its reader."""

import pytest

from conv_view.text import LANGUAGES, words
from tests.visit import said, visit

# A page, what cannot be, and what the page says then, beside its key in the link.
IMPOSSIBLE = [
    (
        "conv1d",
        {"source": "typed", "stride": 1, "dilation": 6, "kernel": "gaussian", "gaussian_size": 7},
        "conv1d",
    ),
    ("conv2d", {"picture": "painted", "dilation": 6}, "conv2d"),
    ("channels", {"groups": 3}, "channels"),
    ("transposed", {"step_by": 1, "cut": 3, "added": 1}, "transposed"),
    ("parameters", {"size_y": 2, "size_x": 2, "padding": "0"}, "parameters"),
    ("receptive", {"layers": "c11d4_c3p1", "picture": "painted"}, "receptive"),
    ("receptive", {"layers": "c1_c1_c1_c1_c1_c1_c1"}, "receptive"),
    ("pooling", {"window": "2", "padding": "2"}, "pooling"),
    ("activations", {"subject": "addition", "stride": 2}, "activations"),
    ("activations", {"subject": "addition", "padding": "0"}, "activations"),
    ("activations", {"subject": "normalisation", "norm": "softmax", "scores": "none"}, "scores"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("page", "asked", "usual"), IMPOSSIBLE, ids=str)
def test_a_fresh_link_is_told_what_it_sees_instead(page, asked, usual, language):
    table = words(language)
    app = visit(page, lang=language, **{name: str(value) for name, value in asked.items()})
    assert not app.exception
    (line,) = [each.value for each in app.markdown if each.value.startswith(":red[")]
    assert line.endswith(table[f"notices.usual.{usual}"])
    app.run()  # nothing has worked meanwhile
    (line,) = [each.value for each in app.markdown if each.value.startswith(":red[")]
    assert line.endswith(table[f"notices.usual.{usual}"])
    assert table["notices.kept"] not in said(app)


# The page of channels offers no groups that do not divide; only a link asks for them.
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("page", "asked", "usual"), [each for each in IMPOSSIBLE if each[0] != "channels"], ids=str
)
def test_what_worked_before_stays_and_is_called_so(page, asked, usual, language):
    table = words(language)
    kept = {name: str(asked[name]) for name in ("subject", "norm", "source", "picture") if name in asked}
    app = visit(page, lang=language, **kept)
    assert ":red[" not in said(app)
    for name, value in asked.items():
        app.session_state[f"{page}.{name}"] = value
    app.run()
    assert not app.exception
    (line,) = [each.value for each in app.markdown if each.value.startswith(":red[")]
    assert line.endswith(table["notices.kept"])
    assert table[f"notices.usual.{usual}"] not in said(app)


@pytest.mark.parametrize("page", ["receptive", "transposed", "activations"])
def test_an_axis_is_called_by_its_name_where_the_line_is_a_formula(page):
    asked = {
        "receptive": {"layers": "c11d4_c3p1", "picture": "painted"},
        "transposed": {"step_by": "1", "added": "1"},
        "activations": {"part": "c8", "dilation": "6", "padding": "0"},
    }[page]
    (line,) = [each.value for each in visit(page, **asked).markdown if each.value.startswith(":red[")]
    assert "Axis 0 (height): " in line
