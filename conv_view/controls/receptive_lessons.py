"""What the receptive field page tells below its stage: the table of all layers, and depth in tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import streamlit as st

from conv_core import Field, path_levels, receptive_field, unread
from conv_core.stacks import STACKS
from conv_view.address import State
from conv_view.controls.chapters import opened
from conv_view.controls.listings import listings
from conv_view.controls.receptive import titles as titles_of
from conv_view.controls.receptive import window_of
from conv_view.digits import signs, told
from conv_view.field_shape import heat, middle_half, profile
from conv_view.stories.receptive import EXACT, MOST_SHOWN, Grown
from conv_view.text import Words

Levels = tuple[tuple[list[int], ...], ...]


def formula(words: Words, grown: Grown, layer: int) -> str:
    """Return size, effective stride and effective padding of a layer's field as LaTeX, the numbers put in."""
    fields = receptive_field([each.window for each in grown.layers])
    jumps = [1, *(field.stride[0] for field in fields)]
    here, field = grown.layers[layer], fields[layer]
    at = layer + 1
    if layer < MOST_SHOWN:
        used = grown.layers[:at]
        size = "1" + "".join(
            rf"+{each.dilation}\cdot{each.kernel - 1}\cdot{jump}"
            for each, jump in zip(used, jumps, strict=False)
        )
        stride = r"\cdot".join(str(each.stride) for each in used)
        padding = "+".join(rf"{each.padding}\cdot{jump}" for each, jump in zip(used, jumps, strict=False))
    else:
        before, jump = fields[layer - 1], jumps[layer]
        size = rf"{before.size[0]}+{here.dilation}\cdot{here.kernel - 1}\cdot{jump}"
        stride = rf"{jump}\cdot{here.stride}"
        padding = rf"{before.padding[0]}+{here.padding}\cdot{jump}"
    return (
        rf"$r_{{{at}}}={size}=\mathbf{{{field.size[0]}}}$ $\quad$ "
        rf"$j_{{{at}}}={stride}=\mathbf{{{field.stride[0]}}}$ $\quad$ "
        rf"$P_{{{at}}}={padding}=\mathbf{{{field.padding[0]}}}$"
    )


def levels_of(grown: Grown, layer: int, position: Sequence[int]) -> Levels:
    """Return the path counts of a cell at every level on the way, as Python's integers: they grow large."""
    windows = [each.window for each in grown.layers]
    levels = path_levels(windows, layer, position, grown.sizes[0])
    return tuple(tuple([int(count) for count in counts] for counts in level) for level in levels)


def table(words: Words, grown: Grown, layer: int, position: Sequence[int]) -> None:
    """Show the chosen cell's field, and every layer's, with what the cell reads on the way."""
    fields = receptive_field([each.window for each in grown.layers])
    levels = levels_of(grown, layer, position)
    names = titles_of(grown.layers, words)
    st.markdown(_told(words, names[layer], fields[layer], levels[0], position))
    heads = [words[f"receptive.columns.{name}"] for name in _COLUMNS]
    rows = [[words["receptive.picture"], "", _size(grown.sizes[0]), "1", "1", "0", *_way(levels[0])]]
    for number, (each, field) in enumerate(zip(grown.layers, fields, strict=True)):
        way = _way(levels[number + 1]) if number < layer else ["", ""]
        if number == layer:
            way = [", ".join(str(at) for at in position), "1"]
        numbers = (str(field.size[0]), str(field.stride[0]), str(field.padding[0]))
        row = [names[number], window_of(each, words), _size(grown.sizes[number + 1]), *numbers, *way]
        rows.append([f"**{cell}**" if cell else "" for cell in row] if number == layer else row)
    marks = "|---|---|---:|---:|---:|---:|---:|---:|"
    st.markdown("\n".join([_row(heads), marks, *map(_row, rows)]))
    if any(one.shortcuts and one.layers == grown.layers for one in STACKS):
        st.markdown(words["receptive.shortcuts"])
    if len(grown.layers) > MOST_SHOWN:
        st.caption(words.say("receptive.network", count=len(grown.layers), exact=EXACT))
    else:
        st.caption(words["receptive.about"])


def lessons(words: Words, state: State, grown: Grown, layer: int, position: Sequence[int]) -> None:
    """Show the chapters below the table; only the open one is computed."""
    opened(words, state, "receptive.tabs.{}", CHAPTERS)(words, state, grown, layer, position)


_COLUMNS = ("layer", "what", "map", "field", "stride", "padding", "read", "paths")


