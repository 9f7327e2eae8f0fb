"""Three networks that give as many numbers from a picture of a digit, with ever fewer weights to do it."""

from typing import Any

from conv_core.errors import WindowError
from conv_core.graph import Graph
from conv_core.layers import Conv, Flatten, Linear, LocallyConnected, ReLU

KINDS = ("fully", "locally", "convolutional")

FILTERS, KERNEL, STRIDE, SIDE = 8, 5, 2, 28


def shared(kind: str) -> Graph:
    """8 maps of 12x12 from a picture of 28x28, a ReLU, and ten scores from all of them.

    "fully" connected, "locally" connected in windows of 5x5 with weights of their own, or "convolutional",
    the same windows with one set of weights for each map (after LeCun: Generalization and network design
    strategies, 1989, figures 1 to 4). `WindowError` for another kind.

    >>> [sum(row.parameters for row in shared(kind).summary((1, 1, 28, 28))) for kind in KINDS]
    [915850, 41482, 11738]
    """
    hidden: dict[str, list[tuple[Any, ...]]] = {
        "fully": [("flatten0", Flatten()), ("hidden", Linear(FILTERS * 12 * 12))],
        "locally": [("hidden", LocallyConnected(FILTERS, KERNEL, stride=STRIDE))],
        "convolutional": [("hidden", Conv(FILTERS, KERNEL, stride=STRIDE))],
    }
    if kind not in hidden:
        raise WindowError("shared_kind", value=repr(kind), known=", ".join(KINDS))
    return Graph(
        kind,
        [*hidden[kind], ("relu", ReLU()), ("flatten", Flatten()), ("scores", Linear(10))],
        input_size=(1, SIDE, SIDE),
    )
