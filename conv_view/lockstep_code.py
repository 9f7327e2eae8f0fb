"""The four engines on screen as code that runs: the same value, four times."""

from __future__ import annotations

from collections.abc import Sequence

from conv_view.four_ways import Ways


def four(ways: Ways, place: Sequence[int]) -> str:
    """Return code that prints the value of one output cell by each engine, and the largest difference.

    >>> import numpy as np
    >>> from conv_view.four_ways import four_ways
    >>> exec(four(four_ways(np.eye(4, dtype=np.float32)[None, None], np.ones((1, 1, 2, 2)), m=2), (1, 1)))
    direct 2.0 0.0
    im2col 2.0 0.0
    winograd 2.0 0.0
    fft 2.0 0.0
    """
    arguments = {
        name: value
        for name, value, usual in (
            ("stride", ways.trace.window.stride, (1, 1)),
            ("padding", ways.trace.pads, ((0, 0), (0, 0))),
            ("dilation", ways.trace.window.dilation, (1, 1)),
            ("padding_mode", ways.trace.padding_mode, "zeros"),
        )
        if value != usual
    }
    keywords = "".join(f", {name}={value!r}" for name, value in arguments.items())
    own = {engine: ways.options(engine) for engine in ways.engines}
    lines = ["import numpy as np", "from conv_core import conv_stages", ""]
    lines.append(f"x = np.array({ways.trace.x.tolist()}, np.float32)")
    lines.append(f"weight = np.array({ways.trace.weight.tolist()}, np.float32)")
    lines.append(f"engines = {own}")
    lines.append('first = conv_stages(x, weight, method="direct"' + keywords + ").output")
    lines.append("for method, options in engines.items():")
    lines.append(f"    y = conv_stages(x, weight, method=method{keywords}, **options).output")
    index = ", ".join(map(str, (0, 0, *place)))
    lines.append(f"    print(method, y[{index}], round(float(np.abs(y - first).max()), 9))")
    return "\n".join(lines)
