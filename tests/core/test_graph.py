"""Layers and graphs: gradients against finite differences, costs against published tables, walks by hand."""

import numpy as np
import pytest

from conv_core import Field, Graph, avg_pool, conv, finite_differences, global_avg_pool, max_pool, tanh
from conv_core.layers import (
    AdaptiveAvgPool,
    Add,
    AvgPool,
    BatchNorm,
    Cast,
    Clip,
    Concat,
    Constant,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalMaxPool,
    HardSigmoid,
    HardSwish,
    Identity,
    Join,
    LeakyReLU,
    Linear,
    LocallyConnected,
    LocalResponseNorm,
    LpPool,
    MatMul,
    MaxPlaces,
    MaxPool,
    Mean,
    Own,
    OwnMatMul,
    Pad,
    Pairwise,
    ReLU,
    Reshape,
    Resize,
    Sigmoid,
    Slice,
    Softmax,
    SoftmaxAlong,
    Squeeze,
    Stretch,
    Subsample,
    Take,
    Tanh,
    Transpose,
    Unsqueeze,
)
from conv_core.layers.base import Passed
from conv_core.nets import lenet5
from conv_core.nets.lenet import C3_TABLE

LAYERS = {
    "conv": (Conv(4, (3, 2), stride=2, padding=1, groups=2), (2, 4, 5, 6)),
    "conv without bias": (Conv(2, 2, bias=False, dilation=2), (1, 3, 7)),
    "conv with a table": (Conv(3, 2, table=((0,), (0, 2), (1, 2))), (2, 3, 4, 4)),
    "locally connected": (LocallyConnected(2, (2, 3), stride=2, padding=1), (2, 3, 4, 5)),
    "max pool": (MaxPool(3, stride=2, padding=1, ceil_mode=True), (2, 2, 6, 5)),
    "average pool": (AvgPool(2, stride=1, padding=1, count_include_pad=False), (1, 2, 4, 4)),
    "adaptive pool": (AdaptiveAvgPool(2), (1, 2, 5, 4)),
    "subsample": (Subsample(2), (2, 3, 4, 6)),
    "subsample that overlaps": (Subsample(3, stride=2), (1, 2, 7, 7)),
    "linear": (Linear(3), (2, 5)),
    "linear without bias": (Linear(3, bias=False), (2, 5)),
    "flatten": (Flatten(), (2, 3, 2, 2)),
    "concat": (Concat(), (2, 3, 4), (2, 1, 4)),
    "add": (Add(), (2, 3, 4), (2, 3, 4), (2, 3, 4)),
    "relu": (ReLU(), (2, 3, 4)),
    "sigmoid": (Sigmoid(), (2, 3, 4)),
    "softmax": (Softmax(), (2, 3, 4)),
    "tanh": (Tanh(1.7159, 2 / 3), (2, 3, 4)),
    "response norm": (LocalResponseNorm(size=3, alpha=0.5), (2, 5, 3)),
    "batch norm": (BatchNorm(), (3, 2, 4)),
    "dropout": (Dropout(), (2, 3)),
    "leaky relu": (LeakyReLU(0.2), (2, 3, 4)),
    "clip": (Clip(-0.4, 0.5), (2, 3, 4)),
    "clip below": (Clip(low=0.25), (2, 3, 4)),
    "hard sigmoid": (HardSigmoid(0.9, 0.4), (2, 3, 4)),
    "hard swish": (HardSwish(), (8, 3, 6)),
    "softmax along the last axis": (SoftmaxAlong(-1), (2, 3, 4)),
    "sum that stretches": (Pairwise("Add"), (2, 3, 4), (3, 1)),
    "difference": (Pairwise("Sub"), (3, 1), (2, 3, 4)),
    "product that stretches": (Pairwise("Mul"), (2, 3, 2, 2), (2, 3, 1, 1)),
    "quotient": (Pairwise("Div"), (2, 3), (2, 3)),
    "own numbers added": (Own("Add", (4,)), (2, 3, 4)),
    "own numbers less the input": (Own("Sub", (4,), first=True), (2, 3, 4)),
    "own scale": (Own("Mul", (3, 1, 1)), (2, 3, 4, 2)),
    "own divided by the input": (Own("Div", (3, 1), first=True), (2, 3, 4)),
    "matrix product": (MatMul(), (2, 1, 3, 4), (5, 4, 2)),
    "vector and matrices": (MatMul(), (4,), (2, 4, 3)),
    "matrix and vector": (MatMul(), (2, 3, 4), (4,)),
    "own matrix": (OwnMatMul((4, 2)), (2, 3, 4)),
    "own matrix before": (OwnMatMul((2, 3), first=True), (2, 3, 4)),
    "identity": (Identity(), (2, 3)),
    "reshape": (Reshape((0, 4, -1)), (2, 3, 8)),
    "squeeze": (Squeeze((-1, 1)), (2, 1, 3, 1)),
    "squeeze all": (Squeeze(), (2, 1, 3, 1)),
    "unsqueeze": (Unsqueeze((0, -1)), (2, 3)),
    "transpose": (Transpose((2, 0, 1)), (2, 3, 4)),
    "slice": (Slice(((1, 1, 3, 1), (-1, None, None, -2))), (2, 4, 5)),
    "take": (Take(1, (2, 0, 2, -1), (2, 2)), (2, 3, 4)),
    "pad with a number": (Pad(((0, 0), (0, 1), (2, 1)), value=3.0), (2, 3, 4)),
    "pad with a mirror": (Pad(((0, 0), (0, 0), (2, 1)), "reflect"), (2, 3, 4)),
    "join": (Join(-1), (2, 3, 4), (2, 3, 1)),
    "to double": (Cast("float64"), (2, 3)),
    "transposed convolution": (
        ConvTranspose(4, (3, 2), stride=2, padding=1, output_padding=(1, 0), groups=2),
        (2, 4, 3, 4),
    ),
    "transposed without bias": (ConvTranspose(2, 2, dilation=2, bias=False), (1, 3, 4)),
    "norm pool": (LpPool(2, stride=1, padding=1, p=3.0), (1, 2, 4, 4)),
    "places of maxima": (MaxPlaces(2), (1, 2, 4, 4)),
    "global max pool": (GlobalMaxPool(), (2, 3, 3, 2)),
    "mean": (Mean((1, -1)), (2, 3, 4)),
    "mean of all": (Mean(keep=False), (2, 3, 4)),
    "resized, nearest": (Resize((Stretch(2, 5, 5 / 3),)), (1, 2, 3, 2)),
    "resized, linear": (Resize((Stretch(2, 6, 2.0), Stretch(3, 3, 0.75)), "linear"), (1, 2, 3, 4)),
    "resized, cubic": (Resize((Stretch(2, 3, 0.5),), "cubic", "align_corners", antialias=True), (1, 2, 6)),
}


