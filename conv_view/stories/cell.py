"""One cell of one map as a scene: what it read, the products by channel, their sum, and what comes behind it.

The scene holds that cell's window in the strongest channels of one page, and nothing else of the network.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conv_view.cell_parts import After, Norm, Parts
from conv_view.digits import signs, told
from conv_view.scene import Act, Arithmetic, Layout, Panel, Relation, Role, Scale, Scene, View
from conv_view.text import Words

_ONE = View(0, 1)
_STRIP = View(1, 2, 0, "strip")
_STILL: tuple[tuple[int, ...], ...] = ((0,), (0,))


def cell(parts: Parts, words: Words) -> Scene:
    """Return the scene of a cell: an act for the channels, one for their sum, then what is done to it."""
    make = _Making(words)
    if parts.is_window:
        _window(make, parts)
    else:
        _singles(make, parts)
    given = _total(make, parts)
    for at, after in enumerate(parts.after):
        given = _behind(make, given, at, after, last=at == len(parts.after) - 1)
    return Scene(
        tuple(make.panels), tuple(make.acts), make.layout(), words.language, words["maps.stage.label"],
        {"layers": True, "share": 0.5, "tall": 1.6},
    )  # fmt: skip


class _Making:
    """What a scene is made of, as it is being put together."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.panels: list[Panel] = []
        self.acts: list[Act] = []
        self.upper: list[str] = []
        self.rows: list[str] = []
        self.chain: list[str] = []

    def one(self, name: str, title: str, role: Role, value: float, *, shown: bool = True) -> str:
        """Add a panel of a single number to the chain."""
        values = np.array([[value]], np.float32)
        self.panels.append(Panel(name, title, role, values, _ONE, Scale.diverging(values), place=title))
        if shown:
            self.chain.append(name)
        return name

    def row(
        self, name: str, title: str, role: Role, values: np.ndarray, labels: Sequence[str], place: str
    ) -> None:
        """Add a panel of numbers side by side under their names."""
        flat = np.asarray(values, np.float32)[None]
        scale = Scale.diverging(flat)
        self.panels.append(Panel(name, title, role, flat, _ONE, scale, labels={1: labels}, place=place))
        self.rows.append(name)

    def title(self, name: str, **numbers: object) -> str:
        """A panel's title."""
        return self.words.say(f"maps.stage.{name}", **numbers)

    def layout(self) -> Layout:
        """The windows above, the rows of numbers below them, and the chain at the bottom."""
        wide: list[Layout] = []
        if self.upper:
            wide.append({"row": self.upper, "weight": 6})
        wide += [{"panel": name, "weight": 2.2} for name in self.rows]
        wide.append({"row": self.chain, "weight": 3})
        narrow: list[Layout | str] = [*self.upper, *[{"panel": name, "height": 78} for name in self.rows]]
        for at in range(0, len(self.chain), 3):
            three = self.chain[at : at + 3]
            narrow.append({"row": [{"panel": name, "height": 104} for name in three]})
        return {"wide": {"column": wide}, "narrow": {"column": narrow}}


def _named(parts: Parts) -> tuple[str, ...]:
    return parts.names or tuple([str(channel) for channel in parts.channels])


def _window(make: _Making, parts: Parts) -> None:
    """A step for every channel of the page: its window times its weights."""
    names, count = _named(parts), len(parts.channels)
    strip = _STRIP if count > 1 else View(1, 2)
    across = parts.products.shape[1:]
    place = make.words["maps.place.window"]
    label = {0: names}
    make.panels.append(
        Panel(
            "x",
            make.title("read", source=parts.story.source[0]),
            "window",
            parts.read,
            strip,
            Scale.diverging(parts.read),
            margin=parts.margin,
            labels=label,
            place="x" + place,
        )
    )
    make.upper.append("x")
    factors: tuple[str, ...] = ("x",)
    straight = ((0, 0), (1, 0), (0, 1))
    shift = tuple([-before for before, _ in parts.margin])
    first: tuple[tuple[int, ...], ...] = ((1,), (0,), (0,))
    relations = [Relation("x", shift, first, straight)]
    if parts.weights is not None:
        factors = ("x", "w")
        scale = Scale.diverging(parts.weights)
        make.panels.append(
            Panel("w", make.title("weights"), "kernel", parts.weights, strip, scale, labels=label,
                  place="w" + place)
        )  # fmt: skip
        make.panels.append(
            Panel("products", make.title("products"), "plain", parts.products, strip,
                  Scale.diverging(parts.products), labels=label, place="x·w" + place)
        )  # fmt: skip
        make.upper += ["w", "products"]
        relations += [Relation(name, (0, 0, 0), first, straight) for name in ("w", "products")]
    only = count == parts.count == 1
    total = _sums(make, parts, names, last=only)
    relations.append(Relation(total, (0, 0), ((0,), (1,)), ((0, 0), (0, 0))))
    reduce, key = ("max", "maximum") if parts.is_maximum else ("sum", "channel")
    arithmetic = Arithmetic(factors, total, reduce=reduce)  # type: ignore[arg-type]
    said = make.words[f"maps.told.{key}"]
    make.acts.append(Act((count,), across, tuple(relations), arithmetic, "channels", told=said))


