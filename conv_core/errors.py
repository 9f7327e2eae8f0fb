"""The one error of the core: it carries the numbers that made it, so that a view can translate it."""

from typing import Any

MESSAGES: dict[str, str] = {
    # Geometry: what a window is made of, and what it slides over.
    "axes_count": "{name} is given for {given} axes, but there are {rank}",
    "not_an_integer": "{name} is made of whole numbers, one or one per axis, not {value}",
    "window_rank": "a window slides along at least 1 axis, not {rank}",
    "kernel_size": "axis {axis}: a kernel has at least 1 cell, not {kernel}",
    "stride_size": "axis {axis}: the stride is at least 1, not {stride}",
    "dilation_size": "axis {axis}: the dilation is at least 1, not {dilation}",
    "padding_negative": "axis {axis}: padding adds cells, so ({before}, {after}) cannot be below 0",
    "padding_word": "the padding {value} is unknown: it is a number, one per axis, pairs, or one of {known}",
    "kernel_too_large": (
        "axis {axis}: a kernel of {kernel} with dilation {dilation} spans {span}, "
        "but the padded input is {padded}"
    ),
    "spatial_rank": "a window of {rank} axes cannot slide over {given} axes",
    "axis_empty": "axis {axis}: there is nothing to slide over, the input has {size} cells",
    "position_outside": "axis {axis}: position {position} is not among the {count} positions of the window",
    "patches_shape": "the patches end in the axes {given}, but this window reads {expected}",
    "nothing_left": (
        "axis {axis}: {count} windows cover {covered} cells, and a padding of ({before}, {after}) "
        "leaves none of them"
    ),
    # What stands in for the cells outside.
    "padding_mode": "the padding mode {value} is unknown: it is one of {known}",
    "padding_reflect": (
        "axis {axis}: beyond the border a mirror shows at most {limit} of {size} cells, "
        "not ({before}, {after})"
    ),
    "padding_circular": "axis {axis}: {size} cells go around at most once, not ({before}, {after})",
    # Arrays.
    "not_an_array": "the {name} is not an array of numbers with rows of one length",
    "dtype": (
        "the {name} of type {dtype} cannot be convolved: float16, float32, float64, integers and booleans can"
    ),
    "input_rank": "the input has {given} axes, but (N, C, *spatial) has at least 3",
    "weight_rank": (
        "the weight has {given} axes, but over {rank} spatial axes (O, C / groups, *kernel) has {expected}"
    ),
    "bias_shape": "the bias has the shape {given}, but {outputs} output channels take ({outputs},)",
    "batch_empty": "the input holds {batch} samples",
    "channels_empty": "the input has {channels} channels",
    "outputs_empty": "the weight makes {outputs} output channels",
    "groups_size": "there is at least 1 group, not {groups}",
    "groups_input": "{channels} input channels cannot be shared out among {groups} groups",
    "groups_output": "{outputs} output channels cannot be shared out among {groups} groups",
    "weight_channels": (
        "the weight reads {given} channels, but {channels} input channels in {groups} groups "
        "are {expected} to a group"
    ),
    "integers_too_large": "whole numbers are summed exactly up to {limit}, but these could reach {reach}",
    "array_too_large": "an array of the shape {shape} would take {size} bytes, more than can be addressed",
    # Transposed convolution.
    "transpose_weight_rank": (
        "the weight has {given} axes, but over {rank} spatial axes (C, O / groups, *kernel) has {expected}"
    ),
    "transpose_weight_channels": "the weight takes {given} input channels, but the input has {channels}",
    "output_padding": (
        "axis {axis}: an output padding of {output_padding} is neither below the stride of {stride} "
        "nor below the dilation of {dilation}"
    ),
    "output_padding_negative": (
        "axis {axis}: output padding adds cells, so {output_padding} cannot be below 0"
    ),
    # Pooling.
    "pool_padding": (
        "axis {axis}: the padding ({before}, {after}) is more than half of a pooling window of {kernel} cells"
    ),
    "pool_padding_only": (
        "axis {axis}: with a dilation of {dilation} the window at position {position} "
        "steps over all {size} cells of the input"
    ),
    "pool_kind": "the kind of pooling {value} is unknown: it is one of {known}",
    "pool_norm": "the p of an Lp pooling is a finite number of at least 1, not {p}",
    "pool_output": "axis {axis}: a pooled output has at least 1 cell, not {size}",
    "grad_shape": "the gradient has the shape {given}, but the output has {expected}",
    "unpool_indices": (
        "the indices are whole numbers of the shape {expected}, not {dtype} of the shape {given}"
    ),
    "unpool_place": "the index {place} points outside an output of {cells} cells",
    "unpool_size": "axis {axis}: the output has from {low} to {high} cells, not {given}",
    # Columns of windows.
    "columns_rank": "the columns have {given} axes, but (N, C * prod(kernel), positions) has 3",
    "columns_rows": "{given} rows are no whole number of channels: a kernel of {kernel} has {terms} cells",
    "columns_count": (
        "there are {given} columns, but over an output of {size} the window has {expected} positions"
    ),
    # Losses.
    "reduction": "the reduction {value} is unknown: it is one of {known}",
    "target_shape": "the target has the shape {given}, but the output has {expected}",
    "labels_shape": (
        "scores of the shape {scores} take one whole number per row, not labels of the shape {given} "
        "and type {dtype}"
    ),
    "loss_empty": "the output has the shape {shape}, so there is nothing to compare",
    "label_outside": "the label {label} is not among {classes} classes, counted from 0",
    # A kernel that learns.
    "learning_rate": "a learning rate is a number of at least 0, not {given}",
    "momentum": "a momentum is from 0 to below 1, not {given}",
    "learning_steps": "a descent takes at least 1 step, not {steps}",
    "learning_batch": "a batch has from 1 to {positions} patches, not {batch}",
    "learning_flat": "there is nothing to learn: on this input every kernel gives the same output",
    # Networks.
    "conv_table": (
        "a table of {rows} rows does not say for {filters} filters which of {channels} channels each reads"
    ),
    "linear_input": "a fully connected layer takes (N, features), not {given}",
    "concat_shape": (
        "shapes are put one behind the other if only their channels differ: not {first} and {other}"
    ),
    "stretched_shape": "arrays of the shapes {x} and {y} cannot be stretched to one shape",
    "matmul_shape": "matrices of the shapes {x} and {y} cannot be multiplied",
    "reshape_shape": "numbers of the shape {given} do not fill the shape {shape}",
    "axis_outside": "there is no axis {axis} among {rank}",
    "axes_twice": "an axis is named twice in {axes}",
    "squeeze_axis": "axis {axis} has {size} cells, and only an axis of 1 can be left out",
    "transpose_order": "the order {order} does not name each of {given} axes once",
    "join_shape": (
        "shapes are put one behind the other along axis {axis} if nothing else differs: "
        "not {first} and {other}"
    ),
    "slice_step": "axis {axis}: a part is taken in steps of at least 1, forwards or backwards, not {step}",
    "take_place": "there is no place {place} along axis {axis}, which has {size} cells",
    "pad_axes": "{pads} axes with the mode {mode} cannot be put around an input of {given} axes",
    "resize_word": "the word {value} is unknown to a resizing: it is one of {known}",
    "resize_size": "axis {axis}: {size} cells cannot be resized to {given}",
    "net_variant": "the variant {value} is unknown: it is one of {known}",
    "net_depth": "{name} with {depth} layers does not exist: it comes in {known}",
    "cell_node": "there are no cells of a node {name} to follow back",
    "cell_place": "the place {place} is not in what {name} gave, which has the shape {shape}",
    "cell_kind": "how a {kind} makes its cells is not told: {name}",
    "deep_depth": "a network of three stages has 6 n + 2 layers, at least 8, not {depth}",
    "deep_shortcut": "the shortcut {value} is unknown: it is one of {known}",
    "shared_kind": "the kind of network {value} is unknown: it is one of {known}",
    "graph_size": "the network does not say for which input it was made, and {count} sizes are given",
    "graph_empty": "a network has at least 1 node, not {count}",
    "graph_node": "the network has no node {name}",
    "graph_twice": "there are two nodes called {name}",
    "graph_unknown": "the node {name} takes what {source} gives, which is not there before it",
    "graph_arity": "the node {name} is given {given} inputs, but its kind takes {expected}",
    "graph_parameter": "the parameter {name} of the shape {shape} is missing",
    "graph_parameter_shape": "the parameter {name} has the shape {given}, but {expected} is needed",
    # Layer by layer.
    "layer_index": "there is no layer {layer} among {count}",
    "layer_none": "a receptive field takes at least 1 layer, not {count}",
    "layer_kind": "the layer {layer} is neither a window nor a table of kernel, stride, padding and dilation",
    "layer_same": "the layer {layer} pads to keep its size, so the size of the input has to be given",
    # Cell by cell.
    "add_shape": "arrays of the shapes {x} and {fx} cannot be added cell by cell",
    "activation": "the activation {value} is unknown: it is one of {known}",
    "channel_rank": "the input has {given} axes, but (N, C, ...) has at least 2",
    "channel_values": "the {name} has the shape {given}, but {channels} channels take ({channels},)",
    "batch_single": "the statistics of a batch need more than {count} value per channel",
    "softmax_axis": "the input has {rank} axes, so there is no axis {axis}",
    # How it is computed.
    "method": "the method {value} is unknown: it is one of {known}",
    "method_window": (
        "the method {method} does not take a kernel of {kernel} with stride {stride} and dilation "
        "{dilation}; {instead} does"
    ),
    "method_type": (
        "the method {method} rounds, and numbers of the type {dtype} are computed exactly; "
        "{instead} does that"
    ),
    "winograd_size": "a tile has at least 1 output and a filter at least 1 tap, not {m} and {r}",
    "winograd_outputs": "axis {axis}: a tile has at least 1 output, not {m}",
    "winograd_points": "{needed} different points are needed, and given are: {given}",
    "fft_tile_small": ("axis {axis}: a transform of {tile} cells has no room for a kernel that spans {span}"),
    # Named kernels.
    "kernel_name": "the kernel {value} is unknown: it is one of {known}",
    "kernel_rank": "the kernel {value} does not exist with {rank} axes, only with {known}",
    "kernel_parameter": "the kernel {value} has no parameter {parameter}; it takes {known}",
    "kernel_range": "the {parameter} of the kernel {value} is from {low} to {high}, not {given}",
    "kernel_even": "the {parameter} of the kernel {value} is odd, so that it has a middle, not {given}",
    "kernel_cell": "the kernel cell {position} is {given}, which is not a finite number",
}
"""The sentence of every code; a view translates by code and fills in the same numbers."""


class WindowError(ValueError):
    """A wrong argument, with the numbers that show what is wrong with it.

    `code` names the fault (a key of `MESSAGES`), `numbers` holds what the sentence is filled with.

    >>> error = WindowError("kernel_too_large", axis=0, kernel=3, dilation=4, span=9, padded=7)
    >>> str(error)
    'axis 0: a kernel of 3 with dilation 4 spans 9, but the padded input is 7'
    >>> error.code, error.numbers["span"]
    ('kernel_too_large', 9)
    """

    def __init__(self, code: str, **numbers: Any) -> None:
        super().__init__(MESSAGES[code].format(**numbers))
        self.code = code
        self.numbers = numbers

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is pickled by its args, which here are the sentence and not what made it.
        return _rebuilt, (type(self), self.code, self.numbers)


def _rebuilt(kind: type[WindowError], code: str, numbers: dict[str, Any]) -> WindowError:
    return kind(code, **numbers)
