"""What goes wrong when layers become a network: code, call, numbers."""

import numpy as np

from conv_core import Graph, receptive_field
from conv_core.cell import cell_story
from conv_core.layers import (
    Add,
    Concat,
    Conv,
    Join,
    Layer,
    Linear,
    MatMul,
    Own,
    Pad,
    Pairwise,
    ReLU,
    Reshape,
    Resize,
    Slice,
    Squeeze,
    Stretch,
    Take,
    Transpose,
    Unsqueeze,
)
from conv_core.nets import alexnet, deep, resnet, shared, vgg

CONV = ("conv", Conv(2, 3))
SHAPE = (1, 1, 5, 5)


def zeros(*shape):
    return np.zeros(shape, np.float32)


def one(**params):
    return Graph("one", [CONV]).forward(zeros(*SHAPE), {f"conv.{name}": one for name, one in params.items()})


UNTOLD = Graph("untold", [("any", Layer())])

FAULTS = [
    ("cell_node", lambda: cell_story(UNTOLD, {"input": zeros(1, 1)}, {}, "input", (0, 0)), {"name": "input"}),
    (
        "cell_place",
        lambda: cell_story(UNTOLD, {"any": zeros(1, 2)}, {}, "any", (0, 2)),
        {"place": (0, 2), "shape": (1, 2)},
    ),
    (
        "cell_kind",
        lambda: cell_story(UNTOLD, {"input": zeros(1, 2), "any": zeros(1, 2)}, {}, "any", (0, 1)),
        {"kind": "Layer", "name": "any"},
    ),
    ("graph_empty", lambda: Graph("none", []), {"count": 0}),
    ("graph_size", lambda: receptive_field(Graph("one", [CONV])), {"count": 0}),
    ("graph_node", lambda: Graph("one", [CONV])["conv2"], {"name": "conv2"}),
    ("graph_node", lambda: Graph("one", [CONV]).forward(zeros(*SHAPE), {}, until="conv2"), {}),
    ("graph_twice", lambda: Graph("two", [CONV, CONV]), {"name": "conv"}),
    ("graph_twice", lambda: Graph("one", [("input", ReLU())]), {"name": "input"}),
    ("graph_unknown", lambda: Graph("one", [("conv1", Conv(2, 3), "conv0")]), {"source": "conv0"}),
    ("graph_arity", lambda: Graph("one", [("add1", Add())]), {"name": "add1", "given": 1, "expected": 2}),
    (
        "graph_arity",
        lambda: Graph("one", [("relu", ReLU(), ("input", "input"))]),
        {"given": 2, "expected": 1},
    ),
    ("graph_parameter", lambda: one(bias=zeros(2)), {"name": "conv.weight", "shape": (2, 1, 3, 3)}),
    (
        "graph_parameter_shape",
        lambda: one(weight=zeros(2, 1, 3, 3), bias=zeros(3)),
        {"name": "conv.bias", "given": (3,), "expected": (2,)},
    ),
    (
        "grad_shape",
        lambda: Graph("one", [("relu", ReLU())]).backward(
            zeros(2), {"input": zeros(3), "relu": zeros(3)}, {}
        ),
        {"given": (2,), "expected": (3,)},
    ),
    (
        "conv_table",
        lambda: Conv(2, 3, table=((0,), (3,))).macs((1, 3, 5, 5)),
        {"rows": 2, "filters": 2, "channels": 3},
    ),
    ("conv_table", lambda: Conv(2, 3, table=((0,), ())).count((1, 3, 5, 5)), {"rows": 2}),
    ("linear_input", lambda: Linear(3).output_shape((1, 2, 4, 4)), {"given": (1, 2, 4, 4)}),
    (
        "concat_shape",
        lambda: Concat().output_shape((1, 2, 4, 4), (1, 2, 4, 5)),
        {"first": (1, 2, 4, 4), "other": (1, 2, 4, 5)},
    ),
    ("add_shape", lambda: Add().output_shape((1, 2), (1, 3)), {"x": (1, 2), "fx": (1, 3)}),
    ("kernel_too_large", lambda: Graph("one", [CONV]).shapes((1, 1, 2, 5)), {"span": 3, "padded": 2}),
    ("input_rank", lambda: Graph("one", [CONV]).shapes((1, 4)), {"given": 2}),
    (
        "stretched_shape",
        lambda: Pairwise("Add").output_shape((1, 2), (1, 3)),
        {"x": (1, 2), "y": (1, 3)},
    ),
    ("stretched_shape", lambda: Own("Mul", (3,)).output_shape((1, 2)), {"x": (1, 2), "y": (3,)}),
    ("stretched_shape", lambda: Own("Mul", (3,)).output_shape((2, 1)), {"x": (2, 1), "y": (3,)}),
    ("matmul_shape", lambda: MatMul().output_shape((1, 2), (3, 4)), {"x": (1, 2), "y": (3, 4)}),
    ("matmul_shape", lambda: MatMul().output_shape((), (3, 4)), {"x": (), "y": (3, 4)}),
    ("reshape_shape", lambda: Reshape((2, -1)).output_shape((1, 3)), {"given": (1, 3), "shape": (2, -1)}),
    ("reshape_shape", lambda: Reshape((-1, -1)).output_shape((1, 4)), {"shape": (-1, -1)}),
    ("reshape_shape", lambda: Reshape((4, 1, 0)).output_shape((1, 4)), {"shape": (4, 1, 0)}),
    ("axis_outside", lambda: Join(2).output_shape((1, 4), (1, 4)), {"axis": 2, "rank": 2}),
    ("axes_twice", lambda: Unsqueeze((0, -3)).output_shape((4,)), {"axes": (0, -3)}),
    ("squeeze_axis", lambda: Squeeze((1,)).output_shape((1, 4)), {"axis": 1, "size": 4}),
    ("transpose_order", lambda: Transpose((0, 0)).output_shape((1, 4)), {"order": (0, 0), "given": 2}),
    (
        "join_shape",
        lambda: Join(0).output_shape((1, 4), (1, 5)),
        {"axis": 0, "first": (1, 4), "other": (1, 5)},
    ),
    ("slice_step", lambda: Slice(((1, 0, 2, 0),)).output_shape((1, 4)), {"axis": 1, "step": 0}),
    ("take_place", lambda: Take(1, (4,), ()).output_shape((1, 4)), {"place": 4, "axis": 1, "size": 4}),
    ("pad_axes", lambda: Pad(((1, 1),)).output_shape((1, 4)), {"given": 2, "pads": 1}),
    ("pad_axes", lambda: Pad(((1, 1),), "mirror").output_shape((4,)), {"mode": "mirror"}),
    ("resize_word", lambda: Resize((), "sinc").output_shape((1, 4)), {"value": "'sinc'"}),
    (
        "resize_size",
        lambda: Resize((Stretch(1, 0, 0.0),)).output_shape((1, 4)),
        {"axis": 1, "size": 4, "given": 0},
    ),
    ("net_variant", lambda: alexnet("caffe"), {"value": "'caffe'"}),
    ("deep_depth", lambda: deep(21), {"depth": 21}),
    ("deep_depth", lambda: deep(2), {"depth": 2}),
    ("deep_shortcut", lambda: deep(8, shortcut="none"), {"value": "'none'"}),
    ("shared_kind", lambda: shared("half"), {"value": "'half'"}),
    ("net_depth", lambda: vgg(12), {"name": "vgg", "depth": 12}),
    ("net_depth", lambda: resnet(20), {"name": "resnet", "depth": 20}),
]
