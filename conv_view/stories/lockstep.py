"""Four engines in lockstep as a scene: one step is one output cell, in all of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conv_view.four_ways import ENGINES, Ways
from conv_view.scene import Act, Arithmetic, Layout, Panel, Reading, Relation, Scene
from conv_view.stories.lockstep_engines import OUTPUTS, gemm, sliding, spectra, tiles
from conv_view.text import Words

NO_TERM = ((), ())


def lockstep(
    ways: Ways,
    words: Words,
    *,
    headings: Mapping[str, str],
    told: Mapping[str, str],
    refused: str = "",
    paint: bool = False,
) -> Scene:
    """Return the scene of a convolution computed by four engines.

    `headings` are the engines' names and `told` what is said of each under the stage, by engine; `refused`
    is why Winograd's filtering cannot, where it cannot.
    """
    relations: list[Relation] = []
    frames: list[Relation] = []
    panels: list[Panel] = []
    for made in (
        sliding(ways, words, paint),
        gemm(ways, words),
        tiles(ways, words),
        spectra(ways, words),
    ):
        panels += made[0]
        relations += made[1]
        frames += made[2]
    act = Act(
        ways.trace.shape[2:],
        ways.trace.window.kernel,
        tuple(relations),
        Arithmetic(("input", "kernel"), "output"),
        "lockstep",
        told=words["lockstep.step" if ways.winograd else "lockstep.step_without"],
        frames=tuple(frames),
    )
    readings = tuple(
        Reading(
            headings[engine],
            told[engine],
            OUTPUTS[engine] if engine in ways.engines else "",
            against="" if engine == "direct" else "output",
            difference=words["lockstep.difference"],
        )
        for engine in ENGINES
    )
    label = words["lockstep.label"]
    layout = _layout(headings, refused)
    return Scene(
        tuple(panels),
        (act,),
        layout,
        words.language,
        label,
        {"aspect": 0.5, "share": 0.57, "tall": 2.4},
        readings=readings,
    )


def _layout(headings: Mapping[str, str], refused: str) -> Layout:
    """Four columns, two panels by two, the result of each at the same place: the last; on a phone in one.

    The upper two have the better part of the height: a matrix of nine rows stands among them.
    """
    squares: dict[str, list[Any]] = {
        "direct": ["input", "kernel", "products", "output"],
        "winograd": ["winograd_data", "winograd_kernel", "winograd_products", "winograd_output"],
        "fft": ["fft_data", "fft_kernel", "fft_products", "fft_output"],
    }
    factors: list[Any] = [{"panel": name, "weight": 1} for name in ("weights", "column")]
    product: dict[str, Any] = {"row": [*factors, {"panel": "columns", "weight": 7}], "weight": 133}
    below: dict[str, Any] = {
        "row": [{"weight": 1}, {"weight": 1}, {"panel": "row", "weight": 7}],
        "weight": 43,
    }
    upper: dict[str, Any] = {"weight": 64}
    lower: dict[str, Any] = {"weight": 36}
    columns, rows = [], []
    for engine in ENGINES:
        title: dict[str, Any] = {"title": headings[engine]}
        if engine == "winograd" and refused:
            columns.append(title | {"note": refused})
            rows.append(title | {"note": refused})
        elif engine == "im2col":
            columns.append(
                title
                | {"column": [upper | {"column": [product, below]}, lower | {"row": [{}, OUTPUTS[engine]]}]}
            )
            rows.append(title | {"column": [product, "row"]})
        else:
            names = squares[engine]
            pairs = {"column": [upper | {"row": names[:2]}, lower | {"row": names[2:]}]}
            columns.append(title | pairs)
            rows.append(title | pairs)
    return {"wide": {"row": columns}, "narrow": {"column": rows}}
