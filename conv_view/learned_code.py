"""The descent on screen as code that runs: PyTorch and NumPy."""

from __future__ import annotations

from conv_view.learned import Learned


def pytorch(shown: Learned) -> str:
    """Return the descent in PyTorch, where autograd finds the gradient."""
    asked, size = shown.asked, "×".join(map(str, shown.trail.target.shape))
    drawing = [
        "windows = F.unfold(x, kernel.shape[2:])[0].T",
        f"torch.manual_seed({asked.seed})  # draws other patches than NumPy does",
    ]
    lines = [
        "import torch",
        "import torch.nn.functional as F",
        "",
        *_data(shown, "torch.tensor({}, dtype=torch.float64)"),
        "x, target = x[None, None], target[None, None]",
        f"kernel = torch.tensor({shown.trail.kernels[0].tolist()}, dtype=torch.float64)[None, None]"
        f"  # {size}, random",
        "kernel.requires_grad_()",
        "wanted = F.conv2d(x, target)",
        f"descent = torch.optim.SGD([kernel], lr={asked.lr}, momentum={asked.momentum})",
        *(drawing if asked.batch else []),
        f"for step in range({len(shown.trail)}):",
        "    descent.zero_grad()",
    ]
    if asked.batch:
        lines += [
            f"    seen = torch.randperm(wanted.numel())[:{asked.batch}]",
            "    loss = F.mse_loss(windows[seen] @ kernel.flatten(), wanted.flatten()[seen])",
        ]
    else:
        lines.append("    loss = F.mse_loss(F.conv2d(x, kernel), wanted)")
    return "\n".join([*lines, "    loss.backward()", "    descent.step()", "print(kernel)"])


def numpy(shown: Learned) -> str:
    """Return the descent in NumPy, the gradient written out; patches are drawn as `learn_kernel` draws them.

    >>> import numpy as np
    >>> from conv_view.learned import Asked, learned
    >>> cells = np.uint8([[0, 255, 0], [255, 0, 255], [0, 255, 255]])
    >>> exec(numpy(learned(cells, "unit", np.float32([[1, -1]]), Asked(0.5, 0.5, 200, None, 0))))
    [[ 1. -1.]]
    """
    asked = shown.asked
    lines = [
        "import numpy as np",
        "from numpy.lib.stride_tricks import sliding_window_view",
        "",
        *_data(shown, "np.array({}, float)"),
        f"kernel = np.array({shown.trail.kernels[0].tolist()})",
        "windows = sliding_window_view(x, target.shape).reshape(-1, target.size)",
        "wanted = windows @ target.ravel()",
        "velocity = np.zeros(target.size)",
        *([f"chance = np.random.default_rng(({asked.seed}, 1))"] if asked.batch else []),
        f"for step in range({len(shown.trail)}):",
    ]
    if asked.batch:
        lines += [
            f"    seen = chance.choice(len(windows), {asked.batch}, replace=False)",
            "    wrong = windows[seen] @ kernel.ravel() - wanted[seen]",
            "    gradient = 2 * wrong @ windows[seen] / len(seen)",
        ]
    else:
        lines += [
            "    wrong = windows @ kernel.ravel() - wanted",
            "    gradient = 2 * wrong @ windows / len(wrong)",
        ]
    return "\n".join(
        [
            *lines,
            f"    velocity = {asked.momentum} * velocity + gradient",
            f"    kernel = kernel - {asked.lr} * velocity.reshape(target.shape)",
            "print(kernel.round(3))",
        ]
    )


def _data(shown: Learned, array: str) -> list[str]:
    """Return the lines that make the picture and the target."""
    lines = [
        f"x = {array.format(shown.pixels.tolist())} / 255",
        f"target = {array.format(shown.trail.target.tolist())}",
    ]
    if shown.values != "unit":
        lines.insert(1, "x = x - x.mean()")
    if shown.values == "standard":
        lines.insert(2, "x = x / (x**2).mean() ** 0.5")
    return lines
