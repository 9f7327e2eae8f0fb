"""Losses: how far an output is from what it should be, and in which direction it should change."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.errors import WindowError
from conv_core.numeric import as_numbers, cast
from conv_core.pointwise import real, real_pair

REDUCTIONS = ("mean", "sum")


def mse_loss(y: ArrayLike, target: ArrayLike, *, reduction: str = "mean") -> float:
    """The squared differences of two arrays of one shape, their mean or their sum: torch's mse_loss.

    `WindowError` for other shapes and other words.

    >>> mse_loss([1.0, 5.0], [1.0, 2.0]), mse_loss([1.0, 5.0], [1.0, 2.0], reduction="sum")
    (4.5, 9.0)
    """
    values, wanted, _ = _same_shape(y, target, reduction)
    difference = (values - wanted).ravel()
    total = float(np.dot(difference, difference))
    return total / difference.size if reduction == "mean" else total


def mse_loss_backward(y: ArrayLike, target: ArrayLike, *, reduction: str = "mean") -> NDArray[Any]:
    """The gradient of `mse_loss` by y: twice the difference, divided by the number of cells for the mean.

    >>> mse_loss_backward([1.0, 5.0], [1.0, 2.0])
    array([0., 3.])
    """
    values, wanted, dtype = _same_shape(y, target, reduction)
    count = values.size if reduction == "mean" else 1
    return cast((values - wanted) * (values.dtype.type(2) / values.dtype.type(count)), dtype)


def cross_entropy(logits: ArrayLike, labels: ArrayLike) -> float:
    """The mean over a batch of -log(softmax(logits)[label]): torch's cross_entropy.

    logits (N, classes), labels (N,) whole numbers from 0. `WindowError` for other shapes and labels
    (Bridle: Training stochastic model recognition algorithms as networks, 1990).

    >>> round(cross_entropy([[0.0, 0.0], [1000.0, 0.0]], [1, 0]), 4)
    0.3466
    """
    values, chosen, _ = _scores(logits, labels)
    shifted = values - values.max(axis=1, keepdims=True)
    normalisers = np.log(np.exp(shifted).sum(axis=1))
    return float((normalisers - shifted[np.arange(len(chosen)), chosen]).mean())


def cross_entropy_backward(logits: ArrayLike, labels: ArrayLike) -> NDArray[Any]:
    """The gradient of `cross_entropy` by the logits: (softmax - 1 at the label) / N, of their shape.

    >>> cross_entropy_backward([[0.0, 0.0]], [1])
    array([[ 0.5, -0.5]])
    """
    values, chosen, dtype = _scores(logits, labels)
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    powers[np.arange(len(chosen)), chosen] -= 1
    return cast(powers / values.dtype.type(len(chosen)), dtype)


def _same_shape(
    y: ArrayLike, target: ArrayLike, reduction: str
) -> tuple[NDArray[Any], NDArray[Any], np.dtype[Any]]:
    if reduction not in REDUCTIONS:
        raise WindowError("reduction", value=repr(reduction), known=", ".join(REDUCTIONS))
    given, wanted = np.shape(y), np.shape(target)
    if given != wanted:
        raise WindowError("target_shape", given=wanted, expected=given)
    if 0 in given:
        raise WindowError("loss_empty", shape=given)
    return real_pair(y, target)


def _scores(logits: ArrayLike, labels: ArrayLike) -> tuple[NDArray[Any], NDArray[np.int64], np.dtype[Any]]:
    values, dtype = real(logits)
    chosen = as_numbers("labels", labels)
    if values.ndim != 2 or chosen.shape != values.shape[:1] or chosen.dtype.kind not in "iu":
        raise WindowError("labels_shape", given=chosen.shape, dtype=str(chosen.dtype), scores=values.shape)
    if not values.size:
        raise WindowError("loss_empty", shape=values.shape)
    if not 0 <= chosen.min() <= chosen.max() < values.shape[1]:
        wrong = int(chosen.min()) if chosen.min() < 0 else int(chosen.max())
        raise WindowError("label_outside", label=wrong, classes=values.shape[1])
    return values, chosen.astype(np.int64), dtype