def numbers(layer, shapes, rng):
    """Parameters and buffers in float64, none of them at its starting value; a table's zeros stay."""
    made = {}
    for name, values in layer.initial(shapes, rng, 1.0).items():
        moved = values + 0.3 * rng.standard_normal(values.shape)
        made[name] = np.where(values == 0, 0.0, moved) if name == "weight" else np.abs(moved) + 0.1
    return made


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_the_gradients_of_a_layer_are_finite_differences(name, training):
    layer, *shapes = LAYERS[name]
    rng = np.random.default_rng(3)
    # Distinct numbers at least a hundredth apart: no maximum and no ReLU turns within a finite difference.
    inputs = tuple(
        (rng.permutation(int(np.prod(shape))) - np.prod(shape) / 2 + 0.3).reshape(shape) * 0.07
        for shape in shapes
    )
    params = numbers(layer, tuple(shapes), rng)
    output = layer.forward(params, *inputs, training=training)
    assert output.shape == layer.output_shape(*shapes)
    assert set(params) == set(layer.parameters(*shapes)) | set(layer.buffers(*shapes))
    grad = rng.standard_normal(output.shape)
    passed = Passed(params, inputs, output, training)
    back, learnt = layer.backward(grad, passed)
    for at, x in enumerate(inputs):

        def by_input(moved, at=at):
            changed = [*inputs[:at], moved, *inputs[at + 1 :]]
            return float((layer.forward(params, *changed, training=training) * grad).sum())

        assert np.allclose(back[at], finite_differences(by_input, x, step=1e-5), atol=1e-7)
    assert set(learnt) == set(layer.parameters(*shapes))
    for parameter, found in learnt.items():

        def by_parameter(moved, parameter=parameter):
            changed = {**params, parameter: moved}
            return float((layer.forward(changed, *inputs, training=training) * grad).sum())

        tried = finite_differences(by_parameter, params[parameter], step=1e-5)
        # What a table leaves out is 0 and stays so, whatever the loss would gain.
        tried = np.where(params[parameter] == 0, 0.0, tried) if parameter == "weight" else tried
        assert np.allclose(found, tried, atol=1e-7)
        alone = layer.parameters_backward(grad, passed)
        assert np.array_equal(alone[parameter], found)


