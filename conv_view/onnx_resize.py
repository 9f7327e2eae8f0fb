"""ONNX's Resize as a layer."""

from __future__ import annotations

import numpy as np

from conv_core.layers import Resize, Stretch
from conv_core.layers.resizing import RADIUS
from conv_core.layers.shaping import axis_of
from conv_view.onnx_build import Operation, Value


def resize(node: Operation) -> list[Value]:
    """Resize: by factors or to sizes; version 10 knows the factors only, and one way to read places."""
    settings, x = node.settings, node[0]
    mode = settings.get("mode", "nearest")
    if mode not in RADIUS:
        raise node.refuse("mode", mode)
    first = node.version < 11
    coordinates = settings.get("coordinate_transformation_mode", "asymmetric" if first else "half_pixel")
    cropped = coordinates == "tf_crop_and_resize"
    rank = len(x.shape)
    axes = [axis_of(axis, rank) for axis in settings.get("axes", range(rank))]
    region = node.known(1).tolist() if cropped else [0.0] * len(axes) + [1.0] * len(axes)
    stretches = [
        Stretch(axis, size, scale, region[place], region[place + len(axes)])
        for place, (axis, size, scale) in enumerate(zip(axes, *_sizes(node, axes), strict=True))
        if cropped or size != x.shape[axis] or scale != 1
    ]
    layer = Resize(
        # What shrinks goes first, so that nothing on the way is larger than input or output.
        tuple(sorted(stretches, key=lambda stretch: stretch.scale)),
        mode,
        coordinates,
        settings.get("nearest_mode", "floor" if first else "round_prefer_floor"),
        bool(settings.get("antialias", 0)),
        settings.get("cubic_coeff_a", -0.75),
        bool(settings.get("exclude_outside", 0)),
        settings.get("extrapolation_value", 0.0),
    )
    return [node.add(layer, x)]


def _sizes(node: Operation, axes: list[int]) -> tuple[list[int], list[float]]:
    """The new size and the factor of each axis."""
    given = [node[0].shape[axis] for axis in axes]
    place = 1 if node.version < 11 else 2
    if node.given(place) and node.known(place).size:
        scales = [float(scale) for scale in node.known(place).tolist()]
        # In the type of the file: 3 * 0.6 of float32 is just above what it is of float64.
        sizes = [int(np.floor(size * scale)) for size, scale in zip(given, scales, strict=True)]
        return sizes, scales
    sizes = list(node.integers(3))
    scales = [size / old for size, old in zip(sizes, given, strict=True)]
    policy = node.settings.get("keep_aspect_ratio_policy", "stretch")
    if policy != "stretch":
        scale = min(scales) if policy == "not_larger" else max(scales)
        sizes = [int(np.floor(scale * old + 0.5)) for old in given]
        scales = [scale] * len(sizes)
    return sizes, scales
