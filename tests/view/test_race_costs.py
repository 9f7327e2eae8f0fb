"""What the race counts, against formulas written down here once more, and what it says about that."""

import tracemalloc
from math import ceil

import numpy as np
import pytest

from conv_core import WindowError, conv, method_error
from conv_view import race_run
from conv_view.known_layers import ENGINES, LAYERS, Layer, Setup, macs
from conv_view.race_bars import Shown, table
from conv_view.race_costs import automatic, entries, least
from conv_view.race_curve_words import along
from conv_view.race_curves import AXES, at, cannot, counted, current, never, stretches, timed
from conv_view.race_lines import chart
from conv_view.race_run import LIMIT_BYTES, Need, Pace, Reference, Timing, measure, needed, too_large
from conv_view.race_words import costs, times, too_much
from conv_view.text import LANGUAGES, words

# C, O, k, output side, groups, and whether Winograd can.
FACTS = {
    "vgg1_1": (3, 64, 3, 224, 1, True),
    "vgg1_2": (64, 64, 3, 224, 1, True),
    "vgg3_2": (256, 256, 3, 56, 1, True),
    "vgg5_1": (512, 512, 3, 14, 1, True),
    "alexnet": (3, 64, 11, 55, 1, False),
    "resnet": (3, 64, 7, 112, 1, False),
    "pointwise": (256, 64, 1, 56, 1, True),
    "depthwise": (256, 256, 3, 56, 256, True),
}


def by_name(setup: Setup) -> dict:
    return {row.engine: row for row in entries(setup)}


@pytest.mark.parametrize("name", LAYERS)
def test_a_real_layer_costs_what_its_shapes_say(name):
    channels, outputs, kernel, side, groups, winograd = FACTS[name]
    rows = by_name(Setup(LAYERS[name]))
    products = outputs * side**2 * channels // groups * kernel**2
    assert macs(LAYERS[name]) == products
    for engine in ("direct", "im2col"):
        assert rows[engine].value("multiplies") == products
        assert rows[engine].value("adds") == products - outputs * side**2
    assert (rows["winograd"].fault is None) == winograd
    if winograd:
        m = rows["winograd"].tile[0]
        tiles, n = ceil(side / m) ** 2, m + kernel - 1
        assert rows["winograd"].parts[2][0] == tiles * outputs * channels // groups * n * n
    else:
        assert rows["winograd"].fault.code == "method_window"
        assert rows["winograd"].fault.numbers["instead"] == "im2col"
    n = rows["fft"].tile[0]
    tiles = ceil((LAYERS[name].size + 2 * LAYERS[name].padding - kernel + 1) / (n - kernel + 1)) ** 2
    assert rows["fft"].parts[2][0] == 4 * tiles * outputs * channels // groups * n * (n // 2 + 1)
    for row in rows.values():
        if row.parts:
            assert sum(part[0] for part in row.parts) == row.value("multiplies")
            assert row.value("adds") == sum(part[1] for part in row.parts)
            assert 0 < row.transform_share < 1 or kernel == 1


def test_tiles_can_be_chosen_and_a_tile_too_small_is_a_fault_of_its_own_row():
    rows = by_name(Setup(Layer(4, 4, kernel=9, size=32, padding=4), m=2, tile=8))
    assert rows["fft"].fault.code == "fft_tile_small"
    assert rows["winograd"].fault.code == "method_window"
    assert rows["im2col"].fault is None
    chosen = by_name(Setup(LAYERS["vgg5_1"], m=6, tile=32))
    assert chosen["winograd"].tile == (6, 6)
    assert chosen["fft"].tile == (32, 32)


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        (Layer(16, 16, kernel=3, size=8, groups=3), "groups_input"),
        (Layer(16, 10, kernel=3, size=8, groups=4), "groups_output"),
        (Layer(4, 4, kernel=9, size=8), "kernel_too_large"),
    ],
)
def test_a_layer_that_cannot_be_is_refused(layer, code):
    with pytest.raises(WindowError) as caught:
        entries(Setup(layer))
    assert caught.value.code == code


# Memory.


def test_what_would_need_too_much_memory_is_refused_with_the_bytes():
    large = Setup(Layer(512, 512, kernel=3, size=600, padding=1))
    for engine in ENGINES:
        need = needed(large, engine)
        assert too_large(large, engine) == need
        assert need.own == need.operands + need.outputs + need.workspace
        # Input and output in float32, and for the comparison two outputs in float64 at the very least.
        assert need.own > 512 * 600**2 * (4 + 4)
        assert need.whole > 512 * 600**2 * (4 + 4 + 16)
    assert all(too_large(Setup(layer), "im2col") is None for layer in LAYERS.values())


