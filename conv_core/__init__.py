"""The mathematics of ConvScope: knows NumPy and the standard library, nothing else."""

from conv_core.conv import conv
from conv_core.cost import Sharing, Wiring, conv_cost, sharing
from conv_core.errors import MESSAGES, WindowError
from conv_core.kernels import KERNELS, NamedKernel, kernel
from conv_core.methods import METHODS, Cost
from conv_core.padding import MODES, pad, source_indices, unpad
from conv_core.trace import ConvStep, ConvTrace, conv_trace
from conv_core.window import Window

__all__ = [
    "KERNELS",
    "MESSAGES",
    "METHODS",
    "MODES",
    "ConvStep",
    "ConvTrace",
    "Cost",
    "NamedKernel",
    "Sharing",
    "Window",
    "WindowError",
    "Wiring",
    "conv",
    "conv_cost",
    "conv_trace",
    "kernel",
    "pad",
    "sharing",
    "source_indices",
    "unpad",
]
