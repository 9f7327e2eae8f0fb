"""The pooling on screen as code that runs: PyTorch's own call where there is one, and NumPy."""

from __future__ import annotations

from typing import Any

from conv_core import PoolTrace


def pytorch(trace: PoolTrace) -> str:
    """Return the pooling in PyTorch: one call, or unfolded windows for what it has no call for.

    It has no dilation of averages, no padding of norms, one padding for both sides, and its norm scales a
    window that hangs over.
    """
    lines = ["import torch", "import torch.nn.functional as F", "", f"x = torch.rand{trace.x.shape}"]
    lines += pooled_lines(trace)
    lines.append(f"assert y.shape == {trace.shape}")
    return "\n".join(lines)


def numpy(trace: PoolTrace) -> str:
    """Return the pooling in NumPy.

    >>> import numpy as np
    >>> from conv_core import pool_trace
    >>> exec(numpy(pool_trace(np.zeros((1, 1, 6, 6)), 3, "avg", padding=1)))
    """
    pads = ((0, 0), (0, 0), *_edges(trace))
    window, cells = trace.window, _slices(trace)
    around = ", constant_values=-np.inf" if trace.kind == "max" else ""
    lines = [
        "import numpy as np",
        "from numpy.lib.stride_tricks import sliding_window_view",
        "",
        f"x = np.random.rand{trace.x.shape}",
    ]
    padded = "x"
    if _padded(trace):
        lines.append(f"padded = np.pad(x, {pads}{around})")
        padded = "padded"
    lines.append(f"windows = sliding_window_view({padded}, {window.span}, axis=(2, 3))[{cells}]")
    reduced = {
        "max": "windows.max(axis=(-2, -1))",
        "avg": "windows.mean(axis=(-2, -1))",
        "lp": f"(abs(windows) ** {trace.p:g}).sum(axis=(-2, -1)) ** (1 / {trace.p:g})",
    }[trace.kind]
    if trace.kind == "avg" and not _even(trace):
        lines.append(f"divisors = np.array({trace.divisors.tolist()})")
        reduced = "windows.sum(axis=(-2, -1)) / divisors"
    lines += [f"y = {reduced}", f"assert y.shape == {trace.shape}"]
    return "\n".join(lines)


def pooled_lines(trace: PoolTrace) -> list[str]:
    """Return the lines of PyTorch that pool a tensor x to y: its own call, or unfolded windows."""
    return _call(trace) or _unfolded(trace)


def _call(trace: PoolTrace) -> list[str]:
    """Return PyTorch's own call, nothing where it has none."""
    window = trace.window
    arguments: dict[str, Any] = {"stride": _plain(window.stride)}
    if any(before != after for before, after in trace.pads):
        return _padded_max(trace) if trace.kind == "max" else []
    before = _plain(tuple(pad[0] for pad in trace.pads))
    still = max(window.dilation) == 1
    if trace.kind == "max":
        arguments |= {"padding": before, "dilation": _plain(window.dilation), "ceil_mode": window.ceil_mode}
    elif trace.kind == "avg" and still:
        arguments |= {
            "padding": before,
            "ceil_mode": window.ceil_mode,
            "count_include_pad": trace.count_include_pad,
        }
    elif trace.kind == "lp" and still and not window.ceil_mode and before == 0:
        return [
            f"y = F.lp_pool2d(x.abs(), {trace.p:g}, {_plain(window.kernel)}, stride={arguments['stride']})"
        ]
    else:
        return []
    given = ", ".join(f"{name}={value}" for name, value in arguments.items())
    return [f"y = F.{trace.kind}_pool2d(x, {_plain(window.kernel)}, {given})"]


def _padded_max(trace: PoolTrace) -> list[str]:
    """Return a maximum over padding that differs from side to side: added before, with what never wins."""
    sides = tuple(side for pair in reversed(_edges(trace)) for side in pair)
    window = trace.window
    how = f"stride={_plain(window.stride)}, dilation={_plain(window.dilation)}"
    return [
        f'x = F.pad(x, {sides}, value=float("-inf"))',
        f"y = F.max_pool2d(x, {_plain(window.kernel)}, {how})",
    ]


def _unfolded(trace: PoolTrace) -> list[str]:
    window = trace.window
    lines = []
    if _padded(trace):
        sides = tuple(side for pair in reversed(_edges(trace)) for side in pair)
        lines.append(f"x = F.pad(x, {sides})")
    (down, across), (height, width) = window.stride, window.span
    lines.append(
        f"windows = x.unfold(2, {height}, {down}).unfold(3, {width}, {across})"
        f"[..., ::{window.dilation[0]}, ::{window.dilation[1]}]"
    )
    reduced = {
        "avg": "windows.mean((-2, -1))",
        "lp": f"(windows.abs() ** {trace.p:g}).sum((-2, -1)) ** (1 / {trace.p:g})",
    }[trace.kind]
    if trace.kind == "avg" and not _even(trace):
        lines.append(f"divisors = torch.tensor({trace.divisors.tolist()})")
        reduced = "windows.sum((-2, -1)) / divisors"
    return [*lines, f"y = {reduced}"]


def _edges(trace: PoolTrace) -> tuple[tuple[int, int], ...]:
    return trace.window.edges(trace.x.shape[2:])


def _padded(trace: PoolTrace) -> bool:
    return any(side for pair in _edges(trace) for side in pair)


def _even(trace: PoolTrace) -> bool:
    """Tell whether every window is divided by all its cells."""
    cells = 1
    for size in trace.window.kernel:
        cells *= size
    return bool((trace.divisors == cells).all())


def _slices(trace: PoolTrace) -> str:
    steps = (*trace.window.stride, *trace.window.dilation)
    return ", ".join([":", ":", *(f"::{step}" if step > 1 else ":" for step in steps)])


def _plain(values: tuple[int, ...]) -> Any:
    return values[0] if len(set(values)) == 1 else values
