"""The convolution on screen as code: PyTorch, Keras and NumPy, ready to paste."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import ConvTrace, TransposeTrace

TORCH_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}
NUMPY_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pytorch(trace: ConvTrace) -> str:
    """Return the convolution in PyTorch; asymmetric or mirrored padding goes through `pad`."""
    rank = len(trace.pads)
    lines = [
        "import torch",
        "import torch.nn.functional as F",
        "",
        f"x = torch.rand{trace.x.shape}  # your input",
    ]
    lines.append(f"weight = torch.tensor({_literal(trace.weight)})")
    arguments = {"stride": _plain(trace.window.stride), "dilation": _plain(trace.window.dilation)}
    if trace.padding_mode == "zeros" and all(before == after for before, after in trace.pads):
        arguments["padding"] = _plain(tuple(before for before, _ in trace.pads))
    else:
        sides = tuple(side for pair in reversed(trace.pads) for side in pair)
        lines.append(f'x = F.pad(x, {sides}, mode="{TORCH_MODES[trace.padding_mode]}")')
    if trace.groups > 1:
        arguments["groups"] = trace.groups
    bias = ""
    if trace.bias is not None:
        lines.append(f"bias = torch.tensor({_literal(trace.bias)})")
        bias = ", bias"
    lines.append(f"y = F.conv{rank}d(x, weight{bias}, {_keywords(arguments)})")
    lines.append(f"assert y.shape == {trace.shape}")
    return "\n".join(lines)


def keras(trace: ConvTrace) -> str:
    """Return the convolution as a Keras layer: channels last, `dilation_rate`, padded beforehand.

    Keras refuses strides together with dilation: there every stride-th output is taken of all of them.
    """
    rank = len(trace.pads)
    samples, channels, *spatial = trace.x.shape
    outputs, _, *kernel = trace.weight.shape
    order = (*range(2, 2 + rank), 1, 0)
    strides, taken = trace.window.stride, ""
    if max(strides) > 1 and max(trace.window.dilation) > 1:
        strides, taken = (1,) * rank, f"[:, {', '.join(f'::{stride}' for stride in strides)}]"
    layer = {
        "kernel_size": tuple(kernel),
        "strides": strides,
        "dilation_rate": trace.window.dilation,
        "padding": '"valid"',
        "use_bias": trace.bias is not None,
    }
    if trace.groups > 1:
        layer["groups"] = trace.groups
    lines = ["import keras", "import numpy as np", ""]
    lines.append(
        f"x = np.random.rand{(samples, *spatial, channels)}.astype('float32')  # your input, channels last"
    )
    if any(side for pair in trace.pads for side in pair):
        pairs = ((0, 0), *trace.pads, (0, 0))
        lines.append(f'x = np.pad(x, {pairs}, mode="{NUMPY_MODES[trace.padding_mode]}")')
    lines.append(f"layer = keras.layers.Conv{rank}D({outputs}, {_keywords(layer)})")
    lines.append("layer.build(x.shape)")
    weights = f"np.array({_literal(trace.weight.transpose(order))}, 'float32')"
    bias = f", np.array({_literal(trace.bias)}, 'float32')" if trace.bias is not None else ""
    lines.append(f"layer.set_weights([{weights}{bias}])")
    lines.append(f"y = layer(x){taken}")
    return "\n".join(lines)


def numpy_step(trace: ConvTrace, index: int) -> str:
    """Return one step of the trace in NumPy: the numbers on screen, multiplied and added up.

    >>> from conv_core import conv_trace
    >>> trace = conv_trace(np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2)))
    >>> exec(numpy_step(trace, 3))
    24.0
    """
    step = trace[index]
    dtype = step.products.dtype
    lines = [
        "import numpy as np",
        "",
        f'window = np.array({_literal(step.patch)}, "{dtype}")',
        f'kernel = np.array({_literal(step.weights)}, "{dtype}")',
        f"bias = np.{dtype}({_number(dtype.type(step.bias))})",
        f"print((window * kernel).sum() + bias)  # output{list(step.out[2:])}",
    ]
    return "\n".join(lines)


def _keywords(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in arguments.items())


def _plain(values: tuple[int, ...]) -> Any:
    return values[0] if len(set(values)) == 1 else values


def _literal(values: NDArray[Any]) -> str:
    return "[" + ", ".join(_literal(part) if part.ndim else _number(part) for part in values) + "]"


def _number(value: np.generic) -> str:
    """Return the shortest text that is the same number of its type again, always with a point."""
    number = float(value)
    if not isfinite(number):
        return f'float("{number}")'
    if number.is_integer() and abs(number) < 1e16:
        return f"{number:.0f}."
    return str(value)


def pytorch_transposed(trace: TransposeTrace) -> str:
    """Return a transposed convolution in PyTorch."""
    lines = ["import torch", "import torch.nn.functional as F", ""]
    lines.append(f"x = torch.tensor({_literal(trace.x)})")
    lines.append(f"weight = torch.tensor({_literal(trace.weight)})")
    lines.append(f"y = F.conv_transpose{len(trace.pads)}d(x, weight, {_keywords(_transposed(trace))})")
    lines.append(f"assert y.shape == {trace.shape}")
    return "\n".join(lines)


def core_transposed(trace: TransposeTrace) -> str:
    """Return a transposed convolution with conv_core: scattering, and a convolution with zeros between.

    >>> from conv_core import conv_transpose_trace
    >>> exec(core_transposed(conv_transpose_trace(np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 3)), stride=2)))
    0.0
    """
    arguments = _keywords(_transposed(trace))
    lines = ["import numpy as np", "from conv_core import conv, conv_transpose, zero_stuffed", ""]
    lines.append(f"x = np.array({_literal(trace.x)})")
    lines.append(f"weight = np.array({_literal(trace.weight)})")
    lines.append(f"y = conv_transpose(x, weight, {arguments})")
    lines.append(f"stuffed = zero_stuffed(x, weight, {arguments})")
    lines.append("same = conv(*stuffed.arguments, **stuffed.keywords)")
    lines.append("print(np.abs(y - same).max())")
    return "\n".join(lines)


def _transposed(trace: TransposeTrace) -> dict[str, Any]:
    return {
        "stride": _plain(trace.window.stride),
        "padding": _plain(tuple(before for before, _ in trace.pads)),
        "output_padding": _plain(trace.output_padding),
        "dilation": _plain(trace.window.dilation),
    }
