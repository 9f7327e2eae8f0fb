"""ONNX's arithmetic, by cells and by matrices, as layers."""

from __future__ import annotations

import numpy as np

from conv_core.layers import (
    AdaptiveAvgPool,
    Add,
    Linear,
    MatMul,
    Mean,
    Own,
    OwnMatMul,
    Pairwise,
    Transpose,
)
from conv_core.layers.arithmetic import stretched
from conv_view.onnx_build import Flow, Operation, Value


def arithmetic(node: Operation) -> list[Value]:
    """Add, Sub, Mul, Div."""
    return [_pair(node, node.operator, node[0], node[1])]


def sum_all(node: Operation) -> list[Value]:
    """Sum: any number of inputs."""
    values = [node[place] for place in range(len(node))]
    if len(values) > 2 and all(isinstance(one, Flow) and one.shape == values[0].shape for one in values):
        return [node.add(Add(), *values)]
    total = values[0]
    for place, value in enumerate(values[1:], start=2):
        total = _pair(node, "Add", total, value, part="" if place == len(values) else f"{place}")
    return [total]


def gemm(node: Operation) -> list[Value]:
    """Gemm: alpha * A B + beta * C, with A and B transposed first where the file says so.

    With a known B it is a fully connected layer, and with a known vector C that is its bias.
    """
    settings = node.settings
    alpha, beta = settings.get("alpha", 1.0), settings.get("beta", 1.0)
    a, b = node[0], node[1]
    if settings.get("transA", 0):
        a = node.add(Transpose((1, 0)), a, part="A")
    if isinstance(b, Flow):
        b = node.add(Transpose((1, 0)), b, part="B") if settings.get("transB", 0) else b
        product = node.add(MatMul(), a, b)
        if alpha != 1:
            product = _pair(node, "Mul", product, _scalar(alpha, product), part="alpha")
    else:
        weight = b if settings.get("transB", 0) else b.T
        weight = weight if alpha == 1 else weight * weight.dtype.type(alpha)
        numbers, c = {"weight": weight}, node.get(2)
        plain = isinstance(c, np.ndarray) and c.size in (1, weight.shape[0]) and c.ndim < 3
        if isinstance(c, np.ndarray) and plain and c.shape[:-1] in ((), (1,)):
            numbers["bias"] = np.broadcast_to(c.reshape(-1) * c.dtype.type(beta), weight.shape[:1])
            return [node.add(Linear(weight.shape[0]), a, numbers=numbers)]
        product = node.add(Linear(weight.shape[0], bias=False), a, numbers=numbers)
    if not node.given(2):
        return [product]
    c = node[2]
    if beta != 1:
        c = _pair(node, "Mul", c, _scalar(beta, c), part="beta")
    return [_pair(node, "Add", product, c, part="plus")]


def matmul(node: Operation) -> list[Value]:
    """MatMul: a known matrix behind rows of features makes a fully connected layer."""
    a, b = node[0], node[1]
    if isinstance(a, Flow) and isinstance(b, Flow):
        return [node.add(MatMul(), a, b)]
    if isinstance(a, Flow) and isinstance(b, np.ndarray):
        if len(a.shape) == b.ndim == 2:
            return [node.add(Linear(b.shape[1], bias=False), a, numbers={"weight": b.T})]
        return [node.add(OwnMatMul(b.shape), a, numbers={"weight": b})]
    if isinstance(a, np.ndarray) and isinstance(b, Flow):
        return [node.add(OwnMatMul(a.shape, first=True), b, numbers={"weight": a})]
    return [node.add(MatMul(), a, b)]


def reduce_mean(node: Operation) -> list[Value]:
    """ReduceMean; over all spatial axes, which stay, it is the average of every map."""
    axes = tuple(node.settings["axes"]) if "axes" in node.settings else None
    if node.given(1):
        axes = node.integers(1) or None
    if axes is None and node.settings.get("noop_with_empty_axes", 0):
        return [node[0]]
    keep, rank = bool(node.settings.get("keepdims", 1)), len(node[0].shape)
    spatial = axes is not None and sorted(axis % rank for axis in axes) == list(range(2, rank))
    if keep and spatial and rank > 2 and node[0].dtype.kind == "f":
        return [node.add(AdaptiveAvgPool(1), node[0])]
    return [node.add(Mean(axes, keep), node[0])]


def _pair(node: Operation, operation: str, x: Value, y: Value, part: str = "") -> Value:
    shape = stretched(x.shape, y.shape)
    if isinstance(x, Flow) and isinstance(y, np.ndarray) and shape == x.shape:
        return node.add(Own(operation, y.shape), x, numbers={"value": y}, part=part)
    if isinstance(x, np.ndarray) and isinstance(y, Flow) and shape == y.shape:
        return node.add(Own(operation, x.shape, first=True), y, numbers={"value": x}, part=part)
    alike = isinstance(x, Flow) and isinstance(y, Flow) and operation == "Add" and x.shape == y.shape
    return node.add(Add() if alike else Pairwise(operation), x, y, part=part)


def _scalar(value: float, beside: Value) -> Value:
    return np.array(value, beside.dtype)
