"""Files that can be read: the networks that the package onnx ships, and one as exporters write them."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from conv_core import Field
from conv_core.cell import cell_story
from conv_core.layers import AdaptiveAvgPool, Concat, Constant, Conv, Flatten, Linear, Own, Pairwise
from conv_view.network_files import OpenShapesError, read_network
from tests.view.onnx_models import conv, file, mobile, node, stored, weight

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
# Learnt numbers as published (FACTS, section 2), where the file's network is one of those.
NETWORKS = {
    "bvlc_alexnet": 60_965_224,
    "densenet121": None,
    "inception_v1": 6_998_552,
    "inception_v2": None,
    "resnet50": 25_557_032,
    "shufflenet": None,
    "squeezenet": 1_235_496,
    "vgg19": 143_667_240,
    "zfnet512": None,
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_light_networks_give_the_outputs_shipped_beside_them(name):
    network = read_network((LIGHT / f"light_{name}.onnx").read_bytes())
    tensor = onnx.TensorProto()
    tensor.ParseFromString((LIGHT / f"light_{name}_output_0.pb").read_bytes())
    expected = numpy_helper.to_array(tensor)
    assert network.input_shape == (1, 3, 224, 224)
    # The input is that of onnx's own test runner.
    cells = int(np.prod(network.input_shape))
    x = (np.arange(cells).reshape(network.input_shape) / cells).astype(network.input_type)
    output = network.graph.forward(x, network.parameters, until=network.graph.output)[network.graph.output]
    assert output.shape == expected.shape
    assert np.allclose(output, expected, rtol=1e-3, atol=1e-7)
    rows = network.graph.summary(network.input_shape)
    if NETWORKS[name] is not None:
        assert sum(row.parameters for row in rows) == NETWORKS[name]
    if name == "vgg19":
        assert sum(row.macs for row in rows) == 19_632_062_464
        # Numbers that are repeated are held once, so that the whole fits into what one layer takes.
        assert all(values.base is not None or values.size == 1 for values in network.parameters.values())


@pytest.mark.parametrize(("batch", "height", "width"), [(1, 32, 32), (2, 20, 36)])
def test_a_network_as_exporters_write_it_runs_as_onnx_runs_it(batch, height, width):
    model = mobile()
    sizes = {"height": height, "width": width} | ({} if batch == 1 else {"batch": batch})
    network = read_network(model.SerializeToString(), shapes=sizes)
    assert network.input_shape == (batch, 3, height, width)
    assert network.graph.input_size == (3, height, width)
    x = weight(batch, 3, height, width, seed=20)
    names = [name for one in model.graph.node for name in one.output]
    everything = onnx.ModelProto()
    everything.CopyFrom(model)
    del everything.graph.output[:]
    everything.graph.output.extend(
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]
    )
    expected = dict(zip(names, ReferenceEvaluator(everything).run(None, {"x": x}), strict=True))
    found = network.graph.forward(x, network.parameters)
    by_output = {one.output[0]: one.name for one in model.graph.node}
    compared = 0
    for output, name in by_output.items():
        if name in found:
            assert np.allclose(found[name], expected[output], rtol=1e-4, atol=1e-5), name
            compared += 1
    assert compared == 20
    for part, output in enumerate(("left", "right"), start=1):
        assert np.allclose(found[f"parts/{part}"], expected[output], rtol=1e-4, atol=1e-5)


def test_its_graph_is_made_of_the_layers_that_everything_else_knows():
    network = read_network(mobile().SerializeToString(), shapes={"height": 32, "width": 32})
    graph = network.graph
    assert graph.name == "mobile"
    assert graph["stem"].layer == Conv(8, 3, stride=2, padding=1)
    assert graph["depthwise"].layer.groups == 8
    assert graph["squeeze"].layer == AdaptiveAvgPool(1)
    assert graph["scaled"].layer == Pairwise("Mul")
    assert graph["joined"].layer == Concat()
    assert graph["flatten"].layer == Flatten()
    assert graph["classifier"].layer == Linear(5)
    assert graph.output == "prob"
    assert network.outputs == {"y": "prob"}
    # What only depends on shapes is no node any more.
    assert not {"shape", "batch", "batch_axis", "target"} & {one.name for one in graph.nodes}
    assert network.parameters["stem.weight"].shape == (8, 3, 3, 3)
    assert set(graph.parameter_shapes(network.input_shape, buffers=True)) == set(network.parameters)
    rows = {row.name: row for row in graph.summary(network.input_shape)}
    assert rows["depthwise"].macs == 8 * 9 * 8 * 8
    assert rows["relu6"].field == Field((7, 7), (4, 4), (1, 1))
    assert rows["larger"].field is None
    with pytest.raises(ValueError, match="read-only"):
        network.parameters["stem.weight"][...] = 0


def test_the_network_learns_backwards_as_every_graph():
    network = read_network(mobile().SerializeToString(), shapes={"height": 16, "width": 16})
    x = weight(1, 3, 16, 16, seed=21)
    found = network.graph.forward(x, network.parameters)
    back = network.graph.backward(np.eye(5, dtype=np.float32)[:1], found, network.parameters)
    assert back.nodes["input"].shape == x.shape
    assert set(back.params) == set(network.graph.parameter_shapes(network.input_shape))


def test_every_cell_of_the_network_is_followed_back_to_what_was_summed():
    network = read_network(mobile().SerializeToString(), shapes={"height": 16, "width": 16})
    found = network.graph.forward(weight(1, 3, 16, 16, seed=21), network.parameters)
    for one in network.graph.nodes:
        place = tuple(size // 2 for size in found[one.name].shape)
        story = cell_story(network.graph, found, network.parameters, one.name, place)
        assert story.value == pytest.approx(story.sum + story.bias, rel=1e-4, abs=1e-5), one.name
        assert (story.then[-1].value if story.then else story.value) == found[one.name][place]


def test_names_are_the_files_where_they_are_unique_and_else_those_of_outputs():
    nodes = [
        conv("same", y="a"),
        node("Relu", "a", "b", "same"),
        node("Relu", "b", "input", "input"),
        node("Tanh", "input", "c", "last/1"),
        node("Split", "c", "d y", "last", axis=1),
    ]
    network = read_network(file(nodes, numbers=stored(w=weight(4, 3, 3, 3))))
    assert [one.name for one in network.graph.nodes] == ["a", "b", "input_2", "last/1", "last/2"]


def test_numbers_of_the_file_take_part_in_arithmetic():
    numbers = stored(w=weight(4, 3, 3, 3), mean=weight(3, 1, 1), other=weight(1, 4, 8, 8))
    nodes = [
        node("Sub", "x mean", "centred", "centred"),
        conv(x="centred", y="c"),
        node("Sub", "other c", "turned", "turned"),
        node("Concat", "turned other", "y", "joined", axis=1),
    ]
    data = file(nodes, numbers=numbers)
    network = read_network(data)
    assert network.graph["centred"].layer == Own("Sub", (3, 1, 1))
    assert network.graph["turned"].layer.first
    assert network.graph["joined/constant"].layer == Constant((1, 4, 8, 8))
    x = weight(1, 3, 8, 8, seed=3)
    expected = ReferenceEvaluator(onnx.load_from_string(data)).run(None, {"x": x})[0]
    found = network.graph.forward(x, network.parameters)["joined"]
    assert np.allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_what_no_output_needs_is_left_out_and_needs_nothing():
    spare = helper.make_tensor_value_info("spare", TensorProto.FLOAT, ["open"])
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])
    nodes = [node("LSTM", "spare", "unused", "aside"), conv(), node("Relu", "y", "z", "behind")]
    network = read_network(file(nodes, inputs=[x, spare], numbers=stored(w=weight(2, 3, 3, 3))))
    assert [one.name for one in network.graph.nodes] == ["conv"]


def test_an_output_that_is_the_input_or_known_beforehand_has_a_node():
    network = read_network(
        file([node("Identity", "x", "y"), node("Shape", "x", "z")], outputs=("y", "z"), x=(2, 5))
    )
    found = network.graph.forward(np.ones((2, 5), np.float32), network.parameters)
    assert np.array_equal(found[network.outputs["y"]], np.ones((2, 5)))
    assert np.array_equal(found[network.outputs["z"]], [2, 5])


def test_open_sizes_are_asked_for_by_their_names_and_the_batch_is_one():
    data = file([conv()], x=("batch", 3, "height", None), numbers=stored(w=weight(2, 3, 3, 3)))
    with pytest.raises(OpenShapesError) as caught:
        read_network(data)
    assert caught.value.asked == ("height", "x.3")
    assert caught.value.numbers == {"names": "height, x.3"}
    assert read_network(data, shapes={"height": 9, "x.3": 7}).input_shape == (1, 3, 9, 7)
    assert read_network(data, shapes={"height": 9, "x.3": 7, "batch": 2}).input_shape == (2, 3, 9, 7)
    assert read_network(data, shapes={"x": (1, 3, 5, 6)}).input_shape == (1, 3, 5, 6)
    without = file([conv()], x=None, numbers=stored(w=weight(2, 3, 3, 3)))
    with pytest.raises(OpenShapesError) as caught:
        read_network(without)
    assert caught.value.asked == ("x",)
    assert read_network(without, shapes={"x": (1, 3, 5, 6)}).input_shape == (1, 3, 5, 6)


def test_a_softmax_before_version_13_takes_all_axes_together():
    network = read_network(file([node("Softmax", "x", "y", "prob", axis=1)], version=11))
    x = weight(1, 3, 8, 8)
    found = network.graph.forward(x, network.parameters)[network.graph.output]
    assert found.shape == x.shape
    assert found.sum() == pytest.approx(1, abs=1e-5)


def test_settings_that_became_inputs_are_read_in_both_ways():
    nodes = [
        node("Pad", "x", "a", pads=[0, 0, 1, 1, 0, 0, -1, 2], value=3.0),
        node("Clip", "a", "b", min=-0.5, max=1.5),
        node("Slice", "b", "c", starts=[1], ends=[-1], axes=[2]),
        node("ReduceMean", "c", "d", axes=[1], keepdims=1),
        node("Squeeze", "d", "e", axes=[1]),
        node("Unsqueeze", "e", "y", axes=[0, 4]),
    ]
    network = read_network(file(nodes, version=9))
    x = weight(1, 3, 8, 8)
    padded = np.pad(x[:, :, :-1], ((0, 0), (0, 0), (1, 0), (1, 2)), constant_values=3)
    expected = padded.clip(-0.5, 1.5)[:, :, 1:-1].mean(axis=1)[None, ..., None]
    found = network.graph.forward(x, network.parameters)[network.graph.output]
    assert np.allclose(found, expected, atol=1e-6)


def test_resizing_of_version_10_goes_by_factors_from_the_corner():
    nodes = [node("Resize", "x factors", "y")]
    factors = np.array([1, 1, 0.5, 1.5], np.float32)
    network = read_network(file(nodes, version=10, x=(1, 1, 4, 4), numbers=stored(factors=factors)))
    x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    found = network.graph.forward(x, network.parameters)[network.graph.output]
    assert found[0, 0].tolist() == [[0, 0, 1, 2, 2, 3], [8, 8, 9, 10, 10, 11]]
