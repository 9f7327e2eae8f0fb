"""Network files: an ONNX file becomes a graph, its parameters, and the shape of its input.

The package onnx, which knows the file format, is imported only here and only when a file is opened.
Nothing in a file is executed, and nothing outside it is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from conv_core import Graph
from conv_core.graph import INPUT
from conv_view import onnx_cells, onnx_matrices, onnx_resize, onnx_shapes, onnx_windows
from conv_view.onnx_build import Builder, Operation, Value
from conv_view.onnx_bytes import attributes, input_shape, numbers, parse
from conv_view.onnx_faults import MissingOnnxError, NetworkError, OpenShapesError, short

__all__ = [
    "MOST_MEMORY",
    "OPERATORS",
    "MissingOnnxError",
    "NetworkError",
    "NetworkFile",
    "OpenShapesError",
    "read_network",
]

MOST_MEMORY = 512 * 2**20
"""Bytes for a network's parameters and all that it computes on the way through."""

OPERATORS: dict[str, Callable[[Operation], list[Value]]] = {
    "Add": onnx_matrices.arithmetic,
    "AveragePool": onnx_windows.average_pool,
    "BatchNormalization": onnx_cells.batch_normalization,
    "Cast": onnx_cells.cast,
    "Clip": onnx_cells.clip,
    "Concat": onnx_shapes.concat,
    "Constant": onnx_shapes.constant,
    "ConstantOfShape": onnx_shapes.constant_of_shape,
    "Conv": onnx_windows.conv,
    "ConvTranspose": onnx_windows.conv_transpose,
    "Div": onnx_matrices.arithmetic,
    "Dropout": onnx_cells.dropout,
    "Flatten": onnx_shapes.flatten,
    "Gather": onnx_shapes.gather,
    "Gemm": onnx_matrices.gemm,
    "GlobalAveragePool": onnx_windows.global_average_pool,
    "GlobalMaxPool": onnx_windows.global_max_pool,
    "HardSigmoid": onnx_cells.hard_sigmoid,
    "HardSwish": onnx_cells.hard_swish,
    "Identity": onnx_cells.identity,
    "LRN": onnx_cells.local_response_norm,
    "LeakyRelu": onnx_cells.leaky_relu,
    "LpPool": onnx_windows.lp_pool,
    "MatMul": onnx_matrices.matmul,
    "MaxPool": onnx_windows.max_pool,
    "Mul": onnx_matrices.arithmetic,
    "Pad": onnx_shapes.pad,
    "ReduceMean": onnx_matrices.reduce_mean,
    "Relu": onnx_cells.relu,
    "Reshape": onnx_shapes.reshape,
    "Resize": onnx_resize.resize,
    "Shape": onnx_shapes.shape_of,
    "Sigmoid": onnx_cells.sigmoid,
    "Slice": onnx_shapes.cut,
    "Softmax": onnx_cells.softmax,
    "Split": onnx_shapes.split,
    "Squeeze": onnx_shapes.squeeze,
    "Sub": onnx_matrices.arithmetic,
    "Sum": onnx_matrices.sum_all,
    "Tanh": onnx_cells.tanh,
    "Transpose": onnx_shapes.transpose,
    "Unsqueeze": onnx_shapes.unsqueeze,
}
"""What each kind of node in a file becomes."""


@dataclass(frozen=True, eq=False)
class NetworkFile:
    """A network that was read: `graph.forward(x, parameters)` runs it on an input of `input_shape`.

    `parameters` are read-only and named "node.parameter"; `input_type` is NumPy's name of the type that the
    file asks for. `outputs` tells for each output of the file, in its order, which node gives it; the
    first one is the graph's.
    """

    graph: Graph
    parameters: dict[str, NDArray[Any]]
    input_shape: tuple[int, ...]
    input_type: str
    outputs: dict[str, str]


def read_network(
    data: bytes,
    *,
    shapes: Mapping[str, int | Sequence[int]] | None = None,
    limit: int = MOST_MEMORY,
) -> NetworkFile:
    """The network in the bytes of an ONNX file, of operator versions from 7 on.

    `shapes` gives sizes that the file leaves open by their names in it, or a whole shape by the input's
    name; a batch that is left open is 1. What only depends on shapes and constants is computed here, and a
    node of several outputs becomes several. `limit` bounds the bytes of the file, of what is computed
    beforehand, and of the parameters with everything that a pass through the network gives. Any fault
    raises `NetworkError`, and no other exception: `OpenShapesError` for sizes that are still open,
    `MissingOnnxError` where the package onnx is not installed.
    """
    model, version = parse(data, limit=limit)
    try:
        return _network(model.graph, version, shapes or {}, limit)
    except NetworkError:
        raise
    except Exception as error:
        # A broken file can be wrong in more ways than are foreseen; whatever they raise, it is that.
        raise NetworkError("network_format") from error


