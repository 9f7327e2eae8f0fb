"""Whose network it is: the paper's own, or torchvision's where that differs."""

from conv_core.errors import WindowError

VARIANTS = ("paper", "torchvision")


def check_variant(variant: str) -> str:
    """The variant; `WindowError` if there is none of that name."""
    if variant not in VARIANTS:
        raise WindowError("net_variant", value=repr(variant), known=", ".join(VARIANTS))
    return variant


def check_depth(name: str, depth: int, known: tuple[int, ...]) -> int:
    """The depth; `WindowError` if the network does not come in it."""
    if depth not in known:
        raise WindowError("net_depth", name=name, depth=depth, known=", ".join(map(str, known)))
    return depth
