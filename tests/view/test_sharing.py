"""The recorded training of three networks that differ in sharing alone: true to the code that made it."""

import json

import numpy as np

from conv_core.nets import KINDS, shared
from conv_view.mnist import Digits, digits
from conv_view.weights import FOLDER, SCALE, weights
from tools.train_sharing import COUNTS, SEED, SHOWN, one_map, prepared, trained

TOLD = json.loads((FOLDER / "sharing.json").read_text(encoding="utf-8"))


def test_every_network_was_trained_on_few_and_on_many_digits():
    assert [(run["digits"], run["kind"]) for run in TOLD["runs"]] == [
        (count, kind) for count in COUNTS for kind in KINDS
    ]
    for run in TOLD["runs"]:
        assert run["parameters"] == sum(row.parameters for row in shared(run["kind"]).summary((1, 1, 28, 28)))
        for name in ("step", "loss", "training", "held out"):
            assert len(run[name]) == SHOWN + 1
        assert run["training"][-1] > 0.999
        # Ten classes to begin with, and far more than chance at the end.
        assert run["held out"][0] < 0.25
        assert 0.8 < run["held out"][-1] < run["training"][-1]


def test_all_three_give_as_many_numbers():
    for kind in KINDS:
        rows = {row.name: row for row in shared(kind).summary((1, 1, 28, 28))}
        assert int(np.prod(rows["hidden"].output)) == 8 * 12 * 12
        assert rows["scores"].parameters == 8 * 12 * 12 * 10 + 10


def test_a_training_begins_where_the_record_does():
    training, held_out = digits()
    few = Digits(training.images[:500], training.labels[:500])
    run, _ = trained("convolutional", few, held_out, steps=60)
    told = next(run for run in TOLD["runs"] if (run["kind"], run["digits"]) == ("convolutional", 500))
    assert run["held out"][0] == told["held out"][0]
    assert run["loss"][0] == told["loss"][0]
    assert run["loss"][-1] < run["loss"][0] / 2
    assert prepared(held_out.images[:2]).max() <= 1


def test_the_kept_weights_are_those_of_one_map():
    x = prepared(digits()[1].images[:1])
    for kind in KINDS:
        graph = shared(kind)
        params = graph.initial((1, 1, 28, 28), seed=SEED)
        kept = one_map(kind, params)
        real = kept[kind] * kept[kind + SCALE][:, None, None]
        assert real.shape == weights("sharing")[kind].shape
        made = graph.forward(x, params, until="hidden")["hidden"].reshape(8, 12, 12)[0]
        for row, column in ((0, 0), (5, 6), (11, 11)):
            at = 0 if kind == "convolutional" else 12 * row + column
            part = x[0, 0] if kind == "fully" else x[0, 0, 2 * row : 2 * row + 5, 2 * column : 2 * column + 5]
            assert abs((part * real[at]).sum() + kept[f"{kind} bias"][at] - made[row, column]) < 0.03