def _singles(make: _Making, parts: Parts) -> None:
    """A step for every cell of the page: it times its weight."""
    names, count = _named(parts), len(parts.products)
    words = make.words
    if parts.weights is None:
        return
    make.row("x", make.title("read", source=parts.story.source[0]), "window", parts.read, names,
             words["maps.place.read"])  # fmt: skip
    make.row("w", make.title("weights"), "kernel", parts.weights, names, words["maps.place.weight"])
    total = _sums(make, parts, names, last=False)
    step = ((0,), (1,))
    relations = tuple([Relation(name, (0, 0), step, ((), ())) for name in ("x", "w", total)])
    make.acts.append(
        Act((count,), (), relations, Arithmetic(("x", "w"), total), "channels", told=words["maps.told.term"])
    )


def _sums(make: _Making, parts: Parts, names: tuple[str, ...], *, last: bool) -> str:
    """Add what the products of each channel make, and the rest; of a single channel that is all."""
    if last:
        return make.one("sums", make.title("maximum" if parts.is_maximum else "sum"), "output", parts.sums[0])
    values, shown = parts.sums, names
    others = parts.count - len(parts.channels)
    if others:
        values = np.append(values, np.float32(parts.rest))
        shown = (*names, make.words.say("maps.rest", count=others))
    key = "channel_sums" if parts.is_window else "addends" if parts.weights is None else "products"
    make.row("sums", make.title(key), "plain", values, shown, make.words["maps.place.sum"])
    return "sums"


def _total(make: _Making, parts: Parts) -> str:
    """Add up the channels and the bias, if that is not done yet; return the panel of the sum."""
    bias = parts.story.bias
    single = parts.is_window and parts.count == 1
    if single and not bias:
        return "sums"
    if not single and "sums" not in make.rows:
        _sums(make, parts, _named(parts), last=False)
    result = make.one("value", make.title("sum"), "output", parts.story.value)
    count = 1 if single else len(parts.sums) + (parts.count > len(parts.channels))
    relations = [Relation("sums", (0, 0), _STILL, ((0,), (1,))), Relation("value", (0, 0), _STILL, _STILL)]
    if bias:
        make.one("bias", make.title("bias"), "kernel", bias)
        relations.append(Relation("bias", (0, 0), _STILL, _STILL))
    arithmetic = Arithmetic(("sums",), result, bias="bias" if bias else None)
    told_as = make.words["maps.told.sum"]
    make.acts.append(Act((1,), (count,), tuple(relations), arithmetic, "sum", told=told_as))
    return result


def _behind(make: _Making, given: str, at: int, after: After, *, last: bool) -> str:
    """Add an act for a layer behind the sum, and for batch norm two; return the panel of what it gives."""
    if after.norm is not None:
        return _normed(make, given, at, after.norm, after.value)
    name = f"after{at}"
    make.one(name, make.words.get(f"maps.kinds.{after.kind}", after.kind), "output", after.value)
    relations = _all(given, name)
    said = make.words.say(f"maps.told.{_how(after)}", kind=after.kind, result="{" + name + "_value}",
                          given="{" + given + "_value}", high=told(after.high or 0.0))  # fmt: skip
    relu = after.low == 0.0 and after.high is None
    arithmetic = Arithmetic((given,), name, then="relu") if relu else Arithmetic((), name)
    make.acts.append(Act((1,), (), relations, arithmetic, name, told=said))
    return name


def _how(after: After) -> str:
    if after.low == 0.0:
        return "relu" if after.high is None else "clip"
    return "other"


def _normed(make: _Making, given: str, at: int, norm: Norm, value: float) -> str:
    less, root, normal = f"less{at}", f"root{at}", f"normal{at}"
    gain, shift, made = f"gain{at}", f"shift{at}", f"batch{at}"
    make.one(less, make.title("less"), "plain", -norm.mean)
    make.one(root, make.title("root"), "plain", norm.root)
    make.one(normal, make.title("normal"), "plain", norm.normal)
    make.one(gain, make.title("gain"), "kernel", norm.weight)
    make.one(shift, make.title("shift"), "kernel", norm.bias)
    make.one(made, make.title("batch"), "output", value)
    say = make.words
    less_mean = Arithmetic((given, less), normal, addends=True, reduce="mean", divisor=root)
    said = say.say(
        "maps.told.normal",
        variance=signs(told(norm.variance, 6)),
        epsilon=told(norm.epsilon),
        root="{" + root + "_value}",
    )
    make.acts.append(Act((1,), (), _all(given, less, root, normal), less_mean, normal, told=said))
    scaled = Arithmetic((normal, gain), made, bias=shift)
    make.acts.append(
        Act((1,), (), _all(normal, gain, shift, made), scaled, made, told=say["maps.told.scaled"])
    )
    return made


def _all(*names: str) -> tuple[Relation, ...]:
    return tuple([Relation(name, (0, 0), _STILL, ((), ())) for name in names])
