"""Below the stage of the network that reads digits: C3's table, the layers, wrong answers, the training."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from conv_core.nets.lenet import C3_TABLE
from conv_view import figures, lenet_code, lenet_figures, lenet_html
from conv_view.address import State
from conv_view.controls.chapters import opened
from conv_view.controls.lenet import ON_A_PAGE, Shown, cell, pick, start
from conv_view.controls.listings import listings
from conv_view.digits import fixed, percent
from conv_view.lenet import LAYERS, NAME, OUTPUT, connections, missed, rows
from conv_view.lenet_cell import take_apart
from conv_view.mnist import digits
from conv_view.stories.lenet_acts import ACTS, SHAPES
from conv_view.text import Words
from conv_view.weights import report

READ_BY_C3 = 6  # maps of S2


def tabs(words: Words, state: State, shown: Shown) -> None:
    """Show the chapters; only the open one is computed."""
    opened(words, state, "lenet.{}.tab", CHAPTERS)(words, state, shown)


def _table(words: Words, state: State, shown: Shown) -> None:
    """Show which maps of S2 each map of C3 reads, and let one be chosen."""
    st.markdown(words["lenet.table.text"])
    with st.container(key="band_lenet_map", width="content"):
        st.segmented_control(
            words["lenet.table.map"],
            range(len(C3_TABLE)),
            key=state.key("map"),
            required=True,
            on_change=lambda: state.put("cell", start("C3", state["map"])),
        )
    chosen = state["map"]
    reads = C3_TABLE[chosen]
    st.html(
        lenet_html.table(C3_TABLE, READ_BY_C3, chosen, ("S2", "C3"), words["lenet.table.tab"]),
    )
    weighed = 25 * len(reads)
    st.markdown(
        words.say(
            "lenet.table.chosen",
            map=chosen,
            maps=", ".join(map(str, reads)),
            count=len(reads),
            weights=weighed,
            parameters=weighed + 1,
        )
    )
    every = sum(map(len, C3_TABLE))
    st.markdown(
        words.say(
            "lenet.table.sum",
            pairs=every,
            all=READ_BY_C3 * len(C3_TABLE),
            parameters=f"{rows()['C3'].parameters:,}",
            full=f"{25 * READ_BY_C3 * len(C3_TABLE) + len(C3_TABLE):,}",
        )
    )


def _layers(words: Words, state: State, shown: Shown) -> None:
    """Show the network's table: shapes, parameters and connections, computed from its graph."""
    head = words["lenet.layers.head"]
    lines = [f"| {head} |", "|---|---|---|" + "---:|" * (head.count("|") - 2)]
    total_parameters = total_connections = 0
    for name in (*LAYERS, OUTPUT):
        row, joined = rows()[name], connections(name)
        field = "32×32" if row.field is None else "×".join(map(str, row.field.size))
        shape = "×".join(map(str, row.output[1:])).removesuffix("×1×1")
        title = words.get(f"lenet.acts.{name}", name)
        lines.append(
            f"| **{title}** | {words[f'lenet.layers.{name}']} | {shape} "
            f"| {field} | {row.parameters:,} | {joined:,} |"
        )
        if name in LAYERS:
            total_parameters += row.parameters
            total_connections += joined
        if name == LAYERS[-1]:
            lines.append(
                f"| **C1–F6** | {words['lenet.layers.total']} | | "
                f"| **{total_parameters:,}** | **{total_connections:,}** |"
            )
    st.markdown("\n".join(lines))
    st.markdown(words["lenet.layers.text"])


def _wrong(words: Words, state: State, shown: Shown) -> None:
    """Show the held-out digits that are misread, and let one be chosen."""
    held_out, found = digits()[1], missed()
    st.markdown(words.say("lenet.wrong_ones.text", count=len(found), all=f"{len(held_out):,}"))
    known = {one.index: one for one in found}
    key = f"{state.page}_missed"
    st.session_state[key] = shown.index if shown.index in known else None

    def take() -> None:
        if (chosen := st.session_state[key]) is not None:
            pick(state, chosen)

    st.pills(
        words["lenet.wrong_ones.choose"],
        list(known),
        key=key,
        format_func=lambda index: f"{index}: {known[index].label} → {known[index].read}",
        on_change=take,
    )
    st.html(
        lenet_html.wall(
            [
                (
                    held_out.images[one.index],
                    words.say(
                        "lenet.wrong_ones.line",
                        index=one.index,
                        label=one.label,
                        read=one.read,
                        sure=percent(one.sure),
                        of_label=percent(one.of_label),
                    ),
                )
                for one in found
            ]
        )
    )