def _network(graph: Any, version: int, shapes: Mapping[str, int | Sequence[int]], limit: int) -> NetworkFile:
    stored = {tensor.name: tensor for tensor in graph.initializer}
    nodes = _needed(graph)
    entrance = _entrance(graph, stored, nodes)
    shape, dtype = input_shape(entrance, shapes)
    names = list(_names(graph))
    builder = Builder(shape, dtype, limit=limit, names=[name for name in names if name])
    found: dict[str, Value] = {entrance.name: builder.start}
    for place in sorted(nodes):
        node, name = graph.node[place], names[place]
        for value in node.input:
            if value and value not in found:
                if value not in stored:
                    raise NetworkError("network_link", node=short(name), name=short(value))
                found[value] = numbers(stored[value])
        if any(value in found or value in stored for value in node.output if value):
            # Every value of a file is given once; which of two would count is anybody's guess.
            raise NetworkError("network_twice", node=short(name), name=short(node.output[0]))
        made = _become(node, name, version, builder, found)
        found.update({value: one for value, one in zip(node.output, made, strict=False) if value})
    outputs = {}
    for given in graph.output:
        if given.name not in found and given.name in stored:
            found[given.name] = numbers(stored[given.name])
        if given.name not in found:
            raise NetworkError("network_link", node="output", name=short(given.name))
        outputs[given.name] = builder.output(given.name, found[given.name])
    kept = builder.finish(tuple(outputs.values()))
    made_graph = Graph(
        short(graph.name) or "network",
        [(one.name, one.layer, one.inputs) for one in kept],
        input_size=shape[1:],
        output=next(iter(outputs.values())),
    )
    parameters = {
        f"{one.name}.{name}": _locked(values) for one in kept for name, values in one.numbers.items()
    }
    return NetworkFile(made_graph, parameters, shape, dtype.name, outputs)


def _become(node: Any, name: str, version: int, builder: Builder, found: dict[str, Value]) -> list[Value]:
    """What a node of the file gives, output by output."""
    called = short(name)
    if node.op_type not in OPERATORS or node.domain not in ("", "ai.onnx"):
        operator = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
        raise NetworkError("network_operator", operator=short(operator), node=called)
    inputs = [found[value] if value else None for value in node.input]
    outputs = len(node.output)
    while outputs > 1 and not node.output[outputs - 1]:
        outputs -= 1
    try:
        operation = Operation(
            builder,
            name=name,
            operator=node.op_type,
            version=version,
            settings=attributes(node),
            inputs=inputs,
            input_names=node.input,
            outputs=outputs,
        )
        return OPERATORS[node.op_type](operation)
    except NetworkError:
        raise
    except Exception as error:
        # A layer's refusal carries its own numbers; a setting of a wrong kind can raise anything.
        raise NetworkError("network_node", node=called, operator=node.op_type) from error


def _needed(graph: Any) -> set[int]:
    """The nodes that the outputs depend on, by their places."""
    wanted, kept = {one.name for one in graph.output}, set()
    for place in reversed(range(len(graph.node))):
        if wanted.intersection(graph.node[place].output):
            kept.add(place)
            wanted.update(graph.node[place].input)
    return kept


def _entrance(graph: Any, stored: Mapping[str, Any], nodes: set[int]) -> Any:
    """The one input that the outputs depend on; `NetworkError` if there are none or several."""
    given = [one for one in graph.input if one.name not in stored]
    used = {value for place in nodes for value in graph.node[place].input}
    used.update(one.name for one in graph.output)
    needed = [one for one in given if one.name in used] or given[:1]
    if len(needed) != 1:
        listed = ", ".join([short(one.name) for one in needed[:8]])
        raise NetworkError("network_inputs", count=len(needed), names=listed)
    return needed[0]


def _names(graph: Any) -> Iterator[str]:
    """What each node is called: its own name if no other has it, or else that of its output."""
    counted = Counter(node.name for node in graph.node)
    for place, node in enumerate(graph.node):
        alone = node.name and counted[node.name] == 1 and node.name != INPUT
        yield node.name if alone else next((one for one in node.output if one), f"node_{place}")


def _locked(values: NDArray[Any]) -> NDArray[Any]:
    locked = values.view()
    locked.setflags(write=False)
    return locked
