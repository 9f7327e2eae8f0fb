"""Convolution in one dimension: a signal or a sentence, and the filter that slides along it."""

from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from conv_core import ConvTrace, WindowError, conv_trace, kernel
from conv_view import address, part, text
from conv_view.controls import convolution as controls
from conv_view.controls import lessons, notices, sentences, signals
from conv_view.signals import SignalError, phrase_filter, words_of
from conv_view.stage.component import news, show
from conv_view.stories.signals import curves, sentence, whole

GOOD = "conv1d:good"


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on screen: the convolution of the stage and, of a longer signal, of the whole; or of words."""

    trace: ConvTrace
    settings: controls.Settings
    full: ConvTrace | None = None
    piece: part.Part | None = None
    tokens: tuple[str, ...] = ()
    draw: bool = False


def of_signal(chosen: signals.Chosen, settings: controls.Settings) -> Shown:
    """Return the convolution of a signal."""

    def convolve(values):
        return conv_trace(values[None, None], settings.weight(1), settings.bias_array, **settings.arguments())

    full = None if chosen.whole is None else convolve(chosen.whole)
    return Shown(convolve(chosen.samples), settings, full, chosen.part, draw=chosen.draw)


def of_words(tokens: tuple[str, ...], settings: controls.Settings) -> Shown:
    """Return the convolution of the words' vectors."""
    x = sentences.embedded(tokens)
    trace = conv_trace(x, settings.weight(x.shape[1]), settings.bias_array, **settings.arguments())
    return Shown(trace, settings, tokens=tokens)


def convolved(state: address.State) -> Shown:
    """Return what the state asks for, after bringing a sample that was picked onto the stage."""
    settings = controls.settings(state, 1)
    if state["source"] == signals.SENTENCE:
        tokens = sentences.tokens(state)
        return of_words(tokens, sentences.with_filter(state, settings))
    shown = of_signal(signals.current(state), settings)
    pick = news("conv1d_whole").pick
    if not pick or shown.full is None:
        return shown
    picked = pick["cell"][1:]
    if pick["panel"] == "signal":
        picked = part.output_at(picked, shown.full.x.shape[2:], shown.full)
    at, place = part.bring_cell(picked, f"c{state['stretch']}", shown.full, settings.arguments())
    state.put("at", at[0])
    state.put("cell", (0, 0, 0, *place))
    return of_signal(signals.current(state), settings)


def usual(state: address.State) -> Shown:
    """Return something to look at while what a link asks for cannot be shown."""
    settings = controls.Settings(kernel("difference", rank=1), (1,), 0, (1,), "zeros", 0.0, False)
    if state["source"] == signals.SENTENCE:
        tokens, phrase = (words_of(state.fields[name].default) for name in sentences.TEXTS)
        return of_words(tokens, replace(settings, kernel=phrase_filter(phrase, sentences.SIZE)[0]))
    return of_signal(signals.usual(), settings)


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open(
        "conv1d",
        (*signals.fields(), *sentences.fields(words), *controls.fields(1, kernel_name="difference")),
    )
    sentences.translate(state)
    (sentences if state["source"] == signals.SENTENCE else signals).take_news(state, news("conv1d"))
    band = st.container(key="band", horizontal=True, vertical_alignment="bottom", gap="small")
    fault = None
    try:
        st.session_state[GOOD] = convolved(state)
    except (WindowError, SignalError, sentences.PhraseError) as error:
        fault = sentences.fault_of(state, error)
        st.session_state.setdefault(GOOD, usual(state))
    with band:
        signals.choose(state, words)
        if state["source"] == signals.SENTENCE:
            sentences.choose(state, words)
        else:
            controls.kernel_menu(state, words, 1)
        controls.window_band(state, words, 1)
        controls.more(state, words, 1)
    shown: Shown = st.session_state[GOOD]
    notices.line(words, state, shown.trace, fault)
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
        st.markdown(sentences.peak(words, state, shown.trace, shown.tokens, shown.settings))
    else:
        show(curves(shown.trace, words, draw=shown.draw), key="conv1d", cell=state["cell"])
    own = [(words["conv1d.use.tab"], partial(signals.lesson, words))]
    if shown.tokens:
        own.insert(
            0, (words["conv1d.classify.tab"], partial(sentences.lesson, words, shown.trace, shown.tokens))
        )
    lessons.convolution(words, state, shown.trace, shown.settings, *own)
    state.save()


page()
