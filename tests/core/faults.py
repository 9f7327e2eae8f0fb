"""What goes wrong in pooling, transposing, stacks of layers and cell by cell: code, call, numbers."""

import numpy as np

from conv_core import (
    Window,
    adaptive_avg_pool,
    adaptive_avg_pool_backward,
    add_trace,
    avg_pool,
    avg_pool_backward,
    batch_norm,
    conv_transpose,
    field_of,
    global_avg_pool,
    global_max_pool,
    local_response_norm,
    lp_pool,
    max_pool,
    max_pool_backward,
    max_unpool,
    path_counts,
    pool_trace,
    receptive_field,
    relu_backward,
    running_statistics,
    softmax,
    zero_stuffed,
)


def ones(*shape, dtype=float):
    return np.ones(shape, dtype)


def spread(x=(1, 2, 3), weight=(2, 1, 3), bias=None, **keywords):
    return conv_transpose(ones(*x), ones(*weight), bias, **keywords)


IMAGE = ones(1, 1, 5, 6)
STACK = [Window(3), {"kernel": 2, "stride": 2}]

FAULTS = [
    (
        "nothing_left",
        lambda: Window(3, padding=2).input_shape((2,)),
        {"axis": 0, "count": 2, "covered": 4, "before": 2, "after": 2},
    ),
    ("nothing_left", lambda: spread(x=(1, 2, 1), padding=2), {"covered": 3}),
    ("nothing_left", lambda: max_unpool(ones(1, 1, 1), ones(1, 1, 1, dtype=int), 2, padding=1), {}),
    ("input_rank", lambda: spread(x=(2, 3)), {"given": 2}),
    (
        "transpose_weight_rank",
        lambda: spread(weight=(2, 1, 3, 3)),
        {"given": 4, "rank": 1, "expected": 3},
    ),
    ("transpose_weight_channels", lambda: spread(weight=(3, 1, 3)), {"given": 3, "channels": 2}),
    ("outputs_empty", lambda: spread(weight=(2, 0, 3)), {"outputs": 0}),
    ("batch_empty", lambda: spread(x=(0, 2, 3)), {"batch": 0}),
    ("groups_input", lambda: spread(groups=3), {"channels": 2, "groups": 3}),
    ("groups_size", lambda: spread(groups=0), {"groups": 0}),
    ("bias_shape", lambda: spread(bias=ones(2)), {"given": (2,), "outputs": 1}),
    ("axis_empty", lambda: spread(x=(1, 2, 0)), {"axis": 0, "size": 0}),
    ("not_an_integer", lambda: spread(output_padding=0.5), {"name": "output_padding", "value": "0.5"}),
    ("axes_count", lambda: spread(output_padding=(0, 0)), {"name": "output_padding", "given": 2}),
    (
        "output_padding",
        lambda: spread(stride=2, dilation=3, output_padding=3),
        {"axis": 0, "output_padding": 3, "stride": 2, "dilation": 3},
    ),
    (
        "output_padding",
        lambda: zero_stuffed(ones(1, 1, 3, 3), ones(1, 1, 2, 2), stride=(2, 1), output_padding=1),
        {"axis": 1, "output_padding": 1, "stride": 1, "dilation": 1},
    ),
    ("output_padding_negative", lambda: spread(output_padding=-1), {"axis": 0, "output_padding": -1}),
    (
        "integers_too_large",
        lambda: conv_transpose(np.full((1, 2, 1), 2**62), ones(2, 1, 1, dtype=int)),
        {"reach": 2**63},
    ),
    ("array_too_large", lambda: spread(stride=2**61), {}),
    ("pool_padding", lambda: max_pool(IMAGE, 3, padding=2), {"axis": 0, "before": 2, "kernel": 3}),
    (
        "pool_padding",
        lambda: avg_pool(IMAGE, (4, 2), padding=(2, (0, 2))),
        {"axis": 1, "before": 0, "after": 2, "kernel": 2},
    ),
    ("pool_padding", lambda: max_pool(IMAGE, 3, padding=2, dilation=3), {"before": 2, "kernel": 3}),
    (
        "pool_padding_only",
        lambda: max_pool(ones(1, 1, 4), 2, padding=1, dilation=5),
        {"axis": 0, "dilation": 5, "position": 0, "size": 4},
    ),
    ("kernel_too_large", lambda: max_pool(IMAGE, 7), {"axis": 0, "span": 7, "padded": 5}),
    ("kernel_too_large", lambda: max_pool(IMAGE, 7, stride=2, ceil_mode=True), {"span": 7, "padded": 5}),
    ("stride_size", lambda: avg_pool(IMAGE, 2, stride=0), {"stride": 0}),
    ("axes_count", lambda: max_pool(IMAGE, (2, 2, 2)), {"given": 3, "rank": 2}),
    ("input_rank", lambda: max_pool(ones(5, 5), 2), {"given": 2}),
    ("input_rank", lambda: global_avg_pool(ones(5, 5)), {"given": 2}),
    ("axis_empty", lambda: global_max_pool(ones(1, 1, 3, 0)), {"axis": 1, "size": 0}),
    ("batch_empty", lambda: max_pool(ones(0, 1, 5), 2), {"batch": 0}),
    ("channels_empty", lambda: global_avg_pool(ones(1, 0, 5)), {"channels": 0}),
    ("dtype", lambda: max_pool(ones(1, 1, 3, dtype=complex), 2), {"dtype": "complex128"}),
    ("pool_kind", lambda: pool_trace(IMAGE, 2, "median"), {"value": "'median'"}),
    ("pool_norm", lambda: lp_pool(IMAGE, 0.5, 2), {"p": "0.5"}),
    ("pool_norm", lambda: lp_pool(IMAGE, np.inf, 2), {"p": "inf"}),
    ("pool_norm", lambda: pool_trace(IMAGE, 2, "lp", p="two"), {"p": "'two'"}),
    ("pool_output", lambda: adaptive_avg_pool(IMAGE, (2, 0)), {"axis": 1, "size": 0}),
    (
        "grad_shape",
        lambda: max_pool_backward(IMAGE, IMAGE, 2),
        {"given": (1, 1, 5, 6), "expected": (1, 1, 2, 3)},
    ),
    ("grad_shape", lambda: avg_pool_backward(ones(3), IMAGE, 2), {"given": (3,)}),
    ("grad_shape", lambda: adaptive_avg_pool_backward(ones(1, 2, 3, 3), IMAGE), {"given": (1, 2, 3, 3)}),
    ("grad_shape", lambda: relu_backward(ones(2), ones(3)), {"given": (2,), "expected": (3,)}),
    (
        "unpool_indices",
        lambda: max_unpool(ones(1, 1, 3), ones(1, 1, 3), 2),
        {"expected": (1, 1, 3), "dtype": "float64", "given": (1, 1, 3)},
    ),
    ("unpool_indices", lambda: max_unpool(ones(1, 1, 3), ones(1, 1, 2, dtype=int), 2), {"given": (1, 1, 2)}),
    ("unpool_place", lambda: max_unpool(ones(1, 1, 1), [[[2]]], 2), {"place": 2, "cells": 2}),
    ("unpool_place", lambda: max_unpool(ones(1, 1, 1), [[[-1]]], 2), {"place": -1, "cells": 2}),
    (
        "unpool_size",
        lambda: max_unpool(ones(1, 1, 2), [[[0, 1]]], 2, output_size=6),
        {"axis": 0, "low": 3, "high": 5, "given": 6},
    ),
    ("layer_none", lambda: receptive_field([]), {"count": 0}),
    ("layer_kind", lambda: receptive_field([Window(3), 3]), {"layer": 1}),
    ("layer_kind", lambda: receptive_field([{"stride": 2}]), {"layer": 0}),
    ("layer_same", lambda: receptive_field([Window(3), Window(3, padding="same")]), {"layer": 1}),
    ("layer_index", lambda: field_of(STACK, 2, (0,), (9,)), {"layer": 2, "count": 2}),
    ("layer_index", lambda: path_counts(STACK, -3, (0,), (9,)), {"layer": -3, "count": 2}),
    (
        "position_outside",
        lambda: field_of(STACK, 1, (0, 3), (9, 9)),
        {"axis": 1, "position": 3, "count": 3},
    ),
    ("axes_count", lambda: field_of(STACK, 1, (0, 0), (9,)), {"name": "position", "given": 2}),
    ("kernel_too_large", lambda: field_of(STACK, 1, (0,), (3,)), {"span": 2, "padded": 1}),
    ("spatial_rank", lambda: receptive_field([Window((3, 3))], (9,)), {"rank": 2, "given": 1}),
    ("add_shape", lambda: add_trace(ones(2, 3), ones(3)), {"x": (2, 3), "fx": (3,)}),
    ("add_shape", lambda: add_trace(ones(0), ones(0)), {"x": (0,)}),
    ("integers_too_large", lambda: add_trace([2**62], [2**62]), {"reach": 2**63}),
    ("activation", lambda: add_trace([1.0], [1.0], "step"), {"value": "'step'"}),
    ("channel_rank", lambda: batch_norm(ones(3)), {"given": 1}),
    (
        "channel_values",
        lambda: batch_norm(IMAGE, ones(2), ones(1)),
        {"name": "mean", "given": (2,), "channels": 1},
    ),
    ("channel_values", lambda: batch_norm(IMAGE, bias=1.0), {"name": "bias", "given": ()}),
    ("batch_single", lambda: batch_norm(ones(1, 3)), {"count": 1}),
    ("batch_single", lambda: running_statistics(ones(3), ones(3), ones(1, 3, 1)), {"count": 1}),
    ("kernel_size", lambda: local_response_norm(IMAGE, 0), {"kernel": 0}),
    ("softmax_axis", lambda: softmax(IMAGE, 4), {"rank": 4, "axis": 4}),
]
