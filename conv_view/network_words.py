"""What is said of a layer or a block of a network: its formulas with its own numbers in them."""

from __future__ import annotations

from math import prod
from typing import Any

from conv_core.axes import per_axis
from conv_core.graph import Node, Row
from conv_core.layers import Conv, Linear
from conv_core.layers.base import Shape
from conv_view.digits import in_bytes, percent
from conv_view.networks import Block, Net, Selection
from conv_view.text import Words


def parameter_formula(node: Node, shapes: tuple[Shape, ...]) -> str:
    """How the parameters of a layer are counted, without the result; nothing for one that learns nothing.

    >>> from conv_core.layers import Conv
    >>> parameter_formula(Node("conv4_1", Conv(512, 3, padding=1), ("input",)), ((1, 256, 28, 28),))
    '3·3·256·512 + 512'
    """
    layer = node.layer
    if isinstance(layer, Conv | Linear):
        bias = layer.filters if isinstance(layer, Conv) else layer.outputs
        return _weights(layer, shapes[0]) + (f" + {bias}" if layer.bias else "")
    learnt = layer.parameters(*shapes)
    if not learnt:
        return ""
    return f"{len(learnt)}·{next(iter(learnt.values()))[0]}"


def mac_formula(node: Node, shapes: tuple[Shape, ...]) -> str:
    """How the multiplications of a layer are counted, without the result; nothing where none is counted.

    >>> from conv_core.layers import Conv
    >>> mac_formula(Node("conv4_1", Conv(512, 3, padding=1), ("input",)), ((1, 256, 28, 28),))
    '3·3·256·512·28·28'
    """
    layer = node.layer
    if not layer.macs(*shapes):
        return ""
    out = layer.output_shape(*shapes)
    if isinstance(layer, Conv):
        return times((_weights(layer, shapes[0]), *out[2:]))
    return _weights(layer, shapes[0]) if isinstance(layer, Linear) else times(out[1:])


