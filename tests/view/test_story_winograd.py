"""Winograd's filtering as a scene: every step of every act against plain matrix products and plain sums."""

import re
from fractions import Fraction

import numpy as np
import pytest

from conv_core import WindowError, winograd_matrices
from conv_view import winograd_code
from conv_view.stories.winograd import FOCUSES, following, overview
from conv_view.text import words
from conv_view.winograd_tile import PointError, follow, named, read_points, verified
from tests import wire

# Lavin and Gray (2016), section 4.1 and 4.3: what they print as B^T, G and A^T.
PUBLISHED = {
    2: (
        [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
        [["1", "0", "0"], ["1/2", "1/2", "1/2"], ["1/2", "-1/2", "1/2"], ["0", "0", "1"]],
        [[1, 1, 1, 0], [0, 1, -1, -1]],
    ),
    4: (
        [
            [4, 0, -5, 0, 1, 0],
            [0, -4, -4, 1, 1, 0],
            [0, 4, -4, -1, 1, 0],
            [0, -2, -1, 2, 1, 0],
            [0, 2, -1, -2, 1, 0],
            [0, 4, 0, -5, 0, 1],
        ],
        [
            ["1/4", "0", "0"],
            ["-1/6", "-1/6", "-1/6"],
            ["-1/6", "1/6", "-1/6"],
            ["1/24", "1/12", "1/6"],
            ["1/24", "-1/12", "1/6"],
            ["0", "0", "1"],
        ],
        [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
    ),
}
CASES = {
    "F(2, 3)": {"rank": 1, "m": 2, "r": 3},
    "F(4, 5)": {"rank": 1, "m": 4, "r": 5},
    "F(2, 3) of a picture": {"rank": 2, "m": 2, "r": 3},
    "F(4, 3) in colours": {"rank": 2, "m": 4, "r": 3, "channels": 3},
    "F(2, 5)": {"rank": 2, "m": 2, "r": 5},
    "F(3, 2), its ragged end": {"rank": 2, "m": 3, "r": 2, "tile": (99, 99)},
    "F(6, 3)": {"rank": 2, "m": 6, "r": 3},
    "F(2, 3) at other points": {
        "rank": 2,
        "m": 2,
        "r": 3,
        "points": (Fraction(0), Fraction(1, 3), Fraction(-3)),
    },
}


def tile_of(rank, m, r, channels=1, tile=None, points=None, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 256, (1, channels, *[11] * rank)).astype(np.float32)
    weight = rng.integers(-4, 5, (1, channels, *[r] * rank)).astype(np.float32)
    return follow(x, weight, m, tile or (1,) * rank, points)


def arrived(tile, **options):
    return wire.decode(following(tile, words("en"), **options).to_bytes())


def values(panels):
    return {name: np.asarray(panel["values"], float) for name, panel in panels.items()}


def windows_summed(data, kernel, m):
    """The outputs of a tile (C, n, n) or (C, n), by loops over every output and every tap."""
    rank, r = data.ndim - 1, kernel.shape[-1]
    out = np.zeros((m,) * rank)
    for place in np.ndindex(out.shape):
        for tap in np.ndindex((len(kernel), *[r] * rank)):
            cell = (tap[0], *[p + t for p, t in zip(place, tap[1:], strict=True)])
            out[place] += data[cell] * kernel[tap]
    return out


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_panel_holds_what_plain_matrix_products_give(case):
    tile = tile_of(**case)
    found = values(arrived(tile)["panels"])
    BT, G, AT = (found[name] for name in ("BT", "G", "AT"))
    rank, m = case["rank"], case["m"]
    starts = [at * m for at in tile.tile]
    reach = [start + m + case["r"] - 1 for start in starts]
    room = np.zeros((case.get("channels", 1), *[64] * rank))
    room[(..., *[slice(0, 11)] * rank)] = tile.x[0]
    data = room[(..., *[slice(a, b) for a, b in zip(starts, reach, strict=True)])]
    kernel = tile.weight[0].astype(float)
    if rank == 1:
        prepared, weights = BT @ data[0], G @ kernel[0]
        products = weights * prepared
        expected = {
            "d": data[0],
            "V": prepared,
            "kernel": kernel[0],
            "U": weights,
            "M": products,
            "Y": AT @ products,
        }
        found = {
            name: each[..., 0] if name in (*expected, "direct", "difference", "minus") else each
            for name, each in found.items()
        }
    else:
        prepared, weights = BT @ data @ BT.T, G @ kernel @ G.T
        products = (weights * prepared).sum(axis=0)
        expected = {
            "d": data, "BTd": BT @ data, "V": prepared, "kernel": kernel, "Gg": G @ kernel, "U": weights,
            "M": products, "ATM": AT @ products, "Y": AT @ products @ AT.T,
        }  # fmt: skip
    for name, each in expected.items():
        each = each[0] if each.ndim > rank and len(each) == 1 else each
        most = np.abs(prepared).max() * np.abs(weights).max() * np.abs(AT).max() ** rank
        assert found[name].shape == each.shape, name
        assert found[name] == pytest.approx(each, abs=1e-6 * max(1, most)), name
    direct = windows_summed(data, kernel, m)
    assert np.array_equal(found["direct"], direct)  # whole numbers, so without any rounding
    assert np.array_equal(found["difference"], found["Y"] - direct)
    assert np.abs(found["Y"] - direct).max() < 1e-5 * np.abs(tile.x).sum()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("focus", FOCUSES)
def test_every_step_of_every_act_sums_to_the_cell_it_makes(case, focus):
    header = arrived(tile_of(**case), focus=focus)
    panels = header["panels"]
    made = set()
    for act in header["acts"]:
        arithmetic = act["arithmetic"]
        result, factors = arithmetic["result"], arithmetic["factors"]
        maps = {each["panel"]: each for each in act["relations"]}
        cells = set()
        for index in wire.indices(act["shape"]):
            here = wire.cell(maps[result], index, (0,) * len(act["terms"]))
            cells.add(here)
            got = wire.value(panels[result], here)
            if result == "difference":
                assert {wire.cell(each, index, ()) for each in maps.values()} == {here}
                assert got == sum(wire.value(panels[name], here) for name in factors)
                continue
            terms = [
                [wire.value(panels[name], wire.cell(maps[name], index, term)) for name in factors]
                for term in wire.indices(act["terms"])
            ]
            products = [float(one) * float(two) for one, two in terms]
            assert got == pytest.approx(sum(products), abs=2e-6 * max(1, sum(map(abs, products))))
        # Each cell of the result once, and all of them.
        assert cells == set(wire.indices(panels[result]["shape"]))
        assert np.prod(act["shape"]) == len(cells)
        made.add(result)
    constants = {"BT", "G", "AT", "d", "kernel", "minus"}
    if focus == "all":
        assert made | constants == set(panels)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_index_map_has_the_ranks_of_what_it_joins(case, language):
    for focus in FOCUSES:
        scene = following(tile_of(**case), words(language), focus=focus)
        header = wire.decode(scene.to_bytes())
        for act in header["acts"]:
            assert len(act["shape"]) == 3  # a place has the same form in every act
            for related in act["relations"]:
                rank = len(header["panels"][related["panel"]]["shape"])
                assert len(related["origin"]) == len(related["step"]) == len(related["term"]) == rank
                assert {len(row) for row in related["step"]} == {3}
                assert {len(row) for row in related["term"]} == {len(act["terms"])}
        for layout in header["layout"].values():
            # The plain sums with their sign turned are subtracted, and not shown.
            assert sorted(names(layout)) == sorted({*header["panels"]} - {"minus"})
        for act in header["acts"]:
            # It is said too while a panel is pointed at that the act has nothing to do with.
            assert set(re.findall(r"\{(\w+)\}", act["told"])) == {"step", "steps"}
        assert header["panels"].get("kernel", {"edit": "type"})["edit"] == "type"


def names(node):
    if isinstance(node, str):
        return [node]
    if "panel" in node:
        return [node["panel"]]
    return [name for child in node.get("row") or node["column"] for name in names(child)]


@pytest.mark.parametrize("m", PUBLISHED)
def test_the_matrices_are_those_of_the_paper_up_to_signs_that_cancel(m):
    AT, G, BT = winograd_matrices(m, 3)
    prepare, evaluate, collect = PUBLISHED[m]
    for j in range(m + 2):
        turned = [
            [1, -1][list(ours) != [Fraction(each) for each in theirs]]
            for ours, theirs in (
                (BT[j], prepare[j]),
                (G[j], evaluate[j]),
                (AT[:, j], [row[j] for row in collect]),
            )
        ]
        signs = [np.array([Fraction(each) for each in row], object) for row in (prepare[j], evaluate[j])]
        column = np.array([Fraction(row[j]) for row in collect], object)
        for ours, theirs, sign in zip((BT[j], G[j], AT[:, j]), (*signs, column), turned, strict=True):
            assert list(ours) == list(sign * theirs)
        assert np.prod(turned) == 1


def test_matrices_that_are_wrong_are_found_out():
    AT, G, BT = winograd_matrices(4, 3)
    assert verified((AT, G, BT)) == 18
    G[2, 1] += Fraction(1, 10**9)
    assert verified((AT, G, BT)) == 0


@pytest.mark.parametrize("text", ["", " ", "∞"])
def test_no_points_are_the_usual_ones(text):
    assert read_points(text, 3) is None


@pytest.mark.parametrize("text", ["0 1", "0 1 1", "0 1 x", "0 1 1/0", "0 1 -1 2", "0 1 nan"])
def test_points_that_cannot_be_used_are_refused(text):
    with pytest.raises(WindowError) as refused:
        read_points(text, 3)
    assert refused.value.code == "winograd_points"
    assert refused.value.numbers["needed"] == 3


def test_a_point_may_not_leave_the_numbers_behind():
    with pytest.raises(PointError):
        read_points("0 1 1e300", 3)
    assert read_points("0, 1，－1/2、∞", 3) == (0, 1, Fraction(-1, 2))


def test_beside_the_tile_and_its_outputs_are_outlined_and_zeros_are_beyond():
    tile = tile_of(2, 4, 3, tile=(2, 1))
    header = wire.decode(overview(tile, tile.x[0], words("en")).to_bytes())
    picture, output = header["panels"]["picture"], header["panels"]["output"]
    assert picture["mark"] == [[0, 1], [8, 6], [4, 6]]
    assert output["mark"] == [[8, 1], [4, 4]]  # of 9 rows the last tile keeps one
    assert picture["margin"] == [[0, 0], [0, 3], [0, 3]]
    data = tile.x[0, 0].astype(float)
    for place in np.ndindex(9, 9):
        window = data[place[0] : place[0] + 3, place[1] : place[1] + 3]
        assert output["values"][place] == pytest.approx((window * tile.weight[0, 0]).sum(), abs=1e-2)
    assert header["options"]["pick"]


def test_beside_in_one_dimension_the_row_is_outlined():
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (1, 7, 11)).astype(np.float32)
    tile = follow(picture[:, 5][None], np.ones((1, 1, 3), np.float32), 2, (3,), row=5)
    panels = wire.decode(overview(tile, picture, words("zh")).to_bytes())["panels"]
    assert panels["picture"]["mark"] == [[0, 1], [5, 1], [6, 4]]
    assert panels["output"]["mark"] == [[0, 1], [6, 2]]
    assert panels["output"]["values"][0] == pytest.approx(np.convolve(picture[0, 5], np.ones(3), "valid"))


def test_beside_a_picture_in_colours_is_black_where_the_tiles_reach_beyond():
    tile = tile_of(2, 4, 3, channels=3)
    picture = wire.decode(overview(tile, tile.x[0], words("en")).to_bytes())["panels"]["picture"]
    assert picture["shape"] == [3, 14, 14]
    assert "margin" not in picture
    assert not picture["values"][:, 11:].any()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_code_prints_the_outputs_on_the_stage(case, capsys):
    tile = tile_of(**case)
    space = {}
    exec(compile(winograd_code.numpy(tile), "code on the page", "exec"), space)
    found = values(arrived(tile)["panels"])
    ours = found["Y"][..., 0] if tile.rank == 1 else found["Y"]
    assert space["Y"] == pytest.approx(
        ours, abs=1e-5 * float(np.abs(tile.x).max() * np.abs(tile.weight).sum())
    )
    for name, key in (("V", "V"), ("U", "U"), ("M", "M")):
        here = found[key][..., 0] if tile.rank == 1 else found[key]
        assert np.asarray(space[name], float) == pytest.approx(here, rel=1e-4, abs=2e-2)
    printed = capsys.readouterr().out.split()
    assert float(printed[-1]) < 1e-6  # in float64 next to nothing is left of the difference


def test_what_a_tile_is_called():
    assert named(2, 3, 1) == "F(2, 3)"
    assert named(6, 3, 2) == "F(6×6, 3×3)"


def test_scenes_stay_small():
    for case in CASES.values():
        assert len(following(tile_of(**case), words("zh")).to_bytes()) < 48_000


def test_constant_matrices_are_written_as_the_fractions_that_they_are():
    x = np.arange(64, dtype=np.float32).reshape(1, 1, 8, 8)
    tile = follow(x, np.ones((1, 1, 3, 3), np.float32), 4, (0, 0))
    panels = {panel.name: panel for panel in following(tile, words("en")).panels}
    told = [Fraction(each.replace("−", "-")) for each in panels["G"].texts]
    assert told == tile.stages.matrices[0][1].ravel().tolist()
    assert {"1/4", "−1/6", "1/24"} <= set(panels["G"].texts)
    assert panels["AT"].texts == panels["d"].texts == ()
