"""One weight's step with its numbers in place, as LaTeX."""

from __future__ import annotations

import numpy as np

from conv_core import Trail, Window
from conv_view.digits import bracketed, written

MOST_TERMS = 2  # more are wider than a phone


def update(trail: Trail, step: int, at: tuple[int, int]) -> str:
    """Return how a step changes the weight `at`: its velocity, and what it is then."""
    now, gradient = float(trail.kernels[step][at]), float(trail.gradients[step][at])
    velocity = float(trail.velocities[step][at])
    name = rf"{{{at[0]},{at[1]}}}"
    lines = []
    if trail.momentum:
        before = float(trail.velocities[step - 1][at]) if step else 0.0
        lines.append(
            rf"v_{name}&={written(trail.momentum)}\cdot{bracketed(before)}+{bracketed(gradient)}"
            rf"={written(velocity)}"
        )
    after = now - trail.lr * velocity
    lines.append(
        rf"w_{name}&={written(now)}-{written(trail.lr)}\cdot{bracketed(velocity)}\\&=\mathbf{{{written(after)}}}"
    )
    inner = r"\\".join(lines)
    return rf"\begin{{aligned}}{inner}\end{{aligned}}"


def slope(trail: Trail, step: int, at: tuple[int, int]) -> str:
    """Return the gradient of the weight `at`: each output's error, times the cell it was laid on."""
    patches = Window(trail.target.shape).read(trail.x)[(..., *at)].ravel()
    wrong = (trail.outputs[step] - trail.wanted).ravel()
    seen = np.arange(wrong.size) if trail.drawn is None else trail.drawn[step]
    wrong, patches = wrong[seen], patches[seen]
    terms = [
        rf"{bracketed(one) if number else written(one)}\cdot{bracketed(cell)}"
        for number, (one, cell) in enumerate(zip(wrong[:MOST_TERMS], patches, strict=False))
    ]
    if len(seen) > MOST_TERMS:
        terms.append(r"\cdots")
    return (
        rf"\begin{{aligned}}\frac{{\partial L}}{{\partial w_{{{at[0]},{at[1]}}}}}&=\frac{{2}}{{{len(seen)}}}"
        rf"\big({'+'.join(terms)}\big)\\&=\mathbf{{{written(float(trail.gradients[step][at]))}}}\end{{aligned}}"
    )
