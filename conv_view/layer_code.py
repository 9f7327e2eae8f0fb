"""Activations, normalisations and the residual addition as code: NumPy, PyTorch and Keras, ready to paste."""

from __future__ import annotations

_NUMPY = {
    "relu": "np.maximum(x, 0)",
    "leaky_relu": "np.where(x > 0, x, {leak} * x)",
    "tanh": "np.tanh(x)",
    "sigmoid": "1 / (1 + np.exp(-x))",
}
_TORCH = {
    "relu": "torch.relu(x)",
    "leaky_relu": "torch.nn.functional.leaky_relu(x, {leak})",
    "tanh": "torch.tanh(x)",
    "sigmoid": "torch.sigmoid(x)",
}
_KERAS = {
    "relu": "keras.layers.ReLU()(x)",
    "leaky_relu": "keras.layers.LeakyReLU(negative_slope={leak})(x)",
    "tanh": 'keras.layers.Activation("tanh")(x)',
    "sigmoid": 'keras.layers.Activation("sigmoid")(x)',
}


def activation(name: str, leak: float) -> dict[str, str]:
    """Return an activation by library.

    >>> activation("leaky_relu", 0.1)["NumPy"].splitlines()[-1]
    'y = np.where(x > 0, x, 0.1 * x)'
    """
    return {
        library: f"{head}\n\ny = {table[name].format(leak=leak)}"
        for library, head, table in (
            ("NumPy", "import numpy as np", _NUMPY),
            ("PyTorch", "import torch", _TORCH),
            ("Keras", "import keras", _KERAS),
        )
    }


def batch_norm(channels: int, epsilon: float, momentum: float, training: bool) -> dict[str, str]:
    """Return batch norm by library, for (N, C, H, W) and, in Keras, (N, H, W, C).

    >>> "momentum=0.9" in batch_norm(3, 1e-5, 0.1, True)["Keras"]
    True
    """
    mode = "train" if training else "eval"
    return {
        "NumPy": (
            "import numpy as np\n\n"
            "mean = x.mean((0, 2, 3), keepdims=True)\n"
            "variance = x.var((0, 2, 3), keepdims=True)\n"
            f"y = (x - mean) / np.sqrt(variance + {epsilon}) * gamma + beta"
        ),
        "PyTorch": (
            "import torch\n\n"
            f"norm = torch.nn.BatchNorm2d({channels}, eps={epsilon}, momentum={momentum})\n"
            f"norm.{mode}()\ny = norm(x)"
        ),
        "Keras": (
            "import keras\n\n"
            "# Keras counts the momentum from the other side: the weight of the old.\n"
            f"norm = keras.layers.BatchNormalization(momentum={round(1 - momentum, 9)}, epsilon={epsilon})\n"
            f"y = norm(x, training={training})"
        ),
    }


def local_response_norm(size: int, alpha: float, beta: float, k: float) -> dict[str, str]:
    """Return local response normalisation after the paper and in PyTorch, which divides alpha by the size.

    >>> "(5, 0.0005," in local_response_norm(5, 1e-4, 0.75, 2.0)["PyTorch"]
    True
    """
    back, ahead = size // 2, (size - 1) // 2
    return {
        "NumPy": (
            "import numpy as np\n\n"
            f"squares = np.pad(x**2, ((0, 0), ({back}, {ahead}), (0, 0), (0, 0)))\n"
            f"total = sum(squares[:, i : i + x.shape[1]] for i in range({size}))\n"
            f"y = x / ({k} + {alpha} * total) ** {beta}"
        ),
        "PyTorch": (
            "import torch\n\n"
            f"# It divides alpha by the size; {size} times the paper's alpha gives the paper's result.\n"
            f"norm = torch.nn.LocalResponseNorm({size}, {round(alpha * size, 12)}, beta={beta}, k={k})\n"
            "y = norm(x)"
        ),
    }


def softmax() -> dict[str, str]:
    """Return softmax by library.

    >>> sorted(softmax())
    ['Keras', 'NumPy', 'PyTorch']
    """
    return {
        "NumPy": (
            "import numpy as np\n\ne = np.exp(x - x.max(-1, keepdims=True))\ny = e / e.sum(-1, keepdims=True)"
        ),
        "PyTorch": "import torch\n\ny = torch.softmax(x, dim=-1)",
        "Keras": "import keras\n\ny = keras.ops.softmax(x, axis=-1)",
    }


def residual(layers: int, rectified: bool) -> dict[str, str]:
    """Return a residual block of one or two convolutions by library.

    >>> "relu(x + f)" in residual(1, True)["PyTorch"]
    True
    """
    inner = "conv(x)" if layers == 1 else "conv2(torch.relu(conv1(x)))"
    inner_keras = "conv(x)" if layers == 1 else "conv2(keras.ops.relu(conv1(x)))"
    made = ["conv"] if layers == 1 else ["conv1", "conv2"]
    torch = "".join(f'{name} = torch.nn.Conv2d(1, 1, 3, padding="same", bias=False)\n' for name in made)
    keras = "".join(f'{name} = keras.layers.Conv2D(1, 3, padding="same", use_bias=False)\n' for name in made)
    return {
        "PyTorch": f"import torch\n\n{torch}f = {inner}\ny = {'torch.relu(x + f)' if rectified else 'x + f'}",
        "Keras": (
            f"import keras\n\n{keras}f = {inner_keras}\n"
            f"y = {'keras.ops.relu(x + f)' if rectified else 'x + f'}"
        ),
    }