def residual():
    """A network with a shortcut, a branch, and two ends that nothing reads."""
    return Graph(
        "residual",
        [
            ("stem", Conv(3, 3, padding=1)),
            ("norm", BatchNorm()),
            ("relu", ReLU()),
            ("wide", Conv(3, 3, padding=1), "relu"),
            ("aside", MaxPool(2), "relu"),
            ("add", Add(), ("wide", "relu")),
            ("both", Concat(), ("add", "stem")),
            ("pool", AdaptiveAvgPool(1)),
            ("flat", Flatten()),
            ("scores", Linear(2)),
        ],
    )


SHAPE = (3, 2, 6, 6)


def start(graph, shape, seed=0):
    return {name: values.astype(np.float64) for name, values in graph.initial(shape, seed=seed).items()}


def test_a_forward_pass_is_its_layers_one_after_the_other():
    graph, x = residual(), np.random.default_rng(0).standard_normal(SHAPE)
    params = start(graph, SHAPE)
    found = graph.forward(x, params)
    stem = conv(x, params["stem.weight"], params["stem.bias"], padding=1)
    relu = np.maximum(stem / np.sqrt(1 + 1e-5), 0)
    add = conv(relu, params["wide.weight"], params["wide.bias"], padding=1) + relu
    pooled = global_avg_pool(np.concatenate([add, stem], axis=1))[:, :, 0, 0]
    assert np.allclose(found["aside"], max_pool(relu, 2))
    assert np.allclose(found["scores"], pooled @ params["scores.weight"].T + params["scores.bias"])
    assert list(found) == ["input", *[node.name for node in graph.nodes]]
    assert {name: values.shape for name, values in found.items()} == graph.shapes(SHAPE)


def test_it_stops_where_it_is_told_and_computes_only_what_that_needs():
    graph, x = residual(), np.random.default_rng(0).standard_normal(SHAPE)
    params, told = start(graph, SHAPE), []
    found = graph.forward(x, params, until="add", progress=told.append)
    assert list(found) == ["input", *told]
    assert told == ["stem", "norm", "relu", "wide", "add"]
    assert np.array_equal(found["add"], graph.forward(x, params)["add"])


@pytest.mark.parametrize("training", [False, True])
def test_the_gradients_of_a_graph_are_finite_differences(training):
    graph, rng = residual(), np.random.default_rng(1)
    x, params = rng.standard_normal(SHAPE), start(graph, SHAPE, seed=5)
    grad = rng.standard_normal((3, 2))
    activations = graph.forward(x, params, training=training)
    back = graph.backward(grad, activations, params, training=training)

    def loss(changed, given=x):
        return float((graph.forward(given, changed, training=training)["scores"] * grad).sum())

    for name in graph.parameter_shapes(SHAPE):
        tried = finite_differences(
            lambda moved, name=name: loss({**params, name: moved}), params[name], step=1e-6
        )
        assert np.allclose(back.params[name], tried, atol=2e-6), name
    places = [(0, 0, 0, 0), (1, 1, 3, 2), (2, 0, 5, 5)]
    tried = finite_differences(lambda moved: loss(params, moved), x, step=1e-6, places=places)
    for place in places:
        assert back.nodes["input"][place] == pytest.approx(tried[place], abs=2e-6)
    assert "aside" not in back.nodes
    assert set(back.params) == set(graph.parameter_shapes(SHAPE))
    less = graph.backward(grad, activations, params, training=training, by_input=False)
    assert "input" not in less.nodes
    assert all(np.array_equal(less.params[name], back.params[name]) for name in back.params)


