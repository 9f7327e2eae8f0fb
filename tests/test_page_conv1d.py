"""Convolution 1D: what the stage is given, in both languages, against sums made here."""

import numpy as np
import pytest

from conv_view import samples, signals
from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import said, visit

SOURCES = ("ecg", *signals.SHAPES, "typed", "sentence")


def stage(app, key="conv1d"):
    """The scene that the stage called `key` was given, decoded."""
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    (found,) = [scene for scene in scenes if scene["options"]["key"] == key]
    return found


def values(app, panel, key="conv1d"):
    return np.asarray(stage(app, key)["panels"][panel]["values"], float)


def slid(x, kernel, stride=1):
    """Correlation by plain loops: x (C, n), kernel (C, k)."""
    count = (x.shape[1] - kernel.shape[1]) // stride + 1
    return [
        sum(x[c, at * stride + u] * kernel[c, u] for c in range(len(x)) for u in range(kernel.shape[1]))
        for at in range(count)
    ]


def report(app, key="conv1d", **state):
    """Let the stage report something, as the browser does."""
    app.session_state[key] = state
    return app.run()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("source", SOURCES)
def test_every_source_runs_in_both_languages_and_is_convolved(source, language):
    app = visit("conv1d", lang=language, source=source, stride="2")
    assert not app.exception
    assert words(language)[f"conv1d.sources.{source}"] in app.selectbox(key="conv1d.source").options
    panels = stage(app)["panels"]
    expected = slid(panels["input"]["values"].astype(float), panels["kernel"]["values"][0].astype(float), 2)
    assert panels["output"]["values"][0] == pytest.approx(expected, abs=1e-4)
    assert stage(app)["language"] == language


def test_the_stretch_is_cut_from_the_heartbeat_and_the_whole_stands_beside():
    app = visit("conv1d", stretch="64", at="500")
    assert values(app, "input").tolist() == [samples.ecg()[500:564].tolist()]
    whole = stage(app, "conv1d_whole")["panels"]
    assert whole["signal"]["shape"] == [1, 1024]
    assert whole["output"]["values"][0].tolist() == np.diff(samples.ecg()).tolist()
    assert whole["signal"]["mark"] == [[0, 1], [500, 64]]
    assert whole["output"]["mark"] == [[0, 1], [500, 63]]


def test_a_stretch_never_leaves_the_heartbeat():
    app = visit("conv1d", stretch="512", at="1000")
    assert values(app, "input").tolist() == [samples.ecg()[512:].tolist()]
    assert app.slider(key="conv1d.at").value == 512


def test_the_whole_heartbeat_needs_no_overview():
    app = visit("conv1d", stretch="1024")
    assert values(app, "input").shape == (1, 1024)
    with pytest.raises(ValueError, match="unpack"):
        stage(app, "conv1d_whole")


@pytest.mark.parametrize("panel", ["output", "signal"])
def test_a_sample_picked_on_the_whole_comes_onto_the_stage(panel):
    app = visit("conv1d", stretch="64", padding="1", stride="2")
    whole = values(app, "output", "conv1d_whole")[0]
    cell = 400 if panel == "output" else 800
    report(app, "conv1d_whole", pick={"panel": panel, "cell": [0, cell], "at": 1})
    place = stage(app)["options"]["cell"]
    assert place[:3] == [0, 0, 0]
    # The window reads the same cells as in the whole signal, so the number is the same.
    assert values(app, "output")[0, place[3]] == whole[400]


def test_the_last_samples_can_be_picked_whatever_the_stride():
    app = visit("conv1d", stretch="128", stride="3")
    whole = values(app, "output", "conv1d_whole")[0]
    for count, cell in enumerate(range(len(whole) - 6, len(whole))):
        report(app, "conv1d_whole", pick={"panel": "output", "cell": [0, cell], "at": count})
        assert values(app, "output")[0, stage(app)["options"]["cell"][3]] == whole[cell]
    app.slider(key="conv1d.at").set_value(10).run()
    assert values(app, "input").tolist() == [samples.ecg()[10:138].tolist()]


