"""Convolution in one dimension: a signal or a sentence, and the filter that slides along it."""

from functools import partial

import streamlit as st

from conv_core import WindowError
from conv_view import address, part, text
from conv_view.controls import chapters, lessons, notices, sentences, sequences, signals
from conv_view.controls import convolution as controls
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.signals import SignalError
from conv_view.stage.component import news, show
from conv_view.stories.signals import curves, sentence, whole

GOOD = "conv1d:good"


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open(
        "conv1d",
        (
            *signals.fields(),
            *sentences.fields(words),
            *controls.fields(1, kernel_name="difference"),
            chapters.field(*lessons.LESSONS, "classify", "use"),
        ),
    )
    sentences.translate(state)
    (sentences if state["source"] == signals.SENTENCE else signals).take_news(state, news("conv1d"))
    band = Band()
    shown, error, kept = last_good(
        GOOD,
        lambda: sequences.convolved(state, news("conv1d_whole")),
        lambda: sequences.usual(state),
        "notices.usual.conv1d",
        (WindowError, SignalError, sentences.PhraseError),
    )
    fault = sentences.fault_of(state, error) if error else None

    def fill() -> None:
        signals.choose(state, words)
        if state["source"] == signals.SENTENCE:
            sentences.choose(state, words)
        else:
            controls.kernel_menu(state, words, 1)
        controls.window_band(state, words, 1)
        controls.more(state, words, 1)

    band.fill(fill)
    notices.line(words, state, shown.trace, fault, kept=kept)
    if shown.full is not None and shown.piece is not None and shown.full.x.shape != shown.trace.x.shape:
        left, right = st.columns([4, 1.3], gap="medium")
        with left:
            show(curves(shown.trace, words), key="conv1d", cell=state["cell"])
        with right:
            marks = part.outlines(shown.piece, shown.full.x.shape[2:], shown.trace, shown.full)
            marks = {"signal" if name == "picture" else name: mark for name, mark in marks.items()}
            show(whole(shown.full, words, marks), key="conv1d_whole", aspect=1.5)
    elif shown.tokens:
        show(sentence(shown.trace, words, shown.tokens), key="conv1d", cell=state["cell"])
        st.markdown(sentences.peak(words, shown.trace, shown.tokens, shown.phrase))
    else:
        show(curves(shown.trace, words, draw=shown.draw), key="conv1d", cell=state["cell"])
    band.after_stage()
    own = {"use": partial(signals.lesson, words)}
    if shown.tokens:
        own = {"classify": partial(sentences.lesson, words, shown.trace, shown.tokens)} | own
    lessons.convolution(words, state, shown.trace, shown.settings, own)
    state.save()


page()
