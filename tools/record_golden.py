"""Record what PyTorch computes for small cases into tests/golden/, so that tests replay them without it.

    python -m venv somewhere && somewhere/bin/pip install torch==2.13.0 numpy
    somewhere/bin/python -m tools.record_golden

The seeds are fixed: the same torch records the same files. First 500 cases of layers (here), then those of
the way back (golden_backward.py) into files of their own.
"""

from typing import Any

import numpy as np

from tools import golden_backward
from tools.golden_book import Arrays, Book, Dice, Plan, record, tensor, torch

F = torch.nn.functional

SEED = 20
SIZES = {1: 12, 2: 6, 3: 4}


def convolution(dice: Dice, book: Book) -> None:
    """conv, also with the other ways to pad (which in torch are a function of their own)."""
    rank, groups = dice.settle(), dice.between(1, 3)
    reads, makes = dice.between(1, 2), dice.between(1, 2)
    kernel = dice.axes(rank, 1, 4 if rank < 3 else 2)
    x = dice.array([dice.between(1, 2), groups * reads, *dice.axes(rank, 2, SIZES[rank])])
    weight = dice.array([groups * makes, reads, *kernel])
    bias = dice.array([groups * makes]) if dice.flag() else None
    shared = {"stride": dice.axes(rank, 1, 3), "dilation": dice.axes(rank, 1, 2), "groups": groups}
    padding = dice.axes(rank, 0, 2)
    mode = ("zeros", "zeros", "reflect", "replicate", "circular")[dice.between(0, 4)]
    padded = tensor(x)
    if mode != "zeros":
        both = [cells for cells in reversed(padding) for _ in range(2)]
        padded = F.pad(padded, both, mode=mode)
    given = padding if mode == "zeros" else 0
    function = getattr(F, f"conv{rank}d")
    output = function(padded, tensor(weight), tensor(bias), padding=given, **shared)
    book.enter("conv", [x, weight, bias], {**shared, "padding": padding, "padding_mode": mode}, output)


