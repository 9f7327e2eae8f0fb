"""The conformance cases that the package onnx generates, one node each, as files with a single input."""

import warnings
from functools import cache

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

from conv_view.network_files import OPERATORS, read_network

# What goes into these has to be known when the file is read: there the network's input is another one.
NO_DATA = {"Constant", "ConstantOfShape"}
# Both operands can come from the network itself; the cases are run in that way as well.
OPERANDS = {"Add", "Concat", "Div", "Gemm", "MatMul", "Mul", "Sub", "Sum"}


@cache
def cases() -> dict[str, list]:
    """All cases that are made of the operators that can be read, by the operator that they begin with."""
    found = {operator: [] for operator in OPERATORS}
    with warnings.catch_warnings():
        # How onnx makes its numbers is its own affair.
        warnings.simplefilter("ignore")
        collected = collect_testcases(None)
    for case in collected:
        nodes = case.model.graph.node if case.model else ()
        if nodes and all(node.op_type in OPERATORS and node.domain == "" for node in nodes):
            found[nodes[0].op_type].append(case)
    return found


def arrays(values):
    """The data of a case; None if it is not made of arrays."""
    made = [numpy_helper.to_array(value) if isinstance(value, TensorProto) else value for value in values]
    return made if all(isinstance(value, np.ndarray | np.generic) for value in made) else None


def fixed(case):
    """A file in which all inputs but the first are stored, and what is put into that first one."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    given = arrays(case.data_sets[0][0])
    if given is None:
        return model.SerializeToString(), None
    names = [one.name for one in model.graph.input]
    alone = len(model.graph.node) == 1 and model.graph.node[0].op_type in NO_DATA
    data = bool(given) and not alone
    for name, value in list(zip(names, given, strict=True))[1 if data else 0 :]:
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    if data:
        return model.SerializeToString(), given[0]
    model.graph.input.append(helper.make_tensor_value_info("unused", TensorProto.FLOAT, [1]))
    return model.SerializeToString(), np.zeros(1, np.float32)


def flowing(case):
    """A file whose one input holds all operands one behind the other, and that input."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    given = arrays(case.data_sets[0][0])
    names = [one.name for one in model.graph.input]
    ends = np.cumsum([0, *[value.size for value in given]])
    nodes, stored = [], []
    for place, (name, value) in enumerate(zip(names, given, strict=True)):
        parts = {
            f"{name}_start": [ends[place]],
            f"{name}_end": [ends[place + 1]],
            f"{name}_shape": value.shape,
        }
        stored += [numpy_helper.from_array(np.array(part, np.int64), key) for key, part in parts.items()]
        nodes.append(helper.make_node("Slice", ["all", *list(parts)[:2]], [f"{name}_flat"]))
        nodes.append(helper.make_node("Reshape", [f"{name}_flat", f"{name}_shape"], [name]))
    nodes += model.graph.node
    kind = model.graph.input[0].type.tensor_type.elem_type
    graph = helper.make_graph(
        nodes,
        "flowing",
        [helper.make_tensor_value_info("all", kind, [int(ends[-1])])],
        model.graph.output,
        stored,
    )
    opset = max(model.opset_import[0].version, 13)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    return made.SerializeToString(), np.concatenate([value.reshape(-1) for value in given])


def trouble(case, made) -> str:
    """What is wrong with the outputs that the reader and the graph give for a case; empty if nothing is."""
    data, x = made
    network = read_network(data)
    found = network.graph.forward(x, network.parameters)
    wanted = arrays(case.data_sets[0][1])
    for row in network.graph.summary(network.input_shape):
        if found[row.name].shape != row.output:
            return f"{row.name}: {found[row.name].shape} instead of {row.output}, as the table says"
    for name, expected in zip(network.outputs, wanted, strict=True):
        given = found[network.outputs[name]]
        if given.shape != expected.shape or given.dtype != expected.dtype:
            return f"{name}: {given.dtype}{given.shape} instead of {expected.dtype}{expected.shape}"
        if not np.allclose(given, expected, rtol=case.rtol, atol=case.atol, equal_nan=True):
            return f"{name}: {given.ravel()[:5]} instead of {expected.ravel()[:5]}"
    return ""
