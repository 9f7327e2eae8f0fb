"""The one-dimensional convolution at hand: of a signal, of a stretch of one, or of a sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from conv_core import ConvTrace, conv_trace, kernel
from conv_view import part
from conv_view.address import State
from conv_view.controls import sentences, signals
from conv_view.controls.convolution import Settings
from conv_view.controls.convolution import settings as settings_of
from conv_view.signals import phrase_filter, words_of
from conv_view.stage.component import Seen


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on screen: the convolution of the stage and, of a longer signal, of the whole; or of words."""

    trace: ConvTrace
    settings: Settings
    full: ConvTrace | None = None
    piece: part.Part | None = None
    tokens: tuple[str, ...] = ()
    phrase: tuple[str, ...] = ()
    draw: bool = False


def of_signal(chosen: signals.Chosen, settings: Settings) -> Shown:
    """Return the convolution of a signal."""

    def convolve(values: NDArray[np.float32]) -> ConvTrace:
        return conv_trace(values[None, None], settings.weight(1), settings.bias_array, **settings.arguments())

    full = None if chosen.whole is None else convolve(chosen.whole)
    return Shown(convolve(chosen.samples), settings, full, chosen.part, draw=chosen.draw)


def of_words(tokens: tuple[str, ...], settings: Settings, phrase: tuple[str, ...]) -> Shown:
    """Return the convolution of the words' vectors with a filter, which may be made of a phrase."""
    x = sentences.embedded(tokens)
    trace = conv_trace(x, settings.weight(x.shape[1]), settings.bias_array, **settings.arguments())
    # A filter that was turned round, or a bias, answers to the phrase with another number than its width.
    plain = not settings.flipped and not settings.bias
    return Shown(trace, settings, tokens=tokens, phrase=phrase if plain else ())


def convolved(state: State, whole: Seen) -> Shown:
    """Return what the state asks for, after bringing a sample picked on the whole signal onto the stage.

    Raises WindowError, SignalError or PhraseError for what cannot be convolved.
    """
    settings = settings_of(state, 1)
    if state["source"] == signals.SENTENCE:
        tokens = sentences.tokens(state)
        return of_words(tokens, *sentences.with_filter(state, settings))
    shown = of_signal(signals.current(state), settings)
    pick = whole.pick
    if not pick or shown.full is None:
        return shown
    picked = pick["cell"][1:]
    if pick["panel"] == "signal":
        picked = part.output_at(picked, shown.full.x.shape[2:], shown.full)
    at, place = part.bring_cell(picked, f"c{state['stretch']}", shown.full, settings.arguments())
    state.put("at", at[0])
    state.put("cell", (0, 0, 0, *place))
    return of_signal(signals.current(state), settings)


def usual(state: State) -> Shown:
    """Return something to look at while what a link asks for cannot be shown."""
    settings = Settings(kernel("difference", rank=1), (1,), 0, (1,), "zeros", 0.0, False)
    if state["source"] == signals.SENTENCE:
        tokens, phrase = (words_of(state.fields[name].default) for name in sentences.TEXTS)
        settings = replace(settings, kernel=phrase_filter(phrase, sentences.SIZE)[0])
        return of_words(tokens, settings, phrase)
    return of_signal(signals.usual(), settings)
