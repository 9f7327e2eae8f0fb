"""Measuring the methods, and what is read out of counted and of measured curves."""

import numpy as np
import pytest

from conv_core import conv_cost
from conv_view import fft_times
from conv_view.controls.fft_charts import curves
from conv_view.controls.fft_small import by_formula, crossings
from conv_view.fft_times import RACERS, ROUNDS, best_of, crossing, settled, tasks, times
from conv_view.measuring import Measurement, Queue

PICTURE = np.ones((1, 2, 8, 8), np.float32)


def measured(sizes=(1, 3, 5)):
    return Measurement(tasks(PICTURE, sizes), queue=Queue())


def test_every_method_is_measured_with_every_kernel():
    one = measured()
    one.work()
    assert one.finished
    assert one.done == ROUNDS * 3 * len(RACERS)
    for line in times(one.results).values():
        assert [size for size, _ in line] == [1, 3, 5]
        assert all(taken > 0 for _, taken in line)


def test_what_was_stopped_keeps_what_it_has(monkeypatch):
    one, made = measured(), []

    def measure(work):
        made.append(work)
        if len(made) == len(RACERS):
            one.stop()
        return 1e-3

    monkeypatch.setattr(fft_times, "best_of", measure)
    one.work()
    assert len(made) == len(RACERS)
    assert one.finished
    assert one.stopped
    assert {name: len(line) for name, line in times(one.results).items()} == dict.fromkeys(RACERS, 1)


def test_what_is_too_slow_is_left_out_of_larger_kernels(monkeypatch):
    seconds = {"direct": [2.0], "im2col": [0.1, 2.0], "fft": [0.1, 0.2, 0.3]}
    asked = {method: [] for method in RACERS}

    def convolve(picture, weight, *, padding, method):
        asked[method].append(weight.shape[-1])
        return seconds[method][sorted(set(asked[method])).index(weight.shape[-1])]

    monkeypatch.setattr(fft_times, "conv", convolve)
    monkeypatch.setattr(fft_times, "best_of", lambda work: work())
    one = measured()
    one.work()
    assert {method: sorted(set(sizes)) for method, sizes in asked.items()} == {
        "direct": [1], "im2col": [1, 3], "fft": [1, 3, 5]
    }  # fmt: skip
    assert all(len(sizes) == ROUNDS * len(set(sizes)) for sizes in asked.values())
    assert one.share == 1
    lines = times(one.results)
    assert lines["fft"] == [(1, 0.1), (3, 0.2), (5, 0.3)]
    assert crossing(lines["fft"], [lines["direct"], lines["im2col"]]) == 3


def test_of_quick_work_the_best_of_several_counts_and_slow_work_is_done_once(monkeypatch):
    ticks, calls = iter(range(1000)), []
    monkeypatch.setattr(fft_times.time, "perf_counter", lambda: next(ticks) * 1e-3)
    assert best_of(lambda: calls.append(1)) == pytest.approx(1e-3)
    assert len(calls) >= 30  # of a millisecond each
    slow, calls = iter([0.0, 3.0]), []
    monkeypatch.setattr(fft_times.time, "perf_counter", lambda: next(slow))
    assert best_of(lambda: calls.append(1)) == 3
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("ours", "others", "found"),
    [
        ([5, 5, 5], [[1, 6, 9]], 2),
        ([5, 5, 5], [[6, 4, 9]], 3),
        ([5, 5, 5], [[6, 7, 9], [9, 4, 5]], None),
        ([5, 5, 5], [[6, 7]], 1),
        ([], [[1]], None),
    ],
)
def test_a_crossing_holds_for_all_that_follows(ours, others, found):
    def curve(values):
        return list(enumerate(values, start=1))

    assert crossing(curve(ours), [curve(other) for other in others]) == found


def rounds(*curves):
    """Results of several rounds, each the times of the transform over the sizes 1, 2, ..; im2col takes 10."""
    return {
        (turn, size, method): value if method == "fft" else 10.0
        for turn, curve in enumerate(curves)
        for size, value in enumerate(curve, start=1)
        for method in ("fft", "im2col")
    }


@pytest.mark.parametrize(
    ("curves", "found"),
    [
        ([[20, 12, 8, 7, 6]] * 3, (3, True)),
        ([[20, 12, 11, 11, 11]] * 3, (None, True)),
        ([[20, 12, 9.8, 9.7, 9.7]] * 3, (None, False)),  # within 5 %
        ([[20, 12, 10.2, 10.1, 10.2]] * 3, (None, False)),
        ([[20, 12, 11, 11, 9]] * 3, (None, False)),  # the last alone
        ([[20, 12, 8, 7, 6], [5, 5, 5, 5, 5], [20, 12, 8, 30, 9]], (None, False)),  # rounds that disagree
        ([[20, 12, 8, 7, 6], [20, 12, 8, 7, 6], [20, 12, 30, 30, 30]], (3, True)),  # one bad round
    ],
)
def test_a_crossing_is_claimed_only_where_the_curves_are_settled(curves, found):
    assert settled(rounds(*curves)) == found


@pytest.mark.parametrize("channels", [1, 4])
def test_the_counted_crossing_is_the_first_size_that_costs_less(channels):
    shape = (1, channels, 128, 128)
    costs = []
    for size in range(1, 32):
        weight = (channels, channels, size, size)
        plain, through = (
            conv_cost(shape, weight, padding="same", method=method) for method in ("direct", "fft")
        )
        costs.append((through.multiplies + through.adds) < (plain.multiplies + plain.adds))
    found, cached = crossings(channels)
    assert found == len(costs) - costs[::-1].index(False) + 1
    assert cached <= found
    assert [size for size, _ in by_formula(channels, 128)["direct"]] == list(range(1, 32))


@pytest.mark.parametrize("dark", [False, True])
def test_the_curves_are_named_at_their_ends_and_do_not_use_default_colours(dark):
    lines = {"direct": [(1, 1.0), (3, 9.0)], "im2col": [(1, 2.0), (3, 9.0)], "fft": [(1, 5.0), (3, 2.0)]}
    names = {"direct": "A", "im2col": "B", "fft": "C"}
    figure = curves(
        lines,
        names,
        across="k",
        up="ms",
        dark=dark,
        crossing=3,
        crossing_name="from 3",
        slowest={"fft": [(3, 3.0)]},
    ).to_plotly_json()
    assert list(figure["data"][2]["error_y"]["array"]) == [0, 1]
    ends = [each["text"] for each in figure["layout"]["annotations"]]
    assert set(ends) == {"A", "B", "C", "from 3"}
    # Two that end together stand apart, and no curve crosses a name: they stand right of all ends.
    heights = {each["text"]: each["y"] for each in figure["layout"]["annotations"]}
    assert abs(heights["A"] - heights["B"]) > 0.05
    assert all(each["xanchor"] == "left" for each in figure["layout"]["annotations"])
    colours = {each["line"]["color"] for each in figure["data"]}
    assert len(colours) == 3
    assert figure["layout"]["shapes"][0]["x0"] == 3
