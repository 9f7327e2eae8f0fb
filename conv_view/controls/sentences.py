"""A sentence as a signal of word vectors, and the filter that looks for a phrase in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import ConvTrace
from conv_view.address import Choice, Field, Numbers, State, Text
from conv_view.controls import notices, signals
from conv_view.controls.convolution import Settings
from conv_view.controls.notices import Fault
from conv_view.controls.signals import SENTENCE, written
from conv_view.digits import fixed
from conv_view.signals import SignalError, phrase_filter, vectors, words_of
from conv_view.stage.component import Seen
from conv_view.stories.signals import joined, windows
from conv_view.text import LANGUAGES, Words
from conv_view.text import words as words_in

SIZE = 8  # numbers of a word vector
MOST_PHRASE = 12
PHRASE, CUSTOM = "phrase", "custom"
TEXTS = ("sentence", "phrase")


class PhraseError(ValueError):
    """A phrase that no filter can be made of: `key` names its sentence, `numbers` fill it."""

    def __init__(self, key: str, **numbers: object) -> None:
        super().__init__(key)
        self.key = key
        self.numbers = numbers


def fields(words: Words) -> tuple[Field, ...]:
    """Return the fields of a sentence for the address; both texts begin in the reader's language."""
    return (
        Text("sentence", words["conv1d.defaults.sentence"], 400),
        Text("phrase", words["conv1d.defaults.phrase"], 120),
        Choice("filter", PHRASE, (PHRASE, CUSTOM)),
        Numbers("weights", (0.0,), longest=SIZE * MOST_PHRASE, limit=1e6),
    )


def translate(state: State) -> None:
    """Put the sentence and the phrase of this language in the place of those of another; never typed ones."""
    for name in TEXTS:
        begins = {words_in(language)[f"conv1d.defaults.{name}"] for language in LANGUAGES}
        default = state.fields[name].default
        if state[name] in begins - {default}:
            state.put(name, default)


def tokens(state: State) -> tuple[str, ...]:
    """Return the words of the sentence; raises SignalError where there are none or too many."""
    return words_of(written(state, "sentence"))


def with_filter(state: State, settings: Settings) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings with the filter, and the words it was made of: none for one that was typed.

    Raises PhraseError or SignalError for a phrase that no filter can be made of.
    """
    if state["filter"] == CUSTOM and len(state["weights"]) % SIZE == 0:
        return replace(settings, kernel=np.array(state["weights"], np.float32).reshape(SIZE, -1)), ()
    phrase = phrase_of(state)
    return replace(settings, kernel=phrase_filter(phrase, SIZE)[0]), phrase


def phrase_of(state: State) -> tuple[str, ...]:
    """Return the words of the phrase; raises PhraseError where there are none or too many."""
    text = written(state, "phrase")
    try:
        phrase = words_of(text)
    except SignalError as error:
        if error.code == "sentence_empty":
            raise PhraseError("conv1d.phrase_empty") from error
        if error.code == "sentence_words":
            raise PhraseError(
                "conv1d.phrase_words", count=error.numbers["count"], limit=MOST_PHRASE
            ) from error
        raise
    if len(phrase) > MOST_PHRASE:
        raise PhraseError("conv1d.phrase_words", count=len(phrase), limit=MOST_PHRASE)
    return phrase


def fault_of(state: State, error: ValueError) -> Fault:
    """Return what to say of an error; of a filter too wide for a sentence, in words instead of cells."""
    if isinstance(error, PhraseError):
        return error.key, error.numbers
    code, numbers = notices.fault_of(error)
    if state["source"] == SENTENCE and code == "errors.kernel_too_large":
        return "conv1d.phrase_long", numbers
    return code, numbers


def embedded(chosen: Sequence[str]) -> NDArray[np.float32]:
    """Return the vectors of words as the input of a convolution, float32 (1, SIZE, words)."""
    return vectors(chosen, SIZE)[None]


def take_news(state: State, seen: Seen) -> None:
    """Keep the place where the stage rests, and a filter (1, SIZE, k) that was typed on it."""
    if seen.edit is not None and seen.edit["panel"] == "kernel" and seen.edit["shape"][1] == SIZE:
        cells = np.asarray(seen.edit["values"], np.float32).reshape(seen.edit["shape"])[0]
        state.put("weights", tuple((np.flip(cells, 1) if state["flip"] else cells).ravel().tolist()))
        state.put("filter", CUSTOM)
        seen = replace(seen, edit=None)
    signals.take_news(state, seen)


def choose(state: State, words: Words) -> None:
    """Show the sentence, the phrase, and whether the filter is the phrase's own."""
    st.text_input(
        words["conv1d.sentence"], key=state.key("sentence"), help=words["conv1d.sentence_help"], width=370
    )
    st.text_input(
        words["conv1d.phrase"],
        key=state.key("phrase"),
        help=words["conv1d.phrase_help"],
        on_change=lambda: state.put("filter", PHRASE),
        width=170,
    )
    if state["filter"] == CUSTOM:
        st.selectbox(
            words["conv1d.filter"],
            (PHRASE, CUSTOM),
            key=state.key("filter"),
            format_func=lambda name: words[f"conv1d.filters.{name}"],
            width=136,
        )


def peak(words: Words, trace: ConvTrace, chosen: Sequence[str], phrase: Sequence[str]) -> str:
    """Return what max-over-time pooling would keep of the responses, and whether `phrase` stands there."""
    responses, read = trace.output[0, 0], windows(trace, chosen)
    at = int(np.argmax(responses))
    told = [
        words.say(
            "conv1d.peak",
            count=len(responses),
            value=fixed(responses[at], 2),
            words=joined(read[at]),
        )
    ]
    if phrase:
        plain = [[word.casefold() for word in window] for window in (*read, phrase)]
        told.append(words.say("conv1d.found" if plain[-1] in plain[:-1] else "conv1d.absent", k=len(phrase)))
    return " ".join(told)


def ranking(words: Words, trace: ConvTrace, chosen: Sequence[str], most: int = 5) -> str:
    """Return the windows with the largest responses as a Markdown table."""
    responses, read = trace.output[0, 0], windows(trace, chosen)
    order = np.argsort(-responses, kind="stable")[:most]
    head = f"| {words['conv1d.window']} | {words['conv1d.response']} |\n|---|---:|\n"
    return head + "\n".join(f"| {joined(read[at])} | {fixed(responses[at], 2)} |" for at in order)


def lesson(words: Words, trace: ConvTrace, chosen: Sequence[str]) -> None:
    """Show how text is classified this way, and which windows of this sentence answer most."""
    told, table = st.columns([3, 2], gap="large")
    told.markdown(words["conv1d.classify.text"])
    table.markdown(ranking(words, trace, chosen))
