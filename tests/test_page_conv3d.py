"""Convolution 3D: what the stages are given, in both languages, against SciPy and sums made here."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import correlate

from conv_view import film, samples
from conv_view.text import LANGUAGES, words
from tests import wire
from tests.visit import open_chapter, said, visit

SOBEL_X = np.multiply.outer(np.outer([1, 2, 1], [1, 2, 1]), [-1, 0, 1]).astype(float)
SOBEL_Z = SOBEL_X.transpose(2, 0, 1)


def depth(language):
    return words(language).say("notices.axis", axis=0, name=words(language)["notices.axes.z"])


def stages(app):
    scenes = [wire.decode(each.proto.bytes) for each in app.get("bidi_component") if each.proto.bytes]
    return {scene["options"]["key"]: scene for scene in scenes}


def values(app, panel, key="conv3d"):
    """What a panel holds, as numbers, whether sent as they are or in 256 steps."""
    found = stages(app)[key]["panels"][panel]
    if "quantised" not in found:
        return np.asarray(found["values"], float)
    low, high = found["quantised"]
    return low + found["values"] * (high - low) / 255


def middle(volume, size):
    starts = [(extent - size) // 2 for extent in volume.shape]
    return volume[tuple(slice(start, start + size) for start in starts)]


def inner(volume, kernel):
    """Correlation by SciPy, where the kernel lies inside."""
    return correlate(volume.astype(float), kernel)[1:-1, 1:-1, 1:-1]


def report(app, key="conv3d", **state):
    """Let the stage report something, as the browser does."""
    app.session_state[key] = state
    return app.run()


def opened(language, lesson, **query):
    """The page with one of its lessons open."""
    app = visit("conv3d", lang=language, **query)
    return open_chapter(app, "conv3d", lesson)


def gif(frames):
    file, pages = io.BytesIO(), [Image.fromarray(frame) for frame in frames]
    pages[0].save(file, "GIF", save_all=True, append_images=pages[1:])
    return file.getvalue()


def upload(app, data, name="film.gif"):
    app.session_state["conv3d_own"] = True
    app.run()
    app.file_uploader[0].set_value((name, data, "image/gif")).run()
    return app


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("volume", "voxels"), [("brain", samples.brain), ("film", film.moving_square)])
def test_cube_and_whole_are_convolved_in_both_languages(language, volume, voxels):
    app = visit("conv3d", lang=language, volume=volume)
    assert not app.exception
    assert words(language)[f"conv3d.names.{volume}"] in app.selectbox(key="conv3d.volume").options
    cube = middle(voxels(), 12)
    assert np.array_equal(values(app, "input")[0], cube)
    assert np.array_equal(values(app, "output")[0], inner(cube, SOBEL_X))
    assert np.array_equal(values(app, "picture", "conv3d_whole"), voxels())
    whole = inner(voxels(), SOBEL_X)
    step = np.ptp(whole) / 255
    assert np.abs(values(app, "output", "conv3d_whole")[0] - whole).max() <= step / 2 + 1e-3
    assert stages(app)["conv3d"]["language"] == language


@pytest.mark.parametrize("size", ["8", "12", "16", "20"])
def test_the_stage_plays_a_cube_of_the_chosen_size_and_never_more(size):
    app = visit("conv3d", size=size, padding="same")
    assert stages(app)["conv3d"]["panels"]["output"]["shape"] == [1, *[int(size)] * 3]


def test_whole_volumes_are_sent_as_single_bytes():
    app = visit("conv3d")
    (payload,) = [
        len(each.proto.bytes) for each in app.get("bidi_component") if b"conv3d_whole" in each.proto.bytes
    ]
    assert payload < samples.brain().size * 2 + 4000


def test_a_filter_along_time_sees_what_moves_and_nothing_that_stands():
    app = visit("conv3d", volume="film", kernel="sobel_z", padding="same")
    whole = values(app, "output", "conv3d_whole")[0]
    noise = np.ptp(whole) / 255
    assert np.abs(whole[1:-1, 30:35]).max() <= noise
    assert np.abs(whole[1:-1, 14:22]).max() > 1000
    assert np.abs(whole[film.FLASH - 1, 6, 29]) > 1000


def test_the_size_formula_has_three_axes_with_their_own_numbers():
    app = visit("conv3d", by_axis="1", stride_z="2", dilation_y="3", padding="1")
    formula = said(app)
    for expected in (r"12+1+1-1\cdot(3-1)-1}{2}", r"12+1+1-3\cdot(3-1)-1}{1}", r"\mathbf{6}", r"\mathbf{8}"):
        assert expected in formula


@pytest.mark.parametrize("panel", ["output", "picture"])
@pytest.mark.parametrize("changes", [{}, {"stride": "2", "padding": "same"}, {"dilation": "2"}])
def test_a_cell_picked_in_the_whole_comes_onto_the_stage(panel, changes):
    app = visit("conv3d", **changes)
    shape = stages(app)["conv3d_whole"]["panels"][panel]["shape"][-3:]
    cell = [size // 3 for size in shape]
    whole = values(app, "output", "conv3d_whole")[0]
    picked = [0, *cell] if panel == "output" else cell
    report(app, "conv3d_whole", pick={"panel": panel, "cell": picked, "at": 1})
    assert not app.exception
    act, group, kernel, *place = stages(app)["conv3d"]["options"]["cell"]
    assert (act, group, kernel) == (0, 0, 0)
    shown = values(app, "output")[0][tuple(place)]
    mark = [start for start, _ in stages(app)["conv3d_whole"]["panels"]["output"]["mark"]]
    there = tuple(int(start) + at for start, at in zip(mark, place, strict=True))
    if panel == "output":
        assert there == tuple(cell)
    assert abs(shown - whole[there]) <= np.ptp(whole) / 255
    assert app.query_params["at"]


def test_a_kernel_typed_on_the_stage_is_kept_in_the_link():
    app = visit("conv3d")
    cells = np.arange(27.0)
    report(app, edit={"panel": "kernel", "values": cells.tolist(), "shape": [1, 1, 3, 3, 3], "revision": 1})
    assert app.selectbox(key="conv3d.kernel").value == "custom"
    again = visit("conv3d", **app.query_params)
    assert np.array_equal(values(again, "kernel").ravel(), cells)
    cube = middle(samples.brain(), 12)
    assert np.array_equal(values(again, "output")[0], inner(cube, cells.reshape(3, 3, 3)))


def test_the_step_is_part_of_the_link():
    app = report(visit("conv3d"), view={"cell": [0, 0, 0, 3, 4, 5]})
    assert stages(visit("conv3d", **app.query_params))["conv3d"]["options"]["cell"] == [0, 0, 0, 3, 4, 5]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_impossible_is_said_and_the_last_good_state_stays(language):
    app = visit("conv3d", lang=language)
    before = values(app, "output")
    app.slider(key="conv3d.dilation").set_value(6).run()
    sentence = words(language).say(
        "errors.kernel_too_large", axis=depth(language), kernel=3, dilation=6, span=13, padded=12
    )
    assert sentence in said(app)
    assert not app.exception
    assert np.array_equal(values(app, "output"), before)
    app.slider(key="conv3d.dilation").set_value(1).run()
    assert sentence not in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_single_slice_the_middle_of_the_kernel_is_left(language):
    app = opened(language, "single", slice="20")
    assert not app.exception
    plane = samples.brain()[19]
    shown = values(app, "input", "conv3d_slice")
    assert shown.shape == (1, 1, 12, 12)
    assert np.array_equal(shown[0, 0], plane[26:38, 20:32])
    expected = correlate(shown[0, 0], SOBEL_X[1])[1:-1, 1:-1]
    assert np.array_equal(values(app, "output", "conv3d_slice")[0, 0], expected)
    largest = np.abs(correlate(plane.astype(float), SOBEL_X[1])[1:-1, 1:-1]).max()
    told = words(language)["conv3d.single.equal"].format(difference="0", largest=f"{largest:.4g}")
    assert told in said(app)
    assert r"-4 & 0 & 4" in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slice_without_padding_is_refused_with_the_reason_and_stays_on_screen(language):
    app = opened(language, "single")
    before = values(app, "output", "conv3d_slice")
    app.button_group(key="conv3d.slice_padding").set_value("as_set").run()
    sentence = words(language).say("errors.kernel_too_large", axis=0, kernel=3, dilation=1, span=3, padded=1)
    assert f"{sentence} {words(language)['conv3d.single.refused']}" in said(app)
    assert np.array_equal(values(app, "output", "conv3d_slice"), before)
    # The page itself is not concerned.
    assert "mathbf" in said(app)


def test_a_filter_along_depth_is_blind_on_a_single_slice():
    app = opened("en", "single", kernel="sobel_z")
    assert not values(app, "output", "conv3d_slice").any()
    assert words("en")["conv3d.single.blind"] in said(app)


def test_frames_of_an_upload_become_slices_and_the_original_is_let_go():
    frames = np.random.default_rng(3).integers(0, 255, (9, 14, 13), np.uint8)
    frames[:] = frames // 51 * 51  # few greys, which a GIF keeps as they are
    app = visit("conv3d")
    key = app.session_state["volume"].get("turn", 0) if "volume" in app.session_state else 0
    upload(app, gif(frames))
    assert not app.exception
    assert app.selectbox(key="conv3d.volume").value == "upload"
    assert np.array_equal(values(app, "picture", "conv3d_whole"), frames)
    assert stages(app)["conv3d"]["panels"]["input"]["shape"] == [1, 9, 12, 12]
    assert app.session_state["volume"]["turn"] == key + 1
    assert f"volume-{key}" not in app.session_state
    assert app.query_params["volume"] == "upload"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("data", "code", "numbers"),
    [
        (b"", "picture_empty", {}),
        (b"GIF89a, they say", "picture_damaged", {"format": "GIF"}),
        (gif(np.zeros((1, 5, 5), np.uint8)), "frames_one", {"format": "GIF"}),
        (gif(film.moving_square())[:900], "picture_damaged", {"format": "GIF"}),
    ],
    ids=["empty", "text", "single", "torn"],
)
def test_a_bad_file_gets_one_sentence_and_the_volume_stays(language, data, code, numbers):
    app = upload(visit("conv3d", lang=language), data)
    assert not app.exception
    assert words(language).say(f"errors.{code}", **numbers) in said(app)
    assert app.selectbox(key="conv3d.volume").value == "brain"
    assert np.array_equal(values(app, "input")[0], middle(samples.brain(), 12))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_to_somebody_elses_upload_says_that_it_is_missing(language):
    app = visit("conv3d", lang=language, volume="upload", kernel="box")
    assert not app.exception
    assert words(language)["conv3d.missing"] in said(app)
    assert np.array_equal(values(app, "picture", "conv3d_whole"), samples.brain())
    assert app.selectbox(key="conv3d.kernel").value == "box"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_surfaces_are_made_when_they_are_looked_at(language):
    app = visit("conv3d", lang=language)
    assert len(app.get("plotly_chart")) == 0
    app.session_state["conv3d.beside"] = "solid"
    app.run()
    assert not app.exception
    charts = app.get("plotly_chart")
    assert len(charts) == 2
    assert [chart.proto.alt for chart in charts] == [
        words(language)[f"conv3d.solid.{name}"] for name in ("input", "result")
    ]


def test_a_surface_that_was_turned_is_drawn_from_there_but_not_drawn_again_for_that():
    app = visit("conv3d", eye="50_-100_200")
    app.session_state["conv3d.beside"] = "solid"
    app.run()
    before = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert '"eye":{"x":0.5,"y":-1.0,"z":2.0}' in before[0].replace(" ", "")
    report(app, "conv3d_watcher", eye=[1.5, 0.25, 0.1])
    assert [chart.proto.spec for chart in app.get("plotly_chart")] == before
    assert app.query_params["eye"] == "150_25_10"
    app.slider(key="conv3d.level").set_value(60).run()
    assert '"eye":{"x":1.5,"y":0.25,"z":0.1}' in app.get("plotly_chart")[0].proto.spec.replace(" ", "")


def test_the_uses_set_themselves_up():
    app = opened("en", "use")
    app.button(key="conv3d_use_film").click().run()
    assert (app.query_params["volume"], app.query_params["kernel"]) == ("film", "sobel_z")
    app.button(key="conv3d_use_medicine").click().run()
    assert app.query_params["kernel"] == "gaussian"
    assert "volume" not in app.query_params


def test_a_lesson_that_is_open_survives_a_change_of_language():
    app = opened("en", "single")
    app.button_group(key="language_switch").set_value("zh").run()
    assert not app.exception
    assert words("zh")["lessons.sharing.connections"] in said(app) or words("zh")[
        "conv3d.single.text"
    ] in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_that_asks_for_the_impossible_shows_the_volume_and_says_why(language):
    app = visit("conv3d", lang=language, dilation="6")
    assert not app.exception
    assert words(language).say(
        "errors.kernel_too_large", axis=depth(language), kernel=3, dilation=6, span=13, padded=12
    ) in said(app)
    assert np.array_equal(values(app, "output")[0], middle(samples.brain(), 12))


def test_two_frames_are_a_volume():
    app = visit("conv3d", dilation="6")
    upload(app, gif(film.moving_square()[:2]))
    assert not app.exception
    app.slider(key="conv3d.dilation").set_value(1).run()
    app.selectbox(key="conv3d.padding").set_value("same").run()
    assert stages(app)["conv3d"]["panels"]["output"]["shape"] == [1, 2, 12, 12]


def test_a_refusal_that_was_read_goes_with_the_next_change():
    app = upload(visit("conv3d"), b"")
    assert words("en")["errors.picture_empty"] in said(app)
    app.slider(key="conv3d.stride").set_value(2).run()
    assert words("en")["errors.picture_empty"] not in said(app)