def test_the_spectra_of_ffts_kernels_count():
    # One filter's spectra over a tile as large as the picture: channels x n x (n / 2 + 1) complex numbers.
    setup = Setup(Layer(2048, 8, kernel=3, size=40, padding=1), tile=256)
    spectra = 2048 * 256 * 129 * 8
    assert spectra > LIMIT_BYTES
    assert needed(setup, "fft").own > spectra
    assert too_large(setup, "fft")
    assert too_large(setup, "im2col") is None


@pytest.mark.parametrize("engine", ENGINES)
def test_a_measurement_takes_no_more_than_was_foretold(engine):
    setup = Setup(Layer(32, 48, kernel=3, size=64, padding=1))
    need = needed(setup, engine)
    for error, foretold in ((True, need.whole), (False, need.own)):
        tracemalloc.start()
        measure(setup, engine, Reference(setup.layer), lambda: False, pace=Pace(1, 0.0, 60.0), error=error)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak <= foretold + 200_000  # Python's own


# Measuring.


def test_a_measurement_times_and_compares():
    setup = Setup(Layer(4, 6, kernel=3, size=16, padding=1), m=2, tile=8)
    reference = Reference(setup.layer)
    for engine in ENGINES:
        one = measure(setup, engine, reference, lambda: False, pace=Pace(2, 5.0, 30.0))
        assert one.runs == 2
        assert one.seconds > 0
        assert 0 <= one.error < 1e-5
    made = conv(reference.x, reference.weight, padding=1, method="im2col")
    expected = method_error(reference.x, reference.weight, padding=1, method="im2col")
    assert reference.error("im2col", made) == pytest.approx(expected)
    made = conv(reference.x, reference.weight, padding=1, method="winograd")
    off = np.abs(made - reference.exact).max() / np.abs(reference.exact).max()
    assert reference.error("winograd", made) == pytest.approx(off)
    assert np.array_equal(reference.x, Reference(setup.layer).x)


def test_a_stop_is_honoured_between_two_runs():
    setup = Setup(Layer(2, 2, kernel=3, size=8))
    asked = iter([False, False, True])
    assert measure(setup, "im2col", Reference(setup.layer), lambda: next(asked)) is None
    with pytest.raises(StopIteration):
        next(asked)


def test_what_would_take_too_long_is_told_from_two_parts(monkeypatch):
    # 2 rows take 3 seconds, 4 take 5: so 1 second goes by once, and 1 for each row. Both are run once more.
    clock = iter([0, 3, 10, 15, 20, 23, 30, 36])
    monkeypatch.setattr(race_run, "perf_counter", lambda: next(clock))
    setup = Setup(Layer(2, 2, kernel=3, size=34))
    told = measure(setup, "direct", Reference(setup.layer), lambda: False, pace=Pace(3, 1.0, 8.0))
    assert told == Timing(1 + 32, 0)


def test_a_run_that_something_else_held_up_foretells_nothing(monkeypatch):
    # 4 rows seem to take 7 seconds more than 2; looked at again they take the same.
    clock = iter([0, 3, 10, 20, 20, 23, 30, 33, 40, 43])
    monkeypatch.setattr(race_run, "perf_counter", lambda: next(clock, 44))
    setup = Setup(Layer(2, 2, kernel=3, size=34))
    whole = measure(setup, "fft", Reference(setup.layer), lambda: False, pace=Pace(1, 1.0, 8.0), error=False)
    assert (whole.seconds, whole.runs) == (3, 1)


def test_what_is_done_once_makes_no_cliff(monkeypatch):
    clock = iter(range(0, 10_000, 3))
    monkeypatch.setattr(race_run, "perf_counter", lambda: next(clock))  # every run takes 3 seconds
    setup = Setup(Layer(2, 2, kernel=3, size=34))
    whole = measure(setup, "fft", Reference(setup.layer), lambda: False, pace=Pace(3, 1.0, 8.0), error=False)
    assert (whole.seconds, whole.runs) == (3, 1)


# Curves.


def test_a_point_of_an_axis_is_a_layer():
    layer = LAYERS["vgg3_2"]
    assert at(layer, "kernel", 3) == layer
    assert at(layer, "kernel", 4).padding == "same"
    assert at(layer, "kernel", 7).padding == 3
    assert at(layer, "size", 14).size == 14
    deep = at(LAYERS["depthwise"], "channels", 64)
    assert (deep.channels, deep.outputs, deep.groups) == (64, 64, 64)
    assert at(LAYERS["vgg1_1"], "channels", 8).channels == at(LAYERS["vgg1_1"], "channels", 8).outputs == 8
    assert current(LAYERS["vgg1_1"], "channels") is None
    assert current(LAYERS["vgg1_2"], "channels") == 64