def test_numbers_that_do_not_depend_on_the_input_are_kept_and_not_learnt():
    graph = Graph("constant", [("two", Constant((2,)), ()), ("sum", Pairwise("Add"), ("input", "two"))])
    params = {"two.value": np.array([1.0, 2.0])}
    assert graph.parameter_shapes((3, 2)) == {}
    assert graph.parameter_shapes((3, 2), buffers=True) == {"two.value": (2,)}
    assert list(graph.initial((3, 2))) == ["two.value"]
    found = graph.forward(np.zeros((3, 2)), params)
    assert np.array_equal(found["sum"], [[1, 2]] * 3)
    back = graph.backward(np.ones((3, 2)), found, params)
    assert np.array_equal(back.nodes["input"], np.ones((3, 2)))
    assert graph.fields((3, 2))["sum"] is None


def test_a_field_ends_where_the_axes_of_the_map_become_others():
    graph = Graph(
        "shuffled",
        [
            ("padded", Pad(((0, 0), (0, 0), (2, 1), (2, 1)))),
            ("conv", Conv(4, 3)),
            ("part", Slice(((1, 0, 2, 1),))),
            ("deep", Reshape((0, 1, 2, 5, 5))),
            ("solid", Conv(1, (2, 3, 3))),
        ],
    )
    fields = graph.fields((1, 3, 4, 4))
    assert fields["conv"] == fields["part"] == Field((3, 3), (1, 1), (2, 2))
    assert fields["deep"] is None
    assert fields["solid"] is None


def test_a_gradient_may_start_in_the_middle_and_be_stopped_on_the_way():
    graph, x = residual(), np.random.default_rng(0).standard_normal(SHAPE)
    params = start(graph, SHAPE)
    activations = graph.forward(x, params)
    grad = np.ones((3, 3, 6, 6))

    def without_shortcut(node, back):
        return (back[0], None) if node.name == "add" else back

    whole = graph.backward(grad, activations, params, at="add")
    stopped = graph.backward(grad, activations, params, at="add", passing=without_shortcut)
    # What came over the shortcut is the gradient itself.
    assert np.allclose(whole.nodes["relu"] - stopped.nodes["relu"], grad)
    assert set(whole.nodes) == {"input", "stem", "norm", "relu", "wide", "add"}


def test_running_statistics_are_those_of_torch():
    graph, x = residual(), np.random.default_rng(0).standard_normal(SHAPE)
    params = start(graph, SHAPE)
    activations = graph.forward(x, params, training=True)
    kept = graph.kept(activations, params)
    stem = activations["stem"].transpose(1, 0, 2, 3).reshape(3, -1)
    assert set(kept) == {"norm.running_mean", "norm.running_var"}
    assert np.allclose(kept["norm.running_mean"], 0.1 * stem.mean(axis=1))
    assert np.allclose(kept["norm.running_var"], 0.9 + 0.1 * stem.var(axis=1, ddof=1))