def transposed(dice: Dice, book: Book) -> None:
    """conv_transpose, with output_padding below stride or dilation."""
    rank, groups = dice.settle(), dice.between(1, 3)
    reads, makes = dice.between(1, 2), dice.between(1, 2)
    kernel = dice.axes(rank, 1, 4 if rank < 3 else 2)
    x = dice.array([dice.between(1, 2), groups * reads, *dice.axes(rank, 1, SIZES[rank] // 2)])
    weight = dice.array([groups * reads, makes, *kernel])
    bias = dice.array([groups * makes]) if dice.flag() else None
    keywords = {
        "stride": dice.axes(rank, 1, 3),
        "padding": dice.axes(rank, 0, 2),
        "output_padding": dice.axes(rank, 0, 2),
        "dilation": dice.axes(rank, 1, 2),
        "groups": groups,
    }
    output = getattr(F, f"conv_transpose{rank}d")(tensor(x), tensor(weight), tensor(bias), **keywords)
    book.enter("conv_transpose", [x, weight, bias], keywords, output)


def pooling(dice: Dice, rank: int) -> tuple[list[int], dict[str, Any]]:
    """A kernel, and what every pooling of torch takes beside it."""
    kernel = dice.axes(rank, 1, 4)
    return kernel, {
        "stride": dice.axes(rank, 1, 4) if dice.flag() else None,
        "padding": [dice.between(0, cells // 2) for cells in kernel],
        "ceil_mode": dice.flag(),
    }


def maximum(dice: Dice, book: Book) -> None:
    """max_pool with its indices, and its gradient."""
    rank = dice.settle()
    kernel, keywords = pooling(dice, rank)
    keywords["dilation"] = dice.axes(rank, 1, 2)
    x = dice.array([1, dice.between(1, 2), *dice.axes(rank, 2, SIZES[rank])], rough=True)
    watched = tensor(x, watch=True)
    output, indices = getattr(F, f"max_pool{rank}d")(watched, kernel, return_indices=True, **keywords)
    ours = {"kernel": kernel, **keywords}
    if dice.flag():
        book.enter("max_pool", [x], {**ours, "return_indices": True}, output, indices)
        return
    grad = dice.array(list(output.shape))
    output.backward(tensor(grad))
    book.enter("max_pool_backward", [grad, x], ours, watched.grad)


def average(dice: Dice, book: Book) -> None:
    """avg_pool, and its gradient."""
    rank = dice.settle()
    kernel, keywords = pooling(dice, rank)
    keywords["count_include_pad"] = dice.flag()
    x = dice.array([1, dice.between(1, 2), *dice.axes(rank, 2, SIZES[rank])])
    watched = tensor(x, watch=True)
    output = getattr(F, f"avg_pool{rank}d")(watched, kernel, **keywords)
    ours = {"kernel": kernel, **keywords}
    if dice.flag():
        book.enter("avg_pool", [x], ours, output)
        return
    grad = dice.array(list(output.shape))
    output.backward(tensor(grad))
    book.enter("avg_pool_backward", [grad, x], ours, watched.grad)


def norm(dice: Dice, book: Book) -> None:
    """lp_pool of numbers that are not negative, without overhang: there torch and ONNX mean the same."""
    rank = dice.settle()
    kernel, _ = pooling(dice, rank)
    keywords = {"stride": dice.axes(rank, 1, 3)}
    p = float((1, 1.5, 2, 3)[dice.between(0, 3)])
    x = np.abs(dice.array([1, 2, *dice.axes(rank, 2, SIZES[rank])]))
    watched = tensor(x, watch=True)
    # lp_pool1d wants a plain number.
    output = getattr(F, f"lp_pool{rank}d")(watched, p, kernel[0] if rank == 1 else kernel, **keywords)
    ours = {"p": p, "kernel": kernel, **keywords}
    if dice.flag():
        book.enter("lp_pool", [x], ours, output)
        return
    grad = dice.array(list(output.shape))
    output.backward(tensor(grad))
    book.enter("lp_pool_backward", [grad, x], ours, watched.grad)


def adaptive(dice: Dice, book: Book) -> None:
    """adaptive_avg_pool, and its gradient."""
    rank = dice.settle()
    sizes = dice.axes(rank, 1, 5 if rank < 3 else 3)
    x = dice.array([1, 2, *dice.axes(rank, 1, SIZES[rank])])
    watched = tensor(x, watch=True)
    output = getattr(F, f"adaptive_avg_pool{rank}d")(watched, sizes)
    if dice.flag():
        book.enter("adaptive_avg_pool", [x], {"output_size": sizes}, output)
        return
    grad = dice.array(list(output.shape))
    output.backward(tensor(grad))
    book.enter("adaptive_avg_pool_backward", [grad, x], {}, watched.grad)


def unpooling(dice: Dice, book: Book) -> None:
    """max_unpool of what max_pool found."""
    rank = dice.settle()
    kernel, keywords = pooling(dice, rank)
    del keywords["ceil_mode"]
    x = dice.array([1, 2, *dice.axes(rank, 2, SIZES[rank])])
    values, indices = getattr(F, f"max_pool{rank}d")(tensor(x), kernel, return_indices=True, **keywords)
    if dice.flag():
        keywords["output_size"] = list(x.shape[2:])
    output = getattr(F, f"max_unpool{rank}d")(values, indices, kernel, **keywords)
    book.enter("max_unpool", [values.numpy(), indices.numpy()], {"kernel": kernel, **keywords}, output)


def batch(dice: Dice, book: Book) -> None:
    """batch_norm with given statistics or its own, its gradients, and the statistics it keeps."""
    rank, channels = dice.settle(), dice.between(1, 4)
    x = dice.array([2, channels, *dice.axes(rank, 1, 3)])
    mean, weight, bias = (dice.array([channels]) for _ in range(3))
    variance = np.abs(dice.array([channels])) + x.dtype.type(0.1)
    training, epsilon = dice.flag(), 1e-3
    inputs = [tensor(array, watch=True) for array in (x, weight, bias)]
    kept = [tensor(array) for array in (mean, variance)]
    output = F.batch_norm(inputs[0], *kept, inputs[1], inputs[2], training, 0.25, epsilon)
    statistics: Arrays = [None, None] if training else [mean, variance]
    keywords = {"epsilon": epsilon}
    if dice.flag():
        book.enter("batch_norm", [x, *statistics, weight, bias], keywords, output)
    elif training and dice.flag():
        book.enter("running_statistics", [mean, variance, x], {"momentum": 0.25}, *kept)
    else:
        grad = dice.array(list(output.shape))
        output.backward(tensor(grad))
        gradients = [one.grad for one in inputs]
        book.enter("batch_norm_backward", [grad, x, *statistics, weight], keywords, *gradients)


def responses(dice: Dice, book: Book) -> None:
    """local_response_norm, and its gradient."""
    rank = dice.settle()
    x = dice.array([1, dice.between(1, 6), *dice.axes(rank, 1, 3)])
    size, alpha, beta, k = dice.between(1, 5), 0.5, 0.75, 1.5
    watched = tensor(x, watch=True)
    output = F.local_response_norm(watched, size, alpha, beta, k)
    keywords = {"size": size, "alpha": alpha, "beta": beta, "k": k, "divide_alpha": True}
    if dice.flag():
        book.enter("local_response_norm", [x], keywords, output)
        return
    grad = dice.array(list(output.shape))
    output.backward(tensor(grad))
    book.enter("local_response_norm_backward", [grad, x], keywords, watched.grad)


def activation(dice: Dice, book: Book) -> None:
    """relu, leaky_relu, tanh, sigmoid and softmax, and their gradients."""
    dice.settle()
    name = ("relu", "leaky_relu", "tanh", "sigmoid", "softmax")[dice.between(0, 4)]
    x = dice.array([2, 3, dice.between(1, 5)]) * 4
    watched = tensor(x, watch=True)
    keywords = {"axis": 1} if name == "softmax" else {}
    output = F.softmax(watched, 1) if name == "softmax" else getattr(F, name)(watched)
    if dice.flag():
        book.enter(name, [x], keywords, output)
        return
    grad = dice.array(list(output.shape))
    output.backward(tensor(grad))
    book.enter(f"{name}_backward", [grad, x], keywords, watched.grad)


PLAN: Plan = (
    (convolution, 120),
    (transposed, 100),
    (maximum, 80),
    (average, 70),
    (norm, 25),
    (adaptive, 20),
    (unpooling, 20),
    (batch, 30),
    (responses, 20),
    (activation, 15),
)


def main() -> None:
    """Record them all."""
    torch.set_num_threads(1)
    book = Book(SEED)
    record(PLAN, Dice(SEED), book)
    book.write()
    golden_backward.main()


if __name__ == "__main__":
    main()
