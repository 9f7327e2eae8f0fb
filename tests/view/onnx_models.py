"""Small ONNX files for the tests, made here node by node."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def stored(**arrays):
    """Numbers that stand in the file, by name."""
    return [numpy_helper.from_array(np.asarray(value), name) for name, value in arrays.items()]


def model(nodes, *, x=(1, 3, 8, 8), numbers=(), outputs=("y",), version=17, inputs=None, name="small"):
    """A model with the input x of this shape (texts are sizes that stay open), float32."""
    given = inputs or [helper.make_tensor_value_info("x", TensorProto.FLOAT, x)]
    made = [helper.make_tensor_value_info(one, TensorProto.FLOAT, None) for one in outputs]
    graph = helper.make_graph(nodes, name, given, made, list(numbers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)])


def file(nodes, **options):
    """The bytes of such a model."""
    return model(nodes, **options).SerializeToString()


def node(operator, inputs, outputs, name="", **settings):
    """One node; names separated by blanks, as in "x w b"."""
    return helper.make_node(operator, inputs.split(" "), outputs.split(" "), name=name, **settings)


def conv(name="conv", x="x", y="y", **settings):
    """A convolution with the weight "w" of 3x3 taps."""
    return node("Conv", f"{x} w", y, name, **({"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]} | settings))


def weight(*shape, seed=0):
    """Random numbers."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def mobile():
    """A network as exporters write it: open batch and size, a shape computed on the way, two branches.

    x (batch, 3, height, width) -> scores (batch, 5).
    """
    numbers = stored(
        w1=weight(8, 3, 3, 3),
        b1=weight(8),
        scale=np.abs(weight(8, seed=1)) + 0.5,
        shift=weight(8, seed=2),
        mean=weight(8, seed=3),
        var=np.abs(weight(8, seed=4)) + 0.5,
        depth=weight(8, 1, 3, 3, seed=5),
        squeeze=weight(2, 8, 1, 1, seed=6),
        excite=weight(8, 2, 1, 1, seed=7),
        half=np.array([4, 4], np.int64),
        factors=np.array([1, 1, 2, 2], np.float32),
        up=weight(4, 4, 2, 2, seed=8),
        six=np.array(6, np.float32),
        zero=np.array(0, np.float32),
        first=np.array(0, np.int64),
        lead=np.array([0], np.int64),
        rest=np.array([-1], np.int64),
        dense=weight(12, 5, seed=9),
        bias=weight(5, seed=10),
    )
    nodes = [
        node("Conv", "x w1 b1", "c1", "stem", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        node("BatchNormalization", "c1 scale shift mean var", "n1", "norm", epsilon=1e-3),
        node("HardSwish", "n1", "a1", "swish"),
        node("Conv", "a1 depth", "d1", "depthwise", group=8, auto_pad="SAME_UPPER", strides=[2, 2]),
        node("Clip", "d1 zero six", "r6", "relu6"),
        node("ReduceMean", "r6", "pool", "squeeze", axes=[2, 3]),
        node("Conv", "pool squeeze", "s1", "reduce"),
        node("Relu", "s1", "s2", "relu"),
        node("Conv", "s2 excite", "s3", "expand"),
        node("HardSigmoid", "s3", "s4", "gate", alpha=1 / 6, beta=0.5),
        node("Mul", "r6 s4", "m1", "scaled"),
        node("Split", "m1 half", "left right", "parts", axis=1),
        node("Resize", "left  factors", "l2", "larger", mode="linear"),
        node("ConvTranspose", "right up", "r2", "unpooled", strides=[2, 2]),
        node("Add", "l2 r2", "sum", "meeting"),
        node("Concat", "sum a1", "both", "joined", axis=1),
        node("LeakyRelu", "both", "leaky", "leak", alpha=0.1),
        node("GlobalAveragePool", "leaky", "mean_of_all", "global"),
        node("Shape", "mean_of_all", "shape", "shape"),
        node("Gather", "shape first", "batch", "batch", axis=0),
        node("Unsqueeze", "batch lead", "batch1", "batch_axis"),
        node("Concat", "batch1 rest", "target", "target", axis=0),
        node("Reshape", "mean_of_all target", "flat", "flatten"),
        node("Gemm", "flat dense bias", "logits", "classifier", alpha=0.5, beta=2.0),
        node("Softmax", "logits", "y", "prob"),
    ]
    return model(nodes, x=("batch", 3, "height", "width"), numbers=numbers, name="mobile")