def test_a_summary_adds_up_and_fields_grow_along_the_longest_path():
    rows = {row.name: row for row in residual().summary((1, 2, 6, 6))}
    assert [row.kind for row in rows.values()][:4] == ["Conv", "BatchNorm", "ReLU", "Conv"]
    assert rows["stem"].parameters == 3 * 2 * 9 + 3
    assert rows["stem"].macs == 3 * 2 * 9 * 36
    assert rows["norm"].parameters == 6
    assert rows["scores"].parameters == 6 * 2 + 2
    assert rows["stem"].bytes == 4 * 3 * 36
    assert rows["stem"].field == Field((3, 3), (1, 1), (1, 1))
    assert rows["add"].field == rows["both"].field == Field((5, 5), (1, 1), (2, 2))
    assert rows["aside"].field == Field((4, 4), (2, 2), (1, 1))
    assert rows["pool"].field is None
    batch = residual().summary((7, 2, 6, 6))
    assert sum(row.macs for row in batch) == 7 * sum(row.macs for row in rows.values())
    shapes = residual().parameter_shapes((1, 2, 6, 6))
    assert sum(int(np.prod(shape)) for shape in shapes.values()) == sum(
        row.parameters for row in rows.values()
    )
    with_kept = residual().parameter_shapes((1, 2, 6, 6), buffers=True)
    assert set(with_kept) - set(shapes) == {"norm.running_mean", "norm.running_var"}


def test_lenet_is_the_one_of_1998():
    """Table I and section II.B: trainable parameters and connections of every layer."""
    rows = {row.name: row for row in lenet5().summary((1, 1, 32, 32))}
    published = {
        "C1": (156, 122_304),
        "S2": (12, 5_880),
        "C3": (1_516, 151_600),
        "S4": (32, 2_000),
        "C5": (48_120, 48_120),
        "F6": (10_164, 10_164),
    }
    assert {name: rows[name].parameters for name in published} == {
        name: parameters for name, (parameters, _) in published.items()
    }
    assert sum(parameters for parameters, _ in published.values()) == 60_000
    assert sum(connections for _, connections in published.values()) == 340_068
    for name in ("C1", "C3", "C5"):
        # A connection is a weight or a bias that is used at a position.
        biases = int(np.prod(rows[name].output))
        assert rows[name].macs + biases == published[name][1]
    for name in ("S2", "S4"):
        # Four cells and a bias each.
        assert 5 * int(np.prod(rows[name].output)) == published[name][1]
    assert [rows[name].output for name in ("C1", "S2", "C3", "S4", "C5", "F6", "output")] == [
        (1, 6, 28, 28),
        (1, 6, 14, 14),
        (1, 16, 10, 10),
        (1, 16, 5, 5),
        (1, 120, 1, 1),
        (1, 84),
        (1, 10),
    ]
    assert [len(row) for row in C3_TABLE] == [3] * 6 + [4] * 9 + [6]
    # Every map of S2 is read ten times.
    assert [sum(map in row for row in C3_TABLE) for map in range(6)] == [10] * 6


def test_lenets_c3_reads_what_its_table_says():
    graph, rng = lenet5(), np.random.default_rng(2)
    params = graph.initial((1, 1, 32, 32), seed=1, gain=1.0)
    for kernel, row in enumerate(C3_TABLE):
        used = np.flatnonzero(np.abs(params["C3.weight"][kernel]).sum(axis=(1, 2)))
        assert tuple(used) == row
    x = rng.standard_normal((2, 1, 32, 32)).astype(np.float32)
    found = graph.forward(x, params)
    s2 = found["S2.squash"]
    alone = sum(conv(s2[:, [map]], params["C3.weight"][[3]][:, [map]]) for map in C3_TABLE[3])
    assert np.allclose(found["C3"][:, [3]], alone + params["C3.bias"][3], atol=1e-5)
    assert np.allclose(found["S2"], avg_pool(found["C1.squash"], 2), atol=1e-6)
    assert np.allclose(found["C1.squash"], 1.7159 * tanh(found["C1"] * (2 / 3)), atol=1e-6)


def test_the_same_seed_gives_the_same_numbers_and_their_variance_is_that_of_he():
    graph = Graph("wide", [("conv", Conv(256, 3)), ("relu", ReLU())])
    first, again, other = (graph.initial((1, 64, 8, 8), seed=seed)["conv.weight"] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.dtype == np.float32
    assert first.var() == pytest.approx(2 / (64 * 9), rel=0.02)