def _weights(layer: Conv | Linear, shape: Shape) -> str:
    """The weights of a layer as a product: kernel, channels to a filter, filters."""
    if isinstance(layer, Linear):
        return f"{shape[-1]}·{layer.outputs}"
    taps = per_axis("kernel", layer.kernel, len(shape) - 2)
    if layer.table is not None:
        return times((*taps, sum(map(len, layer.table))))
    return times((*taps, shape[1] // layer.groups, layer.filters))


def times(factors: tuple[object, ...]) -> str:
    """A product, its factors one behind the other.

    >>> times((3, 3, 64))
    '3·3·64'
    """
    return "·".join(map(str, factors))


def sized(shape: Shape) -> str:
    """The shape of what one picture makes.

    >>> sized((1, 64, 112, 112)), sized((1, 4096))
    ('64×112×112', '4096')
    """
    return "×".join(map(str, shape[1:]))


def kind_of(words: Words, row: Row) -> str:
    """What a layer is called in a table."""
    return words[f"networks.kinds.{row.kind}"]


def window_of(node: Node, shapes: tuple[Shape, ...]) -> tuple[str, str]:
    """The window of a layer, and its stride where that is not 1; two empty texts where nothing slides.

    >>> from conv_core.layers import MaxPool
    >>> window_of(Node("pool1", MaxPool(3, stride=2), ("input",)), ((1, 64, 55, 55),))
    ('3×3', '2')
    """
    window = node.layer.window(*shapes)
    if window is None:
        return "", ""
    stride = str(window.stride[0]) if len(set(window.stride)) == 1 else "×".join(map(str, window.stride))
    return "×".join(map(str, window.kernel)), "" if stride == "1" else stride


def total_line(words: Words, net: Net) -> str:
    """The network in one line: its input, and its totals."""
    return words.say(
        "networks.line",
        name=words[f"networks.names.{net.network}"],
        variant=words[f"networks.variants.{net.variant}"],
        shape=sized(net.input_shape),
        parameters=f"{net.parameters:,}",
        macs=f"{net.macs:,}",
        bytes=in_bytes(net.bytes),
        layers=sum(row.kind in ("Conv", "Linear") and ".downsample." not in row.name for row in net.rows),
    )


def told(words: Words, net: Net, selection: Selection) -> str:
    """What is said of what is selected."""
    if selection.layer is None:
        return block_told(words, net, selection.opened, selection.block)
    return layer_told(words, net, selection.layer)


def block_told(words: Words, net: Net, block: Block, within: Block) -> str:
    """A block in a sentence: how many layers, and its share of everything."""
    rows = net.of(block)
    learnt, macs = sum(row.parameters for row in rows), sum(row.macs for row in rows)
    numbers: dict[str, Any] = {
        "name": block.at.removeprefix("~"),
        "layers": len(rows),
        "weighted": sum(row.parameters > 0 for row in rows),
        "units": len(within.units),
        "parameters": f"{learnt:,}",
        "macs": f"{macs:,}",
        "shape": sized(rows[-1].output),
    }
    if block.kind == "head":
        return words.say("networks.told.head", **numbers)
    shares = {
        "parameter_share": percent(learnt / net.parameters),
        "mac_share": percent(macs / net.macs),
    }
    said = [words.say("networks.told.block", **numbers, **shares)]
    key = f"networks.told.{block.kind}"
    if key in words:
        said.append(words.say(key, kernels=_branches(net, block), **numbers))
    return words.together(said)


def _branches(net: Net, block: Block) -> str:
    """The kernels that the branches of a block end with, but for the one behind its pooling."""
    found = []
    for end in net.graph[block.nodes[-1]].inputs:
        chain = [end]
        while chain[-1] in block.nodes:
            chain.append(net.graph[chain[-1]].inputs[0])
        kinds = {net.by_name[name].kind: name for name in reversed(chain) if name in block.nodes}
        if "Conv" in kinds and "MaxPool" not in kinds:
            found.append(window_of(net.graph[kinds["Conv"]], net.inputs_of(kinds["Conv"]))[0])
    return ", ".join(found)


def layer_told(words: Words, net: Net, name: str) -> str:
    """A layer in a sentence, with the formulas of its numbers and the numbers in them."""
    node, row, shapes = net.graph[name], net.by_name[name], net.inputs_of(name)
    kernel, stride = window_of(node, shapes)
    numbers: dict[str, Any] = {
        "name": name,
        "kernel": kernel,
        "stride": stride or "1",
        "channels": shapes[0][1],
        "before": sized(shapes[0]),
        "outputs": row.output[1],
        "groups": getattr(node.layer, "groups", 1),
        "shape": sized(row.output),
        "inputs": " + ".join(str(shape[1]) for shape in shapes),
        "first": node.inputs[0],
        "last": node.inputs[-1],
        "p": getattr(node.layer, "p", ""),
        "size": getattr(node.layer, "size", ""),
        "target": "×".join(map(str, row.output[2:])),
    }
    if row.kind == "Conv":
        numbers["per_filter"] = shapes[0][1] // node.layer.groups  # type: ignore[attr-defined]
    said = [words.say(f"networks.is.{_what(node)}", **numbers)]
    if row.parameters:
        formula = parameter_formula(node, shapes)
        said.append(words.say("networks.is.parameters", formula=formula, number=f"{row.parameters:,}"))
    if row.macs:
        formula = mac_formula(node, shapes)
        said.append(words.say("networks.is.macs", formula=formula, number=f"{row.macs:,}"))
    product = times(row.output[1:])
    said.append(
        words.say(
            "networks.is.memory", formula=f"4·{product}", number=f"{row.bytes:,}", shape=numbers["shape"]
        )
    )
    said.append(_field(words, net, row))
    return words.together(said)


def _what(node: Node) -> str:
    if isinstance(node.layer, Conv):
        if node.layer.table is not None:
            return "Conv_table"
        return "Conv_groups" if node.layer.groups > 1 else "Conv"
    return node.layer.kind


def _field(words: Words, net: Net, row: Row) -> str:
    if row.field is None:
        key = "networks.is.field_all"
        return words.say(key)
    size = row.field.size
    key = "networks.is.field_beyond" if max(size) > net.side else "networks.is.field"
    return words.say(
        key, size="×".join(map(str, size)), stride=row.field.stride[0], cells=f"{prod(size):,}", side=net.side
    )
