"""What stands below a network's picture: its table, bars, where the sources differ, and code."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import streamlit as st

from conv_view import figures, network_code, network_facts
from conv_view.address import State
from conv_view.controls.chapters import opened
from conv_view.controls.listings import listings
from conv_view.controls.networks import ROWS, Shown, table_key
from conv_view.digits import percent
from conv_view.network_figures import bar_height, bars, parts
from conv_view.network_table import COLUMNS, NUMBERS, as_csv, columns
from conv_view.networks import HEADS, Net, Selection, load, usual_side
from conv_view.text import Words
from conv_view.text import words as words_of

CHAPTERS = ("table", "bars", "differ", "code")
TABLE_HEIGHT, LINE = 420, 35
WIDTHS = {"number": 56, "name": 170, "kind": 130, "output": 120, "field": 80, "stride": 70}
MOST_NAMED = 4
BARS = {"parameters": "kernel", "macs": "window"}
HELPED = ("bytes", "field", "stride", "macs")


def chapters(state: State, words: Words, net: Net, selection: Selection, rows: Shown) -> None:
    """Show the chapters; only the open one is computed. `rows` are those of the table."""
    shows = (
        partial(_table, state, words, net, rows),
        partial(_bars, words, net, selection),
        partial(_differ, words, net),
        partial(_code, words, net),
    )
    opened(words, state, "networks.chapters.{}", dict(zip(CHAPTERS, shows, strict=True)))()


def _table(state: State, words: Words, net: Net, rows: Shown) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            words["networks.table.rows"],
            ROWS,
            key=state.key("rows"),
            required=True,
            format_func=lambda name: words[f"networks.table.{name}"],
            label_visibility="collapsed",
        )
        st.download_button(
            words["networks.table.csv"],
            partial(as_csv, net),
            f"{net.network}-{net.variant}-{net.side}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="networks_csv",
        )
    with st.container(key="networks_rows"):
        st.dataframe(
            _frame(net, words.language, rows.only),
            key=table_key(),
            on_select="rerun",
            selection_mode="single-row",
            selection_default=rows.marked,
            hide_index=True,
            height=min(TABLE_HEIGHT, LINE * (len(rows.names) + 1) + 3),
            column_config=_config(words.language),
            alt=words["networks.table.label"],
        )
    if net.training:
        learnt = sum(row.parameters for row in net.training)
        told = words.say("networks.table.training", names=", ".join(HEADS), parameters=f"{learnt:,}")
        st.markdown(told)


@lru_cache(maxsize=16)
def _frame(net: Net, language: str, only: tuple[str, ...] | None) -> Any:
    import pandas  # type: ignore[import-untyped]  # comes with Streamlit, without types of its own

    table = columns(net, language, only)
    # Whole numbers also where some are missing, which pandas would make fractions of.
    gaps = {name: pandas.array(table[name], dtype="Int64") for name in ("field", "stride")}
    return pandas.DataFrame(table | gaps)


@lru_cache(maxsize=4)
def _config(language: str) -> dict[str, Any]:
    words, made = words_of(language), st.column_config
    config: dict[str, Any] = {}
    for name in COLUMNS:
        label, width = words[f"networks.columns.{name}"], WIDTHS.get(name)
        helped = words[f"networks.column_help.{name}"] if name in HELPED else None
        if name in (*NUMBERS, "number"):
            config[name] = made.NumberColumn(label, width=width, help=helped, format="localized")
        else:
            config[name] = made.TextColumn(label, width=width, help=helped)
    return config


def _bars(words: Words, net: Net, selection: Selection) -> None:
    found = [(block.label, {"parameters": learnt, "macs": macs}) for block, learnt, macs in parts(net)]
    chosen = selection.block.label
    dark = st.context.theme.type == "dark"
    st.markdown(told(words, net))
    for column, (name, role) in zip(st.columns(2, gap="medium"), BARS.items(), strict=True):
        title = words[f"networks.bars.{name}"]
        rows = [(label, numbers[name]) for label, numbers in found]
        figure = bars(rows, title=title, role=role, chosen=chosen, dark=dark, height=bar_height(len(rows)))
        with column:
            st.plotly_chart(figure, theme=None, key=f"networks_bars_{name}", config=figures.CONFIG, alt=title)


def told(words: Words, net: Net) -> str:
    """Return where most parameters and multiplications are, in words."""
    found = parts(net)
    falling = sorted(found, key=lambda part: -part[1])
    count, so_far = 0, 0
    while so_far < 0.8 * net.parameters and count < MOST_NAMED:
        so_far += falling[count][1]
        count += 1
    most = max(found, key=lambda part: part[2])
    full = [row for row in net.rows if row.kind == "Linear"]
    said = words.say(
        "networks.bars.told",
        share=percent(so_far / net.parameters),
        count=count,
        all=len(found),
        names=", ".join(part[0].label for part in falling[:count]),
        most=most[0].label,
        most_share=percent(most[2] / net.macs),
    )
    shares = {
        "parameters": percent(sum(row.parameters for row in full) / net.parameters),
        "macs": percent(sum(row.macs for row in full) / net.macs),
    }
    key = "networks.bars.full" if len(full) > 1 else "networks.bars.full_few"
    return words.together([said, words.say(key, **shares)])


def _differ(words: Words, net: Net) -> None:
    st.markdown(network_facts.differences(words, net.network))


def _code(words: Words, net: Net) -> None:
    mine = words.say("networks.code.here", variant=words[f"networks.variants.{net.variant}"])
    if net.network == "lenet5":
        listings({words["networks.code.torch"]: network_code.lenet(), mine: network_code.here(net)})
        return
    side = usual_side(net.network, "torchvision")
    other = network_code.torchvision(net, load(net.network, "torchvision", side))
    listings({words["networks.code.torchvision"]: other, mine: network_code.here(net)})
