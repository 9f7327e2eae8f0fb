"""LeNet-5 on the stage: every cell is what its products make of it; a drawing is centred as MNIST is."""

import time
from base64 import urlsafe_b64encode
from statistics import median
from zlib import compress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_view import lenet_code
from conv_view.drawn import DrawingError, DrawingField, centred, decode, encode
from conv_view.lenet import LAYERS, connections, missed, read, rows
from conv_view.lenet_cell import take_apart
from conv_view.mnist import digits
from conv_view.stories.lenet import reading
from conv_view.stories.lenet_acts import ACTS, SHAPES, place
from conv_view.text import LANGUAGES, words
from conv_view.weights import report
from tests import oracle_lenet as oracle
from tests import wire

MOST_BYTES = 120_000
PAPER = np.zeros((28, 28), np.uint8)


def digit(index=18):
    return digits()[1].images[index]


def scene(index=18, language="en", drawing=PAPER, *, drawn=False):
    return reading(read(digit(index)), drawing, words(language), drawn=drawn)


def opened(*arguments, **keywords):
    header = wire.decode(scene(*arguments, **keywords).to_bytes())
    return header["panels"], {act["name"]: act for act in header["acts"]}


@pytest.mark.parametrize("index", [0, 18, 88, 1999])
def test_every_layer_is_what_loops_give(index):
    panels, _ = opened(index)
    for name, expected in oracle.layers(digit(index)).items():
        assert panels[name]["values"].astype(float) == pytest.approx(expected, abs=2e-5), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_act_sums_up_to_the_cell_that_it_makes(language):
    panels, acts = opened(language=language)
    assert tuple(acts) == ACTS
    some = np.random.default_rng(6)
    for name, act in acts.items():
        assert tuple(act["shape"]) == SHAPES[ACTS.index(name)]
        arithmetic = act["arithmetic"]
        steps = list(wire.indices(act["shape"]))
        picked = [steps[0], steps[-1], *[steps[at] for at in some.integers(len(steps), size=8)]]
        for step in picked:
            still = [0] * len(act["terms"])
            made = panels[arithmetic["result"]]
            value = float(made["values"][wire.cell(wire.relation(act, arithmetic["result"]), step, still)])
            if name == "C5":
                reached = {
                    wire.cell(wire.relation(act, "s4"), step, term) for term in wire.indices(act["terms"])
                }
                assert reached == set(np.ndindex(16, 5, 5))
                continue
            total = 0.0
            for term in wire.indices(act["terms"]):
                total += np.prod(
                    [
                        float(wire.value(panels[each], wire.cell(wire.relation(act, each), step, term)))
                        for each in arithmetic["factors"]
                    ]
                )
            if arithmetic["bias"]:
                related = wire.relation(act, arithmetic["bias"])
                total += float(panels[arithmetic["bias"]]["values"][wire.cell(related, step, still)])
            if arithmetic.get("divisor"):
                total /= float(panels["total"]["values"].item())
            if arithmetic.get("then"):
                total = oracle.squash(total)
            assert total == pytest.approx(value, abs=1e-4), (name, step)


def test_each_cell_is_made_once_by_its_act():
    panels, acts = opened()
    for act in acts.values():
        result = act["arithmetic"]["result"]
        related = wire.relation(act, result)
        reached = {wire.cell(related, step, [0] * len(act["terms"])) for step in wire.indices(act["shape"])}
        assert reached == set(np.ndindex(*panels[result]["shape"]))


def test_c3_reads_the_maps_that_the_paper_names_and_no_others():
    panels, acts = opened()
    weight = panels["c3_weight"]["values"]
    assert acts["C3"]["arithmetic"]["routes"] == "c3_weight"
    for made in range(16):
        assert [int(at) for at in np.flatnonzero(np.abs(weight[made]).sum(axis=(1, 2)))] == oracle.reads(made)
        # What the player lights is told by zeros, so none may stand in a window that is read.
        assert (weight[made][oracle.reads(made)] != 0).all()


@pytest.mark.parametrize("drawn", [False, True])
def test_a_change_is_small_and_quick(drawn):
    took = []
    for index in range(9):
        begun = time.perf_counter()
        data = scene(index, drawing=digit(index), drawn=drawn).to_bytes()
        took.append(time.perf_counter() - begun)
        assert len(data) < MOST_BYTES
    assert median(took) < 0.05


# ---- the network


