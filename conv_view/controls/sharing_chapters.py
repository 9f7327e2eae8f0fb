"""What stands below the recorded curves: a training of one's own, all numbers, the weights counted, code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from conv_core.nets import KINDS
from conv_view import sharing_code
from conv_view.address import State
from conv_view.controls import sharing_run
from conv_view.controls.chapters import opened
from conv_view.sharing_facts import weights_of
from conv_view.text import Words

CHAPTERS = ("train", "table", "counted", "code")


def chapters(state: State, words: Words, count: int) -> None:
    """Show the chapters; only the open one is computed."""
    shows: tuple[Callable[[], object], ...] = (
        partial(sharing_run.chapter, state, words, count),
        partial(sharing_run.everything, words),
        partial(_counted, words),
        partial(_code, words),
    )
    opened(words, state, "sharing.chapters.{}", dict(zip(CHAPTERS, shows, strict=True)))()


def _counted(words: Words) -> None:
    for column, kind in zip(st.columns(len(KINDS), gap="medium"), KINDS, strict=True):
        column.markdown(f"**{words[f'sharing.kinds.{kind}']}**\n\n{weights_of(words, kind)}")


def _code(words: Words) -> None:
    st.markdown(words["sharing.code.lead"])
    left, right = st.columns(2)
    left.markdown("PyTorch")
    left.code(sharing_code.pytorch(), language="python")
    right.markdown("conv_core")
    right.code(sharing_code.core(), language="python")
