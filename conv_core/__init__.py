"""The mathematics of ConvScope: knows NumPy and the standard library, nothing else."""

from conv_core.accuracy import counted, method_error
from conv_core.backward_stages import BackwardCost, BackwardStages, backward_cost, conv_backward_stages
from conv_core.backward_trace import BackwardStep, BackwardTrace, conv_backward_trace
from conv_core.batch import (
    BatchNormGradients,
    batch_norm,
    batch_norm_backward,
    batch_statistics,
    running_statistics,
)
from conv_core.conv import conv, conv_stages
from conv_core.conv_backward import ConvGradients, conv_backward
from conv_core.cost import Sharing, Wiring, conv_cost, fft_parts, sharing, winograd_parts
from conv_core.counting import Tally
from conv_core.errors import MESSAGES, WindowError
from conv_core.finite import finite_differences
from conv_core.graph import Gradients, Graph, Node, Row
from conv_core.kernels import KERNELS, NamedKernel, kernel
from conv_core.learning import Curvature, Trail, curvature, learn_kernel, random_kernel
from conv_core.losses import cross_entropy, cross_entropy_backward, mse_loss, mse_loss_backward
from conv_core.methods import METHODS, Cost
from conv_core.methods.direct import DirectStages
from conv_core.methods.fft import FftStages
from conv_core.methods.fft_cost import FftParts
from conv_core.methods.im2col import Im2colStages
from conv_core.methods.protocol import Operations
from conv_core.methods.toom_cook import winograd_matrices
from conv_core.methods.winograd import WinogradStages
from conv_core.methods.winograd_cost import WinogradParts
from conv_core.normalise import (
    local_response_norm,
    local_response_norm_backward,
    softmax,
    softmax_backward,
)
from conv_core.optim import SGD, Adam
from conv_core.padding import MODES, pad, source_indices, unpad
from conv_core.pointwise import (
    ACTIVATIONS,
    AddStep,
    AddTrace,
    add_trace,
    leaky_relu,
    leaky_relu_backward,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    tanh,
    tanh_backward,
)
from conv_core.pool import (
    adaptive_avg_pool,
    avg_pool,
    global_avg_pool,
    global_max_pool,
    lp_pool,
    max_pool,
    max_unpool,
)
from conv_core.pool_backward import (
    adaptive_avg_pool_backward,
    avg_pool_backward,
    global_avg_pool_backward,
    global_max_pool_backward,
    lp_pool_backward,
    max_pool_backward,
)
from conv_core.pool_trace import PoolStep, PoolTrace, pool_trace
from conv_core.receptive import (
    Field,
    field_levels,
    field_of,
    layer_sizes,
    path_counts,
    path_levels,
    receptive_field,
    unread,
)
from conv_core.stuffing import Stuffed, zero_stuffed
from conv_core.trace import ConvStep, ConvTrace, conv_trace
from conv_core.traffic import Traffic, conv_traffic
from conv_core.transpose import conv_transpose
from conv_core.transpose_trace import TransposeStep, TransposeTrace, conv_transpose_trace
from conv_core.unfold import col2im, copies, im2col
from conv_core.window import Window, adaptive_bounds

__all__ = [
    "ACTIVATIONS",
    "KERNELS",
    "MESSAGES",
    "METHODS",
    "MODES",
    "SGD",
    "Adam",
    "AddStep",
    "AddTrace",
    "BackwardCost",
    "BackwardStages",
    "BackwardStep",
    "BackwardTrace",
    "BatchNormGradients",
    "ConvGradients",
    "ConvStep",
    "ConvTrace",
    "Cost",
    "Curvature",
    "DirectStages",
    "FftParts",
    "FftStages",
    "Field",
    "Gradients",
    "Graph",
    "Im2colStages",
    "NamedKernel",
    "Node",
    "Operations",
    "PoolStep",
    "PoolTrace",
    "Row",
    "Sharing",
    "Stuffed",
    "Tally",
    "Traffic",
    "Trail",
    "TransposeStep",
    "TransposeTrace",
    "Window",
    "WindowError",
    "WinogradParts",
    "WinogradStages",
    "Wiring",
    "adaptive_avg_pool",
    "adaptive_avg_pool_backward",
    "adaptive_bounds",
    "add_trace",
    "avg_pool",
    "avg_pool_backward",
    "backward_cost",
    "batch_norm",
    "batch_norm_backward",
    "batch_statistics",
    "col2im",
    "conv",
    "conv_backward",
    "conv_backward_stages",
    "conv_backward_trace",
    "conv_cost",
    "conv_stages",
    "conv_trace",
    "conv_traffic",
    "conv_transpose",
    "conv_transpose_trace",
    "copies",
    "counted",
    "cross_entropy",
    "cross_entropy_backward",
    "curvature",
    "fft_parts",
    "field_levels",
    "field_of",
    "finite_differences",
    "global_avg_pool",
    "global_avg_pool_backward",
    "global_max_pool",
    "global_max_pool_backward",
    "im2col",
    "kernel",
    "layer_sizes",
    "leaky_relu",
    "leaky_relu_backward",
    "learn_kernel",
    "local_response_norm",
    "local_response_norm_backward",
    "lp_pool",
    "lp_pool_backward",
    "max_pool",
    "max_pool_backward",
    "max_unpool",
    "method_error",
    "mse_loss",
    "mse_loss_backward",
    "pad",
    "path_counts",
    "path_levels",
    "pool_trace",
    "random_kernel",
    "receptive_field",
    "relu",
    "relu_backward",
    "running_statistics",
    "sharing",
    "sigmoid",
    "sigmoid_backward",
    "softmax",
    "softmax_backward",
    "source_indices",
    "tanh",
    "tanh_backward",
    "unpad",
    "unread",
    "winograd_matrices",
    "winograd_parts",
    "zero_stuffed",
]
