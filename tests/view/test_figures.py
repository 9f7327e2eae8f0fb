"""Figures: the app's own look in both themes, values that reach them as they are, small enough to send."""

import subprocess
import sys

import numpy as np
import pytest

from conv_view import figures
from conv_view.stage.bundle import palette
from tests.test_house import ROOT

AXES = {"x": "width", "y": "height", "z": "depth"}
RAMP = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def solid(values, **changes):
    usual = {"level": 0.5, "title": "Result at {value}", "axes": AXES, "dark": False, "height": 200}
    return figures.solid(values, **(usual | changes))


def test_plotly_waits_until_a_figure_is_drawn():
    code = "import sys, conv_view.figures; print('plotly' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("dark", [False, True])
def test_a_figure_has_the_page_behind_it_and_none_of_plotlys_colours_and_margins(dark):
    figure = solid(RAMP - 10, dark=dark)
    look = figure.layout.template.layout
    assert look.paper_bgcolor == look.plot_bgcolor == "rgba(0,0,0,0)"
    assert look.margin.to_plotly_json() == {"l": 0, "r": 0, "t": 0, "b": 0}
    assert look.showlegend is False
    assert look.colorway[:3] == tuple(palette()["roles"][role] for role in ("window", "kernel", "output"))
    assert not look.scene.xaxis.showbackground
    low, _, high = palette()["diverging"]["dark" if dark else "light"]
    assert [surface.colorscale[0][1] for surface in figure.data] == [high, low]


def test_light_and_dark_differ_in_what_is_written():
    light, dark = (figures.template(dark).layout.font.color for dark in (False, True))
    assert light != dark


def test_a_surface_runs_where_the_value_is_that_share_of_the_largest():
    [surface] = solid(RAMP, level=0.25).data
    cells = np.asarray(surface.value) / surface.isomax * RAMP.max()
    assert cells.reshape(RAMP.shape) == pytest.approx(RAMP, abs=1e-3)
    assert surface.isomin / surface.isomax == pytest.approx(0.25)
    assert np.asarray(surface.x).reshape(RAMP.shape)[0, 0].tolist() == [0, 1, 2, 3]
    assert np.asarray(surface.y).reshape(RAMP.shape)[0, :, 0].tolist() == [0, 1, 2]
    assert np.asarray(surface.z).reshape(RAMP.shape)[:, 0, 0].tolist() == [0, 1]


def test_negative_values_have_a_surface_of_their_own_at_the_same_distance_from_zero():
    above, below = solid(RAMP - 20, level=0.5).data
    assert np.array_equal(np.asarray(above.value), -np.asarray(below.value))
    assert (above.isomin, above.isomax) == (below.isomin, below.isomax)
    assert solid(RAMP - 20, level=0.5).layout.title.text == "Result at −10, 10"


@pytest.mark.parametrize("values", [RAMP, RAMP - 20])
def test_what_is_written_can_be_read(values):
    figure = solid(values)
    look, scene = figure.layout.template.layout, figure.layout.scene
    for axis in "xyz":
        assert scene[f"{axis}axis"].title.text == AXES[axis]
        assert look.scene[f"{axis}axis"].tickfont.size >= 12
        assert look.scene[f"{axis}axis"].title.font.size >= 12
    assert {trace.name for trace in figure.data} <= {"Result at 11.5", "Result at 10", "Result at −10"}


def test_the_axes_tell_places_of_the_volume_itself_however_much_it_is_reduced():
    figure = solid(np.ones((101, 20, 7)))
    assert np.asarray(figure.data[0].z).max() == figures.LONGEST - 1
    scene = figure.layout.scene
    assert scene.zaxis.ticktext == ("0", "50", "100")
    middle = scene.zaxis.tickvals[1]
    assert middle == pytest.approx((figures.LONGEST - 1) / 2)
    assert scene.xaxis.ticktext == ("0", "3", "6")
    assert scene.yaxis.range[0] > scene.yaxis.range[1]  # rows run downwards, towards the reader
    assert scene.aspectratio.z == 1
    assert scene.aspectratio.x == 0.25  # as thin as is drawn


def test_the_eye_is_where_the_reader_left_it():
    eye = solid(RAMP, eye=(0.5, 1, -1.5)).layout.scene.camera.eye
    assert (eye.x, eye.y, eye.z) == (0.5, 1, -1.5)


@pytest.mark.parametrize("values", [np.zeros((3, 3, 3)), np.ones((1, 1, 1)), np.full((2, 2, 2), np.nan)])
def test_nothing_to_see_is_no_error(values):
    assert np.isfinite(np.asarray(solid(values).data[0].value)).all()


def test_infinite_values_do_not_hide_the_others():
    values = RAMP.copy()
    values[0, 0, 0] = np.inf
    assert solid(values).layout.title.text == "Result at 11.5"


def test_a_volume_of_any_size_is_sent_small():
    noise = np.random.default_rng(1).standard_normal((64, 64, 64))
    assert len(solid(noise).to_json()) < 320_000


def test_averages_are_exact():
    values = np.random.default_rng(2).random((9, 4, 6))
    small = figures.reduced(values, longest=3)
    assert small.shape == (3, 3, 3)
    assert small[1, :, 2].mean() == pytest.approx(values[3:6, :, 4:6].mean())
    assert np.array_equal(figures.reduced(values, longest=9), values)