def _told(
    words: Words, name: str, field: Field, counts: tuple[list[int], ...], position: Sequence[int]
) -> str:
    start = signs(", ".join(str(at) for at in field.start(position)))
    numbers = {
        "name": name,
        "row": position[0],
        "col": position[1],
        "size": _size(field.size),
        "start": start,
    }
    reached = [[at for at, count in enumerate(axis) if count] for axis in counts]
    if not all(reached):
        return words.say("receptive.nothing", **numbers)
    covered = [axis[-1] - axis[0] + 1 for axis in reached]
    paths = _count(counts)
    return words.say(
        "receptive.cell_one" if paths == "1" else "receptive.cell",
        **numbers,
        covered=_size(covered),
        read=f"{prod(len(axis) for axis in reached):,}",
        paths=paths,
    )


def _way(counts: tuple[list[int], ...]) -> list[str]:
    """Return which rows and columns are reached, and by how many paths."""
    ranges = []
    for axis in counts:
        reached = [at for at, count in enumerate(axis) if count]
        ranges.append(f"{reached[0]}–{reached[-1]}" if reached else "–")
    return [", ".join(ranges), _count(counts)]


def _count(counts: tuple[list[int], ...]) -> str:
    return f"{prod(sum(axis) for axis in counts):,}"


def _size(sizes: Sequence[int]) -> str:
    return " × ".join(str(size) for size in sizes)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shape(words: Words, state: State, grown: Grown, layer: int, position: Sequence[int]) -> None:
    windows = [each.window for each in grown.layers]
    field, counts = receptive_field(windows)[layer], levels_of(grown, layer, position)[0]
    start = field.start(position)
    st.markdown(words["receptive.shape.text"])
    if not all(map(any, counts)):
        return
    columns = st.columns([1.3, 1.3, 1], gap="large")
    for axis, name in enumerate(("rows", "columns")):
        label = words[f"receptive.shape.{name}"]
        first, last = middle_half(counts[axis])
        with columns[axis]:
            st.markdown(f"**{label}**")
            st.html(profile(counts[axis], start[axis], field.size[axis], label))
            half, count = ("half", "half_columns")[axis], last - first + 1
            half = half if count > 1 else f"{half}_one"
            st.markdown(words.say(f"receptive.shape.{half}", count=count, size=field.size[axis]))
    with columns[2]:
        st.markdown(f"**{words['receptive.shape.heat']}**")
        st.html(heat(counts[0], counts[1], words["receptive.shape.heat"]))
        most = f"{max(counts[0]) * max(counts[1]):,}"
        st.caption(words.say("receptive.shape.heat_note", most=most, all=_count(counts)))
    missed = int(unread(windows, layer, position, grown.sizes[0]).sum())
    if missed:
        st.markdown(words.say("receptive.shape.gaps", count=f"{missed:,}"))


def _formula(words: Words, state: State, grown: Grown, layer: int, position: Sequence[int]) -> None:
    st.markdown(words["receptive.formula.text"])
    if state["style"] == "mean":
        value = float(grown.maps[layer + 1][tuple(position)])
        weights = prod(each.kernel**2 for each in grown.layers[: layer + 1])
        st.markdown(words.say("receptive.formula.mean", value=told(value), all=f"{weights:,}"))


def _code(words: Words, state: State, grown: Grown, layer: int, position: Sequence[int]) -> None:
    snippets = {"**PyTorch**": _pytorch, "**conv_core**": _core}
    listings({title: write(grown, layer, position) for title, write in snippets.items()})


def _core(grown: Grown, layer: int, position: Sequence[int]) -> str:
    layers = "".join(
        f"    Window({one.kernel}, stride={one.stride}, padding={one.padding}, dilation={one.dilation}),\n"
        for one in grown.layers[: layer + 1]
    )
    return (
        "from conv_core import Window, path_counts, receptive_field\n\n"
        f"layers = [\n{layers}]\n"
        "field = receptive_field(layers)[-1]  # size, stride and padding per axis\n"
        f"rows, columns = path_counts(layers, -1, {tuple(position)}, {grown.sizes[0]})"
    )


def _pytorch(grown: Grown, layer: int, position: Sequence[int]) -> str:
    layers = "".join(
        f"    nn.Conv2d(1, 1, {each.kernel}, {each.stride}, {each.padding}, {each.dilation}, bias=False),\n"
        for each in grown.layers[: layer + 1]
    )
    size = ", ".join(str(side) for side in grown.sizes[0])
    at = ", ".join(str(place) for place in position)
    return (
        "import torch\nfrom torch import nn\n\n"
        "# With weights of 1, also in what stands for a pool, the gradient counts the paths.\n"
        f"layers = nn.Sequential(\n{layers}).double()\n"
        "for parameter in layers.parameters():\n    nn.init.ones_(parameter)\n"
        f"x = torch.zeros(1, 1, {size}, dtype=torch.float64, requires_grad=True)\n"
        f"layers(x)[0, 0, {at}].backward()\n"
        "paths = x.grad[0, 0]"
    )


CHAPTERS: dict[str, Callable[[Words, State, Grown, int, Sequence[int]], None]] = {
    "shape": _shape,
    "formula": _formula,
    "code": _code,
}