def test_curves_are_counted_point_by_point():
    setup = Setup(Layer(8, 8, kernel=3, size=28, padding=1))
    values = counted(setup, "kernel", "multiplies")
    assert values["direct"] == [64 * 28**2 * k * k for k in AXES["kernel"]]
    assert cannot(values, AXES["kernel"]) == {"winograd": [8, 9, 10, 11]}
    grouped = Setup(Layer(24, 24, kernel=3, size=28, padding=1, groups=24 // 2))
    holes = counted(grouped, "channels", "adds")  # 12 groups divide none of 4, 8, 16 ...
    assert not any(any(row) for row in holes.values())


def test_who_wins_where_with_ties_and_gaps():
    values = {"direct": [9, 9, 9, None], "im2col": [9, 5, 9, None], "fft": [None, 5.1, 2, None]}
    found = stretches(values, (1, 2, 3, 4), alike=1.05)
    assert [(each.engines, each.first, each.last) for each in found] == [
        (("direct", "im2col"), 1, 1),
        (("im2col", "fft"), 2, 2),
        (("fft",), 3, 3),
    ]
    assert never(values, found) == ()
    assert timed({(14, "fft"): Timing(2.0, 1)}, "size")["fft"] == [2.0, None, None, None, None]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_crossovers_in_words():
    rising = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    values = {"im2col": rising, "fft": [6] * 11, "winograd": [3, 3, 3] + [None] * 8, "direct": [99] * 11}
    assert plain(along(words("en"), values, "kernel", "time")) == (
        "Quickest on this machine: im2col at 1 × 1; im2col and Winograd at 2 × 2; Winograd at 3 × 3; "
        "im2col at 4 × 4; im2col and FFT at 5 × 5; FFT from 6 × 6. "
        "Never ahead on this range: Direct. Winograd cannot do 4 × 4 to 11 × 11."
    )
    assert "从未胜出：直接计算。" in plain(along(words("zh"), values, "kernel", "time"))
    nothing = along(words("en"), {"fft": [None] * 5}, "size", "adds")
    assert nothing == words("en")["race.words.nothing"]


# Sentences.


def measured(**seconds: float) -> dict[str, Timing]:
    return {engine: Timing(time, 3, 1e-7) for engine, time in seconds.items()}


def test_the_fewest_multiplications_and_the_quickest_are_told_apart():
    setup = Setup(LAYERS["vgg3_2"])
    rows, table_ = entries(setup), words("en")
    said = times(table_, setup, rows, measured(direct=3.0, im2col=0.05, winograd=0.2, fft=1.0))
    assert said[0] == (
        "Quickest on this machine: **im2col**, 50 ms; Winograd 4 times as long, FFT 20 times as long, "
        "Direct 60 times as long."
    )
    assert said[1].startswith(
        "Winograd does 3.92 times fewer multiplications than im2col, yet took 4 times as long: it moves"
    )
    assert "im2col was 60 times as quick: one large matrix product" in said[2]
    assert said[3] == '`method="auto"` picks Winograd here, which took 4 times as long as the quickest.'
    assert "as much memory" in said[1]
    # Where it also moves less, memory is no reason for being slower.
    setup = Setup(LAYERS["vgg1_2"])
    less = times(table_, setup, entries(setup), measured(im2col=0.05, winograd=0.2))[1]
    assert "memory traffic it should have won" in less
    setup = Setup(LAYERS["vgg3_2"])
    said = times(table_, setup, rows, measured(direct=3.0, im2col=0.05, winograd=0.02, fft=1.0))
    assert said[1] == "Here the one with the fewest multiplications is also the quickest: Winograd."
    assert said[3] == '`method="auto"` picks Winograd here, which was the quickest.'


def test_ties_and_single_results_are_told_as_such():
    setup = Setup(LAYERS["pointwise"])
    rows, table_ = entries(setup), words("en")
    tie = times(table_, setup, rows, measured(im2col=0.100, winograd=0.103))
    assert tie[0] == "Quickest on this machine, alike to 5 %: **im2col and Winograd**, 100 ms."
    assert times(table_, setup, rows, measured(fft=1.5))[0] == "Quickest on this machine: **FFT**, 1.5 s."
    assert times(table_, setup, rows, {}) == ['`method="auto"` picks im2col here.']
    assert automatic(setup.layer) == "im2col"


def test_equal_counts_decide_nothing_and_a_tie_is_no_loss():
    table_ = words("en")
    for name in ("depthwise", "pointwise"):
        setup = Setup(LAYERS[name])
        seconds = {engine: 1.0 + at_ for at_, engine in enumerate(("im2col", "winograd", "fft", "direct"))}
        said = times(table_, setup, entries(setup), measured(**seconds))
        assert not any("also the quickest" in each for each in said)
    setup = Setup(LAYERS["resnet"])
    said = times(table_, setup, entries(setup), measured(direct=2.0, im2col=1.0, fft=3.0))
    fewest = least({row.engine: row.value("multiplies") for row in entries(setup)})
    if fewest == ("direct", "im2col"):
        assert said[1].startswith("Direct and im2col do equally many multiplications, fewer than the others")
    setup = Setup(LAYERS["vgg3_2"])
    said = times(table_, setup, entries(setup), measured(im2col=1.0, winograd=1.01))
    assert said[1] == (
        "Winograd does 3.92 times fewer multiplications than im2col, and both take the same time to 5 %."
    )


def test_depthwise_says_that_winograd_gains_nothing():
    setup = Setup(LAYERS["depthwise"])
    said = "\n".join(costs(words("en"), setup, entries(setup)))
    winograd = by_name(setup)["winograd"]
    assert winograd.transform_share > 0.8
    assert "Winograd needs 4 times fewer products and loses all the same" in said
    assert "used by 1 kernel, and each output transform comes after a sum over 1 channel:" in said
    dense = Setup(LAYERS["vgg3_2"])
    assert "Winograd needs 4 times fewer products. Its transforms are " in "\n".join(
        costs(words("en"), dense, entries(dense))
    )


def test_engines_that_need_too_much_are_named_with_what_their_memory_is_made_of():
    need = Need(2 * 10**9, 4 * 10**9, 3 * 10**9, 5 * 10**9)
    assert too_much(words("en"), {"direct": need}, {"im2col": 6 * 10**8}) == [
        "Direct is not measured: it would need 9 GB (9,000,000,000 bytes), and the limit is 537 MB. Input "
        "and weights take 2 GB, the outputs of this run and the last 4 GB, its workspace 3 GB.",
        "Timed without an error: im2col. A float64 result to compare with would bring the memory to 600 MB, "
        "and the limit is 537 MB.",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_has_its_sentences_in_every_language(name, language):
    setup = Setup(LAYERS[name])
    rows, table_ = entries(setup), words(language)
    able = [row.engine for row in rows if row.cost]
    for place in range(len(able)):
        results = {engine: Timing(1.0 + abs(place - at_), 2, 1e-6) for at_, engine in enumerate(able)}
        said = [*costs(table_, setup, rows), *times(table_, setup, rows, results)]
        assert all(said)
        assert not any("{" in each for each in said)
    assert least({row.engine: row.value("traffic") for row in rows}) == ("direct",) or name == "pointwise"


# Pictures.


def test_the_rows_carry_every_number_and_mark_the_least():
    setup = Setup(LAYERS["vgg5_1"])
    rows = entries(setup)
    shown = Shown(
        measured=measured(im2col=0.02, winograd=0.01),
        picked="winograd",
        refused={"fft": Need(10**8, 2 * 10**8, 3 * 10**8, 9)},
    )
    drawn = table(words("en"), setup.layer, rows, shown)
    for row in rows:
        assert f"{row.value('multiplies'):,}" in drawn
        assert f"{row.value('workspace'):,}" in drawn
    assert "10 ms" in drawn
    assert "refused: needs 600 MB" in drawn
    assert drawn.count("race-tag") == 1
    refusing = table(words("en"), setup.layer, rows, Shown(faults={"winograd": "<b>no</b>"}))
    assert "cannot: &lt;b&gt;no&lt;/b&gt;" in refusing
    assert 'data-engine="winograd"' not in refusing
    assert words("en")["race.state.unmeasured"] in refusing


def test_a_chart_without_values_says_so_and_one_with_values_labels_its_lines():
    empty = chart(words("en"), {"fft": [None]}, ["1"], label="", said=str, tick=str, empty="<nothing>")
    assert "&lt;nothing&gt;" in empty
    drawn = chart(
        words("en"),
        {"direct": [1.0, 10.0], "im2col": [1.0, 10.0], "fft": [None, 5.0]},
        ["1", "2"],
        label="ops",
        said=str,
        tick=str,
        here=1,
        rough={("fft", 1)},
    )
    assert drawn.count("race-label") == 3
    assert drawn.count("race-dot") == 5
    assert drawn.count("race-rough") == drawn.count("≈") == 1
    assert "FFT  ≈ 5.0" in drawn
    assert words("en")["race.curves.here"] in drawn
