"""Files that cannot be read: one clear error each, whatever is wrong with them."""

import io
import pickle
import random
import subprocess
import sys
import zipfile
from itertools import pairwise

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from conv_core import WindowError
from conv_view import onnx_faults
from conv_view.network_files import MissingOnnxError, NetworkError, read_network
from tests.view.onnx_models import conv, file, mobile, model, node, stored, weight

NUMBERS = stored(w=weight(2, 3, 3, 3))


class Trap:
    """What runs code when it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("the pickle was opened",))


def zipped() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Trap()))
    return kept.getvalue()


def outside(where: str = "numbers") -> bytes:
    """A file whose weight lies in another file, at several places where that can be said."""
    made = model([conv()], numbers=NUMBERS)
    if where == "numbers":
        tensor = made.graph.initializer[0]
    else:
        tensor = made.graph.node.add(op_type="Constant", output=["unused"]).attribute.add(name="value").t
        tensor.name = "w"
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/passwd")
    return made.SerializeToString()


def damaged(**fields) -> bytes:
    made = model([conv()], numbers=NUMBERS)
    for name, value in fields.items():
        if name == "dims":
            del made.graph.initializer[0].dims[:]
            made.graph.initializer[0].dims.extend(value)
        else:
            setattr(made.graph.initializer[0], name, value)
    return made.SerializeToString()


def two_inputs() -> bytes:
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in ("x", "z")]
    return file([node("Add", "x z", "y")], inputs=given)


def typed(kind: int) -> bytes:
    return file([node("Relu", "x", "y")], inputs=[helper.make_tensor_value_info("x", kind, [1, 3])])


def sequence() -> bytes:
    kind = helper.make_sequence_type_proto(helper.make_tensor_type_proto(TensorProto.FLOAT, None))
    return file([node("Identity", "x", "y")], inputs=[helper.make_value_info("x", kind)])


def custom() -> bytes:
    made = model([conv()], numbers=NUMBERS)
    made.graph.node[0].domain = "com.example"
    return made.SerializeToString()


REFUSED = {
    "nothing": (b"", "network_empty", {}),
    "a text": (b"hello, this is not a network", "network_format", {}),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "network_format", {}),
    "a pickle": (pickle.dumps(Trap()), "network_pickle", {"kind": "pickle"}),
    "a zip": (zipped(), "network_pickle", {}),
    "cut in half": (mobile().SerializeToString()[:3000], "network_format", {}),
    "another message": (NUMBERS[0].SerializeToString(), "network_format", {}),
    "external numbers": (outside(), "network_external", {"name": "w"}),
    "external constant": (outside("constant"), "network_external", {"name": "w"}),
    "too few numbers": (damaged(dims=[2, 3, 3, 4]), "network_tensor", {"name": "w"}),
    "sizes below 0": (damaged(dims=[-2, -3, 3, 3]), "network_tensor", {"name": "w"}),
    "sizes beyond all": (damaged(dims=[2**40, 2**40, 3, 3]), "network_tensor", {"name": "w"}),
    "another type": (damaged(data_type=TensorProto.BFLOAT16), "network_type", {"type": "BFLOAT16"}),
    "no such type": (damaged(data_type=99), "network_type", {"type": "99"}),
    "old": (file([conv()], numbers=NUMBERS, version=6), "network_version", {"version": 6, "low": 7}),
    "new": (file([conv()], numbers=NUMBERS, version=999), "network_version", {"version": 999}),
    "unknown operator": (
        file([node("LSTM", "x", "y", "lstm_1")]),
        "network_operator",
        {"node": "lstm_1", "operator": "LSTM"},
    ),
    "operator of others": (custom(), "network_operator", {"operator": "com.example.Conv"}),
    "two inputs": (two_inputs(), "network_inputs", {"count": 2, "names": "x, z"}),
    "text input": (typed(TensorProto.STRING), "network_type", {"name": "x", "type": "STRING"}),
    "sequence input": (sequence(), "network_type", {"name": "x", "type": "sequence"}),
    "missing value": (file([node("Add", "x z", "y", "sum")]), "network_link", {"node": "sum", "name": "z"}),
    "a value given twice": (
        file([node("Relu", "x", "y", "one"), node("Tanh", "x", "y", "two")]),
        "network_twice",
        {"node": "two", "name": "y"},
    ),
    "missing output": (file([node("Relu", "x", "z")]), "network_link", {"name": "y"}),
    "missing input": (file([node("Gather", "x", "y", "take")]), "network_link", {"node": "take"}),
    "weights out of the input": (
        file([node("Conv", "x x", "y", "conv")]),
        "network_known",
        {"node": "conv", "name": "x"},
    ),
    "unknown padding": (
        file([conv(auto_pad="SAME")], numbers=NUMBERS),
        "network_setting",
        {"node": "conv", "operator": "Conv", "setting": "auto_pad", "value": "SAME"},
    ),
    "training": (
        file(
            [node("BatchNormalization", "x s s s s", "y", "bn", training_mode=1)],
            numbers=stored(s=weight(3)),
        ),
        "network_training",
        {"node": "bn"},
    ),
    "channels that do not fit": (
        file([conv()], x=(1, 4, 8, 8), numbers=NUMBERS),
        "network_node",
        {"node": "conv", "operator": "Conv"},
    ),
    "a setting of another kind": (
        file([conv(group="two")], numbers=NUMBERS),
        "network_node",
        {"node": "conv"},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_what_is_wrong(name):
    data, code, numbers = REFUSED[name]
    with pytest.raises(NetworkError) as caught:
        read_network(data)
    assert caught.value.code == code
    assert {key: caught.value.numbers[key] for key in numbers} == numbers
    for value in numbers.values():
        assert str(value) in str(caught.value)


def test_a_layer_that_refuses_is_the_cause():
    data, _, _ = REFUSED["channels that do not fit"]
    with pytest.raises(NetworkError) as caught:
        read_network(data)
    cause = caught.value.__cause__
    assert isinstance(cause, WindowError)
    assert cause.code == "graph_parameter_shape"


def test_sizes_are_whole_numbers():
    data = file([conv()], x=(1, 3, "side", "side"), numbers=NUMBERS)
    for value in (0, -4, 2.5, "8", None, 2**40):
        with pytest.raises(NetworkError) as caught:
            read_network(data, shapes={"side": value})
        assert caught.value.code == "network_size"
        assert caught.value.numbers == {"name": "side", "value": value}


def constant_of(*shape, name="big"):
    value = numpy_helper.from_array(np.ones(1, np.float32))
    return [
        helper.make_node("Constant", [], [f"{name}_shape"], value_ints=list(shape)),
        node("ConstantOfShape", f"{name}_shape", name, value=value),
    ]


HUGE = {
    "large input": file([node("Relu", "x", "y")], x=(1, 3, 40_000, 40_000)),
    "large filters": file([*constant_of(3 * 10**6, 3, 3, 3, name="w"), conv()]),
    "large padding": file([conv(pads=[10**6] * 4, strides=[10**6] * 2)], numbers=NUMBERS),
    "large kernel": file(
        [
            *constant_of(1, 3, 40_001, 40_001, name="w"),
            conv(kernel_shape=[40_001, 40_001], pads=[20_000] * 4),
        ]
    ),
    "large border": file(
        [node("Pad", "x pads", "y")], numbers=stored(pads=np.array([0, 0, 0, 0, 0, 0, 10**6, 10**6]))
    ),
    "large resizing": file(
        [node("Resize", "x  f", "y")], numbers=stored(f=np.array([1, 1, 1e4, 1e4], np.float32))
    ),
    "large transposed": file(
        [node("ConvTranspose", "x w", "y", strides=[10**5, 10**5], pads=[350_000] * 4)],
        numbers=stored(w=weight(3, 1, 3, 3)),
    ),
    "large beforehand": file(
        [*constant_of(30_000, 30_000), node("Add", "big big", "more"), node("MatMul", "x more", "y")],
        x=(1, 30_000),
    ),
    "many maps kept": file(
        [
            node("Relu", "x" if place == 0 else f"y{place}", f"y{place + 1}" if place < 99 else "y")
            for place in range(100)
        ],
        x=(1, 3, 1000, 1000),
    ),
}


@pytest.mark.parametrize("name", HUGE)
def test_memory_is_bounded_beforehand(name):
    with pytest.raises(NetworkError) as caught:
        read_network(HUGE[name])
    error = caught.value
    assert error.code == "network_memory"
    assert int(error.numbers["bytes"].replace(",", "")) > 512 * 2**20
    assert error.numbers["limit"] == "536,870,912"


def test_what_is_computed_beforehand_is_counted_as_a_whole():
    # Each of them is small enough by itself, and none of them is kept.
    names = [f"big{place}" for place in range(200)]
    nodes = [
        *constant_of(1000, name="big0"),
        *[node("Add", f"{one} {one}", two) for one, two in pairwise(names)],
        node("Add", f"x {names[-1]}", "y"),
    ]
    data = file(nodes, x=(1, 1))
    assert read_network(data, limit=10**6).input_shape == (1, 1)
    with pytest.raises(NetworkError) as caught:
        read_network(data, limit=10**5)
    assert caught.value.code == "network_memory"


def test_the_limit_can_be_moved_and_holds_for_the_file_as_well():
    data = file([conv()], numbers=NUMBERS)
    x, y, padded = 3 * 8 * 8, 2 * 8 * 8, 3 * 10 * 10
    needed = 4 * (2 * 2 * 3 * 9 + x + y + padded)
    assert read_network(data, limit=needed).input_shape == (1, 3, 8, 8)
    with pytest.raises(NetworkError) as caught:
        read_network(data, limit=needed - 1)
    assert caught.value.numbers == {"bytes": f"{needed:,}", "limit": f"{needed - 1:,}"}
    with pytest.raises(NetworkError) as caught:
        read_network(data + bytes(2**20), limit=2**20)
    assert caught.value.code == "network_bytes"
    assert caught.value.numbers == {"megabytes": 1.1, "limit": 1}


def test_there_are_only_so_many_nodes():
    nodes = [node("Relu", "x", f"y{place}") for place in range(20_001)]
    with pytest.raises(NetworkError) as caught:
        read_network(file(nodes))
    assert caught.value.code == "network_nodes"


def test_a_file_cut_anywhere_or_with_bytes_changed_raises_nothing_else():
    whole = file(
        [conv(y="a"), node("MaxPool", "a", "b", kernel_shape=[2, 2]), node("Softmax", "b", "y", axis=1)],
        numbers=NUMBERS,
    )
    chance, codes = random.Random(1), []
    broken = [whole[:end] for end in range(0, len(whole), 3)]
    for _ in range(1500):
        changed = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 8))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        broken.append(bytes(changed))
    for data in broken:
        try:
            read_network(data)
        except NetworkError as error:
            codes.append(error.code)
    assert set(codes) <= set(onnx_faults.MESSAGES)
    assert len(codes) > len(broken) / 4


def test_thousands_of_nodes_of_one_name_are_told_apart_at_once():
    outputs = ["x", *[f"{'y' * 90}{place}" for place in range(3000)], "y"]
    nodes = [node("Relu", x, y) for x, y in pairwise(outputs)]
    network = read_network(file(nodes, x=(1, 2)))
    assert len(network.graph) == 3001
    assert network.graph.nodes[1].name == "y" * 80 + "_2"


def test_names_of_a_file_are_cut_where_they_are_none():
    with pytest.raises(NetworkError) as caught:
        read_network(file([node("L" * 500, "x", "y", "n" * 5000)]))
    assert len(str(caught.value)) < 300


def test_without_the_package_all_else_works_and_this_says_so(monkeypatch):
    data = file([conv()], numbers=NUMBERS)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingOnnxError) as caught:
        read_network(data)
    assert caught.value.code == "network_onnx"


def test_the_package_is_imported_only_when_a_file_is_opened():
    code = "import sys, conv_view.network_files; print('onnx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


def test_every_fault_is_provoked_somewhere():
    provoked = {code for _, code, _ in REFUSED.values()}
    elsewhere = {
        "network_onnx",
        "network_bytes",
        "network_memory",
        "network_nodes",
        "network_shapes",
        "network_size",
    }
    assert provoked | elsewhere == set(onnx_faults.MESSAGES)


def test_the_models_of_these_tests_are_sound():
    made = mobile()
    made.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 5]))
    onnx.checker.check_model(made, full_check=True)
