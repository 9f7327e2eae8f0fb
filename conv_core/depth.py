"""What reaches the first layers of a deep network, measured by real passes there and back."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.graph import Graph, Node
from conv_core.layers.base import Arrays
from conv_core.layers.dense import Add
from conv_core.losses import cross_entropy_backward


@dataclass(frozen=True)
class Reached:
    """Of one node: the size of the loss's gradient by its output, and the variance of that output.

    `norm` is the square root of the sum of squares over the batch, `weights` that of the gradient by the
    weights of the convolution before it (0 where there is none).
    """

    name: str
    norm: float
    variance: float
    weights: float


def reached(
    graph: Graph, x: ArrayLike, labels: ArrayLike, params: Arrays, names: tuple[str, ...]
) -> tuple[Reached, ...]:
    """The gradients that arrive at these nodes, and the variances there, for one batch in training.

    x (N, C, *spatial), labels (N,). The loss is `cross_entropy` of the network's output
    (Glorot and Bengio: Understanding the difficulty of training deep feedforward neural networks, 2010,
    section 4.2.1, for the picture that it gives).
    """
    activations = graph.forward(x, params, training=True)
    grad = cross_entropy_backward(activations[graph.output], labels)
    back = graph.backward(grad, activations, params, training=True)
    found, own = [], {node.name: node for node in graph.nodes}
    for name in names:
        gradient = back.nodes[name]
        weights = back.params.get(f"{_convolution(own, name)}.weight")
        found.append(
            Reached(
                name=name,
                norm=float(np.linalg.norm(gradient.astype(np.float64))),
                variance=float(activations[name].astype(np.float64).var()),
                weights=0.0 if weights is None else float(np.linalg.norm(weights.astype(np.float64))),
            )
        )
    return tuple(found)


def share_of_shortcuts(
    graph: Graph, x: ArrayLike, labels: ArrayLike, params: Arrays, name: str
) -> tuple[float, float]:
    """How much of the gradient at a node came over shortcuts, and how long that whole gradient is.

    On the way back, and only there, nothing is let through the shortcuts: what is then missing of the
    gradient g is g_shortcut, whose share is <g_shortcut, g> / |g|^2. It is 1 where nothing arrives by the
    branches alone, may be above 1 where those work against the rest, and is 0 without shortcuts.
    """
    activations = graph.forward(x, params, training=True)
    grad = cross_entropy_backward(activations[graph.output], labels)
    whole = graph.backward(grad, activations, params, training=True).nodes[name].astype(np.float64)
    stopped = graph.backward(grad, activations, params, training=True, passing=_without_shortcuts).nodes
    size = float((whole * whole).sum())
    if size == 0:
        return 0.0, 0.0
    return float(((whole - stopped[name]) * whole).sum() / size), size**0.5


def variances(graph: Graph, x: ArrayLike, params: Arrays, names: tuple[str, ...]) -> tuple[float, ...]:
    """The variance of what these nodes give for one batch in training, over all cells."""
    activations = graph.forward(x, params, training=True)
    return tuple([float(activations[name].astype(np.float64).var()) for name in names])


@dataclass(frozen=True)
class Chain:
    """The derivation's two terms at the input of one unit, and the gradient that they make.

    `above` is the gradient at the deep end, which the identity hands on as it is; `through` is what came by
    the weighted branches; `whole` is the gradient measured at the unit's input.
    """

    above: NDArray[Any]
    through: NDArray[Any]
    whole: NDArray[Any]


def chain_terms(
    graph: Graph, grad: ArrayLike, activations: Arrays, params: Arrays, shallow: str, deep: str
) -> Chain:
    """dloss/dx_l = dloss/dx_L + (d/dx_l of the sum of all branches)^T dloss/dx_L, each of it measured.

    `grad` is dloss/dx_L at the node `deep`. Exact where the nodes between are units with identity shortcuts
    and nothing behind their additions (He, Zhang, Ren, Sun: Identity mappings in deep residual networks,
    2016, equation 5); with a ReLU there the two terms do not make the whole, and the difference shows by how
    much.
    """
    given = np.asarray(grad)
    whole = graph.backward(given, activations, params, at=deep, training=True).nodes[shallow]
    # The branches' sum is x_L - x_l: its derivative is the whole's less the identity.
    kept = graph.backward(
        given, activations, params, at=deep, training=True, passing=_without_branches
    ).nodes[shallow]
    return Chain(above=given, through=whole - kept, whole=whole)


def _without_branches(node: Node, back: tuple[Any, ...]) -> tuple[Any, ...]:
    """Nothing goes into the branch of an addition, which is its first input; the shortcut keeps all."""
    return (None, *back[1:]) if isinstance(node.layer, Add) else back


def _without_shortcuts(node: Node, back: tuple[Any, ...]) -> tuple[Any, ...]:
    """Nothing goes over the shortcut of an addition, which is all its inputs but the first."""
    return (back[0], *[None] * (len(back) - 1)) if isinstance(node.layer, Add) else back


def _convolution(own: dict[str, Node], name: str) -> str:
    """The nearest node before one, along first inputs, whose parameters hold a weight of a convolution."""
    while name in own:
        if own[name].layer.kind == "Conv":
            return name
        name = own[name].inputs[0]
    return name
