"""The scenes of a pooling, held against the core step by step, and what is said about it against loops."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conv_core import WindowError, pool_trace
from conv_view import pooled, pooling_code
from conv_view.pooled import KINDS, Pooling
from conv_view.stories.pooling import pooling
from conv_view.stories.walls import MOST_EXACT, wall
from conv_view.text import words
from tests import wire

PAIRS = st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def poolings(draw, kinds=KINDS):
    """(settings, x) that fit, with equals among the values."""
    window = draw(PAIRS)
    settings = Pooling(
        draw(st.sampled_from(kinds)),
        window,
        draw(PAIRS),
        [(draw(st.integers(0, size // 2)), draw(st.integers(0, size // 2))) for size in window],
        draw(st.tuples(st.integers(1, 3), st.integers(1, 2))),
        draw(st.sampled_from((1.0, 2.0, 3.5))),
        draw(st.booleans()),
        draw(st.booleans()),
    )
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (1, draw(st.integers(1, 3)), draw(st.integers(1, 9)), draw(st.integers(1, 9)))
    x = generator.integers(-4, 12, shape).astype(np.float32)
    try:
        settings.trace(x)
    except WindowError:
        assume(False)
    return settings, x


def reduced(arithmetic, values, panels, act, index):
    """What the description of `Arithmetic` makes of the values that count."""
    match arithmetic["reduce"]:
        case "max":
            return max(values)
        case "mean":
            place = wire.cell(wire.relation(act, arithmetic["divisor"]), index, [0] * len(act["terms"]))
            return sum(values) / wire.value(panels[arithmetic["divisor"]], place)
        case "lp":
            power = arithmetic["power"]
            return sum(abs(value) ** power for value in values) ** (1 / power)
    raise AssertionError(arithmetic)


@given(poolings())
def test_every_step_reads_the_window_of_the_trace_and_sums_it_up(case):
    settings, x = case
    trace = settings.trace(x)
    header = wire.decode(pooling(trace, words("en"), paint=True).to_bytes())
    (act,), panels = header["acts"], header["panels"]
    assert act["arithmetic"]["factors"] == ["input"]
    terms = list(wire.indices(act["terms"]))
    for number, index in enumerate(wire.indices(act["shape"])):
        step = trace[number]
        output = wire.cell(wire.relation(act, "output"), index, terms[0])
        assert output == step.out[1:] == index
        cells = [wire.cell(wire.relation(act, "input"), index, term) for term in terms]
        assert cells[0][1:] == step.start
        values = [float(wire.value(panels["input"], cell)) for cell in cells]
        assert np.array_equal(np.reshape(values, act["terms"]), step.patch)
        inside = [all(0 <= at < size for at, size in zip(cell, x.shape[1:], strict=True)) for cell in cells]
        assert np.array_equal(np.reshape(inside, act["terms"]), step.inside)
        given_ = values
        if settings.kind == "max":  # the player passes padding over
            given_ = [value for value, own in zip(values, inside, strict=True) if own]
            first = next(at for at, own in enumerate(inside) if own and values[at] == max(given_))
            assert cells[first][1:] == step.where
        found = reduced(act["arithmetic"], given_, panels, act, index)
        assert found == pytest.approx(float(wire.value(panels["output"], output)), rel=1e-5, abs=1e-5)


@given(poolings())
def test_what_is_crossed_out_is_what_no_step_reads(case):
    settings, x = case
    trace = settings.trace(x)
    header = wire.decode(pooling(trace, words("zh")).to_bytes())
    (act,), panel = header["acts"], header["panels"]["input"]
    read = [set(), set(), set()]
    for index in wire.indices(act["shape"]):
        for term in wire.indices(act["terms"]):
            for axis, at in enumerate(wire.cell(wire.relation(act, "input"), index, term)):
                read[axis].add(at)
    margin = panel.get("margin", [[0, 0]] * 3)
    for axis in (1, 2):
        before, after = margin[axis]
        everything = range(-before, x.shape[axis + 1] + after)
        lost = [at + before for at in everything if at not in read[axis]]
        assert panel["unread"][axis] == lost


@given(poolings(kinds=("max",)))
def test_ties_are_counted_as_by_hand(case):
    settings, x = case
    trace = settings.trace(x)
    for step in trace:
        best = [value for value, own in zip(step.patch.ravel(), step.inside.ravel(), strict=True) if own]
        assert pooled.tied(trace)[step.out] == (best.count(max(best)) > 1)


@pytest.mark.parametrize("direction", pooled.DIRECTIONS)
def test_a_shift_compares_two_cuts_of_one_picture(direction):
    x = np.random.default_rng(1).integers(0, 9, (1, 1, 7, 8)).astype(np.float32)
    down, right = pooled.DIRECTIONS[direction]
    rows, columns = 7 - down, 8 - right
    same = [
        x[0, 0, row, column] == x[0, 0, row + down, column + right]
        for row in range(rows)
        for column in range(columns)
    ]
    plain = pooled.shift(x, direction)
    assert plain.unchanged == pytest.approx(np.mean(same))
    assert plain.difference.shape == (1, 1, rows, columns)
    most = pooled.shift(x, direction, lambda part: part.max((2, 3), keepdims=True))
    assert most.unchanged in (0, 1)
    assert pooled.shift(np.ones((1, 1, 4, 4)), direction).unchanged == 1


@given(poolings())
def test_the_numpy_code_gives_these_numbers(case):
    settings, x = case
    trace = settings.trace(x)
    lines = pooling_code.numpy(trace).splitlines()
    space: dict = {"given": x}
    exec("\n".join("x = given" if line.startswith("x = ") else line for line in lines), space)
    # Our sums are float32, NumPy's of the divided windows float64.
    assert space["y"] == pytest.approx(trace.output, rel=1e-5, abs=1e-5)


@given(poolings())
def test_the_torch_code_is_python_and_asks_for_what_torch_has(case):
    settings, x = case
    code = pooling_code.pytorch(settings.trace(x))
    compile(code, "code", "exec")
    even = all(before == after for before, after in settings.trace(x).pads)
    if settings.kind == "max" and even:
        assert f"ceil_mode={settings.ceil_mode}" in code
    if settings.kind == "avg":
        assert ("avg_pool2d" in code) == (even and max(settings.dilation) == 1)


def test_divisors_are_shown_where_they_differ():
    x = np.ones((1, 1, 4, 4), np.float32)

    def shown(**options):
        header = wire.decode(pooling(pool_trace(x, 3, "avg", **options), words("en")).to_bytes())
        return "divisor" in str(header["layout"])

    assert not shown(stride=1)
    assert not shown(padding=1)
    assert shown(stride=1, padding=1, count_include_pad=False)
    assert shown(stride=2, ceil_mode=True)


@pytest.mark.parametrize(("channels", "size"), [(1, 6), (3, 6), (1, 100), (2, 5)])
def test_a_wall_holds_numbers_where_they_are_few_and_colours_where_there_are_three(channels, size):
    values = np.random.default_rng(2).random((channels, size, size)).astype(np.float32) * 300
    other = values[:, ::2, ::2]
    picture = np.zeros((3, 8, 8), np.uint8)
    scene = wall({"a": ("A", values), "b": ("B", other)}, words("en"), "Wall", picture=("P", picture))
    header = wire.decode(scene.to_bytes())
    panel = header["panels"]["a"]
    assert [each["panel"] for each in header["acts"][0]["relations"]] == ["a"]
    assert header["options"] == {"pick": True, "hint": words("en")["stage.pick"]}
    if channels == 3:
        assert panel["scale"][0] == "rgb"
    else:
        assert ("quantised" in panel) == (values.size > MOST_EXACT)


def test_a_nan_is_nobodys_tie():
    x = np.array([[[[np.nan, 1], [1, 2]]]], np.float32)
    trace = pool_trace(x, 2)
    assert np.isnan(trace.output).all()
    assert not pooled.tied(trace).any()
