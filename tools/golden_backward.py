"""What PyTorch's autograd and its optimizers give: gradients of convolution, losses and descents.

    somewhere/bin/python -m tools.golden_backward

records these alone, tools/record_golden.py all. Inputs are hundredths, which as bytes take little room.
"""

from typing import Any

import numpy as np

from tools.golden_book import Book, Dice, Plan, record, tensor, torch

F = torch.nn.functional

SEED = 50
SIZES = {1: 14, 2: 7, 3: 4}
ENDING = "_backward"


class HundredthsDice(Dice):
    """Numbers that are hundredths, rounded to the type of the case."""

    def array(self, shape: list[int], *, rough: bool = False) -> np.ndarray:
        """Between -1 and 1."""
        return (self.generator.integers(-100, 101, shape) / 100).astype(self.dtype)


class HundredthsBook(Book):
    """Keeps arrays that are hundredths throughout as bytes."""

    def _keep(self, array: np.ndarray) -> list[Any]:
        """[type, where it begins in the row of that type, shape], for hundredths also the type they have."""
        steps = np.rint(array * 100)
        if np.abs(steps).max(initial=0) > 127 or not np.array_equal((steps / 100).astype(array.dtype), array):
            return super()._keep(array)
        return [*super()._keep(steps.astype(np.int8)), array.dtype.name]


def padded(
    dice: Dice, x: Any, kernel: list[int], keywords: dict[str, Any]
) -> tuple[Any, Any, dict[str, Any]]:
    """Torch's input and padding, and how `conv_backward` is told: as numbers, as a word, or as any mode."""
    rank = len(kernel)
    kind = dice.between(0, 5)
    if kind < 2:
        padding = dice.axes(rank, 0, 2)
        return x, padding, {"padding": padding}
    if kind == 2:
        keywords["stride"] = [1] * rank
        return x, "same", {"padding": "same"}
    mode = ("zeros", "reflect", "replicate", "circular")[dice.between(0, 3)]
    pairs = [dice.axes(2, 0, 2) for _ in range(rank)]
    both = [cells for pair in reversed(pairs) for cells in pair]
    wide = F.pad(x, both, mode="constant" if mode == "zeros" else mode)
    return wide, 0, {"padding": pairs, "padding_mode": mode}


def gradients(
    dice: Dice, sizes: dict[int, int], most: int
) -> tuple[list[np.ndarray], dict[str, Any], list[Any]]:
    """A random way back: gradient, input and weight, our keywords, and torch's three gradients.

    `sizes` are the largest axes of each rank, `most` the largest number of channels and kernels in a group.
    """
    rank, groups = dice.settle(), dice.between(1, 3)
    reads, makes = dice.between(1, most), dice.between(1, most)
    kernel = dice.axes(rank, 1, 4 if rank < 3 else 3)
    x = dice.array([dice.between(1, 2), groups * reads, *dice.axes(rank, 2, sizes[rank])])
    weight = dice.array([groups * makes, reads, *kernel])
    keywords = {"stride": dice.axes(rank, 1, 3), "dilation": dice.axes(rank, 1, 2), "groups": groups}
    watched, weights = tensor(x, watch=True), tensor(weight, watch=True)
    biases = torch.zeros(len(weight), dtype=weights.dtype, requires_grad=True)
    wide, padding, ours = padded(dice, watched, kernel, keywords)
    output = getattr(F, f"conv{rank}d")(wide, weights, biases, padding=padding, **keywords)
    grad = dice.array(list(output.shape))
    output.backward(tensor(grad))
    return [grad, x, weight], {**keywords, **ours}, [one.grad for one in (watched, weights, biases)]


def convolution(dice: Dice, book: Book) -> None:
    """conv_backward, by input, weight and bias."""
    arrays, keywords, expected = gradients(dice, SIZES, 2)
    book.enter("conv_backward", [*arrays], keywords, *expected)


def squares(dice: Dice, book: Book) -> None:
    """mse_loss and its gradient."""
    dice.settle()
    shape = [2, *dice.axes(dice.between(0, 2), 1, 5)]
    y, target = dice.array(shape), dice.array(shape)
    watched = tensor(y, watch=True)
    keywords = {"reduction": ("mean", "sum")[dice.between(0, 1)]}
    loss = F.mse_loss(watched, tensor(target), **keywords)
    loss.backward()
    book.enter("mse_loss", [y, target], keywords, loss, watched.grad)


def surprise(dice: Dice, book: Book) -> None:
    """cross_entropy and its gradient."""
    dice.settle()
    shape = dice.axes(2, 1, 6)
    logits = dice.array(shape) * dice.dtype(10)
    labels = dice.generator.integers(0, shape[1], shape[0])
    watched = tensor(logits, watch=True)
    loss = F.cross_entropy(watched, tensor(labels))
    loss.backward()
    book.enter("cross_entropy", [logits, labels], {}, loss, watched.grad)


def descent(dice: Dice, book: Book) -> None:
    """Five steps of SGD or Adam along given gradients: where each has led."""
    dice.settle()
    rate = (0.5, 0.1, 0.01)[dice.between(0, 2)]
    decay = (0.0, 0.01, 0.1)[dice.between(0, 2)]
    keywords: dict[str, Any] = {"lr": rate, "weight_decay": decay}
    name = ("SGD", "Adam")[dice.between(0, 1)]
    if name == "SGD":
        keywords["momentum"] = (0.0, 0.5, 0.9)[dice.between(0, 2)]
    else:
        keywords["betas"] = ((0.9, 0.999), (0.5, 0.9), (0.0, 0.99))[dice.between(0, 2)]
        keywords["eps"] = (1e-8, 1e-3)[dice.between(0, 1)]
    shape = dice.axes(2, 1, 4)
    start, grads = dice.array(shape), [dice.array(shape) for _ in range(5)]
    parameter = tensor(start, watch=True)
    optimizer = getattr(torch.optim, name)([parameter], **keywords)
    found = []
    for grad in grads:
        parameter.grad = tensor(grad)
        optimizer.step()
        found.append(parameter.detach().clone())
    book.enter(name, [start, *grads], keywords, *found)


PLAN: Plan = ((convolution, 500), (squares, 15), (surprise, 15), (descent, 40))


def main() -> None:
    """Record them all."""
    torch.set_num_threads(1)
    book = HundredthsBook(SEED)
    record(PLAN, HundredthsDice(SEED), book)
    book.write(ENDING)


if __name__ == "__main__":
    main()
