"""From bytes to a checked ONNX model and its numbers: nothing is executed, nothing outside is read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_view.onnx_faults import MissingOnnxError, NetworkError, OpenShapesError, short

Shape = tuple[int, ...]

OLDEST_OPERATORS = 7
"""Before that arithmetic stretched its inputs by rules of its own."""

MOST_NODES = 20_000

TYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
}
"""Of ONNX's types of numbers (onnx.proto, TensorProto.DataType) those that NumPy has too."""

PICKLES = (
    (b"PK\x03\x04", "zip archive, as PyTorch saves its networks"),
    (b"\x80", "pickle"),
)


def parse(data: bytes, *, limit: int) -> tuple[Any, int]:
    """The model in a file's bytes and the version of its operators; `NetworkError` for anything else."""
    if not data:
        raise NetworkError("network_empty")
    if len(data) > limit:
        raise NetworkError(
            "network_bytes", megabytes=math.ceil(len(data) / 2**20 * 10) / 10, limit=limit // 2**20
        )
    for start, kind in PICKLES:
        if data.startswith(start):
            raise NetworkError("network_pickle", kind=kind)
    onnx = package()
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except Exception as error:
        # protobuf has no exception of its own that all its versions raise.
        raise NetworkError("network_format") from error
    if not model.graph.node or not model.graph.output or not model.opset_import:
        raise NetworkError("network_format")
    if len(model.graph.node) > MOST_NODES:
        raise NetworkError("network_nodes", count=len(model.graph.node), limit=MOST_NODES)
    versions = [one.version for one in model.opset_import if one.domain in ("", "ai.onnx")]
    version, newest = max(versions, default=0), onnx.defs.onnx_opset_version()
    if not OLDEST_OPERATORS <= version <= newest:
        raise NetworkError("network_version", version=version, low=OLDEST_OPERATORS, high=newest)
    for tensor in _tensors(model.graph):
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            raise NetworkError("network_external", name=short(tensor.name) or "?")
    return model, version


def package() -> Any:
    """The package that knows the file format; `MissingOnnxError` if it is not installed."""
    try:
        import onnx
    except ImportError as error:
        raise MissingOnnxError from error
    return onnx


def _tensors(graph: Any) -> Iterator[Any]:
    """All numbers that a graph holds, in whatever corner."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)
            for inner in (attribute.g, *attribute.graphs):
                yield from _tensors(inner)


def numbers(tensor: Any, name: str = "") -> NDArray[Any]:
    """The array that a tensor of the file holds, read-only; `NetworkError` if it is damaged or of no use."""
    from onnx import numpy_helper

    called = short(name or tensor.name) or "?"
    dtype = type_of(tensor.data_type, called)
    shape = tuple(tensor.dims)
    given = len(tensor.raw_data) if tensor.HasField("raw_data") else None
    if min(shape, default=0) < 0 or given not in (None, prod(shape) * dtype.itemsize):
        raise NetworkError("network_tensor", name=called)
    try:
        values = np.asarray(numpy_helper.to_array(tensor))
    except Exception as error:
        # Whatever is wrong with the fields of a broken tensor, it says nothing more than this.
        raise NetworkError("network_tensor", name=called) from error
    if values.shape != shape or values.dtype != dtype:
        raise NetworkError("network_tensor", name=called)
    values.setflags(write=False)
    return values


def type_of(code: int, name: str) -> np.dtype[Any]:
    """NumPy's type for one of ONNX's; `NetworkError` for one that nothing is computed with here."""
    if code not in TYPES:
        raise NetworkError("network_type", name=name, type=_type_name(code))
    return np.dtype(TYPES[code])


def _type_name(code: int) -> str:
    from onnx import TensorProto

    known = {value: name for name, value in TensorProto.DataType.items()}
    return str(known.get(code, code))


def attributes(node: Any) -> dict[str, Any]:
    """The settings of a node by name; texts as str, tensors as they are."""
    from onnx import helper

    made = {}
    for one in node.attribute:
        value = helper.get_attribute_value(one)
        made[one.name] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return made


def input_shape(given: Any, shapes: Mapping[str, int | Sequence[int]]) -> tuple[Shape, np.dtype[Any]]:
    """The shape and the type of the network's input, with what the file leaves open taken from `shapes`.

    An open size goes by its name in the file, one without a name by "input.axis", the whole shape by the
    input's name. The first axis, the batch, is 1 where nobody says anything else. `OpenShapesError` names
    what is missing.
    """
    if not given.type.HasField("tensor_type"):
        kind = given.type.WhichOneof("value") or "none"
        raise NetworkError("network_type", name=short(given.name), type=kind.removesuffix("_type"))
    declared = given.type.tensor_type
    dtype = type_of(declared.elem_type, short(given.name))
    whole = shapes.get(given.name)
    if whole is not None and not isinstance(whole, int):
        return tuple([_size(f"{given.name}.{axis}", size) for axis, size in enumerate(whole)]), dtype
    if not declared.HasField("shape"):
        raise OpenShapesError((given.name,))
    asked, sizes = [], []
    for axis, dim in enumerate(declared.shape.dim):
        name = dim.dim_param or f"{given.name}.{axis}"
        if dim.HasField("dim_value") and dim.dim_value > 0:
            sizes.append(dim.dim_value)
        elif name in shapes:
            sizes.append(_size(name, shapes[name]))
        elif axis == 0 and len(declared.shape.dim) > 1 and not dim.HasField("dim_value"):
            sizes.append(1)
        elif dim.HasField("dim_value") and dim.dim_value == 0:
            sizes.append(0)
        else:
            asked.append(name)
    if asked:
        raise OpenShapesError(tuple(dict.fromkeys(asked)))
    return tuple(sizes), dtype


def _size(name: str, value: Any) -> int:
    if not isinstance(value, int | np.integer) or not 1 <= value < 2**31:
        raise NetworkError("network_size", name=short(name), value=value)
    return int(value)
