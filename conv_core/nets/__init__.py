"""Networks as data: each a function that gives a `Graph`."""

from conv_core.nets.lenet import lenet5, lenet5_input

__all__ = ["lenet5", "lenet5_input"]
