"""What AlexNet and VGG have behind their convolutions: three fully connected layers, the same in both."""

from typing import Any

from conv_core.layers import Dropout, Flatten, Linear, ReLU


def full_head() -> list[tuple[Any, ...]]:
    """4096, 4096 and 1000 outputs, as the papers number them, fc6 to fc8.

    >>> [name for name, *_ in full_head()][-3:]
    ['relu7', 'drop7', 'fc8']
    """
    return [
        ("flatten", Flatten()),
        ("fc6", Linear(4096)),
        ("relu6", ReLU()),
        ("drop6", Dropout()),
        ("fc7", Linear(4096)),
        ("relu7", ReLU()),
        ("drop7", Dropout()),
        ("fc8", Linear(1000)),
    ]
