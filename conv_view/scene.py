"""The scene: the one contract between Python and the player in the browser.

A scene holds panels (named arrays with a place, a colour scale and a role), a timeline of acts, and the
relations that tie a step of the timeline to cells of the panels. A relation is an affine index map, like
the header of a NumPy view (an origin and strides), so that a scene grows with its cells and never with
cells times steps; the player evaluates it in both directions. Nothing in here knows convolution.

On the wire a scene is one ``bytes`` value: the length of the header (uint32, little endian), the header as
JSON, then the raw columns it refers to, each aligned to eight bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from math import isfinite, prod
from typing import Any, Literal, get_args

import numpy as np

VERSION = 1
ALIGNMENT = 8

Role = Literal["window", "kernel", "output", "gradient", "padding", "copy", "wrong", "plain"]
Kind = Literal["grid", "signal"]
Edit = Literal["type", "paint", "draw"]
Reduce = Literal["sum", "mean", "max", "lp", "copy"]
Then = Literal["relu", "tanh", "sigmoid", "squash"]
Layout = Mapping[str, Any]


def extremes(values: np.ndarray) -> tuple[float, float]:
    """Return the least and the greatest finite value, (0, 0) where there is none.

    >>> extremes(np.array([np.nan, -2.0, 5.0, np.inf]))
    (-2.0, 5.0)
    """
    if not values.size:
        return 0.0, 0.0
    low, high = float(values.min()), float(values.max())
    if not (isfinite(low) and isfinite(high)):
        values = values[np.isfinite(values)]
        return extremes(values) if values.size else (0.0, 0.0)
    return low, high


@dataclass(frozen=True)
class Scale:
    """How values become colours.

    `grey` and `channels` go from low to high, `diverging` is even about 0, and `counts` goes from the paper's
    colour, where there is nothing, to one strong hue. `log` is for signals of positive values: equal ratios
    are equally far apart, and what is below `low` lies at the bottom.
    """

    kind: Literal["grey", "diverging", "channels", "rgb", "counts", "log"]
    low: float
    high: float

    @classmethod
    def diverging(cls, values: np.ndarray) -> Scale:
        """Return the diverging scale that just holds `values`.

        >>> Scale.diverging(np.array([-3.0, 1.0]))
        Scale(kind='diverging', low=-3.0, high=3.0)
        """
        reach = max(map(abs, extremes(values))) or 1.0
        return cls("diverging", -reach, reach)

    @classmethod
    def log(cls, values: np.ndarray, decades: int = 9) -> Scale:
        """Return the logarithmic scale of `values`, at most so many powers of ten down from the largest.

        It reaches down to at least half of it, lest the rounding of values that hardly change looks steep.

        >>> Scale.log(np.array([100.0, 1.0])), Scale.log(np.array([1.0, 0.0]), decades=3)
        (Scale(kind='log', low=1.0, high=100.0), Scale(kind='log', low=0.001, high=1.0))
        """
        high = extremes(values)[1]
        high = high if high > 0 else 1.0
        low = max(extremes(values)[0], high * 10.0**-decades)
        return cls("log", min(low, high / 2), high)

    @classmethod
    def counts(cls, values: np.ndarray) -> Scale:
        """Return the scale from nothing to the largest of `values`, which count something.

        >>> Scale.counts(np.array([0, 4, 2])), Scale.counts(np.array([0]))
        (Scale(kind='counts', low=0.0, high=4.0), Scale(kind='counts', low=0.0, high=1.0))
        """
        return cls("counts", 0.0, max(1.0, extremes(values)[1]))


@dataclass(frozen=True)
class View:
    """Which array axes are drawn as rows, columns and stacked slices; the rest follow the current step."""

    rows: int
    cols: int
    stack: int | None = None
    arrange: Literal["stack", "strip"] = "stack"


@dataclass(frozen=True)
class Quantised:
    """Values shown as colours only: a uint8 array that stands for low + byte * (high - low) / 255.

    Where they are `cut`, the first and the last byte stand for all that lies beyond as well.
    """

    values: np.ndarray
    low: float
    high: float
    cut: bool = False

    @classmethod
    def of(cls, values: np.ndarray) -> Quantised:
        """Return finite `values` in 256 even steps between their extremes.

        >>> Quantised.of(np.array([0.0, 1.0, 2.0])).values
        array([  0, 128, 255], dtype=uint8)
        """
        low, high = float(values.min()), float(values.max())
        spread = (high - low) or 1.0
        # float32 is quicker; it has no room for the extremes of its own range.
        if values.dtype != np.float32 or not 1e-30 < spread < 1e30:
            values = values.astype(np.float64)
        scaled = values - low
        scaled *= 255 / spread
        scaled += 0.5
        return cls(scaled.astype(np.uint8), low, high)

    @classmethod
    def between(cls, values: np.ndarray, low: float, high: float) -> Quantised:
        """Return `values` from `low` to `high`, in 256 even steps; what lies beyond is cut off there.

        >>> Quantised.between(np.array([-9.0, 0.0, 2.0]), -1.0, 1.0)
        Quantised(values=array([  0, 128, 255], dtype=uint8), low=-1.0, high=1.0, cut=True)
        """
        steps = (np.clip(values, low, high) - low) * (255 / ((high - low) or 1.0)) + 0.5
        return cls(steps.astype(np.uint8), low, high, bool((values < low).any() or (values > high).any()))


@dataclass(frozen=True)
class Unseen:
    """An array of this shape that no layout shows: links lead through its cells, its values do not travel."""

    shape: tuple[int, ...]


@dataclass(frozen=True)
class Panel:
    """One array on the stage.

    `values` is the array itself; or a tuple of panel names, and then the panel is a lens: it shows, for the
    step at hand, the cells that step reads from that panel (one name) or their products (two names).
    `margin` is the padding, (before, after) for every array axis; `sources` holds, for each axis, the own
    coordinate that every padded coordinate copies (-1: it holds `fill`), or None for an axis without padding.
    With `fill` NaN the margin holds nothing: it is what a result had there before it was cut off.
    `unread` lists, for every axis, the padded coordinates that no window reads: crossed out, not hidden;
    `crossed` does so cell by cell (bool, the shape of `values`, of a panel of two axes).
    A `stretch`ed panel is a matrix: its cells take the width and the height there is, square or not, and may
    have names by row as well as by column (`labels`). A panel that is the `same` as another holds that
    one's values in another shape, and grows with it.
    `place` is how a cell is called in sentences instead of ``title[0, 1]``: {0}, {1} ... are its coordinates,
    by name along an axis that has `labels`.
    `texts` are what is written in the cells in place of decimals, cell by cell: fractions, for instance.
    Painted with a `pen`, a panel takes soft lines, sent when the pen is lifted, instead of single cells.
    """

    name: str
    title: str
    role: Role
    values: np.ndarray | Quantised | Unseen | tuple[str, ...]
    view: View
    scale: Scale | None = None
    kind: Kind = "grid"
    margin: tuple[tuple[int, int], ...] = ()
    sources: tuple[np.ndarray | None, ...] = ()
    fill: float = 0.0
    edit: Edit | None = None
    labels: Mapping[int, Sequence[str]] = field(default_factory=dict)
    mark: tuple[tuple[float, float], ...] = ()
    note: str = ""
    unread: tuple[Sequence[int], ...] = ()
    crossed: np.ndarray | None = None
    stretch: bool = False
    same: str = ""
    place: str = ""
    pen: bool = False
    texts: Sequence[str] = ()


@dataclass(frozen=True)
class Relation:
    """The affine map from a step (and a term of its arithmetic) to a cell of a panel.

    For each panel axis: coordinate = origin + step strides . step index + term strides . term index.
    `floors` (axis of the step, divisor) lengthen the step index by step[axis] // divisor, for what several
    steps share, such as a tile. With `over`, a step has cells in this shape, whatever the act's terms; over
    no cells, (0,), the panel's axes that are not drawn follow the step and nothing of it is outlined.

    >>> window = Relation("input", origin=(-1,), step=((2,),), term=((1,),))
    >>> window.cell((3,), (0,)), window.cell((3,), (2,))
    ((5,), (7,))
    >>> tile = Relation("tiles", (0, 0), ((0, 1), (1, -2)), ((), ()), floors=((0, 2),))
    >>> tile.cell((3,), ())
    (1, 1)
    """

    panel: str
    origin: tuple[int, ...]
    step: tuple[tuple[int, ...], ...]
    term: tuple[tuple[int, ...], ...]
    floors: tuple[tuple[int, int], ...] = ()
    over: tuple[int, ...] = ()

    def cell(self, step: Sequence[int], term: Sequence[int]) -> tuple[int, ...]:
        """Return the panel cell of one term of one step (outside the panel's array: its padding)."""
        step = (*step, *[step[axis] // by for axis, by in self.floors])
        return tuple(
            start
            + sum(stride * index for stride, index in zip(by_step, step, strict=True))
            + sum(stride * index for stride, index in zip(by_term, term, strict=True))
            for start, by_step, by_term in zip(self.origin, self.step, self.term, strict=True)
        )


@dataclass(frozen=True)
class Arithmetic:
    """What a step computes: the terms are products of `factors`, reduced, plus `bias`, giving `result`.

    A "mean" is divided by what stands in the panel `divisor`; "lp" is the `power`-th root of a sum of powers;
    "max" passes padding over; "copy" reduces nothing: each term is put into a cell of the result as it is.
    With `addends` the factors are terms of their own. Zeros of the factor `routes` carry nothing: what they
    lead to is not lit. `then` is the function that what was reduced goes
    through; "squash" is LeNet-5's. Raises ValueError for a `reduce` or a `then` that is not known.

    >>> Arithmetic(("x",), "y", addends=True, then="swish")
    Traceback (most recent call last):
    ...
    ValueError: then is one of relu, tanh, sigmoid, squash or None, not 'swish'
    """

    factors: tuple[str, ...]
    result: str
    bias: str | None = None
    reduce: Reduce = "sum"
    divisor: str | None = None
    power: float | None = None
    addends: bool = False
    then: Then | None = None
    routes: str | None = None

    def __post_init__(self) -> None:
        for name, known in (("reduce", get_args(Reduce)), ("then", (*get_args(Then), None))):
            value = getattr(self, name)
            if value not in known:
                raise ValueError(f"{name} is one of {_either(known)}, not {value!r}")


def _either(names: Sequence[object]) -> str:
    """Return names as they stand in a sentence.

    >>> _either(("sum", "max", None))
    'sum, max or None'
    """
    *most, last = map(str, names)
    return f"{', '.join(most)} or {last}"


@dataclass(frozen=True)
class Act:
    """A stretch of the timeline: `shape` steps (row-major), each over `terms`, and the relations in force.

    `told` is the sentence of a step, in which may stand {step} and {steps} of this act and, for every panel
    that it has a relation to, {panel} and {panel_end} (the names of the first and of the last cell) and
    {panel_0}, {panel_end_0} ... (their coordinates) and {panel_value} (what stands in the first, where it is
    one); without it the player has sentences of its own.
    `flight` names two panels: at slow speeds a step's cells are seen going from the first to the second.
    `frames` (relations `over` cells of their own) outline what is computed together with a step's cell.
    `pointed` has, by panel, the sentence of a cell that is pointed at, in which may stand {name}, {value},
    {products} and {outputs}: in how many products it stands, and in how many results; of one that stands in
    none, the panel's name ends in ``_none``.
    What goes on in the same steps (`also`) has terms and results of its own, and grows beside this one's.
    """

    shape: tuple[int, ...]
    terms: tuple[int, ...]
    relations: tuple[Relation, ...]
    arithmetic: Arithmetic
    name: str = ""
    told: str = ""
    flight: tuple[str, str] | None = None
    frames: tuple[Relation, ...] = ()
    pointed: Mapping[str, str] = field(default_factory=dict)
    also: tuple[Act, ...] = ()

    def __len__(self) -> int:
        return prod(self.shape)

    def index(self, step: int) -> tuple[int, ...]:
        """Return the index of a step in the act's shape.

        >>> Act((2, 3), (), (), Arithmetic((), "y")).index(4)
        (1, 1)
        """
        return tuple(int(i) for i in np.unravel_index(step, self.shape))

    def relation(self, panel: str) -> Relation:
        """Return the relation to `panel`; KeyError where there is none."""
        for relation in self.relations:
            if relation.panel == panel:
                return relation
        raise KeyError(panel)


@dataclass(frozen=True)
class Link:
    """From a cell of the panel `source` to the cells of another panel that it was computed from.

    The relation's step strides belong to the axes of `source`, its term strides to `terms`; every axis of the
    other panel depends on one of either at most. The player follows links from panel to panel.
    """

    source: str
    relation: Relation
    terms: tuple[int, ...]


@dataclass(frozen=True)
class Reading:
    """What is read under the stage of one way to the step's result: its cell of `panel` in all digits.

    Beside the `title`; then the difference to the panel `against` (named by `difference`), and a `text`.
    Without a panel the title and the text stand alone.
    """

    title: str
    text: str
    panel: str = ""
    against: str = ""
    difference: str = ""


@dataclass(frozen=True)
class Scene:
    """Panels, a timeline and a layout: everything the player needs, and nothing it has to know.

    `layout` nests rows and columns of panel names with weights: ``{"wide": {"row": ["input", "output"]}}``.
    On a narrow canvas a panel takes the height that it wants, or the `height` that stands beside its name.
    `options` are for the mount: where to start, the revision of the last edit, whether a cell can be picked
    (`pick`) and what that does (`hint`, told while none is pointed at), or a stage that plays reports what is
    pinned on it (`follow`); with `pending` the result of an act
    that is still to come is faint, as cells are that the running act has not reached. Of `layers` a cell is
    always read as the step that made it, and all of them are whole unless they play. `aspect` is how high a
    stage is at most for its width, `share` for its window, `tall` how many screens of a phone.
    """

    panels: tuple[Panel, ...]
    acts: tuple[Act, ...]
    layout: Layout
    language: str = "en"
    label: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    readings: tuple[Reading, ...] = ()

    def panel(self, name: str) -> Panel:
        """Return the panel called `name`; KeyError where there is none."""
        for panel in self.panels:
            if panel.name == name:
                return panel
        raise KeyError(name)

    @cached_property
    def _body(self) -> tuple[dict[str, Any], list[bytes]]:
        columns = _Columns()
        header: dict[str, Any] = {
            "version": VERSION,
            "language": self.language,
            "label": self.label,
            "panels": [_panel_header(panel, columns) for panel in self.panels],
            "acts": [_act_header(act) for act in self.acts],
            "layout": self.layout,
        }
        if self.links:
            header["links"] = [
                {"source": link.source, "terms": link.terms, **_relation_header(link.relation)}
                for link in self.links
            ]
        if self.readings:
            header["readings"] = [asdict(reading) for reading in self.readings]
        header["columns"] = columns.headers
        return header, columns.chunks

    def to_bytes(self, **options: Any) -> bytes:
        """Return the scene as it travels; `options` are added to the scene's own.

        >>> panel = Panel("y", "y", "output", np.zeros((2, 2), np.float32), View(0, 1))
        >>> act = Act((2, 2), (), (), Arithmetic((), "y"))
        >>> len(Scene((panel,), (act,), {"wide": "y"}).to_bytes()) % 8
        0
        """
        header, chunks = self._body
        text = json.dumps(
            header | {"options": {**self.options, **options}}, ensure_ascii=False, separators=(",", ":")
        ).encode()
        text += b" " * (-(len(text) + 4) % ALIGNMENT)
        return b"".join([struct.pack("<I", len(text)), text, *chunks])

    def to_html(self, **options: Any) -> str:
        """Return a page of its own that plays the scene without a server."""
        from conv_view.stage.standalone import page

        return page(self.to_bytes(**options), self.language, self.label)

    def _repr_html_(self) -> str:
        from conv_view.stage.standalone import frame

        return frame(self.to_html())


class _Columns:
    """Collects raw arrays, each once, in the smallest type that holds them exactly."""

    def __init__(self) -> None:
        self.headers: list[dict[str, Any]] = []
        self.chunks: list[bytes] = []
        self._length = 0

    def add(self, values: np.ndarray) -> int:
        packed = _exact(values)
        raw = packed.tobytes()
        self.headers.append({"type": packed.dtype.name, "at": self._length, "size": packed.size})
        self.chunks.append(raw + b"\0" * (-len(raw) % ALIGNMENT))
        self._length += len(self.chunks[-1])
        return len(self.headers) - 1


def _exact(values: np.ndarray) -> np.ndarray:
    """Return `values` as uint8, int32, float32 or float64, whichever is smallest without losing a bit.

    Only whole numbers beyond 2**53 are rounded, which a browser cannot hold.
    """
    if values.dtype == np.uint8:
        return values
    is_float = values.dtype.kind == "f"
    # A look at one value spares most float arrays the conversion.
    if not (is_float and values.size and not float(values.flat[0]).is_integer()):
        with np.errstate(invalid="ignore"):
            small = values.astype(np.uint8)
        if np.array_equal(small, values) and not (is_float and np.signbit(values).any()):
            return small
    if not is_float:
        fits = values.size == 0 or (values.min() >= -(2**31) and values.max() < 2**31)
        return values.astype(np.int32 if fits else np.float64)
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32, copy=False)
    if values.dtype.itemsize <= 4 or np.array_equal(narrow, values, equal_nan=True):
        return narrow
    return values.astype(np.float64, copy=False)


def _panel_header(panel: Panel, columns: _Columns) -> dict[str, Any]:
    header: dict[str, Any] = {
        "name": panel.name,
        "title": panel.title,
        "role": panel.role,
        "kind": panel.kind,
        "view": {"rows": panel.view.rows, "cols": panel.view.cols},
    }
    if panel.view.stack is not None:
        header["view"] |= {"stack": panel.view.stack, "arrange": panel.view.arrange}
    match panel.values:
        case Quantised(values, low, high, cut):
            header |= {"column": columns.add(values), "shape": values.shape, "quantised": [low, high]}
            header |= {"cut": True} if cut else {}
        case Unseen(shape):
            header["shape"] = shape
        case tuple() as factors:
            header["factors"] = factors
        case values:
            header |= {"column": columns.add(values), "shape": values.shape}
    if panel.scale is not None:
        header["scale"] = [panel.scale.kind, panel.scale.low, panel.scale.high]
    if any(before or after for before, after in panel.margin):
        header |= {"margin": panel.margin, "fill": _as_json(panel.fill)}
        if any(source is not None for source in panel.sources):
            header["sources"] = [
                None if source is None else columns.add(source.astype(np.int32)) for source in panel.sources
            ]
    if panel.crossed is not None and panel.crossed.any():
        header["crossed"] = columns.add(panel.crossed.astype(np.uint8))
    for name, value in (
        ("edit", panel.edit),
        ("labels", panel.labels),
        ("mark", panel.mark),
        ("note", panel.note),
        ("unread", panel.unread),
        ("stretch", panel.stretch),
        ("same", panel.same),
        ("place", panel.place),
        ("pen", panel.pen),
        ("texts", panel.texts),
    ):
        if value:
            header[name] = value
    return header


def _as_json(number: float) -> float | str:
    """Return an infinity (max pooling pads with it) as the text that JavaScript reads: JSON has none."""
    return number if isfinite(number) else {"inf": "Infinity", "-inf": "-Infinity"}.get(str(number), "NaN")


def _relation_header(relation: Relation) -> dict[str, Any]:
    return {
        "panel": relation.panel,
        "origin": relation.origin,
        "step": relation.step,
        "term": relation.term,
        **{name: value for name in ("floors", "over") if (value := getattr(relation, name))},
    }


def _act_header(act: Act) -> dict[str, Any]:
    return {
        "name": act.name,
        "shape": act.shape,
        "terms": act.terms,
        "relations": [_relation_header(relation) for relation in act.relations],
        "arithmetic": {
            "factors": act.arithmetic.factors,
            "result": act.arithmetic.result,
            "bias": act.arithmetic.bias,
            "reduce": act.arithmetic.reduce,
            **{
                name: value
                for name in ("divisor", "power", "addends", "then", "routes")
                if (value := getattr(act.arithmetic, name))
            },
        },
        **{name: value for name in ("told", "flight", "pointed") if (value := getattr(act, name))},
        **({"frames": [_relation_header(relation) for relation in act.frames]} if act.frames else {}),
        **({"also": [_act_header(other) for other in act.also]} if act.also else {}),
    }