def test_typed_numbers_are_convolved_and_stand_in_the_link():
    app = visit("conv1d", source="typed", kernel="laplacian")
    app.text_input(key="conv1d.numbers").set_value("1, 4；９ 16").run()
    assert values(app, "input").tolist() == [[1, 4, 9, 16]]
    assert values(app, "output").tolist() == [[2, 2]]
    assert app.query_params["numbers"] == "1, 4；９ 16"


def test_a_drawn_signal_becomes_typed_numbers():
    app = visit("conv1d", source="typed")
    drawn = [0.1, -0.2, 1e-9, 12345.678]
    report(app, edit={"panel": "input", "values": drawn, "shape": [1, 4], "revision": 1})
    assert app.text_input(key="conv1d.numbers").value == "0.1 -0.2 0 12346"
    assert values(app, "input")[0] == pytest.approx([0.1, -0.2, 0, 12346])


def test_a_kernel_typed_on_the_stage_is_kept():
    app = visit("conv1d", source="step")
    report(app, edit={"panel": "kernel", "values": [2, 0, 5], "shape": [1, 1, 3], "revision": 1})
    assert app.selectbox(key="conv1d.kernel").value == "custom"
    assert values(app, "kernel").tolist() == [[[2, 0, 5]]]
    assert app.query_params["cells"] == "2_0_5"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_response_is_the_width_exactly_where_the_phrase_stands(language):
    app = visit("conv1d", source="sentence", lang=language)
    responses, labels = values(app, "output")[0], stage(app)["panels"]["output"]["labels"]["1"]
    phrase = words(language)["conv1d.defaults.phrase"]
    k = len(signals.words_of(phrase))
    assert [label for label, each in zip(labels, responses, strict=True) if abs(each - k) < 1e-5] == [phrase]
    assert responses.max() == pytest.approx(k, abs=1e-5)
    assert f"**{k}.00**" in said(app)
    assert phrase in said(app)


def test_a_phrase_that_is_not_there_is_said_to_be_absent():
    app = visit("conv1d", source="sentence", phrase="very bad")
    assert values(app, "output").max() < 1.99
    assert words("en").say("conv1d.absent", k=2) in said(app)


def test_a_flipped_filter_claims_nothing_about_the_phrase():
    app = visit("conv1d", source="sentence", flip="1")
    assert words("en").say("conv1d.found", k=3) not in said(app)
    assert words("en").say("conv1d.absent", k=3) not in said(app)
    phrase = signals.phrase_filter(("was", "very", "good"))
    assert values(app, "kernel").tolist() == phrase[:, :, ::-1].astype(float).tolist()


def test_a_weight_typed_into_the_filter_is_kept_until_the_phrase_changes():
    app = visit("conv1d", source="sentence")
    cells = np.zeros((8, 3))
    cells[2, 1] = 7
    report(app, edit={"panel": "kernel", "values": cells.ravel().tolist(), "shape": [1, 8, 3], "revision": 1})
    assert values(app, "kernel").tolist() == [cells.tolist()]
    assert app.selectbox(key="conv1d.filter").value == "custom"
    assert visit("conv1d", **app.query_params).session_state["conv1d.filter"] == "custom"
    app.text_input(key="conv1d.phrase").set_value("the acting").run()
    assert values(app, "kernel").shape == (1, 8, 2)
    # The kernel of the signals is another one.
    assert app.session_state["conv1d.kernel"] == "difference"


def test_the_first_sentence_follows_the_language_but_a_typed_one_stays():
    app = visit("conv1d", source="sentence", lang="en")
    app.button_group(key="language_switch").set_value("zh").run()
    assert app.text_input(key="conv1d.sentence").value == words("zh")["conv1d.defaults.sentence"]
    assert "sentence" not in app.query_params
    app.text_input(key="conv1d.sentence").set_value("One of my own").run()
    app.button_group(key="language_switch").set_value("en").run()
    assert app.text_input(key="conv1d.sentence").value == "One of my own"
    assert app.text_input(key="conv1d.phrase").value == words("en")["conv1d.defaults.phrase"]


