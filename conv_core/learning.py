"""A kernel that learns: gradient descent from a random kernel towards one that made a given output."""

from dataclasses import dataclass
from math import inf, isfinite, prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conv_core.axes import whole
from conv_core.conv import conv
from conv_core.conv_backward import weight_gradient
from conv_core.errors import WindowError
from conv_core.losses import mse_loss, mse_loss_backward
from conv_core.methods import im2col
from conv_core.numeric import as_numbers
from conv_core.optim import SGD
from conv_core.unfold import im2col as unfold
from conv_core.window import Window

GROWTH = 1000.0
"""A descent is stopped where its loss is this many times what it was at the start."""
SHOWN = GROWTH**2
"""And the step at which it was stopped is kept, unless its loss is more than this many times as large."""

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trail:
    """Every step of a descent; kernel 0 is the random one, and kernel s what s steps have made of it.

    `kernels`, `gradients` and `velocities` are (S + 1, *kernel), `losses` (S + 1,), `outputs` (S + 1, *out);
    `wanted` (*out) is the target's output. Step s leads from kernel s to kernel s + 1, by `lr` times
    velocity s; its gradient is that of the patches it has `drawn` (S + 1, batch), as flat positions of the
    output in order, or of all of them where that is None. The losses are those of the whole input.
    `diverged` is the step after which the descent was stopped, else None.
    """

    x: Array
    target: Array
    wanted: Array
    kernels: Array
    gradients: Array
    velocities: Array
    losses: Array
    outputs: Array
    drawn: NDArray[np.int64] | None
    lr: float
    momentum: float
    diverged: int | None

    def __len__(self) -> int:
        return len(self.kernels) - 1

    @property
    def distances(self) -> Array:
        """How far each kernel is from the target: the root of the sum of squared differences, (S + 1,)."""
        apart = (self.kernels - self.target).reshape(len(self.kernels), -1)
        distances: Array = np.sqrt((apart * apart).sum(axis=1))
        return distances

    def reached(self, share: float) -> int | None:
        """The first step after which the loss is at most `share` of the first, None where it never is."""
        there = np.flatnonzero(self.losses <= share * self.losses[0])
        return int(there[0]) if len(there) else None


@dataclass(frozen=True, eq=False)
class Curvature:
    """How steep the loss is over the kernel, which for a squared error is the same everywhere.

    `values` (K,), rising, are the eigenvalues of the second derivatives of the loss, 2 / P times the sum of
    the products of all P patches with themselves; `kernels` (K, *kernel) are the eigenvectors.
    """

    values: Array
    kernels: Array

    @property
    def condition(self) -> float:
        """The steepest over the flattest direction: inf where some direction does not change the loss."""
        low, high = float(self.values[0]), float(self.values[-1])
        return high / low if low > high * 1e-12 else inf

    def largest_rate(self, momentum: float = 0.0) -> float:
        """The learning rate beyond which a descent on all patches diverges: 2 (1 + momentum) / steepest.

        From the characteristic polynomial r^2 - (1 + momentum - lr value) r + momentum of one direction,
        whose roots stay inside the unit circle up to there (Polyak, 1964, section 3).

        >>> curvature([0.0, 1.0], 1).largest_rate()
        2.0
        """
        return 2 * (1 + momentum) / float(self.values[-1])


def curvature(x: ArrayLike, kernel: int | tuple[int, ...]) -> Curvature:
    """The curvature of the mean squared error of a convolution of `x` (*spatial), for kernels of this size.

    `WindowError` as `im2col`, and "learning_flat" where no kernel makes any difference to the output.

    >>> curve = curvature([1.0, -1.0, 1.0], 2)
    >>> curve.values.round(6).tolist(), curve.condition
    ([0.0, 4.0], inf)
    """
    given = _real("input", x)
    patches = unfold(given[None, None], kernel)[0]
    values, vectors = np.linalg.eigh(2 / patches.shape[1] * (patches @ patches.T))
    if values[-1] <= 0:
        raise WindowError("learning_flat")
    shape = Window(kernel).kernel if isinstance(kernel, tuple) else (kernel,) * given.ndim
    return Curvature(np.maximum(values, 0), vectors.T.reshape(-1, *shape))


