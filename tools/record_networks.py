"""Record what torchvision's networks are called inside and what they answer, into tests/golden/networks.json.

    python -m venv somewhere && somewhere/bin/pip install torch==2.13.0 torchvision==0.28.0 numpy
    somewhere/bin/python -m tools.record_networks

The weights are this project's own, from its seed; torchvision takes them by name. For each network the file
holds the names and shapes of its state_dict as one digest, and the first scores for an input from the seed.
"""

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from conv_core import Graph
from conv_core.nets import alexnet, googlenet, resnet, vgg

FILE = Path(__file__).resolve().parent.parent / "tests" / "golden" / "networks.json"
SEED, SCORES = 7, 16
# Which networks, and the side of the input that they answer; the deep and wide ones only tell their names.
NETWORKS: dict[str, tuple[Graph, int | None]] = {
    "alexnet": (alexnet("torchvision"), 96),
    "vgg11": (vgg(11, "torchvision"), None),
    "vgg13": (vgg(13, "torchvision"), None),
    "vgg16": (vgg(16, "torchvision"), None),
    "vgg19": (vgg(19, "torchvision"), None),
    "googlenet": (googlenet("torchvision", auxiliary=True), 96),
    "resnet18": (resnet(18, "torchvision"), 64),
    "resnet34": (resnet(34, "torchvision"), 64),
    "resnet50": (resnet(50, "torchvision"), 64),
    "resnet101": (resnet(101, "torchvision"), None),
    "resnet152": (resnet(152, "torchvision"), None),
}


def parameters(graph: Graph, side: int) -> dict[str, Any]:
    """Numbers for every parameter and every statistic, none of them the usual 0 or 1, from the seed."""
    made = graph.initial((1, 3, side, side), seed=SEED)
    rng = np.random.default_rng(SEED)
    for values in made.values():
        if values.ndim == 1:
            values += rng.uniform(0.0, 0.2, values.shape).astype(np.float32)
    return made


def picture(side: int) -> Any:
    """An input (1, 3, side, side) from the seed."""
    return np.random.default_rng(SEED).uniform(-1, 1, (1, 3, side, side)).astype(np.float32)


def digest(shapes: dict[str, tuple[int, ...]]) -> str:
    """All names with their shapes, in the order of the names, as one short text."""
    lines = "\n".join(f"{name} {tuple(shape)}" for name, shape in sorted(shapes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def main() -> None:
    """Ask torchvision."""
    # By name, for neither is a requirement of the project or has business in its type check.
    torch = importlib.import_module("torch")
    models = importlib.import_module("torchvision").models
    told: dict[str, Any] = {}
    for name, (graph, side) in NETWORKS.items():
        extra = {"init_weights": False} if name == "googlenet" else {}
        model = getattr(models, name)(weights=None, **extra).eval()
        state = {key: values for key, values in model.state_dict().items() if "num_batches" not in key}
        told[name] = {"digest": digest({key: tuple(values.shape) for key, values in state.items()})}
        if side is not None:
            mine = parameters(graph, 224)
            given = {key: torch.from_numpy(mine[key]) for key in state}
            model.load_state_dict(given, strict=False)
            with torch.no_grad():
                scores = model(torch.from_numpy(picture(side)))
            told[name]["scores"] = [float(score) for score in scores[0, :SCORES]]
            told[name]["largest"] = float(scores.abs().max())
    FILE.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(f"{len(told)} networks in {FILE.name}")


if __name__ == "__main__":
    main()