BAD = [
    ("typed", "numbers", "", "errors.signal_empty", {}),
    ("typed", "numbers", "1 2 x", "errors.signal_number", {"position": 3, "token": "x"}),
    ("typed", "numbers", "1 nan", "errors.signal_number", {"position": 2, "token": "nan"}),
    ("typed", "numbers", "1 " * 129, "errors.signal_count", {"count": 129, "limit": 128}),
    ("typed", "numbers", "1 " * 800, "errors.signal_letters", {"count": 1600, "limit": 1500}),
    ("sentence", "sentence", "", "errors.sentence_empty", {}),
    ("sentence", "sentence", " ... ", "errors.sentence_empty", {}),
    ("sentence", "sentence", "a " * 65, "errors.sentence_words", {"count": 65, "limit": 64}),
    ("sentence", "sentence", "a" * 401, "errors.signal_letters", {"count": 401, "limit": 400}),
    ("sentence", "phrase", "", "conv1d.phrase_empty", {}),
    ("sentence", "phrase", "a " * 13, "conv1d.phrase_words", {"count": 13, "limit": 12}),
    ("sentence", "phrase", "一" * 70, "conv1d.phrase_words", {"count": 70, "limit": 12}),
    ("sentence", "phrase", "a b c d e f g h i j k", "conv1d.phrase_long", {"span": 11, "padded": 10}),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("source", "field", "text", "key", "numbers"), BAD)
def test_what_cannot_be_used_gets_one_sentence_and_the_picture_stays(
    source, field, text, key, numbers, language
):
    app = visit("conv1d", source=source, lang=language)
    if field == "phrase":
        app.text_input(key="conv1d.sentence").set_value("a b c d e f g h i j").run()
    before = stage(app)
    app.text_input(key=f"conv1d.{field}").set_value(text).run()
    assert not app.exception
    assert words(language).say(key, **numbers) in said(app)
    assert stage(app)["panels"]["output"]["values"].tolist() == before["panels"]["output"]["values"].tolist()
    app.text_input(key=f"conv1d.{field}").set_value("3 4 5").run()
    assert words(language).say(key, **numbers) not in said(app)


@pytest.mark.parametrize(
    "query",
    [
        {"source": "typed", "numbers": "1 two"},
        {"source": "sentence", "sentence": "!", "lang": "zh"},
        {"source": "sentence", "sentence": "hi"},
        {"source": "step", "length": "8", "kernel": "box", "box_size": "15"},
        {
            "source": "ecg",
            "padding": "5",
            "mode": "reflect",
            "kernel": "gaussian",
            "dilation": "6",
            "stretch": "32",
        },
    ],
)
def test_a_link_to_what_cannot_be_shown_shows_something_and_says_why(query):
    app = visit("conv1d", **query)
    assert not app.exception
    assert stage(app)["panels"]["output"]["values"].size


def test_a_sentence_of_the_greatest_length_fits_into_a_link():
    app = visit("conv1d", source="sentence")
    app.text_input(key="conv1d.sentence").set_value("好" * 64).run()
    app.text_input(key="conv1d.phrase").set_value("好" * 12).run()
    assert not app.exception
    again = visit("conv1d", **app.query_params)
    assert again.text_input(key="conv1d.sentence").value == "好" * 64
    assert values(again, "output") == pytest.approx(12, abs=1e-4)


@pytest.mark.parametrize("lesson", ["classify", "use"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lessons_of_this_page_are_there(lesson, language):
    app = visit("conv1d", source="sentence", lang=language)
    assert words(language)[f"conv1d.{lesson}.tab"] in app.segmented_control(key="conv1d.chapter").options