def random_kernel(shape: tuple[int, ...], seed: int = 0) -> Array:
    """A kernel to begin with: normal numbers whose squares sum up to about 1.

    >>> random_kernel((3, 3), seed=1).shape
    (3, 3)
    """
    return np.random.default_rng(seed).normal(0, 1 / sqrt(prod(shape)), shape)


def learn_kernel(
    x: ArrayLike,
    target: ArrayLike,
    *,
    lr: float,
    momentum: float = 0.0,
    steps: int = 100,
    batch: int | None = None,
    seed: int = 0,
    start: ArrayLike | None = None,
) -> Trail:
    """Let a kernel learn what `target` (*kernel) makes of `x` (*spatial), seeing only the two outputs.

    The loss is the mean squared error between both convolutions (no padding), its gradient that of
    `conv_backward` (the part of it by the weights), each step one of `SGD`. With `batch` a step sees that
    many of the positions, drawn anew every time. `start` is the kernel to begin with, else a random one;
    `seed` is that of all chance.

    The descent ends early where the loss is no longer finite or `GROWTH` times what it was at the start;
    no array of the trail holds a number that is not finite. `WindowError` as `conv`, and for a rate,
    a momentum, a number of steps or a batch that cannot be.

    >>> trail = learn_kernel([0.0, 1.0, 0.0, 2.0], [1.0, -1.0], lr=0.2, steps=60)
    >>> trail.kernels[-1].round(2).tolist(), trail.reached(1e-4) is not None
    ([1.0, -1.0], True)
    >>> learn_kernel([0.0, 1.0, 0.0, 2.0], [1.0, -1.0], lr=2.0).diverged
    3
    """
    given, aim = _real("input", x), _real("kernel", target)
    whole_x = given[None, None]
    wanted = conv(whole_x, aim[None, None])  # which checks all that the steps need not check again
    kernel = random_kernel(aim.shape, seed) if start is None else _real("kernel", start).copy()
    _check(lr, momentum, steps, batch, wanted.size)
    window = Window(aim.shape)
    patches = window.read(given).reshape(-1, *aim.shape)
    chance = np.random.default_rng((seed, 1))  # not that of the random kernel, which a `start` does not draw
    weights, descent = {"kernel": kernel[None, None]}, SGD(float(lr), float(momentum))
    losses: list[float] = []
    kernels, gradients, velocities, outputs, drawn = [], [], [], [], []
    diverged = None
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps + 1):
            output = im2col.run(whole_x, weights["kernel"], window, 1)
            loss = mse_loss(output, wanted)
            most = losses[0] if losses else loss
            if step and not loss <= GROWTH * most:
                diverged = step
            if not loss <= SHOWN * most:
                break
            if batch is None:
                slope = mse_loss_backward(output, wanted)
                gradient = weight_gradient(slope, whole_x, window, 1)
            else:
                seen = np.sort(chance.choice(wanted.size, batch, replace=False))
                few = np.ascontiguousarray(patches[seen][:, None])
                answers = im2col.run(few, weights["kernel"], window, 1)
                slope = mse_loss_backward(answers, wanted.reshape(-1)[seen].reshape(answers.shape))
                gradient = weight_gradient(slope, few, window, 1)
                drawn.append(seen)
            losses.append(loss)
            outputs.append(output[0, 0])
            gradients.append(gradient[0, 0])
            kernels.append(weights["kernel"][0, 0].copy())
            descent.step(weights, {"kernel": gradient})
            velocities.append(descent.velocity.get("kernel", gradient)[0, 0].copy())
            if diverged is not None:
                break
    return Trail(
        given, aim, wanted[0, 0], np.stack(kernels), np.stack(gradients), np.stack(velocities),
        np.array(losses), np.stack(outputs), np.stack(drawn) if batch else None,
        float(lr), float(momentum), diverged,
    )  # fmt: skip


def _check(lr: Any, momentum: Any, steps: int, batch: int | None, positions: int) -> None:
    if not _is_number(lr) or lr < 0:
        raise WindowError("learning_rate", given=lr)
    if not _is_number(momentum) or not 0 <= momentum < 1:
        raise WindowError("momentum", given=momentum)
    if whole("steps", steps) < 1:
        raise WindowError("learning_steps", steps=steps)
    if batch is not None and not 1 <= whole("batch", batch) <= positions:
        raise WindowError("learning_batch", batch=batch, positions=positions)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and isfinite(value)


def _real(name: str, values: ArrayLike) -> Array:
    return as_numbers(name, values).astype(np.float64)