def test_connections_and_parameters_are_those_of_the_paper():
    counted = {name: (rows()[name].parameters, connections(name)) for name in LAYERS}
    assert counted == {
        "C1": (156, 122_304),
        "S2": (12, 5_880),
        "C3": (1_516, 151_600),
        "S4": (32, 2_000),
        "C5": (48_120, 48_120),
        "F6": (10_164, 10_164),
    }
    assert [sum(each) for each in zip(*counted.values(), strict=True)] == [60_000, 340_068]


def test_the_misread_digits_are_those_that_the_report_counts():
    told = report("lenet5")
    assert len(missed()) == told["held-out digits"] - told["held-out right"]
    images, labels = oracle.held_out()
    for one in missed():
        shares = oracle.layers(images[one.index])["probabilities"][0]
        assert one.label == labels[one.index] != one.read == shares.argmax()
        assert (one.sure, one.of_label) == pytest.approx((shares.max(), shares[one.label]), abs=1e-4)


@pytest.mark.parametrize(
    ("layer", "index"),
    [
        ("C1", (5, 27, 0)), ("S2", (3, 13, 2)), ("C3", (0, 4, 9)), ("C3", (15, 0, 0)), ("S4", (9, 2, 4)),
        ("C5", (9, 11)), ("F6", (6, 11)), ("F6", (2, 3)), ("output", (7,)),
    ],
)  # fmt: skip
def test_a_cell_taken_apart_adds_up_again(layer, index):
    found = take_apart(read(digit()), layer, index)
    panel = "scores" if layer == "output" else layer.lower()
    at = (0, *index) if layer == "output" else index
    assert found.value == pytest.approx(oracle.layers(digit())[panel][at], abs=1e-4)
    count = {"C1": 25, "S2": 4, "S4": 4, "C5": 400, "F6": 120, "output": 84}
    assert len(found.products) == count.get(layer, 25 * len(oracle.reads(index[0])))
    sizes = [abs(one.product) for one in found.products]
    assert sizes == sorted(sizes, reverse=True)


def test_places_and_code():
    assert place("F6", 2, 3) == (5, 2, 3)
    compile(lenet_code.pytorch(), "listing", "exec")
    compile(lenet_code.CORE, "listing", "exec")


# ---- a drawing


def test_digits_of_mnist_are_centred_already():
    for image in digits()[1].images[:400]:
        assert np.array_equal(centred(image), image)


@given(
    st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**31), st.integers(0, 14), st.integers(0, 14)
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_where_and_how_large_it_is_drawn_does_not_matter(height, width, seed, down, across):
    ink = np.random.default_rng(seed).integers(1, 256, (height, width)).astype(np.uint8)
    sheet = np.zeros((28, 28), np.uint8)
    sheet[down : down + height, across : across + width] = ink
    found = centred(sheet)
    assert np.array_equal(found, centred(ink))
    rows_, columns = np.nonzero(found)
    assert max(np.ptp(rows_), np.ptp(columns)) == 19
    # As near to the middle as whole cells and the edge allow.
    for axis, lines in enumerate((rows_, columns)):
        mass = found.sum(axis=1 - axis, dtype=float)
        middle = (mass * np.arange(28)).sum() / mass.sum()
        assert abs(middle - 14) <= 0.5 + 1e-9 or lines.min() == 0 or lines.max() == 27


def test_a_dot_becomes_a_square_and_nothing_is_refused():
    dot = np.zeros((28, 28), np.uint8)
    dot[27, 0] = 9
    assert np.argwhere(centred(dot)).min(axis=0).tolist() == [4, 4]
    assert (centred(dot) == 9).sum() == 400
    with pytest.raises(DrawingError, match="drawing_empty"):
        centred(np.zeros((28, 28), np.uint8))


def test_a_drawing_goes_into_a_link_and_comes_back():
    some = np.random.default_rng(2)
    noise = (some.integers(0, 16, (28, 28)) * 17).astype(np.uint8)
    for drawing in (noise, np.eye(28, dtype=np.uint8) * 255, np.full((28, 28), 17, np.uint8)):
        text = encode(drawing)
        assert len(text) <= 524
        assert np.array_equal(decode(text), drawing)
        assert DrawingField("drawing").read(text) == text
    assert encode(decode("")) == ""
    assert np.abs(decode(encode(digit())).astype(int) - digit()).max() <= 8


@pytest.mark.parametrize(
    "text",
    ["x", "AAAA", "é" * 9, "A" * 600, "a b=", urlsafe_b64encode(compress(bytes(10**6), wbits=-15)).decode()],
)
def test_what_is_no_drawing_is_refused(text):
    with pytest.raises(DrawingError, match="drawing_text"):
        decode(text)
    with pytest.raises(ValueError, match="drawing_text"):
        DrawingField("drawing").read(text)
