"""The way back on screen as code that runs: PyTorch's autograd, and NumPy's loops."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from conv_view.code import NUMPY_MODES, TORCH_MODES
from conv_view.way_back import BIAS, INPUT, WEIGHT, Case


def pytorch(case: Case) -> str:
    """Return the convolution, the loss and its gradients by autograd; uneven padding goes through `pad`."""
    trace, window = case.trace, case.trace.window
    lines = ["import torch", "import torch.nn.functional as F", ""]
    for name, called in ((INPUT, "x"), (WEIGHT, "weight"), (BIAS, "bias")):
        values = _numbers(case.given[name])
        lines.append(f"{called} = torch.tensor({values}, dtype=torch.float64, requires_grad=True)")
    how: dict[str, Any] = {"stride": window.stride, "dilation": window.dilation}
    padded = "x"
    if trace.padding_mode == "zeros" and all(before == after for before, after in trace.pads):
        how["padding"] = tuple(before for before, _ in trace.pads)
    else:
        sides = tuple(side for pair in reversed(trace.pads) for side in pair)
        lines.append(f'padded = F.pad(x, {sides}, mode="{TORCH_MODES[trace.padding_mode]}")')
        padded = "padded"
    arguments = ", ".join(f"{name}={value}" for name, value in how.items())
    lines.append(f"y = F.conv2d({padded}, weight, bias, {arguments})")
    if case.target is not None:
        lines.append(f"target = torch.tensor({_numbers(case.target)}, dtype=torch.float64)")
        lines.append('loss = F.mse_loss(y, target, reduction="sum")')
    else:
        lines.append(f"grad = torch.tensor({_numbers(case.grad)}, dtype=torch.float64)")
        lines.append("loss = (y * grad).sum()")
    lines.append("loss.backward()")
    lines.append("print(loss.item())")
    lines += [f"print({name}.grad)" for name in ("x", "weight", "bias")]
    return "\n".join(lines)


def numpy(case: Case) -> str:
    """Return the gradients in NumPy, one output after the other.

    >>> import numpy as np
    >>> from conv_view.way_back import case_of
    >>> exec(numpy(case_of(np.arange(9).reshape(3, 3), np.ones((2, 2)), 0.0, {}, np.ones)))
    [[1. 2. 1.]
     [2. 4. 2.]
     [1. 2. 1.]]
    [[ 8. 12.]
     [20. 24.]]
    4.0
    """
    trace, window = case.trace, case.trace.window
    (top, bottom), (left, right) = trace.pads
    (down, across), (apart_y, apart_x) = window.stride, window.dilation
    height, width = window.kernel
    mode = NUMPY_MODES[trace.padding_mode]
    lines = ["import numpy as np", ""]
    lines.append(f"x = np.array({_numbers(trace.x[0, 0])})")
    lines.append(f"weight = np.array({_numbers(trace.weight[0, 0])})")
    lines.append(f"grad = np.array({_numbers(case.grad[0, 0])})  # dY")
    lines.append(f'padded = np.pad(x, (({top}, {bottom}), ({left}, {right})), mode="{mode}")')
    lines.append("")
    lines.append("dx, dweight = np.zeros_like(padded), np.zeros_like(weight)")
    lines.append("for i, j in np.ndindex(*grad.shape):")
    lines.append(f"    rows = i * {down} + np.arange({height}) * {apart_y}")
    lines.append(f"    columns = j * {across} + np.arange({width}) * {apart_x}")
    lines.append("    window = np.ix_(rows, columns)")
    lines.append("    dx[window] += grad[i, j] * weight")
    lines.append("    dweight += grad[i, j] * padded[window]")
    if mode == "constant":
        lines.append(f"dx = dx[{top}:{top + trace.x.shape[2]}, {left}:{left + trace.x.shape[3]}]")
    else:
        # What the padding copied goes back to where it was copied from.
        lines.append("home = np.pad(np.arange(x.size).reshape(x.shape), "
                     f'(({top}, {bottom}), ({left}, {right})), mode="{mode}")')  # fmt: skip
        lines.append("dx = np.bincount(home.ravel(), dx.ravel(), x.size).reshape(x.shape)")
    lines += ["print(dx)", "print(dweight)", "print(grad.sum())  # db"]
    return "\n".join(lines)


def _numbers(values: NDArray[Any]) -> str:
    """Return an array as it is typed, whole numbers without a point where all are whole."""
    return str(values.tolist())
