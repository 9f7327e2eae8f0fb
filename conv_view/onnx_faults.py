"""What can be wrong with a network file, each with the numbers and names of its sentence."""

from __future__ import annotations

MESSAGES = {
    "network_onnx": "Opening a network file takes the package onnx, which is not installed here.",
    "network_empty": "The file is empty (0 bytes).",
    "network_bytes": "The file is {megabytes} MB; at most {limit} MB are accepted.",
    "network_format": "This file is not an ONNX network, or it is damaged or incomplete.",
    "network_pickle": "This is a {kind}, whatever its name says: such files can carry code, "
    "and nothing of it was opened. Export the network as ONNX.",
    "network_external": "The numbers of {name} are kept in another file, which is never opened. "
    "Save the network as a single file.",
    "network_tensor": "The numbers of {name} are damaged: they do not fill its shape.",
    "network_version": "The file follows version {version} of ONNX's operators; {low} to {high} can be read.",
    "network_nodes": "The network has {count} nodes; at most {limit} are accepted.",
    "network_inputs": "The network has {count} inputs ({names}); one that takes one input can be shown.",
    "network_shapes": "The file leaves sizes of the input open: {names}. Say how large they are.",
    "network_size": "The size {name} of the input is a whole number of at least 1, not {value}.",
    "network_type": "{name} is of the type {type}, which is not computed with here.",
    "network_operator": "The node {node} is of the kind {operator}, which is not among those known here.",
    "network_setting": "The node {node} ({operator}) has {setting} = {value}, which is not known here.",
    "network_training": "The node {node} ({operator}) is set to training; export the network for inference.",
    "network_known": "The node {node} ({operator}) takes {name} out of the input, "
    "but here it has to be known beforehand.",
    "network_link": "The node {node} takes {name}, which nothing before it gives.",
    "network_twice": "The node {node} gives {name}, which something before it gives already.",
    "network_node": "The node {node} ({operator}) does not fit what goes into it.",
    "network_memory": "The network would take {bytes} bytes of memory; at most {limit} are given to it.",
}


class NetworkError(ValueError):
    """A network file that cannot be used: `code` names the fault, `numbers` fill its sentence.

    Where a layer refused (`network_node`), the cause is what it said, with a code and numbers of its own.

    >>> str(NetworkError("network_operator", node="lstm_1", operator="LSTM"))
    'The node lstm_1 is of the kind LSTM, which is not among those known here.'
    """

    def __init__(self, code: str, **numbers: object) -> None:
        super().__init__(MESSAGES[code].format(**numbers))
        self.code = code
        self.numbers = numbers


class MissingOnnxError(NetworkError):
    """The package that reads the file format is not there; everything else works without it."""

    def __init__(self) -> None:
        super().__init__("network_onnx")


class OpenShapesError(NetworkError):
    """Sizes that the file leaves open; `asked` names them, as `read_network(shapes=...)` takes them."""

    def __init__(self, asked: tuple[str, ...]) -> None:
        super().__init__("network_shapes", names=", ".join(asked))
        self.asked = asked


def short(name: str) -> str:
    """A name out of the file, cut where it would no longer be one.

    >>> len(short("x" * 1000))
    80
    """
    return name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1] + "…"


MOST_LETTERS = 80