def _training(words: Words, state: State, shown: Shown) -> None:
    """Show how the weights were made, as their training wrote it down."""
    told = report(NAME)
    st.markdown(
        words.say(
            "lenet.training.text",
            parameters=f"{told['parameters']:,}",
            training=f"{told['training digits']:,}",
            held_out=f"{told['held-out digits']:,}",
            epochs=told["epochs"],
            batch=told["batch"],
            optimiser=told["optimiser"],
            minutes=f"{told['seconds'] / 60:.0f}",
            right=f"{told['held-out right']:,}",
            accuracy=percent(told["held-out accuracy"]),
            training_accuracy=percent(told["training accuracy"]),
            seed=told["seed"],
        )
    )
    figure = lenet_figures.losses(
        told["loss by epoch"],
        across=words["lenet.training.epoch"],
        up=words["lenet.training.loss"],
        dark=st.context.theme.type == "dark",
    )
    st.plotly_chart(figure, theme=None, config=figures.CONFIG, key="lenet_losses")
    st.markdown(words["lenet.training.differs"])


def _code(words: Words, state: State, shown: Shown) -> None:
    st.markdown(words["lenet.code.text"])
    listings({"**ConvScope**": lenet_code.CORE, "**PyTorch**": lenet_code.pytorch()})


def _cell(words: Words, state: State, shown: Shown) -> None:
    """Show the sum of the cell at which the stage stands, the largest of its products first."""
    number, *index = cell(state, shown)
    layer = ACTS[min(number, len(ACTS) - 1)]
    room = SHAPES[ACTS.index(layer)]
    at = tuple(min(place, size - 1) for place, size in zip((*index, 0, 0, 0), room, strict=False))
    found = take_apart(shown.reading, OUTPUT if layer == "softmax" else layer, at)
    named = found.place if found.squashed else words["lenet.place.scores"].format(0, *at)
    st.markdown(words.say("lenet.cell.text", place=named, count=len(found.products)))
    left, right = st.columns([3, 2], gap="large")
    head = words["lenet.cell.head"]
    lines = [f"| | {head} |", "|---:|---|" + "---:|" * head.count("|")]
    pages = -(-len(found.products) // ON_A_PAGE)
    if pages > 1:
        state.within("page", 1, pages)
        right.number_input(
            words.say("lenet.cell.page", last=pages), 1, pages, step=1, key=state.key("page"), width=220
        )
    first = (state["page"] - 1) * ON_A_PAGE if pages > 1 else 0
    seen = found.products[first : first + ON_A_PAGE]
    for rank, one in enumerate(seen, start=first + 1):
        numbers = " | ".join(fixed(number, 4) for number in (one.value, one.weight, one.product))
        lines.append(f"| {rank} | {one.place} | {numbers} |")
    others = found.products[:first] + found.products[first + ON_A_PAGE :]
    if others:
        together = fixed(sum(one.product for one in others), 4)
        lines.append(f"| | {words.say('lenet.cell.rest', count=len(others))} | | | {together} |")
    lines.append(f"| | {words['lenet.cell.bias']} | | | {fixed(found.bias, 4)} |")
    lines.append(f"| | **{words['lenet.cell.sum']}** | | | **{fixed(found.total, 4)}** |")
    left.markdown("\n".join(lines))
    key = "lenet.cell.squashed" if found.squashed else "lenet.cell.plain"
    right.markdown(
        words.say(
            key,
            place=named,
            total=f"({fixed(found.total, 4)})" if found.total < 0 else fixed(found.total, 4),
            value=fixed(found.value, 4),
        )
    )
    right.markdown(words["lenet.cell.hint"])


CHAPTERS: dict[str, Callable[[Words, State, Shown], None]] = {
    "table": _table,
    "cell": _cell,
    "layers": _layers,
    "wrong_ones": _wrong,
    "training": _training,
    "code": _code,
}
